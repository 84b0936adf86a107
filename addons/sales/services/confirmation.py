"""From a quotation to needs: confirm, change and cancel orders, each for any number of them at once.

confirm ─> check all orders ─> stock.reference per order ─> stock.rule.run(needs of all lines) ─> on_confirm
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import document_messages, move_states, order_guards, order_lines
from addons.inventory.services.problems import Problems
from addons.sales.exceptions import NothingToSell
from addons.sales.services import backorders, delivery
from core.api import _


def confirm(orders: Any) -> None:
    """Make orders of quotations and procure what their lines need."""
    order_guards.lock(orders, "action_confirm")
    check(orders)
    with document_messages.announced(orders.env, lambda: document_messages.confirmed(orders)):
        orders._settle(orders._prepare_confirmation_values())
        orders._action_confirm()
        orders._notify("on_confirm")


def check(orders: Any) -> None:
    """Raise NothingToSell with everything that keeps the orders from being confirmed."""
    problems = Problems(orders.env)
    for order in orders:
        lines = order.order_line.filtered(lambda line: not line.display_type)
        if not lines:
            problems.add("no_lines", _("%(order)s has no lines. Add at least one product."), order=order.name)
        for product in [line.product_id for line in lines if not line.product_id.active]:
            text = _("%(order)s: %(product)s is archived.")
            problems.add("product_archived", text, order=order.name, product=product.display_name)
        if not order.warehouse_id and any(line.qty_delivered_method == "stock_move" for line in lines):
            problems.add("no_warehouse", _("%(order)s: choose the warehouse that delivers it."), order=order.name)
        if lines and not any(line.product_uom_qty > 0 for line in lines):
            problems.add("no_quantity", _("%(order)s: every line has the quantity 0."), order=order.name)
    problems.refuse(NothingToSell)


def launch(lines: Any, before: Mapping[int, Decimal]) -> None:
    """Procure for lines what is ordered and was not `before` (line id -> how much, in the line's unit)."""
    rule = lines.env["stock.rule"].sudo()
    _give_references(lines.order_id)
    quantities = order_lines.to_launch(lines, before)
    wanted = lines.filtered(lambda line: line.id in quantities)
    if wanted:
        places = {order: _destination(order) for order in wanted.order_id}
        rule.run([_procurement(rule, line, quantities[line.id], places[line.order_id]) for line in wanted])
        backorders.hold_planned(lines)


def _give_references(orders: Any) -> None:
    """Give orders the stock reference by which their transfers are kept together."""
    new = orders.filtered(lambda order: not order.stock_reference_ids)
    if new:
        orders.env["stock.reference"].sudo().create(
            [{"name": order.name, "sale_ids": [(4, order.id)]} for order in new]
        )


def _destination(order: Any) -> Any:
    """Where the goods of an order are wanted."""
    customer = order.partner_shipping_id.property_stock_customer
    return customer or order.warehouse_id.out_type_id.default_location_dest_id


def _procurement(rule: Any, line: Any, quantity: Decimal, place: Any) -> Any:
    order = line.order_id
    return rule.Procurement(
        product_id=line.product_id,
        product_qty=quantity,
        product_uom=line.product_uom_id,
        location_id=place,
        name=line.name or line.product_id.display_name,
        origin=order.name,
        company_id=order.company_id,
        values=line._prepare_procurement_values(),
    )


def procurement_values(line: Any) -> dict[str, Any]:
    """What the need of a line carries along."""
    order = line.order_id
    deadline = order.commitment_date or order.date_order + timedelta(days=line.customer_lead)
    return {
        "date_planned": deadline,
        "date_deadline": deadline,
        "warehouse_id": order.warehouse_id,
        "partner_id": order.partner_shipping_id.id,
        "reference_ids": order.stock_reference_ids,
        "route_ids": line.route_ids,
        "sale_line_id": line.id,
        "picking_policy": order.picking_policy,
    }


class Reduction(NamedTuple):
    """How much is taken from the open moves of an order line, in the product's unit."""

    order: Any
    moves: Any
    quantity: Decimal


def reduce(reductions: Iterable[Reduction]) -> None:
    """Take quantities from the open moves of lines, and from the steps that lead to them; each step for all lines."""
    steps = [(each, each.moves.sudo(), each.moves.browse()) for each in reductions if each.moves]
    while steps:
        order_lines.take_back([(moves, each.quantity) for each, moves, _seen in steps])
        before = [(each, _steps_before(each.order, moves, seen), seen | moves) for each, moves, seen in steps]
        steps = [step for step in before if step[1]]


def _steps_before(order: Any, moves: Any, seen: Any) -> Any:
    """What leads to the moves, as long as it belongs to the order: a purchase or a production goes on."""
    return moves.move_orig_ids.filtered(lambda move: move.picking_id.sale_id == order) - seen - moves


def reschedule(orders: Any) -> None:
    """Let the open transfers of confirmed orders know the date that is promised now."""
    for order in orders:
        moves = order.picking_ids.sudo().move_ids.filtered(
            lambda move: move.state not in move_states.CLOSED and not move.origin_returned_move_id
        )
        if moves:
            moves.write({"date_deadline": order.commitment_date or order.expected_date})


def redirect(orders: Any) -> None:
    """Send what has not left yet to the orders' new delivery address."""
    for order in orders:
        pickings = order.picking_ids.sudo().filtered(
            lambda picking: (
                picking.state not in move_states.CLOSED and delivery.reaches_customer(picking) and not picking.return_id
            )
        )
        if pickings:
            pickings.write({"partner_id": order.partner_shipping_id.id})


def cancel(orders: Any) -> None:
    """Cancel orders and their open transfers. Raises AccessError or OrderLocked before anything is touched."""
    orders.check_access("write")
    order_guards.lock(orders, "action_cancel")
    order_guards.refuse_locked(orders)
    orders._action_cancel()
    orders._notify("on_cancel")

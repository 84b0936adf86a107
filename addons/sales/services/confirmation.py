"""From a quotation to needs: confirm, change and cancel orders, each for any number of them at once.

confirm ─> check all orders ─> stock.reference per order ─> stock.rule.run(needs of all lines) ─> on_confirm
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from addons.sales.exceptions import AlreadyDelivered, NothingToSell
from core.rounding import format_number


def confirm(orders: Any) -> None:
    """Make orders of quotations and procure what their lines need."""
    check(orders)
    orders.write({"state": "sale", "date_order": orders.env["sale.order"]._fields["date_order"].now()})
    lines = orders.order_line
    # An order that was cancelled and is confirmed again does not deliver twice what the customer has already.
    launch(lines, {line.id: line.product_uom_qty - line.qty_delivered for line in lines})
    orders._notify("on_confirm")


def check(orders: Any) -> None:
    """Raise NothingToSell with everything that keeps the orders from being confirmed."""
    env = orders.env
    problems = []
    for order in orders:
        if not order.order_line:
            problems.append(env._("%(order)s has no lines. Add at least one product.", order=order.name))
        for line in order.order_line:
            if not line.product_id.active:
                problems.append(
                    env._("%(order)s: %(product)s is archived.", order=order.name, product=line.product_id.display_name)
                )
        if order.order_line and not any(line.product_uom_qty > 0 for line in order.order_line):
            problems.append(env._("%(order)s: every line has the quantity 0.", order=order.name))
    if problems:
        raise NothingToSell("\n".join(problems))


def launch(lines: Any, quantities: Mapping[int, Decimal] | None = None) -> None:
    """Procure for lines (`quantities`: line id -> how much, in the line's unit; by default all that is ordered)."""
    env = lines.env
    references = _references(lines.order_id)
    rule = env["stock.rule"].sudo()
    needs = []
    for line in lines:
        quantity = line.product_uom_qty if quantities is None else quantities.get(line.id, Decimal(0))
        if quantity > 0 and line.product_id.type != "service":
            needs.append(_procurement(rule, line, quantity, references[line.order_id.id]))
    if needs:
        rule.run(needs)


def _references(orders: Any) -> dict[int, Any]:
    """The stock reference by which the transfers of each order are kept together."""
    new = orders.filtered(lambda order: not order.stock_reference_ids)
    if new:
        orders.env["stock.reference"].sudo().create(
            [{"name": order.name, "sale_ids": [(4, order.id)]} for order in new]
        )
    return {order.id: order.stock_reference_ids for order in orders}


def _procurement(rule: Any, line: Any, quantity: Decimal, reference: Any) -> Any:
    order = line.order_id
    deadline = order.commitment_date or order.date_order + timedelta(days=line.customer_lead)
    return rule.Procurement(
        product_id=line.product_id,
        product_qty=quantity,
        product_uom=line.product_uom_id,
        location_id=order.partner_shipping_id.property_stock_customer
        or order.warehouse_id.out_type_id.default_location_dest_id,
        name=line.name or line.product_id.display_name,
        origin=order.name,
        company_id=order.company_id,
        values={
            "date_planned": deadline,
            "date_deadline": deadline,
            "warehouse_id": order.warehouse_id,
            "partner_id": order.partner_shipping_id.id,
            "reference_ids": reference,
            "route_ids": line.route_ids,
            "sale_line_id": line.id,
            "picking_policy": order.picking_policy,
        },
    )


def change_quantities(lines: Any, before: Mapping[int, Decimal]) -> None:
    """Follow a changed quantity of confirmed lines: procure what was added, take back what is not wanted any more.

    Raises AlreadyDelivered for quantities below what the customer has; it names every such line.
    """
    below = [
        lines.env._(
            "%(product)s: %(delivered)s were delivered, so %(qty)s cannot be ordered. Return goods first.",
            product=line.product_id.display_name,
            delivered=format_number(line.qty_delivered),
            qty=format_number(line.product_uom_qty),
        )
        for line in lines
        if line.product_uom_qty < min(line.qty_delivered, before[line.id])
    ]
    if below:
        raise AlreadyDelivered("\n".join(below))
    more: dict[int, Decimal] = {}
    for line in lines:
        difference = line.product_uom_qty - before[line.id]
        if difference > 0:
            # Where more than ordered went out already, that much needs not be procured any more.
            more[line.id] = line.product_uom_qty - max(before[line.id], line.qty_delivered)
        elif difference < 0:
            _reduce(line, -difference)
    if more:
        launch(lines.filtered(lambda line: line.id in more), more)


def _reduce(line: Any, quantity: Decimal) -> None:
    """Take `quantity` (in the line's unit) from the open moves of a line, and from the steps that lead to them."""
    moves = line.move_ids.sudo()
    steps, seen = moves.filtered(lambda move: not move.origin_returned_move_id), moves.browse()
    while steps:
        _take_back(steps, quantity, line.product_uom_id)
        seen |= steps
        # What leads to them counts as long as it belongs to the order: a purchase or a production goes on.
        steps = steps.move_orig_ids.filtered(lambda move: move.picking_id.sale_id == line.order_id) - seen


def _take_back(moves: Any, quantity: Decimal, unit: Any) -> None:
    """Take `quantity` of `unit` from those moves that are open, the latest first; they keep what else they reserved."""
    left = quantity
    for move in moves.filtered(lambda move: move.state not in ("done", "cancel")).sorted("id", reverse=True):
        if left <= 0:
            break
        wanted = unit._compute_quantity(left, move.product_uom, rounding_method="HALF-UP")
        if wanted >= move.product_uom_qty:
            left -= move.product_uom._compute_quantity(move.product_uom_qty, unit, rounding_method="HALF-UP")
            move._action_cancel()
        elif move.shortfall_id:
            # It is owed from a shipment before: the part given up is cancelled as such, so the entry owes less.
            move._split(move.product_uom._compute_quantity(wanted, move.product_id.uom_id))._action_cancel()
            left = Decimal(0)
        else:
            move.write({"product_uom_qty": move.product_uom_qty - wanted})
            move._assign_waiting(move.product_id, move.location_id, move)
            left = Decimal(0)


def cancel(orders: Any) -> None:
    """Cancel orders and their open transfers. Raises AccessError before anything is touched."""
    orders.check_access("write")
    open_pickings = orders.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
    if open_pickings:
        open_pickings.sudo().action_cancel()
    orders.write({"state": "cancel"})
    orders._notify("on_cancel")

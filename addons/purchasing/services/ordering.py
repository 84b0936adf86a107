"""From needs to orders, from orders to expected receipts.

buy      needs ─> vendor of each ─> the vendor's open request, or a new one ─> lines
confirm  lines ─> incoming moves, one receipt per order ─> on_confirm
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from addons.inventory.services import document_messages, move_states, order_guards, order_lines, supply_links
from addons.inventory.services.moves import take_from_stock
from addons.inventory.services.problems import Problems
from addons.purchasing.exceptions import AlreadyReceived, NothingToBuy, NoVendor
from addons.purchasing.services import receiving, vendors
from core.api import _
from core.fields import Datetime

ZERO = Decimal(0)


def buy(env: Any, needs: Iterable[Any]) -> dict[Any, Any]:
    """Answer needs by lines on requests to vendors; all needs in one go.

    Needs for stock join an open line of the same product and unit. A need of a particular document (make to order) has
    a line of its own, so that a later backorder of that document never changes what is bought.

    Returns need -> the request that it is on. Raises NoVendor, naming every product without a vendor.
    """
    groups = _by_vendor(env, needs)
    orders = _open_requests(env, groups)
    rows: list[dict[str, Any]] = []
    answers: dict[Any, Any] = {}
    placed: list[tuple[Any, Any]] = []
    for key, members in groups.items():
        order = orders[key]
        lines = {
            (line.product_id.id, line.product_uom_id.id, line.orderpoint_id.id): line
            for line in order.order_line
            if not line.move_dest_ids
        }
        for need in members:
            placed.append((need, _add(rows, lines, order, need)))
            answers[need] = order
    created = env["purchase.order.line"].sudo().create(rows) if rows else ()
    line_of = {id(row): line for row, line in zip(rows, created, strict=True)}
    supply_links.link(env, [(need, line_of.get(id(line), line)) for need, line in placed])
    return answers


def refusals(env: Any, needs: Iterable[Any]) -> dict[int, str]:
    """id(need) -> why it cannot be bought, for needs whose rule says *buy*."""
    return {
        id(need): env._("no vendor")
        for need in needs
        if need.rule and need.rule.action == "buy" and not vendors.first(need.product_id.sudo(), need.company_id)
    }


def _by_vendor(env: Any, needs: Iterable[Any]) -> dict[tuple[Any, ...], list[Any]]:
    """The needs by vendor, company and operation type; `supplier` in their values is the vendor price from now on."""
    groups: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)
    without_vendor = []
    today = env["purchase.order"]._fields["date_order"].now().date()
    for need in needs:
        product = need.product_id.sudo()
        # Less than the vendor's minimum is better ordered, and seen by the buyer, than not ordered at all.
        seller = vendors.choose(product, need.product_qty, need.product_uom, today, need.company_id) or vendors.first(
            product, need.company_id
        )
        if seller:
            need.values.update(supplier=seller, propagate_cancel=need.rule.propagate_cancel)
            groups[seller.partner_id.id, need.company_id.id, need.rule.picking_type_id.id].append(need)
        else:
            without_vendor.append(need)
    if without_vendor:
        raise NoVendor(
            env._(
                "No vendor is set for %(products)s (needed for %(origins)s). "
                "Add a vendor price or remove the Buy route.",
                products=sorted({need.product_id.display_name for need in without_vendor}),
                origins=sorted({need.origin or need.name for need in without_vendor}),
            ),
            records=env["product.template"].union(*(need.product_id.product_tmpl_id for need in without_vendor)),
            page="purchase",
        )
    return groups


def _open_requests(env: Any, groups: Mapping[tuple[Any, ...], list[Any]]) -> dict[tuple[Any, ...], Any]:
    """The request to each vendor that needs are added to; those missing are created together."""
    orders = env["purchase.order"].sudo()
    found: dict[tuple[Any, ...], Any] = {}
    for order in orders.search([("state", "=", "draft"), ("partner_id", "in", [key[0] for key in groups])], order="id"):
        found.setdefault((order.partner_id.id, order.company_id.id, order.picking_type_id.id), order)
    missing = [key for key in groups if key not in found]
    rows = []
    for key in missing:
        first, *_others = members = groups[key]
        values = [need.values for need in members]
        rows.append(first.rule._prepare_purchase_order(first.company_id, _origins(members), values))
    created = orders.create(rows)
    for key, members in groups.items():
        if key in found:
            order = found[key]
            env.log_changed(order)
            known = (order.origin or "").split(", ")
            order.origin = ", ".join(dict.fromkeys(name for name in (*known, *_origins(members)) if name))
            _order_no_later(order, min(_order_by(need.values) for need in members))
    return found | dict(zip(missing, created, strict=True))


def order_values(
    rule: Any, company: Any, origins: Iterable[str], values: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The values of a request to the vendor of needs (`values`: of each)."""
    return {
        "partner_id": values[0]["supplier"].partner_id.id,
        "company_id": company.id,
        "picking_type_id": rule.picking_type_id.id,
        "origin": ", ".join(origins),
        "date_order": min(_order_by(each) for each in values),
    }


def _order_by(values: Mapping[str, Any]) -> datetime:
    """The day on which a need is to be ordered for the goods to come in time; now, where that is past."""
    now = Datetime.now()
    planned = values.get("date_planned")
    return max(planned - timedelta(days=values["supplier"].delay), now) if planned else now


def _order_no_later(order: Any, deadline: datetime) -> None:
    """Bring the deadline of a request forward; its lines are still wanted when they were."""
    if deadline >= order.date_order:
        return
    lines = order.order_line
    with order.env.protecting([lines._fields["date_planned"]], lines):
        order.date_order = deadline


def _origins(needs: Iterable[Any]) -> list[str]:
    """The source documents of needs, each once."""
    return list(dict.fromkeys(name for need in needs for name in (need.origin or "").split(", ") if name))


def line_values(need: Any, order: Any) -> dict[str, Any]:
    """The values of an order line for a need whose vendor has been chosen."""
    values = need.values
    seller = values["supplier"]
    unit = seller._unit()
    # The vendor is not asked for the impossible: what is needed before it can come is expected as soon as it can.
    soonest = Datetime.now() + timedelta(days=seller.delay)
    point = values.get("orderpoint_id")
    return {
        "order_id": order.id,
        "product_id": need.product_id.id,
        "product_uom_id": unit.id,
        "product_qty": need.product_uom._compute_quantity(need.product_qty, unit, rounding_method="UP"),
        "date_planned": max(values.get("date_planned") or soonest, soonest),
        "orderpoint_id": point.id if point else False,
        "propagate_cancel": values["propagate_cancel"],
        "move_dest_ids": [(4, move.id) for move in values.get("move_dest_ids") or ()],
    }


def _add(rows: list[dict[str, Any]], lines: dict[Any, Any], order: Any, need: Any) -> Any:
    """Put one need on a line of the order: an existing one, one of `rows`, or a new one; returns it."""
    row = order.order_line.browse()._prepare_purchase_order_line_from_procurement(*need.procurement, order)
    targets = need.values.get("move_dest_ids")
    key = (row["product_id"], row["product_uom_id"], row["orderpoint_id"])
    known = None if targets else lines.get(key)
    if known is None:
        rows.append(row)
        if not targets:
            lines[key] = row
        return row
    due = row["date_planned"]
    more = {
        "product_qty": known["product_qty"] + row["product_qty"],
        "date_planned": min(known["date_planned"] or due, due),
    }
    if isinstance(known, dict):
        known.update(more)
    else:
        known.write(more)
    return known


def confirm(orders: Any) -> None:
    """Make orders of requests and expect what their lines say."""
    order_guards.lock(orders, "button_confirm")
    check(orders)
    with document_messages.announced(orders.env, lambda: document_messages.confirmed(orders)):
        orders.button_approve()
        orders._notify("on_confirm")


def check(orders: Any) -> None:
    """Raise NothingToBuy with everything that keeps the orders from being confirmed."""
    problems = Problems(orders.env)
    for order in orders:
        if not any(line.product_qty > 0 for line in order.order_line):
            text = _("%(order)s has nothing to buy. Add at least one product with a quantity.")
            problems.add("no_quantity", text, order=order.name)
        for product in [line.product_id for line in order.order_line if line.product_id]:
            if not product.active:
                text = _("%(order)s: %(product)s is archived.")
                problems.add("product_archived", text, order=order.name, product=product.display_name)
        if not order.picking_type_id and any(line.qty_received_method == "stock_moves" for line in order.order_line):
            problems.add("no_operation_type", _("%(order)s: choose where it is delivered to."), order=order.name)
    problems.refuse(NothingToBuy)


def create_receipts(lines: Any, before: Mapping[int, Decimal] | Literal[False] = False) -> None:
    """Expect what is ordered on lines and was not `before` (line id -> how much, in the line's unit)."""
    env = lines.env
    rows = lines._prepare_stock_moves(env["stock.picking"], before)
    if rows:
        env["stock.move"].sudo().create(rows)._action_confirm()


def receipt_values(lines: Any, picking: Any, before: Mapping[int, Decimal]) -> list[dict[str, Any]]:
    """The values of the moves that receive lines, in `picking` where it is given."""
    references = _references(lines.order_id)
    quantities = order_lines.to_launch(lines, before)
    rows = [
        _move_values(line, quantities[line.id], references[line.order_id.id]) for line in lines if line.id in quantities
    ]
    return [row | {"picking_id": picking.id} for row in rows] if picking else rows


def _references(orders: Any) -> dict[int, Any]:
    """The stock reference by which the receipts of each order are kept together."""
    env = orders.env
    new = orders.filtered(lambda order: not order.picking_ids)
    made = dict(
        zip(new.ids, env["stock.reference"].sudo().create([{"name": order.name} for order in new]), strict=True)
    )
    return {order.id: made.get(order.id) or order.picking_ids.move_ids.reference_ids for order in orders}


def _move_values(line: Any, quantity: Decimal, reference: Any) -> dict[str, Any]:
    order = line.order_id
    kind = order.picking_type_id
    source = order.partner_id.property_stock_supplier or kind.default_location_src_id
    return {
        "product_id": line.product_id.id,
        "product_uom": line.product_uom_id.id,
        "product_uom_qty": quantity,
        "location_id": source.id,
        "location_dest_id": kind.default_location_dest_id.id,
        "location_final_id": (line.move_dest_ids[:1].location_id or kind.warehouse_id.lot_stock_id).id,
        "picking_type_id": kind.id,
        "warehouse_id": kind.warehouse_id.id,
        "partner_id": order.partner_id.id,
        "company_id": order.company_id.id,
        "origin": order.name,
        "date": line.date_planned or order.date_order,
        "date_deadline": line.date_planned or order.date_order,
        "purchase_line_id": line.id,
        "propagate_cancel": line.propagate_cancel,
        "price_unit": line._net_price(),
        "reference_ids": [(4, id_) for id_ in reference.ids],
        "move_dest_ids": [(4, move.id) for move in line.move_dest_ids if move.state not in move_states.CLOSED],
    }


def reschedule(lines: Any) -> None:
    """Let what has not come in yet of ordered lines know when it is expected now, and at what price."""
    for line in lines:
        moves = open_receipts(line)
        if moves:
            due = line.date_planned or line.order_id.date_order
            moves.write({"date": due, "date_deadline": due, "price_unit": line._net_price()})


def open_receipts(line: Any) -> Any:
    """The moves of a line that have not come in yet."""
    return line.move_ids.sudo().filtered(
        lambda move: move.state not in move_states.CLOSED and receiving.from_vendor(move) > 0
    )


def cancel(orders: Any) -> None:
    """Cancel orders and their open receipts; what was waiting for them takes from stock from now on."""
    orders.check_access("write")
    order_guards.lock(orders, "button_cancel")
    order_guards.refuse_locked(orders)
    received = orders.filtered(lambda order: any(picking.state == "done" for picking in order.picking_ids))
    if received:
        raise AlreadyReceived(
            orders.env._(
                "%(orders)s: goods came in already. Return them, or set the lines to what was received.",
                orders=received._described(),
            ),
            data={"orders": received.mapped("name")},
        )
    orders._cancel_with_transfers()
    _release_waiting(orders.order_line)
    orders._notify("on_cancel")


def _release_waiting(lines: Any) -> None:
    """What waited for goods that will not be bought is cancelled where the rule says so, else taken from stock."""
    waiting = lines.filtered("propagate_cancel").sudo().move_dest_ids.filtered(_waits_for_nothing)
    if waiting:
        waiting._action_cancel()
    take_from_stock(lines.sudo().move_dest_ids.filtered(_waits_for_nothing))


def _waits_for_nothing(move: Any) -> bool:
    return (
        move.state in move_states.LACKING
        and move.procure_method == "make_to_order"
        and all(origin.state == "cancel" for origin in move.move_orig_ids)
        and all(order.state == "cancel" for order in move.created_purchase_line_ids.order_id)
    )

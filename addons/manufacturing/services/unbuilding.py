"""Taking products apart again: the product leaves the stock, its components come back."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from addons.inventory.services import operations, product_lock
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services.explosion import Explosion, Request, refuse_empty
from addons.manufacturing.services.producing import line_values
from core.rounding import format_number
from core.rounding import split as share_out

# product, unit, quantity, and lot -> quantity in the unit of the product
Return = tuple[Any, Any, Decimal, dict[Any, Decimal]]


def unbuild(orders: Any) -> None:
    """Post unbuild orders: consume the products, return the components. The same few statements for any number.

    With a manufacturing order, what it consumed comes back, in proportion, under the lots it consumed; without one,
    what the bill of materials says.

    Raises:
        ManufacturingError: no bill, nothing to unbuild, more than the order made, or lots that do not exist.
        InsufficientStock: the product is not there, and its location allows no negative stock.
    """
    for order in orders:
        _check(order)
    _check_amounts(orders.filtered("mo_id"))
    moves = orders.env["stock.move"]
    consume = moves.create(
        [_values(order, order.product_id, order.product_qty, order.product_uom_id, consumes=True) for order in orders]
    )
    returned = [(order, *row) for order, rows in _returned(orders).items() for row in rows]
    produce = moves.create([_values(order, product, quantity, unit) for order, product, unit, quantity, _ in returned])
    product_lock.lock_products(orders.env, (consume | produce).product_id.ids)
    (consume | produce)._action_confirm(merge=False)
    _take_products(orders, consume)
    rows = []
    for move, (_order, product, unit, quantity, lots) in zip(produce, returned, strict=True):
        rows.extend(_lines(move, product, unit, quantity, lots))
    produce.move_line_ids._settle_unlink()
    orders.env["stock.move.line"]._settle_create(rows)
    (consume | produce)._action_done(cancel_backorder=True)


def lock(orders: Any) -> None:
    """Lock the products, the manufacturing orders and the unbuild orders of them: each unit is taken apart once."""
    made = orders.mo_id
    product_lock.lock_products(orders.env, (orders.product_id | made._moves_to_lock().product_id).ids)
    made.lock_for_update()
    (orders | made.unbuild_ids).lock_for_update()


def _check(order: Any) -> None:
    _ = order.env._
    if not order.mo_id and not order.bom_id:
        raise ManufacturingError(
            _(
                "%(product)s has no bill of materials, so nothing says what it comes apart into. Create one, or choose "
                "the manufacturing order that made it.",
                product=order.product_id.display_name,
            ),
            code="manufacturing.unbuild_without_bom",
        )
    if order.product_qty <= 0:
        raise ManufacturingError(
            _("%(order)s: enter how many to unbuild, more than zero.", order=order.name),
            code="manufacturing.quantity_not_positive",
        )
    if order.mo_id and order.mo_id.state != "done":
        raise ManufacturingError(
            _("%(order)s has made nothing yet that could be unbuilt. Finish it first.", order=order.mo_id.name),
            code="manufacturing.nothing_to_unbuild",
        )
    if order.product_id.tracking != "none" and not order.lot_id:
        raise ManufacturingError(
            _(
                "%(product)s is tracked: choose the lot or serial number that is taken apart.",
                product=order.product_id.display_name,
            ),
            code="manufacturing.lot_missing",
        )


def _check_amounts(orders: Any) -> None:
    """Refuse to take more apart than a manufacturing order made, all unbuild orders of it counted together."""
    for made, members in orders.grouped("mo_id").items():
        done = made.unbuild_ids.filtered(lambda other: other.state == "done")
        left = made.qty_produced - _amount(done, made.product_uom_id)
        if _amount(members, made.product_uom_id) > left:
            raise ManufacturingError(
                made.env._(
                    "%(order)s made %(made)s %(unit)s of %(product)s, of which %(left)s are not unbuilt yet. "
                    "Unbuild at most %(left)s.",
                    order=made.name,
                    made=format_number(made.qty_produced),
                    unit=made.product_uom_id.name,
                    product=made.product_id.display_name,
                    left=format_number(left),
                ),
                code="manufacturing.unbuild_quantity",
            )


def _amount(orders: Any, unit: Any) -> Decimal:
    return sum((order.product_uom_id._compute_quantity(order.product_qty, unit) for order in orders), Decimal(0))


def _values(order: Any, product: Any, quantity: Decimal, unit: Any, consumes: bool = False) -> dict[str, Any]:
    production = order._production_location()
    source, target = (order.location_id, production) if consumes else (production, order.location_dest_id)
    return {
        "product_id": product.id,
        "product_uom": unit.id,
        "product_uom_qty": quantity,
        "location_id": source.id,
        "location_dest_id": target.id,
        "company_id": order.company_id.id,
        "origin": order.name,
        "consume_unbuild_id" if consumes else "unbuild_id": order.id,
    }


def _returned(orders: Any) -> dict[Any, list[Return]]:
    """What comes back for each order: product, unit, quantity, and the lots of it where they matter."""
    result = {order: _returned_from_order(order) for order in orders if order.mo_id}
    others = [order for order in orders if not order.mo_id]
    requests = [Request.of(order.bom_id, order.product_id, order.product_qty, order.product_uom_id) for order in others]
    for order, explosion in zip(others, orders.env["mrp.bom"]._explode(requests), strict=True):
        result[order] = _returned_from_bill(order, explosion)
    return result


def _returned_from_bill(order: Any, explosion: Explosion) -> list[Return]:
    refuse_empty(explosion.empty)
    tracked = [leaf.line.product_id for leaf in explosion.leaves if leaf.line.product_id.tracking != "none"]
    if tracked:
        raise ManufacturingError(
            order.env._(
                "%(components)s is tracked by lot or serial number: choose the manufacturing order that made "
                "%(product)s, so that the right numbers come back.",
                components=[product.display_name for product in tracked],
                product=order.product_id.display_name,
            ),
            code="manufacturing.unbuild_without_order",
        )
    return [
        (leaf.line.product_id, leaf.line.product_uom_id, leaf.quantity, {})
        for leaf in explosion.leaves
        if leaf.line.product_id.type == "consu"
    ]


def _returned_from_order(order: Any) -> list[Return]:
    """What the order consumed, by product, times the share that is taken apart; in the products' own units."""
    made = order.mo_id.qty_produced
    part = order.product_uom_id._compute_quantity(order.product_qty, order.mo_id.product_uom_id)
    consumed: dict[Any, dict[Any, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in order.mo_id.move_raw_ids.move_line_ids:
        if line.state == "done":
            consumed[line.product_id][line.lot_id] += line.quantity_product_uom
    result = []
    for product, lots in consumed.items():
        total = sum(lots.values(), Decimal(0))
        back = share_out(total, [part, made - part], product.uom_id.rounding)[0] if part < made else total
        if back:
            result.append((product, product.uom_id, back, _pick(lots, back) if product.tracking != "none" else {}))
    return result


def _pick(lots: dict[Any, Decimal], quantity: Decimal) -> dict[Any, Decimal]:
    chosen = {}
    for lot, held in lots.items():
        part = min(held, quantity)
        if part > 0:
            chosen[lot] = part
            quantity -= part
    return chosen


def _take_products(orders: Any, moves: Any) -> None:
    """Reserve the products, the chosen lots of them where there are some."""
    moves._do_unreserve()
    chosen, free = [], []
    for order, move in zip(orders, moves, strict=True):
        if order.lot_id:
            chosen.append(
                {"move_id": move.id, "lot_id": order.lot_id.id, "quantity": order.product_qty, "picked": True}
            )
        else:
            free.append(move.id)
    if chosen:
        orders.env["stock.move.line"].create(chosen)
    untracked = moves.browse(free)
    if untracked:
        untracked._action_assign()
        short = {move: move.product_uom_qty for move in untracked if move.quantity != move.product_uom_qty}
        operations.set_each(short)


def _lines(move: Any, product: Any, unit: Any, quantity: Decimal, lots: dict[Any, Decimal]) -> list[dict[str, Any]]:
    """The values of the lines for what comes back: `quantity` in `unit`, or what is named of each lot."""
    if not lots:
        return [line_values(move, quantity, unit)]
    return [line_values(move, held, product.uom_id, lot.id) for lot, held in lots.items()]

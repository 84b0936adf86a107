"""Taking products apart again: the product leaves the stock, its components come back."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from addons.inventory.services import operations
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services.explosion import Request
from core.rounding import format_number
from core.rounding import split as share_out


def unbuild(order: Any) -> None:
    """Post an unbuild order: consume the product, return the components.

    With a manufacturing order, what it consumed comes back, in proportion, under the lots it consumed; without one,
    what the bill of materials says.

    Raises:
        ManufacturingError: no bill, nothing to unbuild, more than the order made, or lots that nobody knows.
        InsufficientStock: the product is not there, and its location allows no negative stock.
    """
    _check(order)
    moves = order.env["stock.move"]
    consume = moves.create(_values(order, order.product_id, order.product_qty, order.product_uom_id, consumes=True))
    returned = _returned_from_order(order) if order.mo_id else _returned_from_bill(order)
    produce = moves.create([_values(order, product, quantity, unit) for product, unit, quantity, _lots in returned])
    (consume | produce)._action_confirm(merge=False)
    _take_product(order, consume)
    rows = []
    for move, (product, unit, quantity, lots) in zip(produce, returned, strict=True):
        rows.extend(_lines(move, product, unit, quantity, lots))
    produce.move_line_ids._delete()
    order.env["stock.move.line"]._insert(rows)
    (consume | produce)._action_done(cancel_backorder=True)


def _check(order: Any) -> None:
    _ = order.env._
    if not order.mo_id and not order.bom_id:
        raise ManufacturingError(
            _(
                "%(product)s has no bill of materials, so nothing says what it comes apart into. Create one, or choose "
                "the manufacturing order that made it.",
                product=order.product_id.display_name,
            )
        )
    if order.product_qty <= 0:
        raise ManufacturingError(_("%(order)s: enter how many to unbuild, more than zero.", order=order.name))
    if order.mo_id and order.mo_id.state != "done":
        raise ManufacturingError(
            _("%(order)s has made nothing yet that could be unbuilt. Finish it first.", order=order.mo_id.name)
        )
    if order.mo_id:
        _check_amount(order)
    if order.product_id.tracking != "none" and not order.lot_id:
        raise ManufacturingError(
            _(
                "%(product)s is tracked: choose the lot or serial number that is taken apart.",
                product=order.product_id.display_name,
            )
        )


def _check_amount(order: Any) -> None:
    done = order.mo_id.unbuild_ids.filtered(lambda other: other.state == "done")
    unit = order.mo_id.product_uom_id
    gone = sum((other.product_uom_id._compute_quantity(other.product_qty, unit) for other in done), Decimal(0))
    left = order.mo_id.qty_produced - gone
    wanted = order.product_uom_id._compute_quantity(order.product_qty, unit)
    if wanted > left:
        raise ManufacturingError(
            order.env._(
                "%(order)s made %(made)s %(unit)s of %(product)s, of which %(left)s are not unbuilt yet. Unbuild at "
                "most %(left)s.",
                order=order.mo_id.name,
                made=format_number(order.mo_id.qty_produced),
                unit=unit.name,
                product=order.product_id.display_name,
                left=format_number(left),
            )
        )


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


def _returned_from_bill(order: Any) -> list[tuple[Any, Any, Decimal, dict[Any, Decimal]]]:
    quantity = order.product_uom_id._compute_quantity(order.product_qty, order.bom_id.product_uom_id, round=False)
    explosion = order.env["mrp.bom"]._explode([Request(order.bom_id, order.product_id, quantity)])[0]
    tracked = [leaf.line.product_id for leaf in explosion.leaves if leaf.line.product_id.tracking != "none"]
    if tracked:
        raise ManufacturingError(
            order.env._(
                "%(components)s is tracked by lot or serial number: choose the manufacturing order that made "
                "%(product)s, so that the right numbers come back.",
                components=", ".join(product.display_name for product in tracked),
                product=order.product_id.display_name,
            )
        )
    return [
        (leaf.line.product_id, leaf.line.product_uom_id, leaf.quantity, {})
        for leaf in explosion.leaves
        if leaf.line.product_id.type == "consu"
    ]


def _returned_from_order(order: Any) -> list[tuple[Any, Any, Decimal, dict[Any, Decimal]]]:
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


def _take_product(order: Any, move: Any) -> None:
    """Reserve the product, the chosen lot of it where there is one."""
    move._do_unreserve()
    if order.lot_id:
        order.env["stock.move.line"].create(
            {"move_id": move.id, "lot_id": order.lot_id.id, "quantity": order.product_qty, "picked": True}
        )
        return
    move._action_assign()
    if move.quantity != move.product_uom_qty:
        operations.set_quantities(move, move.product_uom_qty)


def _lines(move: Any, product: Any, unit: Any, quantity: Decimal, lots: dict[Any, Decimal]) -> list[dict[str, Any]]:
    base = {
        "move_id": move.id,
        "product_id": product.id,
        "location_id": move.location_id.id,
        "location_dest_id": move.location_dest_id.id,
        "company_id": move.company_id.id,
        "picked": True,
        "state": "assigned",
    }
    if not lots:
        return [{**base, "product_uom_id": unit.id, "quantity": quantity}]
    return [
        {**base, "product_uom_id": product.uom_id.id, "quantity": held, "lot_id": lot.id} for lot, held in lots.items()
    ]

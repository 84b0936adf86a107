"""What delivery slips list: the lines of transfers summed up, beside what was ordered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

ZERO = Decimal(0)


def aggregated(lines: Any, strict: bool) -> dict[str, dict[str, Any]]:
    """See `stock.move.line._get_aggregated_product_quantities`."""
    rows: dict[str, dict[str, Any]] = {}
    for line in lines:
        row = _row(rows, line.move_id, line.product_id)
        row["quantity"] += _stated_in(row["product_uom"], line.quantity, line.product_uom_id)
    moves = lines.move_id
    if not strict:
        moves |= lines.picking_id.move_ids.filtered(lambda move: move.state != "cancel")
    _add_ordered(rows, moves)
    return rows


def _add_ordered(rows: dict[str, dict[str, Any]], moves: Any) -> None:
    """The demand of the moves, and what of it has gone into backorders, and into backorders of those."""
    for move in moves:
        _row(rows, move, move.product_id)["qty_ordered"] += move.product_uom_qty
    pickings = moves.picking_id.backorder_ids
    while pickings:
        for move in pickings.move_ids.filtered(lambda move: move.state != "cancel"):
            row = _same_product(rows, move)
            if row:
                row["qty_ordered"] += _stated_in(row["product_uom"], move.product_uom_qty, move.product_uom)
        pickings = pickings.backorder_ids


def _same_product(rows: dict[str, dict[str, Any]], move: Any) -> dict[str, Any] | None:
    """The row of a product, whose rest may have been split off in another unit."""
    found = [
        row
        for row in rows.values()
        if row["product"] == move.product_id and row["description"] == (move.description_picking or "")
    ]
    return next((row for row in found if row["product_uom"] == move.product_uom), found[0] if found else None)


def _stated_in(listed: Any, quantity: Decimal, unit: Any) -> Decimal:
    return quantity if unit == listed else unit._compute_quantity(quantity, listed, round=False)


def _row(rows: dict[str, dict[str, Any]], move: Any, product: Any) -> dict[str, Any]:
    description = move.description_picking or ""
    unit = move.product_uom
    key = f"{product.id}_{product.display_name}_{description}_{unit.id}"
    if key not in rows:
        rows[key] = {
            "product": product,
            "name": product.display_name,
            "description": description,
            "product_uom": unit,
            "quantity": ZERO,
            "qty_ordered": ZERO,
        }
    return rows[key]

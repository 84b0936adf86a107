"""The history of lots: where they came from, what became of them, through any number of productions."""

from __future__ import annotations

from typing import Any

MAX_LEVELS = 50


def deliveries(lots: Any) -> dict[int, Any]:
    """Lot id -> the done deliveries to customers that it was in."""
    env = lots.env
    lines = env["stock.move.line"].search(
        [("lot_id", "in", lots.ids), ("state", "=", "done"), ("location_dest_id.usage", "=", "customer")]
    )
    found: dict[int, Any] = {}
    for line in lines:
        if line.picking_id:
            found[line.lot_id.id] = found.get(line.lot_id.id, env["stock.picking"]) | line.picking_id
    return found


def trace(lots: Any, direction: str) -> list[dict[str, Any]]:
    """See `stock.lot.get_traceability`."""
    rows: list[dict[str, Any]] = []
    if direction in ("up", "both"):
        rows += _walk(lots, "consume_line_ids", -1)
    if direction in ("down", "both"):
        rows += _walk(lots, "produce_line_ids", 1)
    unique = {(row["level"], row["line_id"]) if row["level"] else (0, row["line_id"]): row for row in rows}
    return sorted(unique.values(), key=lambda row: (row["level"], row["date"], row["line_id"]))


def _walk(lots: Any, through: str, step: int) -> list[dict[str, Any]]:
    """Level by level: the done lines of the lots, then those of the lots that went in (or came out)."""
    lines_model = lots.env["stock.move.line"]
    rows, seen, level = [], lots, 0
    current = lots
    while current and abs(level) < MAX_LEVELS:
        lines = lines_model.search([("lot_id", "in", current.ids), ("state", "=", "done")], order="date, id")
        rows += [_row(line, level) for line in lines]
        linked = lines[through]
        rows += [_row(line, level + step) for line in linked.filtered(lambda line: not line.lot_id)]
        current = linked.lot_id - seen
        seen |= current
        level += step
    return rows


def _row(line: Any, level: int) -> dict[str, Any]:
    return {
        "level": level,
        "line_id": line.id,
        "date": line.date,
        "reference": line.move_id._document_name(),
        "product": line.product_id.display_name,
        "lot": line.lot_id.name or "",
        "from": line.location_id.complete_name,
        "to": line.location_dest_id.complete_name,
        "quantity": line.quantity_product_uom,
        "unit": line.product_id.uom_id.name,
    }

"""How far orders are received: quantities from done moves, status from receipts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

ZERO = Decimal(0)


def status(order: Any) -> str | bool:
    """The receipt status of an order, from the states of its receipts; False before there are any."""
    pickings = order.picking_ids.filtered(lambda picking: picking.state != "cancel")
    if not pickings:
        return False
    if all(picking.state == "done" for picking in pickings):
        return "full"
    return "partial" if any(picking.state == "done" for picking in pickings) else "pending"


def compute_received(lines: Any) -> None:
    """Set `qty_received` of lines: done moves from the vendor minus those back, in the unit of the line."""
    for line in lines:
        total = ZERO
        for move in line.move_ids:
            if move.state != "done":
                continue
            quantity = move.quantity
            if move.product_uom != line.product_uom_id:
                quantity = move.product_uom._compute_quantity(quantity, line.product_uom_id, rounding_method="HALF-UP")
            if move.location_id.usage == "supplier":
                total += quantity
            elif move.location_dest_id.usage == "supplier":
                total -= quantity
        line.qty_received = total

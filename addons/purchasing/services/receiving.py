"""How far orders are received: quantities from done moves, status from receipts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.inventory.services import move_states, order_lines, supply_links

ZERO = Decimal(0)


def from_vendor(move: Any) -> int:
    """+1 for a move that brings goods in from the vendor, -1 for one that sends them back, 0 for a step after."""
    return (move.location_id.usage == "supplier") - (move.location_dest_id.usage == "supplier")


def received(line: Any) -> Decimal:
    """What came in of a line, net of what went back, in its unit."""
    quantity: Decimal = line._from_product_unit(order_lines.fulfilled(line.move_ids, from_vendor))
    return quantity


def supply_sources(links: Any) -> dict[int, supply_links.Source]:
    """Link id -> the line of a request or order to a vendor that it refers to."""
    found = {}
    for line in links.purchase_line_id:
        coming = ZERO
        if line.order_id.state in ("draft", "sent"):
            coming = line.product_uom_qty
        elif line.order_id.state == "purchase":
            moves = line.move_ids.filtered(lambda move: move.state in move_states.UNFINISHED and from_vendor(move) > 0)
            coming = sum((move._in_product_unit(move.product_uom_qty) for move in moves), ZERO)
        done = line._in_product_unit(line.qty_received) if line.product_id else ZERO
        key = ("purchase.order.line", line.id)
        found[line.id] = supply_links.Source(key, line.product_id, done, coming, (line.order_id,))
    return {each.id: found[each.purchase_line_id.id] for each in links}

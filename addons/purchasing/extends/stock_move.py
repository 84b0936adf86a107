"""A move knows the line of the purchase order that it receives."""

from __future__ import annotations

from typing import Any

from core import fields, models


class StockMove(models.Model):
    """`purchase_line_id` of moves; a split, a return and a receipt made of them carry it along."""

    _inherit = "stock.move"

    purchase_line_id = fields.Many2one("purchase.order.line", "Purchase Order Line", index=True, ondelete="set null")

    def _merge_fields(self) -> list[str]:
        # Two lines over the same product are received, changed and counted each for itself.
        return [*super()._merge_fields(), "purchase_line_id"]

    def _picking_values(self) -> dict[str, Any]:
        values = super()._picking_values()
        order = self.purchase_line_id.order_id
        return values | {"purchase_id": order.id} if order else values

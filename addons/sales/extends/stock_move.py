"""A move knows the line of the sales order that it delivers."""

from __future__ import annotations

from typing import Any

from core import fields, models


class StockMove(models.Model):
    """`sale_line_id` of moves; a split, a return and a transfer made of them carry it along."""

    _inherit = "stock.move"

    sale_line_id = fields.Many2one("sale.order.line", "Sales Order Line", index=True, ondelete="set null")

    def _picking_values(self) -> dict[str, Any]:
        return super()._picking_values() | {"sale_id": self.sale_line_id.order_id.id}

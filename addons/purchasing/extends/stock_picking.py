"""A receipt knows the purchase order that it belongs to."""

from __future__ import annotations

from core import fields, models


class StockPicking(models.Model):
    """`purchase_id` of receipts, given by the moves that make them and kept on their backorders and returns."""

    _inherit = "stock.picking"

    purchase_id = fields.Many2one("purchase.order", "Purchase Order", index=True, ondelete="set null")

"""A transfer knows the sales order that it ships."""

from __future__ import annotations

from core import fields, models


class StockPicking(models.Model):
    """`sale_id` of transfers, given by the moves that make them and kept on their backorders and returns."""

    _inherit = "stock.picking"

    sale_id = fields.Many2one("sale.order", "Sales Order", index="btree_not_null", ondelete="set null")

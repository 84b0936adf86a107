"""References know the sales orders that they stand for."""

from core import fields, models


class StockReference(models.Model):
    """`sale_ids` of references."""

    _inherit = "stock.reference"

    sale_ids = fields.Many2many("sale.order", "stock_reference_sale_rel", "reference_id", "sale_id", "Sales Orders")

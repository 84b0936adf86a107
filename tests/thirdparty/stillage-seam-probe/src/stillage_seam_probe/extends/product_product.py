"""How often the stock of a product was adjusted, and how much of it there is room for."""

from core import fields, models


class ProductProduct(models.Model):
    _inherit = "product.product"

    probe_room = fields.Quantity("Room for", help="No place holds more; 0 for no limit")
    probe_adjusted = fields.Integer("Times adjusted", copy=False)
    probe_counted = fields.Integer("Times counted", copy=False)
    probe_rows_gone = fields.Integer("Rows of stock deleted", copy=False)

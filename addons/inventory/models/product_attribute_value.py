"""A value of an attribute: white, of the colours."""

from __future__ import annotations

from decimal import Decimal

from core import fields, models


class ProductAttributeValue(models.Model):
    """A value that an attribute can take on any product."""

    _name = "product.attribute.value"
    _description = "Attribute Value"
    _order = "attribute_id, sequence, id"

    name = fields.Char("Value", required=True, translate=True, index=True)
    sequence = fields.Integer(default=10)
    attribute_id = fields.Many2one("product.attribute", "Attribute", required=True, index=True, ondelete="cascade")
    html_color = fields.Char("Color")
    default_extra_price = fields.Quantity(
        "Default Extra Price",
        default=Decimal(0),
        help="The extra price that a product starts with, in its currency.",
        groups="inventory.group_product_prices",
    )

    _value_unique = models.UniqueIndex("(attribute_id, name)", "An attribute has each value once.")

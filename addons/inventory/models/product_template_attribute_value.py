"""A value of an attribute on one product: white, of the desk, for 20 more."""

from __future__ import annotations

from decimal import Decimal

from core import api, fields, models


class ProductTemplateAttributeValue(models.Model):
    """A value that a product comes in, and what it adds to the price.

    They follow the product's attribute lines by themselves. One that archived variants have stays, not active.
    """

    _name = "product.template.attribute.value"
    _description = "Product Attribute Value"
    _order = "attribute_line_id, product_attribute_value_id, id"

    ptav_active = fields.Boolean("Active", default=True)
    name = fields.Char("Value", related="product_attribute_value_id.name")
    product_attribute_value_id = fields.Many2one(
        "product.attribute.value", "Attribute Value", required=True, index=True, ondelete="restrict"
    )
    attribute_line_id = fields.Many2one(
        "product.template.attribute.line", "Attribute Line", required=True, index=True, ondelete="cascade"
    )
    product_tmpl_id = fields.Many2one(
        "product.template", "Product", related="attribute_line_id.product_tmpl_id", store=True, index=True
    )
    attribute_id = fields.Many2one(
        "product.attribute", "Attribute", related="attribute_line_id.attribute_id", store=True, index=True
    )
    currency_id = fields.Many2one("res.currency", related="product_tmpl_id.currency_id")
    price_extra = fields.Monetary(
        "Extra Price",
        currency_field="currency_id",
        default=Decimal(0),
        help="Added to the product's sales price",
        groups="inventory.group_product_prices",
    )
    ptav_product_variant_ids = fields.Many2many(
        "product.product",
        "product_variant_combination",
        "product_template_attribute_value_id",
        "product_product_id",
        "Related Variants",
    )

    _once_per_line = models.UniqueIndex(
        "(attribute_line_id, product_attribute_value_id)", "An attribute line of a product has each value once."
    )

    @api.depends("attribute_id.name", "product_attribute_value_id.name")
    def _compute_display_name(self):
        for value in self:
            value.display_name = f"{value.attribute_id.name}: {value.product_attribute_value_id.name}"

    @api.model
    def _search_display_name(self, operator, value):
        """Found by the name of the value."""
        return [("product_attribute_value_id.name", operator, value)]

    def _in_use(self):
        """Those that documents refer to, so that they must stay when the product is no longer offered in them."""
        return self.filtered(lambda value: value.with_context(active_test=False).ptav_product_variant_ids)

    def _combination_name(self) -> str:
        """The values as they stand in a variant's name, in the order of the product's lines.

        A value is left out while it is the only one of its attribute that the product comes in.
        """
        shown = self.filtered(lambda value: not value.ptav_active or value.attribute_line_id.value_count > 1)
        return ", ".join(value.name for value in shown)

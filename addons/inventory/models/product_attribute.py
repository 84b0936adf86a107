"""What products differ in: a colour, a size, a material."""

from __future__ import annotations

from core import fields, models
from core.exceptions import UserError


class ProductAttribute(models.Model):
    """A way in which the variants of a product differ, with the values that it can take."""

    _name = "product.attribute"
    _description = "Product Attribute"
    _order = "sequence, id"

    name = fields.Char("Attribute", required=True, translate=True, index=True)
    sequence = fields.Integer(default=20)
    create_variant = fields.Selection(
        [("always", "Instantly"), ("dynamic", "Dynamically"), ("no_variant", "Never")],
        "Variant Creation",
        default="always",
        required=True,
        help="Instantly: every combination of values is a variant at once. Dynamically: a variant is created when it "
        "is asked for. Never: the values are noted on the product only.",
    )
    display_type = fields.Selection(
        [
            ("radio", "Radio"),
            ("pills", "Pills"),
            ("select", "Select"),
            ("color", "Color"),
            ("multi", "Multi-checkbox"),
            ("image", "Image"),
        ],
        "Display Type",
        default="radio",
        required=True,
        help="How clients that offer the choice are to show the values.",
    )
    value_ids = fields.One2many("product.attribute.value", "attribute_id", "Values", copy=True)
    attribute_line_ids = fields.One2many("product.template.attribute.line", "attribute_id", "Lines")

    def write(self, vals):
        """How variants come about is settled once a product has the attribute.

        Raises:
            UserError: `create_variant` would change for an attribute that a product has.
        """
        if "create_variant" in vals:
            changed = self.filtered(lambda attribute: attribute.create_variant != vals["create_variant"])
            lines = changed.with_context(active_test=False).attribute_line_ids.sudo()
            if lines:
                raise UserError(
                    self.env._(
                        "%(product)s has the attribute %(attribute)s, so its variant creation can no longer be "
                        "changed. Create a new attribute instead.",
                        product=lines[0].product_tmpl_id.display_name,
                        attribute=lines[0].attribute_id.name,
                    ),
                    code="inventory.variant_creation_fixed",
                )
        return super().write(vals)

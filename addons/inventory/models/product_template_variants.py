"""What a product says of variants that it is no longer offered in."""

from __future__ import annotations

from addons.inventory.services import variant_stock
from core import api, fields, models


class ProductTemplateVariants(models.Model):
    """Stock on variants that go or are archived; a part of `product.template`."""

    _inherit = "product.template"

    archived_stock = fields.Text("Stock on Archived Variants", compute="_compute_archived_stock")

    @api.depends("active", "product_variant_ids.active")
    def _compute_archived_stock(self):
        held = variant_stock.of_archived(self.filtered("active"))
        for template in self:
            template.archived_stock = variant_stock.note(template, held[template]) if template in held else False

    @api.onchange("attribute_line_ids")
    def _onchange_attribute_line_ids(self):
        return variant_stock.warning(self)

    def action_update_quantity_on_hand(self):
        """See the base. What lies on archived variants is there, too."""
        held = variant_stock.of_archived(self)
        archived = [variant.id for of_product in held.values() for variant in of_product]
        rows = self.env["stock.quant"].search(
            [
                ("product_id", "in", archived),
                ("location_id.usage", "in", ("internal", "transit")),
                ("quantity", "!=", 0),
            ]
        )
        return super().action_update_quantity_on_hand() | rows

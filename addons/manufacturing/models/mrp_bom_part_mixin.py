"""What a bill of materials is made of: components, by-products, operations."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services import applying
from core import api, fields, models
from core.exceptions import ValidationError


class MrpBomPartMixin(models.AbstractModel):
    """A part of a bill. Orders that were planned by the bill learn of every change (`is_outdated_bom`).

    Each part declares `bom_product_template_attribute_value_ids`, the values of the variants that it applies on.
    """

    _name = "mrp.bom.part.mixin"
    _description = "Part of a Bill of Materials"

    bom_id = fields.Many2one("mrp.bom", "Bill of Materials", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="bom_id.company_id")
    possible_bom_product_template_attribute_value_ids = fields.Many2many(
        related="bom_id.possible_product_template_attribute_value_ids", string="Possible Values"
    )

    @api.constrains(applying.VALUES, "bom_id")
    def _check_applies_on_variants(self) -> None:
        for part in self.sudo():
            bom, values = part.bom_id, part[applying.VALUES]
            if values and bom.product_id:
                raise ValidationError(
                    self.env._(
                        "The bill of materials holds for %(variant)s only, so %(part)s cannot apply on some variants. "
                        "Take the values off, or let the bill hold for the whole product.",
                        variant=bom.product_id.display_name,
                        part=part.display_name,
                    ),
                    fields=[applying.VALUES],
                    code="manufacturing.bom_of_variant",
                )
            wrong = values.filtered(
                lambda value, bom=bom: (
                    value.product_tmpl_id != bom.product_tmpl_id or value.attribute_id.create_variant == "no_variant"
                )
            )
            if wrong:
                raise ValidationError(
                    self.env._(
                        "%(value)s tells no variants of %(product)s apart, so %(part)s cannot apply on it. "
                        "Choose values that the variants of %(product)s come in.",
                        value=wrong[0].display_name,
                        product=bom.product_tmpl_id.display_name,
                        part=part.display_name,
                    ),
                    fields=[applying.VALUES],
                    code="manufacturing.value_without_variants",
                )

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Add parts to their bills."""
        parts = super().create(vals_list)
        parts.bom_id._note_change()
        return parts

    def write(self, vals: dict[str, Any]) -> bool:
        """Change parts; one that moves to another bill changes both."""
        boms = self.bom_id
        result = super().write(vals)
        (boms | self.bom_id)._note_change()
        return result

    def unlink(self) -> bool:
        """Take parts off their bills."""
        boms = self.bom_id
        result = super().unlink()
        boms.exists()._note_change()
        return result

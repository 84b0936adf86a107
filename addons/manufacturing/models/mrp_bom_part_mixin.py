"""What a bill of materials is made of: components, by-products, operations."""

from __future__ import annotations

from typing import Any

from core import api, fields, models


class MrpBomPartMixin(models.AbstractModel):
    """A part of a bill. Orders that were planned by the bill learn of every change (`is_outdated_bom`)."""

    _name = "mrp.bom.part.mixin"
    _description = "Part of a Bill of Materials"

    bom_id = fields.Many2one("mrp.bom", "Bill of Materials", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="bom_id.company_id")

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

"""Custom items that wait for a bill of materials are made when they have one."""

from __future__ import annotations

from typing import Any

from addons.sales_manufacturing.services import custom_items
from core import api, models


class MrpBom(models.Model):
    """A bill that gets its components starts the orders that wait for it."""

    _inherit = "mrp.bom"

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Create bills, and the manufacturing orders of the custom items that wait for them."""
        created = super().create(vals_list)
        custom_items.make(created)
        return created

    def write(self, vals: dict[str, Any]) -> bool:
        """Change bills, and create the manufacturing orders of the custom items that wait for their components."""
        result = super().write(vals)
        if "bom_line_ids" in vals:
            custom_items.make(self)
        return result

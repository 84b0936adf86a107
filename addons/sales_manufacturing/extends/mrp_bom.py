"""Custom items that wait for a bill of materials are made when they have one."""

from __future__ import annotations

from typing import Any

from addons.sales_manufacturing.services import custom_items
from core import api, models

#: What decides which products a bill is for, and whether it holds.
SHAPE = frozenset({"active", "type", "product_tmpl_id", "product_id", "company_id"})


class MrpBom(models.Model):
    """A bill that gets its components starts the orders that wait for it."""

    _inherit = "mrp.bom"

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Create bills, and the manufacturing orders of the custom items that wait for them."""
        with custom_items.collected(self.env):
            return super().create(vals_list)

    def write(self, vals: dict[str, Any]) -> bool:
        """Change bills, and create the manufacturing orders of the custom items that wait for them."""
        with custom_items.collected(self.env):
            result = super().write(vals)
            if SHAPE & vals.keys():
                custom_items.make(self)
        return result

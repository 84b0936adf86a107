"""The first component of a bill starts what waits for the bill, however the line is written."""

from __future__ import annotations

from typing import Any

from addons.sales_manufacturing.services import custom_items
from core import api, models


class MrpBomLine(models.Model):
    """Components complete a bill."""

    _inherit = "mrp.bom.line"

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Add components, and create the manufacturing orders of the custom items that wait for their bills."""
        lines = super().create(vals_list)
        custom_items.make(lines.bom_id)
        return lines

    def write(self, vals: dict[str, Any]) -> bool:
        """Change components; one that goes into another bill may complete that."""
        result = super().write(vals)
        if "bom_id" in vals:
            custom_items.make(self.bom_id)
        return result

"""Supply links to the lines of requests to vendors."""

from __future__ import annotations

from typing import Any

from addons.purchasing.services import receiving
from core import api, fields, models


class StockSupplyLink(models.Model):
    """What is requested of a vendor for a demand, and then received for it."""

    _inherit = "stock.supply.link"

    purchase_line_id = fields.Many2one("purchase.order.line", "Purchase Order Line", index=True, ondelete="cascade")

    @api.model
    def _supply_fields(self) -> dict[str, str]:
        """See the base."""
        return {**super()._supply_fields(), "purchase.order.line": "purchase_line_id"}

    def _supply_sources(self) -> dict[int, Any]:
        """See the base."""
        return super()._supply_sources() | receiving.supply_sources(self.filtered("purchase_line_id"))

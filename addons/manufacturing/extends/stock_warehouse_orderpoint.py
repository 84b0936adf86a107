"""Reordering rules for products that are made."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from core import fields, models


class StockWarehouseOrderpoint(models.Model):
    """A reordering rule may say which bill its orders follow."""

    _inherit = "stock.warehouse.orderpoint"

    bom_id = fields.Many2one(
        "mrp.bom", "Bill of Materials", help="Empty: the first one that applies.", check_company=True
    )
    production_ids = fields.One2many("mrp.production", "orderpoint_id", "Manufacturing Orders")

    def _prepare_procurement_values(self, date: datetime | Literal[False] = False) -> dict[str, Any]:
        """See the base. An order follows the bill that the reordering rule names."""
        values: dict[str, Any] = super()._prepare_procurement_values(date)
        return {**values, "bom_id": self.bom_id} if self.bom_id else values

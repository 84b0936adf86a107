"""Lots and the orders that make them."""

from __future__ import annotations

from typing import Any

from core import api, fields, models


class StockLot(models.Model):
    """A lot or serial number may have been given to the orders that make it, before it is in stock."""

    _inherit = "stock.lot"

    production_ids = fields.Many2many(
        "mrp.production", "mrp_production_lot_rel", "lot_id", "production_id", "Manufacturing Orders", copy=False
    )

    @api.public(access="read")
    def action_view_mrp_production(self) -> Any:
        """The manufacturing orders of these lots."""
        return self.production_ids

"""Transfers that bring components to an order, or take its product away."""

from __future__ import annotations

from typing import Any

from core import api, fields, models


class StockPicking(models.Model):
    """A transfer knows the manufacturing orders it works for."""

    _inherit = "stock.picking"

    production_ids = fields.Many2many(
        "mrp.production", string="Manufacturing Orders", compute="_compute_production_ids"
    )
    production_count = fields.Integer("# Manufacturing Orders", compute="_compute_production_ids")

    @api.depends("move_ids.move_dest_ids.raw_material_production_id", "move_ids.move_orig_ids.production_id")
    def _compute_production_ids(self) -> None:
        for picking in self:
            moves = picking.move_ids
            orders = moves.move_dest_ids.raw_material_production_id | moves.move_orig_ids.production_id
            picking.production_ids = orders
            picking.production_count = len(orders)

    @api.public(access="read")
    def action_view_mrp_production(self) -> Any:
        """The manufacturing orders of this transfer."""
        return self.production_ids

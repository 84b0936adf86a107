"""Warehouses may be resupplied by buying."""

from __future__ import annotations

from typing import Any

from addons.purchasing.services import warehouses
from core import api, fields, models


class StockWarehouse(models.Model):
    """`buy_to_resupply` and the rule that follows from it."""

    _inherit = "stock.warehouse"

    buy_to_resupply = fields.Boolean(
        "Buy to Resupply", default=True, help="Products with the route Buy are bought here."
    )
    buy_pull_id = fields.Many2one("stock.rule", "Buy Rule", copy=False)

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """New warehouses can buy."""
        created = super().create(vals_list)
        warehouses.equip(created)
        return created

    def write(self, vals: dict[str, Any]) -> bool:
        """Another way to resupply or to receive changes the rule; orders under way keep theirs."""
        result = super().write(vals)
        if {"buy_to_resupply", "reception_steps"} & vals.keys():
            warehouses.equip(self)
        return result

    @api.model
    def _equip_for_purchasing(self) -> None:
        """Give the warehouses that exist when the addon comes their rules."""
        warehouses.equip(self.with_context(active_test=False).search([]))

"""Custom items are made to order."""

from __future__ import annotations

from typing import Any

from core import api, models


class ProductProduct(models.Model):
    """Adds the routes of custom items."""

    _inherit = "product.product"

    @api.model
    def _custom_item_values(self, name: str) -> dict[str, Any]:
        routes = [
            self.env.ref(route).id
            for route in ("inventory.route_warehouse0_mto", "manufacturing.route_warehouse0_manufacture")
        ]
        return {**super()._custom_item_values(name), "route_ids": [(6, 0, routes)]}

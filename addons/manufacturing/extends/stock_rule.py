"""The rule *Manufacture*."""

from __future__ import annotations

from typing import Any

from core import api, fields, models


class StockRule(models.Model):
    """A need may be answered by making the product; `hooks.plan_supply` does it."""

    _inherit = "stock.rule"

    action = fields.Selection(selection_add=[("manufacture", "Manufacture")], ondelete={"manufacture": "cascade"})

    @api.model
    def _push_routes(self, move: Any) -> Any:
        """What an order made is stored by its warehouse's rules, whatever the routes of its product."""
        routes = super()._push_routes(move)
        return routes | move.production_id.warehouse_id.sam_rule_id.route_id if move.production_id else routes

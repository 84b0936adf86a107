"""The rule *Manufacture*."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services import supply
from core import api, fields, models


class StockRule(models.Model):
    """A need may be answered by making the product; `hooks.plan_supply` does it."""

    _inherit = "stock.rule"

    action = fields.Selection(selection_add=[("manufacture", "Manufacture")], ondelete={"manufacture": "cascade"})

    @api.model
    def _refusals(self, needs: list[Any]) -> dict[int, str]:
        """See the base. Nothing is made that has no bill of materials."""
        return super()._refusals(needs) | supply.refusals(self.env, needs)

    @api.model
    def _push_routes(self, move: Any) -> Any:
        """What an order made is stored by its warehouse's rules, whatever the routes of its product."""
        routes = super()._push_routes(move)
        return routes | move.production_id.warehouse_id.sam_rule_id.route_id if move.production_id else routes

    def _move_values(self, need: Any) -> dict[str, Any]:
        """See the base. Where what is made reaches the stock in steps, the move says which plan asked for it."""
        values: dict[str, Any] = super()._move_values(need)
        plan = need.values.get("plan_id")
        return values | {"production_plan_id": plan.id} if plan else values

    def _lead_days(self, needs: list[Any]) -> list[int]:
        """See the base. Making takes the bill's lead time, after the days it gives to get ready for it."""
        days: list[int] = super()._lead_days(needs)
        if self.action != "manufacture":
            return days
        boms = [(bom or self.env["mrp.bom"]).sudo() for bom in supply.bills(self.env, needs)]
        return [own + bom.produce_delay + bom.days_to_prepare_mo for own, bom in zip(days, boms, strict=True)]

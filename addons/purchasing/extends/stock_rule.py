"""The rule *Buy*."""

from __future__ import annotations

from typing import Any

from addons.purchasing.services import ordering, vendors
from core import api, fields, models


class StockRule(models.Model):
    """A need may be answered by buying the product; `hooks.plan_supply` does it."""

    _inherit = "stock.rule"

    action = fields.Selection(selection_add=[("buy", "Buy")], ondelete={"buy": "cascade"})

    @api.model
    def _refusals(self, needs: list[Any]) -> dict[int, str]:
        """See the base. Nothing is bought that has no vendor."""
        return super()._refusals(needs) | ordering.refusals(self.env, needs)

    def _lead_days(self, needs: list[Any]) -> list[int]:
        """See the base. Buying takes as long as the vendor says who is asked first."""
        days: list[int] = super()._lead_days(needs)
        if self.action != "buy":
            return days
        sellers = [vendors.present(need.product_id, need.company_id) for need in needs]
        return [own + (seller.delay or 0) for own, seller in zip(days, sellers, strict=True)]

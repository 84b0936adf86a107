"""The rule *Buy*."""

from __future__ import annotations

from typing import Any

from addons.purchasing.services import vendors
from core import fields, models


class StockRule(models.Model):
    """A need may be answered by buying the product; `hooks.plan_supply` does it."""

    _inherit = "stock.rule"

    action = fields.Selection(selection_add=[("buy", "Buy")], ondelete={"buy": "cascade"})

    def _lead_days(self, needs: list[Any]) -> list[int]:
        """See the base. Buying takes as long as the vendor says who is asked first."""
        days: list[int] = super()._lead_days(needs)
        if self.action != "buy":
            return days
        sellers = [vendors.present(need.product_id, need.company_id) for need in needs]
        return [own + (seller.delay or 0) for own, seller in zip(days, sellers, strict=True)]

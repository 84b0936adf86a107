"""The rule *Manufacture*."""

from __future__ import annotations

from core import fields, models


class StockRule(models.Model):
    """A need may be answered by making the product; `hooks.plan_supply` does it."""

    _inherit = "stock.rule"

    action = fields.Selection(selection_add=[("manufacture", "Manufacture")], ondelete={"manufacture": "cascade"})

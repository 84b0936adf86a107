"""The rule *Buy*."""

from core import fields, models


class StockRule(models.Model):
    """A need may be answered by buying the product; `hooks.plan_supply` does it."""

    _inherit = "stock.rule"

    action = fields.Selection(selection_add=[("buy", "Buy")], ondelete={"buy": "cascade"})

"""Lots that do not go out."""

from core import fields, models


class StockLot(models.Model):
    _inherit = "stock.lot"

    probe_blocked = fields.Boolean("Blocked")

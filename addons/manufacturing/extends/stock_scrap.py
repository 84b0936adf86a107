"""Scrap during production."""

from __future__ import annotations

from core import fields, models


class StockScrap(models.Model):
    """What was scrapped while an order was made."""

    _inherit = "stock.scrap"

    production_id = fields.Many2one("mrp.production", "Manufacturing Order", index=True)
    workorder_id = fields.Many2one("mrp.workorder", "Work Order", index=True)

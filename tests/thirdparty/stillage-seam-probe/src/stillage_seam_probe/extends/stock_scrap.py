"""Scrapped goods are noted on their moves."""

from core import models

from ..calls import counted


class StockScrap(models.Model):
    _inherit = "stock.scrap"

    @counted
    def _prepare_move_values(self):
        return super()._prepare_move_values() | {"probe_text": "scrapped"}

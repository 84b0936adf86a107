"""Reordering rules pass on that they are the source of an order."""

from core import models

from ..calls import counted


class StockWarehouseOrderpoint(models.Model):
    _inherit = "stock.warehouse.orderpoint"

    @counted
    def _prepare_procurement_values(self, date=False):
        return super()._prepare_procurement_values(date) | {"priority": "1"}

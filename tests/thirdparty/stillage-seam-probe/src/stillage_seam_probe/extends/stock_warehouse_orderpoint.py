"""Reordering rules pass on that they are the source of an order."""

from core import models

from ..calls import counted


class StockWarehouseOrderpoint(models.Model):
    _inherit = "stock.warehouse.orderpoint"

    @counted
    def _procurement_values(self):
        return super()._procurement_values() | {"priority": "1"}

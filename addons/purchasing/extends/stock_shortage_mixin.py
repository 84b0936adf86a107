"""What is short can be bought."""

from __future__ import annotations

from addons.inventory.services import shortage
from core import models


class StockShortageMixin(models.AbstractModel):
    """The button *Purchase Order* of Stock Detail."""

    _inherit = "stock.shortage.mixin"

    def action_buy_missing(self) -> None:
        """Ask vendors for what neither stock nor anything planned covers, whatever the routes of the products.

        Raises NothingMissing when there is nothing to buy, NoVendor naming what nobody sells.
        """
        self.check_access("write")
        shortage.order_missing(self._all_demand_moves(), self.env.ref("purchasing.route_warehouse0_buy"))

"""What is short can be bought."""

from __future__ import annotations

from core import api, models


class StockShortageMixin(models.AbstractModel):
    """The button *Purchase Orders* of Stock Detail."""

    _inherit = "stock.shortage.mixin"

    @api.public(access="write")
    def action_buy_missing(self) -> None:
        """Ask vendors for what neither stock nor anything planned covers, whatever the routes of the products.

        Notifies the user of what was requested for which rows. Raises NoVendor when none of them can be bought.
        """
        self._order_missing(self.env.ref("purchasing.route_warehouse0_buy"))

"""What is short can be made."""

from __future__ import annotations

from core import api, models


class StockShortageMixin(models.AbstractModel):
    """The button *Work Orders* of Stock Detail."""

    _inherit = "stock.shortage.mixin"

    @api.public(access="write")
    def action_make_missing(self) -> None:
        """Make what neither stock nor anything planned covers, whatever the routes of the products.

        Notifies the user of what was created for which rows. Raises NoBillOfMaterials when none of them can be made.
        """
        self._order_missing(self.env.ref("manufacturing.route_warehouse0_manufacture"))

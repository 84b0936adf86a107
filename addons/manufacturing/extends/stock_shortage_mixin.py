"""What is short can be made."""

from __future__ import annotations

from addons.inventory.services import shortage
from core import models


class StockShortageMixin(models.AbstractModel):
    """The button *Manufacturing Order* of Stock Detail."""

    _inherit = "stock.shortage.mixin"

    def action_make_missing(self) -> None:
        """Make what neither stock nor anything planned covers, whatever the routes of the products.

        Raises NothingMissing when there is nothing to make, NoBillOfMaterials naming what cannot be made.
        """
        self.check_access("write")
        shortage.order_missing(self._all_demand_moves(), self.env.ref("manufacturing.route_warehouse0_manufacture"))

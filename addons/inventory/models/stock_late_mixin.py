"""Late orders: the same for sales and purchasing."""

from __future__ import annotations

from addons.inventory.services import on_backorder
from core import api, fields, models


class StockLateMixin(models.AbstractModel):
    """Orders that are late once the day of their promise is over; they say by `_late_domain` which those are."""

    _name = "stock.late.mixin"
    _description = "Late Orders"

    #: The fields that `_late_domain` asks about.
    _late_fields: tuple[str, ...] = ()

    is_late = fields.Boolean("Late", compute="_compute_is_late", search="_search_is_late")

    @api.depends(lambda self: self._late_fields)
    def _compute_is_late(self):
        late = self.filtered_domain(self._late_domain())
        for order in self:
            order.is_late = order in late

    def _search_is_late(self, operator, value):
        return on_backorder.matching(self._late_domain(), operator, value)

    def _late_domain(self):
        """The domain of late orders, over `_late_fields`."""
        return api.Domain.FALSE

"""Removal strategies: which of the stock on hand goes out first."""

from __future__ import annotations

from addons.inventory.services import removal
from core import api, fields, models


class ProductRemoval(models.Model):
    """A strategy: `method` is the name that the service and the hook `choose_removal` know it by."""

    _name = "product.removal"
    _description = "Removal Strategy"
    _order = "id"

    name = fields.Char(required=True, translate=True)
    method = fields.Char(required=True, help="fifo, lifo, fefo, closest, least_packages, or what an addon registers")

    _method_unique = models.UniqueIndex("(method)")

    @api.constrains("method")
    def _check_method(self):
        removal.check_known(self, "method", {strategy: strategy.method for strategy in self})

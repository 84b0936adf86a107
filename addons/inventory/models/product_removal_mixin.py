"""Removal strategies of trees: categories and locations."""

from __future__ import annotations

from addons.inventory.services import removal
from core import api, fields, models


class ProductRemovalMixin(models.AbstractModel):
    """Records of a tree that may say which stock goes out first; a child takes over what it does not say itself."""

    _name = "product.removal.mixin"
    _description = "Removal Strategy"

    removal_strategy_id = fields.Many2one("product.removal", "Removal Strategy", ondelete="restrict")

    def _removal_method(self) -> str | None:
        """The name of the strategy of this record or of the nearest parent that has one."""
        record = self
        while record and not record.removal_strategy_id:
            record = record[self._parent_name]
        return record.removal_strategy_id.method or None

    @api.constrains("removal_strategy_id")
    def _check_removal_strategy(self):
        used = self.filtered("removal_strategy_id")
        removal.check_known(used, "removal_strategy_id", {record: record.removal_strategy_id.method for record in used})

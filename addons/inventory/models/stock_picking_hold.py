"""Transfers on hold."""

from __future__ import annotations

from typing import Any

from addons.inventory.services import on_backorder, on_hold
from core import api, fields, models


class StockPickingHold(models.Model):
    """Whether all that is open in a transfer is on hold; a part of `stock.picking`."""

    _inherit = "stock.picking"

    on_hold = fields.Boolean("On Hold", compute="_compute_on_hold", search="_search_on_hold")

    @api.depends("move_ids.hold_date", "move_ids.state")
    def _compute_on_hold(self) -> None:
        for picking in self:
            picking.on_hold = on_hold.is_on_hold(picking)

    def _search_on_hold(self, operator: str, value: Any) -> Any:
        return on_backorder.matching(on_hold.domain(), operator, value)

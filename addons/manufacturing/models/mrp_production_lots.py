"""The lots and serial numbers that a manufacturing order makes."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services import tracking
from core import api, fields, models


class MrpProductionLots(models.Model):
    """Which numbers the product of an order gets; a part of `mrp.production`.

    A lot-tracked order has one, an order for serial-tracked units one for each of them.
    """

    _inherit = "mrp.production"

    lot_producing_ids = fields.Many2many(
        "stock.lot",
        "mrp_production_lot_rel",
        "production_id",
        "lot_id",
        "Lots/Serial Numbers",
        copy=False,
        check_company=True,
    )
    lot_producing_id = fields.Many2one(
        "stock.lot",
        "Lot/Serial Number",
        compute="_compute_lot_producing_id",
        inverse="_inverse_lot_producing_id",
        search="_search_lot_producing_id",
    )

    @api.depends("lot_producing_ids")
    def _compute_lot_producing_id(self) -> None:
        for production in self:
            production.lot_producing_id = production.lot_producing_ids[:1]

    def _inverse_lot_producing_id(self) -> None:
        for production in self:
            production.lot_producing_ids = production.lot_producing_id

    def _search_lot_producing_id(self, operator: str, value: Any) -> list[Any]:
        return [("lot_producing_ids", operator, value)]

    @api.onchange("lot_producing_ids", "lot_producing_id")
    def _onchange_lot_producing(self) -> None:
        """As many units are produced as serial numbers are given."""
        count = len(self.lot_producing_ids) or len(self.lot_producing_id)
        if self.product_tracking == "serial" and count and self.state != "draft":
            self.qty_producing = self.product_id.uom_id._require_exact(count, self.product_uom_id)

    @api.public(access="write")
    @api.transition
    def action_generate_serial(self) -> Any:
        """Give the order the next lot or serial number; for several units, return the dialog that numbers them all."""
        return tracking.generate(self)

    @api.public(access="write")
    @api.transition
    def action_clear_lot_producing_ids(self) -> None:
        """Take the lots and serial numbers off again."""
        self.write({"lot_producing_ids": [api.Command.clear()], "qty_producing": 0})

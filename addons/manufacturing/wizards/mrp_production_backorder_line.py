"""One order in the backorder question."""

from __future__ import annotations

from decimal import Decimal

from addons.manufacturing.services import output
from core import api, fields, models


class MrpProductionBackorderLine(models.TransientModel):
    """Whether the rest of one order is made later."""

    _name = "mrp.production.backorder.line"
    _description = "Backorder Confirmation Line"

    mrp_production_backorder_id = fields.Many2one(
        "mrp.production.backorder", "Backorder Confirmation", required=True, ondelete="cascade"
    )
    mrp_production_id = fields.Many2one("mrp.production", "Manufacturing Order", required=True, ondelete="cascade")
    to_backorder = fields.Boolean("To Backorder", default=True)
    product_id = fields.Many2one("product.product", related="mrp_production_id.product_id", string="Product")
    product_uom_id = fields.Many2one("uom.uom", related="mrp_production_id.product_uom_id", string="Unit")
    quantity_now = fields.Quantity("Made Now", compute="_compute_quantities")
    quantity_rest = fields.Quantity("Left", compute="_compute_quantities")

    @api.depends("mrp_production_id.qty_producing", "mrp_production_id.qty_produced", "mrp_production_id.product_qty")
    def _compute_quantities(self) -> None:
        outputs = output.of(self.mrp_production_id)
        for line in self:
            now = outputs.get(line.mrp_production_id)
            line.quantity_now, line.quantity_rest = (now.made, now.rest) if now else (Decimal(0), Decimal(0))

"""One order in the backorder question."""

from __future__ import annotations

from core import fields, models


class MrpProductionBackorderLine(models.TransientModel):
    """Whether the rest of one order is made later."""

    _name = "mrp.production.backorder.line"
    _description = "Backorder Confirmation Line"

    mrp_production_backorder_id = fields.Many2one(
        "mrp.production.backorder", "Backorder Confirmation", required=True, ondelete="cascade"
    )
    mrp_production_id = fields.Many2one("mrp.production", "Manufacturing Order", required=True, ondelete="cascade")
    to_backorder = fields.Boolean("To Backorder", default=True)

"""One part of an order that is being split."""

from __future__ import annotations

from core import fields, models


class MrpProductionSplitLine(models.TransientModel):
    """How many a part makes, when and by whom."""

    _name = "mrp.production.split.line"
    _description = "Split Production Detail"

    mrp_production_split_id = fields.Many2one(
        "mrp.production.split", "Split Production", required=True, ondelete="cascade"
    )
    quantity = fields.Quantity("Quantity To Produce", required=True)
    date = fields.Datetime("Schedule Date")
    user_id = fields.Many2one("res.users", "Responsible")

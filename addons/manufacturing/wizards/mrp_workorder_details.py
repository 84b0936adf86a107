"""Work Orders: a work order in a dialog over its manufacturing order."""

from __future__ import annotations

from typing import Any

from core import api, fields, models


class MrpWorkorderDetails(models.TransientModel):
    """What the line of a work order opens: its figures, and the way to the shop floor and to the work order."""

    _name = "mrp.workorder.details"
    _description = "Work Orders"
    _only_shows = True

    workorder_id = fields.Many2one("mrp.workorder", "Work Order", required=True, ondelete="cascade")
    production_id = fields.Many2one(related="workorder_id.production_id")
    product_id = fields.Many2one(related="workorder_id.product_id")
    product_uom_id = fields.Many2one(related="workorder_id.product_uom_id")
    workcenter_id = fields.Many2one(related="workorder_id.workcenter_id")
    state = fields.Selection(related="workorder_id.state")
    production_state = fields.Selection(related="workorder_id.production_state")
    waiting_for = fields.Char(related="workorder_id.waiting_for")
    qty_registered = fields.Quantity(related="workorder_id.qty_registered")
    qty_production = fields.Quantity(related="workorder_id.qty_production")
    duration_expected = fields.Quantity(related="workorder_id.duration_expected")
    duration = fields.Quantity(related="workorder_id.duration")
    date_start = fields.Datetime(related="workorder_id.date_start")

    @api.public(access="write")
    def action_open_mes(self) -> Any:
        """Open Shop Floor: the page of the work center, with the card of the work order alone."""
        return self.workorder_id.action_open_mes()

    @api.public(access="write")
    def action_open_workorder(self) -> Any:
        """The form of the work order, with its time logs and components."""
        return self.workorder_id

"""Consumption differs from the bill of materials: accept it, or follow the bill."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services import consumption
from core import api, fields, models

STRICTNESS = {"flexible": 0, "warning": 1, "strict": 2}


class MrpConsumptionWarning(models.TransientModel):
    """Lists the components of which more or less is consumed than the bill of materials says."""

    _name = "mrp.consumption.warning"
    _inherit = ["question.mixin"]
    _description = "Consumption differs from the bill of materials"
    _question = "consumption"
    _documents_field = "mrp_production_ids"

    mrp_production_ids = fields.Many2many("mrp.production", string="Manufacturing Orders")
    mrp_production_count = fields.Integer("Orders", compute="_compute_figures")
    consumption = fields.Selection(
        [("flexible", "Allowed"), ("warning", "Allowed with warning"), ("strict", "Blocked")],
        "Consumption",
        compute="_compute_figures",
    )
    mrp_consumption_warning_line_ids = fields.One2many(
        "mrp.consumption.warning.line", "mrp_consumption_warning_id", "Components"
    )

    @api.depends("mrp_production_ids", "mrp_consumption_warning_line_ids.mrp_production_id")
    def _compute_figures(self) -> None:
        for wizard in self:
            wizard.mrp_production_count = len(wizard.mrp_production_ids)
            found = wizard.mrp_consumption_warning_line_ids.mrp_production_id.mapped("consumption")
            wizard.consumption = max(found, key=STRICTNESS.__getitem__, default="flexible")

    @api.public(access="write")
    def action_confirm(self) -> Any:
        """Confirm: the consumption entered is what was really consumed."""
        return self._answer(True)

    @api.public(access="write")
    def action_set_qty(self) -> Any:
        """Set Quantities & Validate: consume what the bill of materials says instead of what was entered."""
        consumption.follow_bill(self._about())
        return self._answer(True)

    @api.public(access="write")
    def action_cancel(self) -> Any:
        """Review: back to the first of the orders."""
        return self.mrp_production_ids[:1]

    def _about(self) -> Any:
        return self.mrp_consumption_warning_line_ids.mrp_production_id

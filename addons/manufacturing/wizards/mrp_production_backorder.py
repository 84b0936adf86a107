"""You produced less than initial demand: make the rest later, or not at all."""

from __future__ import annotations

from typing import Any

from addons.inventory.services import backorder_policy
from addons.manufacturing.services import questions
from core import api, fields, models


class MrpProductionBackorder(models.TransientModel):
    """The question that closing orders with less than demanded needs answered first, order by order."""

    _name = "mrp.production.backorder"
    _inherit = ["question.mixin"]
    _description = "You produced less than initial demand"
    _question = backorder_policy.QUESTION
    _documents_field = "mrp_production_ids"

    mrp_production_ids = fields.Many2many("mrp.production", string="Manufacturing Orders")
    mrp_production_backorder_line_ids = fields.One2many(
        "mrp.production.backorder.line", "mrp_production_backorder_id", "Backorder Confirmation Lines"
    )
    show_backorder_lines = fields.Boolean("Show Backorder Lines", compute="_compute_show_backorder_lines")
    backorder_explanation = fields.Text("Create Backorder", compute="_compute_explanations")
    no_backorder_explanation = fields.Text("No Backorder", compute="_compute_explanations")

    @api.depends("mrp_production_backorder_line_ids")
    def _compute_show_backorder_lines(self) -> None:
        for wizard in self:
            wizard.show_backorder_lines = len(wizard.mrp_production_backorder_line_ids) > 1

    @api.depends(
        "mrp_production_backorder_line_ids.mrp_production_id", "mrp_production_backorder_line_ids.to_backorder"
    )
    def _compute_explanations(self) -> None:
        for wizard in self:
            lines = wizard.mrp_production_backorder_line_ids
            productions = lines.mrp_production_id
            ticked = lines.filtered("to_backorder").mrp_production_id
            wizard.backorder_explanation = questions.explanation(productions, ticked)
            wizard.no_backorder_explanation = questions.explanation(productions, productions.browse())

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """A wizard that only names its orders gets a line for each."""
        wizards = super().create(vals_list)
        rows = [
            {"mrp_production_backorder_id": wizard.id, "mrp_production_id": production.id}
            for wizard in wizards
            if not wizard.mrp_production_backorder_line_ids
            for production in wizard.mrp_production_ids
        ]
        self.env["mrp.production.backorder.line"].create(rows)
        return wizards

    @api.public(access="write")
    def action_backorder(self) -> Any:
        """Create Backorder: close the orders with what was made, and make the rest later where it is ticked."""
        lines = self.mrp_production_backorder_line_ids
        return self._answer({line.mrp_production_id.id: line.to_backorder for line in lines})

    @api.public(access="write")
    def action_close_mo(self) -> Any:
        """No Backorder: close the orders with what was made, and cancel the rest."""
        return self._answer(False)

    def _documents(self) -> Any:
        return super()._documents() | self._about()

    def _about(self) -> Any:
        return self.mrp_production_backorder_line_ids.mrp_production_id

"""Move lines: what was consumed for what, derived from the order they belong to."""

from __future__ import annotations

from core import api, fields, models


class StockMoveLine(models.Model):
    """The lines of an order's components are what its finished lines consumed, and the other way round."""

    _inherit = "stock.move.line"

    production_id = fields.Many2one(
        "mrp.production", "Production Order", related="move_id.raw_material_production_id", check_company=True
    )
    workorder_id = fields.Many2one("mrp.workorder", "Work Order", related="move_id.workorder_id")
    consume_line_ids = fields.Many2many(
        "stock.move.line", string="Consumed Lines", compute="_compute_consume_line_ids", store=False
    )
    produce_line_ids = fields.Many2many(
        "stock.move.line", string="Produced Lines", compute="_compute_produce_line_ids", store=False
    )

    @api.depends("move_id.production_id.move_raw_ids.move_line_ids", "move_id.unbuild_id.consume_line_ids")
    def _compute_consume_line_ids(self) -> None:
        for line in self:
            move = line.move_id
            used = move.production_id.move_raw_ids | move.unbuild_id.consume_line_ids
            line.consume_line_ids = used.move_line_ids.filtered(lambda other: other.state == "done")

    @api.depends("move_id.raw_material_production_id.move_finished_ids.move_line_ids", "move_id.consume_unbuild_id")
    def _compute_produce_line_ids(self) -> None:
        for line in self:
            move = line.move_id
            made = move.raw_material_production_id.move_finished_ids | move.consume_unbuild_id.produce_line_ids
            line.produce_line_ids = made.move_line_ids.filtered(lambda other: other.state == "done")

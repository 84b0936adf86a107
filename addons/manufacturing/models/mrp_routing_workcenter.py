"""Operation of a bill of materials."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from addons.manufacturing.services.progress import MINUTES_STEP
from core import api, fields, models
from core.exceptions import ValidationError
from core.rounding import round_to


class MrpRoutingWorkcenter(models.Model):
    """A step in making the product of a bill: where it is done, and how long a unit takes."""

    _name = "mrp.routing.workcenter"
    _description = "Operation"
    _check_company_auto = True
    _inherit = ["mrp.bom.part.mixin"]
    _order = "bom_id, sequence, id"

    name = fields.Char("Operation", required=True)
    active = fields.Boolean("Active", default=True)
    sequence = fields.Integer("Sequence", default=100)
    workcenter_id = fields.Many2one("mrp.workcenter", "Work Center", required=True, index=True, check_company=True)
    time_mode = fields.Selection(
        [("auto", "Compute based on tracked time"), ("manual", "Set duration manually")],
        "Duration Computation",
        default="manual",
    )
    time_mode_batch = fields.Integer("Based on", default=10, help="How many of the last work orders to average.")
    time_cycle_manual = fields.Quantity("Manual Duration (minutes)", digits=4, default=Decimal(60))
    time_cycle = fields.Quantity("Duration (minutes)", digits=4, compute="_compute_time_cycle")
    blocked_by_operation_ids = fields.Many2many(
        "mrp.routing.workcenter", "mrp_operation_dependency_rel", "operation_id", "blocked_by_id", "Blocked By"
    )
    needed_by_operation_ids = fields.Many2many(
        "mrp.routing.workcenter", "mrp_operation_dependency_rel", "blocked_by_id", "operation_id", "Blocks"
    )
    bom_product_template_attribute_value_ids = fields.Many2many(
        "product.template.attribute.value",
        "mrp_operation_variant_value_rel",
        "operation_id",
        "value_id",
        "Apply on Variants",
        help="Variants with one of these values of each attribute named. Empty: all variants.",
    )
    step_ids = fields.One2many("mrp.routing.step", "operation_id", "Steps", copy=True)
    workorder_ids = fields.One2many("mrp.workorder", "operation_id", "Work Orders")
    workorder_count = fields.Integer("# Work Orders", compute="_compute_workorder_count")

    _duration_not_negative = models.Constraint(
        "CHECK (time_cycle_manual >= 0)", "An operation takes zero minutes or more."
    )

    @api.depends("time_mode", "time_cycle_manual", "time_mode_batch")
    def _compute_time_cycle(self) -> None:
        """The minutes that one unit takes: typed in, or averaged over the last finished work orders."""
        tracked = self.filtered(lambda operation: operation.time_mode == "auto")
        done = (
            self.env["mrp.workorder"].search(
                [("operation_id", "in", tracked.ids), ("state", "=", "done"), ("qty_produced", ">", 0)], order="id desc"
            )
            if tracked.ids
            else self.env["mrp.workorder"]
        )
        by_operation = done.grouped("operation_id")
        for operation in self:
            operation.time_cycle = operation.time_cycle_manual
            recent = by_operation.get(operation, done.browse())[: operation.time_mode_batch]
            made = sum(recent.mapped("qty_produced"), Decimal(0))
            if operation in tracked and made:
                spent = sum(recent.mapped("duration"), Decimal(0))
                operation.time_cycle = round_to(spent / made, MINUTES_STEP)

    @api.depends("workorder_ids")
    def _compute_workorder_count(self) -> None:
        groups = self.env["mrp.workorder"]._read_group(
            [("operation_id", "in", self.ids), ("state", "=", "done")], ["operation_id"], ["__count"]
        )
        counts = {operation.id: count for operation, count in groups}
        for operation in self:
            operation.workorder_count = counts.get(operation.id, 0)

    @api.constrains("blocked_by_operation_ids")
    def _check_dependencies(self) -> None:
        for operation in self:
            seen = self.browse()
            frontier = operation.blocked_by_operation_ids
            while frontier:
                if operation in frontier:
                    raise ValidationError(
                        self.env._(
                            "Operation %(operation)s would wait for itself. Remove one of those that block it.",
                            operation=operation.name,
                        ),
                        fields=["blocked_by_operation_ids"],
                        code="manufacturing.operation_loop",
                    )
                seen |= frontier
                frontier = frontier.blocked_by_operation_ids - seen

    def _expected_minutes(self, quantity: Decimal) -> Decimal:
        """How long this operation takes for so many of the bill's product: setup, cycles, cleanup."""
        self.ensure_one()
        workcenter = self.workcenter_id
        batches = (quantity / (self.bom_id.product_qty or Decimal(1))).to_integral_value(ROUND_CEILING)
        cycles = batches * self.time_cycle * 100 / (workcenter.time_efficiency or Decimal(100))
        return round_to(workcenter.time_start + cycles + workcenter.time_stop, MINUTES_STEP)

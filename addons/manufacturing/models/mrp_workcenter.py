"""Work centre: where an operation is carried out."""

from __future__ import annotations

from decimal import Decimal

from core import api, fields, models


class MrpWorkcenter(models.Model):
    """A place or machine that carries out operations, with its cost and how fast it works."""

    _name = "mrp.workcenter"
    _description = "Work Center"
    _order = "sequence, id"

    name = fields.Char("Work Center", required=True)
    code = fields.Char("Code")
    active = fields.Boolean("Active", default=True)
    sequence = fields.Integer("Sequence", default=10)
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company)
    note = fields.Text("Description")
    time_efficiency = fields.Quantity(
        "Time Efficiency (%)",
        digits=2,
        default=Decimal(100),
        help="At 150 %, work takes two thirds of the planned time.",
    )
    time_start = fields.Quantity("Setup Time (minutes)", digits=2)
    time_stop = fields.Quantity("Cleanup Time (minutes)", digits=2)
    costs_hour = fields.Monetary("Cost per hour", currency_field="currency_id", groups="inventory.group_product_prices")
    currency_id = fields.Many2one(related="company_id.currency_id")
    order_ids = fields.One2many("mrp.workorder", "workcenter_id", "Orders")
    routing_line_ids = fields.One2many("mrp.routing.workcenter", "workcenter_id", "Operations")
    time_ids = fields.One2many("mrp.workcenter.productivity", "workcenter_id", "Time Logs")
    workorder_count = fields.Integer("Work Orders", compute="_compute_workorder_counts")
    workorder_ready_count = fields.Integer("Ready Work Orders", compute="_compute_workorder_counts")
    workorder_progress_count = fields.Integer("Work Orders in Progress", compute="_compute_workorder_counts")

    _efficiency_positive = models.Constraint(
        "CHECK (time_efficiency > 0)", "The time efficiency of a work center must be above zero."
    )
    _times_not_negative = models.Constraint(
        "CHECK (time_start >= 0 AND time_stop >= 0)", "Setup and cleanup take zero minutes or more."
    )

    @api.depends("order_ids.state")
    def _compute_workorder_counts(self) -> None:
        groups = self.env["mrp.workorder"]._read_group(
            [("workcenter_id", "in", self.ids), ("state", "in", ["blocked", "ready", "progress"])],
            ["workcenter_id", "state"],
            ["__count"],
        )
        counts = {(workcenter.id, state): count for workcenter, state, count in groups}
        for workcenter in self:
            ready = counts.get((workcenter.id, "ready"), 0)
            running = counts.get((workcenter.id, "progress"), 0)
            workcenter.workorder_ready_count = ready
            workcenter.workorder_progress_count = running
            workcenter.workorder_count = ready + running + counts.get((workcenter.id, "blocked"), 0)

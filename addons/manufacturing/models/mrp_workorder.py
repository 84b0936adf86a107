"""Work order: an operation of one manufacturing order."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from addons.manufacturing.services import production_states, progress, shopfloor
from addons.manufacturing.services.progress import MINUTES_STEP
from core import api, fields, models
from core.api import _
from core.rounding import round_to

OPEN = {"blocked", "ready", "progress"}


class MrpWorkorder(models.Model):
    """An operation to carry out for one order: waiting for others, ready, running, done.

    What was made is carried by the operation: when an order is split, each part keeps its share of what its work
    orders have produced, and of the time they were expected to take and did take.
    """

    _name = "mrp.workorder"
    _inherit = ["document.mixin"]
    _description = "Work Order"
    _check_company_auto = True
    _order = "sequence, id"

    STATES = [
        ("blocked", "Waiting"),
        ("ready", "Ready"),
        ("progress", "In Progress"),
        ("done", "Finished"),
        ("cancel", "Cancelled"),
    ]
    TRANSITIONS = {
        "button_start": ({"blocked", "ready", "progress"}, "progress"),
        "button_pending": ({"progress"}, None),
        "button_finish": (OPEN, "done"),
        "do_finish": (OPEN, "done"),
        "action_register_production": (OPEN, None),
        "action_register_all": (OPEN, None),
        "action_cancel": (OPEN, "cancel"),
    }
    STATE_REFUSALS = {
        "blocked": _("%(record)s has not been started."),
        "ready": _("%(record)s has not been started."),
        "done": _("%(record)s is already finished."),
        "cancel": _("%(record)s is cancelled."),
        ("cancel", "action_cancel"): _("%(record)s is already cancelled."),
    }

    name = fields.Char("Work Order", required=True)
    sequence = fields.Integer("Sequence", default=100)
    waiting_for = fields.Char(
        "Waiting For", compute="_compute_waiting_for", search=fields.SearchByValue([("state", "=", "blocked")])
    )
    production_id = fields.Many2one(
        "mrp.production", "Manufacturing Order", required=True, index=True, ondelete="cascade"
    )
    operation_id = fields.Many2one("mrp.routing.workcenter", "Operation", index=True)
    workcenter_id = fields.Many2one("mrp.workcenter", "Work Center", required=True, index=True, check_company=True)
    state = fields.Selection(STATES, "Status", default="blocked", readonly=True, copy=False, index=True)
    production_state = fields.Selection(related="production_id.state", string="Production State")
    production_availability = fields.Selection(related="production_id.reservation_state", string="Stock Availability")
    product_id = fields.Many2one(related="production_id.product_id")
    product_tracking = fields.Selection(related="production_id.product_tracking")
    product_uom_id = fields.Many2one(related="production_id.product_uom_id")
    company_id = fields.Many2one(related="production_id.company_id")
    qty_production = fields.Quantity(related="production_id.product_qty", string="Original Production Quantity")
    qty_producing = fields.Quantity(
        "Currently Produced Quantity",
        compute="_compute_qty_producing",
        inverse="_inverse_qty_producing",
        help="What the order produces now; nothing entered means all that remain.",
    )
    qty_produced = fields.Quantity("Produced", copy=False)
    is_registered = fields.Boolean(
        "Production Registered",
        copy=False,
        help="The quantity that the order produces now was entered on this work order.",
    )
    qty_registered = fields.Quantity(
        "Registered",
        compute="_compute_qty_registered",
        search=fields.SearchByValue(),
        help="What was registered here; once the operation is finished, what it produced.",
    )
    qty_remaining = fields.Quantity(
        "Quantity To Be Produced", compute="_compute_qty_remaining", search=fields.SearchByValue()
    )
    is_produced = fields.Boolean("Has Been Produced", compute="_compute_qty_remaining")
    duration_expected = fields.Quantity("Expected Duration (minutes)", digits=4)
    duration = fields.Quantity(
        "Actual Duration (minutes)",
        digits=4,
        compute="_compute_duration",
        inverse="_inverse_duration",
        store=True,
        readonly=False,
    )
    duration_unit = fields.Quantity(
        "Duration Per Unit (minutes)", digits=4, compute="_compute_duration_figures", search=fields.SearchByValue()
    )
    duration_percent = fields.Integer(
        "Duration Deviation (%)", compute="_compute_duration_figures", search=fields.SearchByValue()
    )
    progress = fields.Quantity(
        "Progress Done (%)", digits=2, compute="_compute_progress", search=fields.SearchByValue()
    )
    date_start = fields.Datetime("Start", copy=False)
    date_finished = fields.Datetime("End", copy=False)
    time_ids = fields.One2many("mrp.workcenter.productivity", "workorder_id", "Time Logs", copy=False)
    is_user_working = fields.Boolean("Is the Current User Working", compute="_compute_is_user_working")
    blocked_by_workorder_ids = fields.Many2many(
        "mrp.workorder", "mrp_workorder_dependency_rel", "workorder_id", "blocked_by_id", "Blocked By", copy=False
    )
    needed_by_workorder_ids = fields.Many2many(
        "mrp.workorder", "mrp_workorder_dependency_rel", "blocked_by_id", "workorder_id", "Blocks", copy=False
    )
    allow_workorder_dependencies = fields.Boolean(related="production_id.allow_workorder_dependencies")
    production_bom_id = fields.Many2one(related="production_id.bom_id", string="Bill of Materials")
    consumption = fields.Selection(related="production_id.consumption")
    move_raw_ids = fields.One2many("stock.move", "workorder_id", "Components", copy=False)
    finished_lot_ids = fields.Many2many(related="production_id.lot_producing_ids", string="Lots/Serial Numbers")
    scrap_ids = fields.One2many("stock.scrap", "workorder_id", "Scraps", copy=False)
    step_ids = fields.One2many("mrp.workorder.step", "workorder_id", "Steps", copy=False)

    _quantities_not_negative = models.Constraint(
        "CHECK (qty_produced >= 0)",
        "A work order produces zero or more. Enter a positive quantity.",
    )

    @api.depends("name", "production_id.name")
    def _compute_display_name(self) -> None:
        for workorder in self:
            workorder.display_name = f"{workorder.production_id.name} - {workorder.name}"

    @api.depends("state", "blocked_by_workorder_ids.state")
    def _compute_waiting_for(self) -> None:
        for workorder in self:
            names = ", ".join(workorder._get_open_blockers().mapped("name")) if workorder.state == "blocked" else ""
            workorder.waiting_for = self.env._("Waiting for %(operations)s", operations=names) if names else ""

    def _get_open_blockers(self) -> Any:
        """The work orders that these wait for."""
        return self.blocked_by_workorder_ids.filtered(lambda other: other.state in OPEN)

    @api.depends("state", "is_registered", "qty_produced", "production_id.qty_producing")
    def _compute_qty_registered(self) -> None:
        for workorder in self:
            made = workorder.production_id.qty_producing if workorder.is_registered else Decimal(0)
            workorder.qty_registered = made if workorder.state in OPEN else workorder.qty_produced

    @api.depends("qty_produced", "production_id.product_qty")
    def _compute_qty_remaining(self) -> None:
        for workorder in self:
            remaining = workorder.production_id.product_qty - workorder.qty_produced
            workorder.qty_remaining = max(remaining, Decimal(0))
            workorder.is_produced = remaining <= 0

    @api.depends("production_id.qty_producing")
    def _compute_qty_producing(self) -> None:
        for workorder in self:
            workorder.qty_producing = workorder.production_id.qty_producing

    def _inverse_qty_producing(self) -> None:
        for workorder in self:
            workorder.is_registered = bool(workorder.qty_producing)
            if workorder.production_id.qty_producing != workorder.qty_producing:
                workorder.production_id.qty_producing = workorder.qty_producing

    @api.depends("time_ids.duration")
    def _compute_duration(self) -> None:
        for workorder in self:
            workorder.duration = sum(workorder.time_ids.mapped("duration"), Decimal(0))

    def _inverse_duration(self) -> None:
        progress.book_minutes({workorder: workorder.duration for workorder in self})

    @api.depends("duration", "duration_expected", "qty_produced")
    def _compute_duration_figures(self) -> None:
        for workorder in self:
            expected, spent = workorder.duration_expected, workorder.duration
            workorder.duration_unit = round_to(spent / max(workorder.qty_produced, Decimal(1)), MINUTES_STEP)
            workorder.duration_percent = int(100 * (expected - spent) / expected) if expected else 0

    @api.depends("duration", "duration_expected", "state")
    def _compute_progress(self) -> None:
        for workorder in self:
            if workorder.state == "done":
                workorder.progress = Decimal(100)
            elif workorder.duration_expected:
                workorder.progress = workorder.duration * 100 / workorder.duration_expected
            else:
                workorder.progress = Decimal(0)

    @api.depends("time_ids.date_end", "time_ids.user_id")
    def _compute_is_user_working(self) -> None:
        for workorder in self:
            running = workorder.time_ids.filtered(lambda log: not log.date_end)
            workorder.is_user_working = self.env.user in running.user_id

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Copy the steps of the operations; work added by hand to an order that is confirmed can begin at once."""
        workorders = super().create(vals_list)
        progress.copy_steps(workorders)
        added = workorders.filtered(lambda workorder: not workorder.operation_id)
        progress.ready(added.filtered(lambda workorder: workorder.production_state in production_states.OPEN))
        return workorders

    @api.public(access="write")
    @api.transition
    def button_start(self) -> None:
        """Start (or go on with) the work: a time log begins for the user, and the order is in progress."""
        progress.start_workorders(self)

    @api.public(access="write")
    @api.transition
    def button_pending(self) -> None:
        """Pause: the running time logs end; the work can be taken up again."""
        progress.stop_clocks(self)

    @api.public(access="write")
    @api.transition
    def button_finish(self) -> None:
        """Finish with the quantity entered (or all that remains); what waited for it becomes ready.

        The quantity is the order's `qty_producing`, so that closing the order asks about the rest.
        """
        progress.finish_workorders(self)

    @api.public(access="write")
    @api.transition
    def do_finish(self) -> Any:
        """Mark as Done: finish; an order that produced less is divided at once, and its rest goes on as a backorder.

        Returns:
            The first work order that can be taken up next in these families, if there is one.
        """
        return shopfloor.mark_as_done(self)

    @api.public(access="write")
    @api.transition
    def action_register_production(self) -> Any:
        """Return the dialog that asks how many were produced."""
        self.ensure_one()
        return self.env["mrp.workorder.register"].create({"workorder_id": self.id})

    @api.public(access="write")
    @api.transition
    def action_register_all(self) -> None:
        """Register all that remains to be produced."""
        for workorder in self:
            workorder.qty_producing = workorder.qty_remaining

    @api.public(access="write")
    def action_close_production(self) -> Any:
        """Close Production: close the orders of these work orders; asks what closing an order asks."""
        return self.production_id.button_mark_done() or self.production_id[:1]

    @api.public(access="read")
    def action_open_mes(self) -> Any:
        """Open Shop Floor: the page of the work center, with the card of this work order alone."""
        self.ensure_one()
        return shopfloor.url_action(self.workcenter_id, self)

    @api.public(access="write")
    @api.transition
    def action_cancel(self) -> None:
        """Cancel work that will not be done."""
        progress.stop_clocks(self)
        self._settle({"state": "cancel"})

    @api.public(access="read")
    def action_open_wizard(self) -> Any:
        """Open Work Order: the work order in a dialog over its manufacturing order."""
        self.ensure_one()
        return self.env["mrp.workorder.details"].create({"workorder_id": self.id})

    @api.public(access="read")
    def action_open_production(self) -> Any:
        """The manufacturing order of this work order."""
        return self.production_id

    def _state_name(self) -> str:
        """The operation, and its order."""
        return f"{self.name} ({self.production_id.name})"

    def _stamp(self) -> datetime:
        """The moment that work is recorded at."""
        return fields.Datetime.now()

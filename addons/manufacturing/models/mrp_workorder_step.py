"""Step of a work order: an instruction that is carried out and ticked off."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services import progress
from core import api, fields, models


class MrpWorkorderStep(models.Model):
    """A step of the operation as it was when the work order was made, and who did it when."""

    _name = "mrp.workorder.step"
    _description = "Work Order Step"
    _order = "workorder_id, sequence, id"

    _settled_fields = frozenset({"user_id", "control_date"})
    STATES = [("none", "To Do"), ("pass", "Done")]
    TRANSITIONS = {"do_pass": ({"none", "pass"}, "pass"), "do_reset": ({"none", "pass"}, "none")}

    name = fields.Char("Step", required=True)
    note = fields.Text("Instructions")
    sequence = fields.Integer("Sequence", default=10)
    workorder_id = fields.Many2one("mrp.workorder", "Work Order", required=True, index=True, ondelete="cascade")
    step_id = fields.Many2one("mrp.routing.step", "Step of the Operation", ondelete="set null")
    state = fields.Selection(STATES, "Status", default="none", readonly=True, copy=False)
    user_id = fields.Many2one("res.users", "Done By", readonly=True, copy=False)
    control_date = fields.Datetime("Done On", readonly=True, copy=False)

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Add steps. Raises ManufacturingError where the work order is finished or cancelled."""
        steps = super().create(vals_list)
        progress.refuse_closed_work(steps.workorder_id)
        return steps

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self) -> None:
        progress.refuse_closed_work(self.workorder_id)

    def write(self, vals: dict[str, Any]) -> bool:
        """Change steps.

        Raises:
            ManufacturingError: the work order is finished or cancelled, or one that is takes them over.
        """
        progress.refuse_closed_work(self.workorder_id)
        result = super().write(vals)
        if "workorder_id" in vals:
            progress.refuse_closed_work(self.workorder_id)
        return result

    @api.public(access="write")
    @api.transition
    def do_pass(self) -> None:
        """Tick the steps off.

        Raises:
            ManufacturingError: the work order is finished or cancelled.
        """
        self._settle({"state": "pass", "user_id": self.env.uid, "control_date": fields.Datetime.now()})

    @api.public(access="write")
    @api.transition
    def do_reset(self) -> None:
        """Take the tick back.

        Raises:
            ManufacturingError: the work order is finished or cancelled.
        """
        self._settle({"state": "none", "user_id": False, "control_date": False})

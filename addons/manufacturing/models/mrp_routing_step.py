"""Step of an operation: an instruction to follow, in order."""

from __future__ import annotations

from core import fields, models


class MrpRoutingStep(models.Model):
    """What is done at an operation, one instruction after the other; each work order has its own copy to tick off."""

    _name = "mrp.routing.step"
    _description = "Step"
    _order = "sequence, id"

    name = fields.Char("Step", required=True)
    note = fields.Text("Instructions")
    sequence = fields.Integer("Sequence", default=10)
    operation_id = fields.Many2one("mrp.routing.workcenter", "Operation", required=True, index=True, ondelete="cascade")

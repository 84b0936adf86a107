"""Time log: a stretch of work on a work order."""

from __future__ import annotations

from decimal import Decimal

from core import api, fields, models


class MrpWorkcenterProductivity(models.Model):
    """From when to when a user worked on a work order. A stretch without an end is going on now."""

    _name = "mrp.workcenter.productivity"
    _description = "Work Center Time Log"
    _check_company_auto = True
    _order = "id"
    _rec_name = "workorder_id"

    workorder_id = fields.Many2one("mrp.workorder", "Work Order", index=True, ondelete="cascade", check_company=True)
    production_id = fields.Many2one(related="workorder_id.production_id", string="Manufacturing Order")
    workcenter_id = fields.Many2one("mrp.workcenter", "Work Center", required=True, index=True, check_company=True)
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company)
    user_id = fields.Many2one("res.users", "User", default=lambda self: self.env.user)
    description = fields.Text("Description")
    date_start = fields.Datetime("Start", required=True, default=fields.Datetime.now)
    date_end = fields.Datetime("End")
    duration = fields.Quantity("Duration (minutes)", digits=4, compute="_compute_duration", store=True, readonly=False)

    @api.depends("date_start", "date_end")
    def _compute_duration(self) -> None:
        for log in self:
            seconds = int((log.date_end - log.date_start).total_seconds()) if log.date_end else 0
            log.duration = max(Decimal(seconds) / 60, Decimal(0))

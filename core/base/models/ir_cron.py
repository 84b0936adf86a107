"""Scheduled jobs."""

from __future__ import annotations

import datetime

from core import api, fields, models
from core.api import _
from core.base.services import cron
from core.exceptions import ValidationError


class IrCron(models.Model):
    """A method of a model that is called at intervals. `services/cron.py` runs what is due."""

    _name = "ir.cron"
    _description = "Scheduled Job"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    model = fields.Char(string="Model", required=True)
    method = fields.Char(required=True, help="Called on the model, without arguments")
    user_id = fields.Many2one(
        "res.users",
        string="Scheduler User",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.uid,
        help="With whose rights the job works",
    )
    interval_number = fields.Integer(string="Execute Every", required=True, default=1)
    interval_type = fields.Selection(
        [("minutes", "Minutes"), ("hours", "Hours"), ("days", "Days"), ("weeks", "Weeks"), ("months", "Months")],
        string="Interval Unit",
        required=True,
        default="days",
    )
    nextcall = fields.Datetime(string="Next Execution Date", required=True, default=lambda self: fields.Datetime.now())
    lastcall = fields.Datetime(string="Last Execution Date", readonly=True)
    priority = fields.Integer(default=5, help="Of jobs that are due together the one with the least number is first")
    failure_count = fields.Integer(readonly=True, help="Failures in a row")
    last_error = fields.Text(readonly=True)

    _interval_positive = models.Constraint("CHECK (interval_number > 0)", "The interval must be at least 1.")
    _due_index = models.Index("(nextcall) WHERE active")

    @api.constrains("model", "method")
    def _check_method(self) -> None:
        for job in self:
            model = self.env.registry.models.get(job.model)
            if model is None or not callable(getattr(model, job.method, None)):
                raise ValidationError(
                    _(
                        "%(job)s: there is no method %(method)s on %(model)s.",
                        job=job.name,
                        method=job.method,
                        model=job.model,
                    ),
                    fields=["method"],
                    code="base.unknown_method",
                    data={
                        "job": job.name,
                        "method": job.method,
                        "model": job.model,
                    },
                )

    @api.public(access="write")
    def method_direct_trigger(self) -> None:
        """Run the jobs now, in this transaction; an error is shown to the user who pressed the button."""
        self.check_access("write")
        for job in self:
            cron.call(job)
            job.sudo().write({"lastcall": fields.Datetime.now(), "failure_count": 0, "last_error": False})

    def _next_after(self, now: datetime.datetime) -> datetime.datetime:
        """Return the first time of the job's rhythm that lies after `now`; missed times are not made up for."""
        self.ensure_one()
        return cron.next_call(self.nextcall, now, self.interval_number, self.interval_type)

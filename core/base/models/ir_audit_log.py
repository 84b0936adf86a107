"""The audit log: one row per event that matters to security."""

from __future__ import annotations

import datetime
from typing import Any, NoReturn

import sqlalchemy as sa

from core import api, fields, models
from core.api import _
from core.base.services import audit
from core.exceptions import UserError

#: Days after which entries are removed; the system parameter `RETENTION` may say otherwise.
RETENTION_DAYS = 365
RETENTION = "base.audit_log_days"


class IrAuditLog(models.Model):
    """Who did or tried what, when and from where. Written by `services/audit.py`; added to, never changed."""

    _name = "ir.audit.log"
    _description = "Audit Log"
    _order = "id desc"
    _rec_name = "event"
    _log_access = False

    date = fields.Datetime(required=True, readonly=True)
    event = fields.Selection(audit.EVENTS, required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="User", ondelete="set null", readonly=True, index=True, help="The user concerned"
    )
    login = fields.Char(readonly=True, help="As it was at the time; of refused sign-ins, as it was typed")
    by_id = fields.Many2one("res.users", string="By", ondelete="set null", readonly=True, help="The user who did it")
    source = fields.Char(string="Network Address", readonly=True)
    agent = fields.Char(string="Browser or Program", readonly=True, help="As it calls itself")
    credential = fields.Selection(
        [("session", "Session"), ("password", "Password"), ("key", "API Key")],
        readonly=True,
        help="What proved the user; empty: the server itself",
    )
    request = fields.Char(readonly=True, help="The id of the request in the server's log")
    detail = fields.Text(readonly=True, help="What was changed, or why it was refused")

    _date_index = models.Index("(date)")

    def write(self, vals: dict[str, Any]) -> NoReturn:
        """Refuse: entries are not rewritten, by the superuser neither."""
        raise UserError(_("Entries of the audit log cannot be changed."), code="base.audit_log_closed")

    def unlink(self) -> NoReturn:
        """Refuse: entries leave with their age only."""
        raise UserError(
            _("Entries of the audit log cannot be deleted. They are removed after the time set in the settings."),
            code="base.audit_log_closed",
        )

    @api.autovacuum
    def _remove_old(self) -> None:
        """Remove entries that are older than the retention time, in one statement."""
        text = self.env["ir.config_parameter"].sudo().get_param(RETENTION, "")
        days = int(text) if str(text).isdecimal() and int(text) > 0 else RETENTION_DAYS
        table = self.env.registry.table(self._name)
        limit = fields.Datetime.now() - datetime.timedelta(days=days)
        self.env.execute(sa.delete(table).where(table.c.date < limit))

"""Counters of failed logins."""

from __future__ import annotations

import time

from core import api, fields, models
from core.base.services import throttle


class ResUsersThrottle(models.Model):
    """Failures under one key; written by `services/throttle.py` only."""

    _name = "res.users.throttle"
    _description = "Failed Login Counter"
    _order = "last_failure desc"
    _log_access = False

    name = fields.Char(required=True, help="Hash of login name and network address")  # of a known source: 0 failures
    failures = fields.Integer(required=True, default=0)
    last_failure = fields.Integer(required=True, default=0, help="Seconds since 1970")

    _name_unique = models.UniqueIndex("(name)", "One counter per key.")

    @api.autovacuum
    def _forget_old_counters(self) -> None:
        self.env.cr.execute(
            "DELETE FROM res_users_throttle WHERE last_failure < :old AND (failures > 0 OR last_failure < :unknown)",
            {"old": int(time.time()) - 86400, "unknown": int(time.time()) - throttle.KNOWN_FOR},
        )

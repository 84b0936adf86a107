"""Parts of addresses that are too long for an address: selections of records, conditions, ways back."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from core import api, fields, models

#: So long a part is stored after a page last linked to it.
DAYS = 90
#: So many characters are stored for one user within 24 hours: some 300 selections of 10,000 records.
DAILY = 20_000_000

logger = logging.getLogger(__name__)


class WebAddressPart(models.Model):
    """A text that stands in addresses by its key, which is a hash of it: one text has one row."""

    _name = "web.address.part"
    _description = "Part of an Address"
    _order = "id desc"
    _log_access = False

    key = fields.Char(required=True, copy=False)
    text = fields.Text(required=True)
    used = fields.Datetime(required=True, default=fields.Datetime.now, index=True, help="When a page last linked to it")
    created = fields.Datetime(default=fields.Datetime.now)
    size = fields.Integer(help="Characters")
    user_id = fields.Many2one("res.users", ondelete="set null", index=True, help="Whose page first linked to it")

    _key_unique = models.UniqueIndex("(key)", "This part of an address is stored already.")

    @api.model
    def _store(self, texts: Mapping[str, str], uid: int = 0) -> None:
        """Store texts under their keys; of those that are stored already the time of use is renewed.

        Beyond `DAILY` new characters of one user nothing more is stored, with a line in the log: their links say that
        the selection is no longer stored.

        Args:
            uid: the user whose page links to them; 0 for the server.
        """
        self.env.flush_all()
        now = fields.Datetime.now()
        rows = [
            {"key": key, "text": text, "used": now, "size": len(text), "user_id": uid or None}
            for key, text in sorted(texts.items())
        ]
        if uid:
            rows = self._within_bounds(rows, uid)
        if rows:
            self.env.cr.execute(
                "INSERT INTO web_address_part (key, text, used, created, size, user_id)"
                " VALUES (:key, :text, :used, :used, :size, :user_id)"
                " ON CONFLICT (key) DO UPDATE SET used = excluded.used",
                rows,
            )

    def _within_bounds(self, rows: list[dict[str, Any]], uid: int) -> list[dict[str, Any]]:
        """Those of the rows that are stored already, and as many new ones as the user may still have stored today."""
        known = self._texts(row["key"] for row in rows)
        today = [("user_id", "=", uid), ("created", ">", fields.Datetime.now() - timedelta(days=1))]
        [(taken,)] = self.sudo()._read_group(today, [], ["size:sum"])
        left = DAILY - int(taken or 0)
        kept = []
        for row in rows:
            if row["key"] not in known:
                left -= row["size"]
                if left < 0:
                    logger.warning("User %s had %s characters of addresses stored within a day: no more.", uid, DAILY)
                    continue
            kept.append(row)
        return kept

    @api.model
    def _texts(self, keys: Iterable[str]) -> dict[str, str]:
        """Key -> text of those of `keys` that are stored."""
        return {part.key: part.text for part in self.sudo().search([("key", "in", list(keys))])}

    @api.autovacuum
    def _gc_old(self) -> None:
        self.sudo().search([("used", "<", fields.Datetime.now() - timedelta(days=DAYS))]).unlink()

"""Parts of addresses that are too long for an address: selections of records, conditions, ways back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from core import api, fields, models

#: So long a part is stored after a page last linked to it.
DAYS = 90


class WebAddressPart(models.Model):
    """A text that stands in addresses by its key, which is a hash of it: one text has one row."""

    _name = "web.address.part"
    _description = "Part of an Address"
    _order = "id desc"
    _log_access = False

    key = fields.Char(required=True, copy=False)
    text = fields.Text(required=True)
    used = fields.Datetime(required=True, default=fields.Datetime.now, index=True, help="When a page last linked to it")

    _key_unique = models.UniqueIndex("(key)", "This part of an address is stored already.")

    @api.model
    def _store(self, texts: Mapping[str, str]) -> None:
        """Store texts under their keys; of those that are stored already the time of use is renewed."""
        self.env.flush_all()
        now = fields.Datetime.now()
        self.env.cr.execute(
            "INSERT INTO web_address_part (key, text, used) VALUES (:key, :text, :used)"
            " ON CONFLICT (key) DO UPDATE SET used = excluded.used",
            [{"key": key, "text": text, "used": now} for key, text in sorted(texts.items())],
        )

    @api.model
    def _texts(self, keys: Iterable[str]) -> dict[str, str]:
        """Key -> text of those of `keys` that are stored."""
        return {part.key: part.text for part in self.sudo().search([("key", "in", list(keys))])}

    @api.autovacuum
    def _gc_old(self) -> None:
        self.sudo().search([("used", "<", fields.Datetime.now() - timedelta(days=DAYS))]).unlink()

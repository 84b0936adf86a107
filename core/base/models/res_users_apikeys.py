"""API keys: passwords for programs, each for one purpose, revocable one by one."""

from __future__ import annotations

import datetime

from core import api, fields, models
from core.api import _
from core.base.services import access, passwords
from core.exceptions import AccessError, UserError


class ResUsersApikeys(models.Model):
    """A key of a user. Only its hash is kept: the key itself is shown once, when it is made."""

    _name = "res.users.apikeys"
    _description = "API Key"
    _order = "id desc"

    name = fields.Char(string="Description", required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="User", required=True, readonly=True, index=True, ondelete="cascade")
    scope = fields.Char(readonly=True, help="What the key is good for; empty: everything")
    expiration_date = fields.Datetime(string="Expires", readonly=True)
    last_use = fields.Date(string="Last Use", readonly=True)
    index = fields.Char(string="Key begins with", required=True, readonly=True)
    key = fields.Char(groups=access.NOBODY, required=True, copy=False, prefetch=False)

    _index_of_key = models.Index("(index)")

    @api.model
    def _generate(self, scope: str | None, name: str, expiration_date: datetime.datetime | None = None) -> str:
        """Make a key for the current user and return it: the only time that it can be seen.

        Raises:
            UserError: without a description, or when the user's groups demand an earlier end.
        """
        if not (name or "").strip():
            raise UserError(_("Say what the key is for."))
        user = self.env.user.sudo()
        self._check_expiration(user, expiration_date)
        key = passwords.new_key()
        self.sudo().create(
            {
                "name": name.strip(),
                "user_id": user.id,
                "scope": scope or False,
                "expiration_date": expiration_date or False,
                "index": passwords.key_index(key),
                "key": passwords.hash_key(key),
            }
        )
        return key

    def _check_expiration(self, user: models.Model, expiration_date: datetime.datetime | None) -> None:
        limits = [group.api_key_duration for group in user.all_group_ids if group.api_key_duration]
        if not limits or user._is_admin():
            return
        latest = fields.Datetime.now() + datetime.timedelta(days=max(limits))
        if not expiration_date or expiration_date > latest:
            raise UserError(
                _("Your keys may be valid for %(days)g days at most.", days=max(limits)),
                code="base.key_duration",
                data={"days": max(limits)},
            )

    @api.model
    def _check_credentials(self, *, scope: str, key: str) -> int | None:
        """Return the id of the active user whose valid key this is, or None."""
        return self._user_of(scope, key)

    @api.model
    def _user_of(self, scope: str, key: str) -> int | None:
        if not key:
            return None
        domain = [("index", "=", passwords.key_index(key)), ("user_id.active", "=", True)]
        today, now = fields.Date.today(), fields.Datetime.now()
        for row in self.sudo().search(domain):
            fits = not row.scope or row.scope == scope
            alive = not row.expiration_date or row.expiration_date > now
            if fits and alive and passwords.verify_key(row.key, key):
                if row.last_use != today and not self.env.cr.readonly:
                    row.last_use = today
                return row.user_id.id
        return None

    @api.public(any_user=True)
    def remove(self) -> None:
        """Revoke the keys: one's own, or as an administrator those of any user."""
        if not self.env.su and not self.env.is_admin() and self.sudo().user_id - self.env.user:
            raise AccessError(_("You may only revoke your own keys."), code="base.key_of_other_user")
        self.sudo().unlink()

    @api.autovacuum
    def _remove_expired(self) -> None:
        self.sudo().search([("expiration_date", "<", fields.Datetime.now())]).unlink()

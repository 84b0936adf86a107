"""API keys: passwords for programs, each for one purpose, revocable one by one."""

from __future__ import annotations

import datetime

from core import api, fields, models
from core.api import _
from core.base.services import access, audit, passwords
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
            UserError: without a description, when the user's groups demand an earlier end, or when the call was made
                with a key that ends earlier or is good for less.
        """
        if not (name or "").strip():
            raise UserError(_("Say what the key is for."))
        user = self.env.user.sudo()
        self._check_expiration(user, expiration_date)
        self._check_parent(scope, expiration_date)
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

    def _check_parent(self, scope: str | None, expiration_date: datetime.datetime | None) -> None:
        """Refuse a key that would live longer or be good for more than the key that makes it."""
        parent = self.sudo().browse(self.env.client.key_id).exists()
        if not parent:
            return
        longer = parent.expiration_date and (not expiration_date or expiration_date > parent.expiration_date)
        if longer or (parent.scope and scope != parent.scope):
            raise UserError(
                _("A key cannot make keys that are valid longer than itself, or for more."), code="base.key_of_key"
            )

    @api.model
    def _check_credentials(self, *, scope: str, key: str) -> int | None:
        """Return the id of the active user whose valid key this is, or None."""
        return self._find_key(scope, key).user_id.id or None

    @api.model
    def _find_key(self, scope: str, key: str) -> ResUsersApikeys:
        """Return the row of a valid key of an active user, with all rights; an empty one for anything else."""
        found = self._rows_of(key).filtered(lambda row: not row._why_refused(scope))[:1]
        today = fields.Date.today()
        if found and found.last_use != today and not self.env.cr.readonly:
            found.last_use = today
        return found

    @api.model
    def _record_refusal(self, scope: str, key: str) -> None:
        """Write into the audit log that a key was refused, and why. Ask the throttle first, or the log is filled."""
        rows = self._rows_of(key)
        for row in rows:
            reason = f"{row.index}: {row._why_refused(scope)}"
            audit.record_refusal(self.env, "key_refused", login=row.user_id.login, user=row.user_id, reason=reason)
        if not rows:
            audit.record_refusal(self.env, "key_refused", reason="no such key")

    @api.model
    def _rows_of(self, key: str) -> ResUsersApikeys:
        """Return the rows of active users whose key this is, valid or not."""
        rows = self.sudo()
        if not passwords.looks_like_key(key):
            return rows
        rows = rows.search([("index", "=", passwords.key_index(key)), ("user_id.active", "=", True)])
        return rows.filtered(lambda row: passwords.verify_key(row.key, key))

    def _why_refused(self, scope: str) -> str:
        """Return why this key does not open `scope`; an empty text where it does."""
        if not self._is_alive():
            return "expired"
        return f"scope {self.scope}, not {scope}" if self.scope and self.scope != scope else ""

    def _is_alive(self) -> bool:
        return not self.expiration_date or self.expiration_date > fields.Datetime.now()

    @api.public(any_user=True)
    @api.check_identity
    def remove(self) -> None:
        """Revoke the keys: one's own, or as an administrator those of any user. Sessions opened with them end."""
        if not self.env.su and not self.env.is_admin() and self.sudo().user_id - self.env.user:
            raise AccessError(_("You may only revoke your own keys."), code="base.key_of_other_user")
        self.sudo().unlink()

    def unlink(self) -> bool:
        """Delete the rows. Raises IdentityRequired as `remove` does."""
        if not self.env.su:
            self.env["res.users"]._require_identity()
        return super().unlink()

    @api.autovacuum
    def _remove_expired(self) -> None:
        self.sudo().search([("expiration_date", "<", fields.Datetime.now())]).unlink()

"""Browser sessions: who is signed in where. The browser holds a random token, this table only its digest."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from core import api, fields, models


class WebSession(models.Model):
    """One signed-in browser. Signing out, an archived user or a new password ends it at once.

    ``credentials`` ties it to the user's password as it was; see ``res.users._session_token``.
    """

    _name = "web.session"
    _description = "Browser Session"
    _order = "id desc"
    _eager = True
    _log_access = False

    digest = fields.Char(required=True, copy=False)
    user_id = fields.Many2one("res.users", string="User", required=True, ondelete="cascade", index=True)
    credentials = fields.Char(required=True, copy=False)
    created = fields.Datetime(required=True, default=fields.Datetime.now)
    expires = fields.Datetime(required=True)
    address = fields.Char(help="Where the browser signed in from")
    agent = fields.Char(help="What the browser calls itself")

    _digest_unique = models.UniqueIndex("(digest)", "Two sessions cannot have the same token.")

    @api.model
    def _open(self, user: Any, hours: int, *, address: str = "", agent: str = "") -> str:
        """Sign `user` in for `hours` and return the new session's token, which is kept nowhere."""
        token = secrets.token_urlsafe(32)
        self.sudo().create(
            {
                "digest": _digest(token),
                "user_id": user.id,
                "credentials": user._session_token(_digest(token)),
                "expires": fields.Datetime.now() + timedelta(hours=hours),
                "address": address[:64],
                "agent": agent[:200],
            }
        )
        return token

    @api.model
    def _find(self, token: str) -> WebSession:
        """The running session that `token` opens, or none."""
        session = self.sudo().search(
            [("digest", "=", _digest(token)), ("expires", ">", fields.Datetime.now())], limit=1
        )
        user = session.user_id
        if not session or not user.active or session.credentials != user._session_token(session.digest):
            return self.browse()
        return session

    def _prolong(self, hours: int) -> None:
        """Let the session run on for `hours` from now; asked often, it writes at most once an hour."""
        until = fields.Datetime.now() + timedelta(hours=hours)
        if self and until - self.expires > timedelta(hours=1):
            self.expires = until

    @api.autovacuum
    def _gc_expired(self) -> None:
        self.sudo().search([("expires", "<", fields.Datetime.now())]).unlink()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

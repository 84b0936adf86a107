"""Browser sessions: who is signed in where. The browser holds a random token, this table only its digest."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from ua_parser import parse

from core import api, fields, models
from core.api import _
from core.base.services import access
from core.exceptions import AccessError

#: How long the password counts as given: for what `api.check_identity` guards.
CONFIRMED_FOR = timedelta(minutes=10)
#: The longest life of a session of which the settings said nothing.
LONGEST = timedelta(days=30)
#: How exactly it is known when a session was last used.
SEEN_EVERY = timedelta(minutes=5)
#: Where the token of a session is found that changed it in this transaction, for the cookie.
_NEW_TOKEN = "web.session token"


class WebSession(models.Model):
    """One signed-in browser or program. Signing out, an archived user, a new password or the end of its key ends it.

    It ends by itself when it was idle for long (``expires``, moved with use), and at ``ends`` however much it is used.
    ``credentials`` ties it to the user's password as it was; see ``res.users._session_token``.
    """

    _name = "web.session"
    _description = "Device"
    _order = "last_activity desc, id desc"
    _rec_name = "browser"
    _eager = True
    _log_access = False

    digest = fields.Char(required=True, copy=False, groups=access.NOBODY)
    user_id = fields.Many2one("res.users", string="User", required=True, readonly=True, ondelete="cascade", index=True)
    credentials = fields.Char(required=True, copy=False, groups=access.NOBODY)
    key_id = fields.Many2one(
        "res.users.apikeys",
        string="API Key",
        readonly=True,
        ondelete="cascade",
        index=True,
        help="The key that it was opened with; such a session is for programs, not for pages",
    )
    created = fields.Datetime(string="Signed In", required=True, readonly=True, default=fields.Datetime.now)
    expires = fields.Datetime(required=True, readonly=True, help="When it ends unless it is used before")
    ends = fields.Datetime(readonly=True, help="When it ends at the latest")
    last_activity = fields.Datetime(string="Last Used", readonly=True)
    confirmed_at = fields.Datetime(groups=access.NOBODY, copy=False, help="When the password was given last")
    address = fields.Char(string="Network Address", readonly=True, help="Where it signed in from")
    agent = fields.Char(readonly=True, help="What the browser calls itself")
    browser = fields.Char(compute="_compute_browser")
    platform = fields.Char(string="System", compute="_compute_browser")
    is_current = fields.Boolean(string="This Device", compute="_compute_is_current")

    _digest_unique = models.UniqueIndex("(digest)", "Two sessions cannot have the same token.")

    @api.depends("agent")
    def _compute_browser(self) -> None:
        for session in self:
            session.browser, session.platform = _device(session.agent or "")

    @api.depends_context("uid")
    def _compute_is_current(self) -> None:
        for session in self:
            session.is_current = session.id == self.env.client.session_id

    @api.model
    def _open(
        self, user: Any, hours: int, *, address: str = "", agent: str = "", key: Any = None, days: int = LONGEST.days
    ) -> str:
        """Sign `user` in and return the new session's token, which is kept nowhere.

        Args:
            hours: after which it ends when it is not used.
            days: after which it ends at the latest; before that where `key` ends.
            key: the ``res.users.apikeys`` that was used in place of a password.
        """
        token, now = secrets.token_urlsafe(32), fields.Datetime.now()
        ends = now + timedelta(days=days)
        if key and key.expiration_date:
            ends = min(ends, key.expiration_date)
        self.sudo().create(
            {
                "digest": _digest(token),
                "user_id": user.id,
                "credentials": user._session_token(_digest(token)),
                "key_id": key.id if key else False,
                "expires": min(now + timedelta(hours=hours), ends),
                "ends": ends,
                "last_activity": now,
                "confirmed_at": False if key else now,
                "address": address[:64],
                "agent": agent[:200],
            }
        )
        return token

    @api.model
    def _find(self, token: str, *, pages: bool = False) -> WebSession:
        """The running session that `token` opens, or none.

        Args:
            pages: for the pages, which a session opened with an API key does not show.
        """
        session = self.sudo().search(
            [("digest", "=", _digest(token)), ("expires", ">", fields.Datetime.now())], limit=1
        )
        user = session.user_id
        if not session or not user.active or session.credentials != user._session_token(session.digest):
            return self.browse()
        if session.key_id and (pages or not session.key_id._is_alive()):
            return self.browse()
        return session

    def _needs_noting(self) -> bool:
        """Whether its last use is so long ago that it has to be written down."""
        return bool(self) and (not self.last_activity or fields.Datetime.now() - self.last_activity > SEEN_EVERY)

    def _prolong(self, hours: int) -> None:
        """Note that it is used, and let it run on for `hours` from now, not beyond its end.

        Asked with every request, it writes every few minutes only.
        """
        if self._needs_noting():
            now = fields.Datetime.now()
            until = now + timedelta(hours=hours)
            ends = self.ends or self.created + LONGEST  # of before sessions had an end
            self.write({"last_activity": now, "expires": min(until, ends), "ends": ends})

    # ----------------------------------------------------------------- identity

    def _is_confirmed(self) -> bool:
        """Whether the password was given within the last minutes."""
        return bool(self.confirmed_at) and fields.Datetime.now() - self.confirmed_at < CONFIRMED_FOR

    def _confirm(self) -> None:
        """Note that the password was given just now. The session gets another token: see `_new_token`."""
        self.confirmed_at = fields.Datetime.now()
        self._rotate()

    def _rotate(self) -> None:
        token = secrets.token_urlsafe(32)
        self.digest = _digest(token)
        self._tie_to_credentials()
        self.env._transaction.memo[_NEW_TOKEN] = token

    @api.model
    def _new_token(self) -> str:
        """The token that the session of this request has from now on; empty where it keeps its own."""
        return str(self.env._transaction.memo.get(_NEW_TOKEN, ""))

    def _tie_to_credentials(self) -> None:
        """Let the sessions go on with the credentials that their users have now."""
        for session in self:
            session.credentials = session.user_id._session_token(session.digest)

    # ---------------------------------------------------------------------- end

    @api.public(access="read")
    @api.check_identity
    def revoke(self) -> None:
        """End these sessions: one's own, or as an administrator those of any user."""
        if not self.env.is_admin() and self.sudo().user_id - self.env.user:
            raise AccessError(_("You may only end your own sessions."), code="base.session_of_other_user")
        self.sudo().unlink()

    @api.autovacuum
    def _gc_expired(self) -> None:
        table = self.env.registry.table(self._name)
        self.env.execute(sa.delete(table).where(table.c.expires < fields.Datetime.now()))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=256)
def _device(agent: str) -> tuple[str, str]:
    """The browser (or program) and the system behind a User-Agent header."""
    found = parse(agent) if agent else None
    browser = found.user_agent.family if found and found.user_agent else agent.partition("/")[0][:40]
    return browser or str(_("Unknown")), found.os.family if found and found.os else ""

"""What users prove who they are with: passwords, API keys, and the sessions that follow from them."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, NamedTuple

from core import api, fields, models
from core.api import _
from core.base.services import access, audit, passwords, throttle
from core.db.text_match import escape_like
from core.exceptions import AccessDenied, AccessError, IdentityRequired, UserError

SUPERUSER_ID = 1
#: The system parameter behind the setting.
MINIMUM_LENGTH = "auth_password_policy.minlength"


class VerifiedCredential(NamedTuple):
    """Whose secret it was, and which API key; an empty one for a password."""

    user: Any
    key: Any


class ResUsersCredentials(models.AbstractModel):
    """The credentials of a user; a part of ``res.users``."""

    _name = "res.users.credentials"
    _description = "Credentials"

    password = fields.Char(
        compute="_compute_password", inverse="_inverse_password", copy=False, help="Write only: it always reads empty"
    )
    new_password = fields.Char(
        string="Set Password",
        compute="_compute_password",
        inverse="_inverse_new_password",
        copy=False,
        help="Leave empty to keep the present password",
    )
    keep_api_keys = fields.Boolean(
        string="Keep API Keys",
        compute="_compute_password",
        inverse="_inverse_keep_api_keys",
        copy=False,
        help="When a password is set: programs of the user keep their access. Otherwise their API keys are removed",
    )
    password_hash = fields.Char(groups=access.NOBODY, copy=False, prefetch=False)
    api_key_ids = fields.One2many("res.users.apikeys", "user_id", string="API Keys", groups=access.USER_MANAGERS)
    device_ids = fields.One2many("web.session", "user_id", string="Devices", groups=access.USER_MANAGERS)

    # ---------------------------------------------------------------- passwords

    def _compute_password(self) -> None:
        for user in self:
            user.password = user.new_password = ""
            user.keep_api_keys = False

    def _inverse_password(self) -> None:
        for user in self.filtered("password"):
            user._set_password(user.password)

    def _inverse_keep_api_keys(self) -> None:
        """Nothing by itself: `write` reads it beside the new password."""

    def _inverse_new_password(self) -> None:
        for user in self.filtered("new_password"):
            user._reset_password(user.new_password)

    def write(self, vals: dict[str, Any]) -> bool:
        """Write; a new password set by an administrator keeps the API keys where `keep_api_keys` says so."""
        password = vals.get("new_password")
        if not (password and vals.get("keep_api_keys")):
            return super().write(vals)
        result = super().write({**vals, "new_password": ""})
        for user in self:
            user._reset_password(password, keep_api_keys=True)
        return result

    def _reset_password(self, password: str, *, keep_api_keys: bool = False) -> None:
        if self == self.env.user:
            raise UserError(_("Use “Change Password” in your preferences to change your own password."))
        self._set_password(password, keep_api_keys=keep_api_keys)

    def _check_new_password(self, password: str) -> None:
        """Refuse a password that breaks the rules (`services/passwords.py`) for this user."""
        self.ensure_one()
        user = self.sudo()
        words = [user.login or "", *(user.name or "").split()]
        passwords.check_password(password, minimum=self._minimum_password_length(), words=words)

    def _is_acceptable(self, password: str) -> bool:
        """Return whether the password follows the rules; those of before they were there go on signing in."""
        try:
            self._check_new_password(password)
        except UserError:
            return False
        return True

    @api.model
    def _minimum_password_length(self) -> int:
        text = str(self.env["ir.config_parameter"].sudo().get_param(MINIMUM_LENGTH) or "")
        wanted = int(text) if text.isdecimal() else 0
        return min(max(wanted, passwords.MINIMUM_LENGTH), passwords.LARGEST_MINIMUM)

    def _set_password(self, password: str, *, keep_api_keys: bool = False) -> None:
        """Set a new password; API keys and all sessions but the one that asks for it end.

        Raises:
            UserError: the password breaks the rules.
        """
        self._check_new_password(password)
        self._store_password(password)
        self._end_access(keep_api_keys=keep_api_keys)

    def _store_password(self, password: str) -> None:
        """Set a password without asking the rules: for the known ones of demo data and tests."""
        self.sudo().write({"password_hash": passwords.hash_password(password)})

    def _end_access(self, *, keep_api_keys: bool = False) -> None:
        """End the sessions of these users but the one that asks for it, and their API keys."""
        if not keep_api_keys:
            self.env["res.users.apikeys"].sudo().search([("user_id", "in", self.ids)]).unlink()
        sessions = self.env["web.session"].sudo().search([("user_id", "in", self.ids)])
        own = sessions.filtered(lambda session: session.id == self.env.client.session_id)
        (sessions - own).unlink()
        own._tie_to_credentials()

    @api.public(any_user=True)
    @api.model
    def change_password(self, old_passwd: api.Text, new_passwd: api.Text) -> bool:
        """Change the current user's own password; the old one is asked for again.

        Raises:
            AccessDenied: the old password is wrong, or was too often.
            UserError: the new one breaks the rules.
        """
        self._confirm_password(old_passwd)
        self.env.user.sudo()._set_password(new_passwd)
        return True

    @api.public(any_user=True)
    def preference_change_password(self) -> models.Model:
        """Return the dialog in which the current user changes their own password."""
        return self.env["change.password.own"].create({})

    # --------------------------------------------------------------- signing in

    @api.private
    @api.model
    def authenticate(self, login: str, password: str, source: str = "", *, interactive: bool = False) -> Any:
        """Return the user who has this login and password. See `_authenticate`."""
        return self._authenticate(login, password, source, interactive=interactive).user

    @api.model
    def _authenticate(self, login: str, secret: str, source: str, *, interactive: bool) -> VerifiedCredential:
        """Verify login and password (or key). Whether a person must give a code as well is the caller's to ask.

        Args:
            login: as typed; surrounding spaces and case do not matter.
            secret: the password; unless `interactive` an API key of the user with scope "rpc" or without one.
            source: the network address of the request; failures are counted by login and source.
            interactive: a person signs in to the pages.

        Raises:
            AccessDenied: wrong login or password, without saying which; too many failures before; or a program
                that sends the password of a user with a second factor.
        """
        login = (login or "").strip()
        user = self.sudo()._find_login(login)
        credential = self._verify(user, login, secret, source, interactive=interactive)
        if not self.env.cr.readonly:
            user._note_login()
        return credential._replace(user=user.with_user(user.id))

    @api.model
    def _verify(self, user: Any, login: str, secret: str, source: str, *, interactive: bool) -> VerifiedCredential:
        """Verify a secret of `user` (empty: there is no such user), counting failures. See `_authenticate`."""
        keys = self.env["res.users.apikeys"]
        # A key cannot be guessed, so a valid one never waits for the mistakes of others.
        key = keys._find_key("rpc", secret) if user and not interactive else keys
        if key and key.user_id == user:
            return VerifiedCredential(user, key)
        self._check_throttle(login, source)
        if not user._accepts(secret):
            throttle.failed(self.env, login, source)
            reason = "no such login" if not user else "wrong password" if user.password_hash else "no password set"
            audit.record_refusal(self.env, "sign_in_refused", login=login, user=user, reason=reason)
            raise AccessDenied(_("Wrong login or password."))
        if not interactive and (user.totp_enabled or user._totp_required()):
            self._check_throttle(login, source, "program")
            throttle.failed(self.env, login, source, "program")
            audit.record_refusal(
                self.env, "sign_in_refused", login=login, user=user, reason="password without second factor"
            )
            raise AccessDenied(
                _("This user signs in with a second factor. Programs use an API key in place of the password."),
                code="base.api_key_needed",
            )
        if not self.env.cr.readonly:
            throttle.succeeded(self.env, login, source)
        return VerifiedCredential(user, keys.sudo())

    @api.model
    def _check_throttle(self, login: str, source: str, kind: throttle.Kind = "sign_in") -> None:
        try:
            throttle.check(self.env, login, source, kind)
        except AccessDenied as error:
            audit.record_throttling(self.env, login=login, reason=f"{kind}, {error.data.get('retry_after')} seconds")
            raise

    def _check_credentials(self, password: str) -> None:
        """Raise AccessDenied unless `password` is this user's. Failures are not counted: see `_confirm_password`."""
        self.ensure_one()
        if not self.sudo()._accepts(password):
            raise AccessDenied(_("Wrong login or password."))

    @api.model
    def _find_login(self, login: str) -> Any:
        users = self.search([("login", "=", login), ("id", "!=", SUPERUSER_ID)], limit=1)
        return users or self.search([("login", "=ilike", escape_like(login)), ("id", "!=", SUPERUSER_ID)], limit=1)

    def _accepts(self, password: str) -> bool:
        """Return whether the password is right; takes as long for a user that does not exist."""
        if not passwords.verify_password(self.password_hash if self else None, password or ""):
            return False
        if passwords.needs_rehash(self.password_hash) and not self.env.cr.readonly:
            # Not a change of the password: written without the entry in the audit log.
            self.env.flush_all()
            values = {"hash": passwords.hash_password(password), "id": self.id}
            self.env.execute("UPDATE res_users SET password_hash = :hash WHERE id = :id", values)
            self.invalidate_recordset(["password_hash"])
        return True

    def _note_login(self) -> None:
        """Remember when the user last came; once a minute is enough and spares concurrent logins a conflict."""
        now = fields.Datetime.now()
        if not self.login_date or (now - self.login_date).total_seconds() > 60:
            super(ResUsersCredentials, self.sudo()).write({"login_date": now})

    def _session_token(self, sid: str) -> str:
        """Return the token that ties a session to the user's present credentials: a new password ends all sessions."""
        self.ensure_one()
        user = self.sudo()
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret") or ""
        text = "\n".join([sid, str(user.id), user.login, user.password_hash or "", str(user.active)])
        return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    # ----------------------------------------------------------------- identity

    @api.model
    def _confirm_password(self, password: str) -> None:
        """Verify the current user's password anew, in an open session. Failures make the next attempts wait.

        Raises:
            AccessDenied: it is wrong, or was too often.
        """
        user = self.env.user.sudo()
        self._check_throttle(str(user.id), self.env.client.source, "identity")
        if not user._accepts(password):
            throttle.failed(self.env, str(user.id), self.env.client.source, "identity")
            audit.record_refusal(self.env, "identity_refused", login=user.login, user=user, reason="wrong password")
            raise AccessDenied(_("This is not your present password."), code="base.wrong_password")
        throttle.succeeded(self.env, str(user.id), self.env.client.source, "identity")

    @api.model
    def _confirm_identity(self, password: str) -> None:
        """Verify the current user's password anew and note in the session that it was given."""
        self._confirm_password(password)
        self.env["web.session"].sudo().browse(self.env.client.session_id).exists()._confirm()
        audit.record(self.env, "identity_confirmed", self.env.user)

    @api.model
    def _require_identity(self, *, key_suffices: bool = False) -> None:
        """Refuse unless the current user has given the password within the last minutes, or with this very call.

        The server's own work passes. See `api.check_identity`.

        Args:
            key_suffices: what is asked for is for programs too: an API key stands for the password.

        Raises:
            IdentityRequired: the web client asks for the password then and repeats what was asked for.
        """
        client = self.env.client
        if client.credential in ("", "password") or (key_suffices and client.credential == "key"):
            return
        if client.credential == "key":
            raise IdentityRequired(
                _(
                    "This asks for the password, which an API key does not replace. Sign in to the web client, or call"
                    " it by XML-RPC or JSON-RPC with the password."
                )
            )
        if not self.env["web.session"].sudo().browse(client.session_id)._is_confirmed():
            raise IdentityRequired(
                _(
                    "Confirm that it is you: enter your password. Programs call res.users.identitycheck: create it"
                    " with the password, then call run_check."
                )
            )

    # ---------------------------------------------------------- keys and devices

    @api.public(any_user=True)
    @api.check_identity
    def api_key_wizard(self) -> models.Model:
        """Return the dialog that makes an API key for the current user."""
        return self.env["res.users.apikeys.description"].create({"name": _("External program")})

    @api.public(any_user=True)
    @api.check_identity
    def action_revoke_all_devices(self) -> None:
        """End all sessions of these users but the one that asks for it: one's own, or as an administrator others'."""
        if not self.env.is_admin():
            self._only_own()
        self.env["web.session"].sudo().search(
            [("user_id", "in", self.ids), ("id", "!=", self.env.client.session_id)]
        ).unlink()

    def _only_own(self) -> None:
        """Raise AccessError when these are not the current user."""
        if self.ids != [self.env.uid]:
            raise AccessError(_("You may do this for yourself only."), code="base.own_credentials_only")

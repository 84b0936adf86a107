"""Users: who may sign in, as what, in which companies, and the credentials that prove it."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any, NamedTuple

from core import api, fields, models
from core.api import _
from core.base.services import access, audit, passwords, throttle, totp
from core.db.text_match import escape_like
from core.exceptions import AccessDenied, AccessError, IdentityRequired, UserError, ValidationError

SUPERUSER_ID = 1
#: What users may read of and change about themselves whatever their rights.
SELF_WRITABLE = {
    "name", "email", "phone", "signature", "lang", "tz", "company_id", "notification_type", "action_id",
}  # fmt: skip
#: What decides who can sign in as whom, with which rights.
GUARDED = {"login", "password", "new_password", "password_hash", "active", "group_ids", "role", "partner_id"}
#: What the password is asked for again: an open session that is found must not give more than itself.
CONFIRMED = GUARDED - {"partner_id"}
#: What no API key writes on users that are there: it would be worth more than itself.
SECRETS = {"password", "new_password", "password_hash"}

#: The system parameters behind the settings of passwords and of the second factor.
MINIMUM_LENGTH = "auth_password_policy.minlength"
TOTP_POLICY = "auth_totp.policy"


class VerifiedCredential(NamedTuple):
    """Whose secret it was, and which API key; an empty one for a password."""

    user: Any
    key: Any


class ResUsers(models.Model):
    """A login, delegating name and address to its partner."""

    _name = "res.users"
    _kept = True
    _inherit = ["cached.mixin"]
    _description = "User"
    _company_field = "company_ids"
    _order = "name, login"
    _inherits = {"res.partner": "partner_id"}
    _rec_names_search = ("name", "login")

    partner_id = fields.Many2one(
        "res.partner", string="Related Partner", required=True, ondelete="restrict", index=True
    )
    login = fields.Char(required=True, help="Used to sign in", groups=access.USER_MANAGERS)
    active = fields.Boolean(default=True)
    active_partner = fields.Boolean(related="partner_id.active", string="Partner is Active")
    signature = fields.Html(string="Email Signature", groups=access.USER_MANAGERS)
    notification_type = fields.Selection(
        [("email", "By Emails"), ("inbox", "In the Program")],
        string="Notification",
        required=True,
        default="email",
        groups=access.USER_MANAGERS,
    )
    action_id = fields.Many2one(
        "ir.actions.act_window", string="Home Action", ondelete="set null", groups=access.USER_MANAGERS
    )
    login_date = fields.Datetime(string="Latest Login", readonly=True, copy=False, groups=access.USER_MANAGERS)

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
    totp_secret = fields.Char(groups=access.NOBODY, copy=False, prefetch=False)
    totp_last_counter = fields.Integer(groups=access.NOBODY, copy=False, prefetch=False, help="Step of the last code")
    totp_recovery_codes = fields.Text(
        groups=access.NOBODY, copy=False, prefetch=False, help="Digests of the recovery codes left, as JSON"
    )
    totp_enabled = fields.Boolean(
        string="Two-Factor Authentication",
        compute="_compute_totp_enabled",
        search="_search_totp_enabled",
        groups=access.USER_MANAGERS,
    )
    totp_recovery_left = fields.Integer(
        string="Recovery Codes Left", compute="_compute_totp_enabled", groups=access.USER_MANAGERS
    )

    group_ids = fields.Many2many(
        "res.groups",
        "res_groups_users_rel",
        "uid",
        "gid",
        string="Groups",
        default=lambda self: self._default_groups(),
        groups=access.USER_MANAGERS,
    )
    all_group_ids = fields.Many2many(
        "res.groups", string="Groups and Implied Groups", compute="_compute_all_group_ids", groups=access.USER_MANAGERS
    )
    share = fields.Boolean(
        string="Share User", compute="_compute_share", help="An outsider who sees what is shared with them"
    )
    role = fields.Selection(
        [("group_user", "User"), ("group_system", "Administrator")],
        compute="_compute_role",
        inverse="_inverse_role",
        groups=access.USER_MANAGERS,
    )
    company_id = fields.Many2one(
        "res.company",
        string="Company",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
        help="The company that the user starts in",
    )
    company_ids = fields.Many2many(
        "res.company",
        "res_company_users_rel",
        "user_id",
        "cid",
        string="Companies",
        default=lambda self: self.env.company,
        help="The companies that the user may work in",
        groups=access.USER_MANAGERS,
    )
    companies_count = fields.Integer(
        string="Number of Companies", compute="_compute_companies_count", groups=access.USER_MANAGERS
    )

    _login_unique = models.UniqueIndex("(login)", "There is already a user with this login.")

    def _default_groups(self) -> Any:
        return self.env.ref("base.group_user", raise_if_not_found=False) or self.env["res.groups"]

    # ----------------------------------------------------------------- computed

    @api.depends("group_ids.all_implied_ids")
    def _compute_all_group_ids(self) -> None:
        for user in self:
            user.all_group_ids = self.env["res.groups"].browse(
                sorted(access.implied_groups(self.env, user.group_ids._origin.ids))
            )

    @api.depends("group_ids")
    def _compute_share(self) -> None:
        employees = access.group_id(self.env, access.EMPLOYEE)
        for user in self:
            user.share = employees not in access.implied_groups(self.env, user.group_ids._origin.ids)

    @api.depends("group_ids")
    def _compute_role(self) -> None:
        system = access.group_id(self.env, "base.group_system")
        employees = access.group_id(self.env, access.EMPLOYEE)
        for user in self:
            groups = access.implied_groups(self.env, user.group_ids._origin.ids)
            user.role = "group_system" if system in groups else "group_user" if employees in groups else False

    def _inverse_role(self) -> None:
        system, employee = self.env.ref("base.group_system"), self.env.ref(access.EMPLOYEE)
        for user in self.filtered("role"):
            wanted, other = (system, employee) if user.role == "group_system" else (employee, system)
            user.group_ids = [api.Command.unlink(other.id), api.Command.link(wanted.id)]

    @api.depends("company_ids")
    def _compute_companies_count(self) -> None:
        for user in self:
            user.companies_count = len(user.company_ids)

    # -------------------------------------------------------------------- rules

    @api.constrains("company_id", "company_ids", "active")
    def _check_own_company(self) -> None:
        for user in self.filtered("active"):
            if user.company_id not in user.company_ids:
                raise ValidationError(
                    _(
                        "%(company)s is not among the companies that %(user)s may work in.",
                        company=user.company_id.name,
                        user=user.name,
                    ),
                    fields=["company_id"],
                    code="base.company_of_user",
                    data={
                        "company": user.company_id.name,
                        "user": user.name,
                    },
                )

    @api.constrains("group_ids", "active")
    def _check_an_administrator_is_left(self) -> None:
        """Nobody may lock everybody out. The system's own user does not count, it cannot sign in."""
        self.env.flush_all()
        system = access.group_id(self.env, "base.group_system")
        if not system or self.ids == [SUPERUSER_ID]:
            return
        users = self.sudo().search([("id", "!=", SUPERUSER_ID)])
        if not any(system in access.group_ids(self.env, user.id) for user in users):
            raise ValidationError(
                _("At least one active user has to be an administrator."),
                fields=["group_ids"],
                code="base.last_administrator",
            )

    @api.onchange("login")
    def _onchange_login(self) -> None:
        if self.login and "@" in self.login and not self.email:
            self.email = self.login

    @api.onchange("company_id")
    def _onchange_company_id(self) -> None:
        if self.company_id and self.company_id not in self.company_ids._origin:
            self.company_ids |= self.company_id

    @api.ondelete()
    def _refuse_deleting_needed_users(self) -> None:
        needed = {SUPERUSER_ID, self.env["ir.model.data"]._xmlid_to_res_id("base.user_admin"), self.env.uid}
        if needed & set(self.ids):
            raise UserError(
                _("The system's user, the first administrator and yourself cannot be deleted. Archive them instead."),
                code="base.user_needed",
            )

    # What is for those who manage users is also for the user themselves.
    def _field_allowed(self, field: Any) -> bool:
        return super()._field_allowed(field) or (field.groups == access.USER_MANAGERS and self.ids == [self.env.uid])

    def _field_shown(self, field: Any) -> bool:
        return super()._field_shown(field) or field.groups == access.USER_MANAGERS

    # --------------------------------------------------------------- life cycle

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> ResUsers:
        """Create users, each with a partner unless one is given.

        Raises AccessError without the right, IdentityRequired in a session without the password given lately.
        """
        if not self.env.su:
            self._require_identity(key_suffices=True)
        users = super().create([_with_company(values) for values in vals_list])
        if not self.env.is_admin():
            users._refuse_administrators()
        return users

    def has_access(self, operation: str) -> bool:
        """Return whether `check_access` would pass; of themselves users may always write, and `write` says what."""
        return super().has_access(operation) or (operation == "write" and self.ids == [self.env.uid])

    def write(self, vals: dict[str, Any]) -> bool:
        """Write. Users may change their own preferences (`SELF_WRITABLE`) without further rights.

        Raises IdentityRequired for `CONFIRMED` fields in a session without the password given lately, and for `SECRETS`
        with an API key.
        """
        if vals.get("active") and SUPERUSER_ID in self.ids:
            raise UserError(
                _("The system's user cannot be activated: it is for the server alone."), code="base.system_user"
            )
        if vals.get("active") is False and self.env.uid in self.ids and not self.env.su:
            raise UserError(_("You cannot archive yourself."))
        if not self.env.su and CONFIRMED & set(vals):
            self._require_identity(key_suffices=not SECRETS & set(vals))
        records = self
        if not self.env.su and self.ids == [self.env.uid] and set(vals) <= SELF_WRITABLE:
            if "company_id" in vals and vals["company_id"] not in self.sudo().company_ids.ids:
                raise AccessError(_("You may not work in that company."), code="base.company_of_user")
            records = self.sudo()
        # Asked before the write: after it, a user who became administrator by it would pass.
        guarded = bool(GUARDED & set(vals)) and not self.env.is_admin()
        if guarded:
            self._refuse_administrators()
        result = records._write_credentials(vals)
        if guarded:
            self._refuse_administrators()
        if vals.get("active") is False:
            self._end_access()
        return result

    def _refuse_administrators(self) -> None:
        """Raise AccessError when one of the users is an administrator; for people who only manage users."""
        if any(user._is_admin() for user in self.sudo()):
            raise AccessError(
                _("Only administrators may change administrators or appoint them."),
                code="base.administrators_only",
            )

    def unlink(self) -> bool:
        """Delete users; their partners stay."""
        if not self.env.is_admin():
            self._refuse_administrators()
        return super().unlink()

    def copy_data(self, default: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """A copy has a login and a partner of its own."""
        copies = super().copy_data(default)
        for user, values in zip(self, copies, strict=True):
            values.pop("partner_id", None)
            values["name"] = (default or {}).get("name") or str(_("%(name)s (copy)", name=user.name))
            values["login"] = (default or {}).get("login") or str(_("%(name)s (copy)", name=user.login))
        return copies

    # ------------------------------------------------------------------- groups

    @api.public(any_user=True)
    @api.readonly
    def has_group(self, group_ext_id: api.Name) -> bool:
        """Return whether the user is in a group, given by external id, directly or by implication.

        Raises AccessError for another user than oneself whom one may not read.
        """
        self.ensure_one()
        self._check_asks_for_self()
        return access.user_has_group(self.env, group_ext_id, self.id)

    @api.public(any_user=True)
    @api.readonly
    def has_groups(self, group_spec: api.Text) -> bool:
        """Return whether the user matches a list such as "base.group_user,!base.group_portal"; see `has_group`."""
        self.ensure_one()
        self._check_asks_for_self()
        return access.matches_groups(self.env, group_spec, self.id)

    def _check_asks_for_self(self) -> None:
        if not self.env.su and self.id != self.env.uid:
            self.check_access("read")

    def _is_admin(self) -> bool:
        """Return whether the user is an administrator (or the system)."""
        self.ensure_one()
        return self.id == SUPERUSER_ID or self.has_group("base.group_system")

    def _is_system(self) -> bool:
        """Return whether the user may change the program's settings."""
        return self._is_admin()

    def _is_internal(self) -> bool:
        """Return whether the user is an employee rather than an outsider."""
        self.ensure_one()
        return self.has_group(access.EMPLOYEE)

    @api.public(any_user=True)
    @api.readonly
    @api.model
    def context_get(self) -> dict[str, Any]:
        """Return the context that a client of the current user starts with."""
        user = self.env.user.sudo()
        return {"lang": user.lang or "en_US", "tz": user.tz or False, "uid": user.id}

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

    def _write_credentials(self, vals: dict[str, Any]) -> bool:
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
            # Past `write` of the class and of its mixin: a login must not empty the caches.
            models.Model.write(self.sudo(), {"login_date": now})

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

    # ------------------------------------------------------------ second factor

    @api.depends("totp_secret", "totp_recovery_codes")
    def _compute_totp_enabled(self) -> None:
        for user in self:
            stored = user.sudo()
            user.totp_enabled = bool(stored.totp_secret)
            user.totp_recovery_left = len(json.loads(stored.totp_recovery_codes or "[]"))

    def _search_totp_enabled(self, operator: str, value: Any) -> list[Any]:
        wanted = bool(value) == (operator in ("=", "in"))
        rows = self.env.execute("SELECT id FROM res_users WHERE totp_secret IS NOT NULL AND totp_secret != ''")
        return [("id", "in" if wanted else "not in", [row[0] for row in rows])]

    def _totp_required(self) -> bool:
        """Return whether the settings ask this user for a second factor."""
        self.ensure_one()
        policy = self.env["ir.config_parameter"].sudo().get_param(TOTP_POLICY)
        if policy == "employee_required":
            return self._is_internal()
        return policy == "admin_required" and self._is_admin()

    def _check_totp_code(self, code: str) -> None:
        """Verify a code of this user's app, or a recovery code; each is good once. Failures make attempts wait.

        Raises:
            AccessDenied: the code is wrong, used or too old; or too many were wrong before.
        """
        self.ensure_one()
        # Of two that bring the same code at once, the second one reads what the first wrote.
        user, source = self.sudo().lock_for_update(), self.env.client.source
        self._check_throttle(str(user.id), source, "totp")
        if not user._use_totp_code(totp.clean(code or "")):
            throttle.failed(self.env, str(user.id), source, "totp")
            audit.record_refusal(self.env, "totp_refused", login=user.login, user=user, reason="wrong or used code")
            raise AccessDenied(
                _("This code is not valid. Wait for the next one of your app, or use a recovery code."),
                code="base.totp_code",
            )
        throttle.succeeded(self.env, str(user.id), source, "totp")

    def _use_totp_code(self, code: str) -> bool:
        if not self.totp_secret:
            return False
        if totp.is_code(code):
            step = totp.matching_step(self.totp_secret, code)
            if step is None or step <= self.totp_last_counter:
                return False
            self.totp_last_counter = step
            return True
        left, digest = json.loads(self.totp_recovery_codes or "[]"), totp.hash_recovery_code(code)
        if digest not in left:
            return False
        left.remove(digest)
        self.totp_recovery_codes = json.dumps(left)
        audit.record(self.env, "recovery_code_used", self, details=[f"{len(left)} left"])
        return True

    def _enable_totp(self, secret: str, code: str) -> list[str]:
        """Enable the second factor, confirmed by a first code; return the recovery codes, which are shown once.

        Raises:
            AccessDenied: the code is not one of this secret.
        """
        self.ensure_one()
        user, source = self.sudo().lock_for_update(), self.env.client.source
        self._check_throttle(str(user.id), source, "totp")
        step = totp.matching_step(secret, totp.clean(code or ""))
        if step is None:
            throttle.failed(self.env, str(user.id), source, "totp")
            raise AccessDenied(
                _("This code is not valid. Enter the six digits that your app shows now."), code="base.totp_code"
            )
        user.write({"totp_secret": secret, "totp_last_counter": step})
        return user._renew_recovery_codes()

    def _renew_recovery_codes(self) -> list[str]:
        """Replace the recovery codes and return the new ones, which are stored as digests only."""
        self.ensure_one()
        codes = totp.new_recovery_codes()
        self.sudo().totp_recovery_codes = json.dumps([totp.hash_recovery_code(code) for code in codes])
        audit.record(self.env, "recovery_codes_created", self)
        return codes

    @api.public(any_user=True)
    @api.check_identity
    def action_totp_enable_wizard(self) -> models.Model:
        """Return the dialog in which the current user enables two-factor authentication."""
        self._only_own()
        if self.env.user.totp_enabled:
            raise UserError(_("Two-factor authentication is enabled already."))
        return self.env["auth_totp.wizard"].sudo()._prepare().sudo(False)

    @api.public(any_user=True)
    @api.check_identity
    def action_totp_disable(self) -> None:
        """Disable the second factor of oneself, or as an administrator that of others who lost it."""
        if not self.env.is_admin():
            self._only_own()
        own = self.sudo().filtered(lambda user: user == self.env.user)
        if own and own._totp_required():
            raise UserError(
                _("The settings require two-factor authentication for you. Renew the recovery codes instead."),
                code="base.totp_required",
            )
        self.sudo().write({"totp_secret": False, "totp_last_counter": 0, "totp_recovery_codes": False})

    @api.public(any_user=True)
    @api.check_identity
    def action_totp_recovery_codes(self) -> models.Model:
        """Replace the current user's recovery codes and return the dialog that shows the new ones, once."""
        self._only_own()
        if not self.env.user.totp_enabled:
            raise UserError(_("Enable two-factor authentication first."))
        codes = self.env.user.sudo()._renew_recovery_codes()
        return self.env["auth_totp.recovery"].create({"codes": "\n".join(codes)})


def _with_company(values: dict[str, Any]) -> dict[str, Any]:
    """Return values in which the user may work in the company that they start in."""
    if values.get("company_id") and not values.get("company_ids"):
        return {**values, "company_ids": [api.Command.set([values["company_id"]])]}
    return values

"""The second factor: codes of an authenticator app, and recovery codes."""

from __future__ import annotations

import json
from typing import Any

from core import api, fields, models
from core.api import _
from core.base.services import access, audit, throttle, totp
from core.exceptions import AccessDenied, UserError

#: The system parameter behind the setting.
TOTP_POLICY = "auth_totp.policy"


class ResUsersTotp(models.AbstractModel):
    """Two-factor authentication of a user; a part of ``res.users``, beside ``res.users.credentials``."""

    _name = "res.users.totp"
    _description = "Second Factor"

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

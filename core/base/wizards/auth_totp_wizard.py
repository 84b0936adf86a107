"""The dialogs of two-factor authentication."""

from __future__ import annotations

from core import api, fields, models
from core.base.services import totp


class AuthTotpWizard(models.TransientModel):
    """Shows the secret for an authenticator app, and enables it with the first code of the app."""

    _name = "auth_totp.wizard"
    _description = "Two-Factor Authentication"
    _transient_max_hours = 1

    secret = fields.Char(string="Key", readonly=True, required=True, help="For apps that cannot read the picture")
    url = fields.Char(string="QR Code", compute="_compute_url")
    code = fields.Char(string="Code of the App", size=10)

    @api.depends("secret")
    def _compute_url(self) -> None:
        for wizard in self:
            wizard.url = totp.setup_uri(wizard.secret, self.env.user.login) if wizard.secret else False

    @api.model
    def _prepare(self) -> models.Model:
        return self.create({"secret": totp.new_secret()})

    @api.public(access="write")
    @api.check_identity
    def enable(self) -> models.Model:
        """Enable the second factor for the current user and return the dialog with the recovery codes."""
        self.ensure_one()
        secret, code = self.sudo().secret, self.code or ""
        codes = self.env.user._enable_totp(secret, code)
        self.sudo().unlink()
        return self.env["auth_totp.recovery"].create({"codes": "\n".join(codes)})


class AuthTotpRecovery(models.TransientModel):
    """Shows new recovery codes. The row goes when the dialog is closed, or after an hour at the latest."""

    _name = "auth_totp.recovery"
    _description = "Recovery Codes"
    _transient_max_hours = 1

    codes = fields.Text(string="Recovery Codes", readonly=True)

    @api.public(access="unlink")
    def action_close(self) -> None:
        """Forget the codes."""
        self.sudo().unlink()

"""The dialog in which users change their own password."""

from __future__ import annotations

from core import api, fields, models
from core.api import _
from core.exceptions import ValidationError


class ChangePasswordOwn(models.TransientModel):
    """Old password, new password, and the new one again. None of them is stored beyond the click."""

    _name = "change.password.own"
    _description = "Change My Password"

    old_password = fields.Char(string="Current Password")
    new_password = fields.Char(string="New Password")
    confirm_password = fields.Char(string="New Password (Confirmation)")

    @api.public(access="write")
    def change_password(self) -> None:
        """Change the password of the current user; their other sessions and their API keys end."""
        self.ensure_one()
        old, new, again = self.old_password or "", self.new_password or "", self.confirm_password or ""
        self.sudo().unlink()
        if new != again:
            raise ValidationError(
                _("The new password and its confirmation differ."),
                fields=["confirm_password"],
                code="base.password_confirmation",
            )
        self.env["res.users"].change_password(old, new)

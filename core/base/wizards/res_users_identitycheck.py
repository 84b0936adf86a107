"""Giving the password again, in an open session, before something sensitive."""

from __future__ import annotations

from core import api, fields, models
from core.api import _
from core.exceptions import UserError


class ResUsersIdentitycheck(models.TransientModel):
    """The password, given again: for programs. The web client asks on a page of its own."""

    _name = "res.users.identitycheck"
    _description = "Confirm Identity"
    _transient_max_hours = 1

    password = fields.Char(string="Password", copy=False)

    @api.public(access="write")
    def run_check(self) -> bool:
        """Verify the password; what `api.check_identity` guards is open to this session for the next minutes.

        Raises:
            AccessDenied: the password is wrong, or was too often.
            UserError: the call came without a session.
        """
        self.ensure_one()
        password = self.password or ""
        self.sudo().unlink()
        session = self.env["web.session"].sudo().browse(self.env.client.session_id).exists()
        if not session or session.key_id:
            raise UserError(_("Only a session that was opened with a password can be confirmed."))
        self.env["res.users"]._confirm_identity(password)
        return True

"""The dialog that makes an API key."""

from __future__ import annotations

import datetime

from core import api, fields, models


class ResUsersApikeysDescription(models.TransientModel):
    """Asks what the key is for and how long it shall live."""

    _name = "res.users.apikeys.description"
    _description = "New API Key"

    name = fields.Char(string="Description", required=True, help="What the key is for, e.g. web shop")
    duration = fields.Selection(
        [
            ("1", "1 Day"),
            ("7", "1 Week"),
            ("30", "1 Month"),
            ("90", "3 Months"),
            ("365", "1 Year"),
            ("0", "Persistent"),
        ],
        required=True,
        default="90",
    )
    scope = fields.Selection([("rpc", "External API")], default="rpc", help="Empty: everything")

    @api.public(access="write")
    @api.check_identity
    def make_key(self) -> models.Model:
        """Make the key and return the dialog that shows it, once."""
        self.ensure_one()
        days = int(self.duration)
        end = fields.Datetime.now() + datetime.timedelta(days=days) if days else None
        key = self.env["res.users.apikeys"]._generate(self.scope or None, self.name, end)
        return self.env["res.users.apikeys.show"].create({"key": key})


class ResUsersApikeysShow(models.TransientModel):
    """Shows a new key. The row goes when the dialog is closed, or after an hour at the latest."""

    _name = "res.users.apikeys.show"
    _description = "API Key Ready"
    _transient_max_hours = 1

    key = fields.Char(readonly=True)

    @api.public(access="write")
    def action_close(self) -> None:
        """Forget the key."""
        self.sudo().unlink()

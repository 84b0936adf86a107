"""URL actions: a page by its address, for menus that lead to pages of addons."""

from __future__ import annotations

from core import api, fields, models
from core.api import _
from core.exceptions import ValidationError


class IrActionsActUrl(models.Model):
    """Opens an address: a page that an addon brings, or another site."""

    _name = "ir.actions.act_url"
    _inherit = ["cached.mixin"]
    _description = "URL Action"
    _order = "name, id"

    name = fields.Char(string="Action Name", required=True, translate=True)
    type = fields.Char(string="Action Type", required=True, default="ir.actions.act_url", readonly=True)
    url = fields.Char(string="Action URL", required=True, help="A path on this server, or an address with https://")
    target = fields.Selection(
        [("new", "New Window"), ("self", "This Window")], string="Action Target", required=True, default="self"
    )

    @api.constrains("url")
    def _check_url(self) -> None:
        for action in self:
            path = action.url.startswith("/") and not action.url.startswith(("//", "/\\"))
            if not path and not action.url.startswith(("https://", "http://")):
                raise ValidationError(
                    _("The action %(name)s needs a path on this server or a web address.", name=action.name),
                    fields=["url"],
                    code="base.action_url",
                    data={"url": action.url},
                )

    def unlink(self) -> bool:
        """Delete actions, with the menus that lead to them."""
        self.env["ir.ui.menu"]._unlink_leading_to(self)
        return super().unlink()

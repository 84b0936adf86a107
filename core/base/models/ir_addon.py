"""Addons: which are known, which are installed, which are broken. The loader keeps the rows."""

from __future__ import annotations

from core import api, fields, models
from core.api import _
from core.exceptions import UserError


class IrAddon(models.Model):
    """An addon as this database sees it."""

    _name = "ir.addon"
    _description = "Addon"
    _order = "application desc, name"
    _rec_name = "shortdesc"
    _rec_names_search = ("name", "shortdesc")

    name = fields.Char(string="Technical Name", required=True)
    shortdesc = fields.Char(string="Addon Name", help="The name in the manifest")
    summary = fields.Char()
    description = fields.Text()
    author = fields.Char()
    website = fields.Char()
    category = fields.Char()
    license = fields.Char()
    state = fields.Selection(
        [
            ("uninstalled", "Not Installed"),
            ("installed", "Installed"),
            ("to upgrade", "To be upgraded"),
            ("quarantined", "Quarantined"),
        ],
        required=True,
        default="uninstalled",
        help="A quarantined addon failed to load; the server runs without it",
    )
    version = fields.Char(string="Installed Version")
    latest_version = fields.Char(string="Available Version")
    depends = fields.Char(string="Dependencies", help="Names of the addons that it stands on")
    path = fields.Char(string="Folder")
    application = fields.Boolean()
    auto_install = fields.Boolean(string="Automatic Installation")
    demo = fields.Boolean(string="Demo Data")
    error = fields.Text(help="Why it could not be loaded")
    installed_at = fields.Datetime(string="Installed On")

    _name_unique = models.UniqueIndex("(name)", "Each addon is listed once.")

    @api.depends("shortdesc", "name")
    def _compute_display_name(self) -> None:
        for addon in self:
            addon.display_name = addon.shortdesc or addon.name

    @api.ondelete()
    def _refuse_deleting_installed(self) -> None:
        if installed := self.filtered(lambda addon: addon.state != "uninstalled"):
            raise UserError(_("%(names)s: uninstall the addon first.", names=", ".join(installed.mapped("name"))))

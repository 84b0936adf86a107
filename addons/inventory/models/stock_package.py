"""Packages: what is packed together moves together."""

from __future__ import annotations

from addons.inventory.services import whereabouts
from core import api, fields, models


class StockPackage(models.Model):
    """A box or pallet. Its content is the stock whose rows name it."""

    _name = "stock.package"
    _description = "Package"
    _order = "name, id"

    name = fields.Char("Package Reference", index=True)
    company_id = fields.Many2one("res.company", "Company", default=lambda self: self.env.company)
    quant_ids = fields.One2many("stock.quant", "package_id", "Content")
    move_line_ids = fields.One2many("stock.move.line", "result_package_id", "Movements")
    pack_date = fields.Date("Pack Date", default=fields.Date.today)
    location_id = fields.Many2one(
        "stock.location",
        "Location",
        compute="_compute_location_id",
        search="_search_location_id",
        help="Current location, including after delivery",
    )
    content_description = fields.Char("Contents", compute="_compute_location_id")

    @api.model_create_multi
    def create(self, vals_list):
        """Packages without a name are numbered."""
        return super().create(self.env["ir.sequence"]._with_numbers("stock.package", vals_list))

    @api.depends("quant_ids.location_id", "quant_ids.quantity", "move_line_ids.state")
    def _compute_location_id(self):
        found = whereabouts.of(self, whereabouts.PACKAGE)
        for package in self:
            content = found.get(package.id, [])
            package.location_id = whereabouts.place(content)
            package.content_description = whereabouts.in_words(content)

    def _search_location_id(self, operator, value):
        return whereabouts.search(self, whereabouts.PACKAGE, operator, value)

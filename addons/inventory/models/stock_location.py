"""Locations: where stock is, comes from and goes to, as a tree."""

from __future__ import annotations

from addons.inventory.exceptions import InventoryError
from addons.inventory.services.quants import STOCKED
from core import api, fields, models


class StockLocation(models.Model):
    """A place, real or virtual.

    `usage` decides what it means: stock is kept in internal and transit locations; supplier, customer, inventory loss
    and production are the outside, which gives and takes without limit; a view only groups.
    """

    _name = "stock.location"
    _inherit = ["product.removal.mixin"]
    _description = "Inventory Location"
    _check_company_auto = True
    _kept = True
    _parent_name = "location_id"
    _parent_store = True
    _order = "complete_name, id"
    _rec_name = "complete_name"
    _rec_names_search = ["complete_name", "barcode"]

    name = fields.Char("Location Name", required=True)
    complete_name = fields.Char("Full Location Name", compute="_compute_complete_name", store=True, recursive=True)
    active = fields.Boolean(default=True)
    usage = fields.Selection(
        [
            ("supplier", "Vendor"),
            ("view", "View"),
            ("internal", "Internal"),
            ("customer", "Customer"),
            ("inventory", "Inventory Loss"),
            ("production", "Production"),
            ("transit", "Transit"),
        ],
        "Location Type",
        default="internal",
        required=True,
        index=True,
    )
    location_id = fields.Many2one(
        "stock.location", "Parent Location", index=True, ondelete="cascade", check_company=True
    )
    child_ids = fields.One2many("stock.location", "location_id", "Contains")
    parent_path = fields.Char(index=True)
    company_id = fields.Many2one("res.company", "Company", default=lambda self: self.env.company, index=True)
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        "Warehouse",
        compute="_compute_warehouse_id",
        store=True,
        readonly=False,
        recursive=True,
        index=True,
        copy=False,
    )
    barcode = fields.Char(copy=False)
    replenish_location = fields.Boolean("Replenish Location", help="Reordering rules may fill this location")
    allow_negative_stock = fields.Boolean(
        "Allow Negative Stock",
        default=True,
        help="Allow stock to go negative; otherwise quantities beyond what is on hand are refused",
    )
    last_inventory_date = fields.Date("Last Inventory", readonly=True)
    quant_ids = fields.One2many("stock.quant", "location_id", "Stock")
    is_empty = fields.Boolean(compute="_compute_is_empty")

    _barcode_unique = models.UniqueIndex(
        "(barcode, company_id) WHERE barcode IS NOT NULL AND barcode <> ''", "A barcode identifies one location only."
    )

    @api.depends("name", "location_id.complete_name", "location_id.usage")
    def _compute_complete_name(self):
        for location in self:
            parent = location.location_id
            if parent and location.usage != "view":
                location.complete_name = f"{parent.complete_name}/{location.name}"
            else:
                location.complete_name = location.name

    @api.depends("location_id.warehouse_id")
    def _compute_warehouse_id(self):
        for location in self:
            location.warehouse_id = location.location_id.warehouse_id or location.warehouse_id

    def _compute_is_empty(self):
        held = {
            location.id
            for location, quantity in self.env["stock.quant"]._read_group(
                [("location_id", "in", self.ids)], ["location_id"], ["quantity:sum"]
            )
            if quantity
        }
        for location in self:
            location.is_empty = location.id not in held

    @api.private
    def should_bypass_reservation(self) -> bool:
        """Whether stock that leaves this place needs no reservation, because none is kept here."""
        self.ensure_one()
        return self.usage not in STOCKED

    def _is_below(self, other) -> bool:
        """Whether this location is `other`, or lies in it."""
        return (self.parent_path or "").startswith(other.parent_path or "/")

    def write(self, vals):
        """A place with stock keeps its usage and stays active: the stock would disappear from sight."""
        hidden = vals.get("active") is False or vals.get("usage", "internal") not in STOCKED
        if hidden and ("active" in vals or "usage" in vals):
            held = (
                self.env["stock.quant"]
                .sudo()
                .search([("location_id", "child_of", self.ids), ("quantity", "!=", 0)], limit=1)
            )
            if held:
                raise InventoryError(
                    self.env._(
                        "%(location)s still holds %(product)s. Move the stock elsewhere first.",
                        location=held.location_id.complete_name,
                        product=held.product_id.display_name,
                    ),
                    code="inventory.location_holds_stock",
                )
        return super().write(vals)

"""Scrap: goods that are lost, with the document they were lost in."""

from __future__ import annotations

from decimal import Decimal

from addons.inventory.exceptions import AlreadyDone, InventoryError, LedgerClosed
from addons.inventory.services import document_messages, ledger, reservation, scrapping
from core import api, fields, models
from core.api import _

WHAT = {
    "product_id",
    "product_uom_id",
    "scrap_qty",
    "lot_id",
    "package_id",
    "owner_id",
    "location_id",
    "scrap_location_id",
    "company_id",
    "date_done",
}
PLACES = ("location_id", "scrap_location_id")


class StockScrap(models.Model):
    """So many of a product are scrapped: a movement to the scrap location."""

    _name = "stock.scrap"
    _description = "Scrap"
    _check_company_auto = True
    _order = "id desc"
    _settled_fields = frozenset({"state", "date_done"})
    _settled_strictly = True

    name = fields.Char("Reference", default="New", readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Done")], "Status", default="draft", readonly=True, copy=False
    )
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company)
    product_id = fields.Many2one(
        "product.product", "Product", required=True, domain=[("type", "=", "consu")], check_company=True
    )
    product_uom_id = fields.Many2one(
        "uom.uom", "Unit", required=True, compute="_compute_product_uom_id", store=True, readonly=False
    )
    scrap_qty = fields.Quantity("Quantity", required=True, default=Decimal(1), uom_field="product_uom_id")
    tracking = fields.Selection(related="product_id.tracking", string="Tracking")
    lot_id = fields.Many2one("stock.lot", "Lot/Serial", check_company=True)
    package_id = fields.Many2one("stock.package", "Package", check_company=True)
    owner_id = fields.Many2one("res.partner", "Owner", check_company=True)
    picking_id = fields.Many2one("stock.picking", "Picking", index=True, check_company=True)
    location_id = fields.Many2one("stock.location", "Source Location", required=True, check_company=True)
    scrap_location_id = fields.Many2one("stock.location", "Scrap Location", required=True, check_company=True)
    origin = fields.Char("Source Document")
    date_done = fields.Datetime("Date", readonly=True)
    move_ids = fields.One2many("stock.move", "scrap_id", "Moves")
    should_replenish = fields.Boolean("Replenish Quantities")

    _quantity_positive = models.Constraint("CHECK (scrap_qty > 0)", "Scrap more than nothing.")

    @api.model_create_multi
    def create(self, vals_list):
        """Places and company follow from the transfer where they are not given."""
        return super().create([self._completed(dict(vals)) for vals in vals_list])

    def _completed(self, row):
        picking = self.env["stock.picking"].browse(row.get("picking_id") or ())
        warehouse = self.env["stock.warehouse"]._default_for(self.env.company)
        if picking:
            source = picking.location_dest_id if picking.state == "done" else picking.location_id
            row.setdefault("company_id", picking.company_id.id)
            if source.usage in ("internal", "transit"):
                row.setdefault("location_id", source.id)
        row.setdefault("location_id", warehouse.lot_stock_id.id)
        scrapped = self.env.ref("inventory.stock_location_scrapped", raise_if_not_found=False)
        row.setdefault("scrap_location_id", scrapped.id if scrapped else False)
        return row

    @api.depends("product_id")
    def _compute_product_uom_id(self):
        for scrap in self:
            scrap.product_uom_id = scrap.product_id.uom_id

    @api.model
    def default_get(self, fields_list):
        """The form of a new scrap shows the places that `create` would take."""
        values = super().default_get(fields_list)
        completed = self._completed(dict(values))
        return values | {name: completed[name] for name in PLACES if name in fields_list and name in completed}

    @api.onchange("product_id")
    def _onchange_product_id(self):
        self.lot_id = False

    @api.onchange("lot_id")
    def _onchange_serial_number(self):
        """Set the source location to that of the serial number, and warn the user."""
        place = self.lot_id.location_id
        if self.tracking != "serial" or not self.lot_id or (place and place._is_below(self.location_id)):
            return None
        if place:
            self.location_id = place
            message = self.env._(
                "%(lot)s lies in %(place)s; it is scrapped there.", lot=self.lot_id.name, place=place.complete_name
            )
        else:
            message = self.env._("%(lot)s is not in stock.", lot=self.lot_id.name)
        return {"warning": {"title": self.env._("Serial Number"), "message": message}}

    def write(self, vals):
        """What was scrapped stays as it was."""
        if self._is_settling():
            return super().write(vals)
        changed = self.filtered(
            lambda scrap: any(ledger.changes(scrap, name, vals[name]) for name in WHAT & vals.keys())
        )
        changed._refuse_done(_("%(documents)s is done and stays in the history. Count the stock to correct it."))
        return super().write(vals)

    @api.ondelete()
    def _unlink_if_draft(self):
        self._refuse_done(_("%(documents)s is done and cannot be deleted. Count the stock to correct it."))

    def _refuse_done(self, text, error=LedgerClosed):
        """Raise `error` with `text` about those of the scraps that are done, if there are any."""
        names = self.filtered(lambda scrap: scrap.state == "done").mapped("name")
        if names:
            raise error(self.env._(text, documents=names))

    @api.public(access="write")
    def action_validate(self):
        """Scrap; refuses quantities that are not there, and tracked products without their lot."""
        self._refuse_done(_("%(documents)s is done already."), AlreadyDone)
        for scrap in self:
            scrap._check_lot()
        shares = scrapping.plan(self)
        scrapping.check(self, shares)
        self._post(shares)
        return True

    @api.public(access="write")
    def do_scrap(self):
        """Scrap even what the books do not know of; reservations of what is gone are taken back."""
        for scrap in self:
            scrap._check_lot()
        self._post(scrapping.plan(self))
        return True

    def _check_lot(self):
        if self.product_id.is_storable and self.product_id.tracking != "none" and not self.lot_id:
            raise InventoryError(
                self.env._(
                    "Say which lot or serial number of %(product)s is scrapped.", product=self.product_id.display_name
                ),
                code="inventory.scrap_without_lot",
            )
        if self.lot_id and self.lot_id.product_id != self.product_id:
            raise InventoryError(
                self.env._(
                    "%(lot)s is a lot of %(lot_product)s, not of %(product)s.",
                    lot=self.lot_id.name,
                    lot_product=self.lot_id.product_id.display_name,
                    product=self.product_id.display_name,
                ),
                code="inventory.lot_of_other_product",
            )

    def _post(self, shares):
        unnamed = self.filtered(lambda scrap: scrap.name == "New")
        numbered = self.env["ir.sequence"]._with_numbers("stock.scrap", [{}] * len(unnamed))
        for scrap, row in zip(unnamed, numbered, strict=True):
            scrap.name = row["name"]
        moves = self.env["stock.move"].sudo().create([scrap._prepare_move_values() for scrap in self])
        self.env["stock.move.line"].sudo()._settle_create(
            [
                reservation.line_values(move, part, key)
                for scrap, move in zip(self, moves)
                for key, part in scrapping.line_keys(scrap, shares[scrap.id])
            ]
        )
        moves._action_done()
        self._settle({"state": "done", "date_done": fields.Datetime.now()})
        replenished = self.filtered("should_replenish")
        if replenished:
            with document_messages.announced(self.env):
                replenished._replenish()

    def _title(self) -> str:
        """What people call the scrap: its number, and before it has one the document it belongs to."""
        return self.name if self.name != "New" else self.origin or self.picking_id.name or self.env._("Scrap")

    def _quantity_in_product_unit(self) -> Decimal:
        return self.product_uom_id._convert(self.scrap_qty, self.product_id.uom_id)

    def _draws_on_stock(self) -> bool:
        return self.product_id.is_storable and not self.location_id.should_bypass_reservation()

    @api.seam("done", order=35)
    def _prepare_move_values(self):
        """The values of the move by which a scrap takes goods out of stock.

        When:
            once for each scrap that is validated; `self` is the scrap.
        Called by:
            ``stock.scrap._post``.
        Returns:
            values for `create` of stock.move.
        Transaction:
            that of the action; it only reads.
        Override:
            add values to those of ``super()``.
        Example::

            class StockScrap(models.Model):
                _inherit = "stock.scrap"

                def _prepare_move_values(self):
                    return super()._prepare_move_values() | {"description_picking": self.env._("Scrapped")}
        """
        self.ensure_one()
        return {
            "product_id": self.product_id.id,
            "product_uom": self.product_uom_id.id,
            "product_uom_qty": self.scrap_qty,
            "location_id": self.location_id.id,
            "location_dest_id": self.scrap_location_id.id,
            "company_id": self.company_id.id,
            "origin": self.origin or self.picking_id.name or self.name,
            "scrap_id": self.id,
            "state": "confirmed",
        }

    def _replenish(self):
        rule = self.env["stock.rule"]
        rule.run(
            [
                rule.Procurement(
                    scrap.product_id,
                    scrap.scrap_qty,
                    scrap.product_uom_id,
                    scrap.location_id,
                    scrap.name,
                    scrap.name,
                    scrap.company_id,
                    {"warehouse_id": scrap.location_id.warehouse_id},
                )
                for scrap in self
            ]
        )

    @api.public(access="read")
    def action_get_stock_move_lines(self):
        """The movements of the scrap."""
        return self.move_ids.move_line_ids

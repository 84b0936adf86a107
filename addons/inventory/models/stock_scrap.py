"""Scrap: goods that are lost, with the document they were lost in."""

from __future__ import annotations

from decimal import Decimal

from addons.inventory.exceptions import AlreadyDone, InsufficientStock, InventoryError
from addons.inventory.services import operations, posting, quants, reservation
from addons.inventory.services.quants import Key
from core import api, fields, models


class StockScrap(models.Model):
    """So many of a product are scrapped: a movement to the scrap location."""

    _name = "stock.scrap"
    _description = "Scrap"
    _order = "id desc"

    name = fields.Char("Reference", default="New", readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Done")], "Status", default="draft", readonly=True, copy=False
    )
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company)
    product_id = fields.Many2one("product.product", "Product", required=True, domain=[("type", "=", "consu")])
    product_uom_id = fields.Many2one("uom.uom", "Unit", required=True)
    scrap_qty = fields.Quantity("Quantity", required=True, default=Decimal(1))
    tracking = fields.Selection(related="product_id.tracking", string="Tracking")
    lot_id = fields.Many2one("stock.lot", "Lot/Serial")
    package_id = fields.Many2one("stock.package", "Package")
    owner_id = fields.Many2one("res.partner", "Owner")
    picking_id = fields.Many2one("stock.picking", "Picking", index=True)
    location_id = fields.Many2one("stock.location", "Source Location", required=True)
    scrap_location_id = fields.Many2one("stock.location", "Scrap Location", required=True)
    origin = fields.Char("Source Document")
    date_done = fields.Datetime("Date", readonly=True)
    move_ids = fields.One2many("stock.move", "scrap_id", "Moves")
    should_replenish = fields.Boolean("Replenish Quantities")

    _quantity_positive = models.Constraint("CHECK (scrap_qty > 0)", "Scrap more than nothing.")

    @api.model_create_multi
    def create(self, vals_list):
        """Unit, places and company follow from the product and the transfer where they are not given."""
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
        if row.get("product_id") and not row.get("product_uom_id"):
            row["product_uom_id"] = self.env["product.product"].browse(row["product_id"]).uom_id.id
        return row

    @api.onchange("product_id")
    def _onchange_product_id(self):
        self.product_uom_id = self.product_id.uom_id

    def action_validate(self):
        """Scrap; refuses quantities that are not there."""
        done = self.filtered(lambda scrap: scrap.state == "done")
        if done:
            raise AlreadyDone(self.env._("%(scraps)s is done already.", scraps=", ".join(done.mapped("name"))))
        for scrap in self:
            scrap._check_available()
        self.do_scrap()
        return True

    def _check_available(self):
        self.ensure_one()
        product = self.product_id
        if not product.is_storable:
            return
        if product.tracking != "none" and not self.lot_id:
            raise InventoryError(
                self.env._("Say which lot or serial number of %(product)s is scrapped.", product=product.display_name)
            )
        wanted = self.product_uom_id._compute_quantity(self.scrap_qty, product.uom_id, rounding_method="HALF-UP")
        slots = quants.free(self.env, product, self.location_id)
        there = sum((slot.quantity for slot in slots if not self.lot_id or slot.key.lot == self.lot_id.id), Decimal(0))
        if there < wanted and not self.location_id.should_bypass_reservation():
            key = Key(product.id, self.location_id.id, self.lot_id.id or 0)
            move = self.env["stock.move"].new({"origin": self.name, "product_id": product.id})
            raise InsufficientStock(operations.shortage_message(self.env, move, key, wanted))

    def do_scrap(self):
        """Post the scraps; reservations of what is gone are taken back."""
        numbers = self.env["ir.sequence"].sudo()._next_many_by_code("stock.scrap", len(self))
        for position, scrap in enumerate(self):
            if numbers and scrap.name == "New":
                scrap.name = numbers[position]
        moves = self.env["stock.move"].sudo().create([scrap._move_values() for scrap in self])
        self.env["stock.move.line"].sudo()._insert([scrap._line_values(move) for scrap, move in zip(self, moves)])
        posting.done(moves)
        self.write({"state": "done", "date_done": fields.Datetime.now()})
        for scrap in self.filtered("should_replenish"):
            scrap._replenish()
        return True

    def _move_values(self):
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

    def _line_values(self, move):
        values = reservation.line_values(move, move._in_product_unit(self.scrap_qty))
        return {**values, "lot_id": self.lot_id.id, "package_id": self.package_id.id, "owner_id": self.owner_id.id}

    def _replenish(self):
        rule = self.env["stock.rule"]
        rule.run(
            [
                rule.Procurement(
                    self.product_id,
                    self.scrap_qty,
                    self.product_uom_id,
                    self.location_id,
                    self.name,
                    self.name,
                    self.company_id,
                    {"warehouse_id": self.location_id.warehouse_id},
                )
            ]
        )

    def action_get_stock_move_lines(self):
        """The movements of the scrap."""
        return self.move_ids.move_line_ids

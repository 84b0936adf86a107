"""Lots and serial numbers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Literal

from addons.inventory.services import operations, traceability, whereabouts
from core import api, fields, models
from core.exceptions import UserError


class StockLot(models.Model):
    """A lot of a product, or one unit of it where tracking is by serial number."""

    _name = "stock.lot"
    _description = "Lot/Serial"
    _check_company_auto = True
    _order = "name, id"

    name = fields.Char("Lot/Serial Number", index=True, help="The next number of the product's sequence if empty")
    ref = fields.Char("Internal Reference")
    product_id = fields.Many2one(
        "product.product",
        "Product",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("tracking", "!=", "none")],
        check_company=True,
    )
    product_uom_id = fields.Many2one("uom.uom", related="product_id.uom_id", string="Unit")
    company_id = fields.Many2one("res.company", "Company", index=True)
    note = fields.Text("Description")
    expiration_date = fields.Datetime("Expiration Date", help="The removal strategy FEFO takes the earliest first")
    quant_ids = fields.One2many("stock.quant", "lot_id", "Stock")
    move_line_ids = fields.One2many("stock.move.line", "lot_id", "Movements")
    product_qty = fields.Quantity(
        "On Hand", compute="_compute_product_qty", search=fields.SearchByValue([("quant_ids", "!=", False)])
    )
    location_id = fields.Many2one(
        "stock.location",
        "Location",
        compute="_compute_location_id",
        search="_search_location_id",
        help="Current location, including after delivery; empty while it is at several locations",
    )
    delivery_count = fields.Integer("Deliveries", compute="_compute_delivery_ids")
    delivery_ids = fields.Many2many("stock.picking", compute="_compute_delivery_ids", string="Transfers")

    _name_unique = models.UniqueIndex(
        "(product_id, name)", "This product already has a lot or serial number of this name."
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Lots without a name get the next one of their product's sequence."""
        products = self.env["product.product"]
        return super().create(
            [
                vals
                if str(vals.get("name") or "").strip() or not vals.get("product_id")
                else {**vals, "name": self._next_names(products.browse(vals["product_id"]), 1)[0]}
                for vals in vals_list
            ]
        )

    @api.depends("quant_ids.quantity")
    def _compute_product_qty(self):
        held = dict(
            self.env["stock.quant"]._read_group(
                [("lot_id", "in", self.ids), ("location_id.usage", "in", ("internal", "transit"))],
                ["lot_id"],
                ["quantity:sum"],
            )
        )
        for lot in self:
            lot.product_qty = held.get(lot, Decimal(0))

    @api.depends("quant_ids.quantity", "move_line_ids.state")
    def _compute_location_id(self):
        found = whereabouts.of(self, whereabouts.LOT)
        for lot in self:
            lot.location_id = whereabouts.place(found.get(lot.id, ()))

    def _search_location_id(self, operator, value):
        return whereabouts.search(self, whereabouts.LOT, operator, value)

    def _compute_delivery_ids(self):
        found = traceability.deliveries(self)
        for lot in self:
            lot.delivery_ids = found.get(lot.id, self.env["stock.picking"])
            lot.delivery_count = len(lot.delivery_ids)

    # ------------------------------------------------------------------ names
    @api.model
    def _sequence_of(self, product):
        """Where the names of a product's lots come from."""
        return product.lot_sequence_id.sudo() or self.env["ir.sequence"]._for_code("stock.lot.serial")

    @api.model
    def _peek_name(self, product) -> str:
        """The name that the next lot of the product is going to get."""
        sequence = self._sequence_of(product)
        if not sequence:
            return ""
        return f"{sequence.prefix or ''}{sequence.number_next_actual:0{sequence.padding}d}{sequence.suffix or ''}"

    @api.model
    def _next_names(self, product, count: int) -> list[str]:
        """Take `count` new names for lots of the product; names already in use are passed over."""
        names: list[str] = []
        sequence = self._sequence_of(product)
        while len(names) < count:
            batch = sequence.next_many(count - len(names))
            taken = set(self.sudo().search([("product_id", "=", product.id), ("name", "in", batch)]).mapped("name"))
            names += [name for name in batch if name not in taken]
        product.invalidate_recordset(["next_serial"])
        product.product_tmpl_id.invalidate_recordset(["next_serial"])
        return names

    @api.public(access="create")
    @api.model
    def generate_lot_names(self, first_lot: api.Name, count: operations.LotCount) -> list[dict[str, str]]:
        """`count` names that continue `first_lot` by its last number: SN009, SN010, SN011."""
        found = list(re.finditer(r"\d+", first_lot))
        if not found:
            first_lot, found = f"{first_lot}0", list(re.finditer(r"\d+", f"{first_lot}0"))
        last = found[-1]
        head, digits, tail = first_lot[: last.start()], last.group(), first_lot[last.end() :]
        return [{"lot_name": f"{head}{int(digits) + step:0{len(digits)}d}{tail}"} for step in range(count)]

    # ------------------------------------------------------------------ guards and views
    def write(self, vals):
        """A lot that has moved stays a lot of its product."""
        if "product_id" in vals:
            moved = (
                self.env["stock.move.line"]
                .sudo()
                .search(
                    [("lot_id", "in", self.filtered(lambda lot: lot.product_id.id != vals["product_id"]).ids)], limit=1
                )
            )
            if moved:
                raise UserError(
                    self.env._(
                        "%(lot)s has been moved as %(product)s and cannot become a lot of another product.",
                        lot=moved.lot_id.name,
                        product=moved.product_id.display_name,
                    ),
                    code="inventory.lot_moved",
                )
        return super().write(vals)

    @api.public(access="read")
    def action_lot_open_quants(self):
        """Where the lots are."""
        return self.env["stock.quant"].search([("lot_id", "in", self.ids), ("quantity", "!=", 0)])

    @api.public(access="read")
    def action_lot_open_transfers(self):
        """The transfers that moved the lots."""
        return self.delivery_ids

    @api.public(access="read")
    @api.readonly
    def get_traceability(self, direction: Literal["up", "down", "both"] = "both") -> list[dict[str, Any]]:
        """The history of the lots: every done movement, and through productions what went in and what came of it.

        Args:
            direction: "up" (where it came from), "down" (where it went) or "both".
        Returns dictionaries: level, date, reference, product, lot, from, to, quantity, unit.
        """
        return traceability.trace(self, direction)

"""Unbuild order: take a product apart again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.manufacturing.services import unbuilding
from core import api, fields, models
from core.exceptions import ValidationError


class MrpUnbuild(models.Model):
    """So many of a product are taken apart: the product leaves the stock, its components come back."""

    _name = "mrp.unbuild"
    _inherit = ["document.mixin"]
    _description = "Unbuild Order"
    _order = "id desc"

    STATES = [("draft", "Draft"), ("done", "Done")]
    TRANSITIONS = {"action_validate": ({"draft"}, "done"), "action_unbuild": ({"draft"}, "done")}

    name = fields.Char("Reference", default="New", readonly=True, copy=False)
    state = fields.Selection(STATES, "Status", default="draft", readonly=True, copy=False, tracking=True)
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company)
    mo_id = fields.Many2one(
        "mrp.production", "Manufacturing Order", index=True, domain=[("state", "=", "done")], ondelete="restrict"
    )
    product_id = fields.Many2one(
        "product.product", "Product", required=True, compute="_compute_from_order", store=True, readonly=False
    )
    bom_id = fields.Many2one("mrp.bom", "Bill of Materials", compute="_compute_bom_id", store=True, readonly=False)
    product_qty = fields.Quantity("Quantity", default=Decimal(1), required=True)
    product_uom_id = fields.Many2one(
        "uom.uom", "Unit", required=True, compute="_compute_from_order", store=True, readonly=False
    )
    lot_id = fields.Many2one(
        "stock.lot", "Lot/Serial Number", compute="_compute_from_order", store=True, readonly=False
    )
    location_id = fields.Many2one(
        "stock.location", "Source Location", required=True, compute="_compute_locations", store=True, readonly=False
    )
    location_dest_id = fields.Many2one(
        "stock.location",
        "Destination Location",
        required=True,
        compute="_compute_locations",
        store=True,
        readonly=False,
    )
    has_tracking = fields.Selection(related="product_id.tracking", string="Tracking")
    consume_line_ids = fields.One2many("stock.move", "consume_unbuild_id", "Consumed Moves", readonly=True)
    produce_line_ids = fields.One2many("stock.move", "unbuild_id", "Returned Moves", readonly=True)

    @api.depends("mo_id")
    def _compute_from_order(self) -> None:
        for unbuild in self:
            order = unbuild.mo_id
            if order:
                unbuild.product_id = order.product_id
                unbuild.product_uom_id = order.product_uom_id
                unbuild.lot_id = order.lot_producing_ids[:1]
            else:
                unbuild.product_id = unbuild.product_id
                unbuild.product_uom_id = unbuild.product_uom_id or unbuild.product_id.uom_id
                unbuild.lot_id = unbuild.lot_id

    @api.depends("product_id", "mo_id")
    def _compute_bom_id(self) -> None:
        found = self.env["mrp.bom"]._bom_find(self.product_id)
        for unbuild in self:
            unbuild.bom_id = unbuild.mo_id.bom_id or found.get(unbuild.product_id) or False

    @api.depends("company_id", "mo_id")
    def _compute_locations(self) -> None:
        for unbuild in self:
            stock = self.env["stock.warehouse"]._default_for(unbuild.company_id).lot_stock_id
            unbuild.location_id = unbuild.mo_id.location_dest_id or stock
            unbuild.location_dest_id = unbuild.mo_id.location_src_id or stock

    @api.onchange("product_id")
    def _onchange_product_id(self) -> None:
        if self.product_id and not self.mo_id:
            self.product_uom_id = self.product_id.uom_id

    @api.constrains("product_qty")
    def _check_quantity(self) -> None:
        for unbuild in self:
            if unbuild.product_qty <= 0:
                raise ValidationError(
                    self.env._(
                        "%(order)s: enter how many %(product)s to unbuild, more than zero.",
                        order=unbuild.name,
                        product=unbuild.product_id.display_name,
                    ),
                    fields=["product_qty"],
                )

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Number the orders; the unit follows the product where it is not given."""
        rows = [dict(vals) for vals in vals_list]
        unnamed = [row for row in rows if row.get("name", "New") == "New"]
        names = self.env["ir.sequence"]._next_many_by_code("mrp.unbuild", len(unnamed))
        for row, name in zip(unnamed, names, strict=False):
            row["name"] = name
        return super().create(rows)

    @api.transition
    def action_validate(self) -> None:
        """Take the products apart."""
        self.lock_for_update()
        self._check_transition("action_validate")
        for unbuild in self:
            unbuilding.unbuild(unbuild)
        self.write({"state": "done"})
        self._notify("on_done")

    @api.transition
    def action_unbuild(self) -> None:
        """The same under its other name."""
        self.action_validate()

    def _production_location(self) -> Any:
        """Where the product is taken apart."""
        self.ensure_one()
        domain = [("usage", "=", "production"), ("company_id", "in", [False, self.company_id.id])]
        return self.mo_id.production_location_id or self.env["stock.location"].search(domain, limit=1)

"""Unbuild order: take a product apart again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.manufacturing.services import order_defaults, unbuilding
from core import api, fields, models
from core.api import _
from core.exceptions import ValidationError


class MrpUnbuild(models.Model):
    """So many of a product are taken apart: the product leaves the stock, its components come back."""

    _name = "mrp.unbuild"
    _inherit = ["document.mixin"]
    _description = "Unbuild Order"
    _check_company_auto = True
    _order = "id desc"

    STATES = [("draft", "Draft"), ("done", "Done")]
    TRANSITIONS = {"action_validate": ({"draft"}, "done"), "action_unbuild": ({"draft"}, "done")}
    STATE_REFUSALS = {"done": _("%(record)s is already done.")}

    name = fields.Char("Reference", default="New", readonly=True, copy=False)
    state = fields.Selection(STATES, "Status", default="draft", readonly=True, copy=False, tracking=True)
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company)
    mo_id = fields.Many2one(
        "mrp.production",
        "Manufacturing Order",
        index=True,
        domain=[("state", "=", "done")],
        ondelete="restrict",
        check_company=True,
    )
    product_id = fields.Many2one("product.product", "Product", required=True, check_company=True)
    bom_id = fields.Many2one("mrp.bom", "Bill of Materials", check_company=True)
    product_qty = fields.Quantity("Quantity", default=Decimal(1), required=True, uom_field="product_uom_id")
    product_uom_id = fields.Many2one("uom.uom", "Unit", required=True)
    lot_id = fields.Many2one("stock.lot", "Lot/Serial Number", check_company=True)
    location_id = fields.Many2one("stock.location", "Source Location", required=True, check_company=True)
    location_dest_id = fields.Many2one("stock.location", "Destination Location", required=True, check_company=True)
    has_tracking = fields.Selection(related="product_id.tracking", string="Tracking")
    consume_line_ids = fields.One2many("stock.move", "consume_unbuild_id", "Consumed Moves", readonly=True)
    produce_line_ids = fields.One2many("stock.move", "unbuild_id", "Returned Moves", readonly=True)

    @api.onchange("mo_id", "product_id")
    def _onchange_source(self) -> None:
        """The order, or else the product and its bill, say everything else."""
        if self.mo_id:
            self.product_id = self.mo_id.product_id
            self.product_qty = self.mo_id.qty_produced
        for name, value in self._proposal({"mo_id": self.mo_id.id, "product_id": self.product_id.id}).items():
            self[name] = value

    def _proposal(self, vals: dict[str, Any]) -> dict[str, Any]:
        """What follows from the order or the product in `vals`."""
        order = self.env["mrp.production"].browse(vals.get("mo_id") or ())
        product = order.product_id or self.env["product.product"].browse(vals.get("product_id") or ())
        if not product:
            return {}
        company = order.company_id or self.env["res.company"].browse(vals.get("company_id") or self.env.company.id)
        stock = self.env["stock.warehouse"]._default_for(company).lot_stock_id
        bom = order.bom_id or self.env["mrp.bom"]._bom_find(product, company_id=company.id)[product]
        return {
            "product_id": product.id,
            "bom_id": bom.id,
            "product_uom_id": (order.product_uom_id or product.uom_id).id,
            "lot_id": order.lot_producing_ids[:1].id,
            "location_id": (order.location_dest_id or stock).id,
            "location_dest_id": (order.location_src_id or stock).id,
        }

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
                    code="manufacturing.quantity_not_positive",
                )

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Number the orders; what is not given follows from the manufacturing order or the product."""
        rows = [self._proposal(vals) | vals for vals in vals_list]
        return super().create(self.env["ir.sequence"]._with_numbers(self._name, rows))

    @api.public(access="write")
    @api.transition
    def action_validate(self) -> None:
        """Take the products apart."""
        unbuilding.lock(self)
        self._check_transition("action_validate")
        unbuilding.unbuild(self)
        self._settle({"state": "done"})
        self._notify("on_done")

    @api.public(access="write")
    @api.transition
    def action_unbuild(self) -> None:
        """The same under its other name."""
        self.action_validate()

    def _production_location(self) -> Any:
        """Where the product is taken apart."""
        self.ensure_one()
        company = self.company_id
        return self.mo_id.production_location_id or order_defaults.production_locations(company)[company]

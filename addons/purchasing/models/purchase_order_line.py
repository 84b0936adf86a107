"""Lines of purchase orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.purchasing.services import ordering, receiving, vendors
from core import api, fields, models
from core.exceptions import UserError, ValidationError
from core.rounding import format_number

ZERO = Decimal(0)


class PurchaseOrderLine(models.Model):
    """A product, how much of it, at what price, by when; after confirmation also how much of it came in."""

    _name = "purchase.order.line"
    _description = "Purchase Order Line"
    _order = "order_id, sequence, id"
    _rec_name = "name"

    order_id = fields.Many2one("purchase.order", "Order", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one("product.product", "Product", required=True, ondelete="restrict", index=True)
    name = fields.Text("Description", compute="_compute_from_product", store=True, readonly=False)
    product_qty = fields.Quantity("Quantity", required=True, default=Decimal(1))
    product_uom_id = fields.Many2one(
        "uom.uom", "Unit", compute="_compute_from_product", store=True, readonly=False, ondelete="restrict", index=False
    )
    price_unit = fields.Monetary("Unit Price", compute="_compute_price_unit", store=True, readonly=False)
    price_subtotal = fields.Monetary("Amount", compute="_compute_price_subtotal", store=True)
    currency_id = fields.Many2one("res.currency", related="order_id.currency_id")
    date_planned = fields.Datetime("Expected Arrival", compute="_compute_date_planned", store=True, readonly=False)
    state = fields.Selection(related="order_id.state", string="Order Status")
    partner_id = fields.Many2one("res.partner", related="order_id.partner_id", string="Vendor")
    company_id = fields.Many2one("res.company", related="order_id.company_id")
    move_ids = fields.One2many("stock.move", "purchase_line_id", "Stock Moves")
    move_dest_ids = fields.Many2many(
        "stock.move", "purchase_line_move_dest_rel", "line_id", "move_id", "Downstream Moves", copy=False
    )
    qty_received = fields.Quantity("Received", compute="_compute_qty_received", store=True, copy=False)

    @api.depends("product_id")
    def _compute_from_product(self) -> None:
        for line in self:
            product = line.product_id
            line.name = product.description_purchase or product.display_name if product else False
            line.product_uom_id = product.uom_po_id or product.uom_id

    @api.depends("product_id", "product_qty", "product_uom_id", "order_id.partner_id")
    def _compute_price_unit(self) -> None:
        for line in self:
            line.price_unit = vendors.price(line)

    @api.depends("product_id", "order_id.date_order", "order_id.partner_id")
    def _compute_date_planned(self) -> None:
        for line in self:
            line.date_planned = vendors.arrival(line)

    @api.depends("product_qty", "price_unit")
    def _compute_price_subtotal(self) -> None:
        for line in self:
            amount = line.product_qty * line.price_unit
            line.price_subtotal = line.currency_id.round(amount) if line.currency_id else amount

    @api.depends("move_ids.state", "move_ids.quantity", "move_ids.product_uom", "product_uom_id")
    def _compute_qty_received(self) -> None:
        receiving.compute_received(self)

    @api.constrains("product_qty")
    def _check_quantity(self) -> None:
        for line in self:
            if line.product_qty < 0:
                raise ValidationError(
                    self.env._(
                        "%(product)s: the quantity to buy cannot be negative (%(qty)s).",
                        product=line.product_id.display_name,
                        qty=format_number(line.product_qty),
                    ),
                    fields=["product_qty"],
                )

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> PurchaseOrderLine:
        lines = super().create(vals_list)
        confirmed = lines.filtered(lambda line: line.state == "purchase")
        if confirmed:
            ordering.expect(confirmed)
        return lines

    def write(self, vals: dict[str, Any]) -> bool:
        confirmed = self.filtered(lambda line: line.state == "purchase") if "product_qty" in vals else self.browse()
        before = {line.id: line.product_qty for line in confirmed}
        result = super().write(vals)
        if confirmed:
            ordering.change_quantities(confirmed, before)
        return result

    @api.ondelete()
    def _refuse_confirmed(self) -> None:
        for line in self:
            if line.state == "purchase":
                raise UserError(
                    self.env._(
                        "%(product)s on %(order)s is ordered. Set its quantity to 0 instead.",
                        product=line.product_id.display_name,
                        order=line.order_id.name,
                    )
                )

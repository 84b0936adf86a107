"""Lines of orders know their taxes, what of them is invoiced and what is to be."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from addons.inventory.services import order_guards
from addons.invoicing.services import amounts, product_taxes
from addons.sales_invoicing.services import quantities
from core import api, fields, models


class SaleOrderLine(models.Model):
    """Taxes and invoiced quantities of a line."""

    _inherit = "sale.order.line"

    tax_ids = fields.Many2many(
        "account.tax",
        "sale_order_line_account_tax_rel",
        "line_id",
        "tax_id",
        "Taxes",
        domain=[("type_tax_use", "=", "sale")],
        check_company=True,
    )
    price_tax = fields.Monetary(
        "Total Tax", compute="_compute_price_subtotal", store=True, groups="inventory.group_product_prices"
    )
    invoice_lines = fields.Many2many(
        "account.move.line",
        "sale_order_line_invoice_rel",
        "order_line_id",
        "invoice_line_id",
        "Invoice Lines",
        copy=False,
    )
    qty_invoiced = fields.Quantity(
        "Invoiced", compute="_compute_qty_invoiced", store=True, help="On invoices that are not cancelled, less credits"
    )
    qty_to_invoice = fields.Quantity(
        "To Invoice", compute="_compute_qty_to_invoice", store=True, help="Negative where something is to be credited"
    )
    invoice_status = fields.Selection(
        quantities.STATUS, "Invoice Status", compute="_compute_invoice_status", store=True
    )

    @api.onchange("product_id")
    def _onchange_product_id(self) -> None:
        self.tax_ids = product_taxes.of_line(self)

    @api.depends("tax_ids.amount")
    def _compute_price_subtotal(self) -> None:
        super()._compute_price_subtotal()
        for line in self:
            taxes = amounts.tax_amounts(line.price_subtotal, line.tax_ids, line.currency_id)
            line.price_tax = sum(taxes.values(), amounts.ZERO)
            line.price_total = line.price_subtotal + line.price_tax

    @api.depends(
        "product_uom_id",
        "invoice_lines.quantity",
        "invoice_lines.product_uom_id",
        "invoice_lines.move_id.state",
        "invoice_lines.move_id.move_type",
    )
    def _compute_qty_invoiced(self) -> None:
        for line in self:
            line.qty_invoiced = quantities.invoiced(line)

    @api.depends(
        "state", "display_type", "product_uom_qty", "qty_delivered", "qty_invoiced", "product_id.invoice_policy"
    )
    def _compute_qty_to_invoice(self) -> None:
        for line in self:
            due = quantities.due(line)
            line.qty_to_invoice = due - line.qty_invoiced if line.state == "sale" else amounts.ZERO

    @api.depends("state", "display_type", "product_uom_qty", "qty_delivered", "qty_invoiced", "qty_to_invoice")
    def _compute_invoice_status(self) -> None:
        for line in self:
            line.invoice_status = quantities.status(line)

    def _prepare_invoice_line(self, quantity: Decimal) -> dict[str, Any]:
        """The values of an invoice line over `quantity` of this line, in its unit; addons add what theirs carry."""
        return {
            "sequence": self.sequence,
            "product_id": self.product_id.id,
            "name": self.name,
            "quantity": quantity,
            "product_uom_id": self.product_uom_id.id,
            "price_unit": self.price_unit,
            "discount": self.discount,
            "tax_ids": [(6, 0, self.tax_ids.ids)],
            "sale_line_ids": [(6, 0, self.ids)],
        }

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> SaleOrderLine:
        lines = super().create(vals_list)
        product_taxes.on_create(lines, vals_list)
        return lines

    def write(self, vals: Mapping[str, Any]) -> bool:
        if "tax_ids" in vals:
            order_guards.refuse_locked(self.order_id)
        result = super().write(vals)
        product_taxes.on_write(self, vals)
        return result

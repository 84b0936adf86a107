"""Lines of invoices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.inventory.services import order_guards
from addons.invoicing.services import amounts, closed_invoices, product_taxes
from core import api, fields, models
from core.exceptions import ValidationError

#: How many of the currency's smallest coins a line may differ from its own rounded amount.
MOST_COINS = 5


class AccountMoveLine(models.Model):
    """What is charged: a product or a description, how much of it, at what price, with which taxes."""

    _name = "account.move.line"
    _description = "Invoice Line"
    _inherit = ["product.line.mixin"]
    _order = "move_id desc, sequence, id"

    move_id = fields.Many2one("account.move", "Invoice", required=True, ondelete="cascade", index=True)
    quantity = fields.Quantity("Quantity", default=Decimal(1), required=True)
    price_unit = fields.Monetary("Unit Price", compute="_compute_price_unit", store=True, readonly=False)
    discount = fields.Quantity("Discount (%)", digits=2)
    tax_ids = fields.Many2many(
        "account.tax",
        "account_move_line_account_tax_rel",
        "account_move_line_id",
        "account_tax_id",
        "Taxes",
        domain=[("type_tax_use", "=", "sale")],
        check_company=True,
    )
    price_rounding = fields.Monetary(
        "Rounding",
        compute="_compute_price_rounding",
        store=True,
        readonly=False,
        copy=False,
        help="Cents added so that partial invoices of one order line make up its amount",
    )
    tax_rounding = fields.Json(
        "Rounding of Taxes", compute="_compute_tax_rounding", store=True, readonly=False, copy=False
    )
    price_subtotal = fields.Monetary("Amount", compute="_compute_amounts", store=True)
    price_total = fields.Monetary("Total", compute="_compute_amounts", store=True)
    tax_details = fields.Json("Tax Details", compute="_compute_amounts", store=True)
    currency_id = fields.Many2one("res.currency", related="move_id.currency_id")
    company_id = fields.Many2one("res.company", related="move_id.company_id")
    partner_id = fields.Many2one("res.partner", related="move_id.partner_id", string="Customer")
    parent_state = fields.Selection(related="move_id.state", string="Invoice Status")
    move_type = fields.Selection(related="move_id.move_type", string="Type")

    @api.depends("product_id")
    def _compute_price_unit(self) -> None:
        for line in self:
            line.price_unit = line.product_id.lst_price if line.product_id else line.price_unit

    @api.onchange("product_id")
    def _onchange_product_id(self) -> None:
        self.tax_ids = product_taxes.of_line(self)

    # A rounding difference belongs to the figures it was worked out for.
    @api.depends("quantity", "price_unit", "discount")
    def _compute_price_rounding(self) -> None:
        for line in self:
            line.price_rounding = amounts.ZERO

    @api.depends("quantity", "price_unit", "discount")
    def _compute_tax_rounding(self) -> None:
        for line in self:
            line.tax_rounding = False

    @api.depends("quantity", "price_unit", "discount", "tax_ids", "price_rounding", "tax_rounding")
    def _compute_amounts(self) -> None:
        for line in self:
            currency = line.currency_id
            base = amounts.subtotal(line.quantity, line.price_unit, line.discount, currency) + line.price_rounding
            details = amounts.tax_details(base, line.tax_ids, currency, line.tax_rounding or {})
            line.price_subtotal = base
            line.price_total = base + sum((Decimal(row["amount"]) for row in details), amounts.ZERO)
            line.tax_details = details

    def _reversal_values(self) -> dict[str, Any]:
        """The values of the line of a credit note that mirrors this one. Addons add what a line of theirs refers to."""
        return {
            "sequence": self.sequence,
            "product_id": self.product_id.id,
            "name": self.name,
            "quantity": self.quantity,
            "product_uom_id": self.product_uom_id.id,
            "price_unit": self.price_unit,
            "discount": self.discount,
            "tax_ids": [(6, 0, self.tax_ids.ids)],
            "price_rounding": self.price_rounding,
            "tax_rounding": self.tax_rounding,
        }

    @api.constrains("discount")
    def _check_discount(self) -> None:
        order_guards.check_discount(self, code="invoicing.discount")

    @api.constrains("price_rounding", "tax_rounding")
    def _check_rounding(self) -> None:
        for line in self:
            differences = [line.price_rounding, *(Decimal(part) for part in (line.tax_rounding or {}).values())]
            if any(abs(part) > MOST_COINS * line.currency_id.rounding for part in differences):
                raise ValidationError(
                    self.env._("%(line)s: the rounding difference is too large.", line=line.name),
                    fields=["price_rounding"],
                    code="invoicing.rounding",
                )

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> AccountMoveLine:
        lines = super().create(vals_list)
        closed_invoices.check_open(lines.move_id)
        product_taxes.on_create(lines, vals_list)
        return lines

    def write(self, vals: dict[str, Any]) -> bool:
        closed_invoices.check_open(self.move_id)
        if "tax_ids" in vals and "tax_rounding" not in vals:
            vals = {**vals, "tax_rounding": False}
        result = super().write(vals)
        if "move_id" in vals:
            closed_invoices.check_open(self.move_id)
        product_taxes.on_write(self, vals)
        return result

    @api.ondelete()
    def _refuse_closed(self) -> None:
        closed_invoices.check_lines_deletable(self.move_id)

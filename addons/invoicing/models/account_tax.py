"""Taxes."""

from __future__ import annotations

from typing import Any

from core import api, fields, models
from core.api import _
from core.exceptions import UserError


class AccountTax(models.Model):
    """A percentage of the price that is added to it. Prices are always without taxes."""

    _name = "account.tax"
    _description = "Tax"
    _order = "sequence, id"

    name = fields.Char("Tax Name", required=True)
    invoice_label = fields.Char("Label on Invoices", help="What invoices call the tax; its name if empty")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    type_tax_use = fields.Selection(
        [("sale", "Sales"), ("purchase", "Purchases"), ("none", "None")], "Tax Type", default="sale", required=True
    )
    amount_type = fields.Selection(
        [("percent", "Percentage of Price")], "Tax Computation", default="percent", required=True
    )
    amount = fields.Quantity("Rate (%)", digits=4, required=True, help="Percent of the price without taxes")
    company_id = fields.Many2one(
        "res.company", "Company", required=True, default=lambda self: self.env.company, index=True
    )

    _amount_not_negative = models.Constraint("CHECK (amount >= 0)", "The rate of a tax cannot be negative.")
    _name_unique = models.UniqueIndex(
        "(company_id, type_tax_use, name)", "The company already has a tax of this type and name."
    )

    def write(self, vals: dict[str, Any]) -> bool:
        """Write; the rate of a tax that is on an invoice stays."""
        if "amount" in vals:
            self._refuse_new_rate(vals["amount"])
        return super().write(vals)

    def _refuse_new_rate(self, rate: Any) -> None:
        field = self._fields["amount"]
        changed = self.filtered(lambda tax: field.convert_to_cache(rate, tax) != tax.amount)
        changed._refuse_on_invoices(
            _("%(tax)s is on %(invoice)s, so its rate stays. Archive it and create a tax with the new rate.")
        )

    @api.ondelete()
    def _refuse_used(self) -> None:
        self._refuse_on_invoices(_("%(tax)s is on %(invoice)s and cannot be deleted. Archive it."))

    def _refuse_on_invoices(self, text: str) -> None:
        """Refuse with `text` where one of these taxes is on an invoice."""
        line = self.env["account.move.line"].sudo().search([("tax_ids", "in", self.ids)], limit=1) if self else None
        if line:
            tax = (line.tax_ids & self)[0]
            raise UserError(
                self.env._(text, tax=tax.name, invoice=line.move_id.display_name), code="invoicing.tax_in_use"
            )

"""Companies have a tax that new products begin with, and numbers for their invoices."""

from __future__ import annotations

from typing import Any

from core import api, fields, models


class ResCompany(models.Model):
    """The default tax of sales; each new company gets its sequences."""

    _inherit = "res.company"

    account_sale_tax_id = fields.Many2one(
        "account.tax", "Default Sales Tax", ondelete="set null", help="What new products are taxed with"
    )

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> ResCompany:
        companies = super().create(vals_list)
        self.env["account.move"].sudo()._provide_sequences(companies)
        return companies

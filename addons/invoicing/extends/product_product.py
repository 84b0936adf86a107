"""Variants are invoiced as their template says."""

from __future__ import annotations

from typing import Any

from core import models


class ProductProduct(models.Model):
    """The taxes of a sale."""

    _inherit = "product.product"

    def _sale_taxes(self, company: Any) -> Any:
        """The taxes on a sale of the product by a company."""
        return self.taxes_id.filtered(lambda tax: tax.company_id == company and tax.type_tax_use == "sale")

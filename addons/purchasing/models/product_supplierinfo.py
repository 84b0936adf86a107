"""Vendor price lists: who sells a product, at what price, from which quantity, how fast."""

from __future__ import annotations

from typing import Any

from core import api, fields, models
from core.exceptions import ValidationError


class ProductSupplierinfo(models.Model):
    """One vendor's terms for one product; the first line that fits says from whom is bought."""

    _name = "product.supplierinfo"
    _description = "Vendor Price"
    _check_company_auto = True
    _order = "sequence, min_qty desc, price, id"
    _rec_name = "partner_id"

    sequence = fields.Integer(default=1)
    partner_id = fields.Many2one(
        "res.partner", "Vendor", required=True, ondelete="cascade", index=True, check_company=True
    )
    product_tmpl_id = fields.Many2one(
        "product.template", "Product", required=True, ondelete="cascade", index=True, check_company=True
    )
    product_id = fields.Many2one(
        "product.product", "Product Variant", ondelete="cascade", help="Only this variant", check_company=True
    )
    product_name = fields.Char("Vendor Product Name")
    product_code = fields.Char("Vendor Product Code")
    product_uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        compute="_compute_product_uom_id",
        store=True,
        readonly=False,
        ondelete="restrict",
        index=False,
        help="The unit that the vendor sells in: quantity and price are meant in it",
    )
    min_qty = fields.Quantity("Minimum Quantity", help="The terms apply from this quantity on")
    price = fields.Monetary("Unit Price", groups="inventory.group_product_prices")
    discount = fields.Quantity("Discount (%)", digits=2, groups="inventory.group_product_prices")
    price_discounted = fields.Monetary(
        "Discounted Price", compute="_compute_price_discounted", groups="inventory.group_product_prices"
    )
    currency_id = fields.Many2one(
        "res.currency", "Currency", default=lambda self: self.env.company.currency_id, index=False
    )
    delay = fields.Integer("Delivery Lead Time", default=1, help="Days from the order to the receipt")
    company_id = fields.Many2one("res.company", "Company", index=False)
    date_start = fields.Date("Start Date")
    date_end = fields.Date("End Date")
    _min_qty_positive = models.Constraint("CHECK (min_qty >= 0)", "The minimum quantity cannot be negative.")
    _price_positive = models.Constraint("CHECK (price >= 0)", "The price cannot be negative.")

    @api.depends("product_tmpl_id")
    def _compute_product_uom_id(self) -> None:
        for seller in self:
            template = seller.product_tmpl_id
            seller.product_uom_id = template.uom_po_id or template.uom_id

    @api.depends("price", "discount")
    def _compute_price_discounted(self) -> None:
        for seller in self:
            seller.price_discounted = seller.price * (100 - seller.discount) / 100

    @api.constrains("discount", "product_uom_id")
    def _check_terms(self) -> None:
        for seller in self:
            if not 0 <= seller.discount <= 100:
                raise ValidationError(
                    self.env._("The discount of a vendor price is between 0 and 100 percent."),
                    fields=["discount"],
                    code="purchasing.discount",
                )
            own = seller.product_tmpl_id.uom_id
            if own and seller.product_uom_id and not seller.product_uom_id._has_common_reference(own):
                raise ValidationError(
                    self.env._(
                        "%(product)s is kept in %(product_unit)s; it cannot be bought in %(unit)s.",
                        product=seller.product_tmpl_id.display_name,
                        product_unit=own.name,
                        unit=seller.product_uom_id.name,
                    ),
                    fields=["product_uom_id"],
                    code="purchasing.unit_family",
                )

    def _unit(self) -> Any:
        """The unit that quantity and price are meant in."""
        return self.product_uom_id or self.product_tmpl_id.uom_po_id or self.product_tmpl_id.uom_id

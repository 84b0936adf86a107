"""Vendor price lists: who sells a product, at what price, from which quantity, how fast."""

from core import fields, models


class ProductSupplierinfo(models.Model):
    """One vendor's terms for one product; the first line that fits is the one that is bought from."""

    _name = "product.supplierinfo"
    _description = "Vendor Price"
    _order = "sequence, min_qty desc, price, id"
    _rec_name = "partner_id"

    sequence = fields.Integer(default=1)
    partner_id = fields.Many2one("res.partner", "Vendor", required=True, ondelete="cascade", index=True)
    product_tmpl_id = fields.Many2one("product.template", "Product", required=True, ondelete="cascade", index=True)
    product_id = fields.Many2one("product.product", "Product Variant", ondelete="cascade", help="Only this variant")
    product_name = fields.Char("Vendor Product Name")
    product_code = fields.Char("Vendor Product Code")
    min_qty = fields.Quantity("Minimal Quantity", help="The terms hold from this quantity on, in the purchase unit")
    price = fields.Monetary("Unit Price")
    currency_id = fields.Many2one(
        "res.currency", "Currency", default=lambda self: self.env.company.currency_id, index=False
    )
    delay = fields.Integer("Delivery Lead Time", default=1, help="Days from the order to the receipt")
    company_id = fields.Many2one("res.company", "Company", index=False)
    date_start = fields.Date("Start Date")
    date_end = fields.Date("End Date")
    _min_qty_positive = models.Constraint("CHECK (min_qty >= 0)", "The minimal quantity cannot be negative.")
    _price_positive = models.Constraint("CHECK (price >= 0)", "The price cannot be negative.")

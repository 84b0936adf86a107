"""Products know who sells them."""

from core import fields, models


class ProductTemplate(models.Model):
    """Vendors and their terms."""

    _inherit = "product.template"

    seller_ids = fields.One2many("product.supplierinfo", "product_tmpl_id", "Vendors", copy=True)

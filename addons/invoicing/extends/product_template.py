"""Products know what is invoiced of them, and with which taxes."""

from core import fields, models


class ProductTemplate(models.Model):
    """Invoicing policy and taxes."""

    _inherit = "product.template"

    invoice_policy = fields.Selection(
        [("order", "Ordered quantities"), ("delivery", "Delivered quantities")],
        "Invoicing Policy",
        default="order",
        required=True,
        help="Ordered quantities: invoiced as soon as it is ordered; what is cancelled instead of delivered, as where "
        "backorders are never created, is invoiced too.\nDelivered quantities: invoiced once delivered.",
    )
    taxes_id = fields.Many2many(
        "account.tax",
        "product_taxes_rel",
        "prod_id",
        "tax_id",
        "Sales Taxes",
        domain=[("type_tax_use", "=", "sale")],
        default=lambda self: self.env.company.account_sale_tax_id,
    )

"""Partners: where their goods go to and come from, and how much of them may be missing."""

from __future__ import annotations

from core import fields, models


class ResPartner(models.Model):
    """Adds the locations that transfers to and from a partner use, and their underdelivery tolerance."""

    _name = "res.partner"
    _inherit = ["res.partner", "stock.underdelivery.mixin"]

    property_stock_customer = fields.Many2one(
        "stock.location",
        "Customer Location",
        domain=[("usage", "in", ("customer", "transit", "internal"))],
        help="Where deliveries to this contact go, if not to the common customer location",
    )
    property_stock_supplier = fields.Many2one(
        "stock.location",
        "Vendor Location",
        domain=[("usage", "in", ("supplier", "transit", "internal"))],
        help="Where receipts from this contact come from, if not from the common vendor location",
    )
    picking_warn_msg = fields.Text("Message on Transfers")

"""Vendors know their orders."""

from core import fields, models


class ResPartner(models.Model):
    """Orders to a partner."""

    _inherit = "res.partner"

    purchase_order_ids = fields.One2many("purchase.order", "partner_id", "Purchase Orders")

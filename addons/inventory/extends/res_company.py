"""Companies: each has a warehouse of its own."""

from __future__ import annotations

from addons.inventory.services import remaining
from core import api, fields, models


class ResCompany(models.Model):
    """A new company comes with a warehouse."""

    _inherit = "res.company"

    horizon_days = fields.Integer(
        "Replenishment Horizon",
        default=0,
        help="Days beyond the lead time that reordering rules look ahead. Without any, goods are ordered just in time.",
    )

    underdelivery_tolerance = fields.Quantity(
        "Underdelivery Tolerance (%)",
        digits=2,
        help="A missing quantity of up to this percentage of the demand is closed without a question and without a "
        "backorder. It counts per transfer or manufacturing order, not per sales or purchase order. Orders, contacts, "
        "product categories and operation types can set another one.",
    )

    @api.constrains("underdelivery_tolerance")
    def _check_underdelivery_tolerance(self):
        remaining.check_tolerance(self)

    @api.model_create_multi
    def create(self, vals_list):
        """Create companies, each with its first warehouse."""
        companies = super().create(vals_list)
        if self.env.ref("inventory.warehouse0", raise_if_not_found=False):  # else inventory is being installed just now
            self.env["stock.warehouse"].sudo()._provide_for(companies)
        return companies

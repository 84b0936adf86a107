"""Underdelivery tolerance: the part of a demand that may be missing without a backorder."""

from __future__ import annotations

from decimal import Decimal

from addons.inventory.services import remaining
from core import api, fields, models


class StockUnderdeliveryMixin(models.AbstractModel):
    """Records that may set a tolerance of their own for their transfers or productions.

    "Not set" and 0 differ: what is not set leaves the decision to the next level, 0 says that every rest counts. So
    there are two fields: `use_underdelivery_tolerance` says that the percentage holds. A percentage other than 0 that
    is written without it sets it; to say 0, write both.
    """

    _name = "stock.underdelivery.mixin"
    _description = "Underdelivery Tolerance"

    use_underdelivery_tolerance = fields.Boolean(
        "Set Underdelivery Tolerance",
        compute="_compute_use_underdelivery_tolerance",
        store=True,
        readonly=False,
        copy=True,
        help="Use the percentage given here; with 0 every missing quantity counts. If not set, that of the next level "
        "applies: order, customer or vendor, product category, operation type, company.",
    )
    underdelivery_tolerance = fields.Quantity(
        "Underdelivery Tolerance (%)",
        digits=2,
        help="A missing quantity of up to this percentage of the demand is closed without a question and without a "
        "backorder. It counts per transfer or manufacturing order, not per sales or purchase order: for a backorder, "
        "the percentage is that of its own demand.",
    )

    @api.depends("underdelivery_tolerance")
    def _compute_use_underdelivery_tolerance(self):
        for record in self:
            record.use_underdelivery_tolerance = bool(
                record.use_underdelivery_tolerance or record.underdelivery_tolerance
            )

    @api.constrains("underdelivery_tolerance")
    def _check_underdelivery_tolerance(self):
        remaining.check_tolerance(self)

    def _own_underdelivery_tolerance(self) -> Decimal | None:
        """The percentage that this record sets; None where it leaves that to the next level."""
        return self.underdelivery_tolerance if self.use_underdelivery_tolerance else None

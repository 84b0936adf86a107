"""What the underdelivery tolerance closed of a document, in its history."""

from __future__ import annotations

from core import fields, models


class StockToleratedMixin(models.AbstractModel):
    """Documents of which something may be closed within the tolerance; written by services/tolerance_history.py."""

    _name = "stock.tolerated.mixin"
    _description = "Closed within Tolerance"

    closed_within_tolerance = fields.Char(
        "Closed within Tolerance",
        readonly=True,
        copy=False,
        tracking=True,
        help="What was missing, within the underdelivery tolerance, and was closed without a backorder",
    )

"""Why something is on backorder."""

from __future__ import annotations

from core import fields, models


class StockBackorderReason(models.Model):
    """Why something is on backorder. Addons add records, and name them through the hook `explain_shortfall`."""

    _name = "stock.backorder.reason"
    _description = "Backorder Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)

    _code_unique = models.UniqueIndex("(code)", "A reason code must be unique.")

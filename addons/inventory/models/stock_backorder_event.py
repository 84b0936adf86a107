"""The history of backorders."""

from __future__ import annotations

from core import fields, models


class StockBackorderEvent(models.Model):
    """One line of a backorder's history. The user and the time are those of the record."""

    _name = "stock.backorder.event"
    _description = "Backorder Event"
    _order = "id"

    backorder_id = fields.Many2one("stock.backorder", "Backorder", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(
        [
            ("opened", "Fell short"),
            ("deferred", "Put off again"),
            ("raised", "Raised"),
            ("delivered", "Delivered"),
            ("cancelled", "Cancelled"),
            ("held", "Put on hold"),
            ("released", "Released"),
            ("withdrawn", "Taken back"),
        ],
        "Event",
        required=True,
    )
    quantity = fields.Quantity("Quantity")
    document = fields.Char("Document")

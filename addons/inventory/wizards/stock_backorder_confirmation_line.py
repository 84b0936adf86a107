"""One transfer of the question about backorders."""

from __future__ import annotations

from core import fields, models


class StockBackorderConfirmationLine(models.TransientModel):
    """One transfer of the question, and its own answer."""

    _name = "stock.backorder.confirmation.line"
    _description = "Backorder Confirmation Line"

    backorder_confirmation_id = fields.Many2one(
        "stock.backorder.confirmation", "Question", required=True, ondelete="cascade"
    )
    picking_id = fields.Many2one("stock.picking", "Transfer", required=True, ondelete="cascade")
    to_backorder = fields.Boolean("To Backorder", default=True)

"""The dialog that makes credit notes."""

from __future__ import annotations

from typing import Any

from addons.invoicing.services import reversal
from core import api, fields, models


class AccountMoveReversal(models.TransientModel):
    """Why and when invoices are credited. The credit notes are drafts: what is not credited is taken out of them."""

    _name = "account.move.reversal"
    _description = "Credit Note"

    move_ids = fields.Many2many(
        "account.move",
        "account_move_reversal_move",
        "reversal_id",
        "move_id",
        "Invoices",
        required=True,
        default=lambda self: self._default_moves(),
    )
    reason = fields.Char("Reason")
    date = fields.Date("Credit Note Date", required=True, default=lambda self: fields.Date.context_today(self))
    new_move_ids = fields.Many2many(
        "account.move", "account_move_reversal_new_move", "reversal_id", "new_move_id", "Credit Notes"
    )

    @api.model
    def _default_moves(self) -> Any:
        """The invoices from which the dialog was opened."""
        return self._active_ids("account.move")

    @api.public(access="write")
    def reverse_moves(self) -> Any:
        """Create the credit notes; they are returned."""
        self.ensure_one()
        self.new_move_ids = reversal.credit(self.move_ids, self.reason or "", self.date)
        return self.new_move_ids

    @api.public(access="write")
    def refund_moves(self) -> Any:
        """Create the credit notes, by the name that newer clients call."""
        return self.reverse_moves()

"""Credit notes over invoices: the same lines to the cent, in the other direction."""

from __future__ import annotations

from typing import Any

from addons.invoicing.services.closed_invoices import lock
from core.exceptions import UserError


def check(moves: Any) -> None:
    """Refuse what cannot be credited: only posted invoices can."""
    wrong = moves.filtered(lambda move: move.move_type != "out_invoice" or move.state != "posted")
    if wrong or not moves:
        raise UserError(
            moves.env._(
                "%(invoices)s: only a posted invoice can be credited. A draft can be changed or cancelled.",
                invoices=wrong._described(),
            ),
            code="invoicing.nothing_to_credit",
            data={"invoices": wrong.mapped("name")},
        )


def credit(moves: Any, reason: str, day: Any) -> Any:
    """Create draft credit notes, one per invoice, that mirror the invoices exactly; they are returned."""
    lock(moves)  # no invoice is reset to draft while its credit note is created
    check(moves)
    env = moves.env
    text = env._("Reversal of: %(invoice)s, %(reason)s") if reason else env._("Reversal of: %(invoice)s")
    notes = env["account.move"].create(
        [
            {
                "move_type": "out_refund",
                "reversed_entry_id": move.id,
                "ref": text % {"invoice": move.name, "reason": reason},
                "invoice_date": day,
                "invoice_origin": move.invoice_origin,
                "partner_id": move.partner_id.id,
                "company_id": move.company_id.id,
                "invoice_user_id": move.invoice_user_id.id,
                "narration": move.narration,
                "invoice_line_ids": [(0, 0, line._reversal_values()) for line in move.invoice_line_ids],
            }
            for move in moves
        ]
    )
    env.notify(env._("Created:"), records=notes)
    return notes

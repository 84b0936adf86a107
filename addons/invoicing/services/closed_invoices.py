"""A posted invoice is closed: what it says stays. A credit note corrects it, or it is reset to draft where that may be.

States and numbers are given by the actions only: `create` and `write` refuse them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addons.invoicing.exceptions import InvoiceClosed
from core.api import _
from core.exceptions import AccessError, UserError

#: What may be noted on an invoice at any time.
FREE = frozenset({"ref"})
GROUP = "invoicing.group_account_invoice"
NO_NUMBER = "/"
LOCKED = "invoicing.locked_invoices"


def lock(moves: Any) -> None:
    """Lock the rows of invoices until the transaction ends, and read again what other users may have changed.

    Each is locked once; those created in this transaction need no lock. SQLite has one writer and needs no lock.
    """
    env = moves.env
    if env.cr.dialect != "postgresql":
        return
    locked: set[int] = env.cr.memory.setdefault(LOCKED, set())
    fresh = moves._written().filtered(lambda move: move.id not in locked)
    if not fresh:
        return
    ids = fresh.ids
    fresh.lock_for_update()
    locked.update(ids)
    env.cr.after_rollback(lambda: locked.difference_update(ids))
    for name in ("account.move", "account.move.line"):
        env[name].invalidate_model()


def check_open(moves: Any) -> None:
    """Lock invoices, and refuse to touch what is not a draft. Raises InvoiceClosed."""
    lock(moves)
    closed = moves.filtered(lambda move: move.state != "draft")
    if closed:
        text = _(
            "%(invoices)s: an invoice that is posted or cancelled is not changed. "
            "Add a credit note, or reset it to draft."
        )
        raise closed_error(closed, text)


def closed_error(invoices: Any, text: str) -> InvoiceClosed:
    """The error about invoices that stay as they are.

    Args:
        text: marked by `_`, with the place `invoices`; it says the way out.
    """
    message = invoices.env._(text, invoices=invoices._described())
    return InvoiceClosed(message, data={"invoices": invoices.mapped("name")})


def check_values(moves: Any, vals: Mapping[str, Any]) -> None:
    """Refuse what `vals` would change of closed invoices."""
    if vals.keys() - FREE:
        check_open(moves.filtered(lambda move: _changes(move, vals)))


def _changes(move: Any, vals: Mapping[str, Any]) -> bool:
    """Whether `vals` would change something that is not free; commands for lines always do."""
    for name, value in vals.items():
        field = move._fields.get(name)
        if name in FREE or field is None:
            continue
        if field.type in ("one2many", "many2many"):
            if value:
                return True
        elif field.convert_to_cache(value, move) != field.convert_to_cache(move[name], move):
            return True
    return False


def check_group(env: Any) -> None:
    """Refuse those who may not post. Raises AccessError."""
    if not env.su and not env.user.has_group(GROUP):
        raise AccessError(
            env._("Posting, cancelling and resetting invoices needs the group Invoicing."),
            code="invoicing.group_required",
        )


def check_year(moves: Any, day: Any) -> None:
    """Refuse to move numbered invoices into another year: their numbers name it."""
    for move in moves:
        date = move._fields["invoice_date"].convert_to_cache(day, move)
        if move.name != NO_NUMBER and move.invoice_date and (not date or date.year != move.invoice_date.year):
            raise UserError(
                move.env._(
                    "%(invoice)s has a number of %(year)s, so its date stays in that year.",
                    invoice=move.name,
                    year=str(move.invoice_date.year),
                ),
                code="invoicing.number_year",
            )


def check_series(moves: Any, vals: Mapping[str, Any]) -> None:
    """Refuse to move numbered invoices into the series of another company or type."""
    numbered = moves.filtered(
        lambda move: (
            move.name != NO_NUMBER
            and (
                vals.get("move_type", move.move_type) != move.move_type
                or vals.get("company_id", move.company_id.id) != move.company_id.id
            )
        )
    )
    if numbered:
        raise closed_error(numbered, _("%(invoices)s has a number, so its type and company stay."))


def check_deletable(moves: Any) -> None:
    """Refuse to delete what is not a draft, or has a number: the numbers have no gaps."""
    lock(moves)
    check_open(moves.filtered(lambda move: move.state == "posted"))
    numbered = moves.filtered(lambda move: move.name != NO_NUMBER)
    if numbered:
        raise closed_error(numbered, _("%(invoices)s cannot be deleted: the numbers would have a gap. Cancel it."))


def check_lines_deletable(moves: Any) -> None:
    """Refuse to delete lines of invoices that are in the books; those of a cancelled draft go with it."""
    lock(moves)
    check_open(moves.filtered(lambda move: move.state == "posted" or move.name != NO_NUMBER))

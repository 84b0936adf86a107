"""The life of invoices: numbers are given when an invoice is posted, without gaps, and stay with it.

post ─> group ─> on_validate ─> what keeps them from being posted ─> dates ─> numbers, one series per company, type
and year ─> posted ─> on_done
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from addons.inventory.services.problems import Problems
from addons.invoicing.exceptions import NotPostable
from addons.invoicing.services.closed_invoices import NO_NUMBER, check_group, closed_error, lock
from core.api import _
from core.fields import Date

#: move type -> code, title and prefix of its sequence; each company has one of its own.
SEQUENCES = {
    "out_invoice": ("account.move.out_invoice", "Customer Invoices", "INV/%(range_year)s/"),
    "out_refund": ("account.move.out_refund", "Customer Credit Notes", "RINV/%(range_year)s/"),
}


def post(moves: Any, answers: Mapping[str, Any]) -> Any:
    """Post drafts; returns a wizard where an addon has to ask first."""
    check_group(moves.env)
    moves.check_access("write")
    claim(moves, "action_post")
    check_postable(moves)
    question = moves._run_validate(answers)
    if question:
        return question
    today = Date.context_today(moves)
    for move in moves:
        day = move.invoice_date or today
        move._settle({"invoice_date": day, "invoice_date_due": move.invoice_date_due or day})
    number(moves)
    moves._settle({"state": "posted"})
    moves._notify("on_done")
    moves.env.notify(moves.env._("Posted:"), records=moves)
    return None


def claim(moves: Any, action: str) -> None:
    """Lock invoices, and check again that `action` is possible."""
    lock(moves)
    moves._check_transition(action)


def check_postable(moves: Any) -> None:
    """Raise NotPostable with everything that keeps the invoices from being posted."""
    problems = Problems(moves.env)
    for move in moves:
        if not move.invoice_line_ids:
            problems.add("no_lines", _("%(invoice)s has no lines. Add at least one."), invoice=move.display_name)
        if move.amount_total < 0:
            text = _("%(invoice)s: the total %(total)s is negative. Create a credit note instead.")
            total = move.currency_id.format(move.amount_total)
            problems.add("negative_total", text, invoice=move.display_name, total=total)
    problems.refuse(NotPostable)


def number(moves: Any) -> None:
    """Give a number to each invoice that has none, in the order of dates; one statement per series."""
    series: defaultdict[tuple[int, str, int], list[Any]] = defaultdict(list)
    for move in moves.filtered(lambda move: move.name == NO_NUMBER).sorted(lambda move: (move.invoice_date, move.id)):
        series[move.company_id.id, move.move_type, move.invoice_date.year].append(move)
    if not series:
        return
    sequences = sequences_of(moves.env, moves.company_id)
    for (company, move_type, _year), members in sorted(series.items()):
        numbers = sequences[company, move_type].next_many(len(members), members[0].invoice_date)
        for move, name in zip(members, numbers, strict=True):
            move._settle({"name": name})


def sequences_of(env: Any, companies: Any) -> dict[tuple[int, str], Any]:
    """Company id and move type -> its sequence."""
    types = {code: move_type for move_type, (code, _title, _prefix) in SEQUENCES.items()}
    found = env["ir.sequence"].sudo().search([("code", "in", list(types)), ("company_id", "in", companies.ids)])
    return {(sequence.company_id.id, types[sequence.code]): sequence for sequence in found}


def provide_sequences(env: Any, companies: Any = None) -> None:
    """Create the sequences that companies lack; numbers go on where an earlier installation left off."""
    companies = env["res.company"].sudo().with_context(active_test=False).search([]) if companies is None else companies
    known = sequences_of(env, companies)
    env["ir.sequence"].sudo().create(
        [
            {
                "name": title,
                "code": code,
                "prefix": prefix,
                "padding": 5,
                "implementation": "no_gap",
                "use_date_range": True,
                "company_id": company.id,
            }
            for company in companies
            for move_type, (code, title, prefix) in SEQUENCES.items()
            if (company.id, move_type) not in known
        ]
    )


def reset(moves: Any) -> None:
    """Make drafts of posted or cancelled invoices."""
    check_group(moves.env)
    moves.check_access("write")
    claim(moves, "button_draft")
    credited = moves.filtered(lambda move: any(each.state != "cancel" for each in move.reversal_move_ids))
    if credited:
        text = _("%(invoices)s: a credit note refers to it, so it stays posted. Cancel the credit note first.")
        raise closed_error(credited, text)
    moves._settle({"state": "draft"})


def cancel(moves: Any) -> None:
    """Cancel drafts."""
    check_group(moves.env)
    moves.check_access("write")
    claim(moves, "button_cancel")
    moves._settle({"state": "cancel"})
    moves._notify("on_cancel")
    moves.env.notify(moves.env._("Cancelled:"), "info", moves)

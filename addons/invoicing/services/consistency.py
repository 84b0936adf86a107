"""What must hold of posted invoices, checked on a live database by `stillage check`.

invoicing.E001   the totals of an invoice are the sums of its lines
invoicing.E002   the numbers of a series have no gap
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from addons.invoicing.services.closed_invoices import NO_NUMBER
from addons.invoicing.services.posting import sequences_of
from core.rounding import format_number

ZERO = Decimal(0)


class Problem(NamedTuple):
    """Something that does not hold: the id of the check, what it is about, and the facts."""

    id: str
    subject: str
    text: str


def problems(env: Any) -> Iterable[Problem]:
    """Everything that does not hold, of all companies; a few statements however many invoices there are."""
    env = env(su=True, context={"active_test": False})
    yield from _totals(env)
    yield from _gaps(env)


def _totals(env: Any) -> Iterable[Problem]:
    rows = env["account.move.line"]._read_group([], ["move_id"], ["price_subtotal:sum", "price_total:sum"])
    sums = {move.id: (untaxed or ZERO, total or ZERO) for move, untaxed, total in rows}
    for move in env["account.move"].search([("state", "=", "posted")]):
        untaxed, total = sums.get(move.id, (ZERO, ZERO))
        if (move.amount_untaxed, move.amount_tax, move.amount_total) != (untaxed, total - untaxed, total):
            text = f"its total is {format_number(move.amount_total)}, its lines make {format_number(total)}"
            yield Problem("invoicing.E001", move.name, text)


def _gaps(env: Any) -> Iterable[Problem]:
    companies = env["res.company"].search([])
    sequences = sequences_of(env, companies)
    rows = env["account.move"]._read_group(
        [("name", "!=", NO_NUMBER)], ["company_id", "move_type", "invoice_date:year"], ["__count", "name:min"]
    )
    for company, move_type, year, count, first in rows:
        spans = sequences[company.id, move_type].date_range_ids if (company.id, move_type) in sequences else ()
        span = next((span for span in spans if span.date_from.year == year.year), None)
        if span is None:
            yield Problem("invoicing.E002", first, "no sequence gave this number")
            continue
        expected = span.number_next_actual - int(first.rpartition("/")[2])
        if count != expected:
            series = first.rpartition("/")[0]
            yield Problem(
                "invoicing.E002", series, f"{expected} numbers were given in {company.name}, {count} are there"
            )

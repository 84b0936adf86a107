"""When a transfer is due: its dates are those of its moves, and a date given to it is theirs.

A transfer that ships as soon as possible is due with its first product, one that ships all at once with its last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from addons.inventory.exceptions import LedgerClosed
from addons.inventory.services import ledger, move_states
from core.exceptions import ValidationError
from core.fields import Datetime

UNDER_WAY = ("waiting", "confirmed", "assigned")


def due(dates: Iterable[Any], move_type: str) -> datetime | None:
    """The date of a transfer whose moves have these; moves without one do not count. None where no move has one."""
    known = [date for date in dates if date]
    if not known:
        return None
    return max(known) if move_type == "one" else min(known)


def open_dates(picking: Any) -> list[Any]:
    """The dates of what is still to be moved."""
    return [move.date for move in picking.move_ids if move.state not in move_states.CLOSED]


def pass_on(pickings: Any) -> None:
    """Give the open moves of transfers the date of their transfer: one write for each date."""
    by_date: defaultdict[datetime, list[int]] = defaultdict(list)
    for picking in pickings:
        for move in picking.move_ids:
            if move.state not in move_states.CLOSED and move.date != picking.scheduled_date:
                by_date[picking.scheduled_date].append(move.id)
    for date, ids in by_date.items():
        pickings.env["stock.move"].browse(ids).write({"date": date})


def checked(pickings: Any, vals: Mapping[str, Any]) -> dict[str, Any]:
    """The values to write on transfers, without a scheduled date that all of them have already.

    That one would become the date of moves which are due on other days.
    Raises ValidationError where a date is taken away, LedgerClosed where a closed transfer gets another one.
    """
    if "scheduled_date" not in vals:
        return dict(vals)
    date = vals["scheduled_date"]
    rest = {name: value for name, value in vals.items() if name != "scheduled_date"}
    changed = pickings.filtered(lambda picking: ledger.changes(picking, "scheduled_date", date))
    if not changed:
        return rest
    if not date:
        raise ValidationError(
            pickings.env._("%(documents)s: enter the date it is scheduled for.", documents=changed.mapped("name")),
            fields=["scheduled_date"],
            code="inventory.date_missing",
        )
    closed = changed.filtered(lambda picking: picking.state in move_states.CLOSED)
    if closed:
        raise LedgerClosed(
            pickings.env._(
                "%(documents)s is done or cancelled: it cannot be scheduled for another date.",
                documents=closed.mapped("name"),
            )
        )
    return {**rest, "scheduled_date": date}


def late() -> list[Any]:
    """The condition of transfers that are late: due before today, or scheduled for later than was promised.

    What was due earlier today is still today's work.
    """
    midnight = Datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
    overdue = ["|", "|", ("scheduled_date", "<", midnight), ("date_deadline", "<", midnight)]
    return [("state", "in", UNDER_WAY), *overdue, ("has_deadline_issue", "=", True)]

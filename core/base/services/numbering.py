"""Where the numbers of `ir.sequence` come from.

Two implementations:

* **standard**, fast. On PostgreSQL each counter is a database sequence: numbers are handed out without waiting for
  other transactions, and a transaction that rolls back leaves a gap. On SQLite, where one writer works at a time
  anyway, the counter is the row's `number_next`.
* **no_gap**. The counter is always the row; UPDATE takes the row lock until the end of the transaction, so the next
  user waits, and a rollback gives the numbers back.

`n` numbers cost one statement, whatever `n`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.api import _
from core.exceptions import UserError

#: Date parts that a prefix or suffix may use, as strftime formats. Also with "current_" (now) and "range_" in front.
DATE_PARTS = {
    "year": "%Y",
    "month": "%m",
    "day": "%d",
    "y": "%y",
    "doy": "%j",
    "woy": "%W",
    "weekday": "%w",
    "h24": "%H",
    "h12": "%I",
    "min": "%M",
    "sec": "%S",
    "isoyear": "%G",
    "isoweek": "%V",
}
_TABLES = {"ir_sequence", "ir_sequence_date_range"}
_PLACE = re.compile(r"%\((\w+)\)s")


class Counter(NamedTuple):
    """A row that numbers are taken from."""

    table: str
    id: int
    increment: int
    no_gap: bool

    @property
    def database_sequence(self) -> str:
        """Name of the PostgreSQL sequence behind a standard counter."""
        assert self.table in _TABLES
        return f"{self.table}_{int(self.id):05d}"


def take(env: Any, counter: Counter, count: int) -> list[int]:
    """Take the next `count` numbers.

    The counter's row must be in the database (`ir.sequence` flushes on create and write), so no pending write of
    anything else has to go out for it.
    """
    if count <= 0:
        return []
    if uses_database_sequence(env, counter):
        rows = env.cr.execute(
            "SELECT nextval(CAST(:name AS regclass)) FROM generate_series(1, :count)",
            {"name": counter.database_sequence, "count": count},
        )
        return sorted(row[0] for row in rows)
    step = counter.increment
    row = env.cr.execute(
        f"UPDATE {_table(counter)} SET number_next = number_next + :total WHERE id = :id RETURNING number_next",
        {"total": step * count, "id": counter.id},
    ).first()
    if row is None:
        raise UserError(_("The sequence that numbers this document has been deleted."))
    return list(range(row[0] - step * count, row[0], step))


def peek(env: Any, counters: Iterable[Counter]) -> dict[Counter, int]:
    """Return the number that each counter would give next; takes nothing."""
    counters = list(counters)
    found: dict[Counter, int] = {}
    for counter in counters:
        if uses_database_sequence(env, counter):
            found[counter] = _peek_database_sequence(env, counter)
        else:
            found[counter] = env.cr.execute(
                f"SELECT number_next FROM {_table(counter)} WHERE id = :id", {"id": counter.id}
            ).scalar_one()
    return found


def uses_database_sequence(env: Any, counter: Counter) -> bool:
    """Return whether the counter is a PostgreSQL sequence rather than its row."""
    return env.cr.dialect == "postgresql" and not counter.no_gap


def create_counters(env: Any, counters: Mapping[Counter, int]) -> None:
    """Make the database sequences of new rows, starting at the given numbers; they vanish on rollback like the row."""
    for counter, start in counters.items():
        if uses_database_sequence(env, counter):
            env.cr.execute(
                f"CREATE SEQUENCE IF NOT EXISTS {counter.database_sequence}"
                f" INCREMENT BY {int(counter.increment)} START WITH {int(start)} MINVALUE {min(1, int(start))}"
            )


def restart_counters(env: Any, counters: Mapping[Counter, int]) -> None:
    """Make each counter give the stated number next, with its present increment."""
    for counter, start in counters.items():
        if uses_database_sequence(env, counter):
            env.cr.execute(
                f"ALTER SEQUENCE {counter.database_sequence} INCREMENT BY {int(counter.increment)}"
                f" MINVALUE {min(1, int(start))} RESTART WITH {int(start)}"
            )


def move_counter(env: Any, before: Counter, after: Counter, number: int) -> None:
    """Carry a counter over to a changed definition of its row; `number` comes next."""
    if uses_database_sequence(env, before) and after.no_gap:
        drop_counters(env, [before])
    create_counters(env, {after: number})
    restart_counters(env, {after: number})
    env.cr.execute(
        f"UPDATE {_table(after)} SET number_next = :number WHERE id = :id", {"number": number, "id": after.id}
    )


def drop_counters(env: Any, counters: Iterable[Counter]) -> None:
    """Remove the database sequences of rows that are about to be deleted or become gap-free."""
    if env.cr.dialect == "postgresql":
        for counter in counters:
            env.cr.execute(f"DROP SEQUENCE IF EXISTS {counter.database_sequence}")


def synchronise(env: Any) -> None:
    """Give every standard counter its database sequence, at the row's number; for a database restored from rows."""
    sequences = env["ir.sequence"].sudo().with_context(active_test=False).search([])
    rows = {record._counter(): record.number_next for record in [*sequences, *sequences.date_range_ids]}
    create_counters(env, rows)
    restart_counters(env, rows)


def store_positions(env: Any) -> None:
    """Write the present position of every counter into its row, so that a dump of the rows is complete."""
    sequences = env["ir.sequence"].sudo().with_context(active_test=False).search([])
    counters = [record._counter() for record in [*sequences, *sequences.date_range_ids]]
    for counter, number in peek(env, counters).items():
        env.cr.execute(
            f"UPDATE {_table(counter)} SET number_next = :number WHERE id = :id", {"number": number, "id": counter.id}
        )


def _peek_database_sequence(env: Any, counter: Counter) -> int:
    last, called = env.cr.execute(f"SELECT last_value, is_called FROM {counter.database_sequence}").one()
    return last + counter.increment if called else last


def _table(counter: Counter) -> str:
    if counter.table not in _TABLES:
        raise ValueError(f"{counter.table} is no counter table")
    return counter.table


# ------------------------------------------------------------------ wording


def check_template(template: str) -> None:
    """Raise UserError when a prefix or suffix has a place that cannot be filled."""
    known = {f"{lead}{part}" for lead in ("", "current_", "range_") for part in DATE_PARTS}
    unknown = sorted(set(_PLACE.findall(template)) - known)
    broken = "%" in _PLACE.sub("", template.replace("%%", ""))
    if unknown or broken:
        raise UserError(
            _(
                "“%(template)s” cannot be used as a prefix or suffix%(unknown)s. Date parts are written like "
                "%%(year)s; these are known: %(known)s. A percent sign itself is written %%%%.",
                template=template,
                unknown=f" ({', '.join(unknown)})" if unknown else "",
                known=", ".join(DATE_PARTS),
            ),
            code="base.sequence_template",
        )


def format_numbers(
    numbers: Iterable[int],
    prefix: str,
    suffix: str,
    padding: int,
    moments: Mapping[str, datetime.datetime],
) -> list[str]:
    """Write numbers with their prefix and suffix.

    Args:
        numbers: in the order wanted.
        prefix: text with places such as `%(year)s`.
        suffix: likewise.
        padding: least number of digits.
        moments: "" (the document's date), "current_" and "range_" to the moment each kind of place stands for.
    """
    before, after = (_fill(template, moments) for template in (prefix, suffix))
    return [f"{before}{number:0{padding}d}{after}" for number in numbers]


def _fill(template: str, moments: Mapping[str, datetime.datetime]) -> str:
    if "%" not in template:
        return template
    places = {
        f"{lead}{part}": moment.strftime(pattern)
        for lead, moment in moments.items()
        for part, pattern in DATE_PARTS.items()
    }
    return template % places


def local_now(env: Any) -> datetime.datetime:
    """Return the present moment in the user's time zone, without zone information."""
    zone = env.context.get("tz") or (env.uid and env["res.users"].sudo().browse(env.uid).tz) or "UTC"
    try:
        info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        info = ZoneInfo("UTC")
    return datetime.datetime.now(info).replace(tzinfo=None)

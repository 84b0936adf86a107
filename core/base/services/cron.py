"""Run the scheduled jobs that are due.

Each job runs in a transaction of its own that also moves its `nextcall`, so a killed worker leaves the job due and
nothing half done. Any number of workers may call `run_due` at once: on PostgreSQL the row lock (SKIP LOCKED) keeps a
job to one of them, on SQLite the write transaction does.
"""

from __future__ import annotations

import calendar
import datetime
import logging
import traceback
from typing import Any, NamedTuple

from core.api import _
from core.exceptions import UserError

logger = logging.getLogger(__name__)

#: After so many failures in a row the job is switched off; the reason is kept in `last_error`.
MOST_FAILURES = 20
_STEPS = {"minutes": "minutes", "hours": "hours", "days": "days", "weeks": "weeks"}


class Outcome(NamedTuple):
    """What became of one job."""

    job: str
    error: str | None


def run_due(database: Any, *, limit: int = 100) -> list[Outcome]:
    """Run every job that is due, one after the other, and say what became of each.

    Args:
        database: a `core.boot.Database`.
        limit: at most so many jobs in one call.
    """
    outcomes: list[Outcome] = []
    done: set[int] = set()
    while len(outcomes) < limit:
        found = database.run(lambda env: run_next(env, done))
        if found is None:
            break
        job_id, outcome = found
        done.add(job_id)
        outcomes.append(outcome)
    return outcomes


def run_next(env: Any, skip: set[int]) -> tuple[int, Outcome] | None:
    """Run the next due job in this transaction; None when nothing is due.

    A failing job is rolled back to where it began, and the failure is noted on it.
    """
    job = _claim(env, skip)
    if not job:
        return None
    now = _now()
    error = None
    try:
        with env.savepoint():
            call(job)
    except Exception as problem:
        if not env.cr.is_usable:  # nothing can be noted: the whole unit of work is done again
            raise
        error = "".join(traceback.format_exception_only(problem)).strip()
        logger.exception("The scheduled job %s failed", job.name)
    failures = job.failure_count + 1 if error else 0
    job.write(
        {
            "lastcall": now,
            "nextcall": job._next_after(now),
            "failure_count": failures,
            "last_error": error or False,
            "active": job.active and failures < MOST_FAILURES,
        }
    )
    return job.id, Outcome(job.name, error)


def call(job: Any) -> None:
    """Call the job's method with its user's rights."""
    env = job.env(uid=job.user_id.id)
    if job.model not in env.registry.models:
        raise UserError(_("%(job)s: there is no model %(model)s.", job=job.name, model=job.model))
    getattr(env[job.model], job.method)()
    env.flush_all()


def next_call(planned: datetime.datetime, now: datetime.datetime, number: int, unit: str) -> datetime.datetime:
    """Return the first of planned, planned + interval, planned + 2 intervals, ... that lies after `now`."""
    if unit == "months":
        months = 0
        while (moment := _add_months(planned, months)) <= now:
            months += number
        return moment
    step = datetime.timedelta(**{_STEPS[unit]: number})
    if planned > now:
        return planned
    return planned + step * ((now - planned) // step + 1)


def _claim(env: Any, skip: set[int]) -> Any:
    """Lock and return the next due job that no other process is running."""
    lock = " FOR UPDATE SKIP LOCKED" if env.cr.dialect == "postgresql" else ""
    others = f" AND id NOT IN ({', '.join(str(int(id_)) for id_ in sorted(skip))})" if skip else ""
    found = env.execute(
        f"SELECT id FROM ir_cron WHERE active AND nextcall <= :now{others}"
        f" ORDER BY priority, nextcall, id LIMIT 1{lock}",
        {"now": _stored(env, _now())},
    ).scalar()
    return env["ir.cron"].sudo().browse([found] if found else [])


def _stored(env: Any, moment: datetime.datetime) -> Any:
    """Return a moment as the column holds it: SQLite keeps text, which has to compare with text."""
    return moment if env.cr.dialect == "postgresql" else moment.isoformat(sep=" ", timespec="microseconds")


def _add_months(moment: datetime.datetime, months: int) -> datetime.datetime:
    """Return the same day so many months later, or the month's last day where it is shorter."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0)

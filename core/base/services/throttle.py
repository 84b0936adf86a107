"""Slow down the guessing of passwords.

Failures are counted in the table `res_users_throttle`, shared by all workers, under two keys: the login together
with where the attempt comes from, and the source alone (one machine trying many logins). Each failure beyond
the first few doubles the wait, up to a quarter of an hour. A counter per login alone would let anybody lock
anybody out, so there is none.

A failed login rolls its transaction back, so the count is written in a transaction of its own after that.
"""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from core.api import _
from core.db.transaction import run
from core.exceptions import AccessDenied

#: Failures that cost nothing: per login and source, and per source.
FREE_ATTEMPTS = 5
FREE_ATTEMPTS_PER_SOURCE = 30
LONGEST_WAIT = 15 * 60
#: A counter that has been quiet for so long starts again.
FORGET_AFTER = datetime.timedelta(hours=12)


def check(env: Any, login: str, source: str) -> None:
    """Raise AccessDenied while attempts for this login from this source have to wait."""
    waits = [_remaining_wait(env, key, free) for key, free in _keys(login, source)]
    if (seconds := max(waits)) > 0:
        raise AccessDenied(
            _("Too many failed attempts. Please wait %(seconds)s seconds and try again.", seconds=seconds),
            code="too_many_attempts",
            data={"retry_after": seconds},
        )


def failed(env: Any, login: str, source: str) -> None:
    """Count a failure, whichever way the present transaction ends."""
    engine = env.cr.engine
    done: list[bool] = []

    def count() -> None:
        if not done:
            done.append(True)
            run(engine, lambda cursor: _count(cursor, login, source))

    env.cr.after_rollback(count)
    env.cr.after_commit(count)


def succeeded(env: Any, login: str, source: str) -> None:
    """Forget the failures of this login from this source; most logins have none and nothing is written."""
    key = _keys(login, source)[0][0]
    if env.cr.execute("SELECT 1 FROM res_users_throttle WHERE name = :name", {"name": key}).first():
        env.cr.execute("DELETE FROM res_users_throttle WHERE name = :name", {"name": key})


def _count(cursor: Any, login: str, source: str) -> None:
    for key, _free in _keys(login, source):
        cursor.execute(
            "INSERT INTO res_users_throttle (name, failures, last_failure) VALUES (:name, 1, :now)"
            " ON CONFLICT (name) DO UPDATE SET failures = CASE WHEN res_users_throttle.last_failure < :old THEN 1"
            " ELSE res_users_throttle.failures + 1 END, last_failure = :now",
            {"name": key, "now": _stamp(_now()), "old": _stamp(_now() - FORGET_AFTER)},
        )


def _remaining_wait(env: Any, key: str, free: int) -> int:
    row = env.cr.execute(
        "SELECT failures, last_failure FROM res_users_throttle WHERE name = :name", {"name": key}
    ).first()
    if row is None or row[0] < free:
        return 0
    wait = min(LONGEST_WAIT, 2 ** min(row[0] - free, 20))
    return max(0, int(row[1] + wait - _stamp(_now())) + 1) if row[1] + wait > _stamp(_now()) else 0


def _keys(login: str, source: str) -> list[tuple[str, int]]:
    """Return the counters to look at as (key, free attempts); keys are digests, so the table names no user."""
    pairs = [(f"{login.lower()}\n{source}", FREE_ATTEMPTS), (source, FREE_ATTEMPTS_PER_SOURCE)]
    return [(hashlib.sha256(text.encode()).hexdigest(), free) for text, free in pairs]


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _stamp(moment: datetime.datetime) -> int:
    return int(moment.timestamp())

"""Processes killed with SIGKILL while they set up a database, install or write: transactions are complete or absent.

Some die by themselves before a statement or around the COMMIT, others are killed from outside while a statement runs.
What an undisturbed process leaves, and how many statements it needs, is found out once per kind of database.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.boot import Database
from core.db.reflection import reflect
from core.testing.databases import AddonSet, TestDatabases
from tests.core.crash_worker import ADDED, CHANGED, ROUNDS, run_work
from tests.workers import Worker, worker_process

#: `statement` and `outside` are drawn at random from all statements of the work; see crash_worker for the others.
MOMENTS = ["statement", "outside", "commit:before", "commit:after"]

pytestmark = [pytest.mark.slow, pytest.mark.both_dialects("locking")]


@contextmanager
def started(work: str, when: str, url: str) -> Iterator[Worker]:
    """A process that has begun its work."""
    with worker_process(run_work, work, when, url) as worker:
        assert worker.receive() == "ready"
        yield worker


def count_statements(worker: Worker) -> int | None:
    """Wait for the end of the process; the number of its statements, None when it was killed."""
    messages = worker.drain()
    return None if worker.was_killed else int(messages[-1])


def state(database: Any) -> dict[str, Any]:
    """All tables with their columns, constraints and the number of rows, once the dead process's session is gone.

    A server may still be at work on the last statement of a client that is no more, even on its COMMIT.
    """
    with database.engine.connect() as connection:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        until = time.monotonic() + 60
        while connection.dialect.name == "postgresql" and connection.execute(sa.text(others)).scalar():
            assert time.monotonic() < until, "another session stays"
            connection.rollback()
            time.sleep(0.01)
        found = {}
        for name, table in reflect(connection).items():
            if name != "sqlite_sequence":
                rows = connection.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar()
                # `init` sets the administrator's password in a transaction of its own, which leaves an entry here.
                rows = rows if name != "ir_audit_log" else bool(rows)
                found[name] = rows, sorted(table.columns), sorted(table.indexes), sorted(table.checks)
        return found


@dataclass(frozen=True)
class Measure:
    """What a piece of work does when nobody kills it: the number of its statements, the state it leaves."""

    statements: int
    after: dict[str, Any]


@pytest.fixture
def fresh(dialect, databases):
    """Gives databases as they are before the work; closed and dropped at the end of the test."""

    def make(work: str) -> Any:
        if work == "init":
            url = databases.empty(dialect)
            stack.callback(databases.drop, url)
            database = Database(url)
            stack.callback(database.close)
            return database
        database = stack.enter_context(databases.fresh(dialect, AddonSet(("base",))))
        if work == "write":
            with database.transaction() as env:
                env["res.partner"].create(
                    [{"name": f"Crash {n}", "ref": "crash", "city": "before"} for n in range(CHANGED)]
                )
        # Nobody else may be connected, or the wait for the killed process's session would not end.
        database.engine.dispose()
        return database

    with ExitStack() as stack:
        yield make


_measures: dict[tuple[str, str, Path], Measure] = {}


def measure(work: str, fresh: Any, databases: TestDatabases, dialect: str) -> Measure:
    """The measure of the work, taken once per process of the test run."""
    key = work, dialect, databases.folder
    if key not in _measures:
        database = fresh(work)
        with started(work, "never", database.url) as worker:
            number = count_statements(worker)
        assert number is not None
        _measures[key] = Measure(number, state(database))
    return _measures[key]


def kill(work: str, moment: str, url: str, statement_count: int, chance: random.Random) -> bool:
    """Do the work and kill it at the moment; returns whether it died before its end."""
    number = chance.randint(1, statement_count * 19 // 20)
    when = {"statement": f"statement:{number}", "outside": f"announce:{number}"}.get(moment, moment)
    print(f"killed at {when} of {statement_count} statements")
    with started(work, when, url) as worker:
        if moment == "outside":
            assert worker.receive() == "announced"
            worker.kill()
        return count_statements(worker) is None


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("work", ["init", "install"])
def test_killed_installation_is_complete_or_absent(work, moment, fresh, databases, dialect, chance):
    whole = measure(work, fresh, databases, dialect)
    database = fresh(work)
    before = state(database)
    died = kill(work, moment, database.url, whole.statements, chance)
    found = state(database)
    assert found in (before, whole.after), sorted(
        name for name in found if found[name] not in (before.get(name), whole.after.get(name))
    )
    # What is killed from outside may be quicker than the signal.
    assert died or moment == "outside"
    if moment == "commit:before":
        assert found == before
    elif moment == "commit:after":
        assert found == whole.after
    addons = [] if work == "init" else ["base"]
    complete = [*addons, *(["base"] if work == "init" else ["inventory"])]
    database.close()
    restarted = Database(database.url)
    assert (restarted.addons if restarted.initialised else []) == (addons if found == before else complete)
    if found != before:
        assert restarted.plan_upgrade() == []
    elif moment == "commit:before":  # what was interrupted can be done again
        restarted.install(complete)
        restarted.close()
        assert state(database) == whole.after
    restarted.close()


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_transaction_is_complete_or_absent(moment, fresh, databases, dialect, chance):
    whole = measure("write", fresh, databases, dialect)
    database = fresh("write")
    died = kill("write", moment, database.url, whole.statements, chance)
    state(database)
    with database.transaction() as env:
        changed = dict(env["res.partner"]._read_group([("ref", "=", "crash")], ["city"], ["__count"]))
        added = dict(env["res.partner"]._read_group([("ref", "=", "added")], ["city"], ["__count"]))
    (last,) = changed
    assert changed == {last: CHANGED}
    assert added == ({} if last == "before" else {last: ADDED})
    assert died or moment == "outside"
    rounds = {"commit:before": ["before"], "commit:after": ["0"]}
    assert last in (rounds.get(moment, ["before", *map(str, range(ROUNDS))]) if died else [str(ROUNDS - 1)])

"""Processes killed with SIGKILL, in the middle of an install and of writing: the state before or after, never between.

Some die at a chosen statement or around the COMMIT, others are killed from outside by the clock. What the undisturbed
process leaves, and how many statements it needs, is found out once per kind of database.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.db.reflection import reflect
from core.testing.databases import AddonSet, TestDatabases

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("dying.py")
CHANGED, ADDED, ROUNDS = 1000, 200, 4

#: Moments: parts of all statements, around the commit, parts of the time that the work takes.
MOMENTS = ["statement 0.3", "statement 0.7", "statement 1.0", "commit before", "commit after", "clock 0.8"]

pytestmark = [pytest.mark.slow, pytest.mark.both_dialects("locking")]


def start(work: str, when: str, url: str) -> subprocess.Popen[str]:
    """A process that has begun its work."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), work, when, url],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def end(process: subprocess.Popen[str]) -> str:
    """Wait for the process and return what it said last, which is nothing when it was killed."""
    output, _ = process.communicate(timeout=120)
    assert process.returncode in (0, -signal.SIGKILL), process.returncode
    return output.strip()


def state(database: Any) -> dict[str, Any]:
    """All tables with their columns, constraints and the number of rows, once the dead process's session is gone.

    A server may still be at work on the last statement of a client that is no more, even on its COMMIT.
    """
    with database.engine.connect() as connection:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        while connection.dialect.name == "postgresql" and connection.execute(sa.text(others)).scalar():
            connection.rollback()
            time.sleep(0.01)
        found = {}
        for name, table in reflect(connection).items():
            if name != "sqlite_sequence":
                rows = connection.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar()
                found[name] = rows, sorted(table.columns), sorted(table.indexes), sorted(table.checks)
        return found


@dataclass(frozen=True)
class Undisturbed:
    """What a piece of work does when nobody kills it: seconds, statements, the state it leaves."""

    seconds: float
    statements: int
    after: dict[str, Any]


@pytest.fixture
def fresh(dialect, databases):
    """Gives databases as they are before the work; closed and dropped at the end of the test."""
    contexts = []

    def work(name: str) -> Any:
        contexts.append(databases.fresh(dialect, AddonSet(("base",))))
        database = contexts[-1].__enter__()
        if name == "write":
            with database.transaction() as env:
                env["res.partner"].create(
                    [{"name": f"Crash {n}", "ref": "crash", "city": "before"} for n in range(CHANGED)]
                )
        # Nobody else may be connected, or the wait for the killed process's session would not end.
        database.engine.dispose()
        return database

    yield work
    for context in contexts:
        context.__exit__(None, None, None)


_known: dict[tuple[str, str, Path], Undisturbed] = {}


def undisturbed(work: str, fresh: Any, databases: TestDatabases, dialect: str) -> Undisturbed:
    """The measure of the work, taken once per process of the test run."""
    key = work, dialect, databases.folder
    if key not in _known:
        database = fresh(work)
        process = start(work, "never", database.url)
        begun = time.monotonic()
        said = end(process)
        _known[key] = Undisturbed(time.monotonic() - begun, int(said.rpartition(" ")[2]), state(database))
    return _known[key]


def kill(work: str, moment: str, url: str, measure: Undisturbed) -> bool:
    """Do the work and kill it at the moment, give or take some at random; returns whether it died before its end."""
    kind, _, share = moment.partition(" ")
    if kind == "commit":
        return not end(start(work, f"commit:{share}", url))
    near = float(share) * random.uniform(0.85, 1)
    if kind == "statement":
        return not end(start(work, f"statement:{max(1, round(near * measure.statements))}", url))
    process = start(work, "never", url)
    time.sleep(near * measure.seconds)
    process.kill()
    return not end(process)


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_install_is_whole_or_not_there(moment, fresh, databases, dialect):
    measure = undisturbed("install", fresh, databases, dialect)
    database = fresh("install")
    before = state(database)
    died = kill("install", moment, database.url, measure)
    found = state(database)
    assert found in (before, measure.after), sorted(
        name for name in found if found[name] not in (before.get(name), measure.after.get(name))
    )
    if moment == "commit after":
        assert died and found == measure.after
    if moment == "commit before" or moment.startswith("statement 0"):
        assert died and found == before
    with database.transaction() as env:
        assert ("stock.picking" in env) == (found != before)
    if moment == "commit before":  # what was interrupted can be done again
        database.install(["inventory"])
        database.engine.dispose()
        assert state(database) == measure.after
    elif found != before:
        assert database.plan_upgrade() == []


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_written_is_written_together(moment, fresh, databases, dialect):
    measure = undisturbed("write", fresh, databases, dialect)
    database = fresh("write")
    died = kill("write", moment, database.url, measure)
    state(database)
    with database.transaction() as env:
        changed = dict(env["res.partner"]._read_group([("ref", "=", "crash")], ["city"], ["__count"]))
        added = dict(env["res.partner"]._read_group([("ref", "=", "added")], ["city"], ["__count"]))
    assert list(changed.values()) == [CHANGED]
    assert added == ({} if changed == {"before": CHANGED} else dict.fromkeys(changed, ADDED))
    if moment == "commit before":
        assert died and set(changed) == {"before"}
    if moment == "commit after":
        assert died and set(changed) == {"0"}
    if not died:
        assert set(changed) == {str(ROUNDS - 1)}

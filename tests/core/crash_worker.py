"""Worker functions of test_crash.py: do a piece of work and kill oneself in the middle, or tell when to be killed.

SIGKILL leaves no time for anything: no rollback, no `finally`, no `atexit`.
"""

from __future__ import annotations

import os
import signal
from multiprocessing.connection import Connection
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

from core.boot import Database
from core.cli.main import main

#: Partners that every round changes, and how many it adds; those of the round before are removed.
CHANGED, ADDED = 1000, 200
ROUNDS = 4

statements = 0
written = False


def die() -> NoReturn:
    """End here and now."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def arm(when: str, connection: Connection) -> None:
    """Count statements, and die or announce the moment when it is time (see :func:`run_work`)."""
    kind, _, moment = when.partition(":")
    chosen = int(moment) if kind in ("statement", "announce") else None

    def before_statement(_connection: Any, cursor: Any, statement: str, *details: Any) -> None:
        global statements, written
        statements += 1
        written = written or not statement.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN", "SET", "WITH"))
        if statements == chosen:
            if kind == "statement":
                die()
            connection.send("announced")

    sa.event.listen(sa.Engine, "before_cursor_execute", before_statement)
    commit = DefaultDialect.do_commit

    def do_commit(self: Any, connection: Any) -> None:
        if written and when == "commit:before":
            die()
        commit(self, connection)
        if written and when == "commit:after":
            die()

    DefaultDialect.do_commit = do_commit


def init(url: str) -> None:
    """Set up an empty database by the command line."""
    assert main(["--database", url, "init"]) == 0


def install(url: str) -> None:
    """Install an addon by the command line."""
    assert main(["--database", url, "addons", "install", "inventory"]) == 0


def write(url: str) -> None:
    """Rounds of one transaction each, with flushes on the way, so that a transaction is many statements."""
    database = Database(url)
    for number in range(ROUNDS):
        with database.transaction() as env:
            partners = env["res.partner"]
            everyone = partners.search([("ref", "=", "crash")], order="id")
            for start in range(0, CHANGED, 250):
                everyone[start : start + 250].write({"city": str(number)})
                env.flush_all()
            partners.search([("ref", "=", "added")]).unlink()
            env.flush_all()
            partners.create([{"name": f"Added {n}", "ref": "added", "city": str(number)} for n in range(ADDED)])
    database.close()


WORKS = {"init": init, "install": install, "write": write}


def run_work(connection: Connection, name: str, when: str, url: str) -> None:
    """Do a piece of work; send "ready" when it begins and, at its end, how many statements it took.

    Args:
        connection: to the test.
        name: ``init``, ``install`` or ``write``.
        when: ``never``, ``statement:N`` (die before the Nth statement), ``announce:N`` (send "announced" before it and
            go on), ``commit:before`` or ``commit:after`` (die around the first COMMIT of something written).
        url: the database.
    """
    arm(when, connection)
    connection.send("ready")
    WORKS[name](url)
    connection.send(statements)

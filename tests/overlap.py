"""Transactions that overlap for certain, instead of after a pause that should be long enough."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa

from core.db.engine import READONLY
from core.exceptions import UserError

#: Seconds until transactions that do not meet fail the test.
TIMEOUT = 30


class Meeting:
    """A point in their transactions at which several threads wait for one another.

    On PostgreSQL all transactions are open there. SQLite has one writer at a time, so they cannot be: there the first
    transaction stays open until all others have asked for their turn, at their BEGIN.
    """

    def __init__(self, db: Any, parties: int) -> None:
        self.barrier = threading.Barrier(parties, timeout=TIMEOUT)
        self.parties = parties
        self.engine = db.engine
        self.asked: set[int] = set()
        self.all_asked = threading.Event()
        self.met: set[int] = set()

    def __enter__(self) -> Meeting:
        # Listeners of the class come before the engine's own, which waits for the turn.
        sa.event.listen(sa.Engine, "begin", self._ask)
        return self

    def __exit__(self, *_error: object) -> None:
        sa.event.remove(sa.Engine, "begin", self._ask)

    def _ask(self, connection: sa.Connection) -> None:
        if connection.engine is self.engine and not connection.get_execution_options().get(READONLY):
            self.asked.add(threading.get_ident())
            if len(self.asked) == self.parties:
                self.all_asked.set()

    def wait(self) -> None:
        """Wait for the others; a thread that comes again, as its work was retried, passes."""
        if threading.get_ident() in self.met:
            return
        self.met.add(threading.get_ident())
        if self.engine.dialect.name == "sqlite":
            assert self.all_asked.wait(TIMEOUT), "the others never began their transactions"
        else:
            self.barrier.wait()


def together(
    db: Any,
    *works: Callable[[Any], Any],
    before: Callable[[Any], Any] | Sequence[Callable[[Any], Any]] | None = None,
) -> list[Any]:
    """Do works in overlapping transactions, each in a thread of its own.

    Args:
        works: called with the environment of their transaction; called again when it is retried.
        before: done in each transaction before any of them goes on, one function for all or one for each. What it reads
            is about to be outdated, and what it locks is locked while the others begin. (On SQLite it is done by one
            after the other, see `Meeting`.)

    Returns:
        the results of the works in order, or the UserError that ended one.
    """
    first = before if isinstance(before, Sequence) else [before] * len(works)
    with Meeting(db, len(works)) as point, ThreadPoolExecutor(len(works)) as pool:

        def begin(begun: Callable[[Any], Any] | None, work: Callable[[Any], Any]) -> Any:
            def unit(env: Any) -> Any:
                env.execute("SELECT 1")  # a transaction begins with its first statement
                if begun is not None:
                    begun(env)
                point.wait()
                return work(env)

            try:
                return db.run(unit)
            except UserError as error:
                return error

        return list(pool.map(begin, first, works))


def overtake(db: Any, read: Callable[[Any], Any], late: Callable[[Any], Any], early: Callable[[Any], Any]) -> Any:
    """Do `late` in a transaction that had read already when `early` was done and committed in another.

    SQLite has one writer at a time: there the transaction of `late` begins when the other has ended.

    Returns the result of `late`, or the UserError that ended it.
    """
    begun, committed = threading.Event(), threading.Event()
    alone = db.engine.dialect.name == "sqlite"

    def unit(env: Any) -> Any:
        read(env)
        begun.set()
        assert committed.wait(TIMEOUT), "the other transaction did not end: it waits for this one"
        return late(env)

    def attempt() -> Any:
        try:
            return db.run(unit)
        except UserError as error:
            return error

    if alone:
        db.run(early)
        committed.set()
        return attempt()
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(attempt)
        assert begun.wait(TIMEOUT), "the transaction never began"
        db.run(early)
        committed.set()
        return result.result()

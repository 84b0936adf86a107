"""Transactions: one ``Cursor`` per unit of work, and ``run``, which does a unit of work again when it was in the way.

    with Cursor(engine) as cr:              run(engine, lambda cr: ...)
        cr.execute(...)                     the same, and retried whole after a deadlock,
        with cr.savepoint():                a serialization failure or a lock that was not to be had
            ...
    # committed here; rolled back on an exception

A transaction begins with the first statement, so a cursor that is never used costs no lock and no connection.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from types import TracebackType
from typing import Any, Self, TypeVar

import sqlalchemy as sa

from core.db.engine import READONLY, STATEMENTS
from core.db.errors import ConstraintViolation, is_disconnect, is_retryable, sqlite_dangling
from core.exceptions import ConcurrencyError

T = TypeVar("T")
Callback = Callable[[], object]
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

_logger = logging.getLogger(__name__)
#: Seconds to wait at most before the second, third, ... attempt; doubled each time up to the last figure.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0


class Cursor:
    """One transaction at a time on one connection; to be used by one thread.

    ``dialect`` is "sqlite" or "postgresql", ``engine`` the engine. ``memory`` is a place for what is only true within
    this transaction; it is emptied at its end. After ``commit`` or ``rollback`` the cursor may be used again and begins
    a new transaction.
    """

    def __init__(self, engine: sa.Engine, readonly: bool = False) -> None:
        self.engine = engine
        self.readonly = readonly
        self.dialect = engine.dialect.name
        self.memory: dict[Any, Any] = {}
        self._connection: sa.Connection | None = None
        self._committing = False
        self._counted = 0  # statements of the transactions that ended
        self._offset = 0  # what the connection's counter said when this transaction began
        self._before_commit: list[Callback] = []
        self._after_commit: list[Callback] = []
        self._after_rollback: list[Callback] = []

    # --------------------------------------------------------------------------------------------- statements

    @property
    def connection(self) -> sa.Connection:
        """The connection, in a transaction."""
        return self._connection or self._begin()

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction has begun, i.e. whether there is anything to commit."""
        return self._connection is not None

    @property
    def statements(self) -> int:
        """How many statements this cursor has sent, in all its transactions. BEGIN and COMMIT do not count."""
        if self._connection is None:
            return self._counted
        return self._counted + self._connection.info.get(STATEMENTS, 0) - self._offset

    def execute(self, statement: str | sa.Executable, params: Parameters = None) -> sa.CursorResult[Any]:
        """Run a statement; a text is SQL with ``:name`` parameters. A list of ``params`` runs it for each.

        Raises ConstraintViolation when the database refuses the rows, else SQLAlchemy's errors.
        """
        if statement.__class__ is str:
            statement = _text(statement)
        return (self._connection or self._begin()).execute(statement, params)  # type: ignore[arg-type]

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """A part of the transaction that is undone alone when it raises; what it registered to happen is forgotten.

        Callbacks for rollback that were registered within are called then.
        """
        marks = len(self._before_commit), len(self._after_commit), len(self._after_rollback)
        try:
            with self.connection.begin_nested():
                yield
        except BaseException:
            del self._before_commit[marks[0] :]
            del self._after_commit[marks[1] :]
            undone = self._after_rollback[marks[2] :]
            del self._after_rollback[marks[2] :]
            _call_all(undone)
            raise

    def check_foreign_keys(self) -> None:
        """Check now what the database would check at commit. Raises ConstraintViolation for the first bad row.

        PostgreSQL checks what this transaction changed; SQLite can only check the whole database, row by row, so this
        is for tests and tools. On PostgreSQL a violation ends the transaction, as any error does.
        """
        if self.dialect == "postgresql":
            self.execute("SET CONSTRAINTS ALL IMMEDIATE")
            self.execute("SET CONSTRAINTS ALL DEFERRED")
        else:
            violation = sqlite_dangling(_driver(self.connection))
            if violation is not None:
                raise violation

    def set_constraints_immediate(self) -> None:
        """Check foreign keys now, and on PostgreSQL with every statement until the end of the transaction."""
        if self.dialect == "postgresql":
            self.execute("SET CONSTRAINTS ALL IMMEDIATE")
        else:
            self.check_foreign_keys()

    # --------------------------------------------------------------------------------------------- the end of it

    def before_commit(self, function: Callback) -> None:
        """Call ``function`` within the transaction, right before it is committed. It may register others."""
        self._before_commit.append(function)

    def after_commit(self, function: Callback) -> None:
        """Call ``function`` once the transaction is committed and its connection is free.

        The place for what cannot be undone: mails, files, notifications. Its errors are logged and change nothing.
        """
        self._after_commit.append(function)

    def after_rollback(self, function: Callback) -> None:
        """Call ``function`` when the transaction is rolled back, by whatever cause. Its errors are logged."""
        self._after_rollback.append(function)

    def commit(self) -> None:
        """Call what was registered to come before, commit, free the connection, call what was to come after.

        Raises ConstraintViolation when a deferred foreign key is violated; the transaction is rolled back then.
        """
        while self._before_commit:
            callbacks, self._before_commit = self._before_commit, []
            for function in callbacks:
                function()
        if self._connection is not None:
            self._commit(self._connection)
        callbacks = self._after_commit
        self._forget_callbacks()
        _call_all(callbacks)

    def rollback(self) -> None:
        """Undo everything since the transaction began, free the connection, call what was registered for that."""
        connection = self._connection
        if connection is not None:
            try:
                connection.rollback()
            finally:
                self._release(connection)
        callbacks = self._after_rollback
        self._forget_callbacks()
        _call_all(callbacks)

    def close(self) -> None:
        """Roll back what was not committed."""
        self.rollback()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.commit()
        finally:
            self.close()

    # --------------------------------------------------------------------------------------------- internals

    def _begin(self) -> sa.Connection:
        self._committing = False
        connection = self.engine.connect()
        try:
            if self.readonly:
                connection.execution_options(**{READONLY: True})
                if self.dialect == "postgresql":
                    connection.execution_options(postgresql_readonly=True)
            connection.begin()
        except BaseException:
            connection.close()
            raise
        self._offset = connection.info.get(STATEMENTS, 0)
        self._connection = connection
        return connection

    def _commit(self, connection: sa.Connection) -> None:
        driver = _driver(connection)
        self._committing = True
        try:
            connection.commit()
        except ConstraintViolation as violation:
            # SQLite only says that there is a violation; while its transaction is still open, we can look for it.
            detailed = sqlite_dangling(driver) if self.dialect == "sqlite" else None
            self.rollback()
            raise (detailed or violation) from violation
        except BaseException:
            self.rollback()
            raise
        self._committing = False
        self._release(connection)

    def _release(self, connection: sa.Connection) -> None:
        if not connection.invalidated:
            self._counted += connection.info.get(STATEMENTS, 0) - self._offset
        self._connection = None
        self.memory.clear()
        connection.close()

    def _forget_callbacks(self) -> None:
        self._before_commit, self._after_commit, self._after_rollback = [], [], []


def run(engine: sa.Engine, work: Callable[[Cursor], T], *, readonly: bool = False, retries: int = 5) -> T:
    """Do ``work`` in a transaction, commit, and return what it returned.

    When another transaction got in the way (deadlock, serialization failure, lock timeout, "database is locked") or the
    connection was lost before COMMIT was sent, everything is rolled back and ``work`` is called again with a new
    cursor, up to ``retries`` times with growing random pauses; so it must not have side effects of its own. Those
    belong into ``cr.after_commit``, whose callbacks are called once, for the attempt that succeeded.

    Raises ConcurrencyError when the last attempt failed for such a reason, and whatever else ``work`` or the commit
    raises at once.
    """
    for attempt in range(retries + 1):
        cr = Cursor(engine, readonly)
        try:
            with cr:
                return work(cr)
        except Exception as error:
            # A connection lost during COMMIT may or may not have committed: doing it again could do it twice.
            lost = is_disconnect(error) and not cr._committing
            if not (lost or is_retryable(error)):
                raise
            if attempt == retries:
                raise ConcurrencyError("Others are changing the same records. Please try again.") from error
            _logger.info("attempt %d of %d was in the way of another transaction: %s", attempt + 1, retries + 1, error)
        time.sleep(random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)))
    raise AssertionError("unreachable")


def _call_all(callbacks: Sequence[Callback]) -> None:
    """Call each, whatever the others do."""
    for function in callbacks:
        try:
            function()
        except Exception:
            _logger.exception("a callback at the end of a transaction failed")


def _driver(connection: sa.Connection) -> Any:
    """The driver's own connection."""
    return connection.connection.driver_connection


@lru_cache(maxsize=512)
def _text(statement: str) -> sa.TextClause:
    return sa.text(statement)

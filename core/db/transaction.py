"""Transactions: one ``Cursor`` per unit of work, and ``run``, which does a unit of work again when it was in the way.

    with Cursor(engine) as cr:              run(engine, lambda cr: ...)
        cr.execute(...)                     the same, and retried whole after a deadlock,
        with cr.savepoint():                a serialization failure or a lock that was not to be had
            ...
    # committed here; rolled back on an exception

A transaction begins with the first statement, so a cursor that is never used costs no lock and no connection.

An error that ends a transaction (on PostgreSQL every one outside of a savepoint, a lost connection, a full disk) is
remembered as its *failure*: whatever is executed after it raises it again, and neither the retries nor the answer
depend on what code in between made of it. Cleanup code asks `is_usable` before it touches the database.
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

from core import logs
from core.db.engine import READONLY, STATEMENTS
from core.db.errors import (
    ConstraintViolation,
    build_unavailable,
    is_disconnect,
    is_retryable,
    sqlite_dangling,
    unavailable,
)
from core.exceptions import ConcurrencyError, DatabaseUnavailable, MissingError, OutcomeUnknown

T = TypeVar("T")
Callback = Callable[[], object]
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None

_logger = logging.getLogger(__name__)
#: Seconds to wait at most before the second, third, ... attempt; doubled each time up to the last figure.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 1.0
#: Reasons of a DatabaseUnavailable that may be over in a moment.
_PASSING = frozenset({"lost", "unreachable"})
#: Transaction status of a PostgreSQL connection (libpq): after an error, and unknown.
_UNUSABLE = frozenset({3, 4})


class Cursor:
    """One transaction at a time on one connection; to be used by one thread.

    ``dialect`` is "sqlite" or "postgresql", ``engine`` the engine. ``memory`` is a place for what is only true within
    this transaction; it is emptied at its end. ``repeatable`` is set by work that does no harm when it is done twice:
    mostly because it saves a one-time key in the same transaction, and does nothing when the key is there. After
    ``commit`` or ``rollback`` the cursor may be used again and begins a new transaction.
    """

    def __init__(self, engine: sa.Engine, readonly: bool = False) -> None:
        self.engine = engine
        self.readonly = readonly
        self.dialect = engine.dialect.name
        self.memory: dict[Any, Any] = {}
        self.repeatable = False
        self._connection: sa.Connection | None = None
        self._failure: Exception | None = None
        self._counted = 0  # statements of the transactions that ended
        self._offset = 0  # what the connection's counter said when this transaction began
        self._before_commit: list[Callback] = []
        self._after_commit: list[Callback] = []
        self._after_rollback: list[Callback] = []
        self._after_end: list[Callback] = []

    # --------------------------------------------------------------------------------------------- statements

    @property
    def connection(self) -> sa.Connection:
        """The connection, in a transaction. Raises the error that ended the transaction, if one did."""
        if self._failure is not None:
            raise self._failure
        return self._connection or self._begin()

    @property
    def is_usable(self) -> bool:
        """Whether statements can be executed: false after an error that ended the transaction, until its rollback."""
        return self._failure is None

    @property
    def failure(self) -> Exception | None:
        """The error that ended the transaction before its end; stays until the next transaction begins."""
        return self._failure

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
        connection = self.connection
        try:
            return connection.execute(statement, params)  # type: ignore[arg-type]
        except Exception as error:
            self.note_failure(error)
            raise

    def exec_driver_sql(self, statement: str, params: Any = None) -> sa.CursorResult[Any]:
        """Run a statement in the driver's own form of parameters. Raises as `execute` does."""
        connection = self.connection
        try:
            return connection.exec_driver_sql(statement, params)
        except Exception as error:
            self.note_failure(error)
            raise

    def note_failure(self, error: Exception) -> None:
        """Remember `error` if it ended the transaction; for callers that use the connection by themselves."""
        if self._failure is None and self._connection is not None and not _in_transaction(self._connection):
            self._failure = error

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """A part of the transaction that is undone alone when it raises; what it registered to happen is forgotten.

        Callbacks for rollback that were registered within are called then.
        """
        marks = len(self._before_commit), len(self._after_commit), len(self._after_rollback)
        try:
            with self.connection.begin_nested():
                yield
        except BaseException as error:
            if isinstance(error, Exception):
                self.note_failure(error)
            del self._before_commit[marks[0] :]
            del self._after_commit[marks[1] :]
            undone = self._after_rollback[marks[2] :]
            del self._after_rollback[marks[2] :]
            _call_all(undone)
            if self._failure is not None and self._connection is not None and _in_transaction(self._connection):
                self._failure = None  # undone with the savepoint
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

    def after_end(self, function: Callback) -> None:
        """Call ``function`` once the transaction is committed or rolled back and its connection is free.

        A savepoint that is undone does not take it back: the place for what is written in a transaction of its own,
        which waits for this one where both write to SQLite. Its errors are logged.
        """
        self._after_end.append(function)

    def commit(self) -> None:
        """Call what was registered to come before, commit, free the connection, call what was to come after.

        Raises ConstraintViolation when a deferred foreign key is violated, OutcomeUnknown when the connection is lost
        meanwhile, and the error that ended the transaction before; the transaction is rolled back then, as far as that
        is known.
        """
        while self._before_commit:
            callbacks, self._before_commit = self._before_commit, []
            for function in callbacks:
                function()
        if self._connection is not None:
            self._commit(self._connection)
        callbacks = self._after_commit + self._after_end
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
        callbacks = self._after_rollback + self._after_end
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
        except Exception as failed:
            error = failed
            raise self._cause(failed) from failed
        finally:
            self.close()
        if isinstance(error, Exception) and (cause := self._cause(error)) is not error:
            raise cause from error

    # --------------------------------------------------------------------------------------------- internals

    def _cause(self, error: Exception) -> Exception:
        """What to raise for an error that leaves the transaction: what ended it, whatever code made of that since."""
        cause = self._failure or error
        problem: Exception | None = unavailable(cause, readonly=self.readonly)
        if problem is not None:
            return problem
        return cause if is_retryable(cause) else error

    def _begin(self) -> sa.Connection:
        self._failure = None
        try:
            connection = self.engine.connect()
        except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
            problem = None if is_retryable(error) else unavailable(error, connecting=True)
            raise problem or error from error
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
        if self._failure is not None:
            # PostgreSQL would answer a COMMIT with a silent ROLLBACK.
            failure = self._failure
            self.rollback()
            raise failure
        if not connection.invalidated and not _in_transaction(connection):
            self.rollback()
            raise sa.exc.PendingRollbackError("the transaction was ended by an error that did not reach its end")
        driver = _driver(connection)
        try:
            connection.commit()
        except ConstraintViolation as violation:
            # SQLite only says that there is a violation; while its transaction is still open, we can look for it.
            detailed = sqlite_dangling(driver) if self.dialect == "sqlite" else None
            self.rollback()
            raise (detailed or violation) from violation
        except Exception as error:
            self.rollback()
            if is_disconnect(error) and not self.readonly:
                raise build_unavailable("unknown", error) from error
            raise
        except BaseException:
            self.rollback()
            raise
        self._release(connection)

    def _release(self, connection: sa.Connection) -> None:
        if not connection.invalidated:
            count = connection.info.get(STATEMENTS, 0) - self._offset
            self._counted += count
            logs.current().statements += count
        self._connection = None
        self.memory.clear()
        connection.close()

    def _forget_callbacks(self) -> None:
        self._before_commit, self._after_commit, self._after_rollback, self._after_end = [], [], [], []


def run(engine: sa.Engine, work: Callable[[Cursor], T], *, readonly: bool = False, retries: int = 5) -> T:
    """Do ``work`` in a transaction, commit, and return what it returned.

    When another transaction got in the way (deadlock, serialization failure, lock timeout, "database is locked"), the
    connection was lost before COMMIT was sent or there was none to be had, everything is rolled back and ``work`` is
    called again with a new cursor, up to ``retries`` times with growing random pauses; so it must not have side effects
    of its own. Those belong into ``cr.after_commit``, whose callbacks are called once, for the attempt that succeeded.

    A record that is missing may have been deleted after a statement of the same work had found it: on PostgreSQL
    ``work`` is called once more, and finds out what is there now.

    A connection lost during COMMIT leaves open whether it was carried out: ``work`` is called again only when it has
    set ``cr.repeatable``.

    Raises ConcurrencyError when the last attempt failed because of another transaction, DatabaseUnavailable when the
    database cannot do its work, OutcomeUnknown when the connection was lost during COMMIT, and whatever else ``work``
    or the commit raises at once.
    """
    missed = engine.dialect.name != "postgresql"  # elsewhere statements of one transaction see the same rows
    for attempt in range(retries + 1):
        cr = Cursor(engine, readonly)
        try:
            with cr:
                return work(cr)
        except DatabaseUnavailable as error:
            again = cr.repeatable if isinstance(error, OutcomeUnknown) else error.reason in _PASSING
            if attempt == retries or not again:
                raise
            _logger.info(
                "attempt %d of %d: the database is %s: %s", attempt + 1, retries + 1, error.reason, error.detail
            )
        except MissingError as error:
            if missed or attempt == retries:
                raise
            missed = True
            _logger.info("attempt %d of %d missed a record: %s", attempt + 1, retries + 1, error)
        except Exception as error:
            if not is_retryable(error):
                raise
            if attempt == retries:
                raise ConcurrencyError("Others are changing the same records. Please try again.") from error
            _logger.info("attempt %d of %d was in the way of another transaction: %s", attempt + 1, retries + 1, error)
        logs.current().retries += 1
        time.sleep(random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)))
    raise AssertionError("unreachable")


def _in_transaction(connection: sa.Connection) -> bool:
    """Whether the database still takes statements of the transaction that the connection is in."""
    if connection.invalidated or connection.closed:
        return False
    driver = _driver(connection)
    if connection.dialect.name == "sqlite":
        return bool(driver.in_transaction)  # a full disk ends the transaction
    return driver.info.transaction_status not in _UNUSABLE


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

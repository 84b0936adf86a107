"""Engines: how a database is opened, and what is the same on every connection.

SQLite       one file; write-ahead log, so that readers never wait; a write transaction takes the lock at its BEGIN
             (``BEGIN IMMEDIATE``), so it waits for its turn there and never fails halfway with "database is locked".
PostgreSQL   READ COMMITTED: a statement sees what was committed before it began, which is what "lock the rows, then
             read what is free" needs. Under REPEATABLE READ the second of two reservations would fail and be run
             again, although it only had to wait. Locks are taken in id order, and a deadlock is retried whole.
Why that is enough is told in docs/decisions/0001-isolation-and-locking.md.
"""

from __future__ import annotations

import json
import os
import random
import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from core.db.errors import translate
from core.exceptions import ConfigurationError

#: Seconds that a transaction waits for another one's lock before it fails (and is retried by `transaction.run`).
LOCK_TIMEOUT: Final = 10
#: Execution option of a connection whose transaction only reads.
READONLY: Final = "stillage_readonly"
#: Key in `Connection.info` under which statements are counted.
STATEMENTS: Final = "stillage_statements"
#: Modes of TLS in which libpq verifies the server's certificate.
_VERIFYING: Final = ("verify-ca", "verify-full")
_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")
#: Seconds between two attempts to become the writer of a SQLite database, at random.
_PAUSE: Final = (0.0005, 0.004)
#: Statements kept compiled; the ORM makes more different ones than SQLAlchemy's default of 500 allows for.
_CACHED_STATEMENTS: Final = 2000


#: How long a server that does not answer is waited for, unless the address says otherwise (libpq's names): 5 seconds
#: for a connection, and some 30 until a connection whose other end is gone is noticed.
CONNECTING: Final[dict[str, int]] = {
    "connect_timeout": 5,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
#: postgresql://USER:PASSWORD@HOST:PORT,HOST:PORT/NAME?..., as libpq writes several servers.
_SEVERAL_HOSTS: Final = re.compile(r"(postgres(?:ql)?(?:\+\w+)?://(?:[^@/?]*@)?)([^/?]*,[^/?]*)(/[^?]*)?(?:\?(.*))?\Z")


def create_engine(url: str | URL, *, pool_size: int = 10, echo: bool = False) -> sa.Engine:
    """An engine for ``sqlite:///FILE``, ``sqlite://`` (in memory) or ``postgresql://USER:PASSWORD@HOST/NAME``.

    ``pool_size`` connections stay open and as many again are opened under load. A database in memory has one
    connection, for which threads wait in turn. ``echo`` logs every statement.

    Raises ConfigurationError for an address that cannot be read and for other kinds of database. Connects lazily.
    """
    address = normalise_url(url)
    options: dict[str, Any] = {
        "echo": echo,
        "hide_parameters": not echo,  # errors are logged; what people typed is not
        "query_cache_size": _CACHED_STATEMENTS,
        "json_serializer": _dump_json,
        "poolclass": QueuePool,
        "pool_timeout": LOCK_TIMEOUT,
    }
    if address.get_backend_name() == "sqlite":
        engine = _sqlite_engine(address, pool_size, options)
    else:
        options |= {"pool_size": pool_size, "max_overflow": pool_size, "pool_pre_ping": True}
        given = {name: value for name, value in CONNECTING.items() if name not in address.query}
        engine = sa.create_engine(address, isolation_level="READ COMMITTED", connect_args=given, **options)
        sa.event.listen(engine, "connect", _prepare_postgresql)
    sa.event.listen(engine, "before_cursor_execute", _count)
    sa.event.listen(engine, "handle_error", _translate, retval=True)
    return engine


def normalise_url(url: str | URL) -> URL:
    """``url`` with the driver that we use. Raises ConfigurationError when it names no database that we know."""
    if isinstance(url, str):
        url = _with_host_parameters(url)
    try:
        address = make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise ConfigurationError(
            "the database address is not a URL such as sqlite:///shop.db or postgresql://USER:PASSWORD@HOST:PORT/NAME"
        ) from None
    if address.drivername in ("sqlite", "sqlite+pysqlite"):
        return address.set(drivername="sqlite")
    if address.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        if len(_listed(address.query.get("host"))) > 1 and "target_session_attrs" not in address.query:
            # Of several servers one takes changes; the others are its copies.
            address = address.update_query_dict({"target_session_attrs": "read-write"})
        return address.set(drivername="postgresql+psycopg")
    raise ConfigurationError(f"no database of the kind {address.drivername!r} is supported: use sqlite or postgresql")


def unverified_hosts(url: str | URL) -> list[str]:
    """The servers of a PostgreSQL address that are reached over a network without verifying who answers.

    Sockets and this machine need no TLS. Where the address has no ``sslmode``, libpq's PGSSLMODE counts.
    """
    address = normalise_url(url)
    mode = address.query.get("sslmode") or os.environ.get("PGSSLMODE", "")
    if address.get_backend_name() != "postgresql" or mode in _VERIFYING:
        return []
    named = [address.host or "", *_listed(address.query.get("host"))]
    hosts = [host if host.count(":") > 1 else host.partition(":")[0] for host in named]
    return sorted({host for host in hosts if host and not host.startswith("/") and host not in _THIS_MACHINE})


def _with_host_parameters(url: str) -> str:
    """An address with several servers in libpq's form, in that of SQLAlchemy: ``/NAME?host=HOST:PORT&host=...``."""
    match = _SEVERAL_HOSTS.match(url)
    if match is None:
        return url
    start, hosts, name, query = match.groups()
    parameters = [f"host={host}" for host in hosts.split(",")] + ([query] if query else [])
    return f"{start}{name or '/'}?{'&'.join(parameters)}"


def _listed(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value or ()


def _sqlite_engine(address: URL, pool_size: int, options: dict[str, Any]) -> sa.Engine:
    in_memory = address.database in (None, "", ":memory:")
    if in_memory:
        # One connection is the database. A pool of one makes threads wait, where a static pool would mix their work up.
        options |= {"pool_size": 1, "max_overflow": 0}
    else:
        options |= {"pool_size": pool_size, "max_overflow": pool_size}
    # The pool hands a connection from thread to thread, and to one of them at a time.
    engine = sa.create_engine(address, connect_args={"check_same_thread": False}, **options)
    if not in_memory and not address.query:
        sa.event.listen(engine, "do_connect", _create_private_file)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _create_private_file(_dialect: Any, _entry: Any, arguments: Sequence[Any], _options: Any) -> None:
    """Make a missing file before SQLite does, for its owner alone; the files beside it get the same rights."""
    with suppress(OSError):  # SQLite says what is wrong
        os.close(os.open(arguments[0], os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    """Set up a new SQLite connection."""
    connection.isolation_level = None  # we say BEGIN ourselves
    execute: Callable[..., Any] = connection.execute
    execute(f"PRAGMA busy_timeout = {LOCK_TIMEOUT * 1000}")
    execute("PRAGMA journal_mode = WAL")
    # A commit is on the disk when it returns, as on PostgreSQL: what was promised to a customer survives a power cut.
    execute("PRAGMA synchronous = FULL")
    execute("PRAGMA foreign_keys = ON")
    execute("PRAGMA temp_store = MEMORY")
    execute("PRAGMA cache_size = -32768")  # KiB


def _begin_sqlite(connection: sa.Connection) -> None:
    """Begin to read, or wait for the turn to write."""
    readonly = bool(connection.get_execution_options().get(READONLY))
    info = connection.info
    if info.get(READONLY, False) != readonly:
        connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if readonly else 'OFF'}")
        info[READONLY] = readonly
    if readonly:
        connection.exec_driver_sql("BEGIN")
    else:
        _wait_for_turn(connection)


def _wait_for_turn(connection: sa.Connection) -> None:
    """BEGIN IMMEDIATE, asked again every few milliseconds while somebody else writes.

    SQLite's own waiting asks ever less often, down to ten times a second. Under load the lock then goes to whoever
    has just given it back, and others wait until they time out.
    """
    driver: Any = connection.connection.driver_connection
    deadline = time.monotonic() + LOCK_TIMEOUT
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while time.monotonic() < deadline:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
            time.sleep(random.uniform(*_PAUSE))
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # fails in the form that callers know
    finally:
        driver.execute(f"PRAGMA busy_timeout = {LOCK_TIMEOUT * 1000}")


def _prepare_postgresql(connection: Any, _entry: ConnectionPoolEntry) -> None:
    """Set up a new PostgreSQL connection, whatever the server's or the role's defaults are."""
    connection.autocommit = True
    connection.execute(f"SET TIME ZONE 'UTC'; SET lock_timeout = '{LOCK_TIMEOUT}s'")
    connection.autocommit = False


def _count(connection: sa.Connection, *_: Any) -> None:
    info = connection.info
    info[STATEMENTS] = info.get(STATEMENTS, 0) + 1


def _translate(context: ExceptionContext) -> BaseException | None:
    """Raise constraint violations in one form; leave everything else as it is."""
    return translate(context.original_exception, context.connection, context.statement)


def _dump_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

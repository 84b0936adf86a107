"""Test databases in moments: each set of addons is installed once per run and kind of database, then copied.

    template   installed once, by the first process that needs it (a file lock makes the others wait)
      -> fresh     for one test, which may commit: on PostgreSQL a copy, dropped afterwards; on SQLite a database
                   that the process uses again, with the template's file put back
      -> shared    a copy per process, for the tests that roll back

Copying is copying the file on SQLite, and CREATE DATABASE .. TEMPLATE on PostgreSQL. A `Database` that is used again
keeps what does not depend on its rows: composed models and compiled statements.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import fasteners
import sqlalchemy as sa

from core.boot import Database
from core.testing.run_folder import POSTGRESQL
from core.testing.servers import PostgresServer

DIALECTS: Final = ("sqlite", "postgresql")

#: Every user that comes with a template signs in with this password.
PASSWORD: Final = "admin"

#: How many databases a process keeps open for tests that roll back, and how many more to use again.
SHARED_LIMIT: Final = 12
IDLE_LIMIT: Final = 12

#: For how many sets of addons a process keeps the composed models, which its databases share while one of them lives.
RECENT_LIMIT: Final = 8


@dataclass(frozen=True)
class AddonSet:
    """What a test wants installed: addon names, whether with demo data, and folders to look for addons in."""

    addons: tuple[str, ...] = ("base",)
    demo: bool = False
    paths: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A short name for this set, usable in file and database names."""
        text = repr((sorted(set(self.addons)), self.demo, self.paths))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


class _RollBack(Exception):
    """Raised to leave a transaction without keeping anything."""


@contextmanager
def rolled_back(database: Database, login: str | None = None) -> Iterator[Any]:
    """An environment on `database` whose changes are never kept, whether the block succeeds or fails."""
    with suppress(_RollBack), database.transaction(login=login) as env:
        yield env
        raise _RollBack


class TestDatabases:
    """The databases of one test process.

    Args:
        folder: the run's folder, the same for all processes of the run.
        worker: the name of this process, unique within the run.
    """

    __test__ = False  # not a test class, whatever its name looks like to pytest

    def __init__(self, folder: Path, worker: str) -> None:
        self.folder = folder
        self.worker = worker
        self._server: PostgresServer | None = None
        self._numbers = itertools.count(1)
        self._failed: dict[str, Exception] = {}
        self._shared: OrderedDict[tuple[str, AddonSet], Database] = OrderedDict()
        self._recent: OrderedDict[AddonSet, Database] = OrderedDict()
        self._idle: OrderedDict[AddonSet, Database] = OrderedDict()
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def server(self) -> PostgresServer:
        """The PostgreSQL server, started on first use. Raises PostgresUnavailable."""
        if self._server is None:
            with self._lock("server"):
                self._server = PostgresServer(self.folder / POSTGRESQL)
        return self._server

    def empty(self, dialect: str) -> str:
        """Make an empty database and return its URL; hand it back with :meth:`drop`."""
        name = self._name()
        return self.server.create(name) if dialect == "postgresql" else self._file_url(name)

    def copy(self, dialect: str, addon_set: AddonSet) -> str:
        """Make a database with `addon_set` installed and return its URL; hand it back with :meth:`drop`."""
        template, name = self._template(dialect, addon_set), self._name()
        if dialect == "postgresql":
            return self.server.create(name, template=template)
        shutil.copyfile(self._file(template), self._file(name))
        return self._file_url(name)

    @contextmanager
    def fresh(self, dialect: str, addon_set: AddonSet) -> Iterator[Database]:
        """A database of its own, with `addon_set` installed; what is done to it is gone after the block."""
        database = self._idle.pop(addon_set, None) if dialect == "sqlite" else None
        if database is None:
            database = self._open(dialect, addon_set)
        registry = database.registry
        try:
            yield database
        finally:
            database.close()
            if dialect == "sqlite" and database.registry is registry:
                self._restore(database, addon_set)
            else:
                self._discard(database)
                self._remember(addon_set, database)

    def shared(self, dialect: str, addon_set: AddonSet) -> Database:
        """The process's database with `addon_set`, for callers that roll back whatever they do."""
        key = (dialect, addon_set)
        if key not in self._shared:
            self._shared[key] = self._open(dialect, addon_set)
            if len(self._shared) > SHARED_LIMIT:
                self._discard(self._shared.pop(next(iter(self._shared))))
        self._shared.move_to_end(key)
        return self._shared[key]

    def drop(self, url: str) -> None:
        """Remove the database at `url`, which one of the methods above returned."""
        if url.startswith("sqlite"):
            for suffix in ("", "-wal", "-shm"):
                Path(f"{_path(url)}{suffix}").unlink(missing_ok=True)
        else:
            self.server.drop(url.partition("?")[0].rpartition("/")[2])

    def close(self) -> None:
        """Close everything and let go of the server."""
        for database in (*self._shared.values(), *self._idle.values()):
            self._discard(database)
        self._shared.clear()
        self._idle.clear()
        if self._server is not None:
            with self._lock("server"):
                self._server.close()
            self._server = None

    def _open(self, dialect: str, addon_set: AddonSet) -> Database:
        """A `Database` on a new copy of the template, which need not survive a power cut."""
        database = Database(self.copy(dialect, addon_set), addons_path=addon_set.paths)
        if dialect == "sqlite":
            sa.event.listen(database.engine, "connect", _disable_sync)
        return database

    def _restore(self, database: Database, addon_set: AddonSet) -> None:
        """Give a SQLite database the template's content again, for the next test.

        The file is a new one: a connection that a test left open goes on with the old one, which no longer has a name.
        """
        self.drop(database.url)
        shutil.copyfile(self._file(self._template("sqlite", addon_set)), _path(database.url))
        database.registry.clear_cache()
        other = self._idle.pop(addon_set, None)
        if other is not None:  # two at a time were in use
            self._discard(other)
        self._idle[addon_set] = database
        if len(self._idle) > IDLE_LIMIT:
            self._discard(self._idle.popitem(last=False)[1])

    def _discard(self, database: Database) -> None:
        database.close()
        self.drop(database.url)

    def _remember(self, addon_set: AddonSet, database: Database) -> None:
        """Keep what the database has composed, for the next one with these addons."""
        self._recent[addon_set] = database
        self._recent.move_to_end(addon_set)
        if len(self._recent) > RECENT_LIMIT:
            self._recent.popitem(last=False)

    # ---------------------------------------------------------------- templates

    def _template(self, dialect: str, addon_set: AddonSet) -> str:
        """The name of the template database, installing it if no process of this run has done so yet."""
        name = f"template_{dialect}_{addon_set.key}"
        done = self.folder / f"{name}.done"
        if not done.exists():
            if name in self._failed:
                raise self._failed[name]  # once is enough, every test tells the same
            with self._lock(name):
                if not done.exists():
                    try:
                        self._install(dialect, name, addon_set)
                    except Exception as error:
                        self._failed[name] = error
                        raise
                    done.touch()
        return name

    def _install(self, dialect: str, name: str, addon_set: AddonSet) -> None:
        if dialect == "postgresql":
            self.server.drop(name)
            url = self.server.create(name)
        else:
            url = self._file_url(name)
            self.drop(url)
        database = Database(url, addons_path=addon_set.paths)
        try:
            database.install(list(addon_set.addons), demo=addon_set.demo)
            with database.transaction() as env:
                env["res.users"].search([])._store_password(PASSWORD)
        finally:
            database.close()

    # ---------------------------------------------------------------- names and files

    def _name(self) -> str:
        return f"test_{self.worker}_{os.getpid()}_{next(self._numbers)}"

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.db"

    def _file_url(self, name: str) -> str:
        return f"sqlite:///{self._file(name)}"

    def _lock(self, name: str) -> fasteners.InterProcessLock:
        return fasteners.InterProcessLock(self.folder / f"{name}.lock")


def _path(url: str) -> Path:
    """The file of a SQLite database."""
    return Path(url.removeprefix("sqlite:///"))


def _disable_sync(connection: Any, _entry: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")

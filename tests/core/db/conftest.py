"""A database of each kind per test module, and cursors on it."""

from __future__ import annotations

import itertools
import os

import pytest
import sqlalchemy as sa

from core.db.engine import create_engine
from core.db.reflection import reflect
from core.db.transaction import Cursor
from core.testing.servers import PostgresUnavailable

_numbers = itertools.count()


@pytest.fixture(scope="session")
def server(databases):
    """The PostgreSQL server that all processes of the run share, and that each of them lets go of once."""
    try:
        return databases.server
    except PostgresUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request, tmp_path_factory):
    """The address of a new database for the tests of one module."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('db') / 'test.db'}"
        return
    server = request.getfixturevalue("server")
    name = f"core_db_{os.getpid()}_{next(_numbers)}"
    yield server.create(name)
    server.drop(name)


@pytest.fixture(scope="module")
def engine(url):
    """An engine on it."""
    engine = create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def cr(engine):
    """A cursor whose work is rolled back after the test."""
    cr = Cursor(engine)
    yield cr
    cr.close()


@pytest.fixture
def empty(engine):
    """The engine, on a database whose tables are dropped before and after the test."""
    _drop_everything(engine)
    yield engine
    _drop_everything(engine)


def _drop_everything(engine: sa.Engine) -> None:
    with Cursor(engine) as cr:
        if cr.dialect == "postgresql":
            cr.execute("DROP SCHEMA public CASCADE")
            cr.execute("CREATE SCHEMA public")
        else:
            cr.execute("PRAGMA defer_foreign_keys = ON")
            for name in reflect(cr.connection):
                cr.execute(f'DROP TABLE "{name}"')

"""A database of each kind per test module, and cursors on it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.db.engine import create_engine
from core.db.reflection import reflect
from core.db.transaction import Cursor


@pytest.fixture(scope="module")
def url(dialect, databases):
    """The address of a new database for the tests of one module."""
    url = databases.empty(dialect)
    yield url
    databases.drop(url)


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

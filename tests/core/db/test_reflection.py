"""core.db.reflection: what is there is read as it is, awkward names and texts included."""

from __future__ import annotations

import pytest

from core.db.reflection import ForeignKeySignature, reflect
from core.db.transaction import Cursor

pytestmark = pytest.mark.both_dialects("schema")

AWKWARD = '''
    CREATE TABLE "awkward, (table" (
        id INTEGER PRIMARY KEY,
        "select" TEXT NOT NULL,
        "with ""quotes""" VARCHAR(10) DEFAULT 'a, (b''c',
        parent_id INTEGER,
        CONSTRAINT "chk, (1" CHECK ("select" <> ')' AND parent_id IN (1, 2)),
        CONSTRAINT two_columns UNIQUE ("select", "with ""quotes"""),
        CONSTRAINT fk FOREIGN KEY (parent_id) REFERENCES parent (id)
            ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED
    )
'''


@pytest.fixture
def tables(empty):
    """What is in a database with two awkward tables."""
    with Cursor(empty) as cr:
        cr.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY, a INTEGER DEFAULT 5, UNIQUE (a))")
        cr.connection.exec_driver_sql(AWKWARD)
        cr.execute('CREATE INDEX plain ON "awkward, (table" (parent_id, "select")')
        cr.execute('CREATE UNIQUE INDEX part ON "awkward, (table" (parent_id) WHERE parent_id > 3')
        return reflect(cr.connection)


def test_columns(tables):
    columns = tables["awkward, (table"].columns
    assert list(columns) == ["id", "select", 'with "quotes"', "parent_id"]
    assert columns["id"].primary
    assert not columns["select"].nullable
    assert columns['with "quotes"'].nullable
    assert columns['with "quotes"'].default.startswith("'a, (b''c'")
    assert tables["parent"].columns["a"].default == "5"


def test_constraints(tables):
    table = tables["awkward, (table"]
    assert list(table.checks) == ["chk, (1"]
    assert table.uniques == {"two_columns": ("select", 'with "quotes"')}
    key = ForeignKeySignature(("parent_id",), "parent", ("id",), "SET NULL", True)
    assert list(table.foreign_keys) == [key]


def test_checks_are_read_as_written_on_sqlite(tables, empty):
    if empty.dialect.name == "sqlite":
        assert tables["awkward, (table"].checks["chk, (1"] == "\"select\" <> ')' AND parent_id IN (1, 2)"
        assert tables["parent"].uniques == {}


def test_indexes(tables):
    indexes = tables["awkward, (table"].indexes
    assert sorted(indexes) == ["part", "plain"]
    assert (indexes["plain"].unique, indexes["part"].unique) == (False, True)


def test_an_empty_database_has_no_tables(empty):
    with Cursor(empty, readonly=True) as cr:
        assert reflect(cr.connection) == {}
        assert cr.statements <= 4

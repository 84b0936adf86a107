"""core.db.errors: refusals read the same on both databases."""

from __future__ import annotations

import pickle

import pytest
import sqlalchemy as sa

from core.db.errors import ConstraintViolation, is_retryable
from core.db.transaction import Cursor

pytestmark = pytest.mark.both_dialects("constraints")

metadata = sa.MetaData()
ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
parent = sa.Table(
    "parent",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("a", sa.Integer),
    sa.Column("b", sa.Integer),
    sa.UniqueConstraint("a", "b", name="parent_a_b"),
    sa.CheckConstraint("a < 100", name="parent_a_small"),
    sa.Index("parent_name", "name", unique=True),
    sa.Column("code", sa.Text),
    sa.Index("parent_lower", sa.text("lower(code)"), unique=True),
)
child = sa.Table(
    "child",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("parent_id", ID, sa.ForeignKey("parent.id", name="fk_p", deferrable=True, initially="DEFERRED")),
    sa.Column(
        "kept_id",
        ID,
        sa.ForeignKey("parent.id", name="fk_kept", ondelete="RESTRICT", deferrable=True, initially="DEFERRED"),
    ),
)


@pytest.fixture(scope="module", autouse=True)
def tables(engine):
    """The tables, with one parent."""
    with Cursor(engine) as cr:
        metadata.create_all(cr.connection)
        cr.execute(sa.insert(parent), {"id": 1, "name": "One", "a": 1, "b": 1, "code": "x"})


def violation(engine, *statements):
    with pytest.raises(ConstraintViolation) as caught, Cursor(engine) as cr:
        for statement, params in statements:
            cr.execute(statement, params)
    return caught.value


def new(**values):
    return sa.insert(parent), {"id": 2, "name": "Two", "a": 2, "b": 2} | values


def test_unique_constraints(engine):
    error = violation(engine, new(a=1, b=1))
    assert (error.kind, error.table, error.columns, error.constraint) == ("unique", "parent", ("a", "b"), "parent_a_b")
    assert error.detail


def test_unique_indexes(engine):
    error = violation(engine, new(name="One"))
    assert (error.kind, error.table, error.columns) == ("unique", "parent", ("name",))
    assert error.constraint == "parent_name"


def test_unique_indexes_over_expressions(engine):
    error = violation(engine, new(code="X"))
    assert (error.kind, error.table, error.constraint) == ("unique", "parent", "parent_lower")


def test_primary_keys(engine):
    error = violation(engine, new(id=1))
    assert (error.kind, error.table, error.columns) == ("unique", "parent", ("id",))


def test_checks(engine):
    error = violation(engine, new(a=100))
    assert (error.kind, error.table, error.constraint) == ("check", "parent", "parent_a_small")
    error = violation(engine, (sa.update(parent).values(a=100), None))
    assert (error.kind, error.table, error.constraint) == ("check", "parent", "parent_a_small")


def test_missing_values(engine):
    error = violation(engine, new(name=None))
    assert (error.kind, error.table, error.columns) == ("not_null", "parent", ("name",))


def test_references_to_nothing_show_at_commit(engine):
    error = violation(engine, (sa.insert(child), {"id": 1, "parent_id": 77}))
    assert (error.kind, error.table, error.columns) == ("foreign_key", "child", ("parent_id",))
    assert error.referred == "parent"
    assert "77" in error.detail


def test_records_that_are_still_referred_to(engine):
    error = violation(engine, (sa.insert(child), {"id": 1, "parent_id": 1}), (sa.delete(parent), None))
    assert (error.kind, error.table, error.referred) == ("foreign_key", "child", "parent")


def test_restrict_refuses_at_once(engine):
    error = violation(engine, (sa.insert(child), {"id": 1, "kept_id": 1}), (sa.delete(parent), None))
    assert (error.kind, error.referred) == ("foreign_key", "parent")


def test_a_violation_says_it_all_in_a_sentence_and_survives_pickling(engine):
    error = violation(engine, new(a=1, b=1))
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert str(error).startswith("parent (a, b): these values are there already [parent_a_b]")
    assert error.data == {"kind": "unique", "table": "parent", "columns": ["a", "b"], "constraint": "parent_a_b"}


def test_mistakes_in_statements_are_no_reason_to_try_again(engine):
    with pytest.raises(sa.exc.DBAPIError) as caught, Cursor(engine) as cr:
        cr.execute("SELECT nonsense FROM nowhere")
    assert not is_retryable(caught.value)
    assert not is_retryable(ValueError("x"))

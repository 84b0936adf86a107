"""core.db.column_types: which types are the same, and which hold all values of which."""

from __future__ import annotations

import pytest

from core.db.column_types import family, is_widening


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("TEXT", "VARCHAR"),
        ("character varying(64)", "VARCHAR(64)"),
        ("timestamp without time zone", "DATETIME"),
        ("numeric(38,6)", "INTEGER(6)"),
        ("NUMERIC(38, 6)", "numeric(38,6)"),
        ("double precision", "FLOAT"),
        ("JSONB", "json"),
        ("bytea", "BLOB"),
        ("INT", "integer"),
    ],
)
def test_types_that_are_the_same_to_us(one, other):
    assert family(one) == family(other)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("INTEGER", "BIGINT"),
        ("INTEGER(2)", "INTEGER(6)"),
        ("VARCHAR(5)", "VARCHAR(6)"),
        ("VARCHAR(5)", "TEXT"),
        ("BIGINT", "NUMERIC(38, 4)"),
        ("BOOLEAN", "INTEGER"),
        ("DATE", "DATETIME"),
        ("NUMERIC(38, 4)", "TEXT"),
    ],
)
def test_one_way_is_widening_and_the_other_is_not(old, new):
    assert is_widening(family(old), family(new))
    assert not is_widening(family(new), family(old))


@pytest.mark.parametrize(
    ("old", "new"), [("FLOAT", "INTEGER(6)"), ("BLOB", "TEXT"), ("TEXT", "JSON"), ("INTEGER", "FLOAT")]
)
def test_what_may_lose_values_is_no_widening(old, new):
    assert not is_widening(family(old), family(new))


def test_types_that_we_do_not_know_are_only_like_themselves():
    assert family("tsvector") == family("tsvector")
    assert family("tsvector") != family("uuid")
    assert not is_widening(family("uuid"), family("tsvector"))

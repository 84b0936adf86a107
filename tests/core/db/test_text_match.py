"""Patterns mean the same in Python, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from core.db.engine import create_engine
from core.db.text_match import Pattern, code_point_order, matches, starts_with

pytestmark = pytest.mark.both_dialects("sql")

TEXTS = [
    "", "a", "A", "ab", "aB", "xaby", "a%b", "a_b", "a\\b", "a\nb", "*", "?", "[a]", "]", "é", "É", "ı", "İ", "i", "I",
    "ΣΑΣ", "σας", "ς", "ß", "ẞ", "SS", "K", "k", "Ǆ", "ǅ", "ǆ", "🙂", "'", '"', "%", "_", "\\", "ÀÉÎ", "àéî", "Ж", "ж",
]  # fmt: skip
PATTERNS = [
    "a", "A", "a%", "%b", "a_b", "a\\%b", "a\\_b", "a\\\\b", "\\", "a\\", "%", "_", "__", "", "*", "?", "[a]", "[", "]",
    "é", "σΑς", "İ", "ı", "ẞ", "k", "ǅ", "%\\%%", "à_î", "ж", "🙂", "'", "%%", "\\a", "\\*",
]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (Pattern("b", contains=True), "abc", True),
        (Pattern("B", contains=True), "abc", False),
        (Pattern("B", contains=True, fold=True), "abc", True),
        (Pattern("a%c"), "abbc", True),
        (Pattern("a%c"), "abbcd", False),
        (Pattern("a\\%c"), "a%c", True),
        (Pattern("a\\%c"), "abc", False),
        (Pattern("50\\", contains=True), "50\\ off", True),
        (Pattern("istanbul", fold=True), "İSTANBUL", True),
        (Pattern("ΟΔΟΣ", contains=True, fold=True), "οδος οδοσα", True),
    ],
)
def test_patterns_match_in_python(pattern: Pattern, text: str, expected: bool) -> None:
    assert pattern.matches(text) is expected


def test_patterns_are_values() -> None:
    assert Pattern("%a%") == Pattern("a", contains=True) != Pattern("a")
    assert hash(Pattern("%a%")) == hash(Pattern("a", contains=True))
    assert Pattern("A", fold=True) == Pattern("a", fold=True) != Pattern("a")


def test_databases_match_as_python_does(database_url: str) -> None:
    engine = create_engine(database_url)
    table = sa.Table("texts", sa.MetaData(), sa.Column("text", sa.Text))
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), [{"text": text} for text in [*TEXTS, None]])
        for text in PATTERNS:
            for contains in (False, True):
                for fold in (False, True):
                    pattern = Pattern(text, contains=contains, fold=fold)
                    found = connection.scalars(sa.select(table.c.text).where(matches(table.c.text, pattern))).all()
                    assert sorted(found) == sorted(filter(pattern.matches, TEXTS)), pattern
    engine.dispose()


def test_text_is_ordered_by_code_points(database_url: str) -> None:
    engine = create_engine(database_url)
    table = sa.Table("texts", sa.MetaData(), sa.Column("text", sa.Text))
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), [{"text": text} for text in TEXTS])
        for text in TEXTS:
            found = connection.scalars(sa.select(table.c.text).where(code_point_order(table.c.text) < text)).all()
            assert sorted(found) == sorted(other for other in TEXTS if other < text)
    engine.dispose()


def test_paths_below_a_path_are_found(database_url: str) -> None:
    engine = create_engine(database_url)
    paths = ["1/", "1/5/", "1/50/", "1/5/7/", "10/", "15/", "1/6/", "2/1/5/"]
    table = sa.Table("paths", sa.MetaData(), sa.Column("path", sa.Text))
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), [{"path": path} for path in paths])
        for prefix in paths:
            condition = starts_with(table.c.path, sa.literal(prefix))
            found = connection.scalars(sa.select(table.c.path).where(condition)).all()
            assert sorted(found) == sorted(path for path in paths if path.startswith(prefix))
    engine.dispose()


def test_the_statement_is_the_same_for_every_pattern() -> None:
    column: Any = sa.column("text", sa.Text)
    dialect = sa.create_engine("sqlite://").dialect
    keys = {str(matches(column, Pattern(text)).compile(dialect=dialect)) for text in PATTERNS}
    assert keys == {"(text GLOB ?)"}
    assert "= 1" not in str(
        sa.select(column).where(matches(column, Pattern("a")), column != "").compile(dialect=dialect)
    )

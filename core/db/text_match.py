"""Matching text by pattern, the same on every database and in Python.

SQL's own LIKE differs: SQLite folds ASCII letters always, PostgreSQL's ILIKE follows the locale that the database
was made with. Here a `Pattern` is matched case-sensitively, or with letter case folded as Unicode says, whatever the
database:

    PostgreSQL   LIKE, on lower() under a collation with Unicode's case rules
    SQLite       GLOB (case-sensitive, one `*` and `?` for `%` and `_`), on lower() for ASCII and else on the function
                 ``stillage_fold``, which this module gives to every SQLite connection of the process
    Python       `Pattern.matches`

In a pattern ``%`` stands for any characters, ``_`` for one, and a backslash takes the meaning from the next one.
Importing this module registers the SQLite function for connections opened from then on.
"""

from __future__ import annotations

import re
import sqlite3
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import Pool
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

FOLD_FUNCTION: Final = "stillage_fold"

_ANY: Final = object()
_ONE: Final = object()

# Lower case depends on the neighbours, or on the library, for these alone; they get one form before the rest is folded.
_SPECIAL_FROM: Final = "İΣς"
_SPECIAL_TO: Final = "iσσ"
_SPECIAL: Final = str.maketrans(_SPECIAL_FROM, _SPECIAL_TO)


def _fold(text: str) -> str:
    """`text` without differences of letter case; of the same length."""
    return text.lower() if text.isascii() else text.translate(_SPECIAL).lower()


class Pattern:
    """What ``like`` and ``ilike`` compare with. Immutable and hashable.

    `text` is the pattern; with `contains`, a text matches if some part of it does. With `fold`, letter case does not
    matter. A backslash at the end of `text` stands for itself.
    """

    __slots__ = ("_matches", "contains", "fold", "glob", "like", "text")

    _matches: Any

    def __init__(self, text: str, *, contains: bool = False, fold: bool = False) -> None:
        self.text = text
        self.contains = contains
        self.fold = fold
        # the signs of a pattern are not letters: folding leaves them alone
        tokens = _tokens(_fold(text) if fold else text)
        if contains:
            tokens = [_ANY, *tokens, _ANY]
        self.like = "".join(_like(token) for token in tokens)
        self.glob = "".join(_glob(token) for token in tokens)

    def matches(self, text: str) -> bool:
        """Whether `text` fits the pattern."""
        try:
            matches = self._matches
        except AttributeError:
            matches = self._matches = _regex(self.like).fullmatch
        return matches(_fold(text) if self.fold else text) is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self.fold is other.fold and self.like == other.like

    def __hash__(self) -> int:
        return hash((self.like, self.fold))

    def __repr__(self) -> str:
        return f"Pattern({self.text!r}, contains={self.contains}, fold={self.fold})"


def escape_like(text: str) -> str:
    """`text` as a pattern that matches just it."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def _tokens(pattern: str) -> list[Any]:
    """`pattern` as wildcards and literal characters."""
    tokens: list[Any] = []
    characters = iter(pattern)
    for character in characters:
        if character == "%":
            if not tokens or tokens[-1] is not _ANY:
                tokens.append(_ANY)
        elif character == "_":
            tokens.append(_ONE)
        else:
            tokens.append(next(characters, "\\") if character == "\\" else character)
    return tokens


def _like(token: Any) -> str:
    if token is _ANY:
        return "%"
    if token is _ONE:
        return "_"
    return f"\\{token}" if token in "%_\\" else str(token)


def _glob(token: Any) -> str:
    if token is _ANY:
        return "*"
    if token is _ONE:
        return "?"
    return f"[{token}]" if token in "*?[" else str(token)


@lru_cache(maxsize=512)
def _regex(like: str) -> re.Pattern[str]:
    parts = [".*" if token is _ANY else "." if token is _ONE else re.escape(token) for token in _tokens(like)]
    return re.compile("".join(parts), re.DOTALL)


class _PatternType(sa.types.TypeDecorator[Pattern]):
    """Sends a `Pattern` in the notation of the database."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Pattern | None, dialect: Any) -> str | None:
        if value is None:
            return None
        return value.glob if dialect.name == "sqlite" else value.like


class _Condition(FunctionElement[bool]):
    """A function that is a condition as it stands.

    For SQLite, which has no type for truth values, SQLAlchemy would write ``(...) = 1``, and no index is used for that.
    """

    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        return self


class _Match(_Condition):
    """``expression matches pattern``; NULL where the expression is NULL."""

    name = "pattern_match"
    inherit_cache = True


class _FoldedMatch(_Match):
    """The same without regard to letter case."""

    name = "folded_pattern_match"
    inherit_cache = True


def matches(expression: sa.ColumnElement[Any], pattern: Pattern) -> sa.ColumnElement[bool]:
    """The SQL condition that the text `expression` fits `pattern`. The SQL is the same whatever the pattern."""
    bound = sa.bindparam(None, pattern, type_=_PatternType(), unique=True)
    return _FoldedMatch(expression, bound) if pattern.fold else _Match(expression, bound)


class code_point_order(FunctionElement[str]):
    """A text column that compares by code points, as Python does, whatever the locale of the database."""

    name = "code_point_order"
    type = sa.Text()
    inherit_cache = True


class starts_with(_Condition):
    """``starts_with(path, prefix)`` for paths of hierarchies: both end in ``/`` and are made of digits and ``/``."""

    name = "path_starts_with"
    inherit_cache = True


def _operands(element: Any, compiler: SQLCompiler, kw: dict[str, Any]) -> list[str]:
    return [compiler.process(clause, **kw) for clause in element.clauses]


@compiles(_Match)
def _match(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    expression, pattern = _operands(element, compiler, kw)
    return f"({expression} LIKE {pattern})"


@compiles(_Match, "sqlite")
def _match_sqlite(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    expression, pattern = _operands(element, compiler, kw)
    return f"({expression} GLOB {pattern})"


@compiles(_FoldedMatch)
def _folded_match(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    expression, pattern = _operands(element, compiler, kw)
    # PostgreSQL 17 brought Unicode's case rules of its own; before, they come with ICU
    version = getattr(compiler.dialect, "server_version_info", None)
    collation = "und-x-icu" if version and version < (17,) else "pg_c_utf8"
    lowered = f"lower(translate({expression}, '{_SPECIAL_FROM}', '{_SPECIAL_TO}') COLLATE \"{collation}\")"
    return f"({lowered} LIKE {pattern})"


@compiles(_FoldedMatch, "sqlite")
def _folded_match_sqlite(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    expression, pattern = _operands(element, compiler, kw)
    folded = f"{FOLD_FUNCTION}({expression}) GLOB {pattern}"
    if not isinstance(next(iter(element.clauses)), sa.Column):
        return f"({folded})"
    # SQLite's own lower() knows the letters of ASCII, and is many times faster than a call of ours; what it finds
    # is right for any text, and what it misses has other letters, so that it is longer in bytes than in characters.
    other = f"length({expression}) <> length(CAST({expression} AS BLOB))"
    return f"(lower({expression}) GLOB {pattern} OR ({other} AND {folded}))"


@compiles(code_point_order)
def _code_point_order(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    (expression,) = _operands(element, compiler, kw)
    return f'({expression} COLLATE "C")'


@compiles(code_point_order, "sqlite")
def _code_point_order_sqlite(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    (expression,) = _operands(element, compiler, kw)
    return f"({expression} COLLATE BINARY)"


@compiles(starts_with)
def _starts_with(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    path, prefix = _operands(element, compiler, kw)
    return f"starts_with({path}, {prefix})"


@compiles(starts_with, "sqlite")
def _starts_with_sqlite(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    # '0' follows '/': what starts with '1/5/' lies from '1/5/' to before '1/50', which an index on the path can answer
    path, prefix = _operands(element, compiler, kw)
    return f"({path} >= {prefix} AND {path} < substr({prefix}, 1, length({prefix}) - 1) || '0')"


@event.listens_for(Pool, "connect")
def _give_functions(dbapi_connection: Any, _record: Any) -> None:
    if isinstance(dbapi_connection, sqlite3.Connection):
        dbapi_connection.create_function(FOLD_FUNCTION, 1, _sqlite_fold, deterministic=True)


def _sqlite_fold(text: Any) -> Any:
    return _fold(text) if isinstance(text, str) else text

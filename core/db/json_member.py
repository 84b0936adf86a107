"""One member of a JSON object column, with the type that its value stands for.

Values that JSON does not know are in it as text: decimals (``"12.50"``), days (``"2026-12-31"``) and moments
(``"2026-12-31 18:30:00.000000"``). Importing this module registers a function for that with SQLite connections opened
from then on.
"""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import Pool
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from core.db.types import ExactNumeric, UtcDateTime

UNITS_FUNCTION: Final = "stillage_units"


class _Member(FunctionElement[Any]):
    name = "json_member"
    inherit_cache = True


class _ExactMember(FunctionElement[Any]):
    """The same for a decimal, of which SQLite's columns hold whole numbers of the smallest unit."""

    name = "exact_json_member"
    inherit_cache = True


def member_value(value: Any) -> Any:
    """`value` as an object in a JSON column holds it, so that `json_member` gives it back."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, date) else value


def json_member(column: sa.ColumnElement[Any], key: str, type_: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    """The member `key` (letters and digits) of the objects in `column`, as a `type_`; NULL where there is none."""
    if not key.isalnum():
        raise ValueError(f"the key of a member consists of letters and digits, unlike {key!r}")
    name = sa.literal_column(f"'{key}'", sa.Text())
    if isinstance(type_, ExactNumeric):
        exact = _ExactMember(column, name, sa.literal_column(str(type_.scale), sa.Integer()))
        return sa.type_coerce(sa.cast(exact, type_), type_)
    member = _Member(column, name)
    if isinstance(type_, sa.Date | UtcDateTime):  # SQLite has no such types, and its columns hold the same text
        return sa.type_coerce(sa.cast(member, type_.with_variant(sa.Text(), "sqlite")), type_)
    return sa.cast(member, type_)


@compiles(_Member)
@compiles(_ExactMember)
def _member(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    column, name = (compiler.process(clause, **kw) for clause in list(element.clauses)[:2])
    return f"({column} ->> {name})"


@compiles(_Member, "sqlite")
def _member_sqlite(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    column, name = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"json_extract({column}, '$.\"' || {name} || '\"')"


@compiles(_ExactMember, "sqlite")
def _exact_member_sqlite(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    column, name, scale = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{UNITS_FUNCTION}(json_extract({column}, '$.\"' || {name} || '\"'), {scale})"


@event.listens_for(Pool, "connect")
def _give_functions(dbapi_connection: Any, _record: Any) -> None:
    if isinstance(dbapi_connection, sqlite3.Connection):
        dbapi_connection.create_function(UNITS_FUNCTION, 2, _units, deterministic=True)


def _units(value: Any, scale: int) -> int | None:
    """`value` (a number, or its text) in units of ``10**-scale``."""
    return None if value is None else int(Decimal(str(value)).scaleb(scale))

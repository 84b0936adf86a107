"""Comparing column types: when are two the same, when can all values move from one to the other, and how.

A type's text ("numeric(38,6)", "INTEGER(6)", "VARCHAR(64)") is read into a ``Family``: a kind and, where it has one, a
size. Two texts of one family are the same type to us, as TEXT and VARCHAR.
"""

from __future__ import annotations

import re
import sys
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect

_UNLIMITED: Final = sys.maxsize


class Family(NamedTuple):
    """``size``: bytes of an "integer", decimals of an "exact" number, characters of a "text", else 0."""

    kind: str
    size: int = 0


_KINDS: Final[dict[str, Family]] = {
    "smallint": Family("integer", 2),
    "int": Family("integer", 4),
    "integer": Family("integer", 4),
    "bigint": Family("integer", 8),
    "boolean": Family("boolean"),
    "text": Family("text", _UNLIMITED),
    "varchar": Family("text", _UNLIMITED),
    "character varying": Family("text", _UNLIMITED),
    "float": Family("float"),
    "real": Family("float"),
    "double": Family("float"),
    "double precision": Family("float"),
    "date": Family("date"),
    "datetime": Family("datetime"),
    "timestamp": Family("datetime"),
    "timestamp without time zone": Family("datetime"),
    "json": Family("json"),
    "jsonb": Family("json"),
    "blob": Family("binary"),
    "bytea": Family("binary"),
}
_TEXT = re.compile(r"^([a-z ]+?)\s*(?:\((\d+)(?:,\s*(\d+))?\))?$")


def family(text: str) -> Family:
    """The family of a type by its text on either database; a type that we do not know is a family of its own."""
    match = _TEXT.match(text.strip().lower())
    if match is None:
        return Family(text)
    name, size, scale = match.groups()
    if name in ("numeric", "decimal"):
        return Family("exact", int(scale or 0))
    known = _KINDS.get(name)
    if known is None:
        return Family(text)
    if name == "integer" and size is not None:  # how SQLite holds exact numbers, see types.ScaledInteger
        return Family("exact", int(size))
    if known.kind == "text" and size is not None:
        return Family("text", int(size))
    return known


def declared(column: sa.Column[Any], dialect: Dialect) -> str:
    """The text of a column's type on a database."""
    return column.type.compile(dialect)


def is_widening(old: Family, new: Family) -> bool:
    """Whether every value of ``old`` can be held by ``new`` without loss."""
    if new.kind == old.kind:
        return new.size >= old.size
    if new == Family("text", _UNLIMITED):
        return old.kind != "binary"
    return (old.kind, new.kind) in _LOSSLESS


_LOSSLESS: Final = frozenset({("integer", "exact"), ("boolean", "integer"), ("boolean", "exact"), ("date", "datetime")})


def converted_on_postgresql(name: str, old: Family, text: str) -> str:
    """The expression for the quoted column ``name`` as a value of the type ``text``."""
    new = family(text)
    if new.kind == "boolean" and old.kind in ("integer", "exact", "float"):
        return f"{name} <> 0"
    if old.kind == "boolean" and new.kind in ("integer", "exact", "float"):
        return f"CAST(CAST({name} AS integer) AS {text})"
    return f"CAST({name} AS {text})"


def converted_on_sqlite(name: str, old: Family, text: str) -> str:
    """The same for SQLite, where exact numbers are whole numbers of their last decimal."""
    new = family(text)
    if old == new or (old.kind, new.kind) == ("integer", "integer"):
        return name
    if old.kind == "exact" or new.kind == "exact":
        return _rescaled(name, old, new)
    if (old.kind, new.kind) == ("date", "datetime"):
        return f"{name} || ' 00:00:00.000000'"
    if (old.kind, new.kind) == ("datetime", "date"):
        return f"substr({name}, 1, 10)"
    if new.kind == "text":
        whole = f"CAST({name} AS TEXT)"
        return whole if new.size == _UNLIMITED else f"substr({whole}, 1, {new.size})"
    return f"CAST({name} AS {text})"


def _rescaled(name: str, old: Family, new: Family) -> str:
    """From or to an exact number, rounding half up (away from zero)."""
    if old.kind != "exact":
        factor = 10**new.size
        if old.kind in ("integer", "boolean"):
            return f"{name} * {factor}"
        return f"CAST(round(CAST({name} AS REAL) * {factor}) AS INTEGER)"
    factor = 10**old.size
    if new.kind == "float":
        return f"{name} / {factor}.0"
    if new.kind == "text":
        decimals = f" || '.' || substr('{'0' * old.size}' || (abs({name}) % {factor}), -{old.size})" if old.size else ""
        return f"iif({name} < 0, '-', '') || (abs({name}) / {factor}){decimals}"
    scale = new.size if new.kind == "exact" else 0
    if scale >= old.size:
        return f"{name} * {10 ** (scale - old.size)}"
    step = 10 ** (old.size - scale)
    return f"iif({name} < 0, -1, 1) * ((abs({name}) + {step // 2}) / {step})"

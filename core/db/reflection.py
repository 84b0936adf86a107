"""What is in the database: tables, columns, constraints and indexes, read in a handful of statements for all tables.

SQLite keeps the CREATE statements as they were written, so definitions can be compared as text. PostgreSQL rewrites
them; there the text that a check or an index was made from is kept as its comment, see ``schema``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class ExistingColumn:
    """A column as it is. ``type`` is the database's own text for it, ``default`` the SQL of its default or None."""

    name: str
    type: str
    nullable: bool
    default: str | None
    primary: bool


@dataclass(frozen=True, slots=True)
class ForeignKeySignature:
    """What makes two foreign keys the same, whatever they are called."""

    columns: tuple[str, ...]
    referred: str
    referred_columns: tuple[str, ...]
    ondelete: str
    deferred: bool


@dataclass(frozen=True, slots=True)
class ExistingIndex:
    """An index as it is. ``columns`` is None when it is not plain: partial, over expressions, or of another method.

    ``definition`` is the text that it was made from, when that is known.
    """

    name: str
    unique: bool
    columns: tuple[str, ...] | None
    definition: str | None


@dataclass(slots=True)
class ExistingTable:
    """A table as it is. Constraints without a name are left out, except foreign keys.

    ``checks`` has the text that a check was made from, or None when that is not known. ``foreign_keys`` gives the name,
    which SQLite needs not. ``parts`` are the parts of the CREATE TABLE statement on SQLite.
    """

    name: str
    columns: dict[str, ExistingColumn] = field(default_factory=dict)
    checks: dict[str, str | None] = field(default_factory=dict)
    uniques: dict[str, tuple[str, ...]] = field(default_factory=dict)
    foreign_keys: dict[ForeignKeySignature, str] = field(default_factory=dict)
    indexes: dict[str, ExistingIndex] = field(default_factory=dict)
    parts: tuple[TablePart, ...] = ()


def reflect(connection: sa.Connection) -> dict[str, ExistingTable]:
    """All tables of the database (of the default schema on PostgreSQL) by name."""
    return _reflect_sqlite(connection) if connection.dialect.name == "sqlite" else _reflect_postgresql(connection)


def plain_text(statement: str) -> str:
    """SQL text without differences of white space, for comparing."""
    return " ".join(statement.split()).replace("( ", "(").replace(" )", ")")


# ------------------------------------------------------------------------------------------------------- PostgreSQL

_POSTGRESQL_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
           pg_get_expr(d.adbin, d.adrelid)
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = CAST(current_schema() AS regnamespace)
    ORDER BY c.relname, a.attnum
"""

_POSTGRESQL_CONSTRAINTS = """
    SELECT c.relname, k.conname, k.contype,
           ARRAY(SELECT a.attname FROM unnest(k.conkey) WITH ORDINALITY u (n, i)
                 JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.i),
           f.relname,
           ARRAY(SELECT a.attname FROM unnest(k.confkey) WITH ORDINALITY u (n, i)
                 JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.i),
           k.confdeltype, k.condeferred, obj_description(k.oid, 'pg_constraint')
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid
    LEFT JOIN pg_class f ON f.oid = k.confrelid
    WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND k.contype IN ('c', 'u', 'f', 'p')
    ORDER BY c.relname, k.conname
"""

_POSTGRESQL_INDEXES = """
    SELECT c.relname, i.relname, x.indisunique,
           x.indpred IS NULL AND x.indexprs IS NULL AND m.amname = 'btree'
               AND 0 = ALL (CAST(x.indoption AS smallint[])),
           ARRAY(SELECT a.attname FROM unnest(CAST(x.indkey AS smallint[])) WITH ORDINALITY u (n, i)
                 JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = u.n ORDER BY u.i),
           obj_description(i.oid, 'pg_class')
    FROM pg_index x
    JOIN pg_class c ON c.oid = x.indrelid
    JOIN pg_class i ON i.oid = x.indexrelid
    JOIN pg_am m ON m.oid = i.relam
    WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind IN ('r', 'p')
      AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x'))
    ORDER BY c.relname, i.relname
"""

_DELETE_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


def _reflect_postgresql(connection: sa.Connection) -> dict[str, ExistingTable]:
    tables: dict[str, ExistingTable] = {}
    for table, name, type_, nullable, default in connection.exec_driver_sql(_POSTGRESQL_COLUMNS):
        existing = tables.setdefault(table, ExistingTable(table))
        existing.columns[name] = ExistingColumn(name, type_, nullable, default, False)
    for row in connection.exec_driver_sql(_POSTGRESQL_CONSTRAINTS):
        _note_constraint(tables[row[0]], *row[1:])
    for table, name, unique, plain, columns, comment in connection.exec_driver_sql(_POSTGRESQL_INDEXES):
        members = tuple(columns) if plain else None
        tables[table].indexes[name] = ExistingIndex(name, unique, members, comment)
    return tables


def _note_constraint(
    table: ExistingTable,
    name: str,
    kind: str,
    columns: list[str],
    referred: str | None,
    referred_columns: list[str],
    ondelete: str,
    deferred: bool,
    comment: str | None,
) -> None:
    if kind == "c":
        table.checks[name] = comment
    elif kind == "u":
        table.uniques[name] = tuple(columns)
    elif kind == "f":
        action = _DELETE_ACTIONS[ondelete]
        key = ForeignKeySignature(tuple(columns), referred or "", tuple(referred_columns), action, deferred)
        table.foreign_keys[key] = name
    else:
        for column in columns:
            old = table.columns[column]
            table.columns[column] = ExistingColumn(old.name, old.type, old.nullable, old.default, True)


# ------------------------------------------------------------------------------------------------------- SQLite

_SQLITE_STATEMENTS = """
    SELECT type, name, sql FROM sqlite_master
    WHERE type IN ('table', 'index') AND sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
"""

_SQLITE_COLUMNS = """
    SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk
    FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid
"""

_SQLITE_FOREIGN_KEYS = """
    SELECT m.name, f.id, f."from", f."table", f."to", f.on_delete
    FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq
"""

_SQLITE_INDEXES = """
    SELECT m.name, i.name, i."unique"
    FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin = 'c' ORDER BY m.name, i.name
"""


def _reflect_sqlite(connection: sa.Connection) -> dict[str, ExistingTable]:
    tables: dict[str, ExistingTable] = {}
    # By name and not joined to the list of indexes: sqlite_master has no index, and would be read once for each.
    indexes: dict[str, str] = {}
    for kind, name, statement in connection.exec_driver_sql(_SQLITE_STATEMENTS):
        if kind == "table":
            tables[name] = _from_statement(name, statement)
        else:
            indexes[name] = plain_text(statement)
    for table, name, type_, not_null, default, primary in connection.exec_driver_sql(_SQLITE_COLUMNS):
        if table in tables:
            tables[table].columns[name] = ExistingColumn(name, type_, not not_null, default, bool(primary))
    for table, key in _sqlite_foreign_keys(connection):
        if table in tables:
            tables[table].foreign_keys[key] = ""
    for table, name, unique in connection.exec_driver_sql(_SQLITE_INDEXES):
        tables[table].indexes[name] = ExistingIndex(name, bool(unique), None, indexes[name])
    return tables


def _sqlite_foreign_keys(connection: sa.Connection) -> Iterator[tuple[str, ForeignKeySignature]]:
    found: dict[tuple[str, int], list[Any]] = {}
    for row in connection.exec_driver_sql(_SQLITE_FOREIGN_KEYS):
        found.setdefault((row[0], row[1]), []).append(row)
    for (table, _), rows in found.items():
        columns, referred_columns = tuple(row[2] for row in rows), tuple(row[4] or "id" for row in rows)
        # SQLite does not list whether a key is deferred. Ours all are, and no other is made.
        yield table, ForeignKeySignature(columns, rows[0][3], referred_columns, rows[0][5], True)


@dataclass(frozen=True, slots=True)
class TablePart:
    """A part of a CREATE TABLE statement: ``kind`` is "column", "check", "unique", "foreign" or "primary".

    ``name`` is the column's or the constraint's ("" when it has none); ``text`` is the part as written.
    """

    kind: str
    name: str
    text: str

    @property
    def inside(self) -> str:
        """What stands between the first parenthesis and the one that closes it."""
        start = _opening(self.text)
        return self.text[start + 1 : _closing(self.text, start)].strip()


_CONSTRAINT = re.compile(r'(?:CONSTRAINT\s+("[^"]+"|\w+)\s+)?(CHECK|UNIQUE|FOREIGN|PRIMARY)\b', re.I)
_NAME = re.compile(r'"((?:[^"]|"")+)"|\[([^]]+)\]|`([^`]+)`|(\w+)')


def _from_statement(name: str, statement: str) -> ExistingTable:
    table = ExistingTable(name, parts=_parts(statement))
    for part in table.parts:
        if part.kind == "check" and part.name:
            table.checks[part.name] = plain_text(part.inside)
        elif part.kind == "unique" and part.name:
            table.uniques[part.name] = tuple(_unquoted(member.strip()) for member in part.inside.split(","))
    return table


# An installation reflects the tables several times, and few of them have changed in between.
@lru_cache(maxsize=1024)
def _parts(statement: str) -> tuple[TablePart, ...]:
    start = _opening(statement)
    return tuple(map(_part, _split(statement[start + 1 : _closing(statement, start)])))


def _part(text: str) -> TablePart:
    match = _CONSTRAINT.match(text)
    if match:
        return TablePart(match.group(2).lower(), _unquoted(match.group(1) or ""), text)
    return TablePart("column", _unquoted(text), text)


def _unquoted(text: str) -> str:
    """The name that ``text`` begins with."""
    match = _NAME.match(text)
    if match is None:
        return ""
    return next(group for group in match.groups() if group is not None).replace('""', '"')


# A doubled quote within quotes reads as one text after another, which comes to the same.
_TOKEN = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`|\[[^]]*]|([(),])""")


def _walk(text: str, start: int) -> Iterator[tuple[int, str, int]]:
    """Position of each parenthesis and comma that is not within quotes, itself, and the depth after it."""
    depth = 0
    for match in _TOKEN.finditer(text, start):
        character = match.group(1)
        if character:
            depth += (character == "(") - (character == ")")
            yield match.start(), character, depth


def _opening(text: str) -> int:
    """The position of the first parenthesis."""
    return next(position for position, character, _ in _walk(text, 0) if character == "(")


def _closing(text: str, start: int) -> int:
    """The position of the parenthesis that closes the one at ``start``."""
    return next(position for position, character, depth in _walk(text, start) if character == ")" and not depth)


def _split(body: str) -> Iterator[str]:
    """The parts of ``body`` between commas that are in no parentheses."""
    begin = 0
    for position, character, depth in _walk(body, 0):
        if character == "," and not depth:
            yield body[begin:position].strip()
            begin = position + 1
    yield body[begin:].strip()

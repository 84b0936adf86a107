"""Changing a SQLite table in ways that its ALTER TABLE does not know: make it anew, move the rows, take its place.

Everyone else does this with foreign keys switched off, which SQLite allows only outside a transaction. An install must
be one transaction, and with foreign keys switched on, dropping a table deletes what refers to its rows. So the ids are
moved away before the old table is dropped (nothing refers to those), and moved back when the new table has its name.
In between the database counts the references that lead nowhere, and at commit that count must be zero again: SQLite
itself proves that no row was lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect

from core.db.column_types import converted_on_sqlite, declared, family
from core.db.reflection import ExistingTable, ForeignKeySignature, TablePart
from core.exceptions import SchemaError

#: How far ids are moved: beyond any that was given out, and with room below 2**63.
_AWAY: Final = 2**62


@dataclass(slots=True)
class Alterations:
    """Changes to a table: columns by name, constraints by name, foreign keys by signature."""

    added_columns: list[sa.Column[Any]] = field(default_factory=list)
    dropped_columns: set[str] = field(default_factory=set)
    retyped_columns: dict[str, sa.Column[Any]] = field(default_factory=dict)
    nullable: dict[str, bool] = field(default_factory=dict)
    added_constraints: list[sa.Constraint] = field(default_factory=list)
    dropped_constraints: set[str] = field(default_factory=set)
    dropped_foreign_keys: set[ForeignKeySignature] = field(default_factory=set)


def rebuild(connection: sa.Connection, existing: ExistingTable, desired: sa.Table | None, change: Alterations) -> None:
    """Make the table ``existing`` as ``change`` says and keep its rows, ids and indexes.

    ``desired`` is the table's definition, from which its columns are written anew where the type stays. Indexes over
    dropped columns go with them. Raises SchemaError for a table that is referred to by anything but an integer
    primary key.
    """
    quote = connection.dialect.identifier_preparer.quote
    name, interim = quote(existing.name), quote(f"_rebuilt_{existing.name}")
    execute = connection.exec_driver_sql
    key = _referred_key(connection, existing)
    indexes = _indexes(connection, existing.name, change.dropped_columns)
    sequence = _sequence(connection, existing.name)

    body = ", \n\t".join(_body(connection.dialect, existing, desired, change))
    execute(f"CREATE TABLE {interim} (\n\t{body}\n)")
    targets, sources = _copied(connection.dialect, existing, change, key)
    execute(f"INSERT INTO {interim} ({', '.join(targets)}) SELECT {', '.join(sources)} FROM {name}")
    if key is not None:
        _index_references(connection, existing.name)
        execute(f"UPDATE {name} SET {quote(key)} = {quote(key)} + {_AWAY}")
    execute(f"DROP TABLE {name}")
    execute(f"ALTER TABLE {interim} RENAME TO {name}")
    for statement in indexes:
        execute(statement)
    if key is not None:
        _index_references(connection, existing.name)
        execute(f"UPDATE {name} SET {quote(key)} = {quote(key)} - {_AWAY}")
        _drop_help(connection)
    if sequence is not None:
        _restore_sequence(connection, existing.name, sequence)


# ------------------------------------------------------------------------------------------------------- the definition


def _body(dialect: Dialect, existing: ExistingTable, desired: sa.Table | None, change: Alterations) -> list[str]:
    """The parts of the new CREATE TABLE statement: columns, then constraints."""
    compiler: Any = dialect.ddl_compiler(dialect, None)  # type: ignore[arg-type]
    columns = [
        _column_text(compiler, existing, desired, change, part)
        for part in existing.parts
        if part.kind == "column" and part.name not in change.dropped_columns
    ]
    columns += [
        _specification(compiler, column, change.nullable.get(column.name, bool(column.nullable)))
        for column in change.added_columns
    ]
    constraints = [
        part.text
        for part in existing.parts
        if part.kind not in ("column", "foreign") and not (part.name and part.name in change.dropped_constraints)
    ]
    constraints += [compiler.process(constraint) for constraint in change.added_constraints]
    constraints += _foreign_keys(compiler, existing, desired, change)
    return columns + constraints


def _column_text(
    compiler: Any, existing: ExistingTable, desired: sa.Table | None, change: Alterations, part: TablePart
) -> str:
    """A column that stays: as it should be when its type is that, else as it is."""
    column = existing.columns[part.name]
    nullable = change.nullable.get(part.name, column.nullable)
    target = change.retyped_columns.get(part.name)
    if target is None and desired is not None and part.name in desired.c:
        wanted = desired.c[part.name]
        if family(declared(wanted, compiler.dialect)) == family(column.type):
            target = wanted
    if column.primary and part.name not in change.retyped_columns:
        return part.text
    if target is not None:
        return _specification(compiler, target, nullable)
    default = f" DEFAULT {column.default}" if column.default is not None else ""
    name = compiler.preparer.quote(part.name)
    return f"{name} {column.type}{default}{'' if nullable else ' NOT NULL'}"


def _specification(compiler: Any, column: sa.Column[Any], nullable: bool) -> str:
    if column.nullable != nullable and not column.primary_key:
        table = sa.Table("unnamed", sa.MetaData(), column._copy())
        column = table.c[column.name]
        column.nullable = nullable
    text: str = compiler.get_column_specification(column)
    return text


def _foreign_keys(compiler: Any, existing: ExistingTable, desired: sa.Table | None, change: Alterations) -> list[str]:
    """The foreign keys that stay, written as constraints of the table wherever they stood before."""
    wanted = {signature(fk, compiler.dialect): fk for fk in foreign_keys(desired)} if desired is not None else {}
    texts = []
    for key in existing.foreign_keys:
        if key in change.dropped_foreign_keys or change.dropped_columns.intersection(key.columns):
            continue
        texts.append(compiler.process(wanted[key]) if key in wanted else _foreign_key_text(compiler, key))
    return texts


def _foreign_key_text(compiler: Any, key: ForeignKeySignature) -> str:
    quote = compiler.preparer.quote
    columns, referred_columns = (", ".join(map(quote, names)) for names in (key.columns, key.referred_columns))
    return (
        f"FOREIGN KEY({columns}) REFERENCES {quote(key.referred)} ({referred_columns}) "
        f"ON DELETE {key.ondelete} DEFERRABLE INITIALLY DEFERRED"
    )


def foreign_keys(table: sa.Table) -> list[sa.ForeignKeyConstraint]:
    """The foreign keys of a table in a stable order."""
    return sorted(table.foreign_key_constraints, key=lambda key: tuple(key.column_keys))


def signature(key: sa.ForeignKeyConstraint, dialect: Dialect) -> ForeignKeySignature:
    """What makes a foreign key that should be the same as one that is there."""
    deferred = dialect.name == "sqlite" or (key.initially or "").upper() == "DEFERRED"
    referred = [element.target_fullname.rpartition(".") for element in key.elements]
    action = (key.ondelete or "NO ACTION").upper()
    names = tuple(column.name for column in key.columns)
    return ForeignKeySignature(names, referred[0][0], tuple(name for _, _, name in referred), action, deferred)


# ------------------------------------------------------------------------------------------------------- the rows


def _copied(
    dialect: Dialect, existing: ExistingTable, change: Alterations, key: str | None
) -> tuple[list[str], list[str]]:
    """The columns to fill, and the expressions over the old table to fill them with."""
    quote = dialect.identifier_preparer.quote
    targets, sources = [], []
    for column in existing.columns.values():
        if column.name in change.dropped_columns:
            continue
        name = quote(column.name)
        targets.append(name)
        if column.name == key:
            sources.append(f"{name} + {_AWAY}")
        elif column.name in change.retyped_columns:
            text = declared(change.retyped_columns[column.name], dialect)
            sources.append(converted_on_sqlite(name, family(column.type), text))
        else:
            sources.append(name)
    return targets, sources


def _referred_key(connection: sa.Connection, existing: ExistingTable) -> str | None:
    """The primary key of a table that others refer to, else None."""
    rows = connection.exec_driver_sql(
        'SELECT DISTINCT f."to" FROM sqlite_master m, pragma_foreign_key_list(m.name) f '
        "WHERE m.type = 'table' AND lower(f.\"table\") = lower(?)",
        (existing.name,),
    )
    referred = set(rows.scalars())
    if not referred:
        return None
    primary = [column.name for column in existing.columns.values() if column.primary]
    if len(primary) != 1 or referred - {primary[0], None}:
        raise SchemaError(f"table {existing.name} cannot be changed: others refer to more than its primary key")
    return primary[0]


def _indexes(connection: sa.Connection, table: str, without: set[str]) -> list[str]:
    """The statements of the indexes that were made by CREATE INDEX, but for those over columns ``without``."""
    rows = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (table,)
    )
    members = "SELECT name FROM pragma_index_info(?)"
    return [
        statement
        for name, statement in rows.all()
        if not without.intersection(connection.exec_driver_sql(members, (name,)).scalars())
    ]


_HELP = "_rebuilding_"


def _index_references(connection: sa.Connection, table: str) -> None:
    """Index what refers to ``table`` and has no index: else each id that moves reads those tables through."""
    quote = connection.dialect.identifier_preparer.quote
    rows = connection.exec_driver_sql(
        'SELECT m.name, f."from" FROM sqlite_master m, pragma_foreign_key_list(m.name) f '
        "WHERE m.type = 'table' AND lower(f.\"table\") = lower(?) AND NOT EXISTS ("
        "SELECT 1 FROM pragma_index_list(m.name) i, pragma_index_info(i.name) c "
        'WHERE NOT i.partial AND c.seqno = 0 AND c.name = f."from")',
        (table,),
    )
    for child, column in set(map(tuple, rows)):
        index = quote(f"{_HELP}{child}_{column}")
        connection.exec_driver_sql(f"CREATE INDEX {index} ON {quote(child)} ({quote(column)})")


def _drop_help(connection: sa.Connection) -> None:
    quote = connection.dialect.identifier_preparer.quote
    found = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND name GLOB ?", (f"{_HELP}*",)
    )
    for name in found.scalars().all():
        connection.exec_driver_sql(f"DROP INDEX {quote(name)}")


def _sequence(connection: sa.Connection, table: str) -> int | None:
    """The highest id ever given out for a table that counts them, else None."""
    execute = connection.exec_driver_sql
    if not execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").first():
        return None
    found: int | None = execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).scalar()
    return found


def _restore_sequence(connection: sa.Connection, table: str, last: int) -> None:
    execute = connection.exec_driver_sql
    execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
    execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last))

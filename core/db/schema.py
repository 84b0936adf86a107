"""Bringing the database's structure to what the models say.

    changes = diff(connection, metadata, managed_tables=names)     what is missing, different or too much
    print(render(changes))                                         for people
    pending = apply(connection, changes)                           within the caller's transaction

``apply`` refuses changes that lose data unless told otherwise. Applied twice, the second diff is empty. The statements
run in the caller's transaction on both databases, so an install that is killed halfway leaves nothing behind.

PostgreSQL writes the texts of checks and indexes anew in its own words. The text that one was made from is therefore
kept as its comment, where the next diff finds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from core.db.alteration import PostgresqlChanges, SqliteChanges
from core.db.change import ORDER, Change
from core.db.comparison import Comparison
from core.db.reflection import reflect
from core.db.sqltools import forget_ids
from core.exceptions import SchemaError

__all__ = ["Change", "apply", "diff", "render"]


def render(changes: Iterable[Change]) -> str:
    """The changes for people, one a line."""
    return "\n".join(change.describe() for change in changes)


def diff(connection: sa.Connection, metadata: sa.MetaData, *, managed_tables: set[str] | None = None) -> list[Change]:
    """What must change for the database to be as ``metadata`` says, in an order in which it can be done.

    Tables of the database that ``metadata`` does not know are dropped if ``managed_tables`` names them, and left alone
    otherwise. Columns that it does not know are dropped; should that not be allowed, they at least stop being required.
    Types, nullability, named checks and unique constraints, foreign keys and indexes are compared; the defaults of
    columns are not, nor are primary keys. Reads the catalog only.
    """
    existing = reflect(connection)
    changes: list[Change] = []
    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        if table.name in existing:
            changes += Comparison(connection.dialect, metadata, table, existing[table.name]).changes()
        else:
            columns = ", ".join(column.name for column in table.columns)
            changes.append(Change("create_table", table.name, detail=f"({columns})", target=table))
    for name in sorted((managed_tables or set()) - metadata.tables.keys()):
        if name in existing:
            changes.append(Change("drop_table", name, destructive=True, target=existing[name]))
    return sorted(changes, key=lambda change: ORDER[change.kind])


def apply(connection: sa.Connection, changes: Sequence[Change], allow_destructive: bool = False) -> list[Change]:
    """Make ``changes``, all of them or, on an exception, none once the caller rolls back.

    Returns the changes that have to wait: a column cannot be made NOT NULL while rows lack a value and there is no
    server default to give them. Such a new column is added without that; give the rows values, and apply what waits.

    Raises SchemaError when a change is destructive and that is not allowed (before anything is done; ``data`` lists
    them), and when the rows that are there do not allow a change. Call it before the transaction writes rows.
    """
    refused = [change for change in changes if change.destructive and not allow_destructive]
    if refused:
        raise SchemaError(
            f"These changes would lose stored values and are not allowed:\n{render(refused)}",
            code="destructive_schema_change",
            data={"changes": [change.describe() for change in refused]},
        )
    if not changes:
        return []
    ordered = sorted(changes, key=lambda change: ORDER[change.kind])
    make = SqliteChanges if connection.dialect.name == "sqlite" else PostgresqlChanges
    pending = make(connection).apply(ordered)
    if any(change.kind in ("create_table", "drop_table") for change in changes):
        forget_ids(connection.engine)
    return pending

"""The tables of a database brought to what its models say, without losing a row.

A required column cannot be added to rows that lack it, so it is done in three steps: the column is added without the
constraint, existing rows are filled from the field's default or computation, then the constraint is set.

Two tables of our own stand beside those of the models: ``orm_generation`` tells worker processes that addons or rights
have changed, ``orm_table`` lists the tables that are ours, so that one that no model has any more can be dropped and
one that somebody else has put into the database is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from core.db import schema
from core.exceptions import SchemaError

SYSTEM: Final = sa.MetaData()
GENERATION: Final = sa.Table(
    "orm_generation",
    SYSTEM,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("registry", sa.BigInteger, nullable=False),
    sa.Column("cache", sa.BigInteger, nullable=False),
)
TABLES: Final = sa.Table("orm_table", SYSTEM, sa.Column("name", sa.String, primary_key=True))


@dataclass(frozen=True)
class NewColumn:
    """A column that a table with rows is to get."""

    table: str
    column: str
    required: bool


def prepare(cr: Any) -> None:
    """Create the system tables if they are not there."""
    if not sa.inspect(cr.connection).has_table(GENERATION.name):
        SYSTEM.create_all(cr.connection)
        cr.execute(GENERATION.insert().values(id=1, registry=0, cache=0))


def plan(cr: Any, metadata: sa.MetaData) -> list[schema.Change]:
    """The changes that would bring the database to ``metadata``; nothing is changed."""
    return list(schema.diff(cr.connection, metadata, managed_tables=_managed(cr, metadata)))


def bring_to(env: Any, *, allow_destructive: bool = False, keep: Iterable[str] = ()) -> list[schema.Change]:
    """Change the tables to what the models of ``env`` say, and fill new columns of existing rows.

    Args:
        env: superuser environment with the new registry.
        allow_destructive: whether columns and tables may be dropped or narrowed.
        keep: descriptions of changes that are not to be made, destructive ones that belong to others.

    Returns:
        the changes made.

    Raises:
        SchemaError: when a change would destroy data and that is not allowed; the message lists all of them.
    """
    cr, metadata = env.cr, env.registry.metadata()
    kept = set(keep)
    new = _new_columns(cr, metadata)
    required = [column for column in new if column.required]
    changes = _apply(cr, _relaxed(metadata, required) if required else metadata, allow_destructive, kept, metadata)
    _fill(env, new)
    if required:
        changes += _apply(cr, metadata, allow_destructive, kept, metadata)
    _remember(cr, metadata)
    return changes


def additive(changes: Iterable[schema.Change]) -> list[schema.Change]:
    """The changes that cannot lose anything."""
    return [change for change in changes if not change.destructive]


def _apply(
    cr: Any, metadata: sa.MetaData, allow_destructive: bool, kept: set[str], target: sa.MetaData
) -> list[schema.Change]:
    changes = schema.diff(cr.connection, metadata, managed_tables=_managed(cr, target))
    changes = [change for change in changes if change.describe() not in kept]
    lossy = [change for change in changes if change.destructive]
    if lossy and not allow_destructive:
        lines = "\n".join(f"  - {change.describe()}" for change in lossy)
        raise SchemaError(f"These changes would destroy data and need --allow-destructive:\n{lines}")
    if changes:
        schema.apply(cr.connection, changes, allow_destructive=allow_destructive)
    return changes


def _managed(cr: Any, metadata: sa.MetaData) -> set[str]:
    """All tables that are ours: those of the models, and those that former models have left."""
    managed = set(metadata.tables)
    if sa.inspect(cr.connection).has_table(TABLES.name):
        managed.update(cr.execute(sa.select(TABLES.c.name)).scalars())
    return managed


def _remember(cr: Any, metadata: sa.MetaData) -> None:
    present = set(sa.inspect(cr.connection).get_table_names())
    known = set(cr.execute(sa.select(TABLES.c.name)).scalars())
    added = sorted((set(metadata.tables) & present) - known)
    gone = sorted(known - present)
    if added:
        cr.execute(TABLES.insert(), [{"name": name} for name in added])
    if gone:
        cr.execute(TABLES.delete().where(TABLES.c.name.in_(gone)))


def _new_columns(cr: Any, metadata: sa.MetaData) -> list[NewColumn]:
    inspector = sa.inspect(cr.connection)
    present = set(inspector.get_table_names())
    found = []
    for table in metadata.sorted_tables if not present else metadata.tables.values():
        if table.name not in present:
            continue
        columns = {column["name"] for column in inspector.get_columns(table.name)}
        missing = [column for column in table.columns if column.name not in columns]
        if missing and cr.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            found += [NewColumn(table.name, column.name, not column.nullable) for column in missing]
    return found


def _relaxed(metadata: sa.MetaData, columns: Sequence[NewColumn]) -> sa.MetaData:
    """A copy of ``metadata`` in which ``columns`` may be empty."""
    copy = sa.MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.tables.values():
        table.to_metadata(copy)
    for column in columns:
        copy.tables[column.table].columns[column.column].nullable = True
    return copy


def _fill(env: Any, columns: Sequence[NewColumn]) -> None:
    """Give existing rows a value for new columns: the stored computation's or the default."""
    models = {cls._table: cls for cls in env.registry.models.values() if getattr(cls, "_table", None) and cls._auto}
    for new in columns:
        cls = models.get(new.table)
        field = cls._fields.get(new.column) if cls is not None else None
        if field is None or field.company_dependent:
            continue
        table = env.registry.table(cls._name)
        if field.compute:
            ids = env.cr.execute(sa.select(table.c.id)).scalars().all()
            env._transaction.tocompute[field].update(ids)
            continue
        value = field.convert_to_cache(field.default_value(env[cls._name]), env[cls._name])
        if value is None and new.required:
            raise SchemaError(
                f"{cls._name}.{field.name} is new and required, and there are records already: give the field a "
                "default, or fill the column in a pre-migration script"
            )
        if value is not None:
            env.cr.execute(sa.update(table).where(table.c[field.name].is_(None)).values({field.name: value}))
    env.invalidate_all()

"""The tables of a database brought to what its models say, without losing a row.

A required column cannot be added to rows that lack it, so ``core.db.schema`` adds it without the constraint and says
that this waits; then rows are filled from the field's default or computation, and the constraint is set.

Two tables of our own stand beside those of the models: ``orm_generation`` tells worker processes that addons or rights
have changed, ``orm_table`` lists the tables that are ours, so that one that no model has any more can be dropped and
one of another program in the database is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import Any, Final

import sqlalchemy as sa

from core.db import schema
from core.db.sqltools import bulk_update
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
    changes = [change for change in plan(cr, metadata) if change.describe() not in kept]
    lossy = [change for change in changes if change.destructive]
    if lossy and not allow_destructive:
        lines = "\n".join(f"  - {change.describe()}" for change in lossy)
        raise SchemaError(f"These changes would destroy data and need --allow-destructive:\n{lines}")
    waiting = _apply(cr, changes)
    _fill(env, [change for change in changes if change.kind == "add_column"])
    _compute_links(env, {change.table for change in changes if change.kind == "create_table"})
    still = _apply(cr, waiting)
    if still:
        raise SchemaError(
            "These fields are required and there are records without a value: "
            f"{', '.join(f'{change.table}.{change.column}' for change in still)}. "
            "Give them a default, or fill the columns in a pre-migration script"
        )
    _remember(cr, metadata)
    return changes


def _apply(cr: Any, changes: Sequence[schema.Change]) -> list[schema.Change]:
    """Make the changes; returns those that wait for rows to get values."""
    if changes and cr.dialect == "postgresql":
        cr.check_foreign_keys()  # PostgreSQL alters no table that has deferred checks pending
    return schema.apply(cr.connection, changes, allow_destructive=True)


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


def _compute_links(env: Any, created: Set[str]) -> None:
    """Have the links of stored computed many2many fields computed for existing rows."""
    for relation, fields in env.registry.relations.items():
        for field in fields if relation in created else ():
            if field.stored_compute and env.registry.models[field.model_name]._table not in created:
                ids = env.cr.execute(sa.select(env.registry.table(field.model_name).c.id)).scalars().all()
                env._transaction.tocompute[field].update(ids)


def _fill(env: Any, columns: Sequence[schema.Change]) -> None:
    """Give existing rows a value for new columns: the stored computation's or the default."""
    models = {cls._table: cls for cls in env.registry.models.values() if getattr(cls, "_table", None) and cls._auto}
    for new in columns:
        cls = models.get(new.table)
        if cls is None:
            continue
        field = cls._fields.get(new.column)
        if field is None or field.company_dependent:
            continue
        table = env.registry.table(cls._name)
        if field.name == "parent_path":
            _fill_paths(env, cls)
        elif field.stored_compute:
            ids = env.cr.execute(sa.select(table.c.id)).scalars().all()
            env._transaction.tocompute[field].update(ids)
        else:
            value = field.convert_to_cache(field.default_value(env[cls._name]), env[cls._name])
            if value is not None:
                env.cr.execute(sa.update(table).values({field.name: value}))
    env.invalidate_all()


def _fill_paths(env: Any, cls: Any) -> None:
    """Give the records of a tree their ``parent_path``."""
    table = env.registry.table(cls._name)
    parents = dict(env.cr.execute(sa.select(table.c.id, table.c[cls._parent_name])).all())

    def path(id_: int | None) -> str:
        return f"{path(parents.get(id_))}{id_}/" if id_ else ""

    rows = [(id_, path(id_)) for id_ in parents]
    if rows:
        bulk_update(env.cr, table, ["parent_path"], rows)

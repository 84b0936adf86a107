"""From models to SQLAlchemy tables, and the declarations of constraints and indexes."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa


class TableObject:
    """Something declared in a model's body that belongs to its table. ``definition`` is SQL as in Odoo."""

    def __init__(self, definition: str, message: Any = "") -> None:
        self.definition = " ".join(definition.split())
        self.message = message
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name.lstrip("_")

    def full_name(self, table: str) -> str:
        """The name in the database."""
        return f"{table}_{self.name}"[:63]

    def build(self, table: sa.Table) -> Any:
        """The SQLAlchemy construct for `table`."""
        raise NotImplementedError


class Constraint(TableObject):
    """``models.Constraint("CHECK (quantity >= 0)", "It cannot be negative.")`` or ``UNIQUE (name, company_id)``.

    Quantities are scaled integers on SQLite: compare them in SQL with zero or with one another only.
    """

    def build(self, table: sa.Table) -> Any:
        name = self.full_name(table.name)
        unique = re.fullmatch(r"unique\s*\((.*)\)", self.definition, re.IGNORECASE)
        if unique:
            return sa.UniqueConstraint(*(table.c[c.strip()] for c in unique[1].split(",")), name=name)
        check = re.fullmatch(r"check\s*\((.*)\)", self.definition, re.IGNORECASE)
        if check:
            return sa.CheckConstraint(check[1], name=name)
        raise ValueError(f"{name}: a constraint is CHECK (...) or UNIQUE (...), not {self.definition!r}")


class Index(TableObject):
    """``models.Index("(state, date) WHERE state <> 'done'")``."""

    unique = False

    def build(self, table: sa.Table) -> Any:
        match = re.fullmatch(r"(?:using \w+ )?\((.*?)\)(?: where (.*))?", self.definition, re.IGNORECASE)
        if not match:
            raise ValueError(
                f"{self.full_name(table.name)}: an index is (columns) [WHERE ...], not {self.definition!r}"
            )
        columns = []
        for part in match[1].split(","):
            name, *rest = part.split()
            column = table.c[name]
            columns.append(column.desc() if [word.lower() for word in rest][:1] == ["desc"] else column)
        where = sa.text(match[2]) if match[2] else None
        options = {"postgresql_where": where, "sqlite_where": where} if where is not None else {}
        return sa.Index(self.full_name(table.name), *columns, unique=self.unique, **options)


class UniqueIndex(Index):
    """A unique index; unlike a constraint it may be partial: ``models.UniqueIndex("(code) WHERE active", "...")``."""

    unique = True


def build_metadata(registry: Any) -> sa.MetaData:
    """The tables of all models and many2many relations of a registry."""
    metadata = sa.MetaData()
    for model_class in registry.models.values():
        if model_class._auto and not model_class._abstract:
            _build_table(metadata, model_class)
    for relation, fields in registry.relations.items():
        if relation not in metadata.tables:
            _build_relation(metadata, registry, relation, fields[0])
    return metadata


def _build_table(metadata: sa.MetaData, model_class: Any) -> None:
    columns = [sa.Column("id", model_class._fields["id"].sql_type(), primary_key=True, autoincrement=True)]
    columns.extend(field.column() for field in model_class._column_fields)
    # Files come last: SQLite reads through what is stored before a column to get at it, and they are long.
    columns.sort(key=lambda column: isinstance(column.type, sa.LargeBinary))
    table = sa.Table(model_class._table, metadata, *columns, sqlite_autoincrement=True)
    _add_indexes(model_class, table)
    for declared in model_class._table_objects:
        built = declared.build(table)
        if isinstance(built, sa.Constraint):
            table.append_constraint(built)


def _add_indexes(model_class: Any, table: sa.Table) -> None:
    for field in model_class._column_fields:
        wanted = field.index if "index" in field.args else field.type == "many2one" and bool(field.inverses)
        if wanted or field.name == "parent_path":
            name = f"{table.name}_{field.name}_index"[:63]
            column = table.c[field.name]
            if field.index == "btree_not_null":
                where = column.is_not(None)
                sa.Index(name, column, postgresql_where=where, sqlite_where=where)
            else:
                sa.Index(name, column)


def _build_relation(metadata: sa.MetaData, registry: Any, relation: str, field: Any) -> None:
    mine, other = registry.models[field.model_name]._table, field.comodel_class._table
    kind = sa.BigInteger().with_variant(sa.Integer, "sqlite")

    def link(name: str, target: str) -> sa.Column[Any]:
        reference = sa.ForeignKey(
            f"{target}.id",
            name=f"{relation}_{name}_fkey"[:63],
            ondelete="CASCADE",
            deferrable=True,
            initially="DEFERRED",
        )
        return sa.Column(name, kind, reference, primary_key=True, autoincrement=False)

    table = sa.Table(relation, metadata, link(field.column1, mine), link(field.column2, other))
    sa.Index(f"{relation}_{field.column2}_index"[:63], table.c[field.column2])

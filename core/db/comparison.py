"""Comparing one table as it is with the same table as it should be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.schema import CreateIndex

from core.db.change import Change
from core.db.column_types import declared, family, is_widening
from core.db.rebuild import foreign_keys, signature
from core.db.reflection import ExistingIndex, ExistingTable, plain_text


class Comparison:
    """One table as it is and as it should be."""

    def __init__(self, dialect: Dialect, metadata: sa.MetaData, table: sa.Table, existing: ExistingTable) -> None:
        self.dialect = dialect
        self.metadata = metadata
        self.table = table
        self.existing = existing

    def changes(self) -> Iterator[Change]:
        """All differences, in no particular order."""
        yield from self._columns()
        yield from self._checks()
        yield from self._uniques()
        yield from self._foreign_keys()
        yield from self._indexes()

    def _columns(self) -> Iterator[Change]:
        name = self.table.name
        for column in self.table.columns:
            existing = self.existing.columns.get(column.name)
            text = declared(column, self.dialect)
            if existing is None:
                detail = text if column.nullable else f"{text} NOT NULL"
                yield Change("add_column", name, column.name, detail=detail, target=column)
                continue
            old, new = family(existing.type), family(text)
            if old != new:
                detail = f"from {existing.type} to {text}"
                lossy = not is_widening(old, new)
                yield Change("alter_type", name, column.name, destructive=lossy, detail=detail, target=column)
            if existing.nullable != column.nullable and not (existing.primary or column.primary_key):
                kind = "drop_not_null" if column.nullable else "set_not_null"
                yield Change(kind, name, column.name, target=column)
        for existing in self.existing.columns.values():
            if existing.name not in self.table.columns:
                if not existing.nullable and existing.default is None and not existing.primary:
                    yield Change("drop_not_null", name, existing.name, target=existing)
                yield Change(
                    "drop_column", name, existing.name, destructive=True, detail=existing.type, target=existing
                )

    def _checks(self) -> Iterator[Change]:
        wanted = {}
        for constraint in self.table.constraints:
            if isinstance(constraint, sa.CheckConstraint) and constraint.name is not None:
                wanted[str(constraint.name)] = constraint
        for name, constraint in wanted.items():
            text, old = check_text(constraint, self.dialect), self.existing.checks.get(name)
            if name in self.existing.checks and old in (None, text):
                continue
            if name in self.existing.checks:
                yield Change("drop_check", self.table.name, name=name, detail=f"({old})")
            yield Change("add_check", self.table.name, name=name, detail=f"({text})", target=constraint)
        for name in self.existing.checks.keys() - wanted.keys():
            yield Change("drop_check", self.table.name, name=name, detail=f"({self.existing.checks[name]})")

    def _uniques(self) -> Iterator[Change]:
        wanted = {}
        for constraint in self.table.constraints:
            if isinstance(constraint, sa.UniqueConstraint) and constraint.name is not None:
                wanted[str(constraint.name)] = constraint
        for name, constraint in wanted.items():
            columns, old = tuple(column.name for column in constraint.columns), self.existing.uniques.get(name)
            if columns == old:
                continue
            if old is not None:
                yield Change("drop_unique", self.table.name, name=name, detail=_listed(old))
            yield Change("add_unique", self.table.name, name=name, detail=_listed(columns), target=constraint)
        for name in self.existing.uniques.keys() - wanted.keys():
            yield Change("drop_unique", self.table.name, name=name, detail=_listed(self.existing.uniques[name]))

    def _foreign_keys(self) -> Iterator[Change]:
        table = self.table
        wanted = {signature(key, self.dialect): key for key in foreign_keys(table)}
        for new, constraint in wanted.items():
            if new not in self.existing.foreign_keys:
                detail = f"{_listed(new.columns)} to {new.referred}, on delete {new.ondelete.lower()}"
                name = str(constraint.name or "")
                yield Change("add_foreign_key", table.name, name=name, detail=detail, target=constraint)
        for old, name in self.existing.foreign_keys.items():
            # The key of a column that goes, goes with it; unless the column stays and what it refers to goes.
            ours = all(column in table.columns for column in old.columns)
            if old not in wanted and (ours or old.referred not in self.metadata.tables):
                detail = f"{_listed(old.columns)} to {old.referred}"
                yield Change("drop_foreign_key", table.name, name=name, detail=detail, target=old)

    def _indexes(self) -> Iterator[Change]:
        table, wanted = self.table.name, {str(index.name): index for index in self.table.indexes}
        for name, index in sorted(wanted.items()):
            old = self.existing.indexes.get(name)
            if old is not None and _same_index(old, index, self.dialect):
                continue
            if old is not None:
                yield Change("drop_index", table, name=name)
            yield Change("create_index", table, name=name, detail=_index_detail(index, self.dialect), target=index)
        for name in sorted(self.existing.indexes.keys() - wanted.keys()):
            yield Change("drop_index", table, name=name)


def check_text(constraint: sa.CheckConstraint, dialect: Dialect) -> str:
    """The condition of a check as SQL text."""
    compiled = constraint.sqltext.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return _as_sent(str(compiled), dialect)


def index_text(index: sa.Index, dialect: Dialect) -> str:
    """The statement that makes an index."""
    return _as_sent(str(CreateIndex(index).compile(dialect=dialect)), dialect)


def _as_sent(statement: str, dialect: Dialect) -> str:
    """A compiled text as the database gets it: PostgreSQL's driver takes ``%%`` for a percent sign."""
    return plain_text(statement.replace("%%", "%") if dialect.name == "postgresql" else statement)


def _index_detail(index: sa.Index, dialect: Dialect) -> str:
    text = index_text(index, dialect)
    return ("unique " if index.unique else "") + text[text.index("(", text.index(" ON ")) :]


def is_plain(index: sa.Index, dialect: Dialect) -> bool:
    """Whether an index is nothing but columns, which PostgreSQL's catalog tells exactly."""
    options = index.dialect_options[dialect.name]
    ordinary = all(isinstance(expression, sa.Column) for expression in index.expressions)
    special = options.get("where") is not None or any(options.get(name) for name in ("using", "ops", "include", "with"))
    return ordinary and not special


def _same_index(old: ExistingIndex, index: sa.Index, dialect: Dialect) -> bool:
    if old.unique != bool(index.unique):
        return False
    if dialect.name == "postgresql" and is_plain(index, dialect):
        return old.columns == tuple(column.name for column in index.columns)
    if old.columns is not None:
        return False
    return old.definition is None or old.definition == index_text(index, dialect)


def _listed(names: Iterable[str]) -> str:
    return f"({', '.join(names)})"

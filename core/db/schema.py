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

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from core.db.column_types import converted_on_postgresql, declared, family, is_widening
from core.db.errors import ConstraintViolation
from core.db.rebuild import Alterations, foreign_keys, rebuild, signature
from core.db.reflection import ExistingIndex, ExistingTable, plain_text, reflect
from core.db.sqltools import forget_ids
from core.exceptions import SchemaError


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between the database and the models, and what removes it.

    ``kind``         create_table drop_table add_column drop_column alter_type set_not_null drop_not_null add_check
                     drop_check add_unique drop_unique add_foreign_key drop_foreign_key create_index drop_index
    ``table``        the table's name
    ``column``       the column's name, or "" when it is about no single column
    ``name``         the constraint's or index's name, or ""
    ``destructive``  whether stored values may be lost
    ``detail``       what it is about, SQL-ish
    ``target``       what should be there: a SQLAlchemy table, column, constraint or index; else what is there
    """

    kind: str
    table: str
    column: str = ""
    name: str = ""
    destructive: bool = False
    detail: str = ""
    target: Any = field(default=None, compare=False, repr=False)

    def describe(self) -> str:
        """The change in one line, such as ``add column sale_order.note TEXT``."""
        place = f"{self.table}.{self.column}" if self.column else self.table
        named = f" {self.name} on" if self.name else ""
        detail = f" {self.detail}" if self.detail else ""
        warning = "  -- stored values may be lost" if self.destructive else ""
        return f"{self.kind.replace('_', ' ')}{named} {place}{detail}{warning}"


def render(changes: Iterable[Change]) -> str:
    """The changes for people, one a line."""
    return "\n".join(change.describe() for change in changes)


# ------------------------------------------------------------------------------------------------------- comparing


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
            changes += _Comparison(connection.dialect, metadata, table, existing[table.name]).changes()
        else:
            columns = ", ".join(column.name for column in table.columns)
            changes.append(Change("create_table", table.name, detail=f"({columns})", target=table))
    for name in sorted((managed_tables or set()) - metadata.tables.keys()):
        if name in existing:
            changes.append(Change("drop_table", name, destructive=True, target=existing[name]))
    return sorted(changes, key=lambda change: _ORDER[change.kind])


_ORDER = {
    kind: position
    for position, kind in enumerate(
        (
            "drop_index", "drop_check", "drop_unique", "drop_foreign_key", "create_table", "add_column", "alter_type",
            "drop_not_null", "set_not_null", "drop_column", "add_unique", "add_check", "create_index",
            "add_foreign_key", "drop_table",
        )
    )
}  # fmt: skip


class _Comparison:
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


def _index_text(index: sa.Index, dialect: Dialect) -> str:
    return _as_sent(str(CreateIndex(index).compile(dialect=dialect)), dialect)


def _as_sent(statement: str, dialect: Dialect) -> str:
    """A compiled text as the database gets it: PostgreSQL's driver takes ``%%`` for a percent sign."""
    return plain_text(statement.replace("%%", "%") if dialect.name == "postgresql" else statement)


def _index_detail(index: sa.Index, dialect: Dialect) -> str:
    text = _index_text(index, dialect)
    return ("unique " if index.unique else "") + text[text.index("(", text.index(" ON ")) :]


def _is_plain(index: sa.Index, dialect: Dialect) -> bool:
    """Whether an index is nothing but columns, which PostgreSQL's catalog tells exactly."""
    options = index.dialect_options[dialect.name]
    ordinary = all(isinstance(expression, sa.Column) for expression in index.expressions)
    special = options.get("where") is not None or any(options.get(name) for name in ("using", "ops", "include", "with"))
    return ordinary and not special


def _same_index(old: ExistingIndex, index: sa.Index, dialect: Dialect) -> bool:
    if old.unique != bool(index.unique):
        return False
    if dialect.name == "postgresql" and _is_plain(index, dialect):
        return old.columns == tuple(column.name for column in index.columns)
    if old.columns is not None:
        return False
    return old.definition is None or old.definition == _index_text(index, dialect)


def _listed(names: Iterable[str]) -> str:
    return f"({', '.join(names)})"


# ------------------------------------------------------------------------------------------------------- applying


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
    ordered = sorted(changes, key=lambda change: _ORDER[change.kind])
    make = _SqliteChanges if connection.dialect.name == "sqlite" else _PostgresqlChanges
    pending = make(connection).apply(ordered)
    if any(change.kind in ("create_table", "drop_table") for change in changes):
        forget_ids(connection.engine)
    return pending


class _Changes:
    """What is the same on both databases."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.dialect = connection.dialect
        self.quote: Callable[[str], str] = connection.dialect.identifier_preparer.quote
        self.pending: list[Change] = []

    def execute(self, change: Change, statement: str | sa.Executable) -> None:
        """Run a statement for ``change``; an error names the change."""
        with _naming(change):
            if isinstance(statement, str):
                self.connection.exec_driver_sql(statement)
            else:
                self.connection.execute(statement)

    def is_empty(self, table: str) -> bool:
        """Whether the table has no rows."""
        return self.connection.exec_driver_sql(f"SELECT 1 FROM {self.quote(table)} LIMIT 1").first() is None

    def all_filled(self, change: Change) -> bool:
        """Give rows without a value the column's server default; False when rows stay without a value."""
        column: sa.Column[Any] = change.target
        table, name = self.quote(change.table), self.quote(change.column)
        default = column.server_default
        if isinstance(default, sa.DefaultClause):
            value = default.arg if isinstance(default.arg, str) else default.arg.compile(dialect=self.dialect)
            text = "'" + str(value).replace("'", "''") + "'" if isinstance(default.arg, str) else str(value)
            self.execute(change, f"UPDATE {table} SET {name} = {text} WHERE {name} IS NULL")
            return True
        found = self.connection.exec_driver_sql(f"SELECT 1 FROM {table} WHERE {name} IS NULL LIMIT 1").first()
        return found is None

    def wait(self, column: sa.Column[Any], table: str) -> None:
        """Remember that a column is to be made NOT NULL later."""
        self.pending.append(Change("set_not_null", table, column.name, target=column))


class _naming:
    """Turns the database's refusal within into a SchemaError that names the change."""

    def __init__(self, change: Change) -> None:
        self.change = change

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        refusals = (ConstraintViolation, sa.exc.DataError, sa.exc.ProgrammingError, sa.exc.NotSupportedError)
        if isinstance(error, refusals):
            reason = error.detail if isinstance(error, ConstraintViolation) else error.orig
            raise SchemaError(f"The database refused to {self.change.describe()}: {reason}") from error


def _without_not_null(column: sa.Column[Any]) -> sa.Column[Any]:
    copy: sa.Column[Any] = column._copy()
    copy.nullable = True
    return copy


class _PostgresqlChanges(_Changes):
    """One statement per change, by SQLAlchemy's and Alembic's DDL."""

    def apply(self, changes: Sequence[Change]) -> list[Change]:
        """Make the changes in the given order; return those that have to wait."""
        self.operations = Operations(MigrationContext.configure(self.connection))
        if any(change.kind != "create_table" for change in changes):
            # Deferred checks of rows that this transaction wrote would forbid to alter their tables.
            self.connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
            self.connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")
        created = []
        for change in changes:
            if change.kind == "create_table":
                created.append(change)
            with _naming(change):
                getattr(self, change.kind)(change)
        for change in created:  # now that all tables are there, in whichever order they refer to one another
            for key in foreign_keys(change.target):
                self.execute(change, AddConstraint(key, isolate_from_table=False))
        return self.pending

    def create_table(self, change: Change) -> None:
        """The table with its checks, unique constraints and indexes."""
        table: sa.Table = change.target
        self.connection.execute(CreateTable(table, include_foreign_key_constraints=[]))
        for constraint in table.constraints:
            if isinstance(constraint, sa.CheckConstraint) and constraint.name is not None:
                self._remember_check(table.name, constraint)
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            self._create_index(index)

    def drop_table(self, change: Change) -> None:
        """The table, and foreign keys to it."""
        self.connection.exec_driver_sql(f"DROP TABLE {self.quote(change.table)} CASCADE")

    def add_column(self, change: Change) -> None:
        """The column; without NOT NULL when rows would have no value."""
        column: sa.Column[Any] = change.target
        if column.nullable or column.server_default is not None or self.is_empty(change.table):
            added = column._copy()
        else:
            added = _without_not_null(column)
            self.wait(column, change.table)
        # Its foreign key, constraints and index are changes of their own, and do not come with a copy.
        added.unique = added.index = None
        self.operations.add_column(change.table, added)

    def drop_column(self, change: Change) -> None:
        """The column with what depends on it."""
        table, column = self.quote(change.table), self.quote(change.column)
        self.connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {column} CASCADE")

    def alter_type(self, change: Change) -> None:
        """The column's type; a default that is there is cast along or given up."""
        column: sa.Column[Any] = change.target
        existing = reflect(self.connection)[change.table].columns[change.column]
        text = declared(column, self.dialect)
        if existing.default is not None:
            self.operations.alter_column(change.table, change.column, server_default=None)
        self.operations.alter_column(
            change.table,
            change.column,
            type_=column.type,
            postgresql_using=converted_on_postgresql(self.quote(change.column), family(existing.type), text),
        )
        if column.server_default is not None:
            self.operations.alter_column(change.table, change.column, server_default=column.server_default)

    def set_not_null(self, change: Change) -> None:
        """NOT NULL, if all rows have a value."""
        if self.all_filled(change):
            self.operations.alter_column(change.table, change.column, nullable=False)
        else:
            self.wait(change.target, change.table)

    def drop_not_null(self, change: Change) -> None:
        """No more NOT NULL."""
        self.operations.alter_column(change.table, change.column, nullable=True)

    def add_check(self, change: Change) -> None:
        """The check, and its text."""
        self.connection.execute(AddConstraint(change.target, isolate_from_table=False))
        self._remember_check(change.table, change.target)

    def add_unique(self, change: Change) -> None:
        """A unique constraint or a foreign key."""
        self.connection.execute(AddConstraint(change.target, isolate_from_table=False))

    add_foreign_key = add_unique

    def drop_check(self, change: Change) -> None:
        """A constraint by its name."""
        table, name = self.quote(change.table), self.quote(change.name)
        self.connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")

    drop_unique = drop_foreign_key = drop_check

    def create_index(self, change: Change) -> None:
        """The index, and its text unless it is plain."""
        self._create_index(change.target)

    def drop_index(self, change: Change) -> None:
        """The index by its name."""
        self.connection.exec_driver_sql(f"DROP INDEX {self.quote(change.name)}")

    def _create_index(self, index: sa.Index) -> None:
        self.connection.execute(CreateIndex(index))
        if not _is_plain(index, self.dialect):
            self._comment(f"INDEX {self.quote(str(index.name))}", _index_text(index, self.dialect))

    def _remember_check(self, table: str, constraint: sa.CheckConstraint) -> None:
        place = f"CONSTRAINT {self.quote(str(constraint.name))} ON {self.quote(table)}"
        self._comment(place, check_text(constraint, self.dialect))

    def _comment(self, place: str, text: str) -> None:
        literal = text.replace("'", "''").replace("%", "%%")
        self.connection.exec_driver_sql(f"COMMENT ON {place} IS '{literal}'")


class _SqliteChanges(_Changes):
    """In place where SQLite can, else by making the table anew, once for all changes of a table."""

    def apply(self, changes: Sequence[Change]) -> list[Change]:
        """Make the changes; return those that have to wait."""
        existing = reflect(self.connection)
        # Rows that refer to a table that is gone for a moment are counted, not refused; and RESTRICT waits as well.
        self.connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for change in changes:
            if change.kind == "create_table":
                self._create_table(change)
        by_table: dict[str, list[Change]] = defaultdict(list)
        for change in changes:
            if change.kind not in ("create_table", "drop_table"):
                by_table[change.table].append(change)
        for table, members in by_table.items():
            self._alter(existing[table], members)
        for change in changes:
            if change.kind == "drop_table":
                self.execute(change, f"DROP TABLE {self.quote(change.table)}")
        self.connection.exec_driver_sql("PRAGMA defer_foreign_keys = OFF")
        return self.pending

    def _create_table(self, change: Change) -> None:
        self.execute(change, CreateTable(change.target))
        for index in sorted(change.target.indexes, key=lambda index: str(index.name)):
            self.execute(change, CreateIndex(index))

    def _alter(self, existing: ExistingTable, changes: Sequence[Change]) -> None:
        """All changes of one table: indexes that go, then the table, then indexes that come."""
        self._drop_indexes(existing, changes)
        keys = {key.column_keys[0]: key for key in self._added_keys(changes) if len(key.column_keys) == 1}
        rest = [change for change in changes if change.kind not in ("drop_index", "create_index")]
        if all(change.kind in ("add_column", "add_foreign_key") for change in rest) and self._addable(rest):
            for change in rest:
                if change.kind == "add_column":
                    self._add_column(change, keys.get(change.column))
        elif rest:
            alterations = self._alterations(existing, rest)
            table = next((change.target.table for change in rest if isinstance(change.target, _WITH_TABLE)), None)
            with _naming(rest[0]):
                rebuild(self.connection, existing, table, alterations)
        for change in changes:
            if change.kind == "create_index":
                self.execute(change, CreateIndex(change.target))

    def _drop_indexes(self, existing: ExistingTable, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.kind == "drop_index":
                self.execute(change, f"DROP INDEX {self.quote(change.name)}")

    @staticmethod
    def _added_keys(changes: Sequence[Change]) -> list[sa.ForeignKeyConstraint]:
        return [change.target for change in changes if change.kind == "add_foreign_key"]

    def _addable(self, changes: Sequence[Change]) -> bool:
        """Whether ALTER TABLE ADD COLUMN does: it takes constant defaults, and foreign keys of new, empty columns."""
        added = {change.column: change.target for change in changes if change.kind == "add_column"}
        for key in self._added_keys(changes):
            column = added.get(key.column_keys[0])
            if len(key.column_keys) != 1 or column is None or column.server_default is not None:
                return False
        for column in added.values():
            default = column.server_default
            constant = default is None or (isinstance(default, sa.DefaultClause) and isinstance(default.arg, str))
            if not constant or column.primary_key:
                return False
            if not column.nullable and default is None and self.is_empty(column.table.name):
                return False  # SQLite asks for a default even then
        return True

    def _add_column(self, change: Change, key: sa.ForeignKeyConstraint | None) -> None:
        column: sa.Column[Any] = change.target
        if not column.nullable and column.server_default is None:
            self.wait(column, change.table)
            column = sa.Table(change.table, sa.MetaData(), _without_not_null(column)).c[column.name]
        compiler: Any = self.dialect.ddl_compiler(self.dialect, None)  # type: ignore[arg-type]
        text = compiler.get_column_specification(column)
        if key is not None:
            whole = compiler.process(key)
            start = whole.index("FOREIGN KEY")
            text += " " + whole[:start] + whole[whole.index("REFERENCES", start) :]
        self.execute(change, f"ALTER TABLE {self.quote(change.table)} ADD COLUMN {text}")

    def _alterations(self, existing: ExistingTable, changes: Sequence[Change]) -> Alterations:
        """The changes by what they concern."""
        result = Alterations()
        for change in changes:
            match change.kind:
                case "add_column":
                    result.added_columns.append(change.target)
                    if not change.target.nullable and change.target.server_default is None:
                        if not self.is_empty(change.table):
                            result.nullable[change.column] = True
                            self.wait(change.target, change.table)
                case "drop_column":
                    result.dropped_columns.add(change.column)
                case "alter_type":
                    result.retyped_columns[change.column] = change.target
                case "drop_not_null":
                    result.nullable[change.column] = True
                case "set_not_null":
                    if self.all_filled(change):
                        result.nullable[change.column] = False
                    else:
                        self.wait(change.target, change.table)
                case "drop_check" | "drop_unique":
                    result.dropped_constraints.add(change.name)
                case "add_check" | "add_unique" | "add_foreign_key":
                    result.added_constraints.append(change.target)
                case "drop_foreign_key":
                    result.dropped_foreign_keys.add(change.target)
        return result


_WITH_TABLE = (sa.Column, sa.Constraint)

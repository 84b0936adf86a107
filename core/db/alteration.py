"""Making changes: with ALTER TABLE on PostgreSQL, and where that does not do on SQLite, by making the table anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from core.db.change import Change
from core.db.column_types import converted_on_postgresql, declared, family
from core.db.comparison import check_text, index_text, is_plain
from core.db.errors import ConstraintViolation
from core.db.rebuild import Alterations, foreign_keys, rebuild
from core.db.reflection import ExistingTable, reflect
from core.exceptions import SchemaError


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


class PostgresqlChanges(_Changes):
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
        if not is_plain(index, self.dialect):
            self._comment(f"INDEX {self.quote(str(index.name))}", index_text(index, self.dialect))

    def _remember_check(self, table: str, constraint: sa.CheckConstraint) -> None:
        place = f"CONSTRAINT {self.quote(str(constraint.name))} ON {self.quote(table)}"
        self._comment(place, check_text(constraint, self.dialect))

    def _comment(self, place: str, text: str) -> None:
        literal = text.replace("'", "''").replace("%", "%%")
        self.connection.exec_driver_sql(f"COMMENT ON {place} IS '{literal}'")


class SqliteChanges(_Changes):
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
        self._drop_tables([change for change in changes if change.kind == "drop_table"], existing)
        self.connection.exec_driver_sql("PRAGMA defer_foreign_keys = OFF")
        return self.pending

    def _drop_tables(self, changes: Sequence[Change], existing: dict[str, ExistingTable]) -> None:
        """Drop tables that may refer to one another in circles.

        SQLite looks at the references between tables while it drops one, and fails over those that lead to a table that
        is gone already. So the tables are emptied, then freed from their references, then dropped.
        """
        for change in changes:
            self.execute(change, f"DELETE FROM {self.quote(change.table)}")
        for change in changes:
            keys = set(existing[change.table].foreign_keys)
            if keys:
                with _naming(change):
                    rebuild(self.connection, existing[change.table], None, Alterations(dropped_foreign_keys=keys))
        for change in changes:
            self.execute(change, f"DROP TABLE {self.quote(change.table)}")

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

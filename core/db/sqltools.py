"""Statements over many rows: the ORM's way in and out, made to cost as little as the drivers allow.

                 PostgreSQL                                       SQLite
bulk_insert      COPY, rows written by the driver in C            one prepared INSERT, run over tuples
bulk_update      one UPDATE from unnested arrays                  one prepared UPDATE, run over tuples
bulk_link        one INSERT from unnested arrays                  one prepared INSERT, run over tuples
in_ids           = ANY (array)                                    IN (SELECT value FROM json_each(text))
next_ids         the sequence, some ids ahead per engine          sqlite_sequence, under the write lock

Each call is one statement with the same text for one row and for ten thousand. Values are converted column by
column, by the conversions of the columns' own types; what was prepared for a table is kept in ``Table.info``.
The alternatives that were measured, and their figures, are in ``benchmarks/bulk.py``.
"""

from __future__ import annotations

import datetime
import json
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from operator import methodcaller
from typing import Any, Final, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from core.db.engine import STATEMENTS
from core.db.errors import translate
from core.db.transaction import Cursor
from core.db.types import Json, UtcDateTime

Row = Sequence[Any]
Convert = Callable[[Any], Any]
ToArray = Callable[[Sequence[Any]], str]

#: Ids that are taken from a PostgreSQL sequence at once, so that small creates need no statement for theirs.
PREFETCHED_IDS: Final = 64

#: How a table's ids are fetched ahead on PostgreSQL. Which action of a process sends these is a matter of chance.
FETCH_IDS: Final = "SELECT nextval(CAST(%s AS regclass)) FROM generate_series(1, %s)"
FIND_ID_SEQUENCE: Final = "SELECT pg_get_serial_sequence(%s, 'id')"


# ------------------------------------------------------------------------------------------------------- in_ids


class _IdList(sa.types.UserDefinedType[Iterable[int]]):
    """Ids as one parameter: the text of an array on PostgreSQL, of a JSON list on SQLite."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "BIGINT[]"

    def bind_processor(self, dialect: Dialect) -> Convert:
        if dialect.name == "postgresql":
            return lambda ids: "{" + repr(list(ids))[1:-1] + "}"
        return lambda ids: repr(list(ids))

    def literal_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        convert = self.bind_processor(dialect)
        return lambda ids: f"'{convert(ids)}'"


class _InIds(FunctionElement[bool]):
    """``column`` is one of the ids of the parameter."""

    name = "in_ids"
    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """Itself, in parentheses already: else SQLAlchemy compares it to 1 on SQLite, which then uses no index."""
        return self


@compiles(_InIds)
def _compile_in_ids(element: _InIds, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(clause, **options) for clause in element.clauses)
    if compiler.dialect.name == "postgresql":
        return f"({column} = ANY (CAST({ids} AS BIGINT[])))"
    return f"({column} IN (SELECT value FROM json_each({ids})))"


def in_ids(column: sa.ColumnElement[Any] | Any, ids: Iterable[int]) -> sa.ColumnElement[bool]:
    """Whether ``column`` is one of ``ids`` (integers; none gives false for every row).

    The SQL text and its one parameter are the same for any number of ids, so that the statement is compiled, prepared
    and planned once; there is no limit on how many there are.
    """
    return _InIds(column, sa.bindparam(None, tuple(ids), type_=_IdList(), unique=True))


# ------------------------------------------------------------------------------------------------------- bulk writes


class _Insert(NamedTuple):
    """What is prepared for inserting given columns of a table."""

    statement: str
    converts: tuple[Convert | None, ...]


class _Update(NamedTuple):
    """What is prepared for updating given columns of a table: per column a conversion, or an array's text."""

    statement: str
    converts: tuple[Convert | None, ...]
    to_arrays: tuple[ToArray, ...]
    statement_for_one: str = ""


def bulk_insert(cr: Cursor, table: sa.Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert ``rows``, tuples of the values of ``columns``, which include the id; server defaults fill the others.

    One statement for all rows. Raises ConstraintViolation, SQLAlchemy's errors, or NumberOverflow.
    """
    if not rows:
        return
    connection = cr.connection
    plan = _prepared(_plan_insert, cr.dialect, connection.dialect, table, tuple(columns))
    values = _converted(plan.converts, rows)
    if cr.dialect == "postgresql":
        try:
            _copy(connection, plan.statement, values)
        except Exception as error:
            cr.note_failure(error)
            raise
    else:
        cr.exec_driver_sql(plan.statement, values)


def bulk_update(cr: Cursor, table: sa.Table, columns: Sequence[str], rows: Sequence[Row]) -> int:
    """Set ``columns`` of the rows with the given ids; each of ``rows`` is ``(id, value, ...)``. No id may come twice.

    One statement for all rows. Returns how many rows were there. Raises as ``bulk_insert`` does.
    """
    if not rows or not columns:
        return 0
    connection = cr.connection
    plan = _prepared(_plan_update, cr.dialect, connection.dialect, table, ("id", *columns))
    if cr.dialect == "postgresql":
        if len(rows) == 1:  # by far the most frequent, and planned in a third less time without the arrays
            values = (*_converted(plan.converts, rows)[0][1:], rows[0][0])
            return cr.exec_driver_sql(plan.statement_for_one, values).rowcount
        arrays = tuple(
            to_array(_convert(convert, values))
            for to_array, convert, values in zip(plan.to_arrays, plan.converts, zip(*rows, strict=True), strict=True)
        )
        return cr.exec_driver_sql(plan.statement, arrays).rowcount
    return cr.exec_driver_sql(plan.statement, _converted(plan.converts, rows)).rowcount


def bulk_link(cr: Cursor, table: sa.Table, columns: tuple[str, str], pairs: Sequence[tuple[int, int]]) -> None:
    """Insert pairs of ids into a relation table; those that are there, e.g. by another transaction, are left alone."""
    if pairs:
        statement = _prepared(_plan_link, cr.dialect, cr.connection.dialect, table, columns)
        if cr.dialect == "postgresql":
            cr.exec_driver_sql(statement, tuple(_plain_array(ids) for ids in zip(*pairs, strict=True)))
        else:
            cr.exec_driver_sql(statement, pairs)


def _prepared(make: Callable[..., Any], name: str, dialect: Dialect, table: sa.Table, columns: tuple[str, ...]) -> Any:
    """What ``make`` gives for the table and columns, made once. It is kept with the table, and goes with it."""
    key = (make, name, columns)
    plan = table.info.get(key)
    if plan is None:
        plan = table.info[key] = make(dialect, table, columns)
    return plan


def _plan_insert(dialect: Dialect, table: sa.Table, columns: tuple[str, ...]) -> _Insert:
    name, names = _names(dialect, table, columns)
    if dialect.name == "postgresql":
        # COPY has no parameters, so that the percent signs which SQLAlchemy doubled are not made single again.
        statement = f"COPY {name} ({', '.join(names)}) FROM STDIN".replace("%%", "%")
    else:
        statement = f"INSERT INTO {name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    return _Insert(statement, tuple(_conversion(table.c[column], dialect) for column in columns))


def _plan_link(dialect: Dialect, table: sa.Table, columns: tuple[str, str]) -> str:
    name, (mine, other) = _names(dialect, table, columns)
    if dialect.name == "postgresql":
        given = "SELECT * FROM unnest(CAST(%s AS bigint[]), CAST(%s AS bigint[]))"
    else:
        given = "VALUES (?, ?)"
    # On SQLite, OR IGNORE would let a row through that breaks another constraint.
    return f"INSERT INTO {name} ({mine}, {other}) {given} ON CONFLICT DO NOTHING"


def _plan_update(dialect: Dialect, table: sa.Table, columns: tuple[str, ...]) -> _Update:
    name, names = _names(dialect, table, columns)
    converts = tuple(_conversion(table.c[column], dialect) for column in columns)
    if dialect.name != "postgresql":
        settings = ", ".join(f"{column} = ?{number}" for number, column in enumerate(names[1:], start=2))
        return _Update(f"UPDATE {name} SET {settings} WHERE {names[0]} = ?1", converts, ())
    # A cast to VARCHAR(50) would cut a longer text silently; TEXT leaves it to be refused.
    kinds = [table.c[column].type for column in columns]
    types = ["TEXT" if isinstance(kind, sa.String) else kind.compile(dialect) for kind in kinds]
    arrays = ", ".join(f"CAST(%s AS {type_}[])" for type_ in types)
    settings = ", ".join(f"{column} = v{number}" for number, column in enumerate(names[1:], start=1))
    values = ", ".join(f"v{number}" for number in range(len(names)))
    statement = (
        f"UPDATE {name} SET {settings} FROM unnest({arrays}) AS given ({values}) WHERE {name}.{names[0]} = given.v0"
    )
    given = ", ".join(f"{column} = %s" for column in names[1:])
    for_one = f"UPDATE {name} SET {given} WHERE {names[0]} = %s"
    return _Update(statement, converts, tuple(_array_writer(kind) for kind in kinds), for_one)


def _names(dialect: Dialect, table: sa.Table, columns: tuple[str, ...]) -> tuple[str, list[str]]:
    """The quoted names of the table and the columns."""
    preparer = dialect.identifier_preparer
    return preparer.format_table(table), [preparer.format_column(table.c[column]) for column in columns]


def _converted(converts: tuple[Convert | None, ...], rows: Sequence[Row]) -> Sequence[Row]:
    """``rows`` as the driver takes them. Works down the columns, as most need no conversion at all."""
    if not any(converts):
        return rows
    columns = [_convert(convert, values) for convert, values in zip(converts, zip(*rows, strict=True), strict=True)]
    return list(zip(*columns, strict=True))


def _convert(convert: Convert | None, values: Sequence[Any]) -> Sequence[Any]:
    if convert is None:
        return values
    first = values[0]
    # Dates of creation, states and zeros are often the same in all rows: one conversion does for them.
    # Equal is not the same within JSON, where {"a": 1} == {"a": True}.
    if first.__class__ not in _CONTAINERS and len(values) > 4 and values.count(first) == len(values):
        return [convert(first)] * len(values)
    return [convert(value) for value in values]


_CONTAINERS: Final[frozenset[type]] = frozenset((dict, list, tuple))


def _conversion(column: sa.Column[Any], dialect: Dialect) -> Convert | None:
    """What turns a value of the column into what the driver takes, or None when that is the same."""
    kind = column.type
    if isinstance(kind, Json | sa.JSON) and dialect.name == "postgresql":
        return _json_text
    if isinstance(kind, sa.LargeBinary) and dialect.name == "postgresql":
        return None  # the driver takes bytes as they are
    if dialect.name == "sqlite":
        # As the types' own conversions write them, at a fraction of the time.
        if isinstance(kind, UtcDateTime):
            return _iso_datetime
        if isinstance(kind, sa.Date):
            return _iso_date
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _json_text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _iso_datetime(value: datetime.datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is not None:
        value = value.astimezone(datetime.UTC).replace(tzinfo=None)
    return value.isoformat(" ", "microseconds")


def _iso_date(value: datetime.date | None) -> str | None:
    if value is None:
        return None
    # A datetime is a date to Python; the column keeps the day only, as PostgreSQL's does.
    return (value.date() if isinstance(value, datetime.datetime) else value).isoformat()


def _copy(connection: sa.Connection, statement: str, rows: Sequence[Row]) -> None:
    """Run COPY, which SQLAlchemy has no word for, with its counting of statements and its errors."""
    info = connection.info
    info[STATEMENTS] = info.get(STATEMENTS, 0) + 1
    driver: Any = connection.connection.driver_connection
    # The driver is imported by the engine of a PostgreSQL database; processes that have none do without it.
    driver_error = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            write = copy.write_row
            for row in rows:
                write(row)
    except driver_error as error:
        violation = translate(error, connection, statement)
        if violation is not None:
            raise violation from error
        lost = connection.dialect.is_disconnect(cast(Any, error), driver, None)
        wrapped = sa.exc.DBAPIError.instance(
            statement, None, error, driver_error, connection_invalidated=lost, dialect=connection.dialect
        )
        if lost:
            connection.invalidate(error)
        raise wrapped from error


# ------------------------------------------------------------------------------------------------------- arrays as text


def _array_writer(kind: sa.types.TypeEngine[Any]) -> ToArray:
    """What writes values of a type as the text of a PostgreSQL array: many times faster than the driver's lists."""
    if isinstance(kind, sa.Integer | sa.Boolean | sa.Float):
        return _plain_array
    if isinstance(kind, sa.Numeric) or isinstance(getattr(kind, "impl", None), sa.Numeric):
        return _number_array
    if isinstance(kind, UtcDateTime | sa.DateTime | sa.Date | sa.Time):
        return _date_array
    if isinstance(kind, sa.LargeBinary):
        return _binary_array
    if isinstance(kind, sa.String | Json | sa.JSON):
        return _text_array
    raise TypeError(f"columns of type {kind!r} cannot be updated in bulk")


def _plain_array(values: Sequence[Any]) -> str:
    # Numbers and truth values write themselves in a form that PostgreSQL reads: 1, -2.5e-07, nan, True.
    return "{" + repr(list(values))[1:-1].replace("None", "NULL") + "}"


def _number_array(values: Sequence[Any]) -> str:
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


_isoformat = methodcaller("isoformat")


def _date_array(values: Sequence[Any]) -> str:
    return "{" + ",".join(["NULL" if value is None else _isoformat(value) for value in values]) + "}"


def _text_array(values: Sequence[Any]) -> str:
    escaped = [
        "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values
    ]
    return "{" + ",".join(escaped) + "}"


def _binary_array(values: Sequence[Any]) -> str:
    return "{" + ",".join(["NULL" if value is None else f'"\\\\x{bytes(value).hex()}"' for value in values]) + "}"


# ------------------------------------------------------------------------------------------------------- ids


class _IdPool:
    """Ids taken from the sequences of one PostgreSQL database and not given out yet, by table."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sequences: dict[str, str] = {}
        self.ids: dict[str, list[int]] = {}

    def take(self, table: str, count: int) -> list[int]:
        """The next ``count`` ids in ascending order, or as many as there are."""
        with self.lock:
            ids = self.ids.get(table, [])
            taken = ids[:count]
            del ids[:count]
            return taken

    def put(self, table: str, ids: list[int]) -> None:
        """Keep ids that are left over. What another thread left is forgotten: ids need not be without gaps."""
        with self.lock:
            self.ids[table] = ids

    def forget(self, table: str | None = None) -> None:
        """Forget the ids and the sequence of a table, or of all of them."""
        with self.lock:
            if table is None:
                self.ids.clear()
                self.sequences.clear()
            else:
                self.ids.pop(table, None)
                self.sequences.pop(table, None)


_pools: weakref.WeakKeyDictionary[sa.Engine, _IdPool] = weakref.WeakKeyDictionary()
_pools_lock = threading.Lock()


def next_ids(cr: Cursor, table: sa.Table, count: int) -> list[int]:
    """``count`` ids that no row of ``table`` has or will get from anyone else, in ascending order.

    PostgreSQL: from the sequence of the id column; up to ``PREFETCHED_IDS`` are fetched ahead, so ids of different
    processes do not tell who came first. SQLite: counted on from the highest id ever used; the write transaction keeps
    others out, and ids that are not used in it are given out again.
    """
    if count <= 0:
        return []
    if cr.dialect == "postgresql":
        return _next_ids_postgresql(cr, table.name, count)
    return _next_ids_sqlite(cr, table, count)


def forget_ids(engine: sa.Engine) -> None:
    """Forget the ids fetched ahead: tables were made anew, and their sequences begin again."""
    _pool(engine).forget()


def _next_ids_postgresql(cr: Cursor, table: str, count: int) -> list[int]:
    pool = _pool(cr.engine)
    ids = pool.take(table, count)
    missing = count - len(ids)
    if not missing:
        return ids
    sequence = pool.sequences.get(table)
    # If the transaction that made the table is undone, the ids of its sequence must not outlive it.
    cr.after_rollback(lambda: pool.forget(table))
    connection = cr.connection
    if sequence is None:
        quoted = connection.dialect.identifier_preparer.quote(table)
        sequence = cr.exec_driver_sql(FIND_ID_SEQUENCE, (quoted,)).scalar_one()
        if sequence is None:
            raise LookupError(f"the id column of table {table} has no sequence")
        pool.sequences[table] = sequence
    fetched = cr.exec_driver_sql(FETCH_IDS, (sequence, max(missing, PREFETCHED_IDS)))
    new = list(fetched.scalars())
    pool.put(table, new[missing:])
    return ids + new[:missing]


def _next_ids_sqlite(cr: Cursor, table: sa.Table, count: int) -> list[int]:
    connection = cr.connection
    if table.dialect_options["sqlite"]["autoincrement"]:
        found = cr.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,))
    else:
        found = cr.exec_driver_sql(f"SELECT max(id) FROM {_names(connection.dialect, table, ())[0]}")
    # Ids given out in this transaction may still wait to be inserted.
    key = ("next_ids", table.name)
    last = max(found.scalar() or 0, cr.memory.get(key, 0))
    cr.memory[key] = last + count
    return list(range(last + 1, last + count + 1))


def _pool(engine: sa.Engine) -> _IdPool:
    pool = _pools.get(engine)
    if pool is None:
        with _pools_lock:
            pool = _pools.setdefault(engine, _IdPool())
    return pool

"""What `core.db.sqltools` costs beside SQLAlchemy Core's own ways, for 10,000 rows of 16 columns.

    python -m benchmarks.bulk sqlite:///bulk.db
    python -m benchmarks.bulk postgresql://user@host/db

Prints the best of a few runs in milliseconds: ours, Core's, and how many times faster ours is. Makes and drops the
table `bulk_benchmark`. Also tried on PostgreSQL for the inserts, and slower than COPY by the driver: INSERT from
unnested arrays (2x), rows as one JSON text (3x), COPY of a text of our own (1.5x), arrays by the driver (4x).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa

from core.db.engine import create_engine
from core.db.sqltools import bulk_insert, bulk_update, forget_ids, in_ids, next_ids
from core.db.transaction import Cursor
from core.db.types import ExactNumeric, Json, UtcDateTime

ROWS = 10_000
ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
metadata = sa.MetaData()
table = sa.Table(
    "bulk_benchmark",
    metadata,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    *[sa.Column(f"number{n}", ID) for n in range(4)],
    *[sa.Column(f"text{n}", sa.Text) for n in range(3)],
    *[sa.Column(f"exact{n}", ExactNumeric(6)) for n in range(3)],
    sa.Column("flag", sa.Boolean),
    sa.Column("moment", UtcDateTime()),
    sa.Column("empty", UtcDateTime()),
    sa.Column("day", sa.Date),
    sa.Column("json", Json()),
    sqlite_autoincrement=True,
)
COLUMNS = [column.name for column in table.columns]


def make_rows() -> list[tuple[object, ...]]:
    """Rows as a flush has them: some columns all alike, some all different, some empty."""
    moment, day = datetime(2024, 5, 6, 7, 8, 9), date(2024, 5, 6)
    return [
        (
            *(n + 1, n, n % 7, None if n % 3 else 5, n * 3),
            *(f"WH/OUT/{n:05}", "done", 'It\'s "x" \\ y' if n % 2 else None),
            *(Decimal(n) / 4, Decimal("1.5"), Decimal(0)),
            *(bool(n % 2), moment, None, day, {"a": n} if n % 5 == 0 else None),
        )
        for n in range(ROWS)
    ]


def best(cr: Cursor, work: Callable[[], object], runs: int) -> float:
    """The shortest of some runs in milliseconds, each undone again."""
    seconds = []
    for _ in range(runs):
        savepoint = cr.connection.begin_nested()
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
        savepoint.rollback()
    return min(seconds) * 1000


def compare(cr: Cursor, name: str, ours: Callable[[], object], core: Callable[[], object], runs: int = 7) -> None:
    """Print one line."""
    mine, other = best(cr, ours, runs), best(cr, core, runs)
    print(f"{name:32}{mine:10.3f}{other:10.3f}{other / mine:8.1f}x")


def inserts(cr: Cursor, rows: list[tuple[object, ...]]) -> None:
    """Inserting."""
    for count in (1, 10, ROWS):
        some = rows[:count]
        compare(
            cr,
            f"bulk_insert {count} rows",
            lambda some=some: bulk_insert(cr, table, COLUMNS, some),
            lambda some=some: cr.execute(sa.insert(table), [dict(zip(COLUMNS, row)) for row in some]),
        )


def updates(cr: Cursor, rows: list[tuple[object, ...]]) -> None:
    """Updating three columns and all of them."""
    bulk_insert(cr, table, COLUMNS, rows)
    for columns in (["number0", "text1", "exact0"], COLUMNS[1:]):
        places = [COLUMNS.index(name) for name in columns]
        keys = ["key", *(f"new_{name}" for name in columns)]
        values = {name: sa.bindparam(f"new_{name}") for name in columns}
        statement = sa.update(table).where(table.c.id == sa.bindparam("key")).values(values)
        for count in (1, 10, ROWS):
            some = [(row[0], *(row[place] for place in places)) for row in rows[:count]]
            compare(
                cr,
                f"bulk_update {count} x {len(columns)}",
                lambda some=some, columns=columns: bulk_update(cr, table, columns, some),
                lambda some=some, keys=keys, statement=statement: cr.execute(
                    statement, [dict(zip(keys, row)) for row in some]
                ),
            )


def selects(cr: Cursor) -> None:
    """Selecting by ids."""
    query = sa.select(table.c.id, table.c.number0)
    for count in (1, 80, 1000, ROWS):
        ids = list(range(1, count + 1))
        compare(
            cr,
            f"in_ids {count}",
            lambda ids=ids: cr.execute(query.where(in_ids(table.c.id, ids))).all(),
            lambda ids=ids: cr.execute(query.where(table.c.id.in_(ids))).all(),
            20,
        )


def main(url: str) -> None:
    """Run all of it on the database at ``url``."""
    engine, rows = create_engine(url), make_rows()
    with Cursor(engine) as cr:
        metadata.drop_all(cr.connection)
        metadata.create_all(cr.connection)
    forget_ids(engine)
    print(f"{engine.dialect.name:32}{'ours':>10}{'core':>10}")
    with Cursor(engine) as cr:
        inserts(cr, rows)
        updates(cr, rows)
        selects(cr)
        for count in (1, ROWS):
            print(f"{f'next_ids {count}':32}{best(cr, lambda count=count: next_ids(cr, table, count), 20):10.3f}")
        cr.rollback()
    with Cursor(engine) as cr:
        metadata.drop_all(cr.connection)
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "sqlite://")

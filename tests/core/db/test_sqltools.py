"""core.db.sqltools: many rows in one statement, the same values as by SQLAlchemy's own ways."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.db import sqltools
from core.db.errors import ConstraintViolation
from core.db.transaction import Cursor
from core.db.types import ExactNumeric, Json, NumberOverflow, UtcDateTime

pytestmark = pytest.mark.both_dialects("sql")

metadata = sa.MetaData()
ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
thing = sa.Table(
    "thing",
    metadata,
    sa.Column("id", ID, primary_key=True, autoincrement=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("varchar", sa.String(50)),
    sa.Column("number", ID),
    sa.Column("real", sa.Float),
    sa.Column("flag", sa.Boolean),
    sa.Column("exact", ExactNumeric(6)),
    sa.Column("day", sa.Date),
    sa.Column("moment", UtcDateTime()),
    sa.Column("json", Json()),
    sa.Column("binary", sa.LargeBinary),
    sa.Column("with default", sa.Integer, server_default="7"),
    sa.Column("order", sa.Text),
    sa.Column("percent%", sa.Text),
    sqlite_autoincrement=True,
)
COLUMNS = [column.name for column in thing.columns if column.name != "with default"]


@pytest.fixture(scope="module", autouse=True)
def tables(engine):
    """The table of this module."""
    with Cursor(engine) as cr:
        metadata.create_all(cr.connection)


TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
AWKWARD = st.sampled_from(["", "NULL", "null", "\\N", '"', "'", "a\tb\nc\rd", "{a,b}", "\\", "%s", "%%", " x ", "None"])
MOMENT = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))
JSON = st.recursive(st.booleans() | st.integers(-9, 9) | TEXT, lambda v: st.lists(v) | st.dictionaries(TEXT, v))
VALUES = st.tuples(
    TEXT | AWKWARD,
    st.none() | TEXT.filter(lambda text: len(text) <= 50) | AWKWARD,
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.booleans(),
    st.none() | st.decimals(-(10**12), 10**12, places=6, allow_nan=False),
    st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    st.none() | MOMENT | st.builds(lambda m: m.replace(tzinfo=timezone(timedelta(hours=3))), MOMENT),
    st.none() | JSON,
    st.none() | st.binary(max_size=20),
    st.none() | TEXT | AWKWARD,
    st.none() | TEXT | AWKWARD,
)
ROWS = st.lists(VALUES, min_size=1, max_size=12)
MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def content(cr):
    return [tuple(row) for row in cr.execute(sa.select(thing).order_by(thing.c.id))]


@pytest.mark.slow
@MANY
@given(ROWS)
def test_rows_are_stored_as_sqlalchemy_stores_them(engine, rows):
    cr = Cursor(engine)
    try:
        check_insert(cr, rows)
    finally:
        cr.close()


def check_insert(cr, rows):
    rows = [(number, *row) for number, row in enumerate(rows, start=1)]
    cr.execute(sa.delete(thing))
    sqltools.bulk_insert(cr, thing, COLUMNS, rows)
    ours = content(cr)
    cr.execute(sa.delete(thing))
    cr.execute(sa.insert(thing), [dict(zip(COLUMNS, row, strict=True)) for row in rows])
    assert ours == content(cr)


@pytest.mark.slow
@MANY
@given(ROWS, st.lists(st.sampled_from(COLUMNS[1:]), min_size=1, unique=True))
def test_rows_are_updated_as_sqlalchemy_updates_them(engine, rows, columns):
    cr = Cursor(engine)
    try:
        check_update(cr, rows, columns)
    finally:
        cr.close()


def check_update(cr, rows, columns):
    cr.execute(sa.delete(thing))
    before = [(number, f"t{number}", *[None] * (len(COLUMNS) - 2)) for number in range(1, 20)]
    sqltools.bulk_insert(cr, thing, COLUMNS, before)
    ids = range(1, len(rows) + 1)
    changed = [(id_, *(row[COLUMNS.index(name) - 1] for name in columns)) for id_, row in zip(ids, rows, strict=True)]
    assert sqltools.bulk_update(cr, thing, columns, changed) == len(rows)
    ours = content(cr)
    cr.execute(sa.delete(thing))
    sqltools.bulk_insert(cr, thing, COLUMNS, before)
    for id_, *values in changed:
        cr.execute(sa.update(thing).where(thing.c.id == id_).values(dict(zip(columns, values, strict=True))))
    assert ours == content(cr)


def insert(cr, *ids):
    sqltools.bulk_insert(cr, thing, ["id", "text"], [(id_, f"t{id_}") for id_ in ids])


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_each_is_one_statement_whatever_the_number_of_rows(cr, count):
    before = cr.statements
    ids = range(1, count + 1)
    insert(cr, *ids)
    sqltools.bulk_update(cr, thing, ["text", "number"], [(id_, "x", id_ * 2) for id_ in ids])
    assert cr.statements == before + 2
    assert cr.execute(sa.select(sa.func.sum(thing.c.number))).scalar() == count * (count + 1)


def test_nothing_to_do_is_no_statement(cr):
    sqltools.bulk_insert(cr, thing, ["id", "text"], [])
    assert sqltools.bulk_update(cr, thing, ["text"], []) == 0
    assert sqltools.bulk_update(cr, thing, [], [(1,)]) == 0
    assert not cr.in_transaction


def test_server_defaults_fill_what_is_not_given(cr):
    insert(cr, 1)
    assert cr.execute(sa.select(thing.c["with default"])).scalar() == 7


def test_rows_that_are_gone_are_not_counted(cr):
    insert(cr, 1, 2)
    assert sqltools.bulk_update(cr, thing, ["text"], [(2, "b"), (3, "c")]) == 1
    assert sqltools.bulk_update(cr, thing, ["text"], [(3, "c")]) == 0


def test_refusals_are_the_usual_ones(engine):
    with pytest.raises(ConstraintViolation) as caught, Cursor(engine) as cr:
        insert(cr, 1, 2, 1)
    assert (caught.value.kind, caught.value.table, caught.value.columns) == ("unique", "thing", ("id",))
    with pytest.raises(ConstraintViolation) as caught, Cursor(engine) as cr:
        sqltools.bulk_insert(cr, thing, ["id", "text"], [(1, None)])
    assert (caught.value.kind, caught.value.columns) == ("not_null", ("text",))
    for rows in ([(1, None)], [(1, None), (2, None)]):
        with pytest.raises(ConstraintViolation) as caught, Cursor(engine) as cr:
            insert(cr, 1, 2)
            sqltools.bulk_update(cr, thing, ["text"], rows)
        assert (caught.value.kind, caught.value.columns) == ("not_null", ("text",))
    with pytest.raises(NumberOverflow), Cursor(engine) as cr:
        sqltools.bulk_insert(cr, thing, ["id", "text", "exact"], [(1, "a", Decimal(10) ** 40)])


@pytest.mark.dialects("postgresql")  # SQLite stores any text
def test_other_errors_are_sqlalchemys(engine):
    with pytest.raises(sa.exc.DBAPIError, match="NUL"), Cursor(engine) as cr:
        sqltools.bulk_insert(cr, thing, ["id", "text"], [(1, "a\x00b")])
    for ids in ([1], [1, 2]):
        with pytest.raises(sa.exc.DBAPIError, match="too long"), Cursor(engine) as cr:
            sqltools.bulk_insert(cr, thing, ["id", "text", "varchar"], [(id_, "a", "x" * 51) for id_ in ids])
        with pytest.raises(sa.exc.DBAPIError, match="too long"), Cursor(engine) as cr:
            insert(cr, *ids)
            sqltools.bulk_update(cr, thing, ["varchar"], [(id_, "x" * 51) for id_ in ids])


def test_an_error_within_a_savepoint_leaves_the_rest_alone(cr):
    insert(cr, 1)
    with pytest.raises(ConstraintViolation), cr.savepoint():
        insert(cr, 2, 1)
    insert(cr, 2)
    assert cr.execute(sa.select(sa.func.count()).select_from(thing)).scalar() == 2


def test_in_ids_finds_the_rows_whatever_their_number(cr):
    insert(cr, *range(1, 1201))
    for ids in ([], [5], [7, 5, 7, 9999], range(1, 1200, 2), {3, 4}, iter([1, 2])):
        expected = sorted(set(ids) & set(range(1, 1201))) if not hasattr(ids, "__next__") else [1, 2]
        query = sa.select(thing.c.id).where(sqltools.in_ids(thing.c.id, ids)).order_by(thing.c.id)
        assert cr.execute(query).scalars().all() == expected
    counted = sa.select(sa.func.count()).select_from(thing)
    assert cr.execute(counted.where(~sqltools.in_ids(thing.c.id, range(1, 1000)))).scalar() == 201
    both = sqltools.in_ids(thing.c.id, [1, 2]) & sqltools.in_ids(thing.c.id, [2, 3])
    assert cr.execute(counted.where(both | (thing.c.id == 9))).scalar() == 2
    assert cr.execute(sa.select(sqltools.in_ids(thing.c.id, [1])).where(thing.c.id == 1)).scalar() == 1


def test_in_ids_is_the_same_statement_for_any_ids(engine):
    def query(ids):
        return sa.select(thing.c.id).where(sqltools.in_ids(thing.c.id, ids))

    texts = {str(query(ids).compile(engine)) for ids in ([], [1], range(1000))}
    assert len(texts) == 1
    assert query([1])._generate_cache_key() == query([1, 2])._generate_cache_key()
    assert str(query([3, 4]).compile(engine, compile_kwargs={"literal_binds": True})).count("3, 4") == 1


def test_in_ids_uses_the_index(cr):
    query = sa.select(thing.c.text).where(sqltools.in_ids(thing.c.id, [1]))
    text = str(query.compile(cr.engine, compile_kwargs={"literal_binds": True}))
    if cr.dialect == "sqlite":
        plan = cr.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all()
        assert any("USING INTEGER PRIMARY KEY" in row[-1] for row in plan)
    else:
        cr.execute("SET LOCAL enable_seqscan = off")
        assert any("Index Cond" in row[0] for row in cr.connection.exec_driver_sql(f"EXPLAIN {text}"))


def test_ids_are_new_and_ascending_and_fit_what_is_there(cr):
    first = sqltools.next_ids(cr, thing, 3)
    second = sqltools.next_ids(cr, thing, 200)
    third = sqltools.next_ids(cr, thing, 1)
    ids = first + second + third
    assert ids == sorted(set(ids))
    assert len(ids) == 204
    insert(cr, *ids)
    assert not set(sqltools.next_ids(cr, thing, 5)) & set(ids)
    assert sqltools.next_ids(cr, thing, 0) == []


def test_ids_by_the_database_and_by_us_never_meet(cr):
    taken = sqltools.next_ids(cr, thing, 5)
    insert(cr, *taken)
    other = cr.execute(sa.insert(thing).returning(thing.c.id), {"text": "by the database"}).scalar()
    more = sqltools.next_ids(cr, thing, 100)
    assert other not in taken + more
    insert(cr, *more)


def test_ids_are_not_given_out_twice_after_a_deletion(engine):
    with Cursor(engine) as cr:
        ids = sqltools.next_ids(cr, thing, 2)
        insert(cr, *ids)
    with Cursor(engine) as cr:
        cr.execute(sa.delete(thing))
    with Cursor(engine) as cr:
        assert min(sqltools.next_ids(cr, thing, 1)) > max(ids)


@pytest.mark.dialects("postgresql")
def test_small_creates_cost_postgresql_no_statement_for_ids(engine):
    with Cursor(engine) as cr:
        sqltools.next_ids(cr, thing, 1)
    with Cursor(engine) as cr:
        for _ in range(20):
            sqltools.next_ids(cr, thing, 1)
        assert cr.statements == 0


def test_ids_of_a_table_that_was_rolled_back_are_forgotten(engine):
    own = sa.MetaData()
    again = sa.Table(
        "made_twice", own, sa.Column("id", ID, primary_key=True), sa.Column("a", sa.Integer), sqlite_autoincrement=True
    )
    cr = Cursor(engine)
    own.create_all(cr.connection)
    assert sqltools.next_ids(cr, again, 3) == [1, 2, 3]
    cr.rollback()
    own.create_all(cr.connection)
    seen = []
    for _ in range(100):
        ids = sqltools.next_ids(cr, again, 3)
        sqltools.bulk_insert(cr, again, ["id"], [(id_,) for id_ in ids])
        seen += ids
    assert seen == list(range(1, 301))
    cr.rollback()


@pytest.mark.both_dialects("locking")
def test_concurrent_creates_never_share_an_id(engine):
    def work():
        for _ in range(10):
            with Cursor(engine) as cr:
                insert(cr, *sqltools.next_ids(cr, thing, 7))

    errors = []

    def guarded():
        try:
            work()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with Cursor(engine) as cr:
        assert cr.execute(sa.select(sa.func.count()).select_from(thing)).scalar() == 280
        cr.execute(sa.delete(thing))

"""core.db.types: the same values on both databases, to the last digit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.db.transaction import Cursor
from core.db.types import ExactNumeric, Json, NumberOverflow, UtcDateTime

pytestmark = pytest.mark.both_dialects("types")

D = Decimal
metadata = sa.MetaData()
numbers = sa.Table(
    "numbers",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("six", ExactNumeric(6)),
    sa.Column("two", ExactNumeric(2)),
    sa.Column("whole", sa.Integer),
)
values = sa.Table(
    "values_of_types",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("json", Json()),
    sa.Column("moment", UtcDateTime()),
)


@pytest.fixture(scope="module", autouse=True)
def tables(engine):
    """The tables of this module."""
    with Cursor(engine) as cr:
        metadata.create_all(cr.connection)


def stored(cr, column, value):
    """``value`` written to and read back from ``column``."""
    table = column.table
    cr.execute(sa.delete(table))
    cr.execute(sa.insert(table), {"id": 1, column.name: value})
    return cr.execute(sa.select(column)).scalar_one()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (D("1.5"), "1.500000"),
        (3, "3.000000"),
        (0.1, "0.100000"),
        ("12.25", "12.250000"),
        (D("-0.0000005"), "-0.000001"),
        (D("0.00000049"), "0.000000"),
        (D("1E+3"), "1000.000000"),
        (D("9000000000000.123456"), "9000000000000.123456"),
        (True, "1.000000"),
    ],
)
def test_numbers_come_back_exactly_with_all_their_decimals(cr, value, expected):
    assert str(stored(cr, numbers.c.six, value)) == expected
    assert stored(cr, numbers.c.six, None) is None


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.decimals(min_value=D("-1E9"), max_value=D("1E9"), places=6, allow_nan=False), min_size=1, max_size=20)
)
def test_sums_orders_and_extremes_are_exact(cr, given_values):
    cr.execute(sa.delete(numbers))
    cr.execute(sa.insert(numbers), [{"id": i, "six": value} for i, value in enumerate(given_values)])
    six = numbers.c.six
    row = cr.execute(sa.select(sa.func.sum(six), sa.func.min(six), sa.func.max(six))).one()
    assert tuple(row) == (sum(given_values), min(given_values), max(given_values))
    assert cr.execute(sa.select(six).order_by(six)).scalars().all() == sorted(given_values)
    pivot = given_values[0]
    found = cr.execute(sa.select(sa.func.count()).where(six >= pivot)).scalar()
    assert found == sum(value >= pivot for value in given_values)


def test_arithmetic_that_keeps_the_scale_works(cr):
    cr.execute(sa.delete(numbers))
    cr.execute(sa.insert(numbers), {"id": 1, "six": D("1.5"), "two": D("0.25"), "whole": 3})
    six, whole = numbers.c.six, numbers.c.whole
    expected = {
        six + D("0.25"): D("1.75"),
        D("10") - six: D("8.5"),
        six - six: D(0),
        -six: D("-1.5"),
        six * 2: D("3"),
        2 * six: D("3"),
        six * whole: D("4.5"),
        sa.func.sum(six * sa.case((whole == 3, -1), else_=1)): D("-1.5"),
        sa.func.coalesce(sa.func.sum(six), 0): D("1.5"),
        sa.func.sum(six) - sa.func.coalesce(sa.func.sum(six), 0): D(0),
        sa.case((whole == 3, -six), else_=six): D("-1.5"),
        sa.func.abs(-six, type_=six.type): D("1.5"),
        sa.func.avg(six, type_=six.type): D("1.5"),
    }
    for expression, value in expected.items():
        assert cr.execute(sa.select(expression)).scalar_one() == value, expression


@pytest.mark.parametrize(
    "expression",
    [
        lambda: numbers.c.six * D("1.1"),
        lambda: D("1.1") * numbers.c.six,
        lambda: numbers.c.six * numbers.c.two,
        lambda: numbers.c.six / 2,
        lambda: numbers.c.six + numbers.c.two,
    ],
)
def test_arithmetic_that_would_mix_up_scales_is_refused(expression):
    with pytest.raises(TypeError, match="compute it in Python"):
        expression()


def test_what_does_not_fit_is_refused_not_cut(engine):
    too_large = D(10) ** (13 if engine.dialect.name == "sqlite" else 33)
    with Cursor(engine) as cr, pytest.raises(NumberOverflow, match="too large"):
        stored(cr, numbers.c.six, too_large)


@pytest.mark.parametrize(
    ("value", "sqlite", "postgresql"),
    [
        (D("NaN"), ValueError, ValueError),
        (float("nan"), ValueError, ValueError),
        (D("Infinity"), OverflowError, NumberOverflow),
    ],
)
def test_what_is_no_number_is_refused(engine, value, sqlite, postgresql):
    with Cursor(engine) as cr:
        with pytest.raises((sa.exc.StatementError, NumberOverflow)) as caught:
            stored(cr, numbers.c.six, value)
        error = caught.value if isinstance(caught.value, NumberOverflow) else caught.value.orig
        assert type(error) is (sqlite if engine.dialect.name == "sqlite" else postgresql)
        assert stored(cr, numbers.c.six, D(1)) == D(1), "and the transaction goes on"


def test_constants_in_the_text_of_a_statement_have_the_columns_scale(cr):
    stored(cr, numbers.c.six, D("1.5"))
    query = sa.select(numbers.c.id).where(numbers.c.six == D("1.5"))
    text = str(query.compile(cr.engine, compile_kwargs={"literal_binds": True}))
    assert cr.connection.exec_driver_sql(text).scalar() == 1


@pytest.mark.parametrize("value", [{"a": [1, None, "ü"]}, [], {}, False, 0, "text", [1.5]])
def test_json_comes_back_as_it_went_in(cr, value):
    assert stored(cr, values.c.json, value) == value


def test_no_json_is_null(cr):
    assert stored(cr, values.c.json, None) is None
    assert cr.execute(sa.select(values.c.id).where(values.c.json.is_(None))).scalar() == 1


def test_moments_are_naive_utc(cr):
    berlin = timezone(timedelta(hours=2))
    assert stored(cr, values.c.moment, datetime(2024, 5, 6, 1, 2, 3, tzinfo=berlin)) == datetime(2024, 5, 5, 23, 2, 3)
    assert stored(cr, values.c.moment, datetime(2024, 5, 6, tzinfo=UTC)) == datetime(2024, 5, 6)
    assert stored(cr, values.c.moment, datetime(2024, 5, 6, 7, 8, 9, 10)) == datetime(2024, 5, 6, 7, 8, 9, 10)


def test_moments_sort_by_time_with_and_without_fractions(cr):
    moments = [datetime(2024, 1, 1), datetime(2024, 1, 1, 0, 0, 0, 1), datetime(2024, 1, 1, 0, 0, 1)]
    cr.execute(sa.delete(values))
    cr.execute(sa.insert(values), [{"id": i, "moment": moment} for i, moment in enumerate(reversed(moments))])
    assert cr.execute(sa.select(values.c.moment).order_by(values.c.moment)).scalars().all() == moments
    later = sa.select(sa.func.count()).where(values.c.moment > moments[0])
    assert cr.execute(later).scalar() == 2


def test_a_scale_must_be_sensible():
    with pytest.raises(ValueError, match="scale"):
        ExactNumeric(19)

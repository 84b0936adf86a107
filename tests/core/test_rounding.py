"""core.rounding: exact, conserving, and never a binary float."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import rounding

D = Decimal
STEPS = st.sampled_from([D(step) for step in ("1", "0.1", "0.01", "0.0001", "0.25", "0.3", "5", "10", "1E+2", "0.010")])
VALUES = st.decimals(min_value=D("-1E20"), max_value=D("1E20"), places=6, allow_nan=False, allow_infinity=False)
METHODS = st.sampled_from(["HALF-UP", "UP", "DOWN", "HALF-EVEN"])


@pytest.mark.parametrize(
    ("value", "step", "method", "expected"),
    [
        ("2.675", "0.01", "HALF-UP", "2.68"),
        ("-2.675", "0.01", "HALF-UP", "-2.68"),
        ("2.665", "0.01", "HALF-EVEN", "2.66"),
        ("2.661", "0.01", "UP", "2.67"),
        ("-2.661", "0.01", "UP", "-2.67"),
        ("2.669", "0.01", "DOWN", "2.66"),
        ("-2.669", "0.01", "DOWN", "-2.66"),
        ("1.12", "0.25", "HALF-UP", "1.00"),
        ("1.125", "0.25", "HALF-UP", "1.25"),
        ("1.125", "0.25", "HALF-EVEN", "1.00"),
        ("13", "12", "UP", "24"),
        ("2", "0.3", "HALF-UP", "2.1"),
        ("14", "10", "HALF-UP", "10"),
        ("15", "10", "HALF-UP", "20"),
        (
            "1.2345678901234567890123456789012345678",
            "0.0000000000000000000000000000000000001",
            "UP",
            "1.2345678901234567890123456789012345678",
        ),
    ],
)
def test_rounds_to_the_multiple_that_the_method_names(value, step, method, expected):
    assert rounding.round_to(D(value), D(step), method) == D(expected)


def test_a_result_of_zero_is_never_negative():
    assert str(rounding.round_to(D("-0.001"), D("0.01"))) == "0.00"
    assert str(rounding.round_to(D("-0.1"), D("0.25"))).startswith("0")


@pytest.mark.parametrize("step", ["0", "-1", "NaN", "Infinity"])
def test_a_step_must_be_positive_and_finite(step):
    with pytest.raises(ValueError, match="positive"):
        rounding.round_to(D(1), D(step))


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="SIDEWAYS"):
        rounding.round_to(D(1), D(1), "SIDEWAYS")


@given(VALUES, STEPS, METHODS)
def test_rounding_gives_a_multiple_less_than_a_step_away_and_is_stable(value, step, method):
    result = rounding.round_to(value, step, method)
    assert result % step == 0
    assert abs(result - value) < step
    assert rounding.round_to(result, step, method) == result


@given(VALUES, STEPS)
def test_up_and_down_enclose_the_value(value, step):
    assert abs(rounding.round_to(value, step, "DOWN")) <= abs(value) <= abs(rounding.round_to(value, step, "UP"))


@given(VALUES, VALUES, STEPS)
def test_compare_is_antisymmetric_and_agrees_with_is_zero(a, b, step):
    assert rounding.compare(a, b, step) == -rounding.compare(b, a, step)
    assert rounding.compare(a, a, step) == 0
    assert (rounding.compare(a, D(0), step) == 0) == rounding.is_zero(a, step)


def test_compare_sees_only_whole_steps():
    assert rounding.compare(D("1.004"), D("1.0"), D("0.01")) == 0
    assert rounding.compare(D("1.006"), D("1.0"), D("0.01")) == 1
    assert rounding.compare(D("0.994"), D("1.0"), D("0.01")) == -1


@given(
    st.decimals(min_value=D("-1E15"), max_value=D("1E15"), places=6, allow_nan=False, allow_infinity=False),
    st.lists(st.decimals(min_value=0, max_value=D("1E9"), places=4, allow_nan=False, allow_infinity=False), min_size=1),
    STEPS,
)
def test_a_split_conserves_keeps_the_sign_and_stays_within_a_step(total, weights, step):
    if not any(weights):
        weights[0] = D(1)
    parts = rounding.split(total, weights, step)
    assert len(parts) == len(weights)
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert part * total >= 0
        assert abs(part * whole - total * weight) <= step * whole
        assert weight or not part
    assert sum(1 for part in parts if part % step) <= (1 if total % step else 0)


@pytest.mark.parametrize(
    ("total", "weights", "step", "expected"),
    [
        ("10", [1, 1, 1], "1", ["4", "3", "3"]),
        ("100", [1, 1, 1], "0.01", ["33.34", "33.33", "33.33"]),
        ("10.5", [1, 1], "1", ["5.5", "5"]),
        ("-10", [1, 1, 1], "1", ["-4", "-3", "-3"]),
        ("7", ["0", "2", "0"], "1", ["0", "7", "0"]),
        ("0", [0, 0], "1", ["0", "0"]),
        ("0", [], "1", []),
        ("3", [1, 1, 1, 1, 1], "1", ["1", "1", "1", "0", "0"]),
    ],
)
def test_splits(total, weights, step, expected):
    assert rounding.split(D(total), [D(w) for w in weights], D(step)) == [D(e) for e in expected]


def test_a_split_without_anyone_to_take_it_is_refused():
    with pytest.raises(ValueError, match="shared out"):
        rounding.split(D(1), [D(0)], D(1))
    with pytest.raises(ValueError, match="negative"):
        rounding.split(D(1), [D(-1), D(2)], D(1))
    with pytest.raises(ValueError, match="step"):
        rounding.split(D(1), [D(1)], D(0))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(3, "3"), (False, "0"), (True, "1"), (0.1, "0.1"), (1e22, "1E+22"), (" 1.50 ", "1.50"), (D("2.5"), "2.5")],
)
def test_numbers_come_in_as_they_are_written(value, expected):
    assert str(rounding.to_decimal(value)) == expected


@pytest.mark.parametrize("value", ["", "abc", "1,5", "NaN", float("nan"), float("inf"), D("sNaN")])
def test_what_is_no_finite_number_is_refused(value):
    with pytest.raises(ValueError, match="number"):
        rounding.to_decimal(value)


@pytest.mark.parametrize("value", [None, [], b"1"])
def test_other_types_are_refused(value):
    with pytest.raises(TypeError, match="number"):
        rounding.to_decimal(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.500", "1.5"),
        ("100", "100"),
        ("1E+3", "1000"),
        ("0.000", "0"),
        ("-0", "0"),
        ("-1.10", "-1.1"),
        ("1E-7", "0.0000001"),
        ("1234567890123456789012345678901234.5678", "1234567890123456789012345678901234.5678"),
    ],
)
def test_numbers_are_written_plainly(value, expected):
    assert rounding.format_number(D(value)) == expected


@given(VALUES)
def test_a_written_number_reads_back_the_same(value):
    text = rounding.format_number(value)
    assert "E" not in text
    assert rounding.to_decimal(text) == value

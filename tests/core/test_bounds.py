"""What comes from outside has bounds, and what is beyond them is refused by the name of the argument."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from core import bounds
from core.exceptions import InvalidArgument


@pytest.mark.parametrize("text", ["²", "1.5", "9" * 20, str(2**63), "٣", "1 ", "--1", "1\n", "0x1"])
def test_what_is_no_number_of_64_bits_is_refused(text):
    with pytest.raises(InvalidArgument) as refused:
        bounds.parse_integer(text, "page")
    assert (refused.value.data["argument"], refused.value.http_status) == ("page", 400)


def test_numbers_within_bounds_are_read():
    assert bounds.parse_integer("-12", "offset") == -12
    assert bounds.parse_integer(str(2**63 - 1), "id") == 2**63 - 1
    assert bounds.parse_integer("", "page", default=1) == 1
    with pytest.raises(InvalidArgument):
        bounds.parse_integer("0", "page", minimum=1)


def test_days_that_no_time_zone_can_be_applied_to_are_refused():
    bounds.check_day(date(1900, 1, 1), "scheduled_date")
    bounds.check_day(datetime(2200, 12, 31, 23, 59), "scheduled_date")
    for day in (date(1, 1, 1), datetime(9999, 12, 31, 23, 59)):
        with pytest.raises(InvalidArgument) as refused:
            bounds.check_day(day, "scheduled_date")
        assert refused.value.data["argument"] == "scheduled_date"


def test_numbers_with_endless_digits_are_too_large():
    assert bounds.is_small_enough(Decimal("123456789012345678901234567890.1234567890"))
    for text in ("1e999999999", "1e-999999999", "0e999999", "1" * 500):
        assert not bounds.is_small_enough(Decimal(text))


def test_texts_have_a_largest_length():
    bounds.check_text("x" * 1000, "q", maximum=1000)
    with pytest.raises(InvalidArgument):
        bounds.check_text("x" * 1001, "q", maximum=1000)


def nested(depth):
    value = []
    for _level in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [2**63, -(2**63) - 1, float("inf"), Decimal("NaN"), Decimal("1e999"), "\ud800", "a\0b", {"\udfff": 1}, nested(101),
     nested(100_000)],
)  # fmt: skip
def test_values_from_outside_are_bounded_however_deep_they_stand(value):
    for whole in (value, [value], {"key": [1, "text", value]}):
        with pytest.raises(InvalidArgument) as refused:
            bounds.check_value(whole, "params")
        assert refused.value.data["argument"] == "params"


def test_ordinary_values_are_within_bounds():
    bounds.check_value({"ids": [1, 2**63 - 1], "text": "Größe 🏗", "n": [0.1, Decimal("1e20"), None, True]}, "params")

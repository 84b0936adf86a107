"""Values as they travel: nothing gets lost on the way, and nothing unsendable slips through."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rpc import wire


def test_times_are_text():
    """Odoo's formats, in UTC and without fractions."""
    assert wire.plain(datetime(2026, 3, 1, 14, 30, 15, 999)) == "2026-03-01 14:30:15"
    assert wire.plain(date(2026, 3, 1)) == "2026-03-01"


def test_bytes_are_base64():
    """Attachments travel as text."""
    assert wire.plain(b"\x00\xff") == "AP8="


def test_containers_become_lists_and_dicts_with_text_keys():
    """Tuples, sets and generators are lists; keys are text, as JSON would have them."""
    assert wire.plain({1: (2, {3}), None: (n for n in "ab")}) == {"1": [2, [3]], "null": ["a", "b"]}


def test_numbers_without_a_value_are_null():
    """JSON knows neither nan nor infinity."""
    assert wire.plain([float("nan"), float("inf"), Decimal("NaN")]) == [None, None, None]


def test_what_has_no_form_is_refused():
    """An object is a defect of the method, not text."""
    with pytest.raises(wire.UnsendableValue, match="object"):
        wire.plain(object())
    endless: list = []
    endless.append(endless)
    with pytest.raises(wire.UnsendableValue, match="nested"):
        wire.plain(endless)


@pytest.mark.parametrize("text", ["0.1", "33.6", "3140.0", "0.000001", "12345678901234567890.123456", "1e-7", "-5.0"])
def test_a_number_survives_both_ways(text):
    """Reading and writing keep every digit, also those that a double cannot hold."""
    number = Decimal(text)
    assert Decimal(str(wire.read_json(wire.write_json(wire.plain(number))))) == number


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_every_decimal_survives(number):
    """As above, for any number with six decimals."""
    assert Decimal(str(wire.read_json(wire.write_json({"n": number}))["n"])) == number


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "[" * 100_000,
        "{",
        "1e200000000",
        "-1e-999999999",
        "0.0e999999",
        f"1.{'5' * 2000}",
        "9" * 5000,
        b"\xed\xa0\x80",
        b'"\xff"',
    ],
)
def test_bad_json_is_an_error(text):
    """What is not JSON is refused, however deep."""
    with pytest.raises(ValueError):
        wire.read_json(text)


def test_a_number_is_never_written_longer_than_it_is():
    """An exponent is digits only while they are few."""
    assert len(wire.write_json({"n": Decimal("1e200000000")})) < 50
    assert wire.write_json([Decimal("1e20") + Decimal("0.5")]) == "[100000000000000000000.5]"


def test_years_have_four_digits():
    """What `strftime` leaves away."""
    assert wire.plain([date(33, 4, 3), datetime(33, 4, 3, 15)]) == ["0033-04-03", "0033-04-03 15:00:00"]

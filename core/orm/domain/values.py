"""What a value written in a condition means to a field of each type.

`CONVERTERS[field.type]` takes the value of an equality or comparison and gives what the column holds (``False`` when
unset), or `NOWHERE` for a value that no record can have. Raises ValidationError, naming field and value, for one
that has no meaning for the type.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from core.bounds import is_integer
from core.exceptions import ValidationError
from core.orm.types import NewId
from core.rounding import to_decimal

TEXT_TYPES: Final = frozenset(("char", "text", "html", "selection", "reference"))
NUMBER_TYPES: Final = frozenset(("integer", "id", "float", "quantity", "monetary"))
EXACT_TYPES: Final = frozenset(("integer", "id", "quantity", "monetary"))
OPAQUE_TYPES: Final = frozenset(("json", "binary"))
X2MANY_TYPES: Final = frozenset(("one2many", "many2many"))
RELATION_TYPES: Final = frozenset(("many2one", "one2many", "many2many"))

#: The value that equals no record's.
NOWHERE: Final = object()

MAX_ID: Final = 2**63 - 1

# Wide enough for every number of a column, whatever the precision of the caller's own context.
_WIDE: Final = Context(prec=120)


def bad_value(field: Any, value: Any, expected: str) -> ValidationError:
    """The error for a value that a field cannot be compared with."""
    return ValidationError(
        f"{field.model_name or '?'}: the field {field.name!r} ({field.type}) cannot be compared with {value!r};"
        f" {expected}",
        fields=[field.name],
    )


def to_text(field: Any, value: Any, model: Any) -> Any:
    """Text; numbers are written out. An empty text is unset."""
    if value.__class__ is str or isinstance(value, str):
        return checked_text(field, value) if value else False
    if value is False or value is None:
        return False
    if isinstance(value, int | Decimal) and value is not True:
        return str(value)
    raise bad_value(field, value, "a text is expected (compare with False to find out whether there is one)")


def checked_text(field: Any, value: str) -> str:
    """`value` if a database can hold it. Raises ValidationError for NUL characters and unpaired surrogates."""
    if "\x00" in value:
        raise bad_value(field, value, "a text without NUL characters is expected")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise bad_value(field, value, "a text of complete characters is expected") from None
    return str(value)


def to_boolean(field: Any, value: Any, model: Any) -> bool:
    """A truth value; the words and digits of forms and files are understood."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word in ("true", "1", "t", "yes"):
            return True
        if word in ("", "false", "0", "f", "no"):
            return False
        raise bad_value(field, value, "True or False is expected")
    return bool(value)


def to_exact(field: Any, value: Any, model: Any) -> Any:
    """A number, exactly: int or Decimal. Unset is zero."""
    if value.__class__ is int:
        return value
    if not value:
        return 0
    try:
        number = to_decimal(value)
    except (TypeError, ValueError, ArithmeticError):
        number = None
    if number is None or not number.is_finite():
        raise bad_value(field, value, "a finite number is expected")
    whole = number.to_integral_value()
    return int(whole) if whole == number and number.adjusted() < 40 else number


def to_float(field: Any, value: Any, model: Any) -> float:
    """A binary number. Unset is zero."""
    try:
        number = float(value or 0.0)
    except (TypeError, ValueError):
        raise bad_value(field, value, "a number is expected") from None
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
    if number != number:
        raise bad_value(field, value, "a number is expected")
    return number


def to_id(field: Any, value: Any, model: Any) -> Any:
    """The id of a record; NOWHERE for one that cannot exist."""
    if value.__class__ is not int:
        if value is False or value is None or value == "":
            return False
        if isinstance(value, NewId):
            return value.origin or NOWHERE
        if isinstance(value, str) and is_integer(value.strip()):
            value = int(value)
        elif isinstance(value, float) and value.is_integer():
            value = int(value)
        elif isinstance(value, bool) or not isinstance(value, int):
            raise bad_value(field, value, "the id of a record is expected")
    return value if 0 < value <= MAX_ID else NOWHERE


def to_day(field: Any, value: Any, model: Any) -> Any:
    """The day of a date field: a date; the time of day of a moment is left out."""
    moment = to_moment(field, value, model)
    return moment.date() if isinstance(moment, datetime) else moment


def to_datetime(field: Any, value: Any, model: Any) -> Any:
    """The moment of a datetime field: a naive datetime in UTC; a day stands for its midnight."""
    moment = to_moment(field, value, model)
    return datetime.combine(moment, time.min) if moment.__class__ is date else moment


def to_moment(field: Any, value: Any, model: Any) -> Any:
    """A date or a naive UTC datetime, whichever `value` says (ISO text and words such as ``today -7d`` are read)."""
    if value is False or value is None or value == "":
        return False
    if isinstance(value, str):
        value = _read_moment(field, value, model)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo is not None else value
    if isinstance(value, date):
        return value
    raise bad_value(field, value, "a date such as 2026-12-31 or 2026-12-31 18:30:00 is expected")


def _read_moment(field: Any, text: str, model: Any) -> date | datetime:
    text = text.strip()
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        pass
    words = text.lower().split()
    if words[:1] in (["today"], ["now"]) and all(map(_STEP.fullmatch, words[1:])):
        return _relative_moment(field, words, model)
    raise bad_value(field, text, "a date such as 2026-12-31, 2026-12-31 18:30:00 or 'today -7d' is expected")


_STEP: Final = re.compile(r"([+-]\d{1,6})([dwmyh])", re.ASCII)


def _relative_moment(field: Any, words: list[str], model: Any) -> date | datetime:
    """``today`` or ``now`` and steps such as ``-7d +1m`` (d w m y, h hours), in the user's time zone."""
    zone = ZoneInfo(model.env.context.get("tz") or "UTC")
    moment = datetime.now(zone).replace(tzinfo=None, microsecond=0)
    if words[0] == "today":
        moment = datetime.combine(moment, time.min)
    for word in words[1:]:
        amount, unit = int(word[:-1]), word[-1]
        try:
            moment = (
                _months_later(moment, amount * _MONTHS[unit]) if unit in _MONTHS else moment + amount * _STEPS[unit]
            )
        except (OverflowError, ValueError):
            raise bad_value(field, " ".join(words), "a moment between the years 1 and 9999 is expected") from None
    if field.type == "date":
        return moment.date()
    return moment.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


_STEPS: Final = {"d": timedelta(days=1), "w": timedelta(weeks=1), "h": timedelta(hours=1)}
_MONTHS: Final = {"m": 1, "y": 12}


def _months_later(moment: datetime, months: int) -> datetime:
    """The same day `months` later, or the last day of that month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, (following - timedelta(days=1)).day))


class Comparison(NamedTuple):
    """An operator and a value that the column can have; or `constant` when the comparison is the same for all."""

    operator: str
    value: Any
    constant: bool | None = None


def exact_comparison(operator: str, value: Any, digits: int, limit: int) -> Comparison:
    """`operator value` for a column of numbers with `digits` decimals of which the absolute value is below `limit`.

    A value between two numbers of the column is moved to the one below, with the operator that then says the same,
    so that no rounding by the database can change the answer.
    """
    if not -limit < value < limit:
        return Comparison(operator, value, constant=(value > 0) == (operator in ("<", "<=")))
    floor = _floor(value, digits)
    if floor == value:
        return Comparison(operator, floor)
    return Comparison("<=" if operator in ("<", "<=") else ">", floor)


def fits(value: Any, digits: int, limit: int) -> bool:
    """Whether a column of numbers with `digits` decimals below `limit` can hold exactly `value`."""
    return -limit < value < limit and _floor(value, digits) == value


def _floor(value: Any, digits: int) -> Any:
    if value.__class__ is int:
        return value
    floor = value.quantize(Decimal(1).scaleb(-digits), ROUND_FLOOR, _WIDE)
    return floor if digits else int(floor)


def day_comparison(operator: str, moment: date | datetime) -> Comparison:
    """`operator moment` for a column of days, each of which stands for its midnight."""
    if not isinstance(moment, datetime):
        return Comparison(operator, moment)
    day = moment.date()
    if moment.time() == time.min:
        return Comparison(operator, day)
    return Comparison({"<": "<=", ">=": ">"}.get(operator, operator), day)


def moment_comparison(operator: str, moment: date | datetime) -> Comparison:
    """`operator moment` for a column of moments; a day without a time means the whole day."""
    if isinstance(moment, datetime):
        return Comparison(operator, moment)
    if operator in ("<", ">="):
        return Comparison(operator, datetime.combine(moment, time.min))
    return Comparison(operator, datetime.combine(moment, time.max))


CONVERTERS: Final[dict[str, Callable[[Any, Any, Any], Any]]] = {
    "char": to_text,
    "text": to_text,
    "html": to_text,
    "selection": to_text,
    "reference": to_text,
    "boolean": to_boolean,
    "integer": to_exact,
    "quantity": to_exact,
    "monetary": to_exact,
    "float": to_float,
    "date": to_day,
    "datetime": to_datetime,
    "many2one": to_id,
    "id": to_id,
}

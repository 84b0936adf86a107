"""Bounds of what comes from outside, the same on every path: pages, addresses, RPC, files and the command line.

A number, day or text beyond them is a mistake or an attack, never data. Each check raises InvalidArgument, which names
the argument; the boundaries answer with its status (4xx) and one line in the log.

    INTEGER_MIN, INTEGER_MAX    what a column of whole numbers holds
    DIGITS                      digits of a number before its point, and after it
    FIRST_DAY, LAST_DAY         days and moments; in between, every time zone can be applied
    TEXT                        characters of one text
    DEPTH                       lists in lists: JSON, XML, domains, specifications
    CONDITIONS                  conditions of one domain
    PATH                        names in a path of fields (``order_id.partner_id.name``), domains in domains included;
                                SQLite parses no more subqueries within one another
    IDS                         records of one call
    QUERY                       characters of what is searched for in a list, and of an order
    WORDS                       alternatives of what is searched for in a list
    INPUTS                      inputs of one form
    NAME                        characters of the name of a model, field, method, group or external id
    FIELDS                      fields that one call names
    FILE                        bytes of a file, of whatever field
"""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal
from typing import Any, Final

from core.exceptions import InvalidArgument
from core.i18n import _

INTEGER_MIN: Final = -(2**63)
INTEGER_MAX: Final = 2**63 - 1
DIGITS: Final = 400
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2200, 12, 31)
TEXT: Final = 1_000_000
DEPTH: Final = 100
CONDITIONS: Final = 1_000
PATH: Final = 8
IDS: Final = 200_000
QUERY: Final = 1_000
WORDS: Final = 20
INPUTS: Final = 20_000
NAME: Final = 500
FIELDS: Final = 5_000
FILE: Final = 32 * 2**20

#: ASCII digits only: `str.isdigit` is true of "²", which `int` refuses.
_WHOLE = re.compile(r"-?[0-9]{1,19}\Z", re.ASCII)


def parse_integer(
    text: str | None, name: str, *, minimum: int = INTEGER_MIN, maximum: int = INTEGER_MAX, default: int | None = None
) -> int | None:
    """The whole number that `text` holds; `default` where there is no text.

    Args:
        name: of the argument, for the message.
        minimum, maximum: inclusive.

    Raises:
        InvalidArgument: the text is no whole number, or out of bounds.
    """
    if text is None or text == "":
        return default
    number = int(text) if _WHOLE.match(text) else None
    if number is None or not minimum <= number <= maximum:
        raise InvalidArgument(
            _(
                "%(argument)s: “%(value)s” is not a whole number from %(minimum)s to %(maximum)s.",
                argument=name, value=text[:40], minimum=minimum, maximum=maximum,
            ),
            argument=name,
        )  # fmt: skip
    return number


def is_integer(text: str) -> bool:
    """Whether `text` is written as a whole number of at least 0 that a column holds, in ASCII digits."""
    return bool(_WHOLE.match(text)) and 0 <= int(text) <= INTEGER_MAX


def is_small_enough(number: Decimal) -> bool:
    """Whether a finite `number` has at most DIGITS digits before its point and after it."""
    if not number:
        return abs(int(number.as_tuple().exponent)) <= DIGITS
    return abs(number.adjusted()) <= DIGITS and len(number.as_tuple().digits) <= DIGITS


def check_value(value: Any, name: str) -> None:
    """Raise InvalidArgument, naming `name`, unless all in a value read from JSON or XML-RPC is within bounds.

    Lists and objects are nested at most DEPTH deep, whole numbers have 64 bits, other numbers are finite and at most
    DIGITS long, texts are Unicode that UTF-8 can encode, without NUL.
    """
    level: list[Any] = [value]
    for _depth in range(DEPTH + 1):
        inner: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is str:
                if not (item.isascii() or _is_encodable(item)) or "\0" in item:
                    raise InvalidArgument(
                        _("%(argument)s contains characters that no text may contain.", argument=name), argument=name
                    )
            elif kind is int:
                if not INTEGER_MIN <= item <= INTEGER_MAX:
                    raise _number_refusal(name)
            elif kind is dict:
                inner.extend(item)
                inner.extend(item.values())
            elif kind is list or kind is tuple:
                inner.extend(item)
            elif kind is float:
                if not math.isfinite(item):
                    raise _number_refusal(name)
            elif kind is Decimal and not (item.is_finite() and is_small_enough(item)):
                raise _number_refusal(name)
        if not inner:
            return
        level = inner
    raise InvalidArgument(
        _("%(argument)s is nested more than %(depth)s levels deep.", argument=name, depth=DEPTH), argument=name
    )


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _number_refusal(name: str) -> InvalidArgument:
    return InvalidArgument(_("%(argument)s contains a number that is out of bounds.", argument=name), argument=name)


def check_day(day: date, name: str) -> None:
    """Raise InvalidArgument, naming the argument or field `name`, unless `day` lies from FIRST_DAY to LAST_DAY.

    Args:
        day: a date, or a moment of which only the day counts.
    """
    if not is_day_in_bounds(day):
        raise InvalidArgument(
            _(
                "%(argument)s: %(day)s is not between %(first)s and %(last)s.",
                argument=name, day=day.isoformat()[:10], first=FIRST_DAY.isoformat(), last=LAST_DAY.isoformat(),
            ),
            argument=name,
        )  # fmt: skip


def is_day_in_bounds(day: date) -> bool:
    """Whether a day, or the day of a moment, lies from FIRST_DAY to LAST_DAY."""
    # A datetime is no date that can be compared with one.
    return FIRST_DAY <= date(day.year, day.month, day.day) <= LAST_DAY


def check_text(text: str, name: str, *, maximum: int = TEXT) -> None:
    """Raise InvalidArgument, naming the argument `name`, when `text` has more than `maximum` characters."""
    if len(text) > maximum:
        raise InvalidArgument(
            _("%(argument)s has %(count)s characters; at most %(maximum)s are allowed.",
              argument=name, count=len(text), maximum=maximum),
            argument=name,
        )  # fmt: skip


def check_file(size: int, name: str) -> None:
    """Raise InvalidArgument, naming the argument or field `name`, for a file of more than FILE bytes."""
    if size > FILE:
        raise InvalidArgument(
            _("%(argument)s: the file has %(size)s bytes; at most %(maximum)s are possible.",
              argument=name, size=size, maximum=FILE),
            argument=name,
        )  # fmt: skip

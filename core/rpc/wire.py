"""Values as they travel: records become ids, decimals numbers, times text; and JSON numbers are read exactly.

A JSON or XML-RPC number is a double for most clients. A decimal is sent in the shortest form that a double gives
back unchanged; one with more digits than a double holds keeps all of them in JSON.
"""

from __future__ import annotations

import base64
import json
import math
import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from core import bounds

DATE_FORMAT: Final = "%Y-%m-%d"
DATETIME_FORMAT: Final = "%Y-%m-%d %H:%M:%S"

#: Types that travel as they are; their subclasses do not (a lazy translation is a str).
_PLAIN: Final = frozenset({type(None), bool, int, str})

#: Characters of a JSON number: two numbers of the longest kind and an exponent.
_NUMBER_MAX: Final = 2 * bounds.DIGITS + 10


class UnsendableValue(TypeError):
    """A method returned something that has no form on the wire."""


def plain(value: Any, depth: int = 0) -> Any:
    """`value` in terms of None, bool, int, float, Decimal, str, list and dict with text keys.

    Records become lists of ids, bytes base64 text, times "YYYY-MM-DD HH:MM:SS". A float without a value (nan, inf)
    becomes None.

    Raises:
        UnsendableValue: for anything else, and for nesting without end.
    """
    if type(value) in _PLAIN:
        return value
    if depth > bounds.DEPTH:
        raise UnsendableValue("The result is nested too deeply to be sent.")
    if isinstance(value, Enum):
        return plain(value.value, depth + 1)
    if isinstance(value, str):
        return str(value)  # a lazy translation is resolved here, a marked-up text loses its class
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode("ascii")
    if is_recordset(value):
        return [id_ if isinstance(id_, int) else False for id_ in value._ids]
    if isinstance(value, Mapping):
        return {_key(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, Iterable):
        return [plain(item, depth + 1) for item in value]
    raise UnsendableValue(f"A result of type {type(value).__name__} cannot be sent to a client.")


def is_recordset(value: Any) -> bool:
    """Whether `value` is a recordset, of any model."""
    return hasattr(value, "_ids") and hasattr(value, "_name") and hasattr(value, "env")


def _key(key: Any) -> str:
    if type(key) is str:
        return key
    plain_key = plain(key)
    if isinstance(plain_key, list | dict):
        raise UnsendableValue("The keys of a result must be plain values.")
    return plain_key if isinstance(plain_key, str) else json.dumps(plain_key, default=str)


# ---------------------------------------------------------------------------- JSON


def read_json(text: str | bytes) -> Any:
    """Parse JSON; a number that a double cannot hold exactly is read as a Decimal.

    Raises:
        ValueError: for text that is not JSON in UTF-8 (nan and infinity are not), and for numbers out of bounds.
    """
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8-sig")
        return json.loads(decoded, parse_float=_read_number, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def write_json(value: Any) -> str:
    """JSON text of a plain value (see :func:`plain`), every decimal with all of its digits."""
    long_numbers: dict[str, str] = {}
    mark = secrets.token_hex(8)

    def decimal(number: Any) -> Any:
        if not isinstance(number, Decimal):
            raise UnsendableValue(f"A {type(number).__name__} is not a plain value.")
        as_float = float(number)
        if Decimal(repr(as_float)) == number:
            return as_float
        # The standard encoder has no way to write digits verbatim, so a text takes their place for a moment.
        token = f"{mark}:{len(long_numbers)}"
        long_numbers[f'"{token}"'] = decimal_text(number)
        return token

    text = json.dumps(value, default=decimal, ensure_ascii=False, separators=(",", ":"))
    for token, digits in long_numbers.items():
        text = text.replace(token, digits)
    return text


def decimal_text(number: Decimal) -> str:
    """All digits of a finite number, without an exponent unless that would be long."""
    return format(number, "f") if bounds.is_small_enough(number) else str(number)


def _read_number(text: str) -> float | Decimal:
    exact = Decimal(text) if len(text) <= _NUMBER_MAX else None
    if exact is None or not bounds.is_small_enough(exact):
        raise ValueError("a number is out of bounds")
    number = float(text)
    return number if math.isfinite(number) and Decimal(repr(number)) == exact else exact


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")

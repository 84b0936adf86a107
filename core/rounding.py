"""Exact decimal arithmetic: the one place where quantities and money are rounded, compared, split and written.

A *step* is the smallest amount that is kept, such as ``Decimal("0.01")`` for cents, ``Decimal("1")`` for pieces or
``Decimal("0.25")`` for quarter hours. No function here touches a binary float, except ``to_decimal``, which takes
one in by its shortest decimal form (``0.1`` means one tenth).
"""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Literal

Method = Literal["HALF-UP", "UP", "DOWN", "HALF-EVEN"]

_ROUNDING: dict[str, str] = {
    "HALF-UP": decimal.ROUND_HALF_UP,
    "HALF-EVEN": decimal.ROUND_HALF_EVEN,
    "UP": decimal.ROUND_UP,
    "DOWN": decimal.ROUND_DOWN,
}
# Twice the 38 digits of the widest column, and some: products and quotients of two stored values stay exact enough
# to tell a tie from its neighbours. A context of our own, as a caller's may have any precision.
_EXACT = decimal.Context(prec=120, rounding=decimal.ROUND_HALF_EVEN)


def to_decimal(value: float | str | Decimal) -> Decimal:
    """``value`` as a finite Decimal; a float counts as the decimal number that Python prints for it.

    False is 0, as an unset number is in a record. Raises TypeError for other types and ValueError for a text that
    is no number, for NaN and for infinity.
    """
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, int):
        return Decimal(int(value))
    elif isinstance(value, float):
        number = Decimal(repr(float(value)))
    elif isinstance(value, str):
        try:
            number = Decimal(value.strip())
        except decimal.InvalidOperation:
            raise ValueError(f"{value!r} is not a number") from None
    else:
        raise TypeError(f"a number was expected, not {type(value).__name__}")
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a finite number")
    return number


def round_to(value: Decimal, step: Decimal, method: Method = "HALF-UP") -> Decimal:
    """The multiple of ``step`` next to ``value``.

    HALF-UP takes the nearer one, a tie goes away from zero; HALF-EVEN likewise, a tie goes to the even multiple;
    UP goes away from zero, DOWN towards zero. Never returns a negative zero. Raises ValueError when ``step`` is not
    positive or ``method`` is unknown.
    """
    try:
        rounding = _ROUNDING[method]
    except KeyError:
        raise ValueError(f"unknown rounding method {method!r}; known: {', '.join(_ROUNDING)}") from None
    quantum = _quantum(step)
    if quantum is not None:
        result = value.quantize(quantum, rounding, _EXACT)
    else:
        multiples = _EXACT.divide(value, step).to_integral_value(rounding, _EXACT)
        result = _EXACT.multiply(multiples, step)
    return result if result else result.copy_abs()


def compare(a: Decimal, b: Decimal, step: Decimal) -> int:
    """-1, 0 or 1 as ``a`` is less than, equal to or greater than ``b``, both rounded to ``step`` first."""
    a, b = round_to(a, step), round_to(b, step)
    return (a > b) - (a < b)


def is_zero(value: Decimal, step: Decimal) -> bool:
    """Whether ``value`` rounds to zero at ``step``."""
    return not round_to(value, step)


def format_number(value: Decimal) -> str:
    """``value`` in plain digits: no exponent, no trailing zeros, no negative zero."""
    if not value:
        return "0"
    return format(_EXACT.normalize(value), "f")


def split(total: Decimal, weights: Sequence[Decimal | int], step: Decimal) -> list[Decimal]:
    """Share ``total`` out in proportion to ``weights``; the parts add up to ``total`` to the last digit.

    Every part is a multiple of ``step``, less than one step off its exact share, and has the sign of ``total``.
    What proportional shares rounded down leave over goes to the parts that lost most (the first of equals). When
    ``total`` is itself no multiple of ``step``, one part takes the odd rest. A weight of 0 gets nothing.

    Raises ValueError for a negative weight, for a step that is not positive, and when there is something to share
    but no positive weight.
    """
    if step <= 0:
        raise ValueError(f"the step must be positive, not {step}")
    if any(weight < 0 for weight in weights):
        raise ValueError("weights cannot be negative")
    if not any(weights):
        if total:
            raise ValueError(f"{format_number(total)} cannot be shared out: no weight is positive")
        return [Decimal(0) for _ in weights]
    exponent = min(0, _exponent(total), _exponent(step))
    amount, unit = _as_integer(abs(total), exponent), _as_integer(step, exponent)
    parts = _split_integer(amount, _integer_weights(weights), unit)
    sign = -1 if total < 0 else 1
    return [Decimal(sign * part).scaleb(exponent, _EXACT) for part in parts]


def _split_integer(amount: int, weights: list[int], unit: int) -> list[int]:
    """``split`` for whole numbers: shares rounded down to ``unit``, then the rest handed out by largest loss."""
    whole = sum(weights)
    parts, losses = [], []
    for weight in weights:
        multiples, loss = divmod(amount * weight, whole * unit)
        parts.append(multiples * unit)
        losses.append(loss)
    rest = amount - sum(parts)
    # The losses add up to the rest, each is below one unit, so the rest runs out before the losers do.
    for index in sorted(range(len(parts)), key=lambda i: -losses[i]):
        if not rest:
            break
        share = min(unit, rest)
        parts[index] += share
        rest -= share
    return parts


def _integer_weights(weights: Sequence[Decimal | int]) -> list[int]:
    """The weights as whole numbers in the same proportions."""
    numbers = [Decimal(weight) for weight in weights]
    exponent = min(map(_exponent, numbers))
    return [_as_integer(number, exponent) for number in numbers]


def _as_integer(value: Decimal, exponent: int) -> int:
    """``value`` counted in units of 10 ** ``exponent``; exact when its own exponent is not smaller."""
    return int(value.scaleb(-exponent, _EXACT))


def _exponent(value: Decimal) -> int:
    """The exponent of the last digit of a finite ``value``."""
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number")
    return int(value.as_tuple().exponent)


@lru_cache(maxsize=1024)
def _quantum(step: Decimal) -> Decimal | None:
    """The step as a quantum for ``quantize`` when it is a power of ten up to 1, else None."""
    if not step.is_finite() or step <= 0:
        raise ValueError(f"the step must be positive, not {step}")
    plain = _EXACT.normalize(step)
    digits = plain.as_tuple()
    return plain if digits.digits == (1,) and _exponent(plain) <= 0 else None

"""Column types that hold the same values on SQLite and PostgreSQL.

``ExactNumeric(scale)``  ``decimal.Decimal`` with ``scale`` decimals: NUMERIC(38, scale), or whole numbers of 10**-scale
``Json``                 any JSON value: JSONB, or JSON text
``UtcDateTime``          naive ``datetime`` in UTC: TIMESTAMP WITHOUT TIME ZONE, or ISO text that sorts by time
"""

from __future__ import annotations

import decimal
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import operators

from core.exceptions import ValidationError
from core.rounding import to_decimal

#: Digits of a NUMERIC column on PostgreSQL, before and after the point together.
PRECISION = 38
_SQLITE_MAX = 2**63 - 1
_HALF_UP = decimal.ROUND_HALF_UP
_EXACT = decimal.Context(prec=100, rounding=_HALF_UP, traps=[decimal.InvalidOperation])
#: Quantizing in it fails for a result of more digits than a column has.
_WIDEST = decimal.Context(prec=PRECISION, rounding=_HALF_UP, traps=[decimal.InvalidOperation])


class NumberOverflow(sa.exc.DontWrapMixin, ValidationError):
    """A number has more digits than its column can hold."""

    code = "number_overflow"


class ScaledInteger(sa.Integer):
    """How an ``ExactNumeric`` lies in SQLite: declared INTEGER(scale), so that its scale can be read from the schema.

    SQLite itself only looks at the first word.
    """

    def __init__(self, scale: int) -> None:
        self.scale = scale


@compiles(ScaledInteger, "sqlite")
def _declare_scaled_integer(type_: ScaledInteger, compiler: Any, **_: Any) -> str:
    return f"INTEGER({type_.scale})"


class ExactNumeric(sa.types.TypeDecorator[Decimal]):
    """A decimal number with exactly ``scale`` digits after the point, and no binary float anywhere.

    SQLite has no exact decimals, so there the column holds the whole number ``value * 10**scale`` in an INTEGER.
    Comparing, ordering, ``sum()``, ``min()``, ``max()``, adding and subtracting work on both databases, as does
    multiplying by a whole number; ``sum()`` on SQLite fails rather than loses digits. Multiplying or dividing by
    anything else would mix up scales and raises TypeError: do that in Python.

    Values going in may be Decimal, int, text or float (by its shortest notation); more decimals than ``scale`` are
    rounded half up. ``NumberOverflow`` is raised beyond 38 digits, on SQLite beyond 2**63 units (with 6 decimals
    some 9.2 million million). Values coming out are Decimals with ``scale`` digits after the point on both databases.
    """

    impl = sa.Numeric
    cache_ok = True

    def __init__(self, scale: int) -> None:
        if not 0 <= scale <= 18:
            raise ValueError(f"scale must be from 0 to 18, not {scale}")
        super().__init__(PRECISION, scale)
        self.scale = scale

    def __repr__(self) -> str:
        return f"ExactNumeric({self.scale})"

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """INTEGER on SQLite, NUMERIC elsewhere."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(ScaledInteger(self.scale))
        return dialect.type_descriptor(sa.Numeric(PRECISION, self.scale))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """What turns a value into what the driver takes."""
        return self._to_units() if dialect.name == "sqlite" else self._to_numeric()

    def literal_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        """What writes a value into the text of a statement."""
        convert = self.bind_processor(dialect)
        plain = "d" if dialect.name == "sqlite" else "f"
        return lambda value: "NULL" if value is None else format(convert(value), plain)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Decimal | None]:
        """What turns the driver's value into a Decimal with ``scale`` digits after the point."""
        scale = self.scale
        if dialect.name == "sqlite":
            return self._from_units()
        step, same_quantum = Decimal(1).scaleb(-scale), Decimal.same_quantum

        def from_numeric(value: Any) -> Decimal | None:
            # Sums of a type-less constant come as whole numbers, averages with more digits than the column has.
            if value is None or (value.__class__ is Decimal and same_quantum(value, step)):
                return value
            return to_decimal(value).quantize(step, _HALF_UP, _EXACT)

        return from_numeric

    def _to_units(self) -> Callable[[Any], int | None]:
        scale, factor = self.scale, 10**self.scale
        scaleb, exact, half_up = Decimal.scaleb, _EXACT, _HALF_UP

        def to_units(value: Any) -> int | None:
            if value is None:
                return None
            if value.__class__ is Decimal:
                units = int(scaleb(value, scale, exact).to_integral_value(half_up, exact))
            elif value.__class__ is int:
                units = value * factor
            else:
                units = int(scaleb(to_decimal(value), scale, exact).to_integral_value(half_up, exact))
            if -_SQLITE_MAX <= units <= _SQLITE_MAX:
                return units
            raise NumberOverflow(f"The number {value} is too large to be stored.")

        return to_units

    def _from_units(self) -> Callable[[Any], Decimal | None]:
        exponent, exact = -self.scale, _EXACT

        def from_units(value: Any) -> Decimal | None:
            if value is None:
                return None
            if value.__class__ is int:
                return Decimal(value).scaleb(exponent, exact)
            # avg() of whole numbers is a float on SQLite; to whole units it is right up to 2**53 of them.
            return to_decimal(value).to_integral_value(_HALF_UP, exact).scaleb(exponent, exact)

        return from_units

    def _to_numeric(self) -> Callable[[Any], Decimal | None]:
        step, widest = Decimal(1).scaleb(-self.scale), _WIDEST

        def to_numeric(value: Any) -> Decimal | None:
            if value is None:
                return None
            if value.__class__ is not Decimal:
                value = to_decimal(value)
            try:
                rounded: Decimal = value.quantize(step, None, widest)
            except decimal.InvalidOperation:
                raise NumberOverflow(f"The number {value} is too large to be stored.") from None
            if rounded.is_nan():
                raise ValueError("NaN is not a number")
            return rounded

        return to_numeric

    def coerce_compared_value(self, op: operators.OperatorType | None, value: Any) -> sa.types.TypeEngine[Any]:
        """Constants beside the column are numbers of the same scale, except factors, which must be whole."""
        if op in _SCALING:
            if isinstance(value, int):
                return sa.Integer()
            raise TypeError("an exact column can only be multiplied by a whole number in SQL; compute it in Python")
        return self

    class comparator_factory(sa.types.TypeDecorator.Comparator[Decimal]):
        """Refuses arithmetic whose result would have another scale than its type says."""

        def operate(self, op: operators.OperatorType, *other: Any, **kwargs: Any) -> sa.ColumnElement[Any]:
            if op in _SCALING:
                self._check_factor(op, other[0])
            elif op in _ADDING:
                self._check_same_scale(other[0])
            result: sa.ColumnElement[Any] = super().operate(op, *other, **kwargs)
            # Adding and multiplying by a whole number keeps the scale, so the result is of the column's type.
            return sa.type_coerce(result, self.type) if op in _SCALING or op in _ADDING else result

        @staticmethod
        def _check_factor(op: operators.OperatorType, other: Any) -> None:
            kind = getattr(other, "type", None)
            whole = isinstance(other, int) or (isinstance(kind, sa.Integer) and not isinstance(kind, ExactNumeric))
            if op is not operators.mul or not whole:
                raise TypeError("an exact column can only be multiplied by a whole number in SQL; compute it in Python")

        def _check_same_scale(self, other: Any) -> None:
            kind = getattr(other, "type", None)
            if isinstance(kind, ExactNumeric) and kind.scale != self.type.scale:  # type: ignore[attr-defined]
                raise TypeError("exact columns of different scales cannot be added in SQL; compute it in Python")


_SCALING = frozenset({operators.mul, operators.truediv, operators.floordiv, operators.mod})
_ADDING = frozenset({operators.add, operators.sub})


class Json(sa.types.TypeDecorator[Any]):
    """Any JSON value; None is SQL NULL. Keys of mappings are texts, as JSON has it; tuples come back as lists."""

    impl = sa.JSON
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(none_as_null=True)

    def __repr__(self) -> str:
        return "Json()"

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """JSONB on PostgreSQL, JSON text elsewhere."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.JSONB(none_as_null=True))
        return dialect.type_descriptor(sa.JSON(none_as_null=True))


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment, as a naive ``datetime`` in UTC. A value with a time zone is converted on its way in."""

    impl = sa.DateTime
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(timezone=False)

    def __repr__(self) -> str:
        return "UtcDateTime()"

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC, and drop the zone."""
        if value is not None and value.tzinfo is not None:
            return value.astimezone(UTC).replace(tzinfo=None)
        return value

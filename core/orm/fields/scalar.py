"""Fields with one plain value: text, truth, numbers (exact and binary), JSON and bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, NamedTuple

import nh3
import sqlalchemy as sa

from core import bounds
from core.bounds import check_file
from core.db.sqltools import in_ids
from core.db.types import ExactNumeric
from core.db.types import Json as JsonType
from core.orm import flush
from core.orm.fields.base import Field


class Id(Field):
    """The primary key. A record reads its own identity; it is never written."""

    type = "integer"
    string = "ID"
    readonly = True
    copy = False
    prefetch = False

    def setup(self, model_class: Any) -> None:
        super().setup(model_class)
        self.column_backed = True
        self.copy = False
        self.readonly = True

    def __get__(self, record: Any, owner: Any = None) -> Any:
        if record is None:
            return self
        ids = record._ids
        if not ids:
            return False
        if len(ids) > 1:
            record.ensure_one()
        return ids[0]

    def __set__(self, records: Any, value: Any) -> None:
        raise TypeError(f"{self}: the id of a record cannot be changed")

    def cache_of(self, env: Any) -> dict[Any, Any]:
        return _SelfMap()

    def sql_type(self) -> Any:
        return sa.BigInteger().with_variant(sa.Integer, "sqlite")

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        return value or None


class _SelfMap(dict):  # type: ignore[type-arg]
    """Reads every key as itself: the cache of the id field."""

    def __missing__(self, key: Any) -> Any:
        return key or None


class _Textual(Field):
    def sql_type(self) -> Any:
        return sa.Text()

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        if value is None or value is False or value == "":
            return None
        if isinstance(value, str):
            if "\x00" in value:
                raise self.bad_value(value, record, "text cannot hold NUL characters")
            if validate and not value.isascii() and not _is_unicode(value):
                raise self.bad_value(value, record, "it holds half a character")
            if validate and len(value) > bounds.TEXT and not record.env.su:
                raise self.bad_value(value, record, f"at most {bounds.TEXT} characters are allowed")
            return value
        if isinstance(value, bytes | list | tuple | dict | set) or hasattr(value, "_ids"):
            raise self.bad_value(value, record, "text is expected")
        return str(value)


def _is_unicode(text: str) -> bool:
    """Whether `text` can be stored: JSON may bring lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Char(_Textual):
    """One line of text. ``size``: the greatest number of characters; ``trim``: blanks at both ends go."""

    type = "char"
    size: int | None = None
    trim = True

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        value = super().convert_to_cache(value, record, validate)
        if value is not None and self.size and len(value) > self.size:
            if validate:
                raise self.bad_value(value, record, f"at most {self.size} characters are allowed")
            value = value[: self.size]
        return value

    def related_attributes(self) -> tuple[str, ...]:
        return ("size",)

    def description(self, env: Any) -> dict[str, Any]:
        return super().description(env) | {"trim": self.trim, "translate": bool(self.translate)}


class Text(_Textual):
    """Text of several lines."""

    type = "text"


class Html(_Textual):
    """Formatted text; what is written passes nh3's allow-list, so no script survives (``sanitize=False``: as is)."""

    type = "html"
    sanitize = True

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        value = super().convert_to_cache(value, record, validate)
        return nh3.clean(value) if value and self.sanitize and validate else value


class Boolean(Field):
    """Yes or no; never unset."""

    type = "boolean"
    null = False

    def sql_type(self) -> Any:
        return sa.Boolean()

    def column(self) -> sa.Column[Any]:
        if self.company_dependent:
            return super().column()
        return sa.Column(self.name, self.sql_type(), nullable=False, server_default=sa.false())

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        return bool(value)

    def convert_to_display(self, value: Any, record: Any) -> str:
        return str(record.env._("Yes") if value else record.env._("No"))

    def convert_to_export(self, value: Any, record: Any) -> Any:
        return bool(value)


class _Number(Field):
    """A number; unset reads as zero, and the column is never NULL, so that SQL and Python agree."""

    null: Any = 0
    unset: Any = 0
    aggregator = "sum"

    def column(self) -> sa.Column[Any]:
        if self.company_dependent:
            return super().column()
        return sa.Column(self.name, self.sql_type(), nullable=False, server_default=sa.text("0"))

    def description(self, env: Any) -> dict[str, Any]:
        result = super().description(env)
        if self.aggregator:
            result["aggregator"] = self.aggregator
        return result


INT64 = 2**63


class Integer(_Number):
    """A whole number of at most 64 bits."""

    type = "integer"

    def sql_type(self) -> Any:
        return sa.BigInteger()

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        if value.__class__ is int:
            number = value
        elif not value:
            return 0
        else:
            if isinstance(value, Decimal) and not (value.is_finite() and bounds.is_small_enough(value)):
                raise self.bad_value(value, record, "it is too large")
            try:
                number = int(value)
            except (TypeError, ValueError, ArithmeticError):
                raise self.bad_value(value, record, "a whole number is expected") from None
            if not isinstance(value, str) and number != value:
                raise self.bad_value(value, record, "a whole number is expected")
        if validate and not -INT64 <= number < INT64:
            raise self.bad_value(value, record, "it is too large")
        return number


class Float(_Number):
    """A binary floating-point number, for measurements, never for quantities or money. ``digits`` guides display."""

    type = "float"
    null = unset = 0.0
    digits: Any = None

    def sql_type(self) -> Any:
        return sa.Double()

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        try:
            number = float(value or 0.0)
        except (TypeError, ValueError, OverflowError):
            raise self.bad_value(value, record, "a number is expected") from None
        if validate and not math.isfinite(number):
            raise self.bad_value(value, record, "a finite number is expected")
        return number

    def related_attributes(self) -> tuple[str, ...]:
        return ("digits",)


ZERO = Decimal(0)


class Quantity(_Number):
    """An exact decimal quantity with at most ``digits`` decimals (default 6); always a ``Decimal`` in Python.

    Written values may be Decimal, int, str or float; a float is read as its shortest decimal notation, and what has
    more decimals than the field is rounded half up to them. NaN and infinities are refused, and so is, of users, what
    is rounded to nothing. ``uom_field``: the link to the unit of the quantity, whose ``rounding`` counts for that.
    """

    type = "quantity"
    null = unset = ZERO
    digits: int = 6
    uom_field: str = ""

    def setup(self, model_class: Any) -> None:
        super().setup(model_class)
        self._step = Decimal(1).scaleb(-self.digits)
        self.null = self.unset = ZERO.quantize(self._step)

    def setup_related(self, env: Any) -> None:
        super().setup_related(env)
        self._step = Decimal(1).scaleb(-self.digits)
        self.null = self.unset = ZERO.quantize(self._step)

    def sql_type(self) -> Any:
        return ExactNumeric(self.digits)

    def related_attributes(self) -> tuple[str, ...]:
        return ("digits",)

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        if value.__class__ is not Decimal:
            if value is None or value is False or value == "":
                value = ZERO
            try:
                value = Decimal(repr(value) if isinstance(value, float) else value)
            except (InvalidOperation, TypeError, ValueError):
                raise self.bad_value(value, record, "a number is expected") from None
        if not value.is_finite():
            raise self.bad_value(value, record, "a finite number is expected")
        try:
            # always to the same number of decimals: a value looks the same before and after it was stored
            return value.quantize(self._step, ROUND_HALF_UP)
        except InvalidOperation:
            raise self.bad_value(value, record, "it has too many digits") from None

    def convert_to_display(self, value: Any, record: Any) -> str:
        return f"{value.normalize():f}" if value else "0"

    def description(self, env: Any) -> dict[str, Any]:
        # clients know a quantity as Odoo's float with digits
        return super().description(env) | {"type": "float", "digits": [16, self.digits], "exact": True}


class Monetary(Quantity):
    """An exact amount of money in the currency of ``currency_field`` (default ``currency_id``)."""

    type = "monetary"
    digits = 4
    currency_field: str | None = None

    def setup(self, model_class: Any) -> None:
        super().setup(model_class)
        if self.currency_field is None:
            names = ("currency_id", "x_currency_id")
            self.currency_field = next((name for name in names if name in model_class._fields), "currency_id")

    def description(self, env: Any) -> dict[str, Any]:
        return super().description(env) | {"type": "monetary", "currency_field": self.currency_field}


class Json(Field):
    """Any JSON value."""

    type = "json"

    def sql_type(self) -> Any:
        return JsonType()

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        if value is None or value is False:
            return None
        if validate:
            try:
                text = json.dumps(value)
            except (TypeError, ValueError, RecursionError) as error:
                raise self.bad_value(value, record, f"it is not JSON: {error}") from None
            if len(text) > bounds.TEXT and not record.env.su:
                raise self.bad_value(value, record, f"at most {bounds.TEXT} characters are allowed")
        return value


class Outline(NamedTuple):
    """What is known of content that was not read: its size in bytes, and a text that changes when it changes."""

    size: int
    mark: str


class Binary(Field):
    """Bytes. Written and read as base64 text, as in Odoo; ``bytes`` that are not base64 are taken as they are."""

    type = "binary"
    prefetch = False
    attachment = False

    def sql_type(self) -> Any:
        return sa.LargeBinary()

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        if not value:
            return None
        if validate and isinstance(value, str | bytes):
            # Of base64, before it is decoded.
            check_file(len(value) * 3 // 4 - 2, self.name)
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, TypeError, ValueError):
            if isinstance(value, bytes):
                return value
            raise self.bad_value("...", record, "base64 text is expected") from None

    def convert_to_record(self, value: Any, record: Any) -> Any:
        return base64.b64encode(value) if value is not None else False

    def convert_to_read(self, value: Any, record: Any) -> Any:
        return value.decode() if value else False

    def outlines(self, records: Any) -> dict[int, Outline]:
        """Size and mark of what those of `records` have in the field that have something in it, by id.

        Where it lies in a column, here or along a related path, it is not read itself, and one statement tells of all
        records. Raises AccessError for records that the user may not read.
        """
        records.check_access("read")
        if self.column_backed:
            return self._outlines_of_column(records.sudo())
        if self.related and all(link.type == "many2one" for link in self._links(records)):
            return self._outlines_along(records.sudo())
        found = {record.id: base64.b64decode(record[self.name] or b"") for record in records}
        return {id_: Outline(len(content), _mark(content)) for id_, content in found.items() if content}

    def _links(self, records: Any) -> list[Field]:
        links = []
        for name in self.related[:-1]:
            links.append(records._fields[name])
            records = records.env[links[-1].comodel_name]
        return links

    def _outlines_along(self, records: Any) -> dict[int, Outline]:
        path, end = ".".join(self.related[:-1]), self.related_field(records.env)
        ends = {record.id: record.mapped(path)[:1].id for record in records}
        targets = records.env[end.model_name].browse({id_ for id_ in ends.values() if id_})
        known = end.outlines(targets)
        return {id_: known[target] for id_, target in ends.items() if target in known}

    def _outlines_of_column(self, records: Any) -> dict[int, Outline]:
        table = records._sql_table()
        flush.flush_model(records.env, records._name)
        columns = [table.c.id, sa.func.length(table.c[self.name])]
        columns += [table.c.write_date] if "write_date" in table.c else []
        statement = sa.select(*columns).where(in_ids(table.c.id, records.ids), table.c[self.name].is_not(None))
        return {
            id_: Outline(size, _mark(f"{self} {id_} {size} {when}".encode()))
            for id_, size, *when in records.env.cr.execute(statement)
        }


def _mark(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()[:16]

"""A field's value from a cell: text as people and spreadsheets write it, or a number or truth value as it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

TRUE = ("1", "true", "yes", "t")
FALSE = ("", "0", "false", "no", "f")


def is_empty(cell: Any) -> bool:
    """Whether a cell says nothing. A zero says something."""
    return cell is None or cell is False or (isinstance(cell, str) and not cell.strip())


def from_cell(field: Any, cell: Any, record: Any) -> Any:
    """The value to write for a cell; an empty one unsets the field.

    Choices are given by key or by label; moments are of the context's time zone, UTC without one.

    Args:
        record: a recordset of the field's model, for its environment.

    Raises:
        ValueError, ValidationError: when the cell does not suit the field.
    """
    if is_empty(cell):
        return False
    value = cell
    if isinstance(cell, str):
        value = from_text(field, cell)
        if field.type == "selection":
            value = _key(field, value, record)
        elif field.type == "datetime" and value:
            value = _moment(field, value, record)
    field.convert_to_cache(value, record)
    return value


def _key(field: Any, text: str, record: Any) -> str:
    options = field.options(record)
    keys = {str(key).lower(): key for key, _label in options}
    labels = {str(label).lower(): key for key, label in options}
    lowered = text.lower()
    return str(keys.get(lowered, labels.get(lowered, text)))


def _moment(field: Any, text: str, record: Any) -> datetime:
    moment = field.convert_to_cache(datetime.fromisoformat(text) if _is_iso(text) else text, record)
    zone = ZoneInfo(record.env.context.get("tz") or "UTC")
    return moment if _has_zone(text) else moment.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def _is_iso(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _has_zone(text: str) -> bool:
    return datetime.fromisoformat(text).tzinfo is not None


def from_text(field: Any, text: str) -> Any:
    """A field's value from text, as data files write it.

    Args:
        field: its type decides.
        text: empty means unset.

    Raises:
        ValueError: when the text does not suit the field.
    """
    kind = field.type
    if kind in ("char", "text", "html"):
        return text or False
    text = text.strip()
    if kind == "boolean":
        lowered = text.lower()
        if lowered in TRUE:
            return True
        if lowered in FALSE:
            return False
        raise ValueError(f"{text!r} is neither True nor False")
    if not text or text == "False":
        return False
    if kind in ("integer", "float"):
        return _number(int if kind == "integer" else float, text)
    if kind == "many2one":
        raise ValueError(f"{text!r} cannot name a record; use ref, search or eval (in CSV a column ending in /id)")
    if kind in ("one2many", "many2many"):
        raise ValueError("records cannot be given as text; use eval with Command (in CSV a column ending in /id)")
    return text


def _number(kind: type, text: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f"{text!r} is no {'whole ' if kind is int else ''}number") from None

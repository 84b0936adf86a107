"""Rows into records: what each column holds, and which rows belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.exceptions import ValidationError
from core.orm.sheets.cells import is_empty
from core.orm.sheets.paths import IDS, Path, path_of

LINKS = ("many2one", "many2many", "one2many")


@dataclass(slots=True)
class Column:
    """A column that a record's own values stand in: the field, and how its cells name records (``id``, ``.id``, "")."""

    position: int
    field: Any
    by: str


@dataclass(slots=True)
class Columns:
    """The columns of one model: what identifies its records, their own values, and their lines."""

    model: Any
    ids: dict[str, int] = field(default_factory=dict)
    own: list[Column] = field(default_factory=list)
    lines: dict[str, Columns] = field(default_factory=dict)

    @property
    def identify_only(self) -> bool:
        """Whether nothing is said of the records but which they are."""
        return not self.own and not self.lines

    def positions(self) -> list[int]:
        """Where a record's own cells stand."""
        return [*self.ids.values(), *(column.position for column in self.own)]


@dataclass(slots=True)
class Row:
    """A record in the sheet: the rows that it takes (first and last), the cells of the first, and its lines."""

    columns: Columns
    first: int
    last: int
    cells: Sequence[Any]
    lines: dict[str, list[Row]] = field(default_factory=dict)

    def cell(self, position: int) -> Any:
        """A cell; an empty one where the row is too short."""
        return self.cells[position] if position < len(self.cells) else ""


def columns_of(model: Any, titles: Sequence[str]) -> Columns:
    """What the columns hold. Raises ValidationError for titles that name nothing (of a field: ``fields``)."""
    columns = Columns(model)
    for position, title in enumerate(titles):
        _place(columns, path_of(title), position, title)
    return columns


def _place(columns: Columns, path: Path, position: int, title: str) -> None:
    name, *rest = path
    if name in IDS:
        columns.ids[name] = position
        return
    spec = columns.model._fields.get(name)
    if spec is None:
        known = columns.model._similar_field(name)
        raise ValidationError(f"{columns.model._description} has no field {name!r}.{known}", fields=[title])
    if rest and spec.type not in LINKS:
        raise ValidationError(f"the column {title!r} needs a relation, not a {spec.type}", fields=[title])
    if rest and spec.type == "one2many":
        lines = columns.lines.setdefault(name, Columns(columns.model.env[spec.comodel_name]))
        _place(lines, tuple(rest), position, title)
        return
    if rest and (len(rest) > 1 or rest[0] not in IDS):
        raise ValidationError(
            f"the column {title!r} reaches into records of {spec.comodel_name}; load these on their own, and name them "
            f"here by {name}, {name}/id or {name}/.id",
            fields=[title],
        )
    columns.own.append(Column(position, spec, rest[0] if rest else ""))


def records_of(columns: Columns, rows: Sequence[Sequence[Any]], first: int = 0, last: int | None = None) -> list[Row]:
    """The records in a range of rows, in order; rows that are empty for them are left out.

    Args:
        last: the number of the last row; None for the end.
    """
    last = len(rows) - 1 if last is None else last
    own, found = columns.positions(), []
    of_lines = [position for lines in columns.lines.values() for position in _all(lines)]
    for number in range(first, last + 1):
        cells = rows[number]
        if _any(cells, own) or (not found and _any(cells, of_lines)):
            found.append(Row(columns, number, number, cells))
        elif found and _any(cells, of_lines):
            found[-1].last = number
    for row in found:
        row.lines = {name: records_of(lines, rows, row.first, row.last) for name, lines in columns.lines.items()}
    return found


def _all(columns: Columns) -> list[int]:
    return columns.positions() + [position for lines in columns.lines.values() for position in _all(lines)]


def _any(cells: Sequence[Any], positions: Sequence[int]) -> bool:
    return any(position < len(cells) and not is_empty(cells[position]) for position in positions)

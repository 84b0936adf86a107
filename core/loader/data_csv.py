"""CSV data files: ``<model>.csv``, one record per line, one field per column.

The header names fields. ``id`` is the external id. A relation is given by external id in a column ``field/id`` (or
``field:id``), by database id in ``field/.id`` (``field.id``), or by name in a column ``field``; several are separated
by commas. An empty cell means unset.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.exceptions import ValidationError
from core.loader.discovery import Addon
from core.loader.records import Draft, Place, RecordLoader, told_at
from core.orm.commands import Command
from core.orm.sheets.cells import from_text
from core.orm.sheets.paths import IDS, path_of


@dataclass(frozen=True)
class Column:
    """One column: the field, and how its cells name records (``id``, ``.id`` or nothing)."""

    name: str
    field: Any
    by: str


def load_csv(loader: RecordLoader, addon: Addon, relative: str, *, noupdate: bool = False) -> None:
    """Load one CSV data file of an addon.

    Raises:
        DataFileError: naming the line, the record and the field.
    """
    path = addon.file(relative)
    model = model_of(path)
    place = Place(addon.name, str(path), 1)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            header = next(reader, None)
            if not header:
                return
            columns = [_column(loader, model, title.strip(), place) for title in header]
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    loader.add(_draft(loader, model, columns, cells, replace(place, line=reader.line_num), noupdate))
    except OSError as error:
        raise place.error(f"the file cannot be read: {error.strerror}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise place.error(f"the file is no CSV in UTF-8: {error}") from error
    loader.flush()


def _column(loader: RecordLoader, model: str, title: str, place: Place) -> Column:
    if title == "id":
        loader.fields_of(model, place)
        return Column("id", None, "id")
    try:
        name, *rest = path_of(title)
    except ValidationError as error:
        raise place.error(str(error)) from error
    by = rest[0] if rest else ""
    if by not in ("", *IDS) or len(rest) > 1 or name in IDS:
        raise place.error(f"the column {title!r} is not understood; columns are field, field/id or field/.id")
    field = loader.field_of(model, name, place)
    if by and field.type not in ("many2one", "one2many", "many2many"):
        raise replace(place, field=field.name).error(f"the column {title!r} needs a relation, not a {field.type}")
    return Column(name, field, by)


def _draft(
    loader: RecordLoader, model: str, columns: list[Column], cells: list[str], place: Place, noupdate: bool
) -> Draft:
    if len(cells) > len(columns):
        raise place.error(f"the line has {len(cells)} cells, and there are {len(columns)} columns")
    xmlid = None
    values: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=False):
        if column.field is None:
            xmlid = loader.xmlids.full(cell.strip(), loader.addon) if cell.strip() else None
            place = replace(place, record=xmlid)
            continue
        with told_at(replace(place, field=column.name)):
            values[column.name] = _cell(loader, column, cell)
    forcecreate = bool(xmlid) or not loader.update
    return Draft(place, model, xmlid, values, noupdate=noupdate, forcecreate=forcecreate)


def _cell(loader: RecordLoader, column: Column, cell: str) -> Any:
    kind = column.field.type
    if kind not in ("many2one", "one2many", "many2many"):
        return from_text(column.field, cell)
    names = [name.strip() for name in (cell.split(",") if kind != "many2one" else [cell]) if name.strip()]
    ids = [_related(loader, column, name) for name in names]
    if kind == "many2one":
        return ids[0] if ids else False
    return [Command.set(ids)]


def _related(loader: RecordLoader, column: Column, name: str) -> int:
    comodel = column.field.comodel_name
    if column.by == ".id":
        return int(name)
    if column.by == "id":
        entry = loader.entry(name)
        if entry.model != comodel:
            raise LookupError(f"{entry.xmlid} is a {entry.model}, and {comodel} is wanted")
        return entry.res_id
    loader.flush()
    found = loader.env[comodel].name_search(name, operator="=", limit=2)
    if len(found) != 1:
        raise LookupError(f"{'several' if found else 'no'} {comodel} records are called {name!r}; use {column.name}/id")
    return found[0][0]


def model_of(path: Path) -> str:
    """The model that a CSV file is for, by its name: ``res.partner.csv``, ``res.partner-more.csv``."""
    return path.stem.split("-", 1)[0]

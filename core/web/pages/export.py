"""Lists as CSV files."""

from __future__ import annotations

import csv
import io
from typing import Any

from werkzeug.wrappers import Response

from core.rounding import format_number
from core.web.field_rules import TABLES, FieldRules, exact
from core.web.forms.values import read_value
from core.web.forms.widgets import Widgets
from core.web.pages.columns import columns_of
from core.web.pages.opening import Opening, list_address, open_model
from core.web.pages.searching import read_search
from core.web.visit import Visit

_MOST = 100_000
_BATCH = 2000
# A spreadsheet would take a text that starts so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def show(visit: Visit, model: str) -> Response:
    """``GET /app/<model>/export.csv``: all the records that the list shows."""
    opening = open_model(visit, model)
    search = read_search(opening, lambda **changes: list_address(opening, **changes))
    return write_csv(opening, opening.records.search(search.domain(), limit=_MOST))


def write_csv(opening: Opening, records: Any) -> Response:
    """The columns of the list view for `records`, as a file."""
    rules = opening.rules_of(opening.model)
    shown = columns_of(opening.view("list"), rules, Widgets(opening.visit.app.templates), opening.env.context)
    # A file is no text that a cell could hold, and a button no value.
    columns = [column for column in shown if column.node.kind == "field" and column.rules.type != "binary"]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.node.string or column.rules.label for column in columns])
    for start in range(0, len(records), _BATCH):
        for record in records[start : start + _BATCH]:
            writer.writerow([_cell(record, column.rules) for column in columns])
    name = opening.model.replace(".", "_")
    # The mark at the start tells spreadsheets that the file is UTF-8.
    return Response(
        "\ufeff" + text.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _cell(record: Any, rules: FieldRules) -> str:
    if rules.type in TABLES:
        text = ", ".join(item.label for item in read_value(record, rules))
    else:
        value = record._fields[rules.name].convert_to_export(record[rules.name], record)
        if rules.numeric:
            return format_number(exact(value))
        if rules.type in ("boolean", "binary"):
            return "1" if value else "0"
        text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text

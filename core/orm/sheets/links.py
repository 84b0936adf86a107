"""Records that cells name: by name, external id or database id. All that a sheet names is looked up together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from core.bounds import is_integer
from core.orm.domain import Domain
from core.orm.sheets.cells import is_empty
from core.orm.sheets.rows import Column, Row

#: Where external ids without an addon's name belong.
MODULE = "__import__"
# So many names are looked up in one statement.
NAMES = 50
FEW = 1000


def full(xmlid: str) -> str:
    """An external id with the name that it belongs to."""
    return xmlid if "." in xmlid else f"{MODULE}.{xmlid}"


def names_in(column: Column, cell: Any) -> list[str]:
    """The names in a cell, separated by commas where a column may name several records."""
    if is_empty(cell):
        return []
    text = str(cell)
    parts = [text] if column.field.type == "many2one" else text.split(",")
    return [part.strip() for part in parts if part.strip()]


class Links:
    """What the cells of a sheet name.

    ``named`` tells of external ids: (model, id), for those whose record is there.
    """

    def __init__(self, env: Any) -> None:
        self.env = env
        self.named: dict[str, tuple[str, int]] = {}
        self._there: dict[str, set[int]] = {}
        self._called: dict[tuple[str, str], Any] = {}

    def look_up(self, rows: Iterable[Row]) -> None:
        """Find everything that the rows name: a few statements, however many rows there are."""
        xmlids: set[str] = set()
        numbers: defaultdict[str, set[int]] = defaultdict(set)
        names: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for model, by, text in _mentions(rows):
            if by == "id":
                xmlids.add(full(text))
            elif by == ".id":
                numbers[model].update([int(text)] if is_integer(text) else [])
            else:
                names[model][text] = None
        known = self._read(xmlids)
        for model, id_ in known.values():
            numbers[model].add(id_)
        for model, ids in numbers.items():
            if model in self.env.registry.models:
                self._there[model] = set(self.env[model].browse(sorted(ids)).exists().ids)
        self.named = {xmlid: found for xmlid, found in known.items() if found[1] in self._there.get(found[0], ())}
        for model, texts in names.items():
            self._find(self.env[model], list(texts))

    def _read(self, xmlids: set[str]) -> dict[str, tuple[str, int]]:
        if not xmlids or "ir.model.data" not in self.env.registry.models:
            return {}
        names = sorted({xmlid.partition(".")[2] for xmlid in xmlids})
        rows = self.env["ir.model.data"].sudo().search([("name", "in", names)])
        found = {f"{row.module}.{row.name}": (row.model, row.res_id) for row in rows}
        return {xmlid: found[xmlid] for xmlid in xmlids if xmlid in found}

    def _find(self, model: Any, texts: list[str]) -> None:
        for start in range(0, len(texts), NAMES):
            conditions = {text: model._name_search_domain(text, "=") for text in texts[start : start + NAMES]}
            found = model.search(Domain.OR(conditions.values()))
            for text, condition in conditions.items():
                self._called[model._name, text] = found.filtered_domain(condition) if found else found
        missing = {text for text in texts if not self._called[model._name, text]}
        # What is shown may be more than the name: "My Company: Receipts". Only few are compared one by one.
        shown = model.search([], limit=FEW + 1) if missing else model.browse()
        for record in shown if len(shown) <= FEW else ():
            if record.display_name in missing:
                self._called[model._name, record.display_name] |= record

    def remember(self, xmlid: str, record: Any) -> None:
        """Take note of a record that was created under an external id."""
        self.named[xmlid] = (record._name, record.id)
        self._there.setdefault(record._name, set()).add(record.id)

    def forget_names(self, model: Any) -> None:
        """Records of the model were created: names that were not found are looked up again."""
        missing = [text for (name, text), found in self._called.items() if name == model._name and not found]
        self._find(model, missing)

    # -- answers

    def by_xmlid(self, model: Any, text: str) -> int | None:
        """The id of the record with this external id; None when there is none. LookupError for another model's."""
        found = self.named.get(full(text))
        if found and found[0] != model._name:
            raise LookupError(f"{full(text)} is a record of {found[0]}, and one of {model._name} is wanted")
        return found[1] if found else None

    def by_number(self, model: Any, text: str) -> int:
        """The database id that a cell gives. Raises LookupError when there is no such record."""
        if not is_integer(text) or int(text) not in self._there.get(model._name, ()):
            raise LookupError(f"there is no {model._description} with the database id {text}")
        return int(text)

    def by_name(self, model: Any, text: str) -> Any:
        """The records of that name, in the model's order; none or several is for the caller to judge."""
        return self._called.get((model._name, text), model.browse())


def _mentions(rows: Iterable[Row]) -> Iterator[tuple[str, str, str]]:
    """(model, how, text) of every record that the rows name, themselves included."""
    for row in rows:
        model = row.columns.model
        for by, position in row.columns.ids.items():
            if not is_empty(row.cell(position)):
                yield from ((model._name, by, text.strip()) for text in str(row.cell(position)).split(","))
        for column in row.columns.own:
            if column.field.relational:
                yield from (
                    (column.field.comodel_name, column.by, text) for text in names_in(column, row.cell(column.position))
                )
        for lines in row.lines.values():
            yield from _mentions(lines)

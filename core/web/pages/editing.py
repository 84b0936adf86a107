"""Lists whose rows are edited in place (``<list editable="bottom">``): the tables of forms, over a page of records."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from markupsafe import Markup

from core.bounds import is_integer
from core.exceptions import UserError, ValidationError
from core.i18n import _
from core.web.field_rules import FieldRules
from core.web.forms.binding import Binding, Typed
from core.web.forms.lines import CREATE, UPDATE, LineTable, Row
from core.web.forms.quick_create import choose, create_pending
from core.web.forms.state import expression_names, unseen_defaults
from core.web.forms.values import NameFinder, from_answer, read_rows, without_files
from core.web.forms.widgets import Widgets
from core.web.layout import FormLayout
from core.web.pages.form import completion_url
from core.web.pages.opening import Opening
from core.web.views.arch import Node, View

NAME = "rows"


@contextmanager
def _noting(records: Any, *, id: int = 0, place: int | None = None) -> Iterator[None]:
    """Tell a ValidationError which row was being saved."""
    try:
        yield
    except ValidationError as error:
        error.note_lines(NAME, records._name, id=id, place=place)
        raise


class EditableRows:
    """The rows of one page of an editable list. It stands in for the form that a table usually lies in."""

    def __init__(
        self,
        opening: Opening,
        view: View,
        records: Any,
        chosen: Collection[str] | None = None,
        *,
        posted: Collection[int] = (),
    ) -> None:
        """`posted` are the ids of rows that a form was sent with: they are edited though the page has others now."""
        records |= records.search([("id", "in", [id_ for id_ in posted if id_ not in records._ids])])
        self.opening, self.record = opening, opening.records
        env = opening.env
        names = expression_names(env, opening.records)
        node = Node("field", "n0", {"name": NAME}, views={"list": view})
        root = Node("form", "n", {}, children=[node])
        self.view = View("form", opening.model, view.name, root)
        self.binding = Binding({}, {}, {}, opening.visit.formats, names=names)
        field = FieldRules(NAME, "one2many", str(opening.records._description or ""), comodel=opening.model)
        rules = opening.rules_of(opening.model)
        shown = [name for name in dict.fromkeys([*view.field_nodes, *sorted(view.used_names)]) if name in rules]
        inner = {name: rules[name] for name in shown}
        self.table = LineTable(
            field, node, view, inner, opening.visit.formats, self.binding, names=names, editable=True
        )
        self.table.choosing = True
        self.table.chosen = chosen
        self.table.may_create = opening.allows("create") and opening.records.check_access_rights("create", False)
        self.tables = {NAME: self.table}
        self.new = False
        values = read_rows(records, inner, inner)
        for record in records:
            self.table.add(str(record.id), record.id, values[record.id], str(record.display_name or ""))
        self.base = dict(self.table.base())

    @property
    def failed(self) -> bool:
        """Whether any cell has an error."""
        return self.table.failed

    @property
    def changed(self) -> bool:
        """Whether anything was typed."""
        return bool(self.table.commands())

    def read(self, page: Typed) -> bool:
        """Take over what was typed; whether it can be saved."""
        self.base |= page.base
        gone = [key for key in page.list(NAME) if is_integer(key) and self.table.row(key) is None]
        if gone:
            self.table.error = str(_("Another user deleted a row of this list. Check the rows and save again."))
        self.table.read(page, NameFinder(self.opening.env), self._defaults() if page.has(NAME) else {})
        for row in self.table.rows:
            if dropped := row.binding.drop_closed():
                self._recompute(row)
                row.binding.reopen(dropped)
        self.table.check_required()
        return not self.failed

    def add(self) -> None:
        """Append an empty row."""
        row = self.table.add(self.table.new_key(), 0, self._defaults())
        row.fresh = True
        self.base.update(row.binding.base())

    def _recompute(self, row: Row) -> None:
        """Take over what the model computes of what was typed into a row, for read-only fields."""
        record, binding = self.opening.records.browse(row.id), row.binding
        typed = binding.changes(None if row.id else self.table.creatable_names(row))
        values = typed if row.id else unseen_defaults(record, ()) | typed
        spec: dict[str, Any] = {name: {} for name in without_files(self.table.rules)}
        self.table.show_computed({row.key: record.onchange(values, list(typed), spec)["value"]})

    def choose(self, chosen: str) -> None:
        """Take one of the records that an unclear name may mean, or a new one: ``rows.<key>.<field>|<id>|<name>``."""
        name, _bar, choice = chosen.partition("|")
        _rows, key, field = [*name.split("."), "", "", ""][:3]
        row = self.table.row(key)
        if row is not None:
            choose(row.binding, field, choice)

    def _defaults(self) -> dict[str, Any]:
        model = self.opening.records
        spec: dict[str, Any] = {name: {} for name in without_files(self.table.rules)}
        answer = model.onchange(unseen_defaults(model, self.table.rules), [], spec)["value"]
        return {name: from_answer(rules, answer.get(name)) for name, rules in self.table.rules.items()}

    def save(self) -> None:
        """Write what was typed. A ValidationError says of which row it is (see `blame`)."""
        records, made = self.opening.records, 0
        create_pending(self.opening.env, [row.binding for row in self.table.rows])
        for command, id_, values in self.table.commands():
            if command == CREATE:
                with _noting(records, place=made):
                    records.create(values)
                made += 1
            elif command == UPDATE:
                with _noting(records, id=id_):
                    records.browse(id_).write(values)
            else:
                records.browse(id_).unlink()

    def blame(self, error: UserError) -> str:
        """Put a refusal at the cells it is about; returns what remains to be said of the whole list."""
        if not isinstance(error, ValidationError) or not error.flaws:
            return str(error)
        for flaw in error.flaws:
            self.table.blame(flaw)
        return str(_("This could not be saved yet."))

    def draw(self) -> tuple[Markup, str]:
        """The table, and the fingerprints of the inputs in it."""
        visit = self.opening.visit
        layout = FormLayout(self, Widgets(visit.app.templates))  # type: ignore[arg-type]
        layout.live = False
        layout.complete = lambda bound, domain, defaults: completion_url(visit, bound, domain, defaults)
        html = layout.body()
        base = {name: mark for name, mark in self.base.items() if name in layout.drawn}
        return html, json.dumps(base, separators=(",", ":"))

    def problems(self) -> list[str]:
        """Every error, one sentence each."""
        return self.table.describe_errors()

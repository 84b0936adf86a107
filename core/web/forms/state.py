"""A form as it stands: a view, a record (or none yet), the values as typed so far, and the tables in it.

FormState.open(...)         values from the record, or the defaults of a new one
.read(page)                 what came back from the browser on top of them
.onchange(edited)           what the model makes of it
.values_to_save()           what create() or write() take
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from core.exceptions import Flaw, UserError
from core.web.field_rules import TABLES, Choice, Rules, same
from core.web.forms.binding import Binding, Typed
from core.web.forms.formats import Formats, formats_for
from core.web.forms.lines import CREATE, PAGE, LineTable, Row, flaws_of
from core.web.forms.quick_create import create_pending
from core.web.forms.values import NameFinder, from_answer, read_values, without_files
from core.web.views.arch import Node, View


class FormState:
    """One form being shown or sent back. Make it with `open_form`."""

    def __init__(
        self,
        env: Any,
        view: View,
        record: Any,
        rules: Rules,
        formats: Formats,
        *,
        editable: bool,
        pages: Mapping[str, int] | None = None,
    ) -> None:
        #: The pages of tables with many lines that are asked for, by the name of the table.
        self.pages = pages or {}
        self.env, self.view, self.record, self.rules, self.formats = env, view, record, rules, formats
        self.editable = editable
        self.names = expression_names(env, record)
        self.tables: dict[str, LineTable] = {}
        self.errors: list[str] = []
        #: Names of the tables with the lines that a refusal names.
        self.blamed: set[str] = set()
        self.warning = ""
        self.base: dict[str, str] = {}
        self.unseen: dict[str, Any] = {}
        nodes = {
            name: node
            for name, node in view.field_nodes.items()
            if rules[name].type not in TABLES or "list" not in node.views
        }
        self.binding = Binding(nodes, rules, {}, formats, names=self.names, editable=editable)

    @property
    def new(self) -> bool:
        """Whether the record is not stored yet."""
        return not self.record.id

    # -- values from the record

    def load(self, rules_of: Any) -> None:
        """Take the values of the record, or the defaults; `rules_of` gives the rules of the fields of any model."""
        tables = [node for node in self.view.field_nodes.values() if node.name not in self.binding.nodes]
        names = self._value_names()
        if self.new:
            self.unseen = unseen_defaults(self.record, names)
            answer = self.record.onchange(self.unseen, [], self.spec())["value"]
            for name in names:
                if name in answer:
                    self.binding.values[name] = from_answer(self.rules[name], answer[name])
        else:
            answer = {}
            self.binding.values.update(read_values(self.record, names, self.rules))
        for node in tables:
            self._load_table(node, rules_of, answer)

    def _value_names(self) -> list[str]:
        known = self.record._fields
        names = dict.fromkeys([*self.binding.nodes, *sorted(self.view.used_names)])
        return [name for name in names if name in known and name not in self.tables and self._readable(name)]

    def _readable(self, name: str) -> bool:
        node = self.view.field_nodes.get(name)
        if node is not None and name not in self.binding.nodes:
            return False
        return bool(self.record._field_allowed(self.record._fields[name]))

    def _load_table(self, node: Node, rules_of: Any, answer: Mapping[str, Any]) -> None:
        rules = self.rules[node.name]
        view = node.views["list"]
        table = LineTable(
            rules,
            node,
            view,
            self._inner_rules(view, rules_of(rules.comodel), rules.comodel),
            self.formats,
            self.binding,
            names=self.names,
            editable=not self.binding.is_readonly(node),
        )
        table.opens = not view.editable and not self.env[rules.comodel]._transient
        self.tables[node.name] = table
        if self.new:
            fill_rows(table, answer.get(node.name) or [])
        else:
            table.stamp = self._stamp_row
            table.set_lines(self.record[node.name], self.pages.get(node.name, 1))
        self._set_lines(table)

    def _set_lines(self, table: LineTable) -> None:
        """Let expressions see which lines there are."""
        ids = [row.id for row in table.rows] + (table.unloaded if table.is_paged else [])
        self.binding.set(table.name, tuple(ids), changed=False)

    def _stamp_row(self, row: Row) -> None:
        """Note the texts that a row is about to be drawn with."""
        self.base = dict(row.binding.base()) | self.base

    def _inner_rules(self, view: View, rules: Rules, comodel: str) -> Rules:
        model = self.env[comodel]
        names = [name for name in dict.fromkeys([*view.field_nodes, *sorted(view.used_names)]) if name in model._fields]
        return {name: rules[name] for name in names if model._field_allowed(model._fields[name])}

    # -- what the model is asked for

    def spec(self, *, loaded_only: bool = False) -> dict[str, Any]:
        """The fields of the form and of its tables, as `onchange` takes them.

        Args:
            loaded_only: nothing is asked about lines of other pages; else what changes in them.
        """
        names = self._value_names()
        spec: dict[str, Any] = {name: {} for name in names if self.rules[name].type != "binary"}
        for name, node in self.view.field_nodes.items():
            if name not in self.binding.nodes:
                inner = node.views["list"]
                known = self.env[self.rules[name].comodel]._fields
                names = [*inner.field_nodes, *inner.used_names]
                spec[name] = {"fields": {item: {} for item in names if item in known and known[item].type != "binary"}}
                table = self.tables.get(name)
                if table is not None and table.is_paged:
                    loaded = [row.id for row in table.rows if row.id]
                    spec[name] |= {"only": loaded, "changed": not loaded_only}
        return spec

    # -- what came back

    def read(self, page: Typed, *, as_sent: bool = False) -> None:
        """Take over what was typed; errors stand at their fields.

        Args:
            as_sent: keep what the view closes, and compute nothing: the page as its user sees it.
        """
        self.base |= page.base
        finder = NameFinder(self.env)
        self.binding.read(page, finder)
        for table in self.tables.values():
            if table.editable:
                table.read(page, finder, self.row_defaults(table) if page.has(table.name) else {})
        if not as_sent:
            self._drop_closed()

    def _drop_closed(self) -> None:
        """Drop what was typed into fields that the view closes.

        A condition may read computed fields that are not on the page; of a new line only their defaults are known
        until the model has answered to the rest of what was typed.
        """
        bindings = [self.binding, *(row.binding for table in self.tables.values() for row in table.rows)]
        dropped = [(binding, names) for binding in bindings if (names := binding.drop_closed())]
        if dropped:
            self.recompute()
        for binding, names in dropped:
            binding.reopen(names)

    def row_defaults(self, table: LineTable) -> dict[str, Any]:
        """The values of a new row."""
        model = self.env[table.field.comodel].with_context(**self.row_context(table))
        spec: dict[str, Any] = {name: {} for name in without_files(table.rules)}
        answer = model.onchange(unseen_defaults(model, table.rules), [], spec)["value"]
        return {name: from_answer(rules, answer.get(name)) for name, rules in table.rules.items()}

    def row_context(self, table: LineTable) -> dict[str, Any]:
        """The context in which the lines of a table are made."""
        context = self.binding.context(table.node)
        if table.field.inverse and not self.new:
            context[f"default_{table.field.inverse}"] = self.record.id
        return context

    def add_row(self, name: str) -> Row | None:
        """Append an empty line to the table `name`, if lines can be added there."""
        table = self.tables.get(name)
        if table is None or not table.creatable:
            return None
        row = table.add(table.new_key(), 0, self.row_defaults(table))
        row.fresh = True
        self.base.update(row.binding.base())
        return row

    def check(self) -> bool:
        """Note what is missing; whether everything can be saved."""
        self.binding.check_required()
        for table in self.tables.values():
            table.check_required()
        return not self.failed

    @property
    def failed(self) -> bool:
        """Whether anything has an error."""
        return bool(self.errors or self.binding.errors) or any(table.failed for table in self.tables.values())

    @property
    def faulty(self) -> list[str]:
        """The names of the inputs with an error."""
        bindings = [self.binding, *(row.binding for table in self.tables.values() for row in table.rows)]
        return [binding.prefix + name for binding in bindings for name in binding.errors]

    def rewritten(self, names: Collection[str]) -> set[str]:
        """Those of the inputs `names` whose text is drawn otherwise than it was typed: dates."""
        bindings = [self.binding, *(row.binding for table in self.tables.values() for row in table.rows)]
        return {
            binding.prefix + name
            for binding in bindings
            for name in binding.nodes
            if binding.prefix + name in names
            and name in binding.rules
            and binding.rules[name].type in ("date", "datetime")
        }

    @property
    def changed(self) -> bool:
        """Whether the user changed anything."""
        return bool(self.binding.changed) or any(table.commands() for table in self.tables.values())

    def values_to_save(self) -> dict[str, Any]:
        """What create() or write() take: of a new record all that can be edited, else what was changed."""
        values = self.binding.changes(self._editable_names() if self.new else None)
        for name, table in self.tables.items():
            commands = table.commands()
            if commands:
                values[name] = commands
        return values

    def _editable_names(self) -> list[str]:
        binding = self.binding
        return [
            name
            for name, node in binding.nodes.items()
            # What the model computes and the user left alone is computed again when the record is made.
            if name in binding.changed
            or (
                name in binding.values
                and not self.rules[name].computed
                and self.rules[name].type != "binary"
                and not binding.is_readonly(node)
            )
        ]

    # -- what the model makes of an edit

    def draft(self) -> dict[str, Any]:
        """The values as they stand, as `onchange` takes them."""
        names = self._editable_names() if self.new else sorted(self.binding.changed)
        values = self.unseen | self._closed_defaults(names)
        values |= self.binding.changes(name for name in names if self.rules[name].type != "binary")
        for name, table in self.tables.items():
            if self.new or table.commands():
                values[name] = draft_lines(self, table)
        return values

    def _closed_defaults(self, editable: Collection[str]) -> dict[str, Any]:
        """Of a new record: the defaults of fields that the form shows read-only, such as its state."""
        if not self.new:
            return {}
        computed = [name for name in self.rules if self.rules[name].computed]
        seen = {*editable, *computed, *self.tables, *self.unseen}
        return unseen_defaults(self.record, seen)

    def onchange(self, edited: str) -> None:
        """Let the model answer to the edit of the input called `edited`: a field's name, or ``table.key.field``."""
        parts = edited.split(".")
        if len(parts) == 3 and parts[0] in self.tables:
            self._onchange_row(self.tables[parts[0]], parts[1], parts[2])
            parts = parts[:1]
        name = parts[0]
        if name not in self.record._fields or name in self.binding.errors or self.rules[name].type == "binary":
            return
        draft = self.draft()
        if name in self.tables:
            draft.setdefault(name, draft_lines(self, self.tables[name]))
        elif name in self.binding.values:
            draft |= self.binding.changes([name])
        self._apply(self.record.onchange(draft, [name], self.spec(loaded_only=name in self.tables)))

    def _apply(self, answer: Mapping[str, Any]) -> None:
        for name, value in answer["value"].items():
            if name in self.tables:
                fill_rows(self.tables[name], value)
                self._set_lines(self.tables[name])
            elif name in self.rules:
                plain_value = with_pending(self.binding.values.get(name), from_answer(self.rules[name], value))
                if name not in self.binding.errors and not same(
                    self.rules[name], self.binding.values.get(name), plain_value
                ):
                    self.binding.set(name, plain_value, changed=self._keeps(name))
        self._warn(answer)

    def recompute(self) -> None:
        """Show what the model works out of what was typed, as far as it cannot be typed: amounts, counts, totals.

        A form that comes back would otherwise show these as they were before. What was typed stays as it is.
        """
        draft = self.draft()
        typed_into = {name for name, table in self.tables.items() if table.editable and table.commands()}
        edited = [name for name in draft if name in self.binding.changed or name in typed_into]
        if not edited:
            return
        try:
            answer = self.record.onchange(draft, edited, self.spec(loaded_only=True))["value"]
        except UserError:
            return
        for name, value in answer.items():
            table = self.tables.get(name)
            if table is not None and not table.editable and self.new:
                fill_rows(table, value or ())
            elif table is not None:
                table.show_computed({str(line.get("id") or line.get("ref") or ""): line for line in value or ()})
            elif name in self.rules and self.rules[name].readonly:
                self.binding.set(name, from_answer(self.rules[name], value), changed=False)

    def _keeps(self, name: str) -> bool:
        """Whether a value the model gave is sent along at the next save: yes where the user could have typed it."""
        node = self.binding.nodes.get(name)
        return node is not None and not self.rules[name].readonly

    def _onchange_row(self, table: LineTable, key: str, name: str) -> None:
        row = table.row(key)
        if row is None or name not in table.rules or name in row.binding.errors:
            return
        line = self.env[table.field.comodel].browse(row.id)
        values = row.binding.changes(None if row.id else table.creatable_names(row))
        values = {
            field: value
            for field, value in values.items()
            if not table.rules[field].readonly or field in row.binding.changed
        }
        if table.field.inverse:
            # A stand-in for the document: linked to the stored one, the unsaved line would count among its lines.
            typed_values = {field: value for field, value in self.draft().items() if field not in self.tables}
            self.record._check_form_links(typed_values)
            values[table.field.inverse] = self.record.new(typed_values, origin=self.record)
        values = ({} if row.id else unseen_defaults(line, ())) | values | row.binding.changes([name])
        answer = line.onchange(values, [name], {field: {} for field in without_files(table.rules)})
        apply_row(row, table.rules, answer["value"])
        self._warn(answer)

    def _warn(self, answer: Mapping[str, Any]) -> None:
        warning = answer.get("warning")
        if warning:
            self.warning = "\n\n".join(part for part in (self.warning, str(warning.get("message") or "")) if part)

    # -- drawing

    def stamp(self) -> None:
        """Note the texts that the page is drawn with, as long as nothing was typed."""
        self.base = dict(self.binding.base())
        for table in self.tables.values():
            if table.editable:
                self.base.update(table.base())

    def base_text(self, drawn: Collection[str]) -> str:
        """The fingerprints that the page carries: those of the inputs that were drawn."""
        return json.dumps({name: mark for name, mark in self.base.items() if name in drawn}, separators=(",", ":"))

    # -- records that are made on the way

    def create_pending(self) -> None:
        """Make the records that were named but do not exist yet."""
        tables = self.tables.values()
        create_pending(self.env, [self.binding, *(row.binding for table in tables for row in table.rows)])

    def problems(self) -> Iterator[str]:
        """Every error, one sentence each, for the summary at the top."""
        yield from self.errors
        for name, message in self.binding.errors.items():
            yield f"{self.binding.nodes[name].string or self.rules[name].label}: {message}"
        for table in self.tables.values():
            yield from table.describe_errors()

    def blame(self, error: UserError) -> None:
        """Put the model's refusal at the fields and cells it is about, or at the top where the form shows none."""
        for flaw in flaws_of(error):
            table = self.tables.get(flaw.lines) or self._table_of(flaw)
            if table is not None:
                table.blame(flaw)
            elif not self._blame_fields(flaw):
                self.errors.append(flaw.message)
        if error.lines:
            tables = {name: table for name, table in self.tables.items() if table.field.comodel == error.lines._name}
            for name, table in tables.items():
                found = next((id_ for id_ in error.lines.ids if id_ in table.places), None)
                if found is not None:
                    self.blamed.add(name)
                    table.turn(table.places[found] // PAGE + 1)

    def _table_of(self, flaw: Flaw) -> LineTable | None:
        """The table of a record with which a button, or the database, found fault."""
        tables = [table for table in self.tables.values() if table.field.comodel == flaw.model]
        if flaw.id:
            return next((table for table in tables if table.row(str(flaw.id))), None)
        return tables[0] if len(tables) == 1 and flaw.model != self.record._name else None

    def _blame_fields(self, flaw: Flaw) -> bool:
        shown = [name for name in flaw.fields if not flaw.lines and name in self.binding.nodes]
        for name in shown:
            self.binding.errors.setdefault(name, flaw.message)
        tables = [self.tables[name] for name in flaw.fields if not flaw.lines and name in self.tables]
        for table in tables:
            table.error = table.error or flaw.message
        return bool(shown or tables)


def draft_lines(state: FormState, table: LineTable) -> list[tuple[Any, ...]]:
    """The rows of a table as `onchange` takes them, new ones with the defaults that create() will give them."""
    commands = table.draft_commands()
    if all(command[0] != CREATE for command in commands):
        return commands
    defaults = unseen_defaults(state.env[table.field.comodel].with_context(**state.row_context(table)), ())
    return [(code, key, defaults | values) if code == CREATE else (code, key, values) for code, key, values in commands]


def apply_row(row: Row, rules: Rules, values: Mapping[str, Any]) -> None:
    """Take over into a row what the model answered."""
    for name, value in values.items():
        if name not in rules or name in row.binding.errors:
            continue
        plain_value = with_pending(row.binding.values.get(name), from_answer(rules[name], value))
        if not same(rules[name], row.binding.values.get(name), plain_value):
            row.binding.set(name, plain_value, changed=not rules[name].readonly)


def with_pending(value: Any, answer: Any) -> Any:
    """A model's `answer` for a field, and of several records in it those that are made when the form is saved."""
    if not isinstance(value, tuple) or not isinstance(answer, tuple) or isinstance(answer, Choice):
        return answer
    return (*answer, *(item for item in value if isinstance(item, Choice) and not item.id and item not in answer))


def fill_rows(table: LineTable, lines: Iterable[Mapping[str, Any]]) -> None:
    """Make the rows of a table those of an answer, keeping what was typed into the ones that stay."""
    if table.is_paged:
        lines = list(lines)
        # A line of another page with values is one that the model has changed.
        table.load([int(line["id"]) for line in lines if line.get("id") and len(line) > 2])
        ids = {int(line.get("id") or 0) for line in lines}
        table.gone.extend(id_ for id_ in table.unloaded if id_ not in ids)
        others = set(table.unloaded)
        lines = [line for line in lines if int(line.get("id") or 0) not in others]
    before = {row.key: row for row in table.rows}
    rows: list[Row] = []
    for line in lines:
        key = str(line.get("id") or line.get("ref") or "")
        row = before.pop(key, None)
        if row is not None:
            apply_row(row, table.rules, line)
        else:
            row = table.make(key or table.new_key(), int(line.get("id") or 0), {})
            for name, rules in table.rules.items():
                row.binding.set(name, from_answer(rules, line.get(name)), changed=not row.id and name in line)
        rows.append(row)
    table.gone.extend(row.id for row in before.values() if row.id)
    table.rows = rows


def open_form(
    env: Any,
    view: View,
    record: Any,
    rules_of: Any,
    formats: Formats,
    *,
    editable: bool = True,
    pages: Mapping[str, int] | None = None,
) -> FormState:
    """The form of `record` (an empty recordset for a new one); `pages` are those of its tables with many lines."""
    state = FormState(env, view, record, rules_of(record._name), formats, editable=editable, pages=pages)
    state.load(rules_of)
    state.stamp()
    return state


def unseen_defaults(model: Any, shown: Collection[str]) -> dict[str, Any]:
    """The defaults of fields that a form does not show: what it computes stands on what create() will use."""
    names = [
        name for name, spec in model._fields.items() if spec.store and "default" in spec.args and name not in shown
    ]
    return model.default_get([name for name in names if model._fields[name].type not in TABLES])


def expression_names(env: Any, record: Any) -> dict[str, Any]:
    """What expressions may use besides fields."""
    today = today_of(env)
    return {
        "id": record.id or False,
        "uid": env.uid,
        "context": dict(env.context),
        "today": today,
        "now": datetime.now(UTC).replace(tzinfo=None, microsecond=0),
        "active_id": record.id or False,
        "active_ids": list(record.ids),
        "active_model": record._name,
        "allowed_company_ids": list(env.context.get("allowed_company_ids") or ()),
    }


def today_of(env: Any) -> date:
    """Today where the user is."""
    return formats_for(None, env.context.get("tz") or None).local(datetime.now(UTC).replace(tzinfo=None)).date()

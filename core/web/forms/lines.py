"""Tables inside a form: the records of a one2many or many2many, edited in place, row by row.

Every row is a Binding of its own. On the page its inputs are called ``order_line.<key>.<field>``, where the key is
the id of a stored line or ``new1``, ``new2``... for one that is not; a hidden ``order_line`` lists the keys in order,
and ``order_line.gone`` the stored lines that the user removed. What comes back becomes Commands.

Of many stored lines only a page is drawn, and only its rows are read (`PAGE`). Rows of other pages are loaded when
something about them comes up: what was typed into them travels along in hidden inputs, a refusal names one, or the
model changes one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from core.bounds import is_integer
from core.exceptions import Flaw, UserError, ValidationError
from core.i18n import _
from core.web.field_rules import FieldRules, Rules
from core.web.forms.binding import Binding, Resolver, Typed
from core.web.forms.bound_field import BoundField
from core.web.forms.formats import Formats
from core.web.forms.values import from_answer, read_rows
from core.web.views.arch import Node, View

CREATE, UPDATE, DELETE, UNLINK, LINK = 0, 1, 2, 3, 4
#: So many stored lines of a table are drawn at once.
PAGE = 80


class Row:
    """One line: its key on the page, the id of the record behind it (0 for a new one) and its binding."""

    __slots__ = ("binding", "classes", "fresh", "id", "key", "label")

    def __init__(self, key: str, id_: int, binding: Binding, label: str = "") -> None:
        self.key, self.id, self.binding, self.label = key, id_, binding, label
        self.classes = ""
        self.fresh = False

    def cell(self, node: Node) -> BoundField:
        """The field of one column in this row, its label telling which line it is of."""
        return self.binding.bound(node)

    @property
    def untouched(self) -> bool:
        """A new line into which nothing was typed: it is left out without a word."""
        return not self.id and not self.binding.changed and not self.binding.errors


class LineTable:
    """The rows of one x2many field on a form.

    `view` is the list that draws it, `nodes` and `rules` describe its fields, `defaults` is called for the values of
    a new row.
    """

    def __init__(
        self,
        field: FieldRules,
        node: Node,
        view: View,
        rules: Rules,
        formats: Formats,
        parent: Binding,
        *,
        names: Mapping[str, Any],
        editable: bool,
    ) -> None:
        self.field, self.node, self.view, self.rules, self.formats = field, node, view, rules, formats
        self.parent, self.names = parent, names
        self.nodes = {name: column for name, column in view.field_nodes.items() if name in rules}
        self.editable = editable
        #: The rows that are loaded: those of a page of the stored lines, and others that something is known about.
        self.rows: list[Row] = []
        self.gone: list[int] = []
        #: The place of each stored line, by its id.
        self.places: dict[int, int] = {}
        #: The page of the stored lines that is drawn, from 1.
        self.page = 1
        #: The stored lines, and what is called with each row that is loaded of them.
        self.lines: Any = None
        self.stamp: Callable[[Row], None] = lambda row: None
        self.error = ""
        self.changed = False
        self.made = 0
        self.opens = False
        self.choosing = False
        self.may_create = True
        # The optional columns to show; None takes those the view suggests.
        self.chosen: Collection[str] | None = None

    @property
    def name(self) -> str:
        """The field's name."""
        return self.field.name

    @property
    def creatable(self) -> bool:
        """Whether lines can be added here."""
        return self.editable and self.view.editable and self.may_create and self.view.flag("create")

    @property
    def deletable(self) -> bool:
        """Whether lines can be taken away here."""
        return self.editable and self.view.flag("delete")

    @property
    def has_actions(self) -> bool:
        """Whether rows end with a cell of their own for opening and removing them. New rows can always be removed."""
        return self.deletable or self.creatable or self.opens

    def removable(self, row: Row) -> bool:
        """Whether the user may take `row` away: new rows wherever rows are added."""
        return self.deletable if row.id else self.creatable

    def columns(self) -> list[Node]:
        """The columns shown: all but those that are invisible for the whole table."""
        return [node for node in self.view.columns if not self._hidden(node)]

    def _hidden(self, node: Node) -> bool:
        if node.kind == "field" and node.name not in self.rules:
            return True
        optional = node.attrs.get("optional")
        if optional in ("show", "hide"):
            shown = optional == "show" if self.chosen is None else node.name in self.chosen
            if not shown:
                return True
        if node.column_invisible is not None:
            return self.binding_of({}, "").holds(node.column_invisible)
        return node.invisible is not None and node.invisible.constant and node.invisible.holds({})

    def binding_of(self, values: dict[str, Any], key: str) -> Binding:
        """A binding for one row's values."""
        return Binding(
            self.nodes,
            self.rules,
            values,
            self.formats,
            prefix=f"{self.name}.{key}.",
            parent=self.parent,
            names={**self.names, "id": int(key) if is_integer(key) else False},
            editable=self.editable and (self.view.editable or not is_integer(key)),
        )

    def make(self, key: str, id_: int, values: dict[str, Any], label: str = "") -> Row:
        """A row with these values; it is not in the table yet."""
        return Row(key, id_, self.binding_of(values, key), label)

    def add(self, key: str, id_: int, values: dict[str, Any], label: str = "") -> Row:
        """Append a row with these values."""
        row = self.make(key, id_, values, label)
        self.rows.append(row)
        return row

    def new_key(self) -> str:
        """A key that no row has had on this page."""
        self.made += 1
        taken = {row.key for row in self.rows}
        while f"new{self.made}" in taken:
            self.made += 1
        return f"new{self.made}"

    def row(self, key: str) -> Row | None:
        """The row with this key; that of a stored line is loaded if it is not yet."""
        if is_integer(key):
            self.load([int(key)])
        return next((row for row in self.rows if row.key == key), None)

    # -- pages of stored lines

    def set_lines(self, lines: Any, page: int = 1) -> None:
        """Make the stored lines the records `lines`, and load those of a page."""
        self.lines, self.places = lines, {id_: place for place, id_ in enumerate(lines.ids)}
        self.turn(page)

    @property
    def is_paged(self) -> bool:
        """Whether there are more stored lines than are drawn at once."""
        return len(self.places) > PAGE

    @property
    def pages(self) -> int:
        """The number of pages."""
        return max(1, -(-len(self.places) // PAGE))

    @property
    def span(self) -> tuple[int, int]:
        """The places of the first and the last stored line on the page, from 1."""
        return (self.page - 1) * PAGE + 1, min(self.page * PAGE, len(self.places))

    def page_of(self, row: Row) -> int:
        """The page that a row is drawn on; new rows are drawn on each."""
        return self.places[row.id] // PAGE + 1 if row.id in self.places else self.page

    def turn(self, page: int) -> None:
        """Draw the page of this number, or the nearest one that there is."""
        self.page = max(1, min(page, self.pages))
        first, last = self.span
        self.load([id_ for id_, place in self.places.items() if first <= place + 1 <= last])

    def turn_to_problem(self) -> None:
        """Draw the page of the first row with an error, unless the present one has one."""
        pages = [self.page_of(row) for row in self.rows if row.binding.errors]
        if pages and self.page not in pages:
            self.turn(min(pages))

    def load(self, ids: Iterable[int]) -> None:
        """Load the rows of stored lines that are not loaded yet, nor removed."""
        known = {row.id for row in self.rows}.union(self.gone)
        missing = [id_ for id_ in ids if id_ in self.places and id_ not in known]
        if not missing:
            return
        lines = self.lines.browse(missing)
        values = read_rows(lines, self.rules, self.rules)
        for line in lines:
            row = self.add(str(line.id), line.id, values[line.id], str(line.sudo().display_name or ""))
            if self.editable:
                self.stamp(row)
        self.rows.sort(key=lambda row: self.places.get(row.id, len(self.places)))

    @property
    def shown(self) -> list[Row]:
        """The rows that are drawn."""
        return [row for row in self.rows if self.page_of(row) == self.page] if self.is_paged else self.rows

    @property
    def away(self) -> list[Row]:
        """Rows on other pages into which something was typed."""
        if not self.is_paged:
            return []
        return [
            row for row in self.rows
            if self.page_of(row) != self.page and (row.binding.changed or row.binding.errors)
        ]  # fmt: skip

    @property
    def unloaded(self) -> list[int]:
        """The ids of the stored lines whose rows are not loaded, without those that are removed."""
        known = {row.id for row in self.rows}.union(self.gone)
        return [id_ for id_ in self.places if id_ not in known]

    def total(self, name: str) -> Any:
        """The sum of a column over all lines, on every page."""
        loaded = sum(row.binding.values.get(name) or 0 for row in self.rows)
        rest = self.unloaded if self.is_paged else []
        if not rest:
            return loaded
        if not self.lines._fields[name].store:
            return loaded + sum(self.lines.browse(rest).mapped(name))
        return loaded + (self.lines._read_group([("id", "in", rest)], [], [f"{name}:sum"])[0][0] or 0)

    def number_of(self, row: Row) -> int:
        """The number of a row among all lines, from 1."""
        stored = [id_ for id_ in self.places if id_ not in self.gone]
        if row.id in self.places:
            return stored.index(row.id) + 1
        return len(stored) + [other for other in self.rows if other.id not in self.places].index(row) + 1

    def remove(self, key: str) -> None:
        """Take a row away; a stored line is deleted when the form is saved."""
        row = self.row(key)
        if row is not None and self.removable(row):
            self.rows.remove(row)
            self.changed = True
            if row.id:
                self.gone.append(row.id)

    # -- reading

    def read(self, page: Typed, resolve: Resolver, defaults: Mapping[str, Any]) -> None:
        """Take over what was typed into the rows, which rows were added and which removed."""
        if not page.has(self.name) and not page.has(f"{self.name}.gone"):
            return
        stored = self.places.keys() | {row.id for row in self.rows}
        self.gone = [int(key) for key in page.list(f"{self.name}.gone") if is_integer(key) and int(key) in stored]
        self.rows = [row for row in self.rows if row.id not in self.gone]
        self.load([int(key) for key in page.list(self.name) if is_integer(key)])
        known = {row.key: row for row in self.rows}
        if self.creatable:
            for key in page.list(self.name):
                if key and key not in known and not is_integer(key) and key.isalnum():
                    known[key] = self.add(key, 0, dict(defaults))
        for row in self.rows:
            row.binding.read(page, resolve)

    def check_required(self) -> None:
        """Note an error at each required cell without a value, in rows that are not left out."""
        for row in self.rows:
            if not row.untouched:
                row.binding.check_required()

    def show_computed(self, lines: Mapping[str, Mapping[str, Any]]) -> None:
        """Take over from an answer, lines by the key of their row, what cannot be typed."""
        for row in self.rows:
            for name, value in lines.get(row.key, {}).items():
                if name in self.rules and self.rules[name].readonly and name not in row.binding.errors:
                    row.binding.set(name, from_answer(self.rules[name], value), changed=False)

    def blame(self, flaw: Flaw) -> None:
        """Put the model's refusal of a line at its cells; at the table where no column shows what it is about."""
        row = self._row_of(flaw)
        columns = {node.name for node in self.columns()}
        shown = [name for name in flaw.fields if row is not None and name in columns]
        for name in shown:
            row.binding.errors.setdefault(name, flaw.message)  # type: ignore[union-attr]
        if not shown:
            text = flaw.message
            if row is not None:
                text = str(_("Line %(number)s: %(problem)s", number=self.number_of(row), problem=text))
            self.error = "\n".join(dict.fromkeys(part for part in (self.error, text) if part))

    def _row_of(self, flaw: Flaw) -> Row | None:
        if flaw.id:
            return self.row(str(flaw.id))
        made = [row for row in self.rows if not row.id and not row.untouched]
        if flaw.place is not None:
            return made[flaw.place] if flaw.place < len(made) else None
        changed = made + [row for row in self.rows if row.id and row.binding.changed]
        return changed[0] if len(changed) == 1 else None

    @property
    def failed(self) -> bool:
        """Whether any row has an error."""
        return bool(self.error) or any(row.binding.errors for row in self.rows)

    # -- writing

    def commands(self) -> list[tuple[Any, ...]]:
        """What changed, as the commands that create() and write() take."""
        leave = UNLINK if self.field.type == "many2many" else DELETE
        commands: list[tuple[Any, ...]] = [(leave, id_, 0) for id_ in self.gone]
        for row in self.rows:
            if row.id and row.binding.changed:
                commands.append((UPDATE, row.id, row.binding.changes()))
            elif not row.id and not row.untouched:
                commands.append((CREATE, 0, row.binding.changes(self.creatable_names(row))))
        return commands

    def draft_commands(self) -> list[tuple[Any, ...]]:
        """All rows, new ones by their key, as onchange() takes them."""
        leave = UNLINK if self.field.type == "many2many" else DELETE
        commands: list[tuple[Any, ...]] = [(leave, id_, 0) for id_ in self.gone]
        for row in self.rows:
            if not row.id:
                commands.append((CREATE, row.key, row.binding.changes(self.creatable_names(row))))
            elif row.binding.changed:
                commands.append((UPDATE, row.id, row.binding.changes()))
            else:
                commands.append((LINK, row.id, 0))
        commands.extend((LINK, id_, 0) for id_ in (self.unloaded if self.is_paged else ()))
        return commands

    @staticmethod
    def creatable_names(row: Row) -> list[str]:
        """Of a new row: what came back with the page or was changed; the rest is left to the model's defaults.

        Tags that are empty as they were say nothing: the model may fill them from the rest (taxes from the product).
        """
        binding = row.binding
        typed = [
            name
            for name in binding.posted
            if not binding.rules[name].computed
            and (binding.rules[name].type != "many2many" or binding.values.get(name))
        ]
        names = [name for name in binding.nodes if name in binding.changed or name in typed]
        return [name for name in names if not binding.is_readonly(binding.nodes[name])]

    def base(self) -> Iterator[tuple[str, str]]:
        """Name and fingerprint of every input of the stored rows and of the new ones."""
        for row in self.rows:
            yield from row.binding.base()

    def describe_errors(self) -> list[str]:
        """One sentence about the table, and one per faulty cell, for the summary at the top of the form."""
        problems = [f"{self.field.label}: {self.error}"] if self.error else []
        for row in self.rows:
            for name, message in row.binding.errors.items():
                where = _(
                    "%(table)s, line %(number)s, %(field)s",
                    table=self.field.label,
                    number=self.number_of(row),
                    field=self.rules[name].label,
                )
                problems.append(f"{where}: {message}")
        return problems


def flaws_of(error: UserError) -> list[Flaw]:
    """What a refusal says, one thing after the other."""
    if isinstance(error, ValidationError):
        return error.flaws or [Flaw(error.message, tuple(error.fields))]
    return [Flaw(str(error))]

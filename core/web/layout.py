"""A form view drawn for one state: the tree of nodes becomes HTML, node by node.

`FormLayout.body` is the whole sheet; `changed` compares two states of the same form and gives only the pieces that
differ, which is what an onchange sends back. The HTML itself is in the macros of ``_layout.html`` and in the widgets'
templates.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Any

from markupsafe import Markup, escape

from core.web import hotkeys
from core.web.field_rules import Choice
from core.web.forms.binding import Binding
from core.web.forms.bound_field import BoundField
from core.web.forms.lines import LineTable, Row
from core.web.forms.quick_create import NEW, is_offered
from core.web.forms.state import FormState
from core.web.forms.values import sections_of
from core.web.forms.widgets import Widgets
from core.web.views.arch import PLAIN, Node
from core.web.views.expressions import Expression, ExpressionError

logger = logging.getLogger(__name__)

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_VOID = frozenset({"br", "hr"})
# What a new row does not begin with.
_NOT_TYPED = frozenset({"boolean", "binary"})
#: The class of header buttons that belong into the menu.
IN_MENU = "oe_menu_button"


class FormLayout:
    """Draws one form. `space` keeps the ids of two forms on one page apart."""

    def __init__(self, state: FormState, widgets: Widgets, *, space: str = "", tab: str = "") -> None:
        self.state, self.widgets, self.space = state, widgets, space
        self.macros = widgets.templates.macros("_layout.html")
        self.tab = tab
        self.complete: Any = None
        self.focused = False
        self.live = True
        self.quiet = False
        self.drawn: set[str] = set()
        # The names of the inputs that were just edited: what depends on them is sent back even if both states agree,
        # as the page still shows how it was before the edit.
        self.edited: frozenset[str] = frozenset()
        # The names of the inputs whose error the page lacks, or shows although it is mended.
        self.judged: frozenset[str] = frozenset()

    # -- expressions that fail must not take the page down

    def holds(self, expression: Expression | None, binding: Binding | None = None) -> bool:
        """Whether `expression` is true; one that fails on these values counts as false and is logged."""
        if expression is None:
            return False
        try:
            return expression.holds((binding or self.state.binding).scope)
        except ExpressionError as error:
            logger.warning("view %s: %s", self.state.view.name, error)
            return False

    def hidden(self, node: Node) -> bool:
        """Whether `node` is left out now."""
        return self.holds(node.invisible)

    # -- parts of the page

    @property
    def root(self) -> Node:
        """The form itself."""
        return self.state.view.root

    def section(self, kind: str) -> Node | None:
        """The header, sheet or footer."""
        return next((node for node in self.root.children if node.kind == kind), None)

    def buttons(self) -> list[Node]:
        """The header's buttons that are shown now."""
        return [node for node in self._header_buttons() if IN_MENU not in node.classes]

    def menu_buttons(self) -> list[Node]:
        """The header's less frequent buttons, which the menu beside the header lists."""
        return [node for node in self._header_buttons() if IN_MENU in node.classes]

    def _header_buttons(self) -> list[Node]:
        header, record = self.section("header"), self.state.record
        if header is None or (record.id and not record._transient and not record.has_access("write")):
            # Those who may only read are not offered what would be refused.
            return []
        return [node for node in header.children if node.kind == "button" and not self.hidden(node)]

    @cached_property
    def hotkeys(self) -> dict[str, str]:
        """The keys of the header's buttons, those included that are not shown now, by the id of their node."""
        header = self.section("header")
        nodes = header.children if header else []
        return hotkeys.assign([node for node in nodes if node.kind == "button" and IN_MENU not in node.classes])

    def status(self) -> BoundField | None:
        """The field shown as the status bar."""
        header = self.section("header")
        for node in header.children if header else ():
            if node.kind == "field" and node.widget == "statusbar" and not self.hidden(node):
                return self.bound(node)
        return None

    def header_fields(self) -> list[Markup]:
        """Other fields in the header."""
        header = self.section("header")
        nodes = (
            [node for node in header.children if node.kind == "field" and node.widget != "statusbar"] if header else []
        )
        return [self.field(node) for node in nodes if not self.hidden(node)]

    def footer(self) -> list[Node]:
        """The buttons at the end of a dialog."""
        found = [node for node in self.root.find("footer") if not self.hidden(node)]
        return [child for node in found for child in node.walk() if child.kind == "button" and not self.hidden(child)]

    def body(self) -> Markup:
        """Everything but the header and the footer."""
        nodes = [node for node in self.root.children if node.kind not in ("header", "footer")]
        return self.all(nodes)

    # -- nodes

    def all(self, nodes: list[Node]) -> Markup:
        """Several nodes, one after the other."""
        return Markup("").join(self.node(node) for node in nodes)

    def node(self, node: Node) -> Markup:
        """One node, or a place-holder while it is invisible but may appear."""
        if node.kind in ("header", "footer", "newline"):
            return Markup("")
        if self.hidden(node):
            return self.macros.placeholder(self.id(node)) if node.dynamic else Markup("")
        draw = getattr(self, f"_{node.kind}", None)
        if draw is not None:
            html: Markup = draw(node)
        elif node.kind in PLAIN:
            html = self._plain(node)
        else:
            html = self.all(node.children)
        return html + escape(node.tail) if node.tail else html

    def id(self, node: Node) -> str:
        """The id of the element of `node`."""
        return f"{self.space}{node.id}"

    def _sheet(self, node: Node) -> Markup:
        return self.all(node.children)

    def _group(self, node: Node) -> Markup:
        nested = any(child.kind == "group" for child in node.children)
        content = self._columns(node) if nested else self._pairs(node.children)
        return self.macros.group(self.id(node), node.string, content, nested, " ".join(node.classes))

    def _columns(self, node: Node) -> Markup:
        """A group of groups: they stand side by side, anything else across."""
        parts = []
        loose: list[Node] = []
        for child in node.children:
            if child.kind == "group":
                parts.append(self._loose(loose))
                loose = []
                parts.append(self.node(child))
            else:
                loose.append(child)
        parts.append(self._loose(loose))
        return Markup("").join(parts)

    def _loose(self, nodes: list[Node]) -> Markup:
        return self.macros.across(self._pairs(nodes)) if nodes else Markup("")

    def _pairs(self, nodes: list[Node]) -> Markup:
        """Labels beside their fields. A <label for> takes the node after it as its field."""
        parts = []
        label: Node | None = None
        for node in nodes:
            if node.kind == "label" and node.attrs.get("for"):
                label = node
            elif label is not None:
                parts.append(self._labelled(label, node))
                label = None
            elif node.kind == "field":
                parts.append(self._pair(node))
            elif node.kind != "newline":
                parts.append(self.macros.across(self.node(node)))
        return Markup("").join(parts)

    def _pair(self, node: Node) -> Markup:
        closed = self.hidden(node)
        if closed and not self._may_open(node):
            return self.macros.placeholder(self.id(node)) if node.dynamic else Markup("")
        bare = node.attrs.get("nolabel") in ("1", "True", "true")
        if node.name in self.state.tables:
            return self.macros.across(self.field(node))
        bound = self.bound(node)
        bound.labelled = not bare
        if closed:
            bound.required = False
        control = self._drawn(bound) if closed else self._control(bound)
        return self.macros.pair(self.id(node), bound, control, bare, self._help, closed)

    def _may_open(self, node: Node) -> bool:
        """Whether a hidden field is one to fill in, and a box or a choice on this form shows it.

        It is drawn all the same: browsers with scripts hide it until then, the others never learn that it is due.
        """
        binding = self.state.binding
        return (
            node.invisible is not None
            and node.name in binding.nodes
            and not binding.is_readonly(node)
            and any(self._is_choice(name) for name in node.invisible.names)
        )

    def _is_choice(self, name: str) -> bool:
        """Whether `name` is a box or a choice that the user can change on this form."""
        node = self.state.binding.nodes.get(name)
        return (
            node is not None
            and self.state.rules[name].type in ("boolean", "selection")
            and not self.state.binding.is_readonly(node)
            and not self.hidden(node)
        )

    def _labelled(self, label: Node, node: Node) -> Markup:
        if self.hidden(label):
            return self.macros.across(self.node(node))
        name = label.attrs["for"]
        target = self.state.view.field_nodes.get(name)
        if target is None or name not in self.state.binding.nodes:
            return self.macros.across(self.node(node))
        bound = self.bound(target)
        text = label.string or bound.label
        return self.macros.labelled(self.id(label), bound, text, self.node(node), self._help)

    @property
    def _help(self) -> str:
        """How the help of fields is shown: below them in settings, else behind a button (see `helped_label`)."""
        if "oe_form_configuration" in self.state.view.root.classes:
            return "below"
        return "quiet" if self.state.new else ""

    def _notebook(self, node: Node) -> Markup:
        pages = [page for page in node.children if page.kind == "page" and not self.hidden(page)]
        if not pages:
            return self.macros.placeholder(self.id(node))
        chosen = next((page for page in pages if _faulty(self.state, page)), None)
        chosen = chosen or next((page for page in pages if self.tab in (page.id, page.name)), pages[0])
        drawn = [(page, self.all(page.children), page is chosen, _faulty(self.state, page)) for page in pages]
        return self.macros.notebook(self.id(node), drawn, self.space)

    def _separator(self, node: Node) -> Markup:
        return self.macros.separator(self.id(node), node.string)

    def _label(self, node: Node) -> Markup:
        target = self.state.view.field_nodes.get(node.attrs.get("for", ""))
        if target is None or target.name not in self.state.binding.nodes:
            return Markup('<span class="label">{}</span>').format(node.string) if node.string else Markup("")
        bound = self.bound(target)
        return self.macros.label(bound, node.string or bound.label)

    def _button(self, node: Node) -> Markup:
        if "oe_stat_button" in node.classes:
            return self.macros.smart(
                self.id(node), node, [self.bound(child) for child in node.find("field")], _all_words(node)
            )
        return self.macros.button(node, self.state.record)

    def _setting(self, node: Node) -> Markup:
        return self.macros.setting(self.id(node), node, self.all(node.children))

    def _block(self, node: Node) -> Markup:
        return self.macros.block(self.id(node), node.attrs.get("title", "") or node.string, self.all(node.children))

    _app = _block

    def _plain(self, node: Node) -> Markup:
        if node.kind in _VOID:
            return Markup(f"<{node.kind}>")
        if "oe_button_box" in node.classes or node.name == "button_box":
            inner = self.all(node.children)
            return self.macros.button_box(self.id(node), inner) if inner.strip() else Markup("")
        content = escape(node.text) + self.all(node.children)
        return self.macros.plain(node.kind, self.id(node), " ".join(node.classes), content, node.attrs.get("role", ""))

    # -- fields

    def _field(self, node: Node) -> Markup:
        return self.field(node)

    def field(self, node: Node) -> Markup:
        """A field without a label of its own."""
        if node.name in self.state.tables:
            return self.table(self.state.tables[node.name], node)
        bound = self.bound(node)
        bound.labelled = node.name in self.labelled
        return self.macros.field(self.id(node), bound, self._control(bound))

    @cached_property
    def labelled(self) -> frozenset[str]:
        """The fields that a <label for> names, wherever it stands."""
        return frozenset(label.attrs.get("for", "") for label in self.root.find("label"))

    def _control(self, bound: BoundField) -> Markup:
        if (
            not bound.readonly
            and not self.quiet
            and not self.focused
            and not _is_adding(self.state)
            and _begins(self.state, bound, in_dialog=bool(self.space))
            and not self.root.attrs.get("disable_autofocus")
            and bound.rules.type not in ("boolean", "binary")
        ):
            self.focused = bound.autofocus = True
        return self._drawn(bound)

    def _drawn(self, bound: BoundField) -> Markup:
        if not bound.readonly:
            self.drawn.add(bound.name)
        return self.widgets.control(bound)

    def bound(self, node: Node) -> BoundField:
        """The field of `node` with what its widget needs."""
        bound = self._dressed(self.state.binding.bound(node), node, self.state.binding)
        if self.state.view.field_nodes.get(node.name) is not node:
            bound.occurrence = f"-{node.id}"
        currency = self.state.binding.values.get(bound.rules.currency_field)
        if bound.rules.type == "monetary" and isinstance(currency, Choice) and currency.id:
            bound.currency = self.state.env["res.currency"].sudo().browse(currency.id)
        return bound

    def _dressed(self, bound: BoundField, node: Node, binding: Binding) -> BoundField:
        bound.space = self.space
        bound.decoration = _decorations(self, node, binding).rpartition("is-")[2]
        bound.explanation = str((node.explanation and binding.values.get(node.explanation)) or "")
        if bound.rules.comodel and self.complete is not None:
            bound.url = self.complete(bound, binding.domain(node), binding.context(node))
            bound.creatable, bound.live = is_offered(node), self.live
            if by := node.options.get("by"):
                bound.sections = sections_of(self.state.env, bound.rules.comodel, by, bound.value)
        return bound

    # -- tables

    def table(self, table: LineTable, node: Node) -> Markup:
        """The rows of an x2many field."""
        columns = table.columns()
        table.turn_to_problem()
        rows = [self.row(table, row, columns) for row in table.shown]
        totals = [_total(table, column) for column in columns]
        return self.macros.table(self.id(node), table, columns, rows, totals if any(totals) else [], self.space)

    def row(self, table: LineTable, row: Row, columns: list[Node]) -> Markup:
        """One row."""
        first = _first_input(self, row, columns) if row.fresh else None
        cells = [self._cell(table, row, column, focused=column is first) for column in columns]
        return self.macros.row(table, row, cells, _decorations(self, table.view.root, row.binding), self.space)

    def _cell(self, table: LineTable, row: Row, column: Node, *, focused: bool = False) -> Markup:
        if self.holds(column.invisible, row.binding):
            return self.macros.empty_cell(column)
        if column.kind == "button":
            return self.macros.row_button(table, row, column)
        bound = self._dressed(row.cell(column), column, row.binding)
        bound.autofocus = focused
        classes = " ".join(filter(None, (_cell_classes(bound), _decorations(self, column, row.binding))))
        bound.small = True
        return self.macros.cell(bound, self._drawn(bound), table, classes)

    def carried(self) -> Iterator[tuple[str, str]]:
        """Changed values that no input shows, as (name, text): the page has to bring them back at the next turn."""
        return _carried(self)

    # -- what an onchange sends back

    def changed(self, before: FormLayout) -> Iterator[Markup]:
        """The pieces of this form that differ from `before`, each with the id of what it replaces."""
        nodes = [node for node in self.root.children if node.kind not in ("header", "footer")]
        for node in nodes:
            yield from self._differences(node, before)

    def _differences(self, node: Node, before: FormLayout) -> Iterator[Markup]:
        if node.kind == "field" and node.name in self.state.tables:
            yield from self._table_differences(node, before)
            return
        was, now = before.hidden(node), self.hidden(node)
        if self._depends(node):
            yield self._standing(node)
            return
        if was and now:
            return
        leaf = node.kind in ("field", "button", "label") or (
            node.kind == "notebook" and self._tabs(node) != before._tabs(node)
        )
        if was != now or leaf:
            old, new = before._standing(node), self._standing(node)
            if old != new:
                yield new
            return
        for child in node.children:
            yield from self._differences(child, before)

    def buttons_depend(self) -> bool:
        """Whether a button of the header comes or goes with the field just edited."""
        header = self.section("header")
        return header is not None and any(self._depends(node) for node in header.children)

    def _depends(self, node: Node) -> bool:
        """Whether how `node` is drawn depends on the field just edited."""
        if node.kind == "notebook":
            return any(self._depends(page) for page in node.children)
        if node.kind == "field" and node.name in self.judged:
            return True
        return _reads(node, self.edited)

    def _tabs(self, node: Node) -> list[str]:
        return [page.id for page in node.children if not self.hidden(page)]

    def _standing(self, node: Node) -> Markup:
        """A node as it stands in its group: fields there have their label with them."""
        in_pairs = node.kind == "field" and any(node in group.children for group in self.root.find("group"))
        return self._pair(node) if in_pairs else self.node(node)

    def _cell_depends(self, binding: Binding, column: Node) -> bool:
        """Whether how a cell is drawn depends on the field just edited."""
        names = {name.removeprefix(binding.prefix) for name in self.edited if name.startswith(binding.prefix)}
        return binding.prefix + column.name in self.judged or _reads(column, names)

    def _table_differences(self, node: Node, before: FormLayout) -> Iterator[Markup]:
        if before.hidden(node) != self.hidden(node):
            yield self.node(node)
            return
        if self.hidden(node):
            return
        new, old = self.state.tables[node.name], before.state.tables[node.name]
        columns = new.columns()
        same_rows = [row.key for row in new.shown] == [row.key for row in old.shown]
        if (
            not self.edited.isdisjoint(new.view.parent_names)
            or not same_rows
            or [column.id for column in columns] != [column.id for column in old.columns()]
        ):
            yield self.field(node)
            return
        for row, was in zip(new.shown, old.shown, strict=True):
            for column in columns:
                if column.kind == "field":
                    cell, earlier = self._cell(new, row, column), before._cell(old, was, column)
                    if cell != earlier or self._cell_depends(row.binding, column):
                        yield self.macros.cell_fragment(cell)
        totals = [_total(new, column) for column in columns]
        if totals != [_total(old, column) for column in columns]:
            yield self.macros.totals_fragment(new, columns, totals, self.space)


def _reads(node: Node, names: Collection[str]) -> bool:
    """Whether one of the conditions of `node` reads one of the fields `names`."""
    conditions = (node.invisible, node.readonly, node.required)
    return any(condition is not None and not condition.names.isdisjoint(names) for condition in conditions)


def _begins(state: FormState, bound: BoundField, *, in_dialog: bool) -> bool:
    """Whether a user goes on here: after a refusal, which a page lists and focuses, in dialogs only."""
    begins = bool(state.new or bound.node.attrs.get("default_focus"))
    if not state.failed:
        return begins
    return bool(in_dialog and (bound.error if state.binding.errors else begins))


def _is_adding(state: FormState) -> bool:
    """Whether a line was just added, which takes the focus wherever it lies."""
    return any(row.fresh for table in state.tables.values() for row in table.rows)


def _first_input(layout: FormLayout, row: Row, columns: list[Node]) -> Node | None:
    """The column of a new row that the user types into first: the first without a value, neither handle nor box."""
    inputs = [
        (column, bound)
        for column in columns
        if column.kind == "field" and not layout.holds(column.invisible, row.binding)
        for bound in [row.cell(column)]
        if not bound.readonly and column.widget != "handle" and bound.rules.type not in _NOT_TYPED
    ]
    empty = (column for column, bound in inputs if not bound.value and not bound.rules.numeric)
    return next(empty, inputs[0][0] if inputs else None)


def _decorations(layout: FormLayout, node: Node, binding: Binding) -> str:
    """The CSS classes of the decorations that hold."""
    return " ".join(f"is-{name}" for name, expression in node.decorations if layout.holds(expression, binding))


def _faulty(state: FormState, page: Node) -> bool:
    """Whether a page of the notebook has an error in it."""
    names = [node.name for node in page.find("field")]
    tables = state.tables
    return any(
        name in state.binding.errors or name in state.blamed or (name in tables and tables[name].failed)
        for name in names
    )


def _carried(layout: FormLayout) -> Iterator[tuple[str, str]]:
    """Changed values that no input shows, as (name, text): the page has to bring them back at the next turn."""
    state = layout.state
    away = {row.binding for table in state.tables.values() for row in table.away}
    bindings = [state.binding, *(row.binding for table in state.tables.values() for row in table.rows)]
    for binding in bindings:
        for name in sorted(binding.changed | binding.errors.keys() if binding in away else binding.changed):
            full = binding.prefix + name
            if full in layout.drawn or binding.is_readonly(binding.nodes[name]):
                continue
            if name in binding.errors and binding not in away:
                continue
            bound = binding.bound(binding.nodes[name])
            if bound.rules.type == "binary":
                yield (f"{full}.kept", str(bound.waiting)) if bound.value else (f"{full}.clear", "1")
                continue
            if bound.rules.type == "many2many":
                yield f"{full}.was", "1"
                yield from ((full, f"{item.id or NEW}|{item.label}") for item in bound.value or ())
                if not bound.value:
                    yield full, ""
                continue
            yield full, bound.text
            if isinstance(bound.value, Choice):
                yield f"{full}.id", f"{bound.value.id or NEW}|{bound.value.label}"


def _cell_classes(bound: BoundField) -> str:
    return "num" if bound.rules.numeric and not bound.node.widget else ""


def _total(table: LineTable, column: Node) -> str:
    """What stands under a column of a table; nothing where the view adds nothing up."""
    if column.kind != "field" or not column.attrs.get("sum") or not table.rows:
        return ""
    return table.formats.number(table.total(column.name), 2 if table.rules[column.name].type == "monetary" else 0)


def _all_words(node: Node) -> str:
    """The text written in a node and its plain children."""
    words = [node.text, *(f"{child.text}{child.tail}" for child in node.walk() if child is not node)]
    return " ".join(word.strip() for word in words if word.strip())

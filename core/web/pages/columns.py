"""The columns of a list, and how a value of each is drawn in a row."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from core.bounds import is_integer
from core.web.addresses import address
from core.web.field_rules import TABLES, FieldRules, Rules, exact, plain
from core.web.forms.bound_field import DAY_ONLY, TONES, BoundField, shown, signed
from core.web.forms.files import StoredFile, files_of
from core.web.forms.formats import Formats
from core.web.forms.values import read_value
from core.web.forms.widgets import Widgets
from core.web.views.arch import Node, View
from core.web.views.expressions import Expression, ExpressionError, scope_of

logger = logging.getLogger(__name__)

# Widgets that show nothing but the text of the value.
_TEXTUAL = frozenset(
    {
        "plain",
        "char",
        "text",
        "number",
        "date",
        "datetime",
        "selection",
        "many2one",
        "radio",
        "email",
        "phone",
        "password",
        "binary",
    }
)


#: So many columns stay in sight at most.
MAX_STUCK = 2


@dataclass
class Column:
    """One column of a list."""

    node: Node
    rules: FieldRules
    widget: str
    sort_url: str = ""
    sorted: str = ""
    decimals: int = 0
    #: Its place among the columns that stay in sight, from 1; 0 where it does not.
    stuck: int = 0

    @property
    def name(self) -> str:
        """The field's name."""
        return self.node.name

    @property
    def label(self) -> str:
        """The heading."""
        return "" if self.widget in ("handle", "priority", "button") else self.node.string or self.rules.label

    @property
    def numeric(self) -> bool:
        """Whether it is set as numbers are."""
        return self.rules.numeric and self.widget in ("number", "percentage", "float_time")

    @property
    def sticky(self) -> bool:
        """Whether it stays in sight while the list is scrolled sideways."""
        return self.node.attrs.get("sticky") == "1"

    @property
    def is_link(self) -> bool:
        """Whether its cells are links to the records they name, not to the row's own."""
        return self.rules.type == "many2one" and self.node.widget == "many2one"

    @property
    def width(self) -> int:
        """The width in em that a layout gives it; 0 is as wide as the contents."""
        text = self.node.attrs.get("width", "")
        return int(text) if is_integer(text) else 0

    @property
    def classes(self) -> str:
        """The CSS classes of its cells."""
        kinds = ["num"] if self.numeric else []
        if self.stuck:
            kinds.append(f"stuck-{self.stuck}")
        if self.width:
            kinds.append(f"width-{self.width}")
        if self.rules.type in ("date", "datetime"):
            kinds.append("when")
        if self.widget in ("boolean", "priority", "handle", "badge", "button", "image"):
            kinds.append("tight")
        return " ".join(kinds)

    @property
    def totalled(self) -> bool:
        """Whether the list shows a sum under it."""
        return bool(self.node.attrs.get("sum")) and self.rules.numeric


@dataclass
class Cell:
    """One cell, ready to be put into the page."""

    html: Markup | str
    classes: str
    label: str
    #: Whether the row's own link may lie around it.
    plain: bool = True


def columns_of(
    view: View, rules: Rules, widgets: Widgets, context: Mapping[str, Any], chosen: Collection[str] | None = None
) -> list[Column]:
    """The columns of a list that are shown; `chosen` names the optional ones, None takes those the view suggests."""
    found = []
    for node in view.columns:
        if _hidden(node, context, chosen):
            continue
        if node.kind == "button":
            found.append(Column(node, FieldRules(node.id, "button", sortable=False, store=False), "button"))
        elif node.name in rules:
            spec = rules[node.name]
            found.append(Column(node, spec, widgets.name(node.widget, spec.type)))
    stuck = [column for column in found if column.sticky][:MAX_STUCK]
    for place, column in enumerate(stuck, 1):
        column.stuck = place
    return found


def optional_columns(view: View, rules: Rules) -> list[Node]:
    """The columns that the user may show or hide."""
    nodes = [node for node in view.columns if node.kind == "field" and node.name in rules]
    return [
        node for node in nodes if node.attrs.get("optional") in ("show", "hide") and not _hidden(node, {}, {node.name})
    ]


def shown_by_default(node: Node) -> bool:
    """Whether an optional column is shown until the user says otherwise."""
    return node.attrs.get("optional") != "hide"


def _hidden(node: Node, context: Mapping[str, Any], chosen: Collection[str] | None) -> bool:
    if node.attrs.get("optional") in ("show", "hide"):
        shown = shown_by_default(node) if chosen is None else node.name in chosen
        if not shown:
            return True
    if node.invisible is not None and node.invisible.constant and node.invisible.holds({}):
        return True
    return node.column_invisible is not None and safely(node.column_invisible, scope_of({}, context=context))


def safely(expression: Expression, scope: Mapping[str, Any]) -> bool:
    """Whether `expression` holds; one that fails on these values is logged and does not."""
    try:
        return expression.holds(scope)
    except ExpressionError as error:
        logger.warning("%s", error)
        return False


class RowDrawer:
    """Draws the rows of one list."""

    def __init__(
        self,
        view: View,
        columns: list[Column],
        rules: Rules,
        formats: Formats,
        widgets: Widgets,
        names: Mapping[str, Any],
        env: Any,
    ) -> None:
        self.columns, self.rules, self.formats, self.widgets = columns, rules, formats, widgets
        self.env = env
        self.decorations = view.root.decorations
        conditions = [expression for _name, expression in self.decorations]
        for column in columns:
            conditions.extend(expression for _name, expression in column.node.decorations)
            if column.node.dynamic and column.node.invisible is not None:
                conditions.append(column.node.invisible)
        used = {name for expression in conditions for name in expression.names}
        self.used = [rules[name] for name in sorted(used) if name in rules and rules[name].type not in TABLES]
        self.fixed = scope_of({}, **names) if conditions else {}
        self.files: dict[str, dict[int, StoredFile]] = {}
        self.plan: list[tuple[Column, str, Callable[[Any, str], Markup | str]]] = []

    def prepare(self, records: Any) -> None:
        """Read everything at once, and find out how many decimals each column of numbers needs."""
        for column in self.columns:
            if column.rules.type in ("quantity", "float") and column.widget == "number":
                column.decimals = max((_decimals(record[column.name]) for record in records), default=0)
            elif column.rules.type == "many2one":
                records.mapped(column.name).sudo().mapped("display_name")
            elif column.rules.type == "binary":
                self.files[column.name] = files_of(records, column.name)
        quantities = [
            column for column in self.columns if column.rules.type == "quantity" and column.widget == "number"
        ]
        most = max((column.decimals for column in quantities), default=0)
        for column in quantities:  # quantities are compared along a row too
            column.decimals = most
        self.plan = [(column, column.classes, self._drawer(column)) for column in self.columns]

    def cells(self, record: Any, scope: Mapping[str, Any]) -> list[Cell]:
        """The cells of one row."""
        cells = []
        for column, classes, draw in self.plan:
            node = column.node
            if node.dynamic and node.invisible is not None and safely(node.invisible, scope):
                cells.append(Cell("", classes, column.label, plain=False))
                continue
            said = ""
            if column.numeric and not record[column.name]:
                classes = f"{classes} is-zero"
            for name, expression in node.decorations:
                if safely(expression, scope):
                    classes, said = f"{classes} is-{name}", name
            is_plain = not column.is_link and not node.explanation and column.widget != "button"
            cells.append(Cell(draw(record, said), classes, column.label, is_plain))
        return cells

    def scope(self, record: Any) -> Mapping[str, Any]:
        """The names for the expressions of one row; nothing when the view has none."""
        if not self.fixed:
            return {}
        return {**self.fixed, "id": record.id, **{rules.name: plain(_light(record, rules)) for rules in self.used}}

    def classes(self, scope: Mapping[str, Any]) -> str:
        """The CSS classes of one row: what its decorations say."""
        return " ".join(f"is-{name}" for name, expression in self.decorations if safely(expression, scope))

    def totals(self, records: Any) -> list[str]:
        """What stands under each column; empty when nothing is added up."""
        if not any(column.totalled for column in self.columns):
            return []
        return [self._total(column, records) if column.totalled else "" for column in self.columns]

    def _total(self, column: Column, records: Any) -> str:
        total = sum((exact(record[column.name]) for record in records), Decimal(0))
        return self.formats.number(total, 2 if column.rules.type == "monetary" else column.decimals)

    # -- one drawer per column, chosen once

    def _drawer(self, column: Column) -> Callable[[Any, str], Markup | str]:
        """What draws the value of a record under the decoration that holds for it."""
        if column.widget not in _TEXTUAL and column.rules.type != "button":
            return self._by_widget(column)
        draw = self._text_drawer(column)
        explanation = column.node.explanation
        if explanation not in self.rules:
            return lambda record, said: draw(record)

        def explained(record: Any, said: str) -> Markup:
            text = record[explanation] or ""
            button = self.widgets.explanation(f"f-{column.name}-{record.id}", text, column.label, TONES.get(said, ""))
            return escape(draw(record)) + (button if text else "")

        return explained

    def _text_drawer(self, column: Column) -> Callable[[Any], Markup | str]:
        name, rules, formats = column.name, column.rules, self.formats
        kind = rules.type
        if kind == "button":
            macros = self.widgets.templates.macros("_layout.html")
            return lambda record: macros.list_button(record.id, column.node)
        if column.is_link and self.env[rules.comodel].check_access_rights("read", False):
            return lambda record: _link(record[name])
        if kind == "many2one":
            return lambda record: escape(target.sudo().display_name) if (target := record[name]) else ""
        if kind == "monetary":
            return lambda record: money(record, rules, formats)
        if kind == "datetime" and column.node.widget in DAY_ONLY:
            return lambda record: formats.local_day(value) if (value := record[name]) else ""
        if kind in ("quantity", "float"):
            decimals = column.decimals
            return lambda record: formats.number(record[name] or 0, decimals)
        if kind == "integer":
            return lambda record: formats.number(record[name] or 0)
        if kind in TABLES:
            return lambda record: ", ".join(record[name].mapped("display_name"))
        if kind == "selection":
            labels = dict(rules.selection)
            return lambda record: labels.get(record[name], record[name] or "")
        if kind in ("char", "text"):
            return lambda record: record[name] or ""
        if kind == "binary":
            files = self.files[name]
            return lambda record: shown(rules, files.get(record.id, False), formats)
        return lambda record: shown(rules, read_value(record, rules), formats)

    def _by_widget(self, column: Column) -> Callable[[Any, str], Markup | str]:
        show = self.widgets.templates.macros(f"widgets/{column.widget}.html").show
        node, rules, formats, files = column.node, column.rules, self.formats, self.files.get(column.name)

        explanation = node.explanation if node.explanation in self.rules else ""

        def draw(record: Any, said: str) -> Markup:
            value = read_value(record, rules) if files is None else files.get(record.id, False)
            bound = BoundField(
                rules, node, f"{rules.name}.{record.id}", value, "", formats, readonly=True, small=True, decoration=said
            )
            if explanation:
                bound.explanation = record[explanation] or ""
            return show(bound)

        return draw


def _link(target: Any) -> Markup | str:
    """The name of a linked record, as a link to it."""
    if not target:
        return ""
    return Markup('<a href="{}">{}</a>').format(address(target._name, target.id), target.sudo().display_name)


def _light(record: Any, rules: FieldRules) -> Any:
    """A value for an expression: of a link only the id is needed."""
    if rules.type == "many2one":
        return record[rules.name].id or False
    return record[rules.name]


def _decimals(value: Any) -> int:
    if not value:
        return 0
    exponent = exact(value).normalize().as_tuple().exponent
    return max(0, -int(exponent))


def money(record: Any, rules: FieldRules, formats: Formats) -> str:
    """An amount with its currency's sign."""
    text = formats.number(record[rules.name] or 0, 2)
    currency = record[rules.currency_field] if rules.currency_field in record._fields else None
    if not currency:
        return text
    return signed(text, currency.sudo())

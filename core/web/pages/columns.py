"""The columns of a list, and how a value of each is drawn in a row."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from core.web.field_rules import TABLES, FieldRules, Rules, exact, plain
from core.web.forms.binding import BoundField, shown
from core.web.forms.formats import Formats
from core.web.forms.values import choice_of, read_value
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
    }
)


@dataclass
class Column:
    """One column of a list."""

    node: Node
    rules: FieldRules
    widget: str
    sort_url: str = ""
    sorted: str = ""
    decimals: int = 0

    @property
    def name(self) -> str:
        """The field's name."""
        return self.node.name

    @property
    def label(self) -> str:
        """The heading."""
        return "" if self.widget in ("handle", "priority") else self.node.string or self.rules.label

    @property
    def numeric(self) -> bool:
        """Whether it is set as numbers are."""
        return self.rules.numeric and self.widget in ("number", "percentage", "float_time")

    @property
    def classes(self) -> str:
        """The CSS classes of its cells."""
        kinds = ["num"] if self.numeric else []
        if self.rules.type in ("date", "datetime"):
            kinds.append("when")
        if self.widget in ("boolean", "priority", "handle", "badge"):
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


def columns_of(view: View, rules: Rules, widgets: Widgets, context: Mapping[str, Any]) -> list[Column]:
    """The columns of a list that are shown."""
    found = []
    for node in view.columns:
        if node.kind != "field" or node.name not in rules or _hidden(node, context):
            continue
        spec = rules[node.name]
        found.append(Column(node, spec, widgets.name(node.widget, spec.type)))
    return found


def _hidden(node: Node, context: Mapping[str, Any]) -> bool:
    if node.attrs.get("optional") == "hide" or (
        node.invisible is not None and node.invisible.constant and node.invisible.holds({})
    ):
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
    ) -> None:
        self.view, self.columns, self.rules, self.formats, self.widgets, self.names = (
            view,
            columns,
            rules,
            formats,
            widgets,
            names,
        )
        conditions = [node.invisible for node in view.columns if node.dynamic]
        self.decorations = view.root.decorations
        self.needs_scope = bool(self.decorations or conditions or any(column.node.decorations for column in columns))
        self.drawers: list[Callable[[Any], Markup | str]] = [self._drawer(column) for column in columns]

    def prepare(self, records: Any) -> None:
        """Read everything at once, and find out how many decimals each column of numbers needs."""
        for column in self.columns:
            if column.rules.type in ("quantity", "float") and column.widget == "number":
                column.decimals = max((_decimals(record[column.name]) for record in records), default=0)
            elif column.rules.type == "many2one":
                records.mapped(column.name).sudo().mapped("display_name")
        self.drawers = [self._drawer(column) for column in self.columns]

    def cells(self, record: Any, scope: Mapping[str, Any]) -> list[Cell]:
        """The cells of one row."""
        cells = []
        for column, draw in zip(self.columns, self.drawers, strict=True):
            classes = column.classes
            if column.node.dynamic and column.node.invisible is not None and safely(column.node.invisible, scope):
                cells.append(Cell("", classes, column.label))
                continue
            for name, expression in column.node.decorations:
                if safely(expression, scope):
                    classes = f"{classes} is-{name}"
            cells.append(Cell(draw(record), classes, column.label))
        return cells

    def scope(self, record: Any) -> Mapping[str, Any]:
        """The names for the expressions of one row."""
        if not self.needs_scope:
            return {}
        names = {*self.view.field_nodes, *self.view.used_names}
        values = {
            name: plain(_light(record, self.rules[name]))
            for name in names
            if name in self.rules and self.rules[name].type not in TABLES
        }
        return scope_of(values, **self.names)

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

    def _drawer(self, column: Column) -> Callable[[Any], Markup | str]:
        name, rules, formats = column.name, column.rules, self.formats
        kind = rules.type
        if column.widget not in _TEXTUAL:
            return self._by_widget(column)
        if kind == "many2one":
            return lambda record: escape(target.sudo().display_name) if (target := record[name]) else ""
        if kind == "monetary":
            return lambda record: money(record, rules, formats)
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
        return lambda record: shown(rules, read_value(record, rules), formats)

    def _by_widget(self, column: Column) -> Callable[[Any], Markup | str]:
        show = self.widgets.templates.macros(f"widgets/{column.widget}.html").show
        node, rules, formats = column.node, column.rules, self.formats

        def draw(record: Any) -> Markup:
            value = read_value(record, rules)
            # The id is empty: in a list the same field stands in every row.
            return show(BoundField(rules, node, f"{rules.name}.{record.id}", value, "", formats, readonly=True))

        return draw


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
    currency = currency.sudo()
    return f"{text} {currency.symbol}" if currency.position == "after" else f"{currency.symbol} {text}"


def linked_name(record: Any, name: str) -> str:
    """The name of a linked record."""
    choice = choice_of(record[name])
    return choice.label if choice else ""

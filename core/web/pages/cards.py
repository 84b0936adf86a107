"""Kanban cards: the template named ``card`` of a kanban view, drawn for one record.

``<a filter="late">`` in the template stands below the card as a link of its own: where the card leads, filtered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup, escape

from core.web.field_rules import Choice, Rules, plain
from core.web.forms.bound_field import BoundField
from core.web.forms.formats import Formats
from core.web.forms.values import read_rows
from core.web.forms.widgets import Widgets
from core.web.pages.columns import safely
from core.web.views.arch import PLAIN, Node, View
from core.web.views.expressions import scope_of


def draw_cards(
    view: View, records: Any, rules: Rules, formats: Formats, widgets: Widgets, names: Mapping[str, Any]
) -> Iterator[tuple[int, Markup, list[tuple[str, str, Markup]]]]:
    """The id of each record, its card, and the links below it: filter, CSS classes, words."""
    wanted = [name for name in {*view.field_nodes, *view.used_names} if name in rules]
    template = _template(view.root)
    for id_, values in read_rows(records, wanted, rules).items():
        scope = scope_of({name: plain(value) for name, value in values.items()}, **names)
        card = _Card(records.env, rules, values, formats, widgets, scope, id_)
        links = [node for node in template if _is_link(node)]
        yield (
            id_,
            card.all([node for node in template if not _is_link(node)]),
            [(node.attrs["filter"], " ".join(node.classes), words) for node in links if (words := card.node(node))],
        )


def _is_link(node: Node) -> bool:
    return node.kind == "a" and bool(node.attrs.get("filter"))


def _template(root: Node) -> list[Node]:
    """The nodes of the template called card; in an older view, of the first template."""
    for node in root.find("t"):
        if node.attrs.get("t-name") in ("card", "kanban-box"):
            return node.children
    return [node for node in root.children if node.kind != "templates"]


class _Card:
    def __init__(
        self,
        env: Any,
        rules: Rules,
        values: Mapping[str, Any],
        formats: Formats,
        widgets: Widgets,
        scope: Mapping[str, Any],
        id_: int,
    ) -> None:
        self.env, self.rules, self.values = env, rules, values
        self.formats, self.widgets, self.scope, self.id = formats, widgets, scope, id_

    def all(self, nodes: list[Node]) -> Markup:
        return Markup("").join(self.node(node) for node in nodes)

    def node(self, node: Node) -> Markup:
        if (node.condition is not None and not safely(node.condition, self.scope)) or (
            node.invisible is not None and safely(node.invisible, self.scope)
        ):
            return escape(node.tail)
        if node.kind == "field":
            return self._field(node) + escape(node.tail)
        content = escape(node.text) + self.all(node.children)
        if node.kind in PLAIN and node.kind not in ("a", "br", "hr"):
            classes = " ".join(node.classes)
            content = Markup('<{} class="{}">{}</{}>').format(Markup(node.kind), classes, content, Markup(node.kind))
        return content + escape(node.tail)

    def _field(self, node: Node) -> Markup:
        value = self.values.get(node.name, False)
        bound = BoundField(
            self.rules[node.name], node, f"{node.name}.{self.id}", value, "", self.formats, readonly=True, small=True
        )
        currency = self.values.get(bound.rules.currency_field)
        if bound.rules.type == "monetary" and isinstance(currency, Choice) and currency.id:
            bound.currency = self.env["res.currency"].sudo().browse(currency.id)
        return Markup('<span class="card-field {}">{}</span>').format(
            node.attrs.get("class", ""), self.widgets.show(bound)
        )

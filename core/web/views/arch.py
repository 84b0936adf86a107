"""Architectures: the XML of a view, read once into a tree of nodes.

A node knows its place (`id`), its attributes, and the expressions in them, already compiled. The tree is shared by
all requests and never changed. What depends on a record or a user (what is invisible, who belongs to a group) is
decided when a page is drawn.

    View                       one architecture: type, model, root, the fields it shows
      Node                     one element; `kind` decides which template draws it
        .views                 of a <field>: the list, form or kanban written inside it
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lxml import etree

from core.exceptions import ViewError
from core.web.views.expressions import Expression, ExpressionError, compile_expression
from core.web.views.inheritance import ADDON_MARK
from core.xml_source import parse_xml

VIEW_TYPES = ("form", "list", "search", "kanban")
# Elements with a meaning of their own.
LAYOUT = frozenset(
    (
        "form header sheet group notebook page footer field button label separator list search filter kanban templates"
        " t newline setting block app control create chatter"
    ).split()
)
# Elements that go into the page as they are.
PLAIN = frozenset(
    {
        "div",
        "span",
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "b",
        "strong",
        "i",
        "em",
        "small",
        "br",
        "hr",
        "ul",
        "ol",
        "li",
        "a",
    }
)
# Elements of upstream's clients that have no counterpart here: left out without a word.
IGNORED = frozenset({"searchpanel", "progressbar", "widget", "img", "attachmentPreview", "groupby", "field_group"})
_EXPRESSIONS = ("invisible", "readonly", "required", "column_invisible", "blank")
_SUBVIEWS = {"tree": "list", "list": "list", "form": "form", "kanban": "kanban", "search": "search"}


@dataclass(slots=True, eq=False)
class Node:
    """One element of an architecture. `text` and `tail` are what is written in and after it."""

    kind: str
    id: str
    attrs: Mapping[str, str]
    children: list[Node] = field(default_factory=list)
    text: str = ""
    tail: str = ""
    addon: str = ""
    line: int = 0
    groups: tuple[str, ...] = ()
    invisible: Expression | None = None
    readonly: Expression | None = None
    required: Expression | None = None
    column_invisible: Expression | None = None
    blank: Expression | None = None
    context: Expression | None = None
    domain: Expression | None = None
    condition: Expression | None = None
    decorations: tuple[tuple[str, Expression], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The field's, button's or filter's name; empty for others."""
        return self.attrs.get("name", "")

    @property
    def string(self) -> str:
        """The label written in the view; empty means: the model's."""
        return self.attrs.get("string", "")

    @property
    def widget(self) -> str:
        """The widget asked for; empty means: the field type's own."""
        return self.attrs.get("widget", "")

    @property
    def classes(self) -> tuple[str, ...]:
        """The CSS classes written in the view."""
        return tuple(self.attrs.get("class", "").split())

    @property
    def explanation(self) -> str:
        """The field whose text explains the value (``options="{'explanation': 'reason'}"``); empty when none does."""
        return str(self.options.get("explanation") or "")

    @property
    def dynamic(self) -> bool:
        """Whether it comes and goes with the record's values."""
        return self.invisible is not None and not self.invisible.constant

    def walk(self) -> Iterator[Node]:
        """This node and everything in it, but not into the views inside fields."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, kind: str) -> Iterator[Node]:
        """The nodes of `kind` in it."""
        return (node for node in self.walk() if node.kind == kind)


@dataclass(eq=False)
class View:
    """One parsed architecture. `name` is the external id or name it is reported by."""

    type: str
    model: str
    name: str
    root: Node
    problems: list[str] = field(default_factory=list)

    @cached_property
    def field_nodes(self) -> dict[str, Node]:
        """The <field> nodes by field name; a field shown twice is listed by its first node."""
        found: dict[str, Node] = {}
        for node in self.root.find("field"):
            found.setdefault(node.name, node)
        return found

    @cached_property
    def columns(self) -> list[Node]:
        """Of a list: its fields and buttons, in order."""
        return [node for node in self.root.children if node.kind in ("field", "button")]

    @cached_property
    def used_names(self) -> frozenset[str]:
        """Every field that the expressions read, whether it is shown or not."""
        names: set[str] = set()
        for node in self.root.walk():
            if node.explanation:
                names.add(node.explanation)
            for expression in node_expressions(node):
                names |= expression.names
            for subview in node.views.values():
                names |= subview.parent_names
        return frozenset(names)

    @cached_property
    def parent_names(self) -> frozenset[str]:
        """The fields of the enclosing record that the expressions read."""
        names: set[str] = set()
        for node in self.root.walk():
            for expression in node_expressions(node):
                names |= expression.parent_names
        return frozenset(names)

    @cached_property
    def groups(self) -> frozenset[str]:
        """Every group named anywhere in it."""
        return frozenset(name.lstrip("!") for node in self.root.walk() for name in node.groups)

    @property
    def editable(self) -> bool:
        """Of a list: whether its rows are edited in place."""
        return bool(self.root.attrs.get("editable"))

    def flag(self, name: str, default: bool = True) -> bool:
        """A switch such as ``create="0"`` on the root."""
        value = self.root.attrs.get(name)
        return default if value is None else value.lower() not in ("0", "false", "")


def node_expressions(node: Node) -> Iterator[Expression]:
    """The compiled expressions of `node` itself."""
    for expression in (
        node.invisible,
        node.readonly,
        node.required,
        node.column_invisible,
        node.blank,
        node.domain,
        node.context,
        node.condition,
    ):
        if expression is not None:
            yield expression
    for _, expression in node.decorations:
        yield expression


def parse(root: etree._Element | str, *, model: str, name: str, addon: str = "", type: str | None = None) -> View:
    """The architecture `root` as a View.

    Unknown elements are left out and noted in ``problems``; an expression that is wrong raises ViewError, which names
    the addon (of the extension, when that brought it in), the view and the line.
    """
    if isinstance(root, str):
        root = parse_xml(root.strip())
    kind = _SUBVIEWS.get(str(root.tag))
    if kind is None or (type is not None and kind != type):
        raise ViewError(f"view {name}: <{root.tag}> is not a {type or 'view'}", addon=addon or None, line=_line(root))
    return _Reader(model, name).view(root, kind, addon)


class _Reader:
    """Reads one architecture, numbering the nodes in document order."""

    def __init__(self, model: str, name: str) -> None:
        self.model, self.name = model, name
        self.count = 0
        self.problems: list[str] = []

    def view(self, root: etree._Element, kind: str, addon: str) -> View:
        node = self.node(root, addon)
        if node is None:
            raise ViewError(f"view {self.name} is empty", addon=addon or None)
        node.kind = kind
        return View(kind, self.model, self.name, node, self.problems)

    def node(self, element: etree._Element, addon: str) -> Node | None:
        tag = str(element.tag)
        addon = element.get(ADDON_MARK) or addon
        tag = "list" if tag == "tree" else tag
        if tag in IGNORED:
            return None
        if tag not in LAYOUT and tag not in PLAIN:
            self.problems.append(
                f"{addon}: view {self.name}, line {element.sourceline}: <{tag}> is not known here and was left out"
            )
            return None
        self.count += 1
        attrs = {str(key): str(value) for key, value in element.attrib.items() if key != ADDON_MARK}
        node = Node(tag, f"n{self.count}", attrs, text=_words(element.text), tail=_words(element.tail), addon=addon)
        node.line = _line(element) or 0
        self._expressions(node)
        node.groups = tuple(name.strip() for name in attrs.get("groups", "").split(",") if name.strip())
        if tag == "field":
            self._subviews(node, element, addon)
        else:
            node.children = [child for item in element if (child := self.node(item, addon)) is not None]
        return node

    def _expressions(self, node: Node) -> None:
        for name in _EXPRESSIONS:
            setattr(node, name, self._compile(node, name, node.attrs.get(name)))
        node.context = self._compile(node, "context", node.attrs.get("context"))
        node.domain = self._compile(node, "domain", node.attrs.get("domain"))
        node.condition = self._compile(node, "t-if", _condition(node.attrs.get("t-if")))
        node.decorations = tuple(
            (key.removeprefix("decoration-"), expression)
            for key, value in node.attrs.items()
            if key.startswith("decoration-") and (expression := self._compile(node, key, value))
        )
        node.options = self._options(node)

    def _compile(self, node: Node, attribute: str, text: str | None) -> Expression | None:
        if text is None or not text.strip():
            return None
        try:
            return compile_expression(text)
        except ExpressionError as error:
            raise self._error(node, f'{attribute}="{text}" of {_named(node)}: {error.reason}') from error

    def _options(self, node: Node) -> Mapping[str, Any]:
        text = node.attrs.get("options")
        if not text:
            return {}
        try:
            options = ast.literal_eval(text.replace(": true", ": True").replace(": false", ": False"))
        except (ValueError, SyntaxError) as error:
            raise self._error(node, f'options="{text}" of {_named(node)} is not a dictionary') from error
        return options if isinstance(options, dict) else {}

    def _subviews(self, node: Node, element: etree._Element, addon: str) -> None:
        for child in element:
            kind = _SUBVIEWS.get(str(child.tag))
            if kind is None:
                self.problems.append(f"{addon}: view {self.name}: <{child.tag}> inside {_named(node)} was left out")
                continue
            # The model of the view inside is the field's comodel, which only the registry knows.
            inner = self.node(child, addon)
            if inner is not None:
                node.views[kind] = View(kind, "", f"{self.name} ({node.name})", inner)

    def _error(self, node: Node, message: str) -> ViewError:
        return ViewError(f"view {self.name}: {message}", addon=node.addon or None, line=node.line or None)


def _line(element: etree._Element) -> int | None:
    line = element.sourceline
    return line if isinstance(line, int) else None


def _condition(text: str | None) -> str | None:
    """A kanban card's ``t-if``, in which upstream writes ``record.x.raw_value`` for the field x."""
    if text is None:
        return None
    return text.replace("record.", "").replace(".raw_value", "").replace("!", "not ").replace("not =", "!=")


def _named(node: Node) -> str:
    return f"<{node.kind} name={node.name!r}>" if node.name else f"<{node.kind}>"


def _words(text: str | None) -> str:
    """`text` with its white space collapsed, keeping the blanks that separate it from its neighbours."""
    if not text or not text.strip():
        return ""
    words = " ".join(text.split())
    return (" " if text[0].isspace() else "") + words + (" " if text[-1].isspace() else "")

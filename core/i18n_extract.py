"""How Babel finds the texts of an addon: messages, field labels, view labels. Named in `babel.cfg`.

Labels of fields, models, states and constraints need no `_()` around them: they are recognised by where they stand.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import Any, BinaryIO

from lxml import etree

#: (line number, function name, message or (singular, plural), comments)
Message = tuple[int, str, "str | tuple[str, str]", list[str]]

MARKERS = {"_", "_lt"}
LABEL_KEYWORDS = {"string", "help", "message"}
LABEL_ATTRIBUTES = {"string", "string-plural", "help", "placeholder", "confirm", "title", "sum", "avg", "aria-label"}
LABEL_FIELDS = {"name", "help", "comment", "title", "summary", "shortdesc", "description"}
TRANSLATED_MODELS = {
    "ir.ui.menu",
    "ir.actions.act_window",
    "ir.actions.act_url",
    "res.groups",
    "res.groups.privilege",
    "ir.module.category",
    "ir.cron",
    "res.country",
    "res.currency",
}


def extract_python(
    fileobj: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Message]:
    """Yield the texts of a Python module: `_()` and `env._()` calls, labels, descriptions, states, constraints."""
    for node in ast.walk(ast.parse(fileobj.read())):
        if isinstance(node, ast.Call):
            yield from _from_call(node)
        elif isinstance(node, ast.Assign):
            yield from _from_assignment(node)


def extract_xml(
    fileobj: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Message]:
    """Yield the texts of a data or view file: label attributes, texts inside views, names of menus and actions."""
    for element in etree.parse(fileobj).iter(etree.Element):
        line = int(element.sourceline or 0)  # type: ignore[arg-type]
        for attribute in sorted(LABEL_ATTRIBUTES & set(element.attrib)):
            yield from _texts(line, str(element.get(attribute)))
        if element.tag == "menuitem" and element.get("name"):
            yield from _texts(line, str(element.get("name")))
        if any(ancestor.get("name") == "arch" for ancestor in element.iterancestors("field")):
            yield from _texts(line, element.text)
            yield from _texts(line, element.tail)
        elif _is_translated_value(element):
            yield from _texts(line, element.text)


def _from_call(node: ast.Call) -> Iterator[Message]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    texts = [_literal(argument) for argument in node.args]
    if name in MARKERS and texts and texts[0]:
        yield node.lineno, "_", texts[0], []
    elif name == "ngettext" and len(texts) > 1 and texts[0] and texts[1]:
        yield node.lineno, "ngettext", (texts[0], texts[1]), []
    elif isinstance(owner, ast.Name) and owner.id == "fields":
        relational = name in {"Many2one", "One2many", "Many2many", "Selection", "Reference"}
        if texts and texts[0] and not relational:
            yield node.lineno, "", texts[0], []
        yield from _from_keywords(node)
        yield from _from_choices(next((k.value for k in node.keywords if k.arg == "selection"), None))
        yield from _from_choices(node.args[0] if node.args else None)
    elif isinstance(owner, ast.Name) and owner.id == "models":
        yield from _from_keywords(node)
        if len(texts) > 1 and texts[-1]:
            yield node.lineno, "", texts[-1], []


def _from_keywords(node: ast.Call) -> Iterator[Message]:
    for keyword in node.keywords:
        text = _literal(keyword.value)
        if keyword.arg in LABEL_KEYWORDS and text:
            yield keyword.value.lineno, "", text, []
        elif keyword.arg == "selection_add":
            yield from _from_choices(keyword.value)


def _from_choices(node: ast.expr | None) -> Iterator[Message]:
    """Yield the labels of a literal list of (value, label) pairs."""
    if isinstance(node, ast.List | ast.Tuple):
        for pair in node.elts:
            if isinstance(pair, ast.Tuple) and len(pair.elts) == 2 and (label := _literal(pair.elts[1])):
                yield pair.lineno, "", label, []


def _from_assignment(node: ast.Assign) -> Iterator[Message]:
    names = {target.id for target in node.targets if isinstance(target, ast.Name)}
    if "_description" in names and (text := _literal(node.value)):
        yield node.lineno, "", text, []
    elif "STATES" in names or any(name.isupper() for name in names):
        yield from _from_choices(node.value)


def _is_translated_value(element: etree._Element) -> bool:
    parent = element.getparent()
    return (
        element.tag == "field"
        and element.get("name") in LABEL_FIELDS
        and not element.keys()[1:]
        and parent is not None
        and parent.tag == "record"
        and parent.get("model") in TRANSLATED_MODELS
    )


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value else None


def _texts(line: int, text: str | None) -> Iterator[Message]:
    words = " ".join((text or "").split())
    if any(character.isalpha() for character in words):
        yield line, "", words, []

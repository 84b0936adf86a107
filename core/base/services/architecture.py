"""Check a view's architecture by itself: is it XML, of its type, and does it name fields that exist?

Only what can be said without the other views is said here. Whether an extension finds its place in the inherited
view is seen when `core.web` combines them, where a missing place is a warning and not an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from core.api import _
from core.xml_source import parse_xml

VIEW_TYPES = {
    "form": "Form",
    "list": "List",
    "search": "Search",
    "kanban": "Kanban",
    "calendar": "Calendar",
    "graph": "Graph",
    "pivot": "Pivot",
    "template": "Template",
}
POSITIONS = {"inside", "before", "after", "replace", "attributes", "move"}


def problems(env: Any, arch: str, model_name: str | None, view_type: str | None, inherits: bool) -> list[str]:
    """Return what is wrong with an architecture, in words; an empty list when nothing is.

    Args:
        env: to look up models; an addon's own models are there once it is being installed.
        arch: the XML.
        model_name: model that the view shows; None for templates.
        view_type: a key of `VIEW_TYPES`.
        inherits: the architecture is a change of another view.
    """
    try:
        root = parse_xml(arch)
    except (etree.XMLSyntaxError, ValueError) as error:
        return [str(_("the architecture is not well-formed XML: %(error)s", error=error))]
    if model_name and model_name not in env.registry.models:
        return [str(_("there is no model %(model)s", model=model_name))]
    if inherits and root.tag not in VIEW_TYPES:
        return list(_extension_problems(root))
    return list(_base_problems(env, root, model_name, view_type))


def _base_problems(env: Any, root: Any, model_name: str | None, view_type: str | None) -> Iterator[str]:
    if root.tag not in VIEW_TYPES:
        known = ", ".join(VIEW_TYPES)
        yield str(
            _(
                "line %(line)s: <%(tag)s> is no view type (known: %(known)s)",
                line=root.sourceline,
                tag=root.tag,
                known=known,
            )
        )
    elif view_type and root.tag != view_type:
        yield str(_("the outermost element is <%(tag)s> in a view of type %(type)s", tag=root.tag, type=view_type))
    elif model_name:
        yield from _field_problems(env, root, model_name)


def _field_problems(env: Any, element: Any, model_name: str) -> Iterator[str]:
    """Walk the tree; inside a relational field's own view the model is the related one."""
    fields = env.registry.models[model_name]._fields
    for child in element.iterchildren(etree.Element):
        inner = model_name
        if child.tag == "field":
            name = child.get("name")
            if name not in fields:
                yield str(
                    _(
                        "line %(line)s: %(model)s has no field “%(field)s”",
                        line=child.sourceline,
                        model=model_name,
                        field=name,
                    )
                )
                continue
            inner = getattr(fields[name], "comodel_name", "") or model_name
            if inner not in env.registry.models:
                continue
        elif (
            child.tag == "button"
            and child.get("type") == "object"
            and not _is_method(env, model_name, child.get("name"))
        ):
            yield str(
                _(
                    "line %(line)s: %(model)s has no method “%(name)s”",
                    line=child.sourceline,
                    model=model_name,
                    name=child.get("name"),
                )
            )
        yield from _field_problems(env, child, inner)


def _is_method(env: Any, model_name: str, name: str | None) -> bool:
    return bool(name) and callable(getattr(env.registry.models[model_name], str(name), None))


def _extension_problems(root: Any) -> Iterator[str]:
    changes = root.iterchildren(etree.Element) if root.tag in ("data", "odoo") else [root]
    for change in changes:
        position = change.get("position", "inside")
        if position not in POSITIONS:
            known = ", ".join(sorted(POSITIONS))
            yield str(
                _(
                    "line %(line)s: there is no position “%(position)s” (known: %(known)s)",
                    line=change.sourceline,
                    position=position,
                    known=known,
                )
            )
        if change.tag == "xpath":
            yield from _xpath_problems(change)


def _xpath_problems(change: Any) -> Iterator[str]:
    expression = change.get("expr")
    if not expression:
        yield str(_("line %(line)s: <xpath> needs an expr", line=change.sourceline))
        return
    try:
        etree.XPath(expression)
    except etree.XPathSyntaxError as error:
        yield str(
            _(
                "line %(line)s: “%(expr)s” is not an XPath expression: %(error)s",
                line=change.sourceline,
                expr=expression,
                error=error,
            )
        )

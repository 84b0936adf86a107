"""Views as tests look at them: combined from all their extensions, and compared with the models they show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.exceptions import StillageError
from core.rpc import dispatch
from core.web.views.arch import Node, View, node_expressions, parse
from core.web.views.catalogue import Views
from core.web.views.expressions import RESERVED
from core.web.views.inheritance import Combined


@dataclass(frozen=True)
class ViewOf:
    """One view of a database, with everything that extends it."""

    record: Any
    view: View
    combined: Combined

    @property
    def name(self) -> str:
        """Its external id, or its name where it has none."""
        return label(self.record)


def label(record: Any) -> str:
    """How messages name a view: by its external id if it has one."""
    return str(record.xml_id or record.name)


def read_view(record: Any) -> ViewOf:
    """The view `record` (of `ir.ui.view`, a base view) as its users get it. Raises ViewError when it cannot be read."""
    combined, addon = Views().combined(record.env, record.model, record.type, record.id)
    view = parse(combined.root, model=record.model, name=label(record), addon=addon)
    return ViewOf(record, view, combined)


def problems(env: Any, found: ViewOf) -> Iterator[str]:
    """One line for each thing that the view names and that does not exist."""
    for problem in [*found.combined.problems, *found.view.problems]:
        yield str(problem)
    if found.view.model not in env.registry.models:
        yield f"{found.name}: there is no model {found.view.model!r}"
        return
    for complaint in _tree_problems(env, found.view, found.view.model, None):
        yield f"{found.name}: {complaint}"


# ---------------------------------------------------------------------------- comparing with models


def _tree_problems(env: Any, view: View, model: str, parent: str | None) -> Iterator[str]:
    records = env[model]
    for node in view.root.walk():
        if node.kind == "field":
            yield from _field_problems(env, node, model)
        elif node.kind == "button":
            yield from _button_problems(env, node, model)
        yield from _expression_problems(env, node, records, parent)


def _field_problems(env: Any, node: Node, model: str) -> Iterator[str]:
    field = env[model]._fields.get(node.name)
    if field is None:
        yield f"line {node.line}: {model} has no field {node.name!r}"
        return
    for subview in node.views.values():
        if not field.comodel_name:
            yield f"line {node.line}: {model}.{node.name} has no records to show in a view of its own"
            continue
        yield from _tree_problems(env, subview, field.comodel_name, model)


def _button_problems(env: Any, node: Node, model: str) -> Iterator[str]:
    kind, name = node.attrs.get("type", "object"), node.name
    if node.attrs.get("special") or kind == "url":
        return
    if kind == "action":
        if not name.isdigit() and not env.ref(name.strip("%()d "), raise_if_not_found=False):
            yield f"line {node.line}: the button's action {name!r} does not exist"
        return
    try:
        dispatch.find_method(env, model, name)
    except StillageError as error:
        yield f"line {node.line}: button {name!r}: {error}"


def _expression_problems(env: Any, node: Node, records: Any, parent: str | None) -> Iterator[str]:
    for expression in node_expressions(node):
        for name in expression.names - RESERVED:
            if name not in records._fields:
                yield f"line {node.line}: {expression.text!r} reads {name!r}, which {records._name} does not have"
        for name in expression.parent_names:
            if parent and name not in env[parent]._fields:
                yield f"line {node.line}: {expression.text!r} reads parent.{name}, which {parent} does not have"
    for group in node.groups:
        if not env.ref(group.lstrip("!"), raise_if_not_found=False):
            yield f"line {node.line}: there is no group {group!r}"

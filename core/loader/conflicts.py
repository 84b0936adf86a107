"""Where several addons change the same thing: hooks, methods and fields of a model, parts of a view.

Addons of which one is loaded after the other, by ``depends`` or ``after`` in its manifest, are in order by that and not
reported. Between others only something explicit decides (``before=``, ``after=``, a view's priority); where there is
nothing, the conflict is *undetermined* and worth a look.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise
from typing import Any

from lxml import etree

from core.loader.discovery import Catalogue
from core.orm.fields import Field
from core.plugins import Conflict
from core.xml_source import parse_xml


def all_conflicts(env: Any, catalogue: Catalogue) -> list[Conflict]:
    """All conflicts among the installed addons: hooks, models, views."""
    related = _Relations(catalogue, env.registry.addons)
    hooks = [conflict for conflict in env.registry.hooks.conflicts() if related.unrelated_among(conflict.addons)]
    return [*hooks, *model_conflicts(env.registry, related), *view_conflicts(env, related)]


class _Relations:
    """Which of the installed addons are loaded after which others by their manifests."""

    def __init__(self, catalogue: Catalogue, addons: Iterable[str]) -> None:
        installed = list(addons)
        self.predecessors = {name: catalogue.predecessors(name, installed) for name in installed}

    def unrelated_among(self, addons: Iterable[str]) -> set[str]:
        """Those of the addons that no manifest relates to some other of them; each addon is named once."""
        pairs = combinations(dict.fromkeys(addons), 2)
        return {name for pair in pairs if self._unrelated(*pair) for name in pair}

    def _unrelated(self, first: str, second: str) -> bool:
        none: frozenset[str] = frozenset()
        return second not in self.predecessors.get(first, none) and first not in self.predecessors.get(second, none)


def model_conflicts(registry: Any, related: _Relations) -> Iterator[Conflict]:
    """Methods and fields of one model that addons override which no manifest relates."""
    for name, cls in sorted(registry.models.items()):
        owners: dict[tuple[str, str], list[str]] = {}
        for definition in reversed(cls._definitions):  # in the order of super()
            for attribute, value in vars(definition).items():
                kind = "field" if isinstance(value, Field) else "method" if inspect.isfunction(value) else None
                if kind:
                    owners.setdefault((kind, attribute), []).append(registry.origins[definition])
        for (kind, attribute), addons in owners.items():
            unrelated = related.unrelated_among(addons)
            rivals = [addon for addon in addons if addon in unrelated]
            if rivals:
                yield Conflict(
                    kind=f"overridden {kind}",
                    subject=f"{name}.{attribute}",
                    addons=tuple(dict.fromkeys(rivals)),
                    order=tuple(rivals),
                    determined=False,
                    reason="their order is alphabetical; 'after' in the manifest of one of them decides it",
                )


def view_conflicts(env: Any, related: _Relations) -> Iterator[Conflict]:
    """Parts of a view that several addons replace, or whose same attributes they set."""
    views = env["ir.ui.view"].search([("mode", "=", "extension")])._in_order_of_application()
    names = env["ir.model.data"]._xmlids_of("ir.ui.view", [*views.ids, *views.mapped("inherit_id").ids])
    touched: dict[tuple[int, str], list[tuple[Any, str]]] = {}
    for view in views:
        for anchor, change in _changes(view.arch):
            touched.setdefault((view.inherit_id.id, anchor), []).append((view, change))
    for (parent, anchor), changes in touched.items():
        clashing = _clashing(changes)
        addons = [names.get(view.id, "?").partition(".")[0] for view, _ in clashing]
        if not related.unrelated_among(addons):
            continue
        by_priority = all(first.priority != second.priority for (first, _), (second, _) in pairwise(clashing))
        yield Conflict(
            kind="view part",
            subject=f"{names.get(parent, parent)} {anchor}",
            addons=tuple(dict.fromkeys(addons)),
            order=tuple(f"{names.get(view.id, view.name)} ({change})" for view, change in clashing),
            determined=by_priority,
            reason="by priority, the least first"
            if by_priority
            else "equal priority: their order is alphabetical; 'after' in the manifest of one of them decides it",
        )


def _changes(arch: str) -> Iterator[tuple[str, str]]:
    """(anchor, change) of each part of an extension's architecture."""
    try:
        root = parse_xml(arch)
    except etree.XMLSyntaxError:
        return
    for node in root if root.tag == "data" else [root]:
        if not isinstance(node.tag, str):
            continue
        position = node.get("position", "inside")
        anchor = node.get("expr") if node.tag == "xpath" else _anchor(node)
        if position == "attributes":
            for attribute in node.iter("attribute"):
                yield str(anchor), f"sets {attribute.get('name')}"
        else:
            yield str(anchor), position


def _anchor(node: Any) -> str:
    conditions = "".join(f"[@{key}='{value}']" for key, value in sorted(node.attrib.items()) if key != "position")
    return f"//{node.tag}{conditions}"


def _clashing(changes: list[tuple[Any, str]]) -> list[tuple[Any, str]]:
    """The changes that get in each other's way: everything where something is replaced, or one attribute set twice."""
    if len(changes) > 1 and any(change == "replace" for _, change in changes):
        return changes
    settings = [change for _, change in changes if change.startswith("sets ")]
    twice = {change for change in settings if settings.count(change) > 1}
    return [(view, change) for view, change in changes if change in twice]

"""The views of a database: found, combined with what extends them, parsed, pruned for the user's groups, and
remembered.

A view is prepared once per set of groups and language, until a view is changed or addons come and go. Whatever is
wrong with an extension is logged under its addon's name and left out; if the base view itself is broken, a default
view stands in.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from core.base.services import access
from core.base.services.caching import cached
from core.exceptions import MissingError, ViewError
from core.i18n import _
from core.web.field_rules import TABLES, FieldRules, rules_of
from core.web.views.arch import Node, View, node_expressions, parse
from core.web.views.defaults import default_arch
from core.web.views.expressions import RESERVED
from core.web.views.inheritance import Combined, Extension, combine

logger = logging.getLogger(__name__)

# Widgets that draw the records of a field without a list.
WITHOUT_LIST = frozenset(
    {
        "many2many_tags",
        "many2many_checkboxes",
        "tags",
        "many2many_tags_avatar",
        "many2many_avatar_user",
        "selections_by",
    }
)


class ModelRules(Mapping[str, FieldRules]):
    """The rules of a model's fields, taken from the model when first asked for."""

    def __init__(self, model: Any, known: dict[str, FieldRules]) -> None:
        self.model, self.known = model, known

    def __getitem__(self, name: str) -> FieldRules:
        rules = self.known.get(name)
        if rules is None:
            rules = rules_of(self.model, name)
            # A selection that a method gives may differ from user to user: it is asked for each time.
            if rules.type != "selection" or isinstance(self.model._fields[name].selection, list | tuple):
                self.known[name] = rules
        return rules

    def __contains__(self, name: object) -> bool:
        return name in self.model._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self.model._fields)

    def __len__(self) -> int:
        return len(self.model._fields)


class Views:
    """The prepared views of one application."""

    def rules(self, env: Any, model: str) -> ModelRules:
        """The rules of the fields of `model`."""
        known: dict[str, FieldRules] = cached(env, "web.rules", (model, env.lang), dict)
        return ModelRules(env[model], known)

    def get(self, env: Any, model: str, view_type: str, view_id: int = 0) -> View:
        """The view of a type for the user of `env`: the one with `view_id`, the model's first, or a default one."""
        if model not in env:
            raise MissingError(_("There is no model %(model)s in this database.", model=model))
        groups = frozenset() if env.su else access.group_ids(env, env.uid)
        key = (model, view_type, view_id, groups, env.su, env.lang)
        return cached(env, "web.views", key, lambda: self._prepare(env, model, view_type, view_id))

    def combined(self, env: Any, model: str, view_type: str, view_id: int = 0) -> tuple[Combined, str]:
        """The architecture with all extensions applied, what happened on the way, and the addon of the base view."""
        views = env["ir.ui.view"].sudo()
        base = views.browse(view_id or views.default_view(model, view_type) or ()).exists()
        if not base:
            return combine(f"{model}.{view_type}", default_arch(env[model], view_type), []), ""
        return self._combine(env, base, skip=frozenset()), _addon(base)

    def _combine(self, env: Any, base: Any, skip: frozenset[str]) -> Combined:
        extensions = [item for item in self._extensions(env, base) if item.addon not in skip]
        root = base
        while root.inherit_id:
            # A base view that inherits is a changed copy of its parent as other addons extend it.
            extensions = [Extension(_name(root), _addon(root), root.arch), *extensions]
            root = root.inherit_id
            extensions = [*(item for item in self._extensions(env, root) if item.addon not in skip), *extensions]
        return combine(_name(root), root.arch, extensions)

    @staticmethod
    def _extensions(env: Any, base: Any) -> list[Extension]:
        return [Extension(_name(view), _addon(view), view.arch) for view in base.with_env(env)._extensions()]

    def _prepare(self, env: Any, model: str, view_type: str, view_id: int) -> View:
        views = env["ir.ui.view"].sudo()
        base = views.browse(view_id or views.default_view(model, view_type) or ()).exists()
        view = self._parsed(env, base, model, view_type) if base else None
        if view is None:
            view = parse(default_arch(env[model], view_type), model=model, name=f"{model}.{view_type}", type=view_type)
        self._fit(env, view, model)
        for problem in view.problems:
            logger.warning("%s", problem)
        return view

    def _parsed(self, env: Any, base: Any, model: str, view_type: str) -> View | None:
        """The stored view parsed, without the addons whose extensions cannot be; None when the base itself cannot."""
        skip: set[str] = set()
        while True:
            try:
                combined = self._combine(env, base, frozenset(skip))
                view = parse(combined.root, model=model, name=_name(base), addon=_addon(base), type=view_type)
            except (ViewError, etree.XMLSyntaxError) as error:
                culprit = getattr(error, "addon", None)
                logger.warning("%s", error)
                if culprit is None or culprit == _addon(base) or culprit in skip:
                    return None
                skip.add(culprit)
                continue
            view.problems.extend(str(problem) for problem in combined.problems)
            return view

    # -- fitting a view to its model and the user

    def _fit(self, env: Any, view: View, model: str) -> None:
        """Take out what the model does not have and the user may not see, and add the lists of x2many fields."""
        view.model = model
        view.root.children = self._kept(env, view, view.root.children)

    def _kept(self, env: Any, view: View, nodes: list[Node]) -> list[Node]:
        kept = []
        for node in nodes:
            if node.groups and not access.matches_groups(env, ",".join(node.groups)) and not env.su:
                continue
            if node.kind == "field" and not self._fit_field(env, view, node):
                continue
            self._drop_unknown(env, view, node)
            node.children = self._kept(env, view, node.children)
            kept.append(node)
        return kept

    def _fit_field(self, env: Any, view: View, node: Node) -> bool:
        model = env[view.model]
        spec = model._fields.get(node.name)
        if spec is None:
            if view.type != "search" and node.name:
                view.problems.append(
                    f"{node.addon}: view {view.name}: {view.model} has no field {node.name!r}; it was left out"
                )
            return False
        if not model._field_shown(spec):
            return False
        if spec.type in TABLES and view.type == "form" and node.widget not in WITHOUT_LIST:
            self._fit_table(env, node, spec)
        return True

    def _fit_table(self, env: Any, node: Node, spec: Any) -> None:
        if "list" in node.views:
            for inner in node.views.values():
                self._fit(env, inner, spec.comodel_name)
        elif spec.comodel_name in env:
            node.views["list"] = self.get(env, spec.comodel_name, "list")

    def _drop_unknown(self, env: Any, view: View, node: Node) -> None:
        """An expression over a field that the model does not have would fail on every page: it is left out once."""
        if view.type == "search":
            return
        known = env[view.model]._fields
        for expression in list(node_expressions(node)):
            unknown = {name for name in expression.names if name not in known} - RESERVED
            if not unknown:
                continue
            names = ", ".join(sorted(unknown))
            view.problems.append(
                f"{node.addon}: view {view.name}: {expression.text!r} reads {names}, which {view.model} does not have"
            )
            for attribute in (
                "invisible",
                "readonly",
                "required",
                "column_invisible",
                "domain",
                "context",
                "condition",
            ):
                if getattr(node, attribute) is expression:
                    setattr(node, attribute, None)
            node.decorations = tuple(pair for pair in node.decorations if pair[1] is not expression)


def _name(view: Any) -> str:
    return str(view.xml_id or view.name)


def _addon(view: Any) -> str:
    return str(view.xml_id or "").partition(".")[0]

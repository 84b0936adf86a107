"""The fields that an advanced filter may ask for: those that the user may read and the database can search."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.web.field_rules import TABLES, FieldRules

#: So many fields a path may have.
MAX_STEPS = 6
RELATIONS = ("many2one", *TABLES)
_UNASKED = frozenset({"binary", "json", "reference", "id", "many2one_reference", "properties"})
_HIDDEN = frozenset({"parent_path"})

RulesOf = Callable[[str], Any]


class FieldPaths:
    """The searchable fields of a model and of the models that it refers to, for one user."""

    def __init__(self, env: Any, model: str, rules_of: RulesOf, labels: dict[str, str] | None = None) -> None:
        self.env, self.model, self.rules_of = env, model, rules_of
        self.labels = labels or {}
        self._known: dict[str, dict[str, FieldRules]] = {}

    def fields(self, model: str) -> dict[str, FieldRules]:
        """Name -> rules of the fields of a model, in the order of their labels; none where it may not be read."""
        if model not in self._known:
            self._known[model] = self._searchable(model)
        return self._known[model]

    def _searchable(self, model: str) -> dict[str, FieldRules]:
        if model not in self.env.registry.models:
            return {}
        records = self.env[model]
        if records._abstract or not records.check_access_rights("read", False):
            return {}
        rules = self.rules_of(model)
        found = [
            rules[name]
            for name, spec in records._fields.items()
            if not name.startswith("_")
            and name not in _HIDDEN
            and spec.type not in _UNASKED
            and records._field_allowed(spec)
            and rules[name].searchable
        ]
        return {each.name: each for each in sorted(found, key=lambda each: self.label(model, each).lower())}

    def label(self, model: str, rules: FieldRules) -> str:
        """What a field is called: on the list's own model as in the list's view."""
        return (self.labels.get(rules.name) if model == self.model else "") or rules.label

    def resolve(self, path: Sequence[str]) -> list[FieldRules]:
        """The rules of each field of a path; empty where one of them may not be asked for."""
        model, found = self.model, []
        if not path or len(path) > MAX_STEPS:
            return []
        for place, name in enumerate(path):
            rules = self.fields(model).get(name)
            if rules is None or (place < len(path) - 1 and rules.type not in RELATIONS):
                return []
            found.append(rules)
            model = rules.comodel
        return found

    def words(self, path: Sequence[str]) -> str:
        """A path as people read it: ``Product: Category: Name``."""
        models = [self.model, *(rules.comodel for rules in self.resolve(path))]
        return ": ".join(self.label(model, rules) for model, rules in zip(models, self.resolve(path), strict=False))

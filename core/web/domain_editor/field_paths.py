"""The fields that an advanced filter may ask for: those that the user may read and the database can search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from core.i18n import _
from core.web.field_rules import TABLES, FieldRules

#: So many fields a path may have.
MAX_STEPS = 6
RELATIONS = ("many2one", *TABLES)
_UNASKED = frozenset({"binary", "json", "reference", "many2one_reference", "properties"})
_HIDDEN = frozenset({"parent_path"})

RulesOf = Callable[[str], Any]
#: Model -> the fields that its views show, the most important first.
ShownBy = Callable[[str], Iterable[str]]


class Choices(NamedTuple):
    """The fields of a model on offer, as pairs of name and label: those that its views show, then all others."""

    shown: list[tuple[str, str]]
    more: list[tuple[str, str]]


class FieldPaths:
    """The searchable fields of a model and of the models that it refers to, for one user."""

    def __init__(
        self, env: Any, model: str, rules_of: RulesOf, shown_by: ShownBy, labels: dict[str, str] | None = None
    ) -> None:
        self.env, self.model, self.rules_of, self.shown_by = env, model, rules_of, shown_by
        self.labels = labels or {}
        self._known: dict[str, dict[str, FieldRules]] = {}
        self._named: dict[str, dict[str, str]] = {}

    def fields(self, model: str) -> dict[str, FieldRules]:
        """Name -> rules of the fields of a model; none where it may not be read."""
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
        return {
            name: rules[name]
            for name, spec in records._fields.items()
            if not name.startswith("_")
            and name not in _HIDDEN
            and spec.type not in _UNASKED
            and records._field_allowed(spec)
            and rules[name].searchable
        }

    def choices(self, model: str) -> Choices:
        """The fields of a model by use: in the order of its views, and the others in that of the alphabet."""
        found = self.fields(model)
        shown = [name for name in dict.fromkeys(self.shown_by(model)) if name in found]
        more = sorted(set(found) - set(shown), key=lambda name: self.label(model, found[name]).lower())
        return Choices(*([(name, self.label(model, found[name])) for name in names] for names in (shown, more)))

    def label(self, model: str, rules: FieldRules) -> str:
        """What a field is called: on the list's own model as in the list's view; no two fields are called the same."""
        if model not in self._named:
            self._named[model] = self._distinct(model)
        return self._named[model].get(rules.name) or rules.label

    def _distinct(self, model: str) -> dict[str, str]:
        """Name -> label. Of several with one label, the one shown first by the views has it.

        The others are called as their model calls them where the view does not, else by the link that they follow, by
        what they hold, or by their technical name.
        """
        found = self.fields(model)
        if not found:
            return {}
        own = self.labels if model == self.model else {}
        specs = self.env[model]._fields
        order = dict.fromkeys((*self.shown_by(model), *sorted(found, key=lambda name: bool(specs[name].related))))
        names = [name for name in order if name in found]
        wanted = {name: own.get(name) or found[name].label for name in names}
        often = Counter(label.lower() for name, label in own.items() if name in found)
        named: dict[str, str] = {}
        taken: set[str] = set()
        for name in names:
            rules, label = found[name], wanted[name]
            if name in own and often[label.lower()] > 1:
                label = rules.label
            if label.lower() in taken:
                link = found.get(specs[name].related[0]) if specs[name].related else None
                linked = str(self.env._(self.env[rules.comodel]._description)) if rules.comodel else ""
                holds = linked or (str(_("number")) if rules.numeric else "")
                hints = (link.label if link else holds, name)
                label = next(text for hint in hints if hint and (text := f"{label} ({hint})").lower() not in taken)
            taken.add(label.lower())
            named[name] = label
        return named

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

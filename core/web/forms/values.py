"""Records to the plain values of a form, and what an onchange answers to the same plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.i18n import _
from core.web.field_rules import TABLES, Choice, FieldRules, Rules
from core.web.forms.bound_field import Section
from core.web.forms.files import files_of
from core.web.forms.formats import Unreadable
from core.web.forms.quick_create import can_create

_MANY = 200
_CANDIDATES = 8


def choice_of(record: Any) -> Choice | bool:
    """A linked record as a Choice; its name is shown even to users who may not open it."""
    if not record:
        return False
    return Choice(record.id or 0, str(record.sudo().display_name or ""))


def read_value(record: Any, rules: FieldRules) -> Any:
    """The plain value of one field of one record. Of a file only what there is to tell: its content is not read."""
    kind = rules.type
    if kind == "binary":
        return files_of(record, rules.name).get(record.id, False)
    value = record[rules.name]
    if kind == "many2one":
        return choice_of(value)
    if kind in TABLES:
        return tuple(Choice(line.id or 0, str(line.sudo().display_name or "")) for line in value[:_MANY])
    if kind == "float":
        return Decimal(repr(value)) if value else Decimal(0)
    if kind == "reference":
        return str(value.sudo().display_name) if value else False
    return value


def read_values(record: Any, names: Iterable[str], rules: Rules) -> dict[str, Any]:
    """The plain values of `names`; of x2many fields only the ids and names."""
    return {name: read_value(record, rules[name]) for name in names}


def read_rows(records: Any, names: Iterable[str], rules: Rules) -> dict[int, dict[str, Any]]:
    """`read_values` of several records by id; one statement per field with files tells of them all."""
    names = list(names)
    files = {name: files_of(records, name) for name in names if rules[name].type == "binary"}
    return {
        record.id: {
            name: files[name].get(record.id, False) if name in files else read_value(record, rules[name])
            for name in names
        }
        for record in records
    }


def without_files(rules: Rules) -> list[str]:
    """The fields that a model is asked about while a form is filled in: a file has no part in that."""
    return [name for name, field in rules.items() if field.type != "binary"]


def from_answer(rules: FieldRules, value: Any) -> Any:
    """A value as `onchange` and `default_get` give it, as a plain value. Lines are not handled here."""
    kind = rules.type
    if value is None:
        return False
    if kind == "many2one":
        return Choice(int(value[0]), str(value[1])) if value else False
    if kind in TABLES:
        return tuple(
            dict.fromkeys(Choice(int(line.get("id") or 0), str(line.get("display_name") or "")) for line in value or ())
        )
    if kind in ("float", "quantity", "monetary"):
        return value if isinstance(value, Decimal) else Decimal(repr(value)) if value else Decimal(0)
    if kind == "datetime" and isinstance(value, str):
        return datetime.fromisoformat(value)
    if kind == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    return value


def sections_of(env: Any, comodel: str, by: str, value: Any) -> tuple[Section, ...]:
    """A drop-down for the records of `comodel` with the same `by`, for each such record; the last one held is chosen.

    For groups of users: one that implies another stands after it.
    """
    held = {choice.id for choice in value or ()}
    sections = []
    for owner, records in env[comodel].search([(by, "!=", False)]).grouped(by).items():
        choices = tuple(Choice(record.id, str(record[record._rec_name])) for record in records)
        chosen = [choice.id for choice in choices if choice.id in held]
        sections.append(Section(str(owner.display_name), choices, chosen[-1] if chosen else 0))
    return tuple(sections)


class NameFinder:
    """Finds the record a typed name means: the exact name first, else the only one that contains it."""

    def __init__(self, env: Any) -> None:
        self.env = env

    def __call__(
        self, rules: FieldRules, text: str, domain: Any = None, *, create: Mapping[str, Any] | None = None
    ) -> Choice:
        """See `Resolver`; the error carries the records it may have meant as ``candidates``."""
        model = self.env[rules.comodel]
        name, domain = text.strip(), list(domain or [])
        exact = model.name_search(name, domain, operator="=", limit=2)
        if len(exact) == 1:
            return Choice(exact[0][0], str(exact[0][1]))
        found = [
            Choice(id_, str(label))
            for id_, label in (exact or model.name_search(name, domain, operator="ilike", limit=_CANDIDATES + 1))
        ]
        if not found and "/" in name:
            # A name with its parents' before it ("Customer / Retail"): models search by the last part.
            last = model.name_search(name.rpartition("/")[2].strip(), domain, operator="=", limit=_MANY)
            found = [Choice(id_, str(label)) for id_, label in last if label == name]
        same = [item for item in found if item.label == name]
        if len(same) == 1:
            return same[0]
        if len(found) == 1:
            return found[0]
        raise self._unclear(model, name, found, create is not None and not exact and can_create(model, create))

    def _unclear(self, model: Any, name: str, found: list[Choice], creatable: bool) -> Unreadable:
        if not found:
            kind = noun(self.env._(model._description or model._name))
            error = Unreadable(_("No %(kind)s matches “%(name)s”.", kind=kind, name=name))
        elif len(found) > _CANDIDATES:
            error = Unreadable(_("Several records match “%(name)s”. Be more specific.", name=name))
        else:
            error = Unreadable(_("Several records match “%(name)s”. Choose one.", name=name))
        made = [Choice(0, name)] if creatable else []
        error.candidates = (*found[:_CANDIDATES], *made)  # type: ignore[attr-defined]
        return error


def noun(title: str) -> str:
    """What a model is called within a sentence: "Unit of Measure" is a unit of measure, an "API Key" an API key."""
    return " ".join(word if word.isupper() else word.lower() for word in title.split())

"""The conditions of an advanced filter: a tree that travels as text, becomes a domain, and is said in words.

Its text is a domain in prefix-list form, as JSON: ``["|", ["name", "ilike", "tray"], ["day", "period", "this_week"]]``.
The operator ``period`` is ours: it is worked out for the day on which the list is looked at. Text from an address is
never evaluated: it is parsed, and each field, operator and value is checked against the fields that the user may read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from core.api import Domain
from core.db.text_match import escape_like
from core.i18n import _
from core.web.domain_editor.field_paths import FieldPaths
from core.web.field_rules import TABLES, FieldRules
from core.web.forms.formats import Formats, Unreadable

MAX_TEXT = 12_000
MAX_VALUE = 200
MAX_CONDITIONS = 40
MAX_DEPTH = 6
MAX_NUMBER = 10**15
#: So many semicolons within a name are understood.
_SEMICOLONS = 3
_SCALE = 12
_TEXT = ("char", "text", "html")
_WHOLE = ("integer", "id")
_NUMBERS = (*_WHOLE, "float", "quantity", "monetary")

OPERATORS: dict[str, tuple[str, ...]] = {
    "text": ("ilike", "not ilike", "=", "!=", "set", "unset"),
    "number": ("=", "!=", "<", "<=", ">", ">="),
    "boolean": ("=",),
    "selection": ("=", "!=", "set", "unset"),
    "relation": ("ilike", "not ilike", "in", "set", "unset"),
    "date": ("period", "=", "<", ">", "<=", ">=", "set", "unset"),
}
PERIODS = (
    "today", "yesterday", "tomorrow", "past", "future", "last_7_days", "next_7_days", "last_30_days", "next_30_days",
    "this_week", "last_week", "next_week", "this_month", "last_month", "next_month", "this_year",
)  # fmt: skip


class BadFilter(ValueError):
    """The text is no filter that this user may apply to this list; the message says why."""


def kind_of(rules: FieldRules) -> str:
    """Which operators a field takes."""
    if rules.type in ("date", "datetime"):
        return "date"
    if rules.type in _NUMBERS:
        return "number"
    if rules.type == "many2one" or rules.type in TABLES:
        return "relation"
    return rules.type if rules.type in ("boolean", "selection") else "text"


def operator_words(kind: str) -> dict[str, str]:
    """Operator -> what it is called for this kind of field."""
    words = {
        "ilike": _("contains"),
        "not ilike": _("does not contain"),
        "in": _("is"),
        "=": _("is") if kind != "date" else _("on"),
        "!=": _("is not"),
        "<": _("before") if kind == "date" else _("less than"),
        ">": _("after") if kind == "date" else _("more than"),
        "<=": _("on or before") if kind == "date" else _("at most"),
        ">=": _("on or after") if kind == "date" else _("at least"),
        "period": _("in the period"),
        "set": _("is set"),
        "unset": _("is not set"),
    }
    return {operator: str(words[operator]) for operator in OPERATORS[kind]}


def period_words() -> dict[str, str]:
    """Period -> what it is called."""
    words = (
        _("today"), _("yesterday"), _("tomorrow"), _("before today"), _("after today"), _("in the last 7 days"),
        _("in the next 7 days"), _("in the last 30 days"), _("in the next 30 days"), _("this week"), _("last week"),
        _("next week"), _("this month"), _("last month"), _("next month"), _("this year"),
    )  # fmt: skip
    return dict(zip(PERIODS, map(str, words), strict=True))


@dataclass
class Condition:
    """One field compared with a value. `value` is what an input holds; of a relation, the names of records."""

    path: list[str] = field(default_factory=list)
    operator: str = ""
    value: str = ""
    #: The records that a text named; without it they are those of the names in `value`.
    ids: list[int] = field(default_factory=list)


@dataclass
class Group:
    """Conditions of which all must hold, or any."""

    any: bool = False
    items: list[Condition | Group] = field(default_factory=list)

    def conditions(self) -> Iterator[Condition]:
        """All conditions, those of inner groups too."""
        for item in self.items:
            if isinstance(item, Group):
                yield from item.conditions()
            else:
                yield item


class Conditions:
    """Reads, checks and writes the trees of one list, for one user."""

    def __init__(self, paths: FieldPaths, formats: Formats) -> None:
        self.paths, self.formats, self.env = paths, formats, paths.env

    # -- from text

    def parse(self, text: str) -> Group:
        """The tree that a text from an address says. Raises BadFilter."""
        if len(text) > MAX_TEXT:
            raise BadFilter(_("The filter is too long."))
        try:
            given = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadFilter(_("The address does not hold a filter.")) from error
        if not isinstance(given, list) or len(given) > 2 * MAX_CONDITIONS:
            raise BadFilter(_("The address does not hold a filter."))
        tokens = list(given)
        parts: list[Condition | Group] = []
        while tokens:
            parts.append(self._next(tokens, MAX_DEPTH))
        if len(parts) == 1 and isinstance(parts[0], Group):
            return parts[0]
        return Group(False, parts)

    def _next(self, tokens: list[Any], depth: int) -> Condition | Group:
        """The next part of a prefix list; operators of the same kind within one another are one group."""
        token = tokens.pop(0) if tokens else None
        if token in ("&", "|") and isinstance(token, str):
            group = Group(token == "|")
            for _side in range(2):
                same = bool(tokens) and tokens[0] == token
                if not same and depth <= 0:
                    raise BadFilter(_("The groups of the filter are nested too deeply."))
                part = self._next(tokens, depth if same else depth - 1)
                if isinstance(part, Group) and part.any == group.any:
                    group.items.extend(part.items)
                else:
                    group.items.append(part)
            return group
        if isinstance(token, list) and len(token) == 3 and isinstance(token[0], str) and isinstance(token[1], str):
            return self._condition(*token)
        raise BadFilter(_("The address does not hold a filter."))

    def _condition(self, path: str, operator: str, value: Any) -> Condition:
        names = path.split(".")
        steps = self.paths.resolve(names)
        if not steps:
            raise BadFilter(_("You cannot filter by “%(field)s” here.", field=path[:60]))
        rules, kind = steps[-1], kind_of(steps[-1])
        if value is False and operator in ("=", "!=") and kind not in ("boolean", "number"):
            operator = "set" if operator == "!=" else "unset"
        if isinstance(value, str) and len(value) > MAX_VALUE:
            raise BadFilter(_("The filter is too long."))
        if operator not in OPERATORS[kind]:
            raise BadFilter(_("“%(operator)s” does not fit %(field)s.", operator=operator[:20], field=rules.label))
        found = Condition(names, operator, self._shown_value(rules, operator, value))
        if operator == "in" and isinstance(value, list):
            found.ids = [item for item in value[:MAX_CONDITIONS] if type(item) is int]
        if problem := self.problem(found):
            raise BadFilter(problem)
        return found

    def _shown_value(self, rules: FieldRules, operator: str, value: Any) -> str:
        """The value of a text as an input holds it."""
        if operator in ("set", "unset"):
            return ""
        if operator == "in" and kind_of(rules) == "relation":
            ids = [item for item in value[:MAX_CONDITIONS] if type(item) is int] if isinstance(value, list) else []
            return "; ".join(self.env[rules.comodel].search([("id", "in", ids)]).mapped("display_name"))
        if kind_of(rules) == "boolean":
            return "1" if value else "0"
        if kind_of(rules) == "number" and isinstance(value, str | int | float) and not isinstance(value, bool):
            try:
                return self.formats.typed_number(Decimal(str(value)))
            except ArithmeticError:
                return str(value)[:200]
        return value[:200] if isinstance(value, str) else ""

    # -- to text

    def text(self, group: Group) -> str:
        """The tree as text for an address; conditions that are not filled in are left out."""
        return json.dumps(self._prefix(group), separators=(",", ":"), ensure_ascii=False)

    def _prefix(self, group: Group) -> list[Any]:
        parts = []
        for item in group.items:
            if isinstance(item, Group):
                if inner := self._prefix(item):
                    parts.append(inner)
            elif item.path and item.operator:
                parts.append([self._leaf(item)])
        joined = ["|" if group.any else "&"] * (len(parts) - 1)
        return [*joined, *(token for part in parts for token in part)]

    def _leaf(self, item: Condition) -> list[Any]:
        rules, path = self.paths.resolve(item.path)[-1], ".".join(item.path)
        if item.operator in ("set", "unset"):
            return [path, "!=" if item.operator == "set" else "=", False]
        return [path, item.operator, self._exact(rules, item)]

    def _exact(self, rules: FieldRules, item: Condition) -> Any:
        """The value of a condition as JSON. Raises Unreadable."""
        kind, text = kind_of(rules), item.value.strip()
        if kind == "boolean":
            return text == "1"
        if kind == "number":
            number = self.formats.read_number(text, 0 if rules.type in _WHOLE else _SCALE)
            if abs(number) >= MAX_NUMBER:
                raise Unreadable(_("The number has too many digits."))
            return int(number) if rules.type in _WHOLE else f"{number:f}"
        if kind == "relation" and item.operator == "in":
            return item.ids or self._named(rules, text)
        if kind == "selection" and text not in dict(rules.selection):
            raise Unreadable(_("Choose a value."))
        if item.operator == "period" and text not in PERIODS:
            raise Unreadable(_("Choose a period."))
        if kind == "date" and item.operator != "period":
            self._day(text)
        if not text:
            raise Unreadable(_("Enter a value."))
        return text

    def _day(self, text: str) -> date:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if not 1900 <= day.year <= 2200:
            raise Unreadable(_("“%(text)s” is not a date.", text=text[:40]) if text else _("Enter a date."))
        return day

    def _named(self, rules: FieldRules, text: str) -> list[int]:
        """The records of names with semicolons between them: all of them, where several have a name.

        A name may have semicolons itself: the longest name that there is counts.
        """
        names, found = [part.strip() for part in text.split(";")], []
        while names:
            for length in range(min(len(names), _SEMICOLONS + 1), 0, -1):
                name = "; ".join(names[:length])
                if ids := self._of_name(rules, name):
                    break
            if not ids and name:
                raise Unreadable(_("No %(kind)s is called “%(name)s”.", kind=rules.label, name=name[:40]))
            found += ids
            del names[:length]
        return list(dict.fromkeys(found))

    def _of_name(self, rules: FieldRules, name: str) -> list[int]:
        if not name:
            return []
        given = [escape_like(name), *([escape_like(name.replace("; ", ";"))] if ";" in name else [])]
        records = self.env[rules.comodel]
        return [
            int(id_)
            for words in given
            for id_, _label in records.name_search(words, operator="=ilike", limit=MAX_CONDITIONS)
        ]

    def problem(self, item: Condition) -> str:
        """What is wrong with a condition, in words; empty when it can be applied."""
        if not item.path:
            return ""
        steps = self.paths.resolve(item.path)
        if not steps:
            return str(_("You cannot filter by this field."))
        try:
            if item.operator not in ("set", "unset"):
                self._exact(steps[-1], item)
                if kind_of(steps[-1]) == "relation" and not item.value.strip():
                    return str(_("Enter a value."))
        except Unreadable as error:
            return str(error)
        return ""

    # -- as a domain

    def domain(self, group: Group) -> Domain:
        """What the database is asked for. Linked records are looked up under the user's own access rules."""
        parts = [
            self.domain(item) if isinstance(item, Group) else self._condition_domain(item)
            for item in group.items
            if isinstance(item, Group) or (item.path and item.operator)
        ]
        if not parts:
            return Domain.TRUE
        return Domain.OR(parts) if group.any else Domain.AND(parts)

    def _condition_domain(self, item: Condition) -> Domain:
        rules = self.paths.resolve(item.path)[-1]
        inner = self._last(rules, item)
        for name in reversed(item.path[:-1]):
            inner = Domain(name, "any", inner)
        return inner

    def _last(self, rules: FieldRules, item: Condition) -> Domain:
        name, operator, kind = rules.name, item.operator, kind_of(rules)
        if operator in ("set", "unset"):
            return Domain(name, "!=" if operator == "set" else "=", False)
        value = self._exact(rules, item)
        if kind == "number" and isinstance(value, str):
            return Domain(name, operator, Decimal(value))
        if kind == "date":
            return self._dates(rules, operator, value)
        if rules.type in TABLES and operator in ("ilike", "not ilike"):
            return Domain(name, "any" if operator == "ilike" else "not any", [("display_name", "ilike", value)])
        return Domain(name, operator, value)

    def _dates(self, rules: FieldRules, operator: str, value: str) -> Domain:
        """A comparison with days: a day is that of the user's time zone."""
        name = rules.name
        if operator == "period":
            first, after = _days_of(value, self.formats.local(datetime.now(UTC).replace(tzinfo=None)).date())
        else:
            day = date.fromisoformat(value)
            following = day + timedelta(days=1)
            first = {"=": day, ">": following, ">=": day}.get(operator)
            after = {"=": following, "<": day, "<=": following}.get(operator)
        parts = []
        if first is not None:
            parts.append(Domain(name, ">=", self._start(rules, first)))
        if after is not None:
            parts.append(Domain(name, "<", self._start(rules, after)))
        return Domain.AND(parts)

    def _start(self, rules: FieldRules, day: date) -> Any:
        if rules.type == "date":
            return day
        return datetime.combine(day, time.min, tzinfo=self.formats.zone).astimezone(UTC).replace(tzinfo=None)

    # -- in words

    def words(self, group: Group) -> str:
        """The tree as people read it: ``Promised before Nov 27, 2026 or Product contains tray``."""
        parts = []
        for item in group.items:
            if isinstance(item, Group):
                if inner := self.words(item):
                    parts.append(f"({inner})" if len(item.items) > 1 and len(group.items) > 1 else inner)
            elif item.path and item.operator:
                parts.append(self._condition_words(item))
        return f" {_('or') if group.any else _('and')} ".join(parts)

    def _condition_words(self, item: Condition) -> str:
        rules = self.paths.resolve(item.path)[-1]
        kind = kind_of(rules)
        label, operator = self.paths.words(item.path), operator_words(kind)[item.operator]
        if item.operator in ("set", "unset"):
            return f"{label} {operator}"
        if item.operator == "period":
            return f"{label} {period_words()[item.value]}"
        shown = item.value
        if kind == "date":
            shown = self.formats.day(date.fromisoformat(item.value))
        elif kind == "selection":
            shown = rules.label_of(item.value)
        elif kind == "boolean":
            shown = str(_("Yes") if item.value == "1" else _("No"))
        return f"{label} {operator} {shown}"


def _days_of(period: str, today: date) -> tuple[date | None, date | None]:
    """The first day of a period, and the day after its last; None where it has no end."""
    days = timedelta
    monday = today - days(days=today.weekday())
    month = today.replace(day=1)
    next_month = (month + days(days=32)).replace(day=1)
    found: dict[str, tuple[date | None, date | None]] = {
        "today": (today, today + days(1)),
        "yesterday": (today - days(1), today),
        "tomorrow": (today + days(1), today + days(2)),
        "past": (None, today),
        "future": (today + days(1), None),
        "last_7_days": (today - days(6), today + days(1)),
        "next_7_days": (today, today + days(7)),
        "last_30_days": (today - days(29), today + days(1)),
        "next_30_days": (today, today + days(30)),
        "this_week": (monday, monday + days(7)),
        "last_week": (monday - days(7), monday),
        "next_week": (monday + days(7), monday + days(14)),
        "this_month": (month, next_month),
        "last_month": ((month - days(1)).replace(day=1), month),
        "next_month": (next_month, (next_month + days(32)).replace(day=1)),
        "this_year": (today.replace(month=1, day=1), today.replace(year=today.year + 1, month=1, day=1)),
    }
    return found[period]

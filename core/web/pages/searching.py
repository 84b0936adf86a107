"""The search of a list: what a search view offers, what an address asks for, and the domain of both.

q       words to look for, in all fields of the search view or in the one that `in` names
filter  names of filters, separated by commas; filters of one block are alternatives, blocks all hold
group   fields to group by, dates with a period: ``partner_id,date:month``
ids     only these records (from a button): ``3-7,12``
domain  the conditions of an advanced filter, as JSON (see `core.web.domain_editor.condition_tree`)
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.api import Domain
from core.bounds import QUERY, WORDS, check_text, is_integer, parse_integer
from core.exceptions import InvalidArgument
from core.i18n import _
from core.orm.domain import optimize
from core.orm.grouping import period_end
from core.web.addresses import address, unpack_ids
from core.web.domain_editor.condition_tree import BadFilter, Conditions, Group
from core.web.domain_editor.field_paths import FieldPaths
from core.web.field_rules import FieldRules, Rules
from core.web.forms.state import expression_names
from core.web.pages.arrangement import choosable
from core.web.pages.opening import Opening, active_names
from core.web.views.arch import Node, View
from core.web.views.expressions import ExpressionError, compile_expression, scope_of

logger = logging.getLogger(__name__)

# Counting on past this costs more than it tells.
COUNTED_MAX = 10_000
#: The number of the last page that can be asked for.
PAGES = 1_000_000
_LIMIT = 80
#: Between several texts that are searched for at once.
SEPARATOR = " | "
PERIODS = ("day", "week", "month", "quarter", "year")
# With one of these in the address, the action's own filters and groupings do not hold.
_EXPLICIT = frozenset({"filter", "group", "ids"})
_WORDS_IN = frozenset({"char", "text", "many2one", "selection", "html", "reference"})


@dataclass
class Filter:
    """One filter or grouping of a search view. `block` says which others it is an alternative to."""

    name: str
    label: str
    node: Node | None
    block: int
    active: bool = False
    url: str = ""


@dataclass
class Chip:
    """Something that narrows the list now, and the address without it; `edit` is where it can be changed.

    `hint` are the conditions in words, of which the label may be the name under which they are saved.
    """

    label: str
    url: str
    kind: str
    edit: str = ""
    hint: str = ""


@dataclass
class Favorite:
    """A saved filter on offer."""

    name: str
    url: str
    edit: str
    active: bool
    shared: bool


@dataclass
class Search:
    """The search as asked for, and what else could be."""

    opening: Opening
    view: View
    rules: Rules
    words: str = ""
    within: str = ""
    filters: list[Filter] = field(default_factory=list)
    groupings: list[Filter] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    ids: list[int] | None = None
    chips: list[Chip] = field(default_factory=list)
    conditions: Group | None = None
    problem: str = ""
    favorites: list[Favorite] = field(default_factory=list)
    #: The advanced filter in words.
    advanced_words: str = ""
    builder_url: str = ""

    @property
    def fields(self) -> list[Node]:
        """The fields that words can be looked for in."""
        return [node for node in self.view.root.find("field") if node.name in self.rules]

    @property
    def narrowed(self) -> bool:
        """Whether anything but the action's own domain holds."""
        return bool(self.words or self.conditions or self.ids is not None or any(item.active for item in self.filters))

    def domain(self) -> Domain:
        """Everything together: the action's domain, the ids, the filters and the words."""
        parts = [self.unnarrowed() if self.ids is None else Domain("id", "in", self.ids)]
        parts.extend(self._filter_domains())
        parts.append(self._word_domain())
        if self.conditions is not None:
            # Computed figures are searched by computing them: once, however often the domain is used.
            parts.append(optimize(conditions_of(self.opening).domain(self.conditions), self.opening.records))
        return Domain.AND(parts)

    def remembered(self) -> str:
        """What a saved filter remembers besides the conditions, as JSON: filters, groups and words."""
        active = [item.name for item in self.filters if item.active]
        return json.dumps({"filter": active, "group_by": self.groups, "q": self.words, "in": self.within})

    def unnarrowed(self) -> Domain:
        """What the list shows without words and filters."""
        opening = self.opening
        if opening.action is None:
            return Domain.TRUE
        return opening.action.evaluated_domain(opening.env, **active_names(opening.args))

    def _filter_domains(self) -> Iterator[Domain]:
        blocks: dict[int, list[Domain]] = {}
        for item in self.filters:
            if item.active and item.node is not None:
                blocks.setdefault(item.block, []).append(self._evaluated(item.node.attrs.get("domain") or "[]"))
        for domains in blocks.values():
            yield Domain.OR(domains)

    def _evaluated(self, text: str, names: Mapping[str, Any] | None = None) -> Domain:
        try:
            return Domain(
                compile_expression(text).evaluate(
                    scope_of(names or {}, **expression_names(self.opening.env, self.opening.records))
                )
            )
        except (ExpressionError, ValueError, TypeError) as error:
            logger.warning("view %s: a filter's domain was left out: %s", self.view.name, error)
            return Domain.TRUE

    def _word_domain(self) -> Domain:
        parts = []
        for words in self.words.split(SEPARATOR) if self.words else ():
            nodes = [node for node in self.fields if not self.within or node.name == self.within]
            parts.append(
                Domain.OR([domain for node in nodes if (domain := self._field_domain(node, words.strip())) is not None])
            )
        return Domain.AND(parts)

    def _field_domain(self, node: Node, words: str) -> Domain | None:
        if node.attrs.get("filter_domain"):
            return self._evaluated(node.attrs["filter_domain"], {"self": words})
        rules = self.rules[node.name]
        if rules.type in ("many2many", "one2many"):
            return Domain(node.name, "any", [("display_name", "ilike", words)]) if self.within else None
        if rules.type not in _WORDS_IN and not self.within:
            return None
        if rules.type == "selection":
            keys = [key for key, label in rules.selection if words.lower() in label.lower()]
            return Domain(node.name, "in", keys)
        if rules.type in _WORDS_IN:
            operator = node.attrs.get("operator") or "ilike"
            return Domain(node.name, "ilike" if operator == "child_of" else operator, words)
        return Domain(node.name, "=", words) if is_integer(words) else Domain.FALSE


def page_limit(opening: Opening) -> int:
    """How many records a page of the list has."""
    return int((opening.action.limit if opening.action else 0) or _LIMIT)


def asked_page(args: Mapping[str, str]) -> int:
    """The number of the page asked for, from 1."""
    return parse_integer(args.get("page"), "page", minimum=1, maximum=PAGES) or 1


def asked_order(opening: Opening, view: View) -> str | None:
    """The order asked for, or the view's, or None for the model's."""
    name, _blank, direction = opening.args.get("sort", "").partition(" ")
    rules = opening.rules_of(opening.model)
    if name in choosable(opening) and rules[name].sortable:
        return f"{name} {'desc' if direction == 'desc' else 'asc'}, id"
    return view.root.attrs.get("default_order") or None


def read_search(opening: Opening, addressed: Any) -> Search:
    """The search that the address asks for; `addressed(**changes)` makes the address of a changed one."""
    args = opening.args
    view = opening.view("search")
    search = Search(opening, view, opening.rules_of(opening.model))
    search.words = args.get("q", "").strip()
    check_text(search.words, "q", maximum=QUERY)
    if search.words.count(SEPARATOR) >= WORDS:
        raise InvalidArgument(_("q: at most %(number)s texts can be searched for at once.", number=WORDS), argument="q")
    search.within = args.get("in", "") if args.get("in", "") in search.rules else ""
    search.ids = unpack_ids(args["ids"]) if args.get("ids") else None
    if args.get("domain"):
        try:
            search.conditions = conditions_of(opening).parse(args["domain"])
        except BadFilter as error:
            search.problem = str(error)
    _read_filters(search, args)
    _address(search, addressed)
    search.favorites = list(_favorites(opening, addressed))
    return search


def conditions_of(opening: Opening) -> Conditions:
    """The advanced filters of a list, for its user; its columns are called as in its view."""
    rules, view = opening.rules_of(opening.model), opening.view("list")
    columns = {node.name: node.string for node in view.columns if node.kind == "field"}
    labels = {name: columns.get(name) or rules[name].label for name in shown_fields([view]) if name in rules}

    def shown_by(model: str) -> list[str]:
        if model == opening.model:
            return shown_fields([opening.view(kind) for kind in ("list", "form", "search")])
        views = opening.visit.app.views
        return shown_fields([views.get(opening.env, model, kind) for kind in ("list", "form", "search")])

    return Conditions(FieldPaths(opening.env, opening.model, opening.rules_of, shown_by, labels), opening.visit.formats)


def shown_fields(views: Sequence[View]) -> list[str]:
    """The fields that views show, in their order, without those that are there for expressions only."""
    return [
        node.name
        for view in views
        for node in view.root.find("field")
        if not any(
            hidden is not None and hidden.constant and hidden.holds({})
            for hidden in (node.invisible, node.column_invisible)
        )
    ]


def _favorites(opening: Opening, addressed: Any) -> Iterator[Favorite]:
    """The saved filters of the list that the user sees."""
    active = opening.visit.request.args.get("favorite", "")
    for preset in opening.env["ir.filters"]._offered(opening.model, opening.action.id if opening.action else False):
        url, edit = addressed(ids=None, **preset.address), address("ir.filters", preset.id)
        yield Favorite(preset.name, url, edit, active == str(preset.id), preset.shared)


def _favorite_name(opening: Opening) -> str:
    """The name of the saved filter whose conditions the address has; empty where it has none, or others."""
    args = opening.args
    for preset in opening.env["ir.filters"]._offered(opening.model, opening.action.id if opening.action else False):
        if str(preset.id) == args.get("favorite") and preset.address.get("domain") == args.get("domain"):
            return preset.name
    return ""


def _read_filters(search: Search, args: Any) -> None:
    """The filters and groupings on offer; those of the action hold until the address says otherwise."""
    defaults = {
        key.removeprefix("search_default_")
        for key, value in search.opening.action_context.items()
        if key.startswith("search_default_") and value
    }
    explicit = not _EXPLICIT.isdisjoint(args)
    asked = {name for name in args.get("filter", "").split(",") if name}
    wanted = asked if explicit else defaults
    for block, node in enumerate_blocks(search.view.root):
        group = _group_of(node)
        item = Filter(node.name or node.id, node.string or node.name, node, block)
        if group and _groupable(search, group):
            item.name = group
            search.groupings.append(item)
            if not explicit and node.name in defaults:
                search.groups.append(group)
        elif not group and (node.attrs.get("domain") or node.attrs.get("date")):
            item.active = item.name in wanted
            search.filters.append(item)
    if explicit:
        search.groups = [name for name in args.get("group", "").split(",") if name and _groupable(search, name)]
    for item in search.groupings:
        item.active = item.name in search.groups


def enumerate_blocks(root: Node) -> Iterator[tuple[int, Node]]:
    """The filters with the number of their block; a separator or a group ends a block."""
    block = 0
    for child in root.children:
        if child.kind == "separator":
            block += 1
        elif child.kind == "group":
            block += 1
            for inner in child.find("filter"):
                yield block, inner
            block += 1
        elif child.kind == "filter":
            yield block, child


def _group_of(node: Node) -> str:
    """The field that a filter groups by, if that is what it does."""
    if node.context is None:
        return ""
    try:
        found = node.context.evaluate(scope_of({}))
    except ExpressionError:
        return ""
    group = found.get("group_by") if isinstance(found, dict) else ""
    return group if isinstance(group, str) else str(group[0]) if group else ""


def _groupable(search: Search, spec: str) -> bool:
    name, _colon, period = spec.partition(":")
    if name not in search.rules or (period and period not in PERIODS):
        return False
    return is_groupable(search.rules[name])


def is_groupable(rules: FieldRules) -> bool:
    """Whether a list can be grouped by a field."""
    return rules.store and rules.type in ("many2one", "selection", "date", "datetime", "char", "boolean", "integer")


def _address(search: Search, addressed: Any) -> None:
    active = [item.name for item in search.filters if item.active]
    for item in search.filters:
        rest = [name for name in active if name != item.name] if item.active else [*active, item.name]
        item.url = addressed(filter=",".join(rest) or "-", group=",".join(search.groups))
        if item.active:
            search.chips.append(Chip(item.label, item.url, "filter"))
    for item in search.groupings:
        rest = [name for name in search.groups if name != item.name] if item.active else [*search.groups, item.name]
        item.url = addressed(group=",".join(rest) or "-", filter=",".join(active) or "-")
    for name in search.groups:
        label = group_label(search, name)
        rest = [other for other in search.groups if other != name]
        search.chips.append(
            Chip(label, addressed(group=",".join(rest) or "-", filter=",".join(active) or "-"), "group")
        )
    if search.words:
        label = f"{search.rules[search.within].label}: {search.words}" if search.within else search.words
        search.chips.append(Chip(label, addressed(q=None, **{"in": None}), "words"))
    search.builder_url = addressed(path="filter")
    if search.conditions is not None:
        search.advanced_words = conditions_of(search.opening).words(search.conditions)
    if words := search.advanced_words:
        label = _favorite_name(search.opening) or words
        search.chips.append(Chip(label, addressed(domain=None, favorite=None), "filter", search.builder_url, words))
    if search.ids is not None:
        label = search.opening.records.browse(search.ids)._filtered_access("read")._counted()
        search.chips.append(Chip(label, addressed(ids=None), "filter"))


def group_label(search: Search, spec: str) -> str:
    """How a grouping is called: the search view's words, or the field's."""
    for item in search.groupings:
        if item.name == spec:
            return item.label
    name, _colon, period = spec.partition(":")
    return f"{search.rules[name].label} ({period})" if period else search.rules[name].label


def with_period(search: Search, spec: str) -> str:
    """A grouping with its period, where it is by a date."""
    is_date = search.rules[spec.partition(":")[0]].type in ("date", "datetime")
    return f"{spec}:month" if is_date and ":" not in spec else spec


def group_domain(search: Search, spec: str, value: Any) -> Domain:
    """The domain of the group that `_read_group` gave `value` for."""
    name, _colon, period = with_period(search, spec).partition(":")
    if hasattr(value, "_ids"):
        return Domain(name, "=", value.id or False)
    if value and period:
        return Domain(name, ">=", value) & Domain(name, "<", period_end(value, period))
    return Domain(name, "=", value or False)


def group_of(search: Search, record: Any) -> Domain:
    """The domain of the innermost group that a record stands in; of all records where the list has no groups."""
    specs = [with_period(search, spec) for spec in search.groups]
    found = record._read_group([("id", "=", record.id)], specs, []) if specs else []
    values = found[0] if found else ()
    return Domain.AND([group_domain(search, spec, value) for spec, value in zip(search.groups, values, strict=False)])


def with_default_filters(opening: Opening, changes: Mapping[str, Any]) -> dict[str, Any]:
    """`changes` of the list's address, with the action's filters if a grouping among them would take these away."""
    if not changes.get("group") or "filter" in changes or not _EXPLICIT.isdisjoint(opening.args):
        return dict(changes)
    names = [
        key.removeprefix("search_default_")
        for key, value in opening.action_context.items()
        if key.startswith("search_default_") and value
    ]
    found = [node.name for node in opening.view("search").root.find("filter") if node.attrs.get("domain")]
    return {**changes, "filter": ",".join(name for name in names if name in found) or "-"}

"""Lists of records: searched, sorted, grouped, page by page; and what can be done with several of them at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from werkzeug.wrappers import Response

from core.api import Domain
from core.bounds import is_integer
from core.exceptions import MissingError
from core.i18n import _
from core.web.addresses import address, shortened
from core.web.contexts import ListContext
from core.web.forms.state import expression_names
from core.web.forms.widgets import Widgets
from core.web.html_clean import clean_html
from core.web.pages.arrangement import SAID, arranged, columns_asked, layout_asked
from core.web.pages.cards import draw_cards
from core.web.pages.columns import Cell, Column, RowDrawer, columns_of, optional_columns, shown_by_default
from core.web.pages.editing import NAME as ROWS
from core.web.pages.editing import EditableRows
from core.web.pages.opening import Opening, list_address, open_action, open_model
from core.web.pages.searching import (
    COUNTED_MAX,
    Favorite,
    Search,
    asked_order,
    asked_page,
    group_domain,
    group_label,
    page_limit,
    read_search,
    with_default_filters,
    with_period,
)
from core.web.views.arch import Node, View
from core.web.visit import Visit

_GROUPS = 200


@dataclass
class Row:
    """One record in a list."""

    id: int
    url: str
    label: str
    cells: list[Cell]
    classes: str = ""


@dataclass
class Group:
    """The records that have one value of a field in common, or the groups within them when it is open."""

    label: str
    count: int
    url: str
    open: bool
    depth: int
    totals: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    more_url: str = ""


@dataclass
class ListPage:
    """What the templates of a list are given."""

    opening: Opening
    search: Search
    view: View
    kind: str = "list"
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    cards: list[tuple[str, Markup, list[tuple[str, str, Markup]]]] = field(default_factory=list)
    totals: list[str] = field(default_factory=list)
    count: int = 0
    first: int = 0
    limit: int = 0
    previous: str = ""
    next: str = ""
    once: str = ""
    switches: list[tuple[str, str, bool]] = field(default_factory=list)
    problem: str = ""
    links: tuple[tuple[str, str], ...] = ()
    question: Any = None
    chosen: list[int] = field(default_factory=list)
    editing: EditableRows | None = None
    optional: list[tuple[str, str, bool]] = field(default_factory=list)

    @property
    def counted(self) -> str:
        """The number of records in words; beyond some number only that there are more."""
        number = self.opening.visit.formats.number(min(self.count, COUNTED_MAX))
        return f"{number}+" if self.count > COUNTED_MAX else number

    @property
    def last(self) -> int:
        """The place of the last row shown."""
        stored = sum(1 for row in self.editing.table.rows if row.id) if self.editing else 0
        return self.first + (len(self.rows) or len(self.cards) or stored)

    @property
    def can_create(self) -> bool:
        """Whether the user may make a record here."""
        allowed = self.view.flag("create") and self.opening.allows("create")
        return allowed and self.opening.records.check_access_rights("create", False)

    @property
    def new_url(self) -> str:
        """The address of an empty form."""
        args = self.opening.args
        defaults = {key: value for key, value in args.items() if key.startswith("default_")}
        return self.opening.url("new", list=self.query, **defaults)

    def record_url(self, id_: int) -> str:
        """The address of a record's form, from which one comes back to this list as it is."""
        return self.opening.url(id_, list=self.query)

    @cached_property
    def query(self) -> str:
        """The query of this list as the addresses of its records carry it."""
        return urlencode([(key, value) for key, value in self.opening.args.items() if key != "action"]) or "-"

    @property
    def header(self) -> list[Node]:
        """The buttons that a list offers for the chosen records."""
        return [button for node in self.view.root.children if node.kind == "header" for button in node.find("button")]

    @property
    def actions(self) -> list[tuple[str, str]]:
        """What else can be done with the chosen records."""
        records = self.opening.records
        entries = [("export", str(_("Export to CSV")))]
        if records._active_name and records.check_access_rights("write", False):
            entries += [("archive", str(_("Archive"))), ("unarchive", str(_("Restore")))]
        if self.view.flag("delete") and records.check_access_rights("unlink", False):
            entries.append(("delete", str(_("Delete"))))
        return entries

    @property
    def narrowed(self) -> bool:
        """Whether it is the search that leaves nothing to show, rather than that there is nothing."""
        return self.search.narrowed and bool(self.opening.records.search_count(self.search.unnarrowed(), limit=1))

    @property
    def help(self) -> Markup:
        """What the action says when there is nothing to show."""
        return clean_html(self.opening.action.help) if self.opening.action and self.opening.action.help else Markup("")

    @property
    def next_step(self) -> tuple[str, str] | None:
        """Where to go when there is nothing to show and nothing to create: the action `next_action` of the context."""
        name = str(self.opening.action_context.get("next_action") or "")
        action = self.opening.records.sudo().env.ref(name, raise_if_not_found=False) if name else None
        if not action or not self.opening.env[action.res_model].has_access("read"):
            return None
        return address("action", action.id), str(action.name)

    @property
    def export_url(self) -> str:
        """The address of the whole list as a file."""
        return self.addressed(page=None, path="export.csv")

    def addressed(self, path: str = "", **changes: Any) -> str:
        """The address of this list with some of its query changed."""
        return list_address(self.opening, path, **changes)

    @property
    def layouts(self) -> list[Favorite]:
        """The saved layouts on offer, and the list as its view says."""
        opening = self.opening
        active = str(layout_asked(opening)[0] or opening.args.get("layout", ""))
        found = [
            Favorite(
                preset.name,
                self.addressed(**with_default_filters(opening, preset.address)),
                address("ir.ui.layout", preset.id),
                active == str(preset.id),
                preset.shared,
            )
            for preset in opening.env["ir.ui.layout"]._offered(
                opening.model, opening.action.id if opening.action else False
            )
        ]
        if found or active not in ("", "0"):
            url = self.addressed(layout="0", cols=None, sort=None)
            found.insert(0, Favorite(str(_("As Usual")), url, "", active in ("", "0"), False))
        return found

    @property
    def layout_url(self) -> str:
        """The address of the page on which the list is arranged."""
        return self.addressed(path="layout")

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the search box sends along."""
        args = self.opening.args
        return shortened([(key, value) for key, value in args.items() if key not in ("q", "in", "page", "open")])


# -- answering


def show_action(visit: Visit, id: int) -> Response:
    """``GET /app/action/<id>``."""
    opening = open_action(visit, id)
    action = opening.action
    if action is None:
        raise MissingError(_("There is no such page."))
    kinds = action.kinds
    if action.res_id:
        return visit.redirect(address(action.res_model, action.res_id, action=action.id))
    if kinds and kinds[0] == "form":
        came = {name: visit.request.args.get(name) for name in ("active_id", "from")}
        return visit.redirect(address(action.res_model, "new", action=action.id, **came))
    return _answered(visit, opening)


def _answered(visit: Visit, opening: Opening) -> Response:
    """The list; or the way to it in its default filter and layout."""
    url = _default_url(opening)
    if url:
        return visit.redirect(url)
    return visit.page("list", page_context(build(opening)), model=opening.model)


def _default_url(opening: Opening) -> str:
    """The address of the list in its default filter and layout; empty where it has none or is asked for otherwise."""
    if any(key in opening.visit.request.args for key in SAID):
        return ""
    changes: dict[str, Any] = {}
    action = opening.action.id if opening.action else False
    for model in ("ir.ui.layout", "ir.filters"):
        preset = opening.env[model]._default_of(opening.model, action)
        if preset is not None:
            changes |= {key: value for key, value in preset.address.items() if value is not None}
    return list_address(opening, **with_default_filters(opening, changes)) if changes else ""


def show(visit: Visit, model: str) -> Response:
    """``GET /app/<model>``."""
    return _answered(visit, open_model(visit, model))


def page_context(page: ListPage) -> ListContext:
    """The template's variables."""
    opening = page.opening
    title = str(opening.action.name if opening.action else opening.records._description or opening.model)
    crumbs = opening.crumbs()
    crumbs[0].label, crumbs[0].url = title, ""
    origin = crumbs.pop() if len(crumbs) > 1 else None
    return ListContext(title=title, list=page, crumbs=[origin, *crumbs] if origin else crumbs)


def build(opening: Opening) -> ListPage:
    """The list that the address asks for."""
    opening.records.check_access("read")
    search = read_search(opening, lambda **changes: list_address(opening, **changes))
    kinds = opening.action.kinds if opening.action else ("list",)
    asked = opening.args.get("view", kinds[0] if kinds else "list")
    kind = "kanban" if asked == "kanban" and not search.groups else "list"
    view = opening.view(kind)
    columns = columns_asked(opening) if kind == "list" else None
    if columns is not None:
        view = arranged(opening, view, columns)
    page = ListPage(opening, search, view, kind, once=opening.visit.once(), problem=search.problem)
    page.switches = [
        (name, list_address(opening, view=name), name == kind) for name in ("list", "kanban") if name in kinds
    ]
    page.limit = page_limit(opening)
    domain = search.domain()
    if kind == "kanban":
        _fill_cards(page, domain)
    else:
        _fill_table(page, domain)
    return page


# -- rows


def _fill_table(page: ListPage, domain: Domain) -> None:
    opening, visit = page.opening, page.opening.visit
    widgets = Widgets(visit.app.templates)
    rules = opening.rules_of(opening.model)
    chosen = _chosen_columns(page, rules)
    page.columns = columns_of(page.view, rules, widgets, opening.env.context, chosen)
    order = _order(page)
    names = expression_names(opening.env, opening.records)
    drawer = RowDrawer(page.view, page.columns, rules, visit.formats, widgets, names, opening.env)
    if page.search.groups:
        opened = {path for path in visit.request.args.get("open", "").split(",") if path}
        page.groups = list(_groups(page, drawer, domain, order, page.search.groups, opened))
        page.count = sum(group.count for group in page.groups)
        return
    records = _page_of(page, domain, order)
    if page.view.editable and opening.records.check_access_rights("write", False):
        posted = [int(key) for key in visit.request.form.getlist(ROWS) if is_integer(key)]
        page.editing = EditableRows(opening, page.view, records, chosen, posted=posted)
        return
    page.rows = list(_rows(page, drawer, records))
    page.totals = drawer.totals(records)


def _chosen_columns(page: ListPage, rules: Any) -> set[str] | None:
    """The optional columns that the address asks for, None when it says nothing; and the addresses of other choices."""
    nodes = optional_columns(page.view, rules)
    asked = page.opening.args.get("cols")
    chosen = {node.name for node in nodes if shown_by_default(node)} if asked is None else set(asked.split(","))
    for node in nodes:
        others = chosen ^ {node.name}
        url = page.addressed(cols=",".join(sorted(others - {""})) or "-")
        page.optional.append((node.string or rules[node.name].label, url, node.name in chosen))
    return None if asked is None else chosen


def _page_of(page: ListPage, domain: Domain, order: str | None) -> Any:
    """The records of the page asked for; counts them all only when there are more than fit."""
    number = asked_page(page.opening.args)
    page.first = (number - 1) * page.limit
    records = page.opening.records.search(domain, offset=page.first, limit=page.limit, order=order)
    if page.first and not records:
        page.first, number = 0, 1
        records = page.opening.records.search(domain, limit=page.limit, order=order)
    if not page.first and len(records) < page.limit:
        page.count = len(records)
    else:
        page.count = page.opening.records.search_count(domain, limit=COUNTED_MAX + 1)
    if number > 1:
        page.previous = page.addressed(page=number - 1)
    if page.first + len(records) < page.count or (page.count > COUNTED_MAX and len(records) == page.limit):
        page.next = page.addressed(page=number + 1)
    return records


def _rows(page: ListPage, drawer: RowDrawer, records: Any) -> Iterator[Row]:
    drawer.prepare(records)
    for record in records:
        scope = drawer.scope(record)
        label = str(record.display_name or "")
        yield Row(record.id, page.record_url(record.id), label, drawer.cells(record, scope), drawer.classes(scope))


def _order(page: ListPage) -> str | None:
    """The order asked for, or the view's; and the addresses that ask for another."""
    asked = page.opening.args.get("sort", "")
    name, _blank, direction = asked.partition(" ")
    sortable = {column.name: column for column in page.columns if column.rules.sortable}
    for column in sortable.values():
        downwards = column.name == name and direction != "desc"
        column.sort_url = page.addressed(sort=f"{column.name} desc" if downwards else column.name)
    if name in sortable:
        sortable[name].sorted = "descending" if direction == "desc" else "ascending"
    return asked_order(page.opening, page.view)


# -- groups


def _groups(
    page: ListPage,
    drawer: RowDrawer,
    domain: Domain,
    order: str | None,
    specs: list[str],
    opened: set[str],
    path: str = "",
) -> Iterator[Group]:
    spec = specs[0]
    sums = [f"{column.name}:sum" for column in page.columns if column.totalled and column.rules.store]
    found = page.opening.records._read_group(
        domain, [with_period(page.search, spec)], ["__count", *sums], limit=_GROUPS
    )
    keys = [key for key, _label in page.search.rules[spec.partition(":")[0]].selection]
    if keys:  # the steps of a document in their order, not in the alphabet's
        found.sort(key=lambda group: keys.index(group[0]) if group[0] in keys else len(keys))
    for number, (value, count, *totals) in enumerate(found):
        own = f"{path}{number}"
        is_open = own in opened
        others = opened - {own} if is_open else opened | {own}
        group = Group(
            _value_label(page, spec, value),
            count,
            page.addressed(open=",".join(sorted(others))),
            is_open,
            path.count("."),
        )
        group.totals = _group_totals(page, sums, totals)
        if is_open:
            inner = domain & group_domain(page.search, spec, value)
            if len(specs) > 1:
                group.groups = list(_groups(page, drawer, inner, order, specs[1:], opened, f"{own}."))
            else:
                records = page.opening.records.search(inner, limit=page.limit, order=order)
                group.rows = list(_rows(page, drawer, records))
        yield group


def _group_totals(page: ListPage, sums: list[str], totals: list[Any]) -> list[str]:
    by_name = {spec.partition(":")[0]: total for spec, total in zip(sums, totals, strict=True)}
    formats = page.opening.visit.formats
    return [
        formats.number(by_name[column.name] or 0, 2 if column.rules.type == "monetary" else 0)
        if column.name in by_name
        else ""
        for column in page.columns
    ]


def _value_label(page: ListPage, spec: str, value: Any) -> str:
    rules = page.search.rules[spec.partition(":")[0]]
    formats = page.opening.visit.formats
    if hasattr(value, "_ids"):
        return str(value.sudo().display_name) if value else str(_("None"))
    if rules.type == "boolean":
        return str(_("Yes") if value else _("No"))
    if not value:
        return str(_("None"))
    if isinstance(value, date):
        return _period_label(value, with_period(page.search, spec).partition(":")[2], formats)
    return rules.label_of(value) if rules.type == "selection" else str(value)


def _period_label(value: date, period: str, formats: Any) -> str:
    if period == "year":
        return str(value.year)
    if period == "quarter":
        return f"{value.year} Q{(value.month + 2) // 3}"
    if period == "month":
        return f"{formats.locale.months['stand-alone']['wide'][value.month].capitalize()} {value.year}"
    day = value.date() if isinstance(value, datetime) else value
    return str(_("Week of %(day)s", day=formats.day(day))) if period == "week" else formats.day(day)


# -- cards


def _fill_cards(page: ListPage, domain: Domain) -> None:
    opening = page.opening
    widgets = Widgets(opening.visit.app.templates)
    records = _page_of(page, domain, page.view.root.attrs.get("default_order") or None)
    rules = opening.rules_of(opening.model)
    names = expression_names(opening.env, opening.records)
    page.cards = [
        (
            _card_url(page, id_),
            card,
            [(_card_url(page, id_, filter=name), classes, words) for name, classes, words in links],
        )
        for id_, card, links in draw_cards(page.view, records, rules, opening.visit.formats, widgets, names)
    ]


def _card_url(page: ListPage, id_: int, **query: str) -> str:
    """Where a card leads: to its record, or to the action that the view names, the record being its `active_id`."""
    action = page.view.root.attrs.get("action", "")
    return address("action", action, active_id=id_, **query) if is_integer(action) else page.record_url(id_)


__all__ = ["ListPage", "build", "group_label", "page_context", "show", "show_action"]

"""The page on which a list is arranged: columns, order, widths, grouping and sorting, kept under a name or not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from core.exceptions import UserError
from core.i18n import _
from core.web.addresses import address
from core.web.contexts import LayoutContext
from core.web.pages.arrangement import WIDTHS, choosable, columns_asked, packed, shown_columns
from core.web.pages.listing import list_address
from core.web.pages.opening import Opening, open_model
from core.web.pages.searching import is_groupable, with_default_filters
from core.web.visit import Visit

_OWN = frozenset({"col", "show", "width", "_do", "_csrf", "_once", "name", "shared", "default", "group1", "group2"})


@dataclass
class LayoutColumn:
    """A field that may be a column."""

    name: str
    label: str
    shown: bool
    width: int


@dataclass
class LayoutPage:
    """What the template of the page is given."""

    action: str
    save_url: str
    back: str
    kept: list[tuple[str, str]]
    columns: list[LayoutColumn]
    others: list[tuple[str, str]]
    groups: list[str]
    groupable: list[tuple[str, str]]
    sortable: list[tuple[str, str]]
    sort: str
    once: str
    problem: str = ""

    @property
    def widths(self) -> list[tuple[int, str]]:
        """The widths on offer."""
        return [(0, str(_("Automatic"))), *((step, f"{4 * step} em") for step in range(1, WIDTHS + 1))]


def show(visit: Visit, model: str) -> Response:
    """``GET /app/<model>/layout``: the columns, changed as the button that was pressed says; or on to the list."""
    opening = open_model(visit, model)
    opening.records.check_access("read")
    args = visit.request.args
    columns = _columns(opening, args)
    verb, _colon, name = args.get("_do", "").partition(":")
    if verb in ("up", "down"):
        _move(columns, name, -1 if verb == "up" else 1)
    elif verb == "add" and (added := args.get("add")) in choosable(opening):
        columns = [each for each in columns if each[0] != added] + [(added, True, 0)]
    if verb == "apply":
        return visit.redirect(_list_url(opening, layout=packed(_shown(columns)), **_order(opening, args)))
    return _page(opening, columns, args)


def save(visit: Visit, model: str) -> Response:
    """``POST /app/<model>/layout``: keep the arrangement under a name, and show the list in it."""
    opening = open_model(visit, model)
    opening.records.check_access("read")
    form = visit.request.form
    columns, order = _columns(opening, form), _order(opening, form)
    name = form.get("name", "").strip()[:100]
    if not name or not _shown(columns):
        problem = _("Give the layout a name.") if not name else _("Show at least one column.")
        return _page(opening, columns, form, str(problem), 422)

    def work() -> str:
        saved = visit.env["ir.ui.layout"].create(
            {
                "name": name,
                "model_id": model,
                "action_id": opening.action.id if opening.action else False,
                "user_ids": [] if form.get("shared") else [(6, 0, [visit.uid])],
                "columns": json.dumps(_shown(columns)),
                "group_by": json.dumps(order["group"].split(",") if order["group"] else []),
                "sort": json.dumps([order["sort"]] if order["sort"] else []),
            }
        )
        if form.get("default"):
            saved.action_set_default()
        visit.tell(_("The layout “%(name)s” is saved.", name=name))
        return _list_url(opening, layout=saved.id, **order)

    try:
        return visit.do_once(work)
    except UserError as error:
        return _page(opening, columns, form, str(error), error.http_status)


def _columns(opening: Opening, values: Any) -> list[tuple[str, bool, int]]:
    """(field, shown, width) in order: as the form says, or else as the list is shown now, then what the view has."""
    allowed = choosable(opening)
    if "col" in values:
        shown = set(values.getlist("show"))
        widths = {name: values.get(f"width.{name}", "0") for name in values.getlist("col")}
        return [
            (name, name in shown, min(int(widths[name]), WIDTHS) if widths[name].isdecimal() else 0)
            for name in dict.fromkeys(values.getlist("col"))
            if name in allowed
        ]
    asked = opening.visit.request.args.get("cols")
    view = opening.view("list")
    now = columns_asked(opening) or shown_columns(view, None if asked is None else set(asked.split(",")))
    found = [(name, True, width) for name, width in now if name in allowed]
    there = {name for name, _shown_, _width in found}
    rest = [node.name for node in view.columns if node.kind == "field" and node.name in allowed]
    return found + [(name, False, 0) for name in dict.fromkeys(rest) if name not in there]


def _move(columns: list[tuple[str, bool, int]], name: str, step: int) -> None:
    place = next((place for place, column in enumerate(columns) if column[0] == name), None)
    if place is not None and 0 <= place + step < len(columns):
        columns[place], columns[place + step] = columns[place + step], columns[place]


def _shown(columns: list[tuple[str, bool, int]]) -> list[tuple[str, int]]:
    return [(name, width) for name, shown, width in columns if shown]


def _order(opening: Opening, values: Any) -> dict[str, str | None]:
    """The grouping and the sorting that the form asks for, as parts of the list's address."""
    rules = opening.rules_of(opening.model)
    groups = [values.get(name, "") for name in ("group1", "group2")]
    kept = [name for name in dict.fromkeys(groups) if name and name in rules and is_groupable(rules[name])]
    name, _blank, direction = values.get("sort", "").partition(" ")
    sort = f"{name} desc" if direction == "desc" else name
    return {"group": ",".join(kept) or None, "sort": sort if name in rules and rules[name].sortable else None}


def _page(opening: Opening, columns: Any, values: Any, problem: str = "", status: int = 200) -> Response:
    visit = opening.visit
    rules, labels = opening.rules_of(opening.model), {node.name: node.string for node in opening.view("list").columns}

    def label(name: str) -> str:
        return labels.get(name) or rules[name].label

    there = {name for name, _is_shown, _width in columns}
    names = choosable(opening)
    groups = [values.get("group1", ""), values.get("group2", "")]
    if "col" not in values:
        groups = [*values.get("group", "").split(","), "", ""][:2]
    page = LayoutPage(
        action=address(opening.model, "layout"),
        save_url=_below(opening),
        back=_list_url(opening),
        kept=[(key, value) for key, value in visit.request.args.items() if _is_of_list(key)],
        columns=[LayoutColumn(name, label(name), is_shown, width) for name, is_shown, width in columns],
        others=sorted(((name, label(name)) for name in names if name not in there), key=lambda pair: pair[1].lower()),
        groups=[name.partition(":")[0] for name in groups],
        groupable=[(name, label(name)) for name in names if is_groupable(rules[name])],
        sortable=[(name, label(name)) for name in names if rules[name].sortable],
        sort=values.get("sort", ""),
        once=visit.once(),
        problem=problem,
    )
    title = str(_("Layout"))
    return visit.page(
        "layout", LayoutContext(title=title, layout=page, crumbs=opening.crumbs((title, ""))), status=status
    )


def _is_of_list(key: str) -> bool:
    """Whether a part of the address belongs to the list and is not decided on this page."""
    return (
        key not in _OWN and not key.startswith("width.") and key not in ("cols", "sort", "group", "page", "open", "add")
    )


def _gone(opening: Opening) -> dict[str, Any]:
    return {key: None for key in opening.visit.request.args if key in _OWN or key.startswith("width.") or key == "add"}


def _below(opening: Opening) -> str:
    return list_address(opening, path="layout", **_gone(opening))


def _list_url(opening: Opening, **changes: Any) -> str:
    return list_address(opening, **{**_gone(opening), **with_default_filters(opening, changes)})

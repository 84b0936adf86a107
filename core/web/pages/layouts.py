"""The page on which a list is arranged: columns, order, widths, grouping and sorting, kept under a name or not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from core.exceptions import UserError
from core.i18n import _
from core.web.contexts import LayoutContext
from core.web.pages.arrangement import (
    NARROWEST,
    WIDEST,
    choosable,
    columns_asked,
    packed,
    read_width,
    shown_columns,
)
from core.web.pages.opening import Opening, list_address
from core.web.pages.presets import open_list, opened_preset, save_preset
from core.web.pages.searching import conditions_of, is_groupable, with_default_filters
from core.web.visit import Visit


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
    back: str
    columns: list[LayoutColumn]
    others: list[tuple[str, str]]
    groups: list[str]
    groupable: list[tuple[str, str]]
    sortable: list[tuple[str, str]]
    sort: str
    once: str
    name: str = ""
    problem: str = ""
    #: The saved layout that can be changed.
    preset: Any = None
    narrowest: int = NARROWEST
    widest: int = WIDEST


def show(visit: Visit, model: str) -> Response:
    """``GET /app/<model>/layout``: the columns as the list is shown now."""
    opening = open_list(visit, model)
    return _page(opening, _columns(opening, opening.args), opening.args)


def press(visit: Visit, model: str) -> Response:
    """``POST /app/<model>/layout``: do what the button says: move or add a column, apply the layout, save it."""
    opening, form = open_list(visit, model), visit.request.form
    columns = _columns(opening, form)
    verb, _colon, name = form.get("_do", "").partition(":")
    if verb in ("up", "down"):
        _move(columns, name, -1 if verb == "up" else 1)
    elif verb == "add" and (added := form.get("add")) in choosable(opening):
        columns = [each for each in columns if each[0] != added] + [(added, True, 0)]
    if verb not in ("apply", "save", "update"):
        return _page(opening, columns, form)
    if not _shown(columns):
        return _page(opening, columns, form, str(_("Show at least one column.")), 422)
    if verb == "apply":
        return visit.redirect(_list_url(opening, layout=packed(_shown(columns)), **_order(opening, form)))
    if verb == "save" and not form.get("name", "").strip():
        return _page(opening, columns, form, str(_("Give the layout a name.")), 422)
    try:
        return visit.do_once(lambda: _save(opening, columns, verb == "save"))
    except UserError as error:
        return _page(opening, columns, form, str(error), error.http_status)


def _save(opening: Opening, columns: list[tuple[str, bool, int]], new: bool) -> str:
    """Save the layout as a new one, or as the one that is open."""
    visit, form = opening.visit, opening.visit.request.form
    order = _order(opening, form)
    values = {
        "columns": json.dumps(_shown(columns)),
        "group_by": json.dumps(order["group"].split(",") if order["group"] else []),
        "sort": json.dumps([order["sort"]] if order["sort"] else []),
    }
    name = form.get("name", "").strip()[:100] if new else ""
    preset = save_preset(opening, "ir.ui.layout", values, name)
    visit.tell(_("The layout “%(name)s” is saved.", name=preset.name))
    return _list_url(opening, layout=preset.id, **order)


def _columns(opening: Opening, values: Any) -> list[tuple[str, bool, int]]:
    """(field, shown, width) in order: as the form says, or else as the list is shown now, then what the view has."""
    allowed = choosable(opening)
    if "col" in values:
        shown = set(values.getlist("show"))
        widths = {name: values.get(f"width.{name}", "0") for name in values.getlist("col")}
        return [
            (name, name in shown, read_width(widths[name]))
            for name in dict.fromkeys(values.getlist("col"))
            if name in allowed
        ]
    asked = opening.args.get("cols")
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
    rules, paths = opening.rules_of(opening.model), conditions_of(opening).paths

    def label(name: str) -> str:
        return paths.label(opening.model, rules[name])

    there = {name for name, _is_shown, _width in columns}
    names = choosable(opening)
    groups = [values.get("group1", ""), values.get("group2", "")]
    if "col" not in values:
        groups = [*values.get("group", "").split(","), "", ""][:2]
    page = LayoutPage(
        action=list_address(opening, path="layout"),
        back=_list_url(opening),
        columns=[LayoutColumn(name, label(name), is_shown, width) for name, is_shown, width in columns],
        others=sorted(((name, label(name)) for name in names if name not in there), key=lambda pair: pair[1].lower()),
        groups=[name.partition(":")[0] for name in groups],
        groupable=[(name, label(name)) for name in names if is_groupable(rules[name])],
        sortable=[(name, label(name)) for name in names if rules[name].sortable],
        sort=values.get("sort", ""),
        name=visit.request.form.get("name", ""),
        once=visit.once(),
        problem=problem,
        preset=opened_preset(opening, "ir.ui.layout"),
    )
    title = str(_("Layout"))
    return visit.page(
        "layout", LayoutContext(title=title, layout=page, crumbs=opening.crumbs((title, ""))), status=status
    )


def _list_url(opening: Opening, **changes: Any) -> str:
    return list_address(opening, **with_default_filters(opening, {"cols": None, **changes} if changes else {}))

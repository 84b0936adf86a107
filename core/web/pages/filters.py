"""The page on which an advanced filter is put together: a plain form, made comfortable by htmx.

The list's query is in the address, the filter in the form: it may be longer than an address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Response

from core.exceptions import UserError
from core.i18n import _
from core.web.contexts import FilterContext
from core.web.domain_editor import inputs
from core.web.domain_editor.condition_tree import MAX_TEXT, BadFilter, Condition, Conditions, Group
from core.web.pages.opening import Opening, list_address
from core.web.pages.presets import open_list, opened_preset, save_preset
from core.web.pages.searching import conditions_of, read_search
from core.web.visit import Visit

#: Parts of the list's address that end when its filter changes.
_ENDED = {"page": None, "open": None}


@dataclass
class FilterPage:
    """What the template of the page is given."""

    action: str
    box: inputs.Box
    words: str
    back: str
    name: str = ""
    problem: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    once: str = ""
    #: The id of the input or button that has the focus; empty where it stays where it is.
    focus: str = ""
    #: The saved filter that can be changed.
    preset: Any = None


def show(visit: Visit, model: str) -> Response:
    """``GET /app/<model>/filter``: the conditions of the list's address; a first empty one where it has none."""
    opening = open_list(visit, model)
    conditions, problem = conditions_of(opening), ""
    try:
        group = conditions.parse(opening.args.get("domain") or "[]")
    except BadFilter as error:
        group, problem = Group(), str(error)
    if not group.items:
        group.items.append(Condition())
    return _page(opening, conditions, group, problem, focus=f"{inputs.ROOT}.0.f0")


def press(visit: Visit, model: str) -> Response:
    """``POST /app/<model>/filter``: do what the button says: change the inputs, apply the filter, save it."""
    opening = open_list(visit, model)
    conditions, form = conditions_of(opening), visit.request.form
    group = inputs.read(form, conditions.paths) or Group(False, [])
    verb, _colon, place = form.get("_do", "").partition(":")
    if verb == "clear":
        return visit.redirect(_list_url(opening, None))
    if verb not in ("apply", "save", "update"):
        inputs.change(group, verb, place)
        return _page(opening, conditions, group, focus=_focus(group, verb, place))
    if any(conditions.problem(item) for item in group.conditions()):
        return _page(opening, conditions, group, str(_("Some conditions are not complete.")), 422)
    text = conditions.text(group)
    if len(text) > MAX_TEXT:
        return _page(opening, conditions, group, str(_("The filter is too long.")), 422)
    if verb == "apply":
        return visit.redirect(_list_url(opening, text))
    name = form.get("name", "").strip()[:100]
    if verb == "save" and not name:
        return _page(opening, conditions, group, str(_("Give the filter a name.")), 422)
    try:
        return visit.do_once(lambda: _save(opening, text, name if verb == "save" else ""))
    except UserError as error:
        return _page(opening, conditions, group, str(error), error.http_status)


def _save(opening: Opening, text: str, name: str) -> str:
    """Save the filter, with the rest of the search, as a new one or (without a name) as the one that is open."""
    search = read_search(opening, lambda **changes: "")
    values = {"domain": text, "context": search.remembered(), "sort": _sort(opening)}
    preset = save_preset(opening, "ir.filters", values, name)
    opening.visit.tell(_("The filter “%(name)s” is saved.", name=preset.name))
    return _list_url(opening, text, favorite=preset.id)


def _sort(opening: Opening) -> str:
    asked = opening.args.get("sort", "")
    return f'["{asked}"]' if asked.replace("_", "").replace(" ", "").isalnum() else "[]"


def _focus(group: Group, verb: str, place: str) -> str:
    """Where one goes on: at the field of what was added, or beside what was removed."""
    if verb in ("add", "group"):
        items = inputs.group_at(group, place).items
        inner = ".0" if verb == "group" else ""
        return f"{place}.{len(items) - 1}{inner}.f0" if items else ""
    return f"{place.rpartition('.')[0]}.add" if verb == "remove" else ""


def _page(
    opening: Opening, conditions: Conditions, group: Group, problem: str = "", status: int = 200, focus: str = ""
) -> Response:
    visit = opening.visit
    page = FilterPage(
        action=list_address(opening, path="filter", **_ENDED),
        box=inputs.box(group, conditions.paths),
        words=conditions.words(_complete(conditions, group)),
        back=_list_url(opening, opening.args.get("domain")),
        name=visit.request.form.get("name", ""),
        problem=problem,
        errors=dict(_errors(conditions, group)) if problem and visit.request.method == "POST" else {},
        once=visit.once(),
        focus=focus,
        preset=opened_preset(opening, "ir.filters"),
    )
    title = str(_("Advanced Filter"))
    return visit.page(
        "filter", FilterContext(title=title, filter=page, crumbs=opening.crumbs((title, ""))), status=status
    )


def _complete(conditions: Conditions, group: Group) -> Group:
    """The group without the conditions that cannot be applied yet."""
    items = [_complete(conditions, item) if isinstance(item, Group) else item for item in group.items]
    ready = [item for item in items if isinstance(item, Group) or (item.path and not conditions.problem(item))]
    return Group(group.any, ready)


def _errors(conditions: Conditions, group: Group, name: str = inputs.ROOT) -> Iterator[tuple[str, str]]:
    for place, item in enumerate(group.items):
        if isinstance(item, Group):
            yield from _errors(conditions, item, f"{name}.{place}")
        elif text := conditions.problem(item):
            yield f"{name}.{place}", text


def _list_url(opening: Opening, domain: str | None, **changes: Any) -> str:
    return list_address(opening, **{**_ENDED, "domain": None if domain == "[]" else domain, **changes})

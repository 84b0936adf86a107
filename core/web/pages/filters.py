"""The page on which an advanced filter is put together: a plain form, made comfortable by htmx."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Response

from core.exceptions import UserError
from core.i18n import _
from core.web.addresses import address
from core.web.contexts import FilterContext
from core.web.domain_editor import inputs
from core.web.domain_editor.condition_tree import BadFilter, Condition, Conditions, Group
from core.web.pages.listing import list_address
from core.web.pages.opening import Opening, open_model
from core.web.pages.searching import conditions_of, read_search
from core.web.visit import Visit


@dataclass
class FilterPage:
    """What the template of the page is given."""

    action: str
    save_url: str
    box: inputs.Box
    words: str
    back: str
    kept: list[tuple[str, str]]
    problem: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    once: str = ""
    #: The id of the input or button that has the focus; empty where it stays where it is.
    focus: str = ""


def show(visit: Visit, model: str) -> Response:
    """``GET /app/<model>/filter``: the inputs, changed as the button that was pressed says; or on to the list."""
    opening = open_model(visit, model)
    opening.records.check_access("read")
    conditions = conditions_of(opening)
    group, problem = _tree(opening, conditions)
    verb, _colon, place = visit.request.args.get("_do", "").partition(":")
    inputs.change(group, verb, place)
    if verb == "clear":
        return visit.redirect(_list_url(opening, None))
    faulty = [item for item in group.conditions() if conditions.problem(item)] if verb == "apply" else []
    if verb == "apply" and not faulty:
        text = conditions.text(group)
        return visit.redirect(_list_url(opening, None if text == "[]" else text))
    problem = problem or (str(_("Some conditions are not complete.")) if faulty else "")
    return _page(opening, conditions, group, problem, focus=_focus(group, verb, place))


def save(visit: Visit, model: str) -> Response:
    """``POST /app/<model>/filter``: keep the filter, with the rest of the search, under a name."""
    opening = open_model(visit, model)
    opening.records.check_access("read")
    conditions, form = conditions_of(opening), visit.request.form
    group = inputs.read(form, conditions.paths) or Group(False, [])
    faulty = any(conditions.problem(item) for item in group.conditions())
    name = form.get("name", "").strip()[:100]
    if faulty or not name:
        problem = _("Some conditions are not complete.") if faulty else _("Give the filter a name.")
        return _page(opening, conditions, group, str(problem), 422)
    text = conditions.text(group)
    search = read_search(opening, lambda **changes: "")

    def work() -> str:
        saved = visit.env["ir.filters"].create(
            {
                "name": name,
                "model_id": model,
                "action_id": opening.action.id if opening.action else False,
                "user_ids": [] if form.get("shared") else [(6, 0, [visit.uid])],
                "domain": text,
                "context": search.remembered(),
                "sort": _sort(visit),
            }
        )
        if form.get("default"):
            saved.action_set_default()
        visit.tell(_("The filter “%(name)s” is saved.", name=name))
        return _list_url(opening, None if text == "[]" else text)

    try:
        return visit.do_once(work)
    except UserError as error:
        return _page(opening, conditions, group, str(error), error.http_status)


def _sort(visit: Visit) -> str:
    asked = visit.request.args.get("sort", "")
    return f'["{asked}"]' if asked.replace("_", "").replace(" ", "").isalnum() else "[]"


def _tree(opening: Opening, conditions: Conditions) -> tuple[Group, str]:
    """The tree that the form sent, or else that of the address; a first empty condition where there is none."""
    args, problem = opening.visit.request.args, ""
    group = inputs.read(args, conditions.paths)
    if group is None:
        try:
            group = conditions.parse(args.get("domain") or "[]")
        except BadFilter as error:
            group, problem = Group(), str(error)
        if not group.items:
            group.items.append(Condition())
    return group, problem


def _focus(group: Group, verb: str, place: str) -> str:
    """Where one goes on: at the field of what was added, beside what was removed, at first in the first field."""
    if verb in ("add", "group"):
        items = inputs.group_at(group, place).items
        inner = ".0" if verb == "group" else ""
        return f"{place}.{len(items) - 1}{inner}.f0" if items else ""
    if verb == "remove":
        return f"{place.rpartition('.')[0]}.add"
    return "" if verb else f"{inputs.ROOT}.0.f0"


def _page(
    opening: Opening, conditions: Conditions, group: Group, problem: str = "", status: int = 200, focus: str = ""
) -> Response:
    visit = opening.visit
    asked = visit.request.args.get("_do", "") or visit.request.method == "POST"
    kept = [(key, value) for key, value in visit.request.args.items() if _is_of_list(key)]
    page = FilterPage(
        action=address(opening.model, "filter"),
        save_url=list_address(opening, path="filter", **_gone(opening)),
        box=inputs.box(group, conditions.paths),
        words=conditions.words(Group(group.any, [item for item in group.items if _is_complete(conditions, item)])),
        back=_list_url(opening, visit.request.args.get("domain")),
        kept=kept,
        problem=problem,
        errors={id_: text for id_, text in _errors(conditions, group) if problem and asked},
        once=visit.once(),
        focus=focus,
    )
    title = str(_("Advanced Filter"))
    return visit.page(
        "filter", FilterContext(title=title, filter=page, crumbs=opening.crumbs((title, ""))), status=status
    )


def _is_complete(conditions: Conditions, item: Condition | Group) -> bool:
    inner = item.conditions() if isinstance(item, Group) else (item,)
    return all(each.path and not conditions.problem(each) for each in inner)


def _errors(conditions: Conditions, group: Group, name: str = inputs.ROOT) -> Any:
    for place, item in enumerate(group.items):
        if isinstance(item, Group):
            yield from _errors(conditions, item, f"{name}.{place}")
        elif text := conditions.problem(item):
            yield f"{name}.{place}", text


def _is_of_list(key: str) -> bool:
    """Whether a part of the address belongs to the list that the filter is for."""
    return not key.startswith((f"{inputs.ROOT}.", "_")) and key not in ("domain", "page", "open", "name", "shared")


def _list_url(opening: Opening, domain: str | None) -> str:
    changes: dict[str, Any] = {**_gone(opening), "domain": domain}
    return list_address(opening, **changes)


def _gone(opening: Opening) -> dict[str, Any]:
    return {key: None for key in opening.visit.request.args if not _is_of_list(key)}

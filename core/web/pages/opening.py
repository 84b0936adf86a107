"""Opening a page on records: the action behind it, the environment with its defaults, the views, the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from core.api import Domain
from core.base.services import access
from core.base.services.caching import cached
from core.bounds import is_integer, parse_integer
from core.exceptions import AccessError, MissingError
from core.i18n import _
from core.web.addresses import address, expanded
from core.web.contexts import Crumb
from core.web.security import local_path
from core.web.visit import Visit


@dataclass
class Opening:
    """What a page was opened with: a model in an environment, perhaps through a window action."""

    visit: Visit
    model: str
    env: Any
    action: ActionInfo | None = None
    action_context: dict[str, Any] = field(default_factory=dict)
    view_ids: dict[str, int] = field(default_factory=dict)
    # The query of a list: that of the address, or of the list that a form was opened from.
    args: Mapping[str, str] = field(default_factory=dict)
    # The query of the list that a record was opened from, as its form's address carries it; "-" when it has none.
    came_from: str = ""

    @property
    def list_args(self) -> dict[str, str]:
        """The query of the list that a record was opened from."""
        return {key: value for key, value in parse_qsl(self.came_from) if key != "action"}

    @property
    def records(self) -> Any:
        """The empty recordset of the model."""
        return self.env[self.model]

    def view(self, view_type: str) -> Any:
        """The view of a type: the action's, or the model's."""
        return self.visit.app.views.get(self.env, self.model, view_type, self.view_ids.get(view_type, 0))

    def allows(self, doing: str) -> bool:
        """Whether the action lets the user do that ("create"): a report, say, is no place to begin a record."""
        return bool(self.action_context.get(doing, True))

    def rules_of(self, model: str) -> Any:
        """The rules of any model's fields."""
        return self.visit.app.views.rules(self.env, model)

    def url(self, *parts: Any, **query: Any) -> str:
        """An address of this model that remembers the action, and the list that one came from.

        A record that a form alone has made belongs to the list of its kind; the one that is shown by such a form stays
        there, as the user's own preferences do.
        """
        made = bool(parts) and isinstance(parts[0], int) and not self.visit.request.path.endswith(f"/{parts[0]}")
        action = self.list_action if made else self.action
        return address(self.model, *parts, **{"action": action.id if action else None, "list": self.came_from, **query})

    @property
    def list_url(self) -> str:
        """The address of the list, as one left it."""
        place = ("action", self.list_action.id) if self.list_action else (self.model,)
        return address(*place, **self.list_args)

    @cached_property
    def list_action(self) -> ActionInfo | None:
        """The action whose list shows the records: this one or, where it is a form alone, one of the menus' beside it.

        Of several the one with the same form is taken.
        """
        if not self.without_list or self.records._transient:
            return self.action
        found = map(partial(action_info, self.visit.env), self.visit.app.menus.actions_of(self.visit.env, self.model))
        lists = [action for action in found if action is not None and action.kinds[:1] != ("form",)]
        form = self.view_ids.get("form", 0)
        same = (action for action in lists if action.view_ids.get("form", 0) == form)
        return next(same, None) or next(iter(lists), self.action)

    @property
    def without_list(self) -> bool:
        """Whether the action is a form alone: settings, or a menu entry that begins a new record."""
        return self.action is not None and self.action.kinds[:1] == ("form",)

    def crumbs(self, *last: tuple[str, str]) -> list[Crumb]:
        """The way here: the list, the document one came from, and `last`."""
        shown = self.list_action
        name = str(shown.name if shown else self.records._description or self.model)
        alone = self.without_list and shown is self.action
        steps = [] if alone and last else [Crumb(label=name, url=self.list_url)]
        origin = self.origin()
        if origin is not None:
            steps.append(origin)
        return [*steps, *(Crumb(label=label, url=url) for label, url in last)]

    @property
    def back_url(self) -> str:
        """Where closing a form leads: the last step of the way here."""
        return next((crumb.url for crumb in reversed(self.crumbs(("", ""))) if crumb.url), self.list_url)

    def origin(self) -> Crumb | None:
        """The document that a button led from, if the address names one and the user may see it."""
        path = local_path(self.visit.request.args.get("from"), "")
        found = document_of(self.visit, path) if path else None
        return Crumb(label=str(found.display_name), url=path) if found else None


def list_address(opening: Opening, path: str = "", **changes: Any) -> str:
    """The address of the list with some of its query changed; None takes a part out."""
    query = {key: value for key, value in opening.args.items() if key not in ("page", "open")}
    query.update(changes)
    if opening.action and not path:
        query.pop("action", None)
        return address("action", opening.action.id, **query)
    if opening.action:
        query.setdefault("action", str(opening.action.id))
    return address(opening.model, *([path] if path else []), **query)


def open_model(visit: Visit, model: str, id_: int = 0, *, query: Mapping[str, str] | None = None) -> Opening:
    """Open `model` (for the record `id_`), through the action that the address names or else that the menus suggest.

    `query` is that of the address, where it is another one than that asked for.
    """
    if model not in visit.env.registry.models or visit.env[model]._abstract:
        raise MissingError(_("There is no page for %(model)s in this database.", model=model))
    action_id = parse_integer((visit.request.args if query is None else query).get("action"), "action", minimum=1)
    # An address that a colleague passed on names the action of their app.
    if action_id is not None and not visit.app.menus.is_of_other_app(visit.env, action_id):
        opening = open_action(visit, action_id)
        if opening.model == model:
            return _from_list(opening, visit.request.args if query is None else query)
    suggested = _suggested(visit, model, id_)
    args = visit.request.args
    opening = (
        open_action(visit, suggested)
        if suggested
        else Opening(visit, model, with_defaults(visit.env, args, {}), args=args)
    )
    return _from_list(opening, args if query is None else query)


def _from_list(opening: Opening, query: Mapping[str, str]) -> Opening:
    opening.came_from = query.get("list", "")
    return opening


def _suggested(visit: Visit, model: str, id_: int) -> int:
    """The menus' action for a record: the first that shows it; for no record: the first that shows all, or 0."""
    if visit.env[model]._transient:
        return 0
    record = visit.env[model].sudo().browse(id_ or ()).exists()
    for action_id in visit.app.menus.actions_of(visit.env, model):
        action = action_info(visit.env, action_id)
        if action is None:
            continue
        if action.shows_all:
            return action_id
        if record and "active_id" not in action.domain and record.filtered_domain(action.evaluated_domain(visit.env)):
            return action_id
    return 0


@dataclass(frozen=True)
class ActionInfo:
    """A window action as the pages use it; read once, until an action changes."""

    id: int
    name: str
    res_model: str
    res_id: int
    domain: str
    limit: int
    help: str
    kinds: tuple[str, ...]
    view_ids: Mapping[str, int]
    group_ids: frozenset[int]

    @property
    def shows_all(self) -> bool:
        """Whether it shows every record of its model."""
        return self.domain in ("", "[]")

    def _record(self, env: Any) -> Any:
        return env["ir.actions.act_window"].sudo().browse(self.id)

    def evaluated_domain(self, env: Any, **names: Any) -> Domain:
        """Its domain for the user of `env`."""
        return Domain.TRUE if self.shows_all else self._record(env)._evaluated_domain(**names)

    def evaluated_context(self, env: Any, **names: Any) -> dict[str, Any]:
        """Its context for the user of `env`."""
        return dict(self._record(env)._evaluated_context(**names) or {})


def action_info(env: Any, action_id: int) -> ActionInfo | None:
    """The window action `action_id`, or None when there is none."""
    return cached(env, "web.actions", (action_id, env.lang), lambda: _read_action(env, action_id))


def _read_action(env: Any, action_id: int) -> ActionInfo | None:
    action = env["ir.actions.act_window"].sudo().browse(action_id).exists()
    if not action:
        return None
    views = {kind: int(view_id) for view_id, kind in action.views or [] if view_id}
    if action.search_view_id:
        views["search"] = action.search_view_id.id
    return ActionInfo(
        id=action.id,
        name=str(action.name),
        res_model=action.res_model,
        res_id=int(action.res_id or 0),
        domain=(action.domain or "").strip(),
        limit=int(action.limit or 0),
        help=str(action.help or ""),
        kinds=tuple(kind for _id, kind in action.views or []),
        view_ids=views,
        group_ids=frozenset(action.group_ids.ids),
    )


def open_action(visit: Visit, action_id: int) -> Opening:
    """Open a window action by its id; MissingError when there is none that the user may use."""
    action = action_info(visit.env, action_id)
    if action is None or action.res_model not in visit.env.registry.models:
        raise MissingError(_("There is no such page."))
    if not is_open_to(visit, action):
        raise AccessError(_("You are not allowed to open “%(name)s”.", name=action.name))
    context = action.evaluated_context(visit.env, **active_names(visit.request.args))
    env = with_defaults(visit.env, visit.request.args, context)
    return Opening(visit, action.res_model, env, action, context, dict(action.view_ids), visit.request.args)


def is_open_to(visit: Visit, action: ActionInfo) -> bool:
    """Whether the user may open an action: by its groups or, where it has none, by the apps that it has a menu in."""
    if action.group_ids:
        return bool(action.group_ids & access.group_ids(visit.env, visit.uid))
    return not visit.app.menus.is_of_other_app(visit.env, action.id)


def active_names(args: Any) -> dict[str, Any]:
    """The names by which an action refers to the record it was opened from."""
    number = parse_integer(args.get("active_id"), "active_id", minimum=0) or False
    return {
        "active_id": number,
        "active_ids": [number] if number else [],
        "active_model": args.get("active_model") or False,
    }


def with_defaults(env: Any, args: Any, context: dict[str, Any]) -> Any:
    """`env` with the defaults that an action and an address bring; nothing else of a context steers a page."""
    extra = {key: value for key, value in context.items() if str(key).startswith("default_") or key == "active_test"}
    extra.update({key: _typed(value) for key, value in args.items() if key.startswith("default_")})
    env.note_client_defaults(extra)
    return env(context={**env.context, **extra}) if extra else env


def _typed(text: str) -> Any:
    return int(text) if is_integer(text) else text


def find_record(opening: Opening, id_: int) -> Any:
    """The record `id_`, which the user may read."""
    record = opening.records.browse(id_)
    if not record.sudo().with_context(active_test=False).exists():
        raise MissingError(
            _("%(kind)s: the record no longer exists.", kind=opening.records._description or opening.model)
        )
    record.check_access("read")
    return record


def document_of(visit: Visit, path: str) -> Any:
    """The record whose form is at `path`, or None when there is none that the user may see."""
    parts = urlsplit(path).path.strip("/").split("/")
    if len(parts) != 3 or parts[0] != "app" or not is_integer(parts[2]) or parts[1] not in visit.env.registry.models:
        return None
    record = visit.env[parts[1]].browse(int(parts[2]))
    return record if record.exists() and record.has_access("read") else None


def query_of(env: Any, path: str) -> dict[str, str]:
    """The query of a path, one value per name."""
    return expanded(env, {key: values[0] for key, values in parse_qs(urlsplit(path).query).items()})


def list_of(visit: Visit, path: str) -> Crumb | None:
    """The list at the address `path`, with its filters, or None where that is no list that the user may open."""
    parts = urlsplit(path).path.strip("/").split("/")
    try:
        match parts:
            case ["app", "action", number] if is_integer(number):
                opening = open_action(visit, int(number))
            case ["app", model] if model in visit.env.registry.models:
                opening = open_model(visit, model, query=dict(parse_qsl(urlsplit(path).query)))
            case _:
                return None
    except (AccessError, MissingError):
        return None
    return Crumb(label=opening.crumbs()[0].label, url=path)

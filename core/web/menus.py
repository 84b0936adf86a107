"""The menus a user sees, and which app a page belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.wrappers import Request

from core.base.services import access
from core.base.services.caching import cached
from core.bounds import is_integer

_APPS = "/app"
# What `web_icon` of an app's menu may be.
ICONS = frozenset(
    {"inventory", "sales", "manufacturing", "purchasing", "invoicing", "contacts", "settings", "box", "list"}
)


@dataclass(eq=False)
class MenuNode:
    """One entry. `url` is where it leads: its own page, or that of the first entry below it.

    `is_page` says that the address is that of a URL action: a page of its own, with those below it.
    """

    id: int
    name: str
    url: str
    icon: str = ""
    action_id: int = 0
    model: str = ""
    is_page: bool = False
    children: list[MenuNode] = field(default_factory=list)

    def walk(self) -> Iterator[MenuNode]:
        """It and all entries below."""
        yield self
        for child in self.children:
            yield from child.walk()


class Menus:
    """The menus of one application."""

    def apps(self, env: Any) -> list[MenuNode]:
        """The apps that the user of `env` may open."""
        return cached(env, "web.menus", (env.uid, env.lang), lambda: self._build(env))

    def current(self, env: Any, request: Request) -> MenuNode | None:
        """The app that the page asked for belongs to: by its address, its action, its model or that of its action."""
        action, model = _asked(request)
        apps = self.apps(env)
        path = urlsplit(request.args.get("over", "")).path or request.path
        for app in apps:
            if any(node.is_page and f"{path}/".startswith(f"{node.url}/") for node in app.walk()):
                return app
        if action:
            for app in apps:
                if any(node.action_id == action for node in app.walk()):
                    return app
            model = model or self._models_of_actions(env).get(action, "")
        for app in apps:
            if model and any(node.model == model for node in app.walk()):
                return app
        return None

    def actions_of(self, env: Any, model: str) -> list[int]:
        """The actions by which the menus lead to `model`, in the order of the menus."""
        return [node.action_id for app in self.apps(env) for node in app.walk() if node.model == model]

    def is_of_other_app(self, env: Any, action_id: int) -> bool:
        """Whether the menus have the window action in apps only that the user of `env` may not open."""
        apps = cached(env, "web.apps_of_actions", None, lambda: self._apps_of_actions(env)).get(action_id)
        groups = access.group_ids(env, env.uid)
        return bool(apps) and all(allowed and not allowed & groups for allowed in apps or ())

    def _apps_of_actions(self, env: Any) -> dict[int, list[frozenset[int]]]:
        """Window action -> the groups of each app that it has a menu in."""
        apps: dict[int, list[frozenset[int]]] = {}
        for menu in env["ir.ui.menu"].sudo().search([]):
            if not menu.action or menu.action._name != "ir.actions.act_window":
                continue
            app = menu
            while app.parent_id:
                app = app.parent_id
            apps.setdefault(menu.action.id, []).append(frozenset(app.group_ids.ids))
        return apps

    def _build(self, env: Any) -> list[MenuNode]:
        models = self._models_of_actions(env)
        urls = {f"{action._name},{action.id}": action.url for action in env["ir.actions.act_url"].sudo().search([])}
        return [_node(entry, models, urls) for entry in env["ir.ui.menu"].load_menus()]

    def _models_of_actions(self, env: Any) -> dict[int, str]:
        """What each action shows, those that no menu leads to included: buttons and cards open them."""

        def read() -> dict[int, str]:
            return {action.id: action.res_model for action in env["ir.actions.act_window"].sudo().search([])}

        return cached(env, "web.models_of_actions", None, read)


def _node(entry: dict[str, Any], models: dict[int, str], urls: dict[str, str]) -> MenuNode:
    children = [_node(child, models, urls) for child in entry["children"]]
    action = entry["action_id"] or 0
    page = urls.get(entry["action"] or "", "")
    url = f"{_APPS}/action/{action}" if action else page or next((child.url for child in children), _APPS)
    icon = _icon(str(entry["web_icon"] or ""), str(entry["xmlid"] or ""))
    model = models.get(action, "")
    return MenuNode(entry["id"], str(entry["name"]), url, icon, action, model, bool(page), children)


def _icon(named: str, xmlid: str) -> str:
    """The icon of the sprite for an app: the one it names, else the one called like its addon; empty without either."""
    return next((name for name in (named, xmlid.partition(".")[0]) if name in ICONS), "")


def _asked(request: Request) -> tuple[int, str]:
    """The action and the model that an address names."""
    over = urlsplit(request.args.get("over", ""))
    parts = (over.path or request.path).strip("/").split("/")
    action = request.args.get("action", "") or "".join(parse_qs(over.query).get("action", []))
    if len(parts) > 2 and parts[1] == "action":
        action = parts[2]
    model = parts[1] if len(parts) > 1 and parts[1] != "action" else ""
    return (int(action) if is_integer(action) else 0), model

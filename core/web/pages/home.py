"""The page with the apps, and the user's own preferences."""

from __future__ import annotations

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from core.web.addresses import address
from core.web.contexts import HomeContext
from core.web.visit import Visit


def show(visit: Visit) -> Response:
    """``GET /app``: the apps; a user who has only one is taken into it."""
    apps = visit.app.menus.apps(visit.env)
    if len(apps) == 1 and apps[0].url != "/app" and "all" not in visit.request.args:
        return visit.redirect(apps[0].url)
    return visit.page("home", HomeContext(title=""))


def preferences(visit: Visit) -> Response:
    """``GET /app/preferences``: the user's own record, with what users may change about themselves."""
    profile = visit.env.ref("base.action_res_users_my").sudo()
    return visit.redirect(address("res.users", visit.uid, action=profile.id))


def start(app: object, request: Request) -> Response:
    """``GET /``."""
    return redirect("/app", 302)

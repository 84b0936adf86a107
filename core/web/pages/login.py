"""Signing in and out."""

from __future__ import annotations

from werkzeug.wrappers import Response

from core.exceptions import AccessDenied
from core.web import session
from core.web.contexts import LoginContext
from core.web.security import local_path
from core.web.visit import Visit


def show(visit: Visit) -> Response:
    """``GET /login``."""
    wanted = local_path(visit.request.args.get("next"))
    if visit.uid:
        return visit.redirect(wanted)
    return _page(visit, wanted)


def post(visit: Visit) -> Response:
    """``POST /login``."""
    form = visit.request.form
    wanted = local_path(form.get("next"))
    env = visit.env(su=True)
    try:
        user = env["res.users"].authenticate(
            form.get("login", ""), form.get("password", ""), visit.request.remote_addr or ""
        )
    except AccessDenied as error:
        return _page(visit, wanted, error=str(error), status=429 if error.code == "too_many_attempts" else 401)
    session.close_session(env, visit.request)
    hours = visit.app.settings.session_hours
    token = session.open_session(env, user.sudo(), visit.request, hours)
    response = visit.redirect(wanted)
    session.set_cookie(response, token, hours=hours, secure=visit.app.secure(visit.request))
    return response


def sign_out(visit: Visit) -> Response:
    """``POST /logout``."""
    session.close_session(visit.env(su=True), visit.request)
    response = visit.redirect("/login")
    session.delete_cookie(response, secure=visit.app.secure(visit.request))
    return response


def _page(visit: Visit, wanted: str, *, error: str = "", status: int = 200) -> Response:
    fresh = not visit.token
    if fresh:
        visit.token = session.new_token()
    login = visit.request.form.get("login", "")
    context = LoginContext(title="", login=login, next=wanted, error=error, demo=visit.app.is_demo(visit.env))
    response = visit.page("login", context, status=status)
    if fresh:
        session.set_cookie(response, visit.token, secure=visit.app.secure(visit.request))
    return response

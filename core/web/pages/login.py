"""Signing in and out, and giving back the form that was open when a session ended."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from werkzeug.wrappers import Response

from core.exceptions import AccessDenied
from core.web import session
from core.web.contexts import LoginContext, ResumeContext
from core.web.security import local_path
from core.web.visit import Visit

# The session's and the click's own; all else of a form that was sent is what the user typed.
_NOT_TYPED = frozenset({"_csrf", "_do", "_confirmed"})
_LONGEST = 200_000
#: The inputs of the forms here, and their size in bytes: nothing of them was asked for yet. What was typed before the
#: session ended is one of them, quoted twice.
INPUTS, SIZE, RESUMED_SIZE = 20, 100_000, 500_000


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
    visit.token = token
    response = _given_back(visit, wanted, form["resume"]) if form.get("resume") else visit.redirect(wanted)
    session.set_cookie(response, token, hours=hours, secure=visit.app.secure(visit.request))
    return response


def again(visit: Visit) -> Response:
    """``POST /login/again?next=...``: a form whose session is over comes in as it was sent.

    Nothing of it is carried out: once the user is signed in, it is shown as it was, and can be sent anew.
    """
    wanted = local_path(visit.request.args.get("next"))
    typed = urlencode([(key, text) for key, text in visit.request.form.items(multi=True) if key not in _NOT_TYPED])
    if len(typed) > _LONGEST:
        return visit.redirect(wanted)
    if visit.uid:
        return _given_back(visit, wanted, typed)
    return _page(visit, wanted, resume=typed)


def sign_out(visit: Visit) -> Response:
    """``POST /logout``."""
    session.close_session(visit.env(su=True), visit.request)
    response = visit.redirect("/login")
    session.delete_cookie(response, secure=visit.app.secure(visit.request))
    # Pictures of records, and where the user was: the next one at this browser finds nothing of it.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _given_back(visit: Visit, wanted: str, typed: str) -> Response:
    """A page that sends the form to its own address, to be shown there."""
    values = parse_qsl(typed, keep_blank_values=True)
    return visit.page("resume", ResumeContext(title="", next=wanted, values=values))


def _page(visit: Visit, wanted: str, *, error: str = "", status: int = 200, resume: str = "") -> Response:
    fresh = not visit.token
    if fresh:
        visit.token = session.new_token()
    form = visit.request.form
    context = LoginContext(
        title="",
        # A form that is given back may have a field of that name.
        login="" if resume else form.get("login", ""),
        next=wanted,
        error=error,
        resume=resume or form.get("resume", ""),
        demo=visit.app.is_demo(visit.env),
    )
    response = visit.page("login", context, status=status)
    if fresh:
        session.set_cookie(response, visit.token, secure=visit.app.secure(visit.request))
    return response

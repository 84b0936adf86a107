"""Signing in and out, and giving back the form that was open when a session ended."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from werkzeug.wrappers import Response

from core.base.services import totp
from core.exceptions import AccessDenied
from core.i18n import _
from core.web import second_factor, session
from core.web.contexts import CodeContext, LoginContext, RecoveryContext, ResumeContext
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
    """``POST /login``: login and password; who has a second factor is asked for its code then."""
    form = visit.request.form
    wanted = local_path(form.get("next"))
    env = visit.env(su=True)
    password = form.get("password", "")
    try:
        user = env["res.users"].authenticate(form.get("login", ""), password, env.client.source, interactive=True)
    except AccessDenied as error:
        return _page(visit, wanted, error=str(error), status=_status(error))
    user = user.with_user(user.id).sudo()
    if user.totp_enabled:
        return _second(visit, user, second_factor.pending(visit, user))
    if user._totp_required():
        return _second(visit, user, second_factor.pending(visit, user, secret=totp.new_secret()))
    if not visit.app.is_demo(env) and not user._is_acceptable(password):
        visit.tell(
            _("Your password does not follow the rules for passwords. Please change it in your preferences."), "warning"
        )
    return _signed_in(visit, user, wanted)


def post_code(visit: Visit) -> Response:
    """``POST /login/code``: the code of the second factor; the first one, where it has to be set up, enables it."""
    form = visit.request.form
    env, ticket = visit.env(su=True), form.get("ticket_token", "")
    found = second_factor.find(visit, env, ticket)
    if found is None:
        return _page(visit, local_path(form.get("next")), error=str(_("That took too long. Please sign in again.")))
    user, secret = found[0].with_user(found[0].id).sudo(), found[1]
    try:
        if secret:
            codes = user._enable_totp(secret, form.get("totp_token", ""))
        else:
            codes = []
            user._check_totp_code(form.get("totp_token", ""))
    except AccessDenied as error:
        return _second(visit, user, ticket, error=str(error), status=_status(error))
    response = _signed_in(visit, user, local_path(form.get("next")))
    if codes:
        # The answer to the form, shown once: the session is open already, and its cookie travels with this page.
        page = visit.page("recovery", RecoveryContext(title="", codes=codes, next=local_path(form.get("next"))))
        hours = visit.app.settings.session_hours
        session.set_cookie(page, visit.token, hours=hours, secure=visit.app.secure(visit.request))
        return page
    return response


def _signed_in(visit: Visit, user: Any, wanted: str) -> Response:
    """Open the session and go on to where the user wanted."""
    env, form = visit.env(su=True), visit.request.form
    session.close_session(env, visit.request)
    visit.token = session.open_session(user.env, user, visit.request, visit.app.settings)
    response = _given_back(visit, wanted, form["resume"]) if form.get("resume") else visit.redirect(wanted)
    hours = visit.app.settings.session_hours
    session.set_cookie(response, visit.token, hours=hours, secure=visit.app.secure(visit.request))
    return response


def _status(error: AccessDenied) -> int:
    return 429 if error.code == "too_many_attempts" else 401


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


def _second(visit: Visit, user: Any, ticket: str, *, error: str = "", status: int = 200) -> Response:
    """The page that asks for a code; with the picture for the app where the second factor has to be set up."""
    found = second_factor.find(visit, visit.env(su=True), ticket)
    secret = found[1] if found else ""
    form = visit.request.form
    context = CodeContext(
        title="",
        next=local_path(form.get("next")),
        error=error,
        resume=form.get("resume", ""),
        ticket=ticket,
        secret=secret,
        uri=totp.setup_uri(secret, user.login) if secret else "",
    )
    return visit.page("login_code", context, status=status)


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

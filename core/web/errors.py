"""The one place where an exception becomes an answer.

not signed in            -> the sign-in page, and back to where the user wanted to go, with what was typed
UserError and its kind   -> a page that says it in the error's own words, with the error's status
DatabaseUnavailable      -> 503, what is going on, and a button that sends the same form again
anything else            -> "something went wrong", a reference, and the traceback in the log under it
"""

from __future__ import annotations

import logging
import traceback
from typing import Any
from urllib.parse import quote

from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from core import logs
from core.db.errors import ConstraintViolation
from core.exceptions import (
    AccessDenied,
    ConcurrencyError,
    DatabaseUnavailable,
    InvalidArgument,
    StillageError,
    UserError,
)
from core.i18n import _
from core.web.addresses import ADDRESS_MAX
from core.web.forms.formats import formats_for
from core.web.request import TooManyInputs
from core.web.security import StaleForm
from core.web.site import Site

logger = logging.getLogger(__name__)


class NotSignedIn(AccessDenied):
    """The page needs a signed-in user."""

    code = "not_signed_in"


def respond(app: Site, request: Request, error: Exception) -> Response:
    """The answer to a request that ended in `error`."""
    if isinstance(error, NotSignedIn | StaleForm) and request.method == "POST" and request.path.startswith("/app/"):
        return _resumed(app, request)
    if isinstance(error, NotSignedIn):
        return _to_login(request)
    if isinstance(error, HTTPException):
        if error.response is not None or (error.code or 500) < 400:
            return Response.force_type(error.get_response(request.environ), request.environ)
        return _page(app, request, error.code or 500, *_http_words(app, request, error))
    logs.current().error = str(getattr(error, "code", "") or "")
    if isinstance(error, DatabaseUnavailable):
        return _unavailable(app, request, error)
    status, title, message = _words(error)
    reference = "" if status < 500 else logs.log_defect(logger, f"{request.method} {request.path}", error)
    trace = "".join(traceback.format_exception(error)) if reference and app.settings.debug else ""
    return _page(app, request, status, title, message, reference=reference, trace=trace, details=_details(error))


def _unavailable(app: Site, request: Request, error: DatabaseUnavailable) -> Response:
    """The page for a database that cannot be used. What was typed is sent again by its button; files cannot be."""
    log = logs.current()
    log.is_failure, log.detail = True, f"{error.reason}: {error.detail}"
    values: list[tuple[str, str]] = []
    if (
        request.method == "POST"
        and request.path.startswith("/app")
        and error.retry_after
        and not any(file.filename for file in request.files.values())
    ):
        values = list(request.form.items(multi=True))
    title = str(_("The database is not available"))
    response = _page(app, request, 503, title, error.message, resend=request.full_path.rstrip("?"), values=values)
    if error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _to_login(request: Request) -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/app"
    location = "/login" if wanted in ("/", "/app") else f"/login?next={_quoted(wanted)}"
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": location})
    return redirect(location, 303)


def _resumed(app: Site, request: Request) -> Response:
    """Let the form be sent again, whole, to where signing in gives it back; an edit cannot, and says how."""
    if request.headers.get("HX-Request"):
        words = _("Your session has ended. Save to sign in again: what you typed is kept.")
        return _page(app, request, 401, "", str(words))
    return redirect(f"/login/again?next={_quoted(request.full_path.rstrip('?'))}", 307)


def _quoted(path: str) -> str:
    """A way back as a part of an address: without its query where that, quoted, is too long for a request line."""
    text = quote(path)
    return text if len(text) <= 2 * ADDRESS_MAX - 100 else quote(path.partition("?")[0])


def _words(error: Exception) -> tuple[int, str, str]:
    """Status, title and message for an exception."""
    if isinstance(error, ConstraintViolation):
        return 409, str(_("That is not possible")), constraint_words(error)
    if isinstance(error, ConcurrencyError):
        return error.http_status, str(_("Someone else was faster")), str(error) or str(_("Please try again."))
    if isinstance(error, UserError):
        titles = {
            403: _("You are not allowed to do this"),
            404: _("Page not found"),
            400: _("Please try again"),
        }
        usual = _("That is not possible")
        title = usual if isinstance(error, InvalidArgument) else titles.get(error.http_status, usual)
        return error.http_status, str(title), str(error)
    if isinstance(error, StillageError) and error.http_status < 500:
        return error.http_status, str(_("That is not possible")), str(error)
    return (
        500,
        str(_("Something went wrong")),
        str(_("The error was noted. Nothing was changed; you can go back and try again.")),
    )


def constraint_words(error: ConstraintViolation) -> str:
    """A violated database rule in words a user can act on."""
    kind = getattr(error, "kind", "")
    if kind == "foreign_key":
        return str(
            _(
                "This record is still in use elsewhere, or refers to one that was just deleted."
                " Archive it instead of deleting it."
            )
        )
    if kind == "unique":
        return str(_("There is already a record with these values."))
    return str(error)


def _http_words(app: Site, request: Request, error: HTTPException) -> tuple[str, str]:
    code = error.code or 500
    if code == 404:
        return str(_("There is no such page")), str(_("The address may be old or mistyped."))
    if code == 405:
        return str(_("That is not possible")), str(_("This address cannot be used in that way."))
    if isinstance(error, SecurityError):
        return str(_("That is not possible")), str(_("This server does not answer requests for that host."))
    if isinstance(error, TooManyInputs):
        number = formats_for(None, None).number(error.maximum)
        text = _("The form has more than the %(number)s inputs that this server takes at once.", number=number)
        return str(_("That is too large")), f"{text} {_('Nothing was changed. Go back and send less at once.')}"
    if code == 413:
        limit = formats_for(None, None).size(request.max_content_length or app.max_upload)
        text = _("What you sent is larger than the %(limit)s that this server takes at once.", limit=limit)
        return str(_("That is too large")), f"{text} {_('Nothing was changed. Go back and choose smaller files.')}"
    return str(_("That is not possible")), str(_("The request could not be understood."))


def _details(error: Exception) -> list[str]:
    problems: Any = getattr(error, "data", {}).get("problems") if isinstance(error, StillageError) else None
    return [str(problem) for problem in problems] if isinstance(problems, list) else []


def _page(app: Site, request: Request, status: int, title: str, message: str, **more: Any) -> Response:
    if request.headers.get("HX-Request"):
        html = app.templates.macros("_messages.html").message("danger", message)
        return Response(
            html, status=status, mimetype="text/html", headers={"HX-Retarget": "#messages", "HX-Reswap": "innerHTML"}
        )
    html = app.templates.page("error").render(status=status, title=title, message=message, back=_back(request), **{
        "reference": "", "trace": "", "details": [], "resend": "", "values": [], **more,
    })  # fmt: skip
    return Response(html, status=status, mimetype="text/html")


def _back(request: Request) -> str:
    return request.path if request.method != "GET" and request.path.startswith("/app") else "/app"

"""Asking for the password again before something sensitive (`api.check_identity`), and doing that once it is given.

POST /app/...          raises IdentityRequired; nothing is written
  -> ask()             a page with the form as it was sent, and an input for the password
POST /app/... again    the same address, with the password
  -> confirm()         verifies it, notes it in the session and gives the session another token
  -> the page          does what was asked for, in the same transaction
"""

from __future__ import annotations

from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from core.exceptions import AccessDenied
from core.i18n import _
from core.web import security, session
from core.web.contexts import IdentityContext
from core.web.site import Site
from core.web.visit import Visit

#: The input for the password, in the form that is sent again.
PASSWORD = "_password"
_OWN = frozenset({PASSWORD, "_csrf"})


class WrongPassword(AccessDenied):
    """The password that was asked for again is wrong, or was too often."""

    code = "wrong_password"


def is_given(request: Request) -> bool:
    """Whether the form brings the password along."""
    return PASSWORD in request.form


def confirm(visit: Visit) -> None:
    """Verify the password that the form brings. Raises WrongPassword.

    From here on the session has another token, which the answer's forms, messages and cookie are made with.
    """
    try:
        visit.env["res.users"]._confirm_identity(visit.request.form[PASSWORD])
    except AccessDenied as error:
        raise WrongPassword(error.message, data=error.data) from error
    visit.token = session.rotated(visit.env) or visit.token


def ask(app: Site, request: Request, *, error: str = "") -> Response:
    """The page that asks for the password; it holds the form as it was sent.

    Args:
        error: why the password that was given was not accepted.
    """
    if request.headers.get("HX-Request"):
        text = _("Enter your password to go on: save the whole form, or reload the page.")
        html = app.templates.macros("_messages.html").message("danger", text)
        headers = {"HX-Retarget": "#messages", "HX-Reswap": "innerHTML"}
        return Response(html, status=403, mimetype="text/html", headers=headers)
    values = [(key, text) for key, text in request.form.items(multi=True) if key not in _OWN]
    back = urlsplit(request.headers.get("Referer", ""))
    context = IdentityContext(
        title=str(_("Confirm that it is you")),
        csrf=security.form_token(app.secret, session.token_of(request)),
        action=request.full_path.rstrip("?"),
        values=values,
        error=error,
        back=back.path if back.netloc == request.host and back.path.startswith("/app") else "/app",
        lost_files=any(file.filename for file in request.files.values()),
    )
    html = app.templates.page("identity").render(**context.as_dict())
    return Response(html, status=401 if error else 403, mimetype="text/html")

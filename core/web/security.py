"""What every answer says to the browser about safety, and the tokens that tie a form to the page it came from."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from core.exceptions import UserError
from core.i18n import _

# No inline script or style anywhere: everything executable is a file of ours.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "manifest-src 'self'", "object-src 'none'", "form-action 'self'",
        "frame-ancestors 'none'", "base-uri 'none'",
    )
)  # fmt: skip
#: For files of users: shown on their own, they can do nothing at all.
FILE_POLICY = "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox"
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_NONCE = 16


class ForgedRequest(UserError):
    """A form came in without the token of a page of ours. Most often the session ended while the page was open."""

    code = "forged_request"
    http_status = 400


class StaleForm(ForgedRequest):
    """A form carries the token of another session: that of before the user signed in again, most often."""

    code = "stale_form"


def add_headers(response: Response, *, secure: bool) -> None:
    """Put the safety headers on an answer; pages of a signed-in user are never kept by caches."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


def form_token(secret: bytes, session: str) -> str:
    """A token for the forms of one page. Two pages never show the same one, so compression cannot betray it."""
    nonce = secrets.token_hex(_NONCE)
    return f"{nonce}.{_signature(secret, session, nonce)}"


def check_form_token(secret: bytes, session: str, token: str) -> bool:
    """Whether `token` was made for this session."""
    nonce, _dot, signature = token.partition(".")
    return len(nonce) == 2 * _NONCE and hmac.compare_digest(
        signature.encode(), _signature(secret, session, nonce).encode()
    )


def _signature(secret: bytes, session: str, nonce: str) -> str:
    return hmac.new(secret, f"form\n{session}\n{nonce}".encode(), hashlib.sha256).hexdigest()


def check_origin(request: Request) -> None:
    """Refuse a change that another site's page asks for."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise ForgedRequest(_("This form came from another site."))
    origin = request.headers.get("Origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.host:
        raise ForgedRequest(_("This form came from another site."))


def check_form(request: Request, secret: bytes, session: str) -> None:
    """Refuse a POST that does not carry the token of a page of this session.

    Raises:
        StaleForm: it carries another session's token, so that the form can be given back.
        ForgedRequest: it carries none, or comes from another site.
    """
    check_origin(request)
    token = request.form.get("_csrf") or request.headers.get("X-CSRF-Token", "")
    if not session or not check_form_token(secret, session, token):
        raise (StaleForm if token else ForgedRequest)(
            _("Your session ended while the page was open. Sign in, open the page again and repeat the last step.")
        )


def local_path(text: str | None, default: str = "/app") -> str:
    """`text` if it is a path on this server, else `default`: a redirect never leads to another site."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")) or "\n" in text or "\r" in text:
        return default
    parts = urlsplit(text)
    return default if parts.scheme or parts.netloc else text

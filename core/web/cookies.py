"""Cookies over HTTPS: Secure, and with the prefix ``__Host-`` in the browser. All code here knows the plain names.

With the prefix a browser takes a cookie from this very host over HTTPS only, so that neither another host of the domain
nor a page without HTTPS can plant one. It is put on where answers leave and taken off where requests come in. Programs
that call Odoo's session addresses look for ``session_id``; there both names are sent and taken.
"""

from __future__ import annotations

from typing import Any, Final

from werkzeug.wrappers import Response

from core.web.session import COOKIE, FLASH

PREFIX: Final = "__Host-"
_OWN: Final = frozenset({COOKIE, FLASH})
#: Addresses of programs written for Odoo. They take JSON only, so that pages of other sites cannot call them.
_PROGRAMS: Final = ("/web/session/", "/web/dataset/")


def remove_prefixes(environ: dict[str, Any]) -> None:
    """Rename the cookies in a request's WSGI environment to their plain names; drop own ones without the prefix."""
    header = environ.get("HTTP_COOKIE", "")
    if not header:
        return
    pairs = [part.strip() for part in header.split(";") if part.strip()]
    prefixed = [pair.removeprefix(PREFIX) for pair in pairs if pair.startswith(PREFIX)]
    names = {pair.partition("=")[0] for pair in prefixed}
    if not environ.get("PATH_INFO", "").startswith(_PROGRAMS):
        names |= _OWN
    others = [pair for pair in pairs if not pair.startswith(PREFIX) and pair.partition("=")[0].strip() not in names]
    environ["HTTP_COOKIE"] = "; ".join(prefixed + others)


def secure_cookies(response: Response, path: str) -> None:
    """Make the cookies of an answer to a request for `path` Secure, and give the prefix to those for the whole host."""
    cookies = response.headers.getlist("Set-Cookie")
    if not cookies:
        return
    sent = []
    for cookie in cookies:
        attributes = {part.strip().partition("=")[0].lower(): part.strip() for part in cookie.split(";")[1:]}
        if "secure" not in attributes:
            cookie = f"{cookie}; Secure"
        bound = attributes.get("path") == "Path=/" and "domain" not in attributes
        if bound:
            sent.append(f"{PREFIX}{cookie}")
        if not bound or path.startswith(_PROGRAMS):
            sent.append(cookie)
    response.headers.setlist("Set-Cookie", sent)

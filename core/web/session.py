"""Signing in and out: the cookie, the session behind it, and the environment it opens."""

from __future__ import annotations

import secrets
from typing import Any

from werkzeug.wrappers import Request, Response

COOKIE = "session_id"
FLASH = "flash"


def token_of(request: Request) -> str:
    """The token the browser sent; an empty text when it sent none."""
    return request.cookies.get(COOKIE, "")[:128]


def new_token() -> str:
    """A token for a browser that has not signed in: it only ties the login form to its page."""
    return secrets.token_urlsafe(32)


def find(env: Any, request: Request) -> Any:
    """The running session of the browser, as a ``web.session`` record, or an empty one."""
    token = token_of(request)
    return env["web.session"]._find(token) if token else env["web.session"]


def open_session(env: Any, user: Any, request: Request, hours: int) -> str:
    """Sign `user` in and return the new token. A token from before the sign-in is never kept."""
    agent = request.headers.get("User-Agent", "")
    return env["web.session"]._open(user, hours, address=request.remote_addr or "", agent=agent)


def close_session(env: Any, request: Request) -> None:
    """End the browser's session, if it has one."""
    find(env, request).unlink()


def environment(env: Any, uid: int) -> Any:
    """The environment of the user `uid`: own rights, language and time zone."""
    user = env["res.users"].browse(uid)
    context = {"lang": user.lang or "en_US", "tz": user.tz or False, "uid": uid}
    return env(uid=uid, su=False, context=context)


def set_cookie(response: Response, token: str, *, hours: int | None = None, secure: bool = False) -> None:
    """Give the browser its token: readable by no script, sent to no other site."""
    age = hours * 3600 if hours else None
    response.set_cookie(COOKIE, token, max_age=age, httponly=True, samesite="Lax", secure=secure, path="/")


def delete_cookie(response: Response, *, secure: bool = False) -> None:
    """Take the token from the browser."""
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=secure, path="/")

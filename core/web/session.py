"""Signing in and out: the cookie, the session behind it, and the environment it opens."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from werkzeug.wrappers import Request, Response

from core import logs
from core.orm.client import Client

logger = logging.getLogger(__name__)

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
    return env["web.session"]._find(token, pages=True) if token else env["web.session"]


def client(request: Request, found: Any = None) -> Client:
    """What the environment knows of who asks: the browser and its session, if it has one."""
    agent, source = request.headers.get("User-Agent", ""), request.remote_addr or ""
    return Client(
        source, agent, logs.current().id, credential="session" if found else "", session_id=found.id if found else 0
    )


def open_session(env: Any, user: Any, request: Request, settings: Any) -> str:
    """Sign `user` in and return the new token. A token from before the sign-in is never kept."""
    agent = request.headers.get("User-Agent", "")
    return env["web.session"]._open(
        user, settings.session_hours, days=settings.session_days, address=request.remote_addr or "", agent=agent
    )


def rotated(env: Any) -> str:
    """The token that the session has from this request on, where the password was given again; else an empty text."""
    return env["web.session"]._new_token()


def prolong(app: Any, request: Request) -> None:
    """Note that the session is in use, in a transaction of its own; a page that was read is not lost over it."""
    try:
        app.database.run(lambda env: find(env, request)._prolong(app.settings.session_hours))
    except Exception:
        logger.warning("the last use of a session could not be noted", exc_info=True)


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

"""What web clients call: sign in for a cookie, then ``/web/dataset/call_kw`` without a password.

The cookie is the one that pages use, backed by ``web.session``: signing in here signs in there, and a new password ends
both. Each function answers one URL; the parameters are those of Odoo's web client.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from werkzeug.wrappers import Request, Response

from core.exceptions import AccessDenied
from core.i18n import _
from core.orm.client import Credential
from core.rpc import dispatch, json, services, unit, wire
from core.rpc.faults import BadRequest, SessionExpired

#: The name is the one that clients of Odoo, and our own pages, know.
COOKIE: Final = "session_id"


@dataclass(frozen=True)
class SessionCookie:
    """Credentials: the token of a signed-in session."""

    token: str
    hours: int

    def known(self, env: Any) -> unit.Identity | None:
        """The user of the running session. Raises SessionExpired when there is none."""
        session = env["web.session"]._find(self.token) if self.token else env["web.session"]
        if not session:
            raise SessionExpired(_("Your session has ended. Please sign in again."))
        if not env.cr.readonly:
            session._prolong(self.hours)
        credential: Credential = "key" if session.key_id else "session"
        return unit.Identity(session.user_id.id, credential, session.id, session.key_id.id or 0)

    def prove(self, env: Any) -> None:
        """Nothing: a session is running or it is not."""


# ---------------------------------------------------------------------------- the session itself


def authenticate(request: Request, caller: unit.Caller) -> Response:
    """``/web/session/authenticate``: db, login and password for a session and its description."""
    settings = caller.database.settings
    token = ""

    def work(params: dict[str, Any]) -> Any:
        nonlocal token
        services.check_database(caller, params.get("db"))
        login, password = params.get("login"), params.get("password")
        if not isinstance(login, str) or not isinstance(password, str):
            raise AccessDenied(_("Wrong login or password."))

        def sign_in(env: Any) -> tuple[str, dict[str, Any]]:
            env.set_client(caller.client())
            user, key = env["res.users"]._authenticate(login, password, caller.source, interactive=False)
            opened = env["web.session"]._open(
                user.sudo(), settings.session_hours, days=settings.session_days, key=key,
                address=caller.source, agent=caller.agent,
            )  # fmt: skip
            return opened, describe(unit.environment_of(env, user.id), caller)

        token, info = caller.database.run(sign_in)
        return info

    response = json.answer(request, caller, work)
    if token:
        _set_cookie(response, request, caller, token)
    return response


def destroy(request: Request, caller: unit.Caller) -> Response:
    """``/web/session/destroy``: end the session, if there is one."""
    token = request.cookies.get(COOKIE, "")

    def work(_params: dict[str, Any]) -> None:
        def end(env: Any) -> None:
            found = env["web.session"]._find(token)
            env.set_client(caller.client(unit.Identity(found.user_id.id, "session", found.id)))
            found.unlink()

        if token:
            caller.database.run(end)

    response = json.answer(request, caller, work)
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=_is_secure(request, caller))
    return response


def get_session_info(request: Request, caller: unit.Caller) -> Response:
    """``/web/session/get_session_info``: the description of the running session."""
    return _call(request, caller, lambda env, _params: describe(env, caller), readonly=True)


def check(request: Request, caller: unit.Caller) -> Response:
    """``/web/session/check``: nothing, or the error that the session has ended."""
    return _call(request, caller, lambda _env, _params: None, readonly=True)


def describe(env: Any, caller: unit.Caller) -> dict[str, Any]:
    """What a client wants to know of its user: who, where, for which companies."""
    user = env.user.sudo()
    companies = user.company_ids
    version = services.version()
    return {
        "uid": user.id,
        "db": caller.database.name,
        "username": user.login,
        "name": user.name,
        "partner_id": user.partner_id.id,
        "partner_display_name": user.partner_id.display_name,
        "is_system": user._is_system(),
        "is_admin": user._is_admin(),
        "is_internal_user": user._is_internal(),
        "user_context": env["res.users"].context_get(),
        "company_id": user.company_id.id,
        "user_companies": {
            "current_company": user.company_id.id,
            "allowed_companies": {str(each.id): {"id": each.id, "name": each.name} for each in companies},
        },
        "server_version": version["server_version"],
        "server_version_info": version["server_version_info"],
        "active_ids_limit": 20000,
        "cache_hashes": {},
    }


# ---------------------------------------------------------------------------- calls in a session


def call_kw(request: Request, caller: unit.Caller, path: str = "") -> Response:
    """``/web/dataset/call_kw``: model, method, args and kwargs. The path after it is for logs only."""
    return _dispatch(request, caller, lambda result: result)


def call_button(request: Request, caller: unit.Caller, path: str = "") -> Response:
    """``/web/dataset/call_button``: as call_kw, and False unless the method answers with an action."""
    return _dispatch(request, caller, lambda result: result if isinstance(result, dict) else False)


def search_read(request: Request, caller: unit.Caller) -> Response:
    """``/web/dataset/search_read``: one page of records, and how many there are in all."""

    def work(env: Any, params: dict[str, Any]) -> dict[str, Any]:
        model, domain = _text(params, "model"), params.get("domain") or []
        context = {"context": params.get("context") or {}}
        page = {
            "domain": domain,
            "fields": params.get("fields") or None,
            "offset": params.get("offset") or 0,
            "limit": params.get("limit") or None,
            "order": params.get("sort") or None,
        }
        records = dispatch.call(env, model, "search_read", (), {**page, **context})
        length = dispatch.call(env, model, "search_count", (domain,), context)
        return {"length": length, "records": records}

    return _call(request, caller, work, readonly=True)


# ---------------------------------------------------------------------------- without a session


def version_info(request: Request, caller: unit.Caller) -> Response:
    """``/web/webclient/version_info``: which API this is."""
    return json.answer(request, caller, lambda _params: services.version())


def version_plain(_request: Request, _caller: unit.Caller) -> Response:
    """``GET /web/version``: the same for clients of /json/2, without an envelope."""
    facts = {"version_info": list(services.API_VERSION_INFO), "version": services.API_VERSION}
    return Response(wire.write_json(facts), mimetype="application/json")


def database_list(request: Request, caller: unit.Caller) -> Response:
    """``/web/database/list``: the one database that this server has."""
    return json.answer(request, caller, lambda _params: [caller.database.name])


# ---------------------------------------------------------------------------- shared by the above


def _set_cookie(response: Response, request: Request, caller: unit.Caller, token: str) -> None:
    age = caller.database.settings.session_hours * 3600
    secure = _is_secure(request, caller)
    response.set_cookie(COOKIE, token, max_age=age, httponly=True, samesite="Lax", secure=secure)


def _is_secure(request: Request, caller: unit.Caller) -> bool:
    """Whether the cookie may only travel encrypted; the same rule as for pages."""
    return bool(caller.database.settings.secure_cookies) or request.scheme == "https"


def _cookie(request: Request, caller: unit.Caller) -> SessionCookie:
    return SessionCookie(request.cookies.get(COOKIE, "")[:128], caller.database.settings.session_hours)


def _call(request: Request, caller: unit.Caller, work: Any, *, readonly: bool) -> Response:
    def in_session(params: dict[str, Any]) -> Any:
        return unit.run(caller, _cookie(request, caller), lambda env: work(env, params), readonly=readonly)

    return json.answer(request, caller, in_session)


def _dispatch(request: Request, caller: unit.Caller, shape: Any) -> Response:
    rotated: list[str] = []

    def work(params: dict[str, Any]) -> Any:
        model, method = _text(params, "model"), _text(params, "method")
        args, kwargs = params.get("args") or [], params.get("kwargs") or {}
        if not isinstance(args, list) or not isinstance(kwargs, dict):
            raise BadRequest(_("The arguments must be a list, and the keyword arguments a dictionary."))

        def call(env: Any) -> Any:
            result = dispatch.call(env, model, method, args, kwargs)
            rotated[:] = [env["web.session"]._new_token()]
            return result

        reading = dispatch.is_reading(caller.database.registry, model, method)
        return shape(unit.run(caller, _cookie(request, caller), call, readonly=reading))

    response = json.answer(request, caller, work)
    if rotated and rotated[0]:  # the password was given again: the session has another token from now on
        _set_cookie(response, request, caller, rotated[0])
    return response


def _text(params: dict[str, Any], name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise BadRequest(_("The parameter %(name)s is missing.", name=name))
    return value

"""The services of Odoo's RPC: ``common`` (who are you), ``object`` (do something), ``db`` (which databases).

Both RPC protocols call them as (service, method, positional arguments).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, Final

import core
from core.exceptions import AccessDenied
from core.i18n import _
from core.rpc import dispatch, unit
from core.rpc.faults import BadArguments, NotFound

#: The version of Odoo whose API this is. Clients choose their dialect by it.
API_VERSION: Final = "19.0"
API_VERSION_INFO: Final = (19, 0, 0, "final", 0, "")


def version() -> dict[str, Any]:
    """What clients ask first: which API they talk to."""
    return {
        "server_version": API_VERSION,
        "server_version_info": list(API_VERSION_INFO),
        "server_serie": API_VERSION,
        "protocol_version": 1,
        "stillage_version": core.__version__,
    }


def call(caller: unit.Caller, service: str, method: str, args: Sequence[Any]) -> Any:
    """Call `service.method(*args)` and return its result as plain values.

    Raises:
        NotFound: no such service or method.
        BadArguments: too few or wrong arguments.
        anything that the called method raises.
    """
    methods = SERVICES.get(service)
    if methods is None:
        raise NotFound(_("There is no service %(service)s.", service=service))
    function = methods.get(method)
    if function is None:
        raise NotFound(_("The service %(service)s has no method %(method)s.", service=service, method=method))
    try:
        inspect.signature(function).bind(caller, *args)
    except TypeError as error:
        problem = _("%(service)s.%(method)s: %(problem)s.", service=service, method=method, problem=str(error))
        raise BadArguments(problem) from None
    return function(caller, *args)


def check_database(caller: unit.Caller, name: Any) -> None:
    """Refuse a call that names another database than the one served. An empty name means the one served."""
    own = caller.database.name
    if name and name != own:
        raise NotFound(_("The database %(name)s does not exist here; this server has %(own)s.", name=name, own=own))


# ---------------------------------------------------------------------------- common


def _login(caller: unit.Caller, db: str = "", login: str = "", password: str = "", *_details: Any) -> int | bool:
    """The user's id, or False when login or password are wrong."""
    check_database(caller, db)
    try:
        return unit.sign_in(caller, login, password)
    except AccessDenied:
        return False


def _version(_caller: unit.Caller) -> dict[str, Any]:
    return version()


def _about(_caller: unit.Caller, *_details: Any) -> str:
    return f"Stillage {core.__version__}, with the external API of Odoo {API_VERSION}."


# ---------------------------------------------------------------------------- object


def _execute(caller: unit.Caller, db: str = "", uid: int = 0, password: str = "", *call_args: Any) -> Any:
    """``execute(db, uid, password, model, method, *args)``"""
    if len(call_args) < 2:
        raise BadArguments(_("execute needs a database, a user id, a password, a model and a method."))
    model, method, *args = call_args
    return _execute_kw(caller, db, uid, password, model, method, args, {})


def _execute_kw(
    caller: unit.Caller,
    db: str = "",
    uid: int = 0,
    password: str = "",
    model: str = "",
    method: str = "",
    args: Any = (),
    kwargs: Any = None,
) -> Any:
    """``execute_kw(db, uid, password, model, method, args, kwargs)``"""
    check_database(caller, db)
    if not isinstance(model, str) or not isinstance(method, str) or not model or not method:
        raise BadArguments(_("execute_kw needs a database, a user id, a password, a model, a method and arguments."))
    if not isinstance(args, list | tuple) or not isinstance(kwargs or {}, dict):
        raise BadArguments(_("The arguments must be a list, and the keyword arguments a dictionary."))
    return unit.run(
        caller,
        unit.Password(uid, password, caller.source),
        lambda env: dispatch.call(env, model, method, args, kwargs),
        readonly=dispatch.is_reading(caller.database.registry, model, method),
    )


# ---------------------------------------------------------------------------- db


def _list(caller: unit.Caller, *_details: Any) -> list[str]:
    return [caller.database.name]


def _db_exist(caller: unit.Caller, name: str = "", *_details: Any) -> bool:
    return bool(name == caller.database.name)


def _server_version(_caller: unit.Caller) -> str:
    return API_VERSION


def _list_languages(_caller: unit.Caller) -> list[list[str]]:
    return [["en_US", "English (US)"]]


SERVICES: Final[dict[str, dict[str, Callable[..., Any]]]] = {
    "common": {"login": _login, "authenticate": _login, "version": _version, "about": _about},
    "object": {"execute": _execute, "execute_kw": _execute_kw},
    "db": {
        "list": _list,
        "db_exist": _db_exist,
        "server_version": _server_version,
        "list_lang": _list_languages,
    },
}

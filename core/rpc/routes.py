"""The URLs of the external API. The web application mounts them.

A rule's endpoint is called as ``endpoint(app, request, **url_values)``, without an environment: who calls is told by
the request in a way that differs by protocol, and a call is retried whole, in a transaction of its own. Of `app` only
``app.database`` is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from core.rpc import json, json2, session, unit, xml


class Endpoint:
    """One URL's function, which wants the request and the caller rather than the application."""

    def __init__(self, function: Callable[..., Response]) -> None:
        self.function = function
        self.__name__ = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        self.__doc__ = function.__doc__

    def __call__(self, app: Any, request: Request, **values: Any) -> Response:
        """Answer `request` on the application's database."""
        return self.function(request, unit.caller_of(app.database, request), **values)

    def __repr__(self) -> str:
        return f"<rpc {self.__name__}>"


def rules() -> list[Rule]:
    """The rules, newly made: werkzeug binds a rule to one map."""

    def post(path: str, function: Callable[..., Response]) -> Rule:
        return Rule(path, endpoint=Endpoint(function), methods=["POST"])

    return [
        post("/xmlrpc/2/<any(common, object, db):service>", xml.handle),
        post("/jsonrpc", json.handle),
        post("/json/2/<model>/<method>", json2.handle),
        Rule("/web/version", endpoint=Endpoint(session.version_plain), methods=["GET"]),
        Rule("/doc-bearer/index.json", endpoint=Endpoint(json2.index), methods=["GET"]),
        Rule("/doc-bearer/openapi.json", endpoint=Endpoint(json2.openapi_document), methods=["GET"]),
        Rule("/doc-bearer/<model>.json", endpoint=Endpoint(json2.document), methods=["GET"]),
        post("/web/session/authenticate", session.authenticate),
        post("/web/session/destroy", session.destroy),
        post("/web/session/get_session_info", session.get_session_info),
        post("/web/session/check", session.check),
        post("/web/dataset/call_kw", session.call_kw),
        post("/web/dataset/call_kw/<path:path>", session.call_kw),
        post("/web/dataset/call_button", session.call_button),
        post("/web/dataset/call_button/<path:path>", session.call_button),
        post("/web/dataset/search_read", session.search_read),
        post("/web/webclient/version_info", session.version_info),
        post("/web/database/list", session.database_list),
    ]

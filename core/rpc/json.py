"""JSON-RPC 2.0: the envelope that ``/jsonrpc`` and the session calls share.

Whatever happens, the answer has status 200 and either a ``result`` or an ``error`` member; clients of Odoo read
nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

from core import bounds
from core.i18n import _
from core.rpc import services, unit, wire
from core.rpc.faults import BadRequest, fault_of


def handle(request: Request, caller: unit.Caller) -> Response:
    """``/jsonrpc``: params are ``service``, ``method`` and ``args``."""

    def work(params: dict[str, Any]) -> Any:
        service, method, args = params.get("service"), params.get("method"), params.get("args", [])
        if not isinstance(service, str) or not isinstance(method, str) or not isinstance(args, list):
            raise BadRequest(_("The parameters must name a service and a method, and list arguments."))
        return services.call(caller, service, method, args)

    return answer(request, caller, work)


def answer(request: Request, caller: unit.Caller, work: Callable[[dict[str, Any]], Any]) -> Response:
    """Read the envelope, call `work` with its params, and wrap what it returns (plain values) or raises."""
    number, headers = None, {}
    try:
        envelope = read_body(request)
        number = _id_of(envelope)
        params = envelope.get("params") or {}
        if not isinstance(params, dict):
            raise BadRequest(_("The params of a call must be an object."))
        text = wire.write_json({"jsonrpc": "2.0", "id": number, "result": work(params)})
    except Exception as error:  # the one place where errors of this protocol become answers
        fault = fault_of(error, debug=caller.database.settings.debug)
        text = wire.write_json({"jsonrpc": "2.0", "id": number, "error": fault.as_json_rpc()})
        headers = fault.headers
    return Response(text, mimetype="application/json", headers=headers)


def read_body(request: Request) -> dict[str, Any]:
    """The JSON object in a request's body; an empty body is an empty object.

    A browser sends JSON to another site only after asking that site, so insisting on the content type is what keeps
    a foreign page from making calls with the user's cookie.

    Raises:
        BadRequest: wrong content type, or not a JSON object.
    """
    if request.mimetype not in ("application/json", "application/json-rpc"):
        raise BadRequest(_("The content type of the request must be application/json."))
    try:
        value = wire.read_json(request.get_data() or b"{}")
    except ValueError as error:
        raise BadRequest(_("The request is not valid JSON: %(problem)s", problem=str(error))) from None
    if not isinstance(value, dict):
        raise BadRequest(_("The request must be a JSON object."))
    bounds.check_value(value, "body")
    return value


def _id_of(envelope: dict[str, Any]) -> str | int | None:
    """The id of a request, which its answer repeats. Raises BadRequest for what can be none."""
    number = envelope.get("id")
    if number is not None and (not isinstance(number, str | int) or isinstance(number, bool)):
        raise BadRequest(_("The id of a request is a text, a whole number or null."), argument="id")
    if isinstance(number, str):
        bounds.check_text(number, "id", maximum=bounds.NAME)
    return number

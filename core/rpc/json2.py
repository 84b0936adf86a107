"""``POST /json/2/<model>/<method>``: a call per URL, arguments by name, a bearer key, statuses that mean something.

The body is an object: ``ids`` names the records, ``context`` the context, everything else is a keyword argument. The
answer is the bare result, or the error's details with the status that fits.

With an ``Idempotency-Key`` header the call is done at most once per user and key: a repetition gets the first
answer, marked ``Idempotency-Replayed: true``, also when the two arrive at the same time. The key is kept in the
transaction of the work itself, so it is there exactly when the work was done. The same key with another request is
an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, Final

from werkzeug.wrappers import Request, Response

from core.i18n import _
from core.rpc import dispatch, openapi, reference, services, unit, wire
from core.rpc.faults import BadArguments, BadRequest, fault_of
from core.rpc.json import read_body

KEY_HEADER: Final = "Idempotency-Key"
REPLAYED_HEADER: Final = "Idempotency-Replayed"
#: The keys of this interface are apart from those of forms.
INTERFACE = "json/2"
MAX_KEY: Final = 255


class KeyReused(BadArguments):
    """The same idempotency key came with another request."""

    code = "idempotency_key_reused"


def handle(request: Request, caller: unit.Caller, model: str, method: str) -> Response:
    """Answer one call."""
    try:
        credentials = bearer(request, caller)
        arguments = read_body(request)
        ids, context = arguments.pop("ids", None), arguments.pop("context", None)
        kwargs = {**arguments, "context": context} if context else arguments

        def call(env: Any) -> Any:
            return dispatch.call(env, model, method, (), kwargs, ids=ids)

        key = request.headers.get(KEY_HEADER)
        if key is None:
            reading = dispatch.is_reading(caller.database.registry, model, method)
            result = unit.run(caller, credentials, call, readonly=reading)
            return _answer(wire.write_json(result))
        fingerprint = hashlib.sha256(f"{model}/{method}\n".encode() + request.get_data()).hexdigest()
        text, replayed = _once(caller, credentials, key, fingerprint, lambda env: wire.write_json(call(env)))
        return _answer(text, {REPLAYED_HEADER: "true"} if replayed else {})
    except Exception as error:  # the one place where errors of this protocol become answers
        return _error(error, caller)


def index(request: Request, caller: unit.Caller) -> Response:
    """``GET /doc-bearer/index.json``: the models that the caller may read, each with its name."""
    try:
        credentials = bearer(request, caller)
        return _answer(wire.write_json(unit.run(caller, credentials, reference.index, readonly=True)))
    except Exception as error:  # as above
        return _error(error, caller)


def openapi_document(request: Request, caller: unit.Caller) -> Response:
    """``GET /doc-bearer/openapi.json``: OpenAPI 3.1 of what the caller may call, ``?model=a,b`` of some models."""
    try:
        credentials = bearer(request, caller)
        models = [name for name in request.args.get("model", "").split(",") if name]
        result = unit.run(caller, credentials, lambda env: openapi.document(env, models), readonly=True)
        return _answer(wire.write_json(result))
    except Exception as error:  # as above
        return _error(error, caller)


def document(request: Request, caller: unit.Caller, model: str) -> Response:
    """``GET /doc-bearer/<model>.json``: the fields and public methods of a model, for clients that ask."""
    try:
        credentials = bearer(request, caller)
        result = unit.run(caller, credentials, lambda env: reference.describe(env, model), readonly=True)
        return _answer(wire.write_json(result))
    except Exception as error:  # as above
        return _error(error, caller)


def bearer(request: Request, caller: unit.Caller) -> unit.ApiKey:
    """The API key that a request carries. The header X-Odoo-Database, if sent, must name the database served."""
    services.check_database(caller, request.headers.get("X-Odoo-Database"))
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    return unit.ApiKey(key.strip() if scheme.lower() == "bearer" else "", caller.source)


def _once(
    caller: unit.Caller, credentials: unit.Credentials, key: str, fingerprint: str, work: Callable[[Any], str]
) -> tuple[str, bool]:
    """The answer to the request with this key, and whether it had been given before."""
    if not key or len(key) > MAX_KEY:
        raise BadRequest(_("An idempotency key has 1 to %(max)s characters.", max=MAX_KEY))

    def unit_of_work(env: Any) -> tuple[str, bool]:
        once = env["web.once"]
        # Of requests at the same time, all but the first wait here until it is known how the first one ended.
        if once._claim(key, env.uid, INTERFACE):
            text = work(env)
            once._note(key, env.uid, fingerprint, text, INTERFACE)
            return text, False
        earlier = once._result(key, env.uid, INTERFACE)
        if earlier.location != fingerprint:
            raise KeyReused(_("This idempotency key was used for another request."))
        return str(earlier.message), True

    return unit.run(caller, credentials, unit_of_work)


def _answer(text: str, headers: dict[str, str] | None = None) -> Response:
    return Response(text, mimetype="application/json", headers=headers)


def _error(error: Exception, caller: unit.Caller) -> Response:
    fault = fault_of(error, debug=caller.database.settings.debug)
    response = Response(
        wire.write_json(fault.as_data()), status=fault.http_status, mimetype="application/json", headers=fault.headers
    )
    if fault.http_status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response

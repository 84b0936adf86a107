"""What a model offers from outside, as data: its fields, and its public methods with their parameters."""

from __future__ import annotations

import inspect
from typing import Any

from core.i18n import _
from core.rpc import public_methods, wire
from core.rpc.faults import NotFound
from core.rpc.public_methods import PublicMethod


def index(env: Any) -> dict[str, Any]:
    """The models that the user may read: technical name and name, in order."""
    readable = (
        name for name in sorted(env.registry.models) if not env[name]._abstract and env[name].has_access("read")
    )
    return {"models": [{"model": name, "name": str(env[name]._description or name)} for name in readable]}


def describe(env: Any, model: str) -> dict[str, Any]:
    """Name, fields (as `fields_get` gives them) and public methods of `model`, as far as the user may read it.

    Raises:
        NotFound: there is no such model.
        AccessError: the user may not read the model.
    """
    if model not in env.registry.models:
        raise NotFound(_("There is no model %(model)s in this database.", model=model))
    records = env[model]
    records.check_access("read")
    return {
        "model": model,
        "name": str(records._description or model),
        "doc": _purpose(records),
        "fields": wire.plain(records.fields_get()),
        "methods": {
            name: _method(public) for name, public in sorted(public_methods.public_methods(type(env[model])).items())
        },
    }


def _purpose(records: Any) -> str:
    """What the addon that brought a model says of it; those that extend it speak of their extension."""
    told = [cls for cls in type(records).__mro__ if cls.__dict__.get("_name") == records._name and cls.__doc__]
    return inspect.getdoc(told[-1]) or "" if told else ""


def _method(public: PublicMethod) -> dict[str, Any]:
    parameters = {}
    for argument in public.arguments:
        details: dict[str, Any] = {"kind": argument.kind.name}
        if argument.default is not inspect.Parameter.empty:
            details["default"] = _shown(argument.default)
        parameters[argument.name] = details
    return {
        "doc": inspect.getdoc(public.function) or "",
        "parameters": parameters,
        "api": [mark for mark, is_set in (("model", public.on_model), ("readonly", public.readonly)) if is_set],
    }


def _shown(default: Any) -> Any:
    try:
        return wire.plain(default)
    except wire.UnsendableValue:
        return repr(default)

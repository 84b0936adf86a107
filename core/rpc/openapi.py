"""The OpenAPI 3.1 document of ``/json/2``, made from the declared methods and the annotations of their arguments.

It describes one database as one user meets it: the models and methods that the user's rights let through. Rights to
single records are found out by calling.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

import core
from core.i18n import _
from core.orm.argument_types import ContextKeys, Ids
from core.rpc import public_methods, wire
from core.rpc.faults import NotFound
from core.rpc.public_methods import Argument, PublicMethod

#: The right on the model that the ORM's own methods ask for; those that are missing read.
_RIGHTS: Final[Mapping[str, str]] = {
    "copy": "create", "create": "create", "load": "create", "name_create": "create", "unlink": "unlink",
    "action_archive": "write", "action_unarchive": "write", "web_save": "write", "write": "write",
}  # fmt: skip

_REFERENCE: Final = "#/components/schemas/{name}"
_ERROR: Final = {
    "type": "object",
    "description": "What was refused, and why.",
    "required": ["name", "message", "code"],
    "properties": {
        "name": {"type": "string", "description": "the class of the error, as clients of Odoo know it"},
        "message": {"type": "string", "description": "a sentence for people, in the user's language"},
        "arguments": {"type": "array", "items": {}},
        "context": {"type": "object"},
        "debug": {"type": "string"},
        "code": {"type": "string", "description": "stable, for programs"},
        "details": {"type": "object", "description": "for programs: the argument, fields or documents concerned"},
    },
}
_IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The call is done once; a repetition with the same key gets the first answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


def document(env: Any, models: Collection[str] = ()) -> dict[str, Any]:
    """The document for the user of `env`, as plain values.

    Args:
        models: only these models; all that the user may work with where it is empty.

    Raises:
        NotFound: one of `models` does not exist.
    """
    unknown = next((name for name in models if name not in env.registry.models), None)
    if unknown is not None:
        raise NotFound(_("There is no model %(model)s in this database.", model=unknown))
    paths: dict[str, Any] = {}
    shared: dict[str, Any] = {}
    for model in sorted(models or env.registry.models):
        cls = env.registry.models[model]
        if cls._abstract:
            continue
        for name, public in sorted(public_methods.public_methods(cls).items()):
            if not _is_allowed(env, public):
                continue
            if public.inherited and not _has_more(public):
                # The same for every model: one schema, to which each path refers.
                shared.setdefault(name, _body(public))
                body = {"$ref": _REFERENCE.format(name=name)}
            else:
                body = _body(public)
            paths[f"/json/2/{model}/{name}"] = {"post": _operation(public, body)}
    schemas = {**_components([ContextKeys])[1], **shared, "Error": _ERROR}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Stillage: {env.company.sudo().name or 'external API'}",
            "version": core.__version__,
            "description": "Methods of models, called by name. Every answer of 4xx says what was wrong, and where.",
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": {"IdempotencyKey": _IDEMPOTENCY_KEY},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "an API key of the user"}},
            "responses": {
                "Refused": {"description": "refused", "content": _json({"$ref": _REFERENCE.format(name="Error")})}
            },
        },
    }


def _is_allowed(env: Any, public: PublicMethod) -> bool:
    """Whether the user's rights on the model let the method through."""
    declaration = public.declaration
    right = _RIGHTS.get(public.name, "read") if public.inherited else declaration.access if declaration else ""
    if right and not env[public.model].check_access_rights(right, False):
        return False
    return not (declaration and declaration.groups) or env.user.has_groups(declaration.groups)


def _has_more(public: PublicMethod) -> bool:
    """Whether a model's version of a method of the ORM takes arguments that the ORM's does not."""
    return any(argument.alias != argument.name for argument in public.arguments)


def _operation(public: PublicMethod, body: dict[str, Any]) -> dict[str, Any]:
    doc = inspect.getdoc(public.function) or ""
    return {
        "operationId": f"{public.model}.{public.name}",
        "tags": [public.model],
        "summary": doc.partition("\n")[0],
        **({} if public.inherited else {"description": doc}),
        "parameters": [] if public.readonly else [{"$ref": "#/components/parameters/IdempotencyKey"}],
        "requestBody": {"required": True, "content": _json(body)},
        "responses": {
            "200": {"description": "the result of the method", "content": _json({})},
            "4XX": {"$ref": "#/components/responses/Refused"},
        },
    }


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _body(public: PublicMethod) -> dict[str, Any]:
    """The schema of the arguments: an object, since /json/2 takes all of them by name."""
    properties: dict[str, Any] = {}
    required: list[str] = []
    if not public.on_model:
        properties["ids"] = _components([Ids])[0][0]
        required.append("ids")
    open_ended = False
    for argument in public.arguments:
        if argument.kind is inspect.Parameter.VAR_KEYWORD:
            open_ended = True
        elif argument.kind is not inspect.Parameter.VAR_POSITIONAL:
            properties[argument.name] = _schema(argument)
            if argument.default is inspect.Parameter.empty:
                required.append(argument.name)
    properties["context"] = {"$ref": _REFERENCE.format(name=ContextKeys.__name__)}
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": open_ended,
    }


def _schema(argument: Argument) -> dict[str, Any]:
    schema = _components([argument.shape.type])[0][0]
    if argument.default is inspect.Parameter.empty or argument.default is None:
        return schema
    try:
        return {**schema, "default": wire.plain(argument.default)}
    except wire.UnsendableValue:
        return schema


def _components(types: list[Any]) -> Any:
    return msgspec.json.schema_components(types, ref_template=_REFERENCE)

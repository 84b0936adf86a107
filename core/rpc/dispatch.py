"""One call of a model's method: which methods may be called, with what, and what goes back.

A method is public when its name has no leading underscore and it was written by the author of a model. Of the
methods that every model inherits from the ORM, only those of REMOTE are: a client must not reach ``sudo``, ``env``
or ``with_user``, whatever class it finds them on.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from core import logs
from core.exceptions import AccessError
from core.i18n import _
from core.orm.model import MAGIC_FIELDS, BaseModel
from core.rpc import wire
from core.rpc.faults import BadArguments, NotFound

#: Characters of model and method that are logged.
_CALL_MAX: Final = 120

#: What clients may call of the methods that every model has.
REMOTE: Final = frozenset({
    "action_archive", "action_unarchive", "allowed_transitions", "check_access_rights", "copy", "copy_data", "create",
    "default_get", "exists", "export_data", "fields_get", "formatted_read_group", "get_metadata", "has_access", "load",
    "name_create", "name_search", "onchange", "read", "read_group", "search", "search_count", "search_fetch",
    "search_read", "unlink", "web_read", "web_save", "web_search_read", "write",
})  # fmt: skip

#: Methods of the ORM that work on the model, so that no ids come first.
ON_MODEL: Final = frozenset({
    "create", "default_get", "fields_get", "formatted_read_group", "load", "name_create", "name_search", "read_group",
    "search", "search_count", "search_fetch", "search_read", "web_search_read",
})  # fmt: skip

#: Calls that only read. They run in a read-only transaction: on SQLite they need not wait for a writer.
READING: Final = frozenset({
    "allowed_transitions", "check_object_reference", "context_get", "copy_data", "exists", "fields_get",
    "formatted_read_group", "get_metadata", "has_access", "has_group", "name_search", "read", "read_group", "search",
    "search_count", "search_fetch", "search_read", "web_read", "web_search_read",
})  # fmt: skip


def call(
    env: Any,
    model: str,
    method: str,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    ids: Any = None,
) -> Any:
    """Call a public method as a client asked for it and return its result as plain values.

    Args:
        env: environment of the caller.
        args: positional arguments; unless the method works on the model, the first is an id or a list of ids.
        kwargs: keyword arguments; ``context`` among them extends the environment's.
        ids: the records, where the protocol names them apart from `args`.

    Raises:
        NotFound: no such model or public method.
        AccessError: the method is private.
        BadArguments: the method does not take these arguments.
        anything that the method raises.
    """
    logs.current().call = f"{model}.{method}"[:_CALL_MAX]
    kwargs = dict(kwargs or {})
    context = kwargs.pop("context", None)
    if context:
        env, extra = _with_context(env, model, method, context)
        kwargs = {**extra, **kwargs}
    on_model, function = find_method(env, model, method)
    args = list(args)
    records = env[model]
    single = False
    if on_model:
        if ids:
            raise BadArguments(
                _("%(model)s.%(method)s works on the model and takes no ids.", model=model, method=method)
            )
    else:
        if ids is None:
            if not args and "ids" not in kwargs:
                raise BadArguments(_("%(model)s.%(method)s needs the ids of records.", model=model, method=method))
            ids = args.pop(0) if args else kwargs.pop("ids")
        single = isinstance(ids, int) and not isinstance(ids, bool)
        records = records.browse(_ids(ids, model, method))
    if method == "read" and kwargs.get("load") == "_classic_write":
        kwargs["load"] = None  # the name that older clients give to plain ids for links
    _check_arguments(function, records, args, kwargs, model, method)
    result = getattr(records, method)(*args, **kwargs)
    env.flush_all()
    if not wire.is_recordset(result):
        return True if result is None else wire.plain(result)
    if method in REMOTE:
        found = wire.plain(result)
        return found[0] if found and (single or (method == "create" and _one_given(args, kwargs))) else found
    return action_for(result, records)


def is_reading(method: str) -> bool:
    """Whether `method` can run in a read-only transaction."""
    return method in READING


def public_methods(env: Any, model: str) -> dict[str, tuple[bool, Callable[..., Any]]]:
    """The methods of `model` that clients may call: name -> (works on the model, function)."""
    result = {}
    for name in dir(type(env[model])):
        try:
            result[name] = find_method(env, model, name)
        except (NotFound, AccessError):
            continue
    return result


def action_for(records: Any, origin: Any) -> Any:
    """The action with which Odoo's clients show `records`, or True when there are none.

    A transient record is a question to answer. Its values also go into the context as defaults, so that a client
    that creates the wizard itself, as Odoo's own tests do, gets the same question.
    """
    if not records:
        return True
    transient = records._transient
    form: dict[str, Any] = {
        "type": "ir.actions.act_window",
        "name": str(records._description or records._name),
        "res_model": records._name,
        "target": "new" if transient else "current",
        "context": wire.plain(_question_context(records, origin)) if transient else {},
    }
    if len(records) == 1:
        return {**form, "res_id": records.id, "view_mode": "form", "views": [[False, "form"]]}
    return {
        **form,
        "res_id": False,
        "domain": [["id", "in", list(records.ids)]],
        "view_mode": "list,form",
        "views": [[False, "list"], [False, "form"]],
    }


# ---------------------------------------------------------------------------- finding the method


def find_method(env: Any, model: str, method: str) -> tuple[bool, Callable[..., Any]]:
    """Whether the public `method` of `model` works on the model (rather than on records), and its function.

    Raises:
        NotFound: no such model, or nothing of that name that is a method.
        AccessError: a method that is not public.
    """
    if model not in env.registry.models:
        raise NotFound(_("There is no model %(model)s in this database.", model=model))
    cls = type(env[model])
    if method.startswith("_"):
        raise AccessError(_("%(model)s.%(method)s is private.", model=model, method=method))
    function = inspect.getattr_static(cls, method, None)
    if isinstance(function, classmethod | staticmethod) or not inspect.isfunction(function):
        raise NotFound(_("%(model)s has no public method %(method)s.", model=model, method=method))
    marks = {getattr(owner.__dict__.get(method), "_api", None) for owner in cls.__mro__ if method in owner.__dict__}
    inherited = hasattr(BaseModel, method)
    if (inherited and method not in REMOTE) or "private" in marks:
        raise AccessError(_("%(model)s.%(method)s cannot be called from outside.", model=model, method=method))
    return method in ON_MODEL or "model" in marks, function


def _check_arguments(
    function: Callable[..., Any], records: Any, args: list[Any], kwargs: dict[str, Any], model: str, method: str
) -> None:
    """Refuse a call that does not fit the signature, so that a TypeError from within stays a defect."""
    try:
        inspect.signature(function).bind(records, *args, **kwargs)
    except TypeError as error:
        raise BadArguments(
            _("%(model)s.%(method)s: %(problem)s.", model=model, method=method, problem=str(error))
        ) from None


def _ids(ids: Any, model: str, method: str) -> list[int]:
    given: Iterable[Any] = [] if ids is None or ids is False else ids if isinstance(ids, list | tuple) else [ids]
    result = list(given)
    if any(not isinstance(id_, int) or isinstance(id_, bool) for id_ in result):
        raise BadArguments(
            _(
                "%(model)s.%(method)s: ids are whole numbers, not %(ids)s.",
                model=model,
                method=method,
                ids=repr(ids)[:80],
            )
        )
    return result


def _one_given(args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether `create` was given one dictionary of values rather than a list of them."""
    values = args[0] if args else next(iter(kwargs.values()), None)
    return isinstance(values, Mapping)


# ---------------------------------------------------------------------------- contexts


def _with_context(env: Any, model: str, method: str, context: Any) -> tuple[Any, dict[str, Any]]:
    """The environment with the client's context, and the keyword arguments that addons read out of it."""
    if not isinstance(context, Mapping):
        raise BadArguments(_("The context must be a dictionary."))
    # Who calls is settled by the credentials, never by what the client writes into the context.
    given = {key: value for key, value in context.items() if key != "uid"}
    extra: dict[str, Any] = {}
    for answer in env.hooks.translate_context(env=env, model=model, method=method, context=given):
        # The addon that depends on the others speaks first, and what it says stays.
        extra = {**answer, **extra}
    return env(context={**env.context, **given}), extra


def _question_context(wizard: Any, origin: Any) -> dict[str, Any]:
    context: dict[str, Any] = {
        "active_model": origin._name,
        "active_id": origin.ids[0] if origin.ids else False,
        "active_ids": list(origin.ids),
    }
    if len(wizard) == 1:
        context.update({f"default_{name}": value for name, value in _values(wizard).items()})
    return context


def _values(record: Any, without: str = "") -> dict[str, Any]:
    """The stored values of a wizard that its author set, in the form in which `create` takes them."""
    values: dict[str, Any] = {}
    for name, field in record._fields.items():
        if name in MAGIC_FIELDS or name == without or field.compute or not field.store:
            continue
        value = record[name]
        if field.type == "one2many":
            lines = [(0, 0, _values(line, field.inverse_name)) for line in value]
            values.update({name: lines} if lines else {})
        elif field.type == "many2many":
            values.update({name: [(6, 0, value.ids)]} if value else {})
        elif field.type == "many2one":
            values.update({name: value.id} if value else {})
        elif value is not False or field.type == "boolean":
            values[name] = value
    return values

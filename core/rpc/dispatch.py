"""One call of a model's method: on which records, with what context and arguments, and what goes back.

Which methods there are, which right each asks for and what arguments it takes: see `public_methods`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import msgspec
from sqlalchemy.exc import DataError

from core import logs
from core.exceptions import UserError
from core.i18n import _
from core.orm.argument_types import ContextKeys
from core.orm.model import MAGIC_FIELDS
from core.rpc import field_values, public_methods, wire
from core.rpc.faults import BadArguments, NotFound
from core.rpc.public_methods import PublicMethod

#: Characters of model and method that are logged.
_CALL_MAX: Final = 120

#: What Python raises of values that are not what code expects.
_MISFITS: Final = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)

#: Packages whose code is no addon's.
_BELOW_ADDONS: Final = frozenset({*sys.stdlib_module_names, "core", "msgspec", "psycopg", "sqlalchemy"})


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
    public = find_method(env, model, method)
    if context:
        env, extra = _with_context(env, model, method, context)
        kwargs = {**extra, **kwargs}
    args = list(args)
    records = env[model]
    single = False
    if public.on_model:
        if ids:
            raise BadArguments(
                _("%(model)s.%(method)s works on the model and takes no ids.", model=model, method=method),
                argument="ids",
            )
    else:
        if ids is None:
            if not args and "ids" not in kwargs:
                raise BadArguments(
                    _("%(model)s.%(method)s needs the ids of records.", model=model, method=method), argument="ids"
                )
            ids = args.pop(0) if args else kwargs.pop("ids")
        single = isinstance(ids, int) and not isinstance(ids, bool)
        records = records.browse(public.ids(ids))
    positional, keywords = public.bind(args, kwargs)
    for argument, value in zip(public.arguments, positional, strict=False):
        if argument.shape.holds_values and value:
            field_values.check(records, [value] if isinstance(value, Mapping) else value, argument.name)
    if public.inherited:
        with _arguments_of(public):
            result = _call(public, records, positional, keywords)
    else:
        result = _call(public, records, positional, keywords)
    if not wire.is_recordset(result):
        return True if result is None else wire.plain(result)
    if public.inherited:
        found = wire.plain(result)
        return found[0] if found and (single or (method == "create" and _one_given(positional))) else found
    return action_for(result, records)


def _call(public: PublicMethod, records: Any, positional: list[Any], keywords: dict[str, Any]) -> Any:
    public.check_rights(records)
    try:
        result = public.call(records, positional, keywords)
        records.env.flush_all()
    except DataError as error:
        # What passed all checks and no column can hold: the database says so at the flush.
        raise _refusal(public, error) from error
    return result


@contextmanager
def _arguments_of(public: PublicMethod) -> Iterator[None]:
    """Take what the ORM's own methods stumble over for a mistake in the client's arguments.

    These methods do what the arguments say and nothing else, so a TypeError out of the ORM is about a value of a shape
    that no annotation can express: a domain, commands, the values of a field. An error from the code of an addon
    (an override, a computed field) remains a defect.
    """
    try:
        yield
    except _MISFITS as error:
        if not _within_orm(error):
            raise
        raise _refusal(public, error) from error


def _within_orm(error: BaseException) -> bool:
    """Whether no code but that of the ORM, and of libraries, took part since the call began."""
    traceback = error.__traceback__
    while traceback is not None:
        module = traceback.tb_frame.f_globals.get("__name__", "")
        if module.startswith("core.base.") or module.partition(".")[0] not in _BELOW_ADDONS:
            return False
        traceback = traceback.tb_next
    return True


def _refusal(public: PublicMethod, error: BaseException) -> BadArguments:
    return BadArguments(
        _(
            "%(model)s.%(method)s cannot be done with these arguments: %(problem)s",
            model=public.model, method=public.name, problem=str(getattr(error, "orig", None) or error)[:200],
        ),
        data={"model": public.model, "method": public.name},
    )  # fmt: skip


def is_reading(registry: Any, model: Any, method: Any) -> bool:
    """Whether the public `method` of `model` can run in a read-only transaction (``@api.readonly``)."""
    cls = registry.models.get(model) if isinstance(model, str) else None
    if cls is None or not isinstance(method, str):
        return True  # nothing will be called
    try:
        return public_methods.find(cls, method).readonly
    except UserError:
        return True


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


def find_method(env: Any, model: str, method: str) -> PublicMethod:
    """The public `method` of `model`.

    Raises:
        NotFound: no such model, or nothing of that name that is a method.
        AccessError: a method that is not public.
    """
    if model not in env.registry.models:
        raise NotFound(_("There is no model %(model)s in this database.", model=model))
    public = public_methods.find(type(env[model]), method)
    if env[model]._abstract and (public.inherited or not public.on_model):
        raise NotFound(_("%(model)s has no records of its own.", model=model))
    return public


def _one_given(positional: Sequence[Any]) -> bool:
    """Whether `create` was given one dictionary of values rather than a list of them."""
    return bool(positional) and isinstance(positional[0], Mapping)


# ---------------------------------------------------------------------------- contexts


def _with_context(env: Any, model: str, method: str, context: Any) -> tuple[Any, dict[str, Any]]:
    """The environment with the client's context, and the keyword arguments that addons read out of it."""
    if not isinstance(context, Mapping):
        raise BadArguments(_("The context must be a dictionary."), argument="context")
    try:
        msgspec.convert(context, ContextKeys)
    except msgspec.ValidationError as error:
        raise BadArguments(
            _(
                "%(model)s.%(method)s: the context is wrong: %(problem)s",
                model=model,
                method=method,
                problem=str(error),
            ),
            argument="context",
        ) from None
    # Who calls is settled by the credentials, never by what the client writes into the context.
    given = {key: value for key, value in context.items() if key != "uid"}
    env.note_client_defaults(given)
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

"""The methods that may be called from outside: by remote calls and by the buttons of pages.

A method is public when its name has no leading underscore, the author of a model wrote it, and it is not marked
``@api.private``. Of the methods that every model inherits from the ORM, only those declared with ``@api.public`` are:
a client must not reach ``sudo``, ``env`` or ``with_user``, whatever class it finds them on.

In core and the bundled addons every public method is declared (tests/architecture checks it). The methods of other
addons need no declaration, as in Odoo; then no right is asked here and arguments pass as they came.

    find(model class, method)     the method with its declaration and the shapes of its arguments; computed once
    PublicMethod.check_rights     the right that the declaration asks for
    PublicMethod.bind             the client's arguments, checked against the signature and converted
    call_button                   what a button of a page does
"""

from __future__ import annotations

import datetime
import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin
from weakref import WeakKeyDictionary

import msgspec

from core import bounds
from core.exceptions import AccessError, SingletonError
from core.i18n import _
from core.orm.argument_types import VALUES, VALUES_LIST, Ids, Remote
from core.orm.decorators import Declaration
from core.orm.model import BaseModel
from core.rpc.faults import BadArguments, NotFound

_EMPTY: Final = inspect.Parameter.empty
_FOUND: WeakKeyDictionary[type, dict[str, PublicMethod]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Shape:
    """The type of one argument as it comes from outside."""

    type: Any

    @cached_property
    def takes_none(self) -> bool:
        """Whether no value is a value."""
        return self.type is Any or type(None) in _members(self.type)

    @cached_property
    def takes_bool(self) -> bool:
        """Whether true and false are values."""
        return self.type is Any or bool in map(_bare, _members(self.type))

    @cached_property
    def is_text(self) -> bool:
        """Whether it is any text at all."""
        return str in map(_bare, _members(self.type))

    @cached_property
    def holds_values(self) -> bool:
        """Whether it is values of fields, of one record or of several."""
        return any(each in (VALUES, VALUES_LIST) for each in _members(self.type))

    @cached_property
    def expected(self) -> str:
        """What is expected, as the end of a sentence: “a whole number of at least 1”."""
        return describe_type(self.type)


@dataclass(frozen=True)
class Argument:
    """One parameter of a public method. ``alias`` is the name that the ORM gives to the same parameter."""

    name: str
    kind: Any
    default: Any
    shape: Shape
    annotated: bool
    alias: str = ""


@dataclass(frozen=True)
class PublicMethod:
    """A method of one model that may be called from outside.

    Attributes:
        declaration: what `api.public` says of it; None for a method of another addon that has none.
        on_model: it works on the model, so that no ids come first.
        readonly: it only reads.
        inherited: every model has it from the ORM.
    """

    model: str
    name: str
    function: Callable[..., Any]
    declaration: Declaration | None
    on_model: bool
    readonly: bool
    inherited: bool
    arguments: tuple[Argument, ...]
    _by_name: dict[str, Argument] = field(default_factory=dict)

    def check_rights(self, records: Any) -> None:
        """Raise AccessError unless the user has the right that the declaration asks for, on all `records`."""
        if self.declaration is None or records.env.su:
            return
        if self.declaration.access:
            records.check_access(self.declaration.access)
        if self.declaration.groups and not records.env.user.has_groups(self.declaration.groups):
            raise AccessError(
                _("%(model)s.%(method)s: your groups do not allow this.", model=self.model, method=self.name)
            )

    def bind(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The positional and keyword arguments to call the method with, converted to the types of its annotations.

        False and null stand for “no value” where the parameter takes none: then its default is used.

        Raises:
            BadArguments: too many, too few, unknown or ill-shaped arguments; ``data`` names the argument.
        """
        named = {self._by_name[key].name if key in self._by_name else key: value for key, value in kwargs.items()}
        rest = list(args)
        positional: list[Any] = []
        keywords: dict[str, Any] = {}
        for argument in self.arguments:
            if argument.kind is inspect.Parameter.VAR_POSITIONAL:
                positional.extend(rest)
                rest = []
            elif argument.kind is inspect.Parameter.VAR_KEYWORD:
                keywords |= named
                named = {}
            else:
                given = bool(rest) and argument.kind is not inspect.Parameter.KEYWORD_ONLY
                if given and argument.name in named:
                    raise self._refusal(argument.name, _("%(argument)s is given twice.", argument=argument.name))
                value = rest.pop(0) if given else named.pop(argument.name, _EMPTY)
                value = self._converted(argument, value)
                if argument.kind is inspect.Parameter.KEYWORD_ONLY:
                    keywords[argument.name] = value
                else:
                    positional.append(value)
        if rest:
            count = len(positional)
            raise self._refusal("", _("it takes at most %(count)s arguments.", count=count))
        if named:
            unknown = next(iter(named))
            raise self._refusal(unknown, _("it has no argument %(argument)s.", argument=str(unknown)[:80]))
        return positional, keywords

    def call(self, records: Any, positional: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
        """Call the method on `records` with bound arguments, and return its result.

        Raises:
            BadArguments: it works on one record, and `records` are none or several.
            anything that the method raises.
        """
        try:
            return getattr(records, self.name)(*positional, **keywords)
        except SingletonError as error:
            if error.records._name != records._name or set(error.records._ids) != set(records._ids):
                raise
            raise self._refusal("ids", _("it works on one record, not on %(count)s.", count=len(records))) from error

    def ids(self, value: Any) -> list[int]:
        """The ids that a client gave, one or several. Raises BadArguments."""
        if value is None or value is False:
            return []
        if isinstance(value, int) and not isinstance(value, bool):
            value = [value]
        try:
            return msgspec.convert(value, Ids)
        except msgspec.ValidationError:
            given = repr(value)[:80]
            raise self._refusal("ids", _("ids are whole numbers of at least 1, not %(ids)s.", ids=given)) from None

    def _converted(self, argument: Argument, value: Any) -> Any:
        shape = argument.shape
        if value is _EMPTY or (value is None and not shape.takes_none) or (value is False and not shape.takes_bool):
            if value is False and shape.takes_none:
                return None
            if argument.default is not _EMPTY:
                return argument.default
            if value is _EMPTY:
                raise self._refusal(argument.name, _("the argument %(argument)s is missing.", argument=argument.name))
        if shape.type is Any:
            return value
        try:
            value = msgspec.convert(value, shape.type)
            if isinstance(value, Decimal) and not (value.is_finite() and bounds.is_small_enough(value)):
                raise ValueError
        except (msgspec.ValidationError, ValueError, OverflowError):
            problem = _(
                "%(argument)s must be %(expected)s, not %(value)s.",
                argument=argument.name, expected=shape.expected, value=repr(value)[:80],
            )  # fmt: skip
            raise self._refusal(argument.name, problem, shape.expected) from None
        if isinstance(value, str) and shape.is_text:
            bounds.check_text(value, argument.name)
        elif isinstance(value, datetime.date):
            bounds.check_day(value, argument.name)
        return value

    def _refusal(self, argument: str, problem: Any, expected: str = "") -> BadArguments:
        return BadArguments(
            _("%(model)s.%(method)s: %(problem)s", model=self.model, method=self.name, problem=str(problem)),
            argument=argument,
            data={"model": self.model, "method": self.name, **({"expected": expected} if expected else {})},
        )


def find(cls: Any, method: str) -> PublicMethod:
    """The public `method` of the model whose final class is `cls`.

    Raises:
        NotFound: nothing of that name is a method.
        AccessError: a method that is not public.
    """
    found = _FOUND.setdefault(cls, {})
    result = found.get(method)
    if result is None:
        result = found[method] = _find(cls, method)
    return result


def public_methods(cls: Any) -> dict[str, PublicMethod]:
    """All public methods of the model whose final class is `cls`, by name."""
    result = {}
    for name in dir(cls):
        try:
            result[name] = find(cls, name)
        except (NotFound, AccessError):
            continue
    return result


def call_button(records: Any, method: str) -> Any:
    """Do what a button of a page does: call the public `method` on `records`, and return what it returns.

    Raises:
        NotFound, AccessError: see `find`; AccessError also without the right that the method asks for.
        BadArguments: the method needs arguments.
    """
    public = find(type(records), method)
    public.check_rights(records)
    positional, keywords = public.bind((), {})
    return public.call(records.browse() if public.on_model else records, positional, keywords)


# ---------------------------------------------------------------------------- finding


def _find(cls: Any, name: str) -> PublicMethod:
    model = cls._name
    if name.startswith("_"):
        raise AccessError(_("%(model)s.%(method)s is private.", model=model, method=name))
    function = inspect.getattr_static(cls, name, None)
    if isinstance(function, classmethod | staticmethod) or not inspect.isfunction(function):
        raise NotFound(_("%(model)s has no public method %(method)s.", model=model, method=name))
    functions = [owner.__dict__[name] for owner in cls.__mro__ if name in owner.__dict__]
    marks = {getattr(each, "_api", None) for each in functions}
    declarations = [each._public for each in functions if hasattr(each, "_public")]
    original = getattr(BaseModel, name, None)
    if "private" in marks or (original is not None and not hasattr(original, "_public")):
        raise AccessError(_("%(model)s.%(method)s cannot be called from outside.", model=model, method=name))
    arguments = _arguments(functions, bool(declarations), original)
    names = {argument.alias: argument for argument in arguments if argument.alias}
    return PublicMethod(
        model=model,
        name=name,
        function=function,
        declaration=declarations[0] if declarations else None,
        on_model="model" in marks,
        readonly=next((each._readonly for each in functions if hasattr(each, "_readonly")), False),
        inherited=original is not None,
        arguments=arguments,
        _by_name=names | {argument.name: argument for argument in arguments},
    )


def _arguments(functions: list[Any], declared: bool, original: Any) -> tuple[Argument, ...]:
    """The parameters of the first of `functions`, each with the first annotation that one of `functions` has for it.

    What clients send to the ORM's own method, `original`, is the ORM's to say: its annotations come first.
    """
    own_parameters = list(inspect.signature(functions[0]).parameters.values())[1:]
    sources = [original, *functions] if original is not None else functions
    signatures = [list(inspect.signature(each).parameters.values())[1:] for each in sources]
    own = list(inspect.signature(original).parameters.values())[1:] if original is not None else []
    result = []
    for position, parameter in enumerate(own_parameters):
        shape, annotated = Shape(Any), False
        for function, parameters in zip(sources, signatures, strict=True) if declared else ():
            same = next((each for each in parameters if each.name == parameter.name), None)
            if same is None and position < len(parameters) and parameters[position].kind == parameter.kind:
                same = parameters[position]
            if same is not None and same.annotation is not _EMPTY:
                sent = _wire_type(same.annotation, inspect.unwrap(function))
                shape, annotated = Shape(Any if sent is None else sent), sent is not None
                break
        alias = own[position].name if position < len(own) and own[position].kind == parameter.kind else ""
        result.append(Argument(parameter.name, parameter.kind, parameter.default, shape, annotated, alias))
    return tuple(result)


def _wire_type(annotation: Any, function: Any) -> Any:
    """The type that a client sends for a parameter with this annotation; None where it says nothing of that."""
    if isinstance(annotation, str):
        try:
            holder = types.SimpleNamespace(__annotations__={"argument": annotation})
            annotation = typing.get_type_hints(holder, function.__globals__, include_extras=True)["argument"]
        except NameError:
            return None
    result = _sent(annotation)
    try:
        msgspec.inspect.type_info(result)
        return None if _is_custom(result) else result
    except TypeError:
        return None


def _sent(annotation: Any) -> Any:
    """`annotation` with `Remote` types in the place of Python's."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return next((each.type for each in annotation.__metadata__ if isinstance(each, Remote)), annotation)
    if origin in (Union, types.UnionType):
        members = [_sent(each) for each in get_args(annotation)]
        return Any if Any in members else Union[tuple(members)]  # noqa: UP007 - computed
    return annotation


def _is_custom(tp: Any) -> bool:
    """Whether msgspec would take nothing but an instance of a class that JSON does not have."""
    kinds = msgspec.inspect.type_info(tp)
    members = kinds.types if isinstance(kinds, msgspec.inspect.UnionType) else (kinds,)
    return any(isinstance(each, msgspec.inspect.CustomType) for each in members)


# ---------------------------------------------------------------------------- describing


def _members(tp: Any) -> tuple[Any, ...]:
    """The members of a union, or the type itself."""
    if get_origin(tp) in (Union, types.UnionType):
        return tuple(inner for each in get_args(tp) for inner in _members(each))
    return (tp,)


def _bare(tp: Any) -> Any:
    return get_args(tp)[0] if get_origin(tp) is Annotated else tp


def describe_type(tp: Any) -> str:
    """What values of a type are, in words: “a list of whole numbers of at least 1”."""
    return str(_(" or ")).join(dict.fromkeys(_describe(each) for each in _members(tp) if each is not type(None)))


def _describe(tp: Any) -> str:
    meta = next((each for each in getattr(tp, "__metadata__", ()) if isinstance(each, msgspec.Meta)), None)
    if meta is not None and meta.description:
        return meta.description
    bare = _bare(tp)
    origin = get_origin(bare) or bare
    if origin is Literal:
        return str(_("one of %(values)s", values=", ".join(map(str, get_args(bare)))))
    words = str(_WORDS.get(getattr(origin, "__name__", ""), _("a value of another kind")))
    if origin in (list, tuple) and get_args(bare) and get_args(bare)[0] is not Any:
        words = str(_("a list, each item %(item)s", item=describe_type(get_args(bare)[0])))
    if meta is None:
        return words
    low, high = meta.ge, meta.le
    if low is not None and high is not None and high < bounds.INTEGER_MAX:
        return str(_("%(kind)s from %(low)s to %(high)s", kind=words, low=low, high=high))
    if low is not None:
        return str(_("%(kind)s of at least %(low)s", kind=words, low=low))
    if meta.max_length is not None and origin is str:
        return str(_("%(kind)s of at most %(count)s characters", kind=words, count=meta.max_length))
    return words


_WORDS: Final = {
    "str": _("a text"),
    "int": _("a whole number"),
    "float": _("a number"),
    "Decimal": _("a number"),
    "bool": _("true or false"),
    "date": _("a date as YYYY-MM-DD"),
    "datetime": _("a date and time as YYYY-MM-DD HH:MM:SS"),
    "list": _("a list"),
    "dict": _("an object"),
}

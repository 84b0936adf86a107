"""Seams: the methods of models that services call once per action and model, and that addons override.

    service ── records._action_done() ──▶ override of addon b ── super() ──▶ override of addon a ──▶ seam ──▶ service

`core.orm.decorators.seam` marks them. What is marked is listed by ``stillage seams``, described in ``docs/seams.md``,
and checked: an override must accept every call that the seam accepts.
"""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from core.orm.decorators import Step

#: The sections of the docstring of a seam, in this order.
SECTIONS: Final = ("When", "Called by", "Args", "Returns", "Raises", "Transaction", "Override", "Example")
#: Those that are left out where there is nothing to say.
OPTIONAL: Final = frozenset({"Args", "Returns", "Raises"})

_POSITIONAL: Final = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Seam:
    """A marked method: ``definition`` is the class that introduces it, of the addon that owns the seam."""

    model: str
    name: str
    addon: str
    definition: type
    function: Callable[..., Any]
    steps: tuple[Step, ...]

    @property
    def label(self) -> str:
        """``stock.move._action_done``."""
        return f"{self.model}.{self.name}"

    @property
    def signature(self) -> str:
        """The method with its arguments, as it is defined."""
        return signature_text(self.function)

    @property
    def docstring(self) -> str:
        """Its description, without the indentation of the source."""
        return inspect.getdoc(self.function) or ""


@dataclass(frozen=True)
class Override:
    """A definition that overrides a seam, in the same model or in one that inherits it."""

    model: str
    addon: str
    definition: type
    function: Callable[..., Any]


def seams(registry: Any) -> list[Seam]:
    """The seams of a registry's models, by model in loading order, then as they stand in the source."""
    found = []
    for model, definitions in registry.definitions.items():
        seen: set[str] = set()
        for definition in definitions:
            for name, member in vars(definition).items():
                steps = getattr(member, "_seam", ())
                if steps and name not in seen and name == member.__name__:  # not a second name of another seam
                    seen.add(name)
                    found.append(Seam(model, name, registry.origins[definition], definition, member, steps))
    return found


def overrides(registry: Any, seam: Seam) -> list[Override]:
    """The definitions that override a seam, those called first at the front of each model."""
    found: dict[type, Override] = {}
    for model, cls in registry.models.items():
        if seam.definition in cls.__mro__:
            for definition in cls.__mro__[: cls.__mro__.index(seam.definition)]:
                if definition in registry.origins and definition not in found and seam.name in vars(definition):
                    member = vars(definition)[seam.name]
                    found[definition] = Override(model, registry.origins[definition], definition, member)
    return list(found.values())


def signature_error(seam: Callable[..., Any], override: Callable[..., Any]) -> str | None:
    """Say which calls of a seam its override does not accept, as Python does; None when it accepts all of them.

    An override may give arguments other annotations and defaults, add optional ones, and take the rest as ``*args``
    and ``**kwargs``. What is no function (None, a property) accepts no call.
    """
    if not inspect.isfunction(override):
        return f"it is a {type(override).__name__}, no method"
    parameters = inspect.signature(seam).parameters.values()
    kinds = {parameter.kind for parameter in parameters}
    positional = [parameter for parameter in parameters if parameter.kind in _POSITIONAL]
    by_name = [parameter for parameter in parameters if parameter.kind is inspect.Parameter.KEYWORD_ONLY]
    more = (None,) if inspect.Parameter.VAR_POSITIONAL in kinds else ()
    others = {"any_other": None} if inspect.Parameter.VAR_KEYWORD in kinds else {}
    given = inspect.signature(override)
    try:
        full = given.bind(*positional, *more, **_named(by_name), **others)
        given.bind(*filter(_is_required, positional), **_named(filter(_is_required, by_name)))
        given.bind(positional[0], **_named(positional[1:]), **_named(by_name), **others)
    except TypeError as error:
        return str(error)
    for name, value in full.arguments.items():
        if value in positional[1:] and value.name != name:
            return f"has {name!r} in the place of {value.name!r}"
    return None


def _is_required(parameter: inspect.Parameter) -> bool:
    return parameter.default is inspect.Parameter.empty


def _named(parameters: Iterable[inspect.Parameter]) -> dict[str, inspect.Parameter]:
    return {parameter.name: parameter for parameter in parameters}


class _Text:
    """An annotation as it stands in the source."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _as_written(annotation: Any) -> Any:
    return _Text(annotation) if isinstance(annotation, str) else annotation


def signature_text(function: Callable[..., Any]) -> str:
    """``_split(self, quantities: Mapping[Any, Decimal]) -> Any``: a function's name and arguments as in its source."""
    signature = inspect.signature(function)
    parameters = [p.replace(annotation=_as_written(p.annotation)) for p in signature.parameters.values()]
    result = _as_written(signature.return_annotation)
    return f"{function.__name__}{signature.replace(parameters=parameters, return_annotation=result)}"


# ---------------------------------------------------------------------------- tracing


@dataclass
class SeamCall:
    """A call of a seam: with how many records, inside how many other seams, how long it took with all overrides."""

    seam: str
    records: int
    depth: int
    seconds: float = 0.0


@contextmanager
def tracing(registry: Any) -> Generator[list[SeamCall]]:
    """Yield the list that fills with the calls of seams, in their order, while the block runs.

    Meanwhile the seams count as extended, as if an addon overrode each of them: services take no shorter way past one,
    so the list has every seam that an override would be called for.

    It wraps the methods of the final classes, which databases with the same addons share: for one process that looks at
    what it does, not for a server.
    """
    calls: list[SeamCall] = []
    depth = [0]
    with ExitStack() as undo:
        for seam in seams(registry):
            for cls in registry.models.values():
                if seam.definition in cls.__mro__ and not cls._abstract:
                    setattr(cls, seam.name, _traced(getattr(cls, seam.name), calls, depth))
                    undo.callback(delattr, cls, seam.name)
                    undo.callback(setattr, cls, "_extended_methods", cls._extended_methods)
                    cls._extended_methods = {seam.name: (), **cls._extended_methods}
        yield calls


def _traced(method: Callable[..., Any], calls: list[SeamCall], depth: list[int]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        entry = SeamCall(f"{self._name}.{method.__name__}", len(self), depth[0])
        calls.append(entry)
        depth[0] += 1
        begun = time.perf_counter()
        try:
            return method(self, *args, **kwargs)
        finally:
            entry.seconds = time.perf_counter() - begun
            depth[0] -= 1

    return call

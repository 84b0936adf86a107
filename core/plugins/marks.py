"""The marks that addons put on functions, and how they are read back."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, TypeVar

import pluggy

from core.exceptions import HookError

PROJECT: Final = "stillage"
IMPL: Final = f"{PROJECT}_impl"
SPEC: Final = f"{PROJECT}_spec"
SCOPE: Final = f"{PROJECT}_scope"

F = TypeVar("F", bound=Callable[..., Any])

_mark_impl = pluggy.HookimplMarker(PROJECT)
_mark_spec = pluggy.HookspecMarker(PROJECT)


@dataclass(frozen=True)
class Scope:
    """What :func:`hookimpl` adds to pluggy's options: the models and the named neighbours."""

    models: frozenset[str] | None = None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def hookimpl(
    function: F | None = None,
    *,
    model: str | Collection[str] | None = None,
    before: str | Collection[str] = (),
    after: str | Collection[str] = (),
    tryfirst: bool = False,
    trylast: bool = False,
    wrapper: bool = False,
    specname: str | None = None,
    optional: bool = False,
) -> Any:
    """Mark a function of an addon's ``hooks.py`` as the implementation of a hook.

    Args:
        model: name(s) of the model(s) for which it is called; all when left out.
        before: addon(s) whose implementations of this hook are to be called after this one.
        after: addon(s) whose implementations of this hook are to be called before this one.
            Both win over ``tryfirst``/``trylast``; an addon that is not installed is ignored.
        tryfirst, trylast: ahead of or behind all implementations that say neither.
        wrapper: the function is a generator; it yields once, receives the outcome of all that it
            wraps, and returns the outcome to hand on.
        specname: the hook's name where the function has another one.
        optional: do not complain when no installed addon specifies this hook.

    Returns:
        the function itself, marked.
    """

    def mark(target: F) -> F:
        if tryfirst and trylast:
            raise HookError(
                f"{target.__name__}: tryfirst and trylast exclude each other", **place_of(target), addon=None
            )
        marked = _mark_impl(
            target, tryfirst=tryfirst, trylast=trylast, wrapper=wrapper, specname=specname, optionalhook=optional
        )
        models = frozenset(_names(model)) if model is not None else None
        setattr(marked, SCOPE, Scope(models, _names(before), _names(after)))
        return marked

    return mark if function is None else mark(function)


def hookspec(function: F | None = None, *, firstresult: bool = False) -> Any:
    """Mark a function as the specification of a hook; its name, arguments and docstring are the contract.

    Args:
        firstresult: stop at the first implementation that returns something other than None, and
            return that instead of a list.
    """
    return _mark_spec(function, firstresult=firstresult)


def _names(value: str | Collection[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def place_of(function: Callable[..., Any]) -> dict[str, Any]:
    """``file`` and ``line`` of a function, as errors take them."""
    code = inspect.unwrap(function).__code__
    return {"file": code.co_filename, "line": code.co_firstlineno}


def marked(module: ModuleType | type, attribute: str) -> list[tuple[str, Callable[..., Any]]]:
    """The marked functions of a module, those imported from elsewhere left out, in order of definition."""
    owner = module.__name__ if isinstance(module, ModuleType) else module.__module__
    return [
        (name, function)
        for name, function in inspect.getmembers_static(module)
        for function in [function.__func__ if isinstance(function, staticmethod) else function]
        if inspect.isfunction(function) and hasattr(function, attribute) and function.__module__ == owner
    ]

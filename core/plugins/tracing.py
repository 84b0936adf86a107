"""Implementations that record each of their calls, for as long as a trace is open."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from core.plugins.parts import Implementation, TraceEntry


def traced(implementation: Implementation, entries: list[TraceEntry], depth: list[int]) -> Callable[..., Any]:
    """The implementation's function, recording each of its calls."""
    function = implementation.function

    def begin(arguments: Sequence[Any]) -> TraceEntry:
        models = (getattr(argument, "_name", None) for argument in arguments)
        entry = TraceEntry(
            hook=implementation.hook,
            addon=implementation.addon,
            function=function.__name__,
            where=implementation.where,
            model=next((name for name in models if isinstance(name, str)), None),
            depth=depth[0],
        )
        entries.append(entry)
        depth[0] += 1
        return entry

    @contextmanager
    def recorded(arguments: Sequence[Any]) -> Iterator[TraceEntry]:
        entry, started = begin(arguments), time.perf_counter()
        try:
            yield entry
        except BaseException as error:
            entry.outcome = f"raised {type(error).__name__}: {error}"
            raise
        finally:
            entry.seconds = time.perf_counter() - started
            depth[0] -= 1

    @functools.wraps(function)
    def plain(*arguments: Any) -> Any:
        with recorded(arguments) as entry:
            result = function(*arguments)
            entry.outcome = _brief(result)
            return result

    @functools.wraps(function)
    def wrapping(*arguments: Any) -> Any:
        with recorded(arguments) as entry:
            result = yield from function(*arguments)
            entry.outcome = _brief(result)
            return result

    return wrapping if implementation.wrapper else plain


def _brief(result: Any) -> str:
    text = repr(result)
    return text if len(text) <= 60 else text[:57] + "..."

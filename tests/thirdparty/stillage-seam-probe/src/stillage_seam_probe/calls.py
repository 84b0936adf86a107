"""A record of the calls: which seam, and how many records it was called with."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple


class Call(NamedTuple):
    seam: str
    records: int


#: The calls since recording began, in their order; None while nothing is recorded.
_calls: list[Call] | None = None


def counted(method: Any) -> Any:
    """Record each call of an override."""

    @functools.wraps(method)
    def record(self, *args, **kwargs):
        if _calls is not None:
            _calls.append(Call(f"{self._name}.{method.__name__}", len(self)))
        return method(self, *args, **kwargs)

    return record


@contextmanager
def recorded() -> Iterator[list[Call]]:
    """Yield the list that fills with the calls of the block."""
    global _calls
    before, _calls = _calls, []
    try:
        yield _calls
    finally:
        _calls = before


def totals(calls: list[Call]) -> Counter[str]:
    """Seam -> how often it was called."""
    return Counter(call.seam for call in calls)

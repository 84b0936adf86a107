"""Values of the running action that the services it calls can read: caches, and what it has collected so far."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


@contextmanager
def scoped(env: Any, name: Hashable, value: T) -> Iterator[T]:
    """Within the block, the memory of the transaction has `value` as `name`; afterwards what it had before.

    Args:
        name: a key of `env.cr.memory`; absent counts as None.
    """
    memory = env.cr.memory
    before = memory.get(name)
    memory[name] = value
    try:
        yield value
    finally:
        memory[name] = before

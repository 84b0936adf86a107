"""Values that are asked for on every call and change once a month: rights, rules, groups, external ids.

They live in `registry.cache`, shared by all transactions of the process. Three things keep that safe:

* a transaction that changed such records works with a cache of its own until it ends, so that nobody else sees what
  it may yet roll back, and it sees its own changes at once;
* when it ends, well or badly, the shared cache is dropped (`registry.clear_cache`);
* a transaction reads and fills the cache that was the shared one when it *began* (`begin`), so a value computed from
  rows as they were before a concurrent commit lands in dictionaries that no later transaction looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")

#: Where a transaction that changed cached records keeps its own cache, in its cursor's memory.
_OWN = "base.cache"
#: The shared cache as it was when the transaction began, in the same place.
_BEGUN = "base.cache.begun"

_MISSING = object()


def cached(env: Any, name: str, key: Hashable, compute: Callable[[], T]) -> T:
    """Return the value of `key` in the cache called `name`, computing it when it is not there.

    Args:
        env: any environment of the transaction.
        name: which kind of value, e.g. "acl"; one dictionary per name.
        key: must contain all that the value depends on besides the cached records themselves.
        compute: called without arguments on a miss; its exceptions pass through and nothing is stored.
    """
    store = _store(env, name)
    value = store.get(key, _MISSING)
    if value is _MISSING:
        value = store[key] = compute()
    return value


def begin(cursor: Any, cache: dict[str, dict[Hashable, Any]]) -> None:
    """Let the transaction of a cursor work with this cache, which was the shared one before it read anything."""
    cursor.memory[_BEGUN] = cache


def invalidate(env: Any) -> None:
    """Say that records behind cached values were changed in this transaction.

    Pending writes are flushed first, as the values are recomputed by plain SQL.
    """
    env.flush_all()
    forget(env)


def forget(env: Any) -> None:
    """As `invalidate`, for changes that are written already."""
    cursor, registry = env.cr, env.registry
    first = _OWN not in cursor.memory
    cursor.memory[_OWN] = {}

    def undone() -> None:  # a rolled back savepoint leaves a transaction that goes on
        if first:
            cursor.memory.pop(_OWN, None)
        elif _OWN in cursor.memory:
            cursor.memory[_OWN] = {}

    cursor.after_rollback(undone)
    if first:
        cursor.after_commit(registry.clear_cache)
        cursor.after_rollback(registry.clear_cache)


def peek(env: Any, name: str) -> Mapping[Hashable, Any]:
    """Return what is cached under a name, without computing anything."""
    return dict(_store(env, name))


def changed(env: Any) -> bool:
    """Return whether `invalidate` was called in the running transaction, so that other processes have to be told."""
    return _OWN in env.cr.memory


def shared(env: Any) -> dict[str, dict[Hashable, Any]]:
    """The named dictionaries that the transaction of `env` reads and fills."""
    memory = env.cr.memory
    own = memory.get(_OWN)
    if own is None:
        own = memory.get(_BEGUN)
    return env.registry.cache if own is None else own


def _store(env: Any, name: str) -> dict[Hashable, Any]:
    return shared(env).setdefault(name, {})

"""Who is called before whom: computed once, when a manager is sealed."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from core.exceptions import HookError
from core.plugins.parts import Implementation


def order(implementations: Iterable[Implementation]) -> list[Implementation]:
    """The call order of one hook's implementations: wrappers, then the others, each sorted.

    By priority, then against the loading order (dependents before what they depend on), then as written; ``before=``
    and ``after=`` move as little as needed.

    Raises:
        HookError: when they contradict each other; the message prints the circle.
    """
    everyone = sorted(implementations, key=lambda i: (not i.wrapper, i.priority, -i.rank, i.line))
    followers: dict[int, set[int]] = {index: set() for index in range(len(everyone))}
    for index, impl in enumerate(everyone):
        for position, other in enumerate(everyone):
            if other.addon == impl.addon or not impl.meets(other):
                continue
            if other.addon in impl.scope.before:
                followers[index].add(position)
            if other.addon in impl.scope.after:
                followers[position].add(index)
    waiting = [0] * len(everyone)
    for behind in followers.values():
        for position in behind:
            waiting[position] += 1
    ready = [index for index, count in enumerate(waiting) if not count]
    result: list[Implementation] = []
    while ready:
        index = heapq.heappop(ready)
        result.append(everyone[index])
        for position in followers[index]:
            waiting[position] -= 1
            if not waiting[position]:
                heapq.heappush(ready, position)
    if len(result) < len(everyone):
        raise _circle([impl for impl in everyone if impl not in result], everyone, followers)
    return result


def _circle(
    stuck: Sequence[Implementation], everyone: Sequence[Implementation], followers: Mapping[int, set[int]]
) -> HookError:
    path = [everyone.index(stuck[0])]
    while True:
        following = next(
            (p for p in sorted(followers[path[-1]]) if everyone[p] in stuck and _leads_back(p, followers)), None
        )
        if following is None:  # a member that only hangs on the circle: start from the next one
            return _circle(stuck[1:], everyone, followers)
        if following in path:
            break
        path.append(following)
    loop = [everyone[index] for index in [*path[path.index(following) :], following]]
    first = loop[0]
    return HookError(
        f"before=/after= of hook {first.hook!r} go round in a circle: " + " -> ".join(impl.label for impl in loop),
        addon=first.addon,
        file=first.file,
        line=first.line,
    )


def _leads_back(start: int, followers: Mapping[int, set[int]]) -> bool:
    seen: set[int] = set()
    todo = list(followers[start])
    while todo:
        index = todo.pop()
        if index == start:
            return True
        if index not in seen:
            seen.add(index)
            todo += followers[index]
    return False


def meeting(rivals: Sequence[Implementation]) -> list[list[Implementation]]:
    """Groups of implementations of more than one addon that one call can reach together."""
    models = sorted({name for impl in rivals for name in impl.scope.models or ()})
    groups: list[list[Implementation]] = []
    everywhere = [impl for impl in rivals if impl.scope.models is None]
    for model in [None, *models]:
        group = (
            everywhere if model is None else [i for i in rivals if i in everywhere or model in (i.scope.models or ())]
        )
        if len({impl.addon for impl in group}) > 1 and group not in groups:
            groups.append(group)
    return groups

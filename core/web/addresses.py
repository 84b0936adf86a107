"""Addresses of pages, and lists of ids within them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

# A longer list of ids than this does not fit into an address.
LISTED_MAX = 2000


def address(*parts: Any, **query: Any) -> str:
    """A path below ``/app`` from its parts, and a query from those values that are set."""
    path = "/".join(["/app", *(quote(str(part), safe=".") for part in parts)])
    pairs = [
        f"{quote(str(key))}={quote(str(value), safe=',:.-/')}"
        for key, value in query.items()
        if value not in (None, "", False)
    ]
    return f"{path}?{'&'.join(pairs)}" if pairs else path


def pack_ids(ids: Iterable[int]) -> str:
    """Ids as a short text: ``1-5,9``. The order is lost; lists have their own."""
    parts: list[str] = []
    start = last = 0
    for id_ in [*sorted(set(ids)), 0]:
        if last and id_ == last + 1:
            last = id_
            continue
        if last:
            parts.append(str(start) if start == last else f"{start}-{last}")
        start = last = id_
    return ",".join(parts)


def unpack_ids(text: str) -> list[int]:
    """The ids that `pack_ids` wrote; anything else in `text` is passed over."""
    ids: list[int] = []
    for part in text.split(","):
        first, _dash, last = part.partition("-")
        if first.isdecimal() and (not last or last.isdecimal()):
            ids.extend(range(int(first), min(int(last or first), int(first) + 10_000) + 1))
        if len(ids) > 10_000:
            break
    return ids

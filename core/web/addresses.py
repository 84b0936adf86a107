"""Addresses of pages, and lists of ids within them.

Servers and proxies refuse long request lines (gunicorn: 4,094 bytes), so no address is longer than `ADDRESS_MAX`. What
does not fit is stored on the server, and stands in the address by its key (`collecting`, `expanded`).
"""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import quote

from core.bounds import is_integer
from core.exceptions import InvalidArgument, MissingError
from core.i18n import _

#: The longest address, in bytes. Quoted as a part of another one (a way back) it still fits into a request line.
ADDRESS_MAX = 2000
#: So many records can be in one list of ids.
LISTED_MAX = 100_000
_KEY = re.compile(r"~[\w-]{22}", re.ASCII)
_KEY_LENGTH = 23
#: Without these a list would show other records than its address says.
_NEEDED = frozenset({"ids", "domain"})
_collected: ContextVar[dict[str, str] | None] = ContextVar("collected", default=None)


def address(*parts: Any, **query: Any) -> str:
    """A path below ``/app`` from its parts, and a query from those values that are set."""
    path = "/".join(["/app", *(quote(str(part), safe=".") for part in parts)])
    pairs = [(str(key), str(value)) for key, value in query.items() if value not in (None, "", False)]
    text = "&".join(f"{quote(key)}={quote(value, safe=',:.-/~')}" for key, value in shortened(pairs, len(path)))
    return f"{path}?{text}" if text else path


def shortened(pairs: Sequence[tuple[str, str]], taken: int = 0) -> list[tuple[str, str]]:
    """`pairs` of a query, the longest values replaced by keys until they fit into an address beside `taken` bytes.

    Outside of `collecting` nothing is replaced.
    """
    collected = _collected.get()
    if collected is None or taken + 3 * sum(len(value.encode()) + 20 for _key, value in pairs) <= ADDRESS_MAX:
        return list(pairs)
    sizes = [len(quote(value, safe="")) for _key, value in pairs]
    size = taken + sum(sizes) + sum(len(quote(key, safe="")) + 2 for key, _value in pairs)
    result = list(pairs)
    for place in sorted(range(len(pairs)), key=lambda place: -sizes[place]):
        if size <= ADDRESS_MAX or sizes[place] <= _KEY_LENGTH:
            break
        key, value = pairs[place]
        short = key_of(value)
        collected[short] = value
        result[place] = (key, short)
        size += _KEY_LENGTH - sizes[place]
    return result


def key_of(text: str) -> str:
    """The key under which a text is stored."""
    digest = hashlib.sha256(text.encode()).digest()[:16]
    return "~" + urlsafe_b64encode(digest).decode().rstrip("=")


@contextmanager
def collecting(parts: dict[str, str] | None) -> Iterator[None]:
    """Let long addresses be shortened in the block; `parts` takes the texts by key, to be stored afterwards."""
    token = _collected.set(parts)
    try:
        yield
    finally:
        _collected.reset(token)


def expanded(env: Any, query: Mapping[str, str]) -> dict[str, str]:
    """A query with the stored texts in the place of their keys.

    Raises MissingError where the records to show are stored no more; any other key that is unknown stays.
    """
    keys = {value for value in query.values() if _KEY.fullmatch(value)}
    if not keys:
        return dict(query)
    texts = env["web.address.part"]._texts(keys)
    if any(name in _NEEDED and value in keys and value not in texts for name, value in query.items()):
        raise MissingError(_("The selection of this address is no longer stored. Open the list and choose again."))
    return {name: texts.get(value, value) for name, value in query.items()}


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
    """The ids that `pack_ids` wrote, at most LISTED_MAX of them.

    Raises:
        InvalidArgument: `text` is no list of ids.
    """
    ids: list[int] = []
    for part in text.split(","):
        first, _dash, last = part.partition("-")
        if is_integer(first) and (not last or is_integer(last)):
            ids.extend(range(int(first), min(int(last or first), int(first) + LISTED_MAX) + 1))
        elif part:
            raise InvalidArgument(_("ids: “%(value)s” is no list of ids.", value=part[:40]), argument="ids")
        if len(ids) >= LISTED_MAX:
            break
    return ids[:LISTED_MAX]

"""The way from a record to the one before and the one after it, in the list that it was opened from.

The address of a form carries the query of its list (``list=filter%3Dlate``), so that nothing has to be remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from core.web.pages.opening import Opening
from core.web.pages.searching import COUNTED_MAX, asked_order, asked_page, group_of, page_limit, read_search


@dataclass(frozen=True)
class RecordPager:
    """Where a record stands in its list; an address is empty at either end."""

    position: int
    count: int
    previous: str
    next: str


def record_pager(opening: Opening, record: Any) -> RecordPager | None:
    """The pager of `record`; None when it was not opened from a list, or is no longer on that page of it.

    In a grouped list it leads through the records of the same group.
    """
    if not opening.came_from:
        return None
    listing = replace(opening, args=opening.list_args)
    search = read_search(listing, lambda **changes: "")
    limit = page_limit(listing)
    offset = max(0, (asked_page(listing.args) - 1) * limit - 1)
    view = listing.view("kanban" if listing.args.get("view") == "kanban" else "list")
    domain, order = search.domain() & group_of(search, record), asked_order(listing, view)
    ids = opening.records.search(domain, offset=offset, limit=limit + 2, order=order).ids
    if record.id not in ids:
        return None
    complete = len(ids) < limit + 2
    count = offset + len(ids) if complete else opening.records.search_count(domain, limit=COUNTED_MAX)
    place = ids.index(record.id)

    def url(at: int) -> str:
        if not 0 <= at < len(ids):
            return ""
        page = (offset + at) // limit + 1
        args = (
            {**listing.args, "page": str(page)} if page > 1 else {k: v for k, v in listing.args.items() if k != "page"}
        )
        return opening.url(ids[at], list=urlencode(args) or "-")

    return RecordPager(offset + place + 1, count, url(place - 1), url(place + 1))

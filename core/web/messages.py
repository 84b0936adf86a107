"""Messages of one page: what an action did, with links to its records; kept in a cookie across a redirect."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from core.orm.notifications import Notification
from core.web.addresses import LISTED_MAX, address, pack_ids

# A cookie may have 4,096 bytes; base64 makes four of three, and a signature follows.
_MAX_BYTES = 2700
#: So many records of a message are links of their own; a further link leads to all of them.
_MAX_LINKS = 5


class Message(NamedTuple):
    """A message to be shown once: its kind (success, info, warning, danger), its text and links (label, address).

    A link whose label occurs in the text is shown there, the others behind it.
    """

    kind: str
    text: str
    links: tuple[tuple[str, str], ...] = ()


def pieces(text: str, links: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """`text` in pieces: each with the address it leads to, or "". Links that the text does not name follow it."""
    labels = {label: url for label, url in reversed(links) if label.strip()}
    named = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    shown: set[str] = set()
    start = 0
    for match in re.finditer(rf"(?<![\w/-])(?:{named})(?![\w/-])", text) if named else ():
        if match[0] not in shown:
            shown.add(match[0])
            yield text[start : match.start()], ""
            yield match[0], labels[match[0]]
            start = match.end()
    yield text[start:], ""
    rest = [(label, url) for label, url in links if label not in shown]
    for position, (label, url) in enumerate(rest):
        yield (", " if position else " "), ""
        yield label, url


def build_message(env: Any, notification: Notification) -> Message:
    """The message of a notification, with links to those of its records that the user of `env` may read."""
    links = [link for records in notification.recordsets() for link in links_to(env, records)]
    return Message(notification.kind, notification.message, tuple(links))


def links_to(env: Any, records: Any, page: str = "") -> tuple[tuple[str, str], ...]:
    """Links (label, address) to those of `records` that the user of `env` may read, to the tab `page` of their form."""
    if not records:
        return ()
    readable = env[records._name].browse(records.ids).exists()._filtered_access("read")
    links = [
        (str(record.display_name or ""), address(record._name, record.id, tab=page)) for record in readable[:_MAX_LINKS]
    ]
    if len(readable) > _MAX_LINKS:
        everything = address(records._name, ids=pack_ids(readable.ids[:LISTED_MAX]))
        links.append((readable._counted(), everything))
    return tuple(links)


def dump(messages: Sequence[Message]) -> str:
    """`messages` as JSON of at most `_MAX_BYTES`: links go first, then the messages that were told last."""
    kept = list(messages)
    text = _as_json(kept)
    if len(text.encode()) > _MAX_BYTES:
        kept = [message._replace(links=message.links[-1:]) for message in kept]
        text = _as_json(kept)
    while len(text.encode()) > _MAX_BYTES and len(kept) > 1:
        kept.pop()
        text = _as_json(kept)
    while len(text.encode()) > _MAX_BYTES:
        kept = [message._replace(text=f"{message.text[: len(message.text) // 2]}…", links=()) for message in kept]
        text = _as_json(kept)
    return text


def _as_json(messages: Sequence[Message]) -> str:
    return json.dumps(messages, ensure_ascii=False, separators=(",", ":"))


def load(text: str) -> list[Message]:
    """What `dump` wrote; nothing where `text` is something else."""
    try:
        return [
            Message(str(kind), str(said), tuple((str(label), str(url)) for label, url in links))
            for kind, said, links in json.loads(text or "[]")
        ]
    except (ValueError, TypeError):
        return []

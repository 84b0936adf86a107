"""The message about the documents that an action created, changed or cancelled: transfers, orders, requests.

    announced   the action ─> its documents, by `env.log_created` and `env.log_changed` ─> one message, with links

Transfers are logged where moves get theirs (`moves.confirm`), what addons plan for needs in `procurement.run`. An
action that is part of another one says nothing: the outer one reports all of it, or the caller of `stock.rule.run`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from addons.inventory.services import message_texts
from core.api import ngettext

#: Up to so many documents of a model are sorted by the words for them.
_SORTED = 100


@contextmanager
def announced(env: Any, head: Callable[[], str] | None = None) -> Iterator[Any]:
    """Notify the user, after the block, of the documents that it created and changed.

    Args:
        head: gives the sentence in front. Without one, nothing is said where there are no documents.
    Yields: the log (`DocumentLog` of core), filled when the block is over.
    """
    with env.log_documents() as log:
        yield log
    if not log.nested:
        notify(env, head() if head else "", log)


def confirmed(documents: Any) -> str:
    """The sentence that follows a confirmation."""
    text = ngettext("%(name)s is confirmed.", "%(kind)s are confirmed.", len(documents), **_words(documents))
    return str(documents.env._(text))


def _words(documents: Any) -> dict[str, str]:
    return {"name": str(documents[:1].display_name), "kind": documents._counted()}


def notify(env: Any, head: str, log: Any) -> None:
    """Queue one message: `head`, and what is in the log of an action that is over, with links to the first of each.

    The documents of an action that is part of another one are left to that.
    """
    created, changed = ([], []) if log.nested else (log.created(), log.changed())
    cancelled = [found for records in changed if (found := records.filtered(_is_cancelled))]
    changed = [found for records in changed if (found := records - records.filtered(_is_cancelled))]
    sentences = [head] if head else []
    if created:
        sentences.append(env._("Created: %(documents)s.", documents=_named(env, created)))
    if changed:
        sentences.append(env._("Changed: %(documents)s.", documents=_named(env, changed)))
    if cancelled:
        sentences.append(env._("Cancelled: %(documents)s.", documents=_named(env, cancelled)))
    if sentences:
        kinds = _kinds([*created, *changed, *cancelled])
        env.notify(" ".join(sentences), records=tuple(kinds) if len(kinds) > 1 else kinds[0] if kinds else None)


def _is_cancelled(document: Any) -> bool:
    return "state" in document._fields and document.sudo().state == "cancel"


def _kinds(recordsets: Sequence[Any]) -> list[Any]:
    """The documents, a recordset for each word for them (deliveries apart from receipts), unless there are too many."""
    found: list[Any] = []
    for records in recordsets:
        is_small = len(records) <= _SORTED
        found += records.grouped(lambda one: one.sudo()._counted()).values() if is_small else [records]
    return found


def _named(env: Any, recordsets: Sequence[Any]) -> str:
    """ "delivery WH/OUT/00012, 7 manufacturing orders (WH/MO/00003, ... and 2 more)"."""
    texts = []
    for records in _kinds(recordsets):
        # What an action did is said in full; the documents that its user may not open are no links.
        stated = records.with_env(env).sudo()
        names, kind = message_texts.first_records(stated), stated._counted()
        if len(records) == 1:
            texts.append(env._("%(kind)s %(name)s", kind=kind, name=names))
        else:
            texts.append(env._("%(kind)s (%(names)s)", kind=kind, names=names))
    return ", ".join(texts)

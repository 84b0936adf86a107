"""What is closed within the underdelivery tolerance, noted on the documents that asked for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from addons.inventory.services import message_texts, remaining


def note_parts(parts: Iterable[remaining.Part]) -> None:
    """Note what was closed within the tolerance of moves on their transfers and on the orders behind these."""
    closed = [part for part in parts if part.tolerated]
    if not closed:
        return
    documents = closed[0].move.union(*(part.move for part in closed))._tolerated_documents()
    noted = []
    for part in closed:
        move = part.move
        quantity = message_texts.quantity_of(move.product_id, part.tolerated)
        source = move.env._("%(quantity)s (%(document)s)", quantity=quantity, document=move._document_name())
        noted += [(each, quantity if each == move.picking_id else source) for each in documents[move.id]]
    note(noted)


def transfers(moves: Any) -> dict[int, list[Any]]:
    """Move id -> the transfer that it is a part of, if any."""
    return {move.id: list(move.picking_id) for move in moves}


def note(quantities: Iterable[tuple[Any, str]]) -> None:
    """Add quantities to what was closed of documents before, so that their history names them.

    The documents are locked first and read again: several transfers of one order may be done at once.

    Args:
        quantities: (document, quantity in words); a document may occur several times.
    """
    texts: defaultdict[Any, list[str]] = defaultdict(list)
    by_model = {}
    for document, words in quantities:
        texts[document].append(words)
        by_model[document._name] = by_model.get(document._name, document.browse()) | document
    for _name, documents in sorted(by_model.items()):
        documents.sudo().lock_for_update()._settle_multi(
            [
                {"closed_within_tolerance": ", ".join(filter(None, [each.closed_within_tolerance, *texts[each]]))}
                for each in documents
            ]
        )

"""Notifications after transfers were validated or split: what is done, created and cancelled."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from addons.inventory.services import document_messages, message_texts
from core.api import ngettext


def notify_validated(
    pickings: Any,
    backorders: Any,
    cancelled: Iterable[tuple[Any, Any, Decimal]],
    tolerated: Any,
    log: Any,
) -> None:
    """Queue the notifications of Validate.

    Args:
        pickings: the transfers that are done.
        backorders: the transfers made of what is left.
        cancelled: (transfer, product, quantity in the product's unit) of what was left and is cancelled; its transfer
            is named where several are done.
        tolerated: the cancelled moves of what was left within the underdelivery tolerance.
        log: the documents that it created or added to besides, such as the next steps of the goods.
    """
    env = pickings.env
    done = ngettext("%(name)s is done.", "%(number)s transfers are done.", len(pickings), name=pickings[:1].name)
    document_messages.notify(env, env._(done), log)
    notify_backorders(backorders)
    dropped = [
        _of_document(env, picking.name if len(pickings) > 1 else "", message_texts.quantity_of(product, quantity))
        for picking, product, quantity in cancelled
    ]
    if dropped:
        text = env._("Cancelled, without a backorder: %(quantities)s.", quantities=message_texts.first_of(env, dropped))
        env.notify(text, "warning")
    closed = [(move, message_texts.quantity_of(move.product_id, move.product_qty)) for move in tolerated]
    notify_tolerated(env, [(move._document_name(), quantity) for move, quantity in closed])


def notify_tolerated(env: Any, quantities: Iterable[tuple[str, str]]) -> None:
    """Queue the notification of what was closed within the underdelivery tolerance.

    Args:
        quantities: (document, quantity in words).
    """
    closed = [_of_document(env, name, words) for name, words in quantities]
    if closed:
        text = env._(
            "Closed within the underdelivery tolerance, without a backorder: %(quantities)s.",
            quantities=message_texts.first_of(env, closed),
        )
        env.notify(text)


def _of_document(env: Any, name: str, quantity: str) -> str:
    """A quantity in words with the document that it is of; the quantity alone where no document is given."""
    return str(env._("%(quantity)s (%(document)s)", document=name, quantity=quantity)) if name else quantity


def notify_backorders(backorders: Any) -> None:
    """Queue the notification that names new backorders."""
    if backorders:
        created = ngettext("Backorder created:", "%(number)s backorders created:", len(backorders))
        backorders.env.notify(created, records=backorders)


def counted(code: str, number: int) -> str:
    """So many transfers of one type of operation ("incoming", "outgoing"; others are just transfers), in words."""
    if code == "incoming":
        return ngettext("receipt", "%(number)s receipts", number)
    if code == "outgoing":
        return ngettext("delivery", "%(number)s deliveries", number)
    return ngettext("transfer", "%(number)s transfers", number)

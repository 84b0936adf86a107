"""Confirming what of a selection can be confirmed, with one message about all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addons.inventory.services import document_messages, message_texts
from core.exceptions import UserError


def confirm_possible(orders: Any, confirm: Callable[[Any], Any]) -> None:
    """Confirm the orders that can be, and tell the user which were, which were not and why.

    All of them together where nothing refuses, else by halves, down to the orders that refuse: few refusals cost few
    attempts. A refused attempt leaves nothing behind.

    Args:
        confirm: the action of the model, called with orders; it raises UserError to refuse.
    """
    env = orders.env
    refused: dict[Any, UserError] = {}
    with env.log_documents() as log:
        done = _confirm_parts(orders, confirm, refused)
    head = env._("Confirmed: %(orders)s.", orders=message_texts.first_records(done)) if done else ""
    document_messages.notify(env, head, log)
    if refused:
        reasons = [_reason(order, error) for order, error in refused.items()]
        text = env._("Not confirmed:\n%(reasons)s", reasons=message_texts.first_of(env, reasons, "\n"))
        env.notify(text, "warning", orders.browse([order.id for order in refused]))


def _confirm_parts(orders: Any, confirm: Callable[[Any], Any], refused: dict[Any, UserError]) -> Any:
    """Confirm the orders and return those that are; the others are added to `refused`, each with its error."""
    try:
        with orders.env.savepoint():
            confirm(orders)
    except UserError as error:
        if len(orders) == 1:
            refused[orders] = error
            return orders.browse()
    else:
        return orders
    half = len(orders) // 2
    return _confirm_parts(orders[:half], confirm, refused) | _confirm_parts(orders[half:], confirm, refused)


def _reason(order: Any, error: UserError) -> str:
    """Why an order was refused; its name comes first where the error does not state it."""
    text = str(error)
    return text if order.display_name in text else f"{order.display_name}: {text}"

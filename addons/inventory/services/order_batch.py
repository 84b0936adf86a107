"""Confirming what of a selection can be confirmed, with one message about all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from addons.inventory.services import document_messages, message_texts
from core.exceptions import UserError


def confirm_possible(orders: Any, method: str, check: Callable[[Any], None]) -> None:
    """Confirm the orders that can be, and notify the user of those that were, and of the others with their reasons.

    What the check refuses is left out first, unless an addon overrides the action, which may complete orders before it
    checks. The others are confirmed together where nothing refuses, else by halves, down to the orders that refuse or
    ask: few of these cost few attempts. A refused attempt leaves nothing behind.

    Args:
        method: name of the action of the model that confirms; it raises UserError to refuse, and returns a dialog to
            ask. Orders whose state is not the confirmed one after it are not confirmed.
        check: the checks of that action, called with single orders; raises UserError to refuse, and only reads.
    """
    env = orders.env
    reasons: dict[Any, str] = {}
    for order in orders if not orders._is_extended(method) else ():
        try:
            order._check_transition(method)
            check(order)
        except UserError as error:
            reasons[order] = _reason(order, error)
    possible = orders.filtered(lambda order: order not in reasons)
    with env.log_documents() as log:
        done = _confirm_parts(possible, method, reasons)
    head = env._("Confirmed: %(orders)s.", orders=message_texts.first_records(done)) if done else ""
    document_messages.notify(env, head, log)
    left = orders - done
    if left:
        texts = message_texts.first_of(env, [reasons[order] for order in left], "\n")
        env.notify(env._("Not confirmed:\n%(reasons)s", reasons=texts), "warning", left)


def _confirm_parts(orders: Any, method: str, reasons: dict[Any, str]) -> Any:
    """Confirm the orders and return those that are; the reasons of the others are added to `reasons`."""
    if not orders:
        return orders
    try:
        with orders.env.savepoint():
            dialog = getattr(orders, method)()
    except UserError as error:
        if len(orders) == 1:
            reasons[orders] = _reason(orders, error)
            return orders.browse()
    else:
        confirmed = orders.filtered(lambda order: order.state == _kind(order).confirmed)
        if confirmed or not dialog or len(orders) == 1:
            reasons.update({order: _open_question(order, dialog) for order in orders - confirmed})
            return confirmed
    half = len(orders) // 2
    return _confirm_parts(orders[:half], method, reasons) | _confirm_parts(orders[half:], method, reasons)


def _kind(order: Any) -> Any:
    return order.order_line._kind


def _open_question(order: Any, dialog: Any) -> str:
    """What to do with an order that the action left as it is, with or without a dialog."""
    env, name = order.env, order.display_name
    if not dialog:
        return str(env._("%(order)s needs another step before it is confirmed. Open it to see its status.", order=name))
    text = env._(
        "%(order)s needs an answer before it is confirmed. Open it and press %(button)s.",
        order=name,
        button=env._(_kind(order).confirm),
    )
    return str(text)


def _reason(order: Any, error: UserError) -> str:
    """Why an order was refused; its name comes first where the error does not state it."""
    text = str(error)
    return text if order.display_name in text else f"{order.display_name}: {text}"

"""Notifications after orders were finished or split: what was produced, backorders, what will not be produced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from addons.inventory.services import document_messages, message_texts, validation_messages
from core.api import ngettext
from core.rounding import compare, format_number

_OVERDRAWN_MAX = 5


def notify_closed(
    made: Mapping[Any, Decimal],
    backorders: Any,
    dropped: Mapping[Any, Decimal],
    tolerated: Mapping[Any, Decimal],
    log: Any,
) -> None:
    """Queue the notifications of Validate, Produce All and Close Production.

    Args:
        made: order -> the quantity it made, in the order's unit.
        backorders: the orders that what is left went into.
        dropped: order -> the quantity that is not made later either, in the order's unit.
        tolerated: order -> the same, where it is within the underdelivery tolerance.
        log: the documents that it created or added to besides, such as transfers that store the product.
    """
    orders = list(made)
    env = orders[0].env
    if len(orders) == 1:
        done = env._("%(name)s is done: %(quantity)s produced.", **_words(orders[0], made[orders[0]]))
        document_messages.notify(env, done, log)
    else:
        done = env._("%(number)s manufacturing orders are done:", number=len(orders))
        env.notify(done, records=orders[0].browse([order.id for order in orders]))
        document_messages.notify(env, "", log)
    validation_messages.notify_backorders(backorders)
    _exceeded(made)
    _dropped(dropped)
    closed = [_words(order, quantity) for order, quantity in tolerated.items()]
    validation_messages.notify_tolerated(env, [(words["name"], words["quantity"]) for words in closed])
    _overdrawn(made)


def notify_rests(backorders: Any, dropped: Any) -> None:
    """Queue what became of the rest of orders that were divided by serial numbers.

    Args:
        backorders: the orders that it went into.
        dropped: those that are cancelled.
    """
    validation_messages.notify_backorders(backorders)
    _dropped({order: order.product_qty for order in dropped})


def notify_finished(workorders: Any, backorders: Any) -> None:
    """Queue the messages that follow Mark as Done on work orders.

    Args:
        backorders: the orders that what they left went into.
    """
    env = workorders.env
    if len(workorders) == 1:
        made = _words(workorders.production_id, workorders.qty_produced)["quantity"]
        order = workorders.production_id.name
        done = env._(
            "%(operation)s of %(order)s is done: %(quantity)s.", operation=workorders.name, order=order, quantity=made
        )
    else:
        done = env._("%(number)s work orders are done.", number=len(workorders))
    env.notify(done)
    if len(backorders) == 1:
        rest = _words(backorders, backorders.product_qty)["quantity"]
        env.notify(env._("A backorder keeps the remaining %(quantity)s:", quantity=rest), "info", backorders)
    elif backorders:
        env.notify(env._("%(number)s backorders keep what remains:", number=len(backorders)), "info", backorders)


def notify_divided(name: str, parts: Any) -> None:
    """Queue the message that follows Prepare MO and Split.

    Args:
        name: what the order was called before it was split.
        parts: the orders it became.
    """
    if len(parts) > 1:
        env = parts.env
        env.notify(env._("%(name)s is split into %(number)s orders:", name=name, number=len(parts)), records=parts)


def notify_exceeded(workorder: Any) -> None:
    """Queue the message that follows Register Production of more than remains; it may be a slip of the finger."""
    order = workorder.production_id
    text = workorder.env._(
        "%(name)s: %(quantity)s registered, %(more)s more than demanded.",
        **_words(order, workorder.qty_producing),
        more=format_number(workorder.qty_producing - workorder.qty_remaining),
    )
    workorder.env.notify(text, "warning")


def notify_idle(pickings: Any) -> None:
    """Queue the cancelled transfers: nothing is consumed of what they were to bring."""
    cancelled = pickings.filtered(lambda picking: picking.state == "cancel")
    if cancelled:
        env = pickings.env
        text = ngettext(
            "Nothing is left to bring to production. The transfer is cancelled:",
            "Nothing is left to bring to production. The transfers are cancelled:",
            len(cancelled),
        )
        env.notify(env._(text), "info", cancelled)


def _dropped(quantities: Mapping[Any, Decimal]) -> None:
    """Queue a warning for each order of which a quantity is not made later either."""
    for order, quantity in quantities.items():
        text = order.env._("%(name)s: %(quantity)s will not be produced.", **_words(order, quantity))
        order.env.notify(text, "warning")


def _exceeded(made: Mapping[Any, Decimal]) -> None:
    """Queue a warning for each order that made more than it demanded."""
    for order in made:
        more = order.qty_produced - order.product_qty
        if compare(more, Decimal(0), order.product_uom_id.rounding) > 0:
            text = order.env._(
                "%(name)s: %(more)s %(unit)s more than demanded were produced.",
                name=order.name,
                more=format_number(more),
                unit=order.product_uom_id.name,
            )
            order.env.notify(text, "warning")


def notify_flushed(made: Mapping[Any, Decimal]) -> None:
    """Queue the message that follows Back Flush for each order that stays open.

    Args:
        made: order -> the quantity that came in now, in the order's unit.
    """
    for order, quantity in made.items():
        text = order.env._(
            "%(name)s: %(quantity)s produced into %(place)s, %(rest)s to go.",
            **_words(order, quantity),
            place=order.location_dest_id.complete_name,
            rest=format_number(order._remaining()),
        )
        order.env.notify(text)
    _overdrawn(made)


def notify_drawn(pickings: Any, components: Iterable[Any]) -> None:
    """Queue the result for transfers whose components were consumed before they were brought.

    Args:
        components: the moves that consumed them.
    """
    env = pickings.env
    places = ", ".join(dict.fromkeys(move.location_id.complete_name for move in components))
    cancelled = pickings.filtered(lambda picking: picking.state == "cancel")
    if cancelled:
        text = ngettext(
            "Components were consumed from %(places)s. The transfer is cancelled:",
            "Components were consumed from %(places)s. The transfers are cancelled:",
            len(cancelled),
            places=places,
        )
        env.notify(env._(text), "info", cancelled)
    remaining = pickings - cancelled
    if remaining:
        text = ngettext(
            "Components were consumed from %(places)s. The transfer brings what is left:",
            "Components were consumed from %(places)s. The transfers bring what is left:",
            len(remaining),
            places=places,
        )
        env.notify(env._(text), "info", remaining)


def _overdrawn(made: Mapping[Any, Decimal]) -> None:
    """Queue a warning where the stock of components is negative now: they were not transferred yet, or not counted."""
    order = next(iter(made))
    env = order.env
    moves = order.browse([one.id for one in made]).move_raw_ids.filtered(lambda move: move.state == "done")
    if not moves:
        return
    places = moves.location_id | moves.move_orig_ids.location_id
    consumed = [("product_id", "in", moves.product_id.ids), ("location_id", "in", places.ids)]
    groups = env["stock.quant"]._read_group(
        [*consumed, ("quantity", "<", 0)], ["location_id", "product_id"], ["quantity:sum"]
    )
    for location, product, quantity in groups[:_OVERDRAWN_MAX]:
        text = env._(
            "Stock of %(product)s in %(place)s is now %(quantity)s %(unit)s. Transfer or count it.",
            place=location.complete_name,
            product=product.display_name,
            quantity=format_number(quantity),
            unit=product.uom_id.name,
        )
        env.notify(text, "warning")


def _words(order: Any, quantity: Decimal) -> dict[str, str]:
    amount = message_texts.quantity_of(order.product_id, quantity, order.product_uom_id)
    return {"name": order.name, "quantity": amount}

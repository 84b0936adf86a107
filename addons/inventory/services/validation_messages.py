"""Notifications after transfers were validated: what is done, backorders created, quantities cancelled."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from core.api import ngettext
from core.rounding import format_number

_LISTED = 5


def notify_validated(pickings: Any, backorders: Any, cancelled: Iterable[tuple[Any, Decimal]]) -> None:
    """Queue the notifications of Validate.

    Args:
        pickings: the transfers that are done.
        backorders: the transfers made of what is left.
        cancelled: (product, quantity in the product's unit) of what was left and is cancelled.
    """
    env = pickings.env
    name = pickings[:1].name
    env.notify(ngettext("%(name)s is done.", "%(number)s transfers are done.", len(pickings), name=name))
    if backorders:
        created = ngettext("Backorder created:", "%(number)s backorders created:", len(backorders))
        env.notify(created, records=backorders)
    dropped = list(cancelled)
    if dropped:
        env.notify(
            env._("Cancelled, without a backorder: %(quantities)s.", quantities=_listed(env, dropped)), "warning"
        )


def _listed(env: Any, quantities: list[tuple[Any, Decimal]]) -> str:
    """ "5 Units of Magnetic Board, ..."; of a long list the beginning and how many more there are."""
    words = [
        env._(
            "%(qty)s %(unit)s of %(product)s",
            qty=format_number(quantity),
            unit=product.uom_id.name,
            product=product.display_name,
        )
        for product, quantity in quantities[:_LISTED]
    ]
    if len(quantities) > _LISTED:
        words.append(env._("%(number)s more", number=len(quantities) - _LISTED))
    return ", ".join(words)

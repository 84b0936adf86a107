"""How many an order makes now, and what that leaves to be made, in the unit of the order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import remaining as rests

ZERO = Decimal(0)


class Output(NamedTuple):
    """What closing an order now makes of it.

    `made` is what was typed, or all that remains; `remaining` is what is still to be made before; `rest` is what is
    left for later, 0 where it is less than a rounding step of the unit. What is left within the underdelivery tolerance
    is `tolerated` instead, where that was asked for.
    """

    made: Decimal
    remaining: Decimal
    rest: Decimal
    tolerated: Decimal = ZERO


def of(productions: Any, tolerate: bool = False) -> dict[Any, Output]:
    """The output of each order.

    Args:
        tolerate: whether a rest within the underdelivery tolerance is put into `tolerated` instead of `rest`.
    """
    result = {}
    for production in productions:
        remaining = production._remaining()
        made = production.qty_producing or remaining
        result[production] = Output(made, remaining, rests.of_demand(remaining, made, production.product_uom_id))
    if tolerate:
        amounts = {production.id: (now.made, now.rest) for production, now in result.items()}
        tolerated = rests.tolerated_ids(productions, amounts)
        for production in (each for each in productions if each.id in tolerated):
            now = result[production]
            result[production] = now._replace(rest=ZERO, tolerated=now.rest)
    return result


def tolerances(productions: Any) -> dict[int, Decimal]:
    """Order id -> the underdelivery tolerance in percent: its own, else that of the category, the type, the company."""
    result = {}
    for production in productions.sudo():
        own = production._own_underdelivery_tolerance()
        result[production.id] = (
            rests.tolerance_of((), production.product_id, production.picking_type_id, production.company_id)
            if own is None
            else own
        )
    return result


def amount(production: Any) -> Decimal:
    """How many the order makes now: what was typed, or all that remains."""
    return production.qty_producing or production._remaining()


def short(productions: Any) -> Any:
    """The orders that make less than remains to be made, by more than their tolerance."""
    found = of(productions, tolerate=True)
    return productions.filtered(lambda production: found[production].rest)

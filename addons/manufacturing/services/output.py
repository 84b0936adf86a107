"""How many an order makes now, and what that leaves to be made, in the unit of the order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from core.rounding import compare

ZERO = Decimal(0)


class Output(NamedTuple):
    """What closing an order now makes of it.

    `made` is what was typed, or all that remains; `remaining` is what is still to be made before; `rest` is what is
    left for later, 0 where it is less than a rounding step of the unit.
    """

    made: Decimal
    remaining: Decimal
    rest: Decimal


def of(productions: Any) -> dict[Any, Output]:
    """The output of each order."""
    result = {}
    for production in productions:
        remaining = production._remaining()
        made = production.qty_producing or remaining
        short = made < remaining and compare(made, remaining, production.product_uom_id.rounding) < 0
        result[production] = Output(made, remaining, remaining - made if short else ZERO)
    return result


def amount(production: Any) -> Decimal:
    """How many the order makes now: what was typed, or all that remains."""
    return production.qty_producing or production._remaining()


def short(productions: Any) -> Any:
    """The orders that make less than remains to be made."""
    found = of(productions)
    return productions.filtered(lambda production: found[production].rest)

"""On backorder: what customers ordered and no stock is reserved for. Every list that shows it reads it here.

A customer's demand is an open move out of stock that ends at a customer, counted once however many steps it takes.
It is on backorder as far as its quantity is not reserved: because stock is missing, or because a user put it on hold.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from addons.inventory.services import move_states, remaining
from addons.inventory.services.quants import STOCKED
from core.api import Domain
from core.fields import Date

ZERO = Decimal(0)
#: The states in which something of a move is not reserved.

#: The moves that are demand of customers.
DEMAND: list[Any] = [
    ("state", "in", move_states.OPEN),
    ("product_id.is_storable", "=", True),
    ("location_id.usage", "in", STOCKED),
    "|",
    ("location_dest_id.usage", "=", "customer"),
    ("location_final_id.usage", "=", "customer"),
]
#: Those of them of which something is on backorder.
DOMAIN: list[Any] = [("state", "in", move_states.LACKING), *DEMAND]


def is_demand(move: Any) -> bool:
    """Whether a move is demand of a customer (the predicate of `DEMAND`)."""
    if move.state not in move_states.OPEN or move.location_id.usage not in STOCKED or not move.product_id.is_storable:
        return False
    return "customer" in (move.location_dest_id.usage, move.location_final_id.usage)


def start_of_today(env: Any) -> datetime:
    """When today began for the user, as a moment in UTC: what was promised before it is late.

    A promise without a time of day of its own carries that of its order, and is kept until the day is over.
    """
    day = Date.context_today(env["res.company"])
    return datetime.combine(day, time.min, tzinfo=_zone(env)).astimezone(UTC).replace(tzinfo=None)


def is_late(env: Any, promised: datetime, expected: datetime | None) -> bool:
    """Whether the day of a promise is over for the user, or something is expected on a later day than that."""
    if promised < start_of_today(env):
        return True
    return bool(expected) and local_day(env, expected) > local_day(env, promised)


def local_day(env: Any, moment: datetime) -> date:
    """The day of a moment in UTC, for the user."""
    return moment.replace(tzinfo=UTC).astimezone(_zone(env)).date()


def _zone(env: Any) -> ZoneInfo:
    return ZoneInfo(env.context.get("tz") or "UTC")


def late_domain(moves: Any) -> Domain:
    """The domain of open moves that are late (the predicate is `is_late`).

    What is overdue is asked of the columns. What may come too late is computed, which takes a planned supply of the
    product after the promise: all other moves are left alone.
    """
    env, today = moves.env, start_of_today(moves.env)
    overdue = Domain("state", "in", move_states.OPEN) & Domain("date_deadline", "<", today)
    stock = env["stock.move"].sudo()
    supply = [
        ("state", "in", move_states.OPEN),
        ("date", ">=", today),
        "|",
        ("location_dest_id.usage", "in", STOCKED),
        ("location_final_id.usage", "in", STOCKED),
    ]
    last = {product.id: day for product, day in stock._read_group(supply, ["product_id"], ["date:max"])}
    in_time = moves.search(
        [("product_id", "in", list(last)), ("state", "in", move_states.LACKING), ("date_deadline", ">=", today)]
    )
    doubtful = in_time.filtered(lambda move: move.date_deadline < last[move.product_id.id])
    return overdue | Domain("id", "in", doubtful.filtered("is_late").ids)


def missing(move: Any) -> Decimal:
    """What of the demand of an open move is not reserved, in the unit of its product."""
    return remaining.not_reserved(move)


def of_products(products: Any) -> dict[int, Decimal]:
    """Product id -> what is on backorder of it, in its unit, in the companies worked for.

    Two statements however many products.
    """
    totals: defaultdict[int, Decimal] = defaultdict(Decimal)
    moves = products.env["stock.move"].sudo()
    domain = [("product_id", "in", products.ids), ("company_id", "in", products.env.companies.ids), *DOMAIN]
    for product, unit, quantity in moves._read_group(domain, ["product_id", "product_uom"], ["product_uom_qty:sum"]):
        totals[product.id] += unit._convert(quantity, product.uom_id)
    lines = products.env["stock.move.line"].sudo()
    for product, quantity in lines._read_group(
        [("move_id", "any", domain)], ["product_id"], ["quantity_product_uom:sum"]
    ):
        totals[product.id] -= quantity or ZERO
    return dict(totals)


def of_pickings(pickings: Any) -> dict[Any, dict[Any, Decimal]]:
    """Transfer -> product -> what of it is on backorder there, in the product's unit."""
    found: dict[Any, dict[Any, Decimal]] = {picking: {} for picking in pickings}
    for picking in pickings:
        for move in picking.move_ids:
            if move.state in move_states.LACKING and is_demand(move) and (quantity := missing(move)):
                found[picking][move.product_id] = found[picking].get(move.product_id, ZERO) + quantity
    return found


def matching(domain: Any, operator: str, value: Any) -> Domain:
    """The domain of the records for which a yes/no field compares as asked; `domain` is that of yes.

    Searches ask for one of the two values: `operator` is = or !=.
    """
    return Domain(domain) if (operator == "=") == bool(value) else ~Domain(domain)

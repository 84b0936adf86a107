"""Removal strategies: which of the stock goes out first. The names and orders are those the catalogue offers.

fifo     what came in first            lifo            what came in last
fefo     what expires first            closest         by the name of the place
least_packages                         from as few packages as possible
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from addons.inventory.services.quants import Slot

DEFAULT = "fifo"
FAR = datetime(9999, 1, 1)
EARLY = datetime(1, 1, 1)


def strategies(env: Any, products: Any, location: Any) -> dict[int, str]:
    """Product id -> strategy for stock that leaves `location`, as the hook `choose_removal` answers."""
    chosen: dict[int, str] = {}
    for answer in env.hooks.choose_removal(env=env, products=products, location=location):
        for product, strategy in (answer or {}).items():
            chosen.setdefault(product.id, strategy)
    return {product.id: chosen.get(product.id, DEFAULT) for product in products}


def default_strategies(products: Any, location: Any) -> dict[Any, str]:
    """The strategy of each product: that of its category, else that of the location, else first in, first out."""
    here = location._removal_method()
    by_category = {category.id: category._removal_method() for category in products.categ_id}
    return {product: by_category.get(product.categ_id.id) or here or DEFAULT for product in products}


def ordered(env: Any, slots: list[Slot], strategy: str) -> list[Slot]:
    """The slots of one product in the order in which they go out."""
    if len(slots) < 2:
        return slots
    chosen = _ORDERS.get(strategy, _fifo)(env, slots)
    return sorted(chosen, key=lambda slot: not slot.key.lot)  # of a tracked product, what has its lot goes first


def _fifo(env: Any, slots: list[Slot]) -> list[Slot]:
    return sorted(slots, key=lambda slot: (slot.in_date or EARLY, slot.quant_id))


def _lifo(env: Any, slots: list[Slot]) -> list[Slot]:
    return sorted(slots, key=lambda slot: (slot.in_date or EARLY, slot.quant_id), reverse=True)


def _fefo(env: Any, slots: list[Slot]) -> list[Slot]:
    lots = env["stock.lot"].sudo().browse({slot.key.lot for slot in slots if slot.key.lot})
    expires = {lot.id: lot.expiration_date or FAR for lot in lots}
    return sorted(slots, key=lambda slot: (expires.get(slot.key.lot, FAR), slot.in_date or EARLY, slot.quant_id))


def _closest(env: Any, slots: list[Slot]) -> list[Slot]:
    places = env["stock.location"].sudo().browse({slot.key.location for slot in slots})
    names = {place.id: place.complete_name for place in places}
    return sorted(slots, key=lambda slot: (names[slot.key.location], slot.in_date or EARLY, slot.quant_id))


def _least_packages(env: Any, slots: list[Slot]) -> list[Slot]:
    """Loose stock last, the fullest packages first."""
    return sorted(slots, key=lambda slot: (not slot.key.package, -slot.quantity, slot.in_date or EARLY, slot.quant_id))


_ORDERS: dict[str, Callable[[Any, list[Slot]], list[Slot]]] = {
    "fifo": _fifo,
    "lifo": _lifo,
    "fefo": _fefo,
    "closest": _closest,
    "least_packages": _least_packages,
}


def total(slots: list[Slot]) -> Decimal:
    """All that is free in the slots."""
    return sum((slot.free for slot in slots if slot.free > 0), Decimal(0))

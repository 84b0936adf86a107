"""Removal strategies: which of the stock goes out first. Addons register theirs by `register_removal_strategies`.

fifo     what came in first            lifo            what came in last
fefo     what expires first            closest         by the name of the place
least_packages                         from as few packages as possible
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from addons.inventory.exceptions import InventoryError
from addons.inventory.services.allocation import Slot
from core.exceptions import ValidationError

DEFAULT = "fifo"
FAR = datetime(9999, 1, 1)
EARLY = datetime(1, 1, 1)


class RemovalStrategy(NamedTuple):
    """A way to order stock: its name in `product.removal.method`, its label, and `order(env, slots)`.

    `order` gets the free slots of one product and returns them in the order in which they go out; what it leaves out
    stays where it is. It is called for each product and place, so it reads related records for all slots at once.
    """

    name: str
    label: str
    order: Callable[[Any, Sequence[Slot]], Iterable[Slot]]


# ---------------------------------------------------------------------------- the strategies that there are
def registered(env: Any) -> dict[str, RemovalStrategy]:
    """Name -> strategy, of all addons; of two of the same name, that of the addon loaded later."""
    found = env.hooks.register_removal_strategies(env=env)
    return {strategy.name: strategy for strategies in found for strategy in strategies}


def check_known(records: Any, field: str, names: Mapping[Any, str]) -> None:
    """Refuse strategies that no addon registers.

    Args:
        records: the records that use them.
        field: the field of theirs that says so.
        names: record -> name of the strategy.
    Raises ValidationError.
    """
    known = registered(records.env)
    for record, name in names.items():
        if name not in known:
            raise ValidationError(
                records.env._(
                    "%(record)s: there is no removal strategy “%(name)s”. Choose one of: %(known)s.",
                    record=record.display_name,
                    name=name,
                    known=_listed(records.env, known),
                ),
                fields=[field],
                code="inventory.unknown_removal_strategy",
                data={"strategy": name, "record": record.display_name, "known": list(known)},
            )


def _listed(env: Any, known: Mapping[str, RemovalStrategy]) -> str:
    return ", ".join(f"{strategy.name} ({env._(strategy.label)})" for strategy in known.values())


# ---------------------------------------------------------------------------- choosing one
def strategies(env: Any, products: Any, location: Any) -> dict[int, str]:
    """Product id -> strategy for stock that leaves `location`, as the hook `choose_removal` answers.

    Raises InventoryError for an answer that no addon registers.
    """
    answers = env.hooks.choose_removal.merged(env=env, products=products, location=location)
    chosen = {product.id: strategy for product, strategy in answers.items()}
    known = registered(env)
    for product in products:
        strategy = chosen.setdefault(product.id, DEFAULT)
        if strategy not in known:
            raise InventoryError(
                env._(
                    "%(product)s in %(location)s: there is no removal strategy “%(name)s”, which is set or which an "
                    "addon has answered (choose_removal). Choose one of: %(known)s.",
                    product=product.display_name,
                    location=location.complete_name,
                    name=strategy,
                    known=_listed(env, known),
                ),
                code="inventory.unknown_removal_strategy",
                data={"strategy": str(strategy), "product": product.display_name, "known": list(known)},
            )
    return chosen


def default_strategies(products: Any, location: Any) -> dict[Any, str]:
    """The strategy of each product: that of its category, else that of the location, else first in, first out."""
    here = location._removal_method()
    by_category = {category.id: category._removal_method() for category in products.categ_id}
    return {product: by_category.get(product.categ_id.id) or here or DEFAULT for product in products}


def ordered(env: Any, slots: list[Slot], strategy: str) -> list[Slot]:
    """The slots of one product in the order in which they go out."""
    if len(slots) < 2:
        return slots
    chosen = registered(env)[strategy].order(env, slots)
    return sorted(chosen, key=lambda slot: not slot.key.lot)  # of a tracked product, what has its lot goes first


# ---------------------------------------------------------------------------- those of inventory
def _fifo(env: Any, slots: Sequence[Slot]) -> list[Slot]:
    return sorted(slots, key=lambda slot: (slot.in_date or EARLY, slot.quant_id))


def _lifo(env: Any, slots: Sequence[Slot]) -> list[Slot]:
    return sorted(slots, key=lambda slot: (slot.in_date or EARLY, slot.quant_id), reverse=True)


def _fefo(env: Any, slots: Sequence[Slot]) -> list[Slot]:
    lots = env["stock.lot"].sudo().browse({slot.key.lot for slot in slots if slot.key.lot})
    expires = {lot.id: lot.expiration_date or FAR for lot in lots}
    return sorted(slots, key=lambda slot: (expires.get(slot.key.lot, FAR), slot.in_date or EARLY, slot.quant_id))


def _closest(env: Any, slots: Sequence[Slot]) -> list[Slot]:
    places = env["stock.location"].sudo().browse({slot.key.location for slot in slots})
    names = {place.id: place.complete_name for place in places}
    return sorted(slots, key=lambda slot: (names[slot.key.location], slot.in_date or EARLY, slot.quant_id))


def _least_packages(env: Any, slots: Sequence[Slot]) -> list[Slot]:
    """Loose stock last, the fullest packages first."""
    return sorted(slots, key=lambda slot: (not slot.key.package, -slot.quantity, slot.in_date or EARLY, slot.quant_id))


BUILT_IN = (
    RemovalStrategy("fifo", "First In First Out (FIFO)", _fifo),
    RemovalStrategy("lifo", "Last In First Out (LIFO)", _lifo),
    RemovalStrategy("fefo", "First Expired First Out (FEFO)", _fefo),
    RemovalStrategy("closest", "Closest Location", _closest),
    RemovalStrategy("least_packages", "Least Packages", _least_packages),
)

"""Scrap: which stock it takes away. What lies at the place itself goes before what lies below it, free stock first."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import operations, quants
from addons.inventory.services.quants import Key, Slot

ZERO = Decimal(0)


class Share(NamedTuple):
    """The stock that one scrap takes, and what it does not find, in the product's unit."""

    parts: dict[Key, Decimal]
    missing: Decimal


def plan(scraps: Any) -> dict[int, Share]:
    """Scrap id -> what it takes from which stock; the stock is locked, and shared between the scraps."""
    paths = quants.paths_below(scraps.env, scraps.location_id.ids)
    slots: defaultdict[int, list[Slot]] = defaultdict(list)
    for slot in quants.free_slots(scraps.env, scraps.product_id.ids, paths):
        slots[slot.key.product].append(slot)
    gone: defaultdict[Key, Decimal] = defaultdict(Decimal)
    return {
        scrap.id: _share(scrap, _fitting(scrap, slots[scrap.product_id.id], paths[scrap.location_id.id]), gone)
        for scrap in scraps
    }


def _share(scrap: Any, slots: list[Slot], gone: defaultdict[Key, Decimal]) -> Share:
    wanted = scrap._quantity_in_product_unit()
    parts: defaultdict[Key, Decimal] = defaultdict(Decimal)
    if scrap._draws_on_stock():
        for offers in ([(slot, slot.free) for slot in slots], [(slot, slot.quantity) for slot in slots]):
            for slot, offer in offers:
                part = min(wanted, offer - gone[slot.key])
                if part > 0:
                    parts[slot.key] += part
                    gone[slot.key] += part
                    wanted -= part
    else:
        parts[_asked(scrap)], wanted = wanted, ZERO
    return Share(parts, wanted)


def _asked(scrap: Any) -> Key:
    links = (scrap.lot_id.id or 0, scrap.package_id.id or 0, scrap.owner_id.id or 0)
    return Key(scrap.product_id.id, scrap.location_id.id, *links)


def _fitting(scrap: Any, slots: list[Slot], path: str) -> list[Slot]:
    """The slots below the path that the scrap may take from, those at its place first."""
    asked = _asked(scrap)
    fitting = [
        slot
        for slot in slots
        if slot.path.startswith(path) and all(not want or want == have for want, have in zip(asked[2:], slot.key[2:]))
    ]
    return sorted(fitting, key=lambda slot: (slot.key.location != asked.location, slot.in_date, slot.quant_id))


def check(scraps: Any, shares: dict[int, Share]) -> None:
    """Refuse to scrap what is not there. Raises InsufficientStock."""
    for scrap in scraps:
        if shares[scrap.id].missing > 0:
            move = scrap.env["stock.move"].new({"origin": scrap._title(), "product_id": scrap.product_id.id})
            wanted = scrap._quantity_in_product_unit()
            raise operations.shortage_error(scrap.env, move, _asked(scrap), wanted)


def line_keys(scrap: Any, share: Share) -> list[tuple[Key, Decimal]]:
    """The stock of each line of the scrap's movement; what is missing goes below zero at the place itself."""
    parts = defaultdict(Decimal, share.parts)
    if share.missing > 0:
        parts[_asked(scrap)] += share.missing
    return list(parts.items())

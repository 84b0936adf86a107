"""Who gets which stock: demands and free stock in, what each takes out.

Pure: ids, keys and numbers, without environment or records. `reservation` reads the demands and the stock, and applies
what is taken.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any, NamedTuple, TypeAlias

ZERO = Decimal(0)

#: Where stock is taken: (product id, location id); what lies below the location counts.
Source: TypeAlias = tuple[int, int]


class Key(NamedTuple):
    """What identifies a row of stock: record ids, 0 where there is none."""

    product: int
    location: int
    lot: int = 0
    package: int = 0
    owner: int = 0


@dataclass(slots=True)
class Slot:
    """A row of stock as an allocation sees it: how much is there, and how much of it is still free."""

    key: Key
    quant_id: int
    quantity: Decimal
    free: Decimal
    in_date: Any
    path: str


@dataclass(slots=True)
class Demand:
    """What a move (its `id`) lacks of a product at a location, in the product's unit.

    Attributes:
        owner: only stock of this partner (id) will do; 0 for any.
        whole: each slot gives whole units only, as a serial number identifies one.
        brought: stock that the moves before it brought, of which it may take at most so much; None where it is fed by
            none. Demands that hold the same mapping share what is in it.
        limit: the most that it gets now; None for no limit.
    """

    id: int
    product: int
    location: int
    missing: Decimal
    owner: int = 0
    whole: bool = False
    brought: Mapping[Key, Decimal] | None = None
    limit: Decimal | None = None

    @property
    def source(self) -> Source:
        """The product and the place that it takes from."""
        return self.product, self.location


class Take(NamedTuple):
    """What a demand takes from a slot."""

    demand: Demand
    slot: Slot
    quantity: Decimal


def allocate(
    demands: Sequence[Demand],
    offers: Mapping[Source, Sequence[Slot]],
    limits: Mapping[Source, Decimal] | None = None,
) -> list[Take]:
    """Hand free stock out to the demands in their order, slot by slot in the order of the offers.

    No slot gives more than is free of it, also where the places of the demands overlap, and no demand gets more than it
    is missing or its limit. The arguments stay as they are.

    Args:
        offers: by source, the slots at the place and below it, in the order in which they go out.
        limits: by source, the most that its demands take; what those of other places take of its slots counts.
    """
    free = {slot.key: slot.free for slots in offers.values() for slot in slots}
    pools = {id(demand.brought): dict(demand.brought) for demand in demands if demand.brought is not None}
    queues = {source: deque(slots) for source, slots in offers.items()}
    left = dict(limits or {})
    around = _limited_sources(offers, left)
    takes: list[Take] = []
    for demand in demands:
        source = demand.source
        queue = queues.get(source, ())
        while queue and free[queue[0].key] <= 0:
            queue.popleft()
        want = demand.missing if demand.limit is None else min(demand.missing, demand.limit)
        pool = None if demand.brought is None else pools[id(demand.brought)]
        for slot in queue:
            if want <= 0:
                break
            key = slot.key
            if demand.owner and key.owner != demand.owner:
                continue
            part = min(want, free[key])
            if pool is not None:
                part = min(part, pool.get(key, ZERO))
            if source in left:
                part = min(part, left[source])
            if demand.whole:
                part = part.to_integral_value(ROUND_DOWN)
            if part <= 0:
                continue
            want -= part
            free[key] -= part
            if pool is not None:
                pool[key] -= part
            for each in around.get(key, ()):
                left[each] -= part
            takes.append(Take(demand, slot, part))
    return takes


def _limited_sources(
    offers: Mapping[Source, Sequence[Slot]], limits: Mapping[Source, Decimal]
) -> dict[Key, list[Source]]:
    """Slot -> the sources with a limit that it lies in."""
    around: defaultdict[Key, list[Source]] = defaultdict(list)
    for source in limits:
        for slot in offers.get(source, ()):
            around[slot.key].append(source)
    return around

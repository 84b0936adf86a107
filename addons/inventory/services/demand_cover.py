"""What is still to be ordered for a demand: stock and planned supply are shared out once over all open demand.

    linked    what was ordered for a demand is for that demand, as far as it still needs it
    the rest  stock first, then what comes, in the order in which the demand is reserved (`rank_demand`)

What was made or bought to order for a document is not shared: neither its demand nor its supply is in the pool. The
dates that `promise` gives do not ask for what something was ordered, as reservations do not.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from addons.inventory.services import move_states, promise, reservation, supply_links
from addons.inventory.services.quants import STOCKED

ZERO = Decimal(0)


@dataclass(slots=True)
class Cover:
    """How a demand is met, in the unit of its product: by stock, by what is coming; the rest is missing.

    `documents` bring what was ordered for it. `unlinked` is what it takes of supplies that were ordered for others or
    for stock: (record, quantity) pairs.
    """

    demand: Decimal
    stock: Decimal = ZERO
    coming: Decimal = ZERO
    documents: list[Any] = field(default_factory=list)
    unlinked: list[tuple[Any, Decimal]] = field(default_factory=list)

    @property
    def missing(self) -> Decimal:
        """What neither stock nor planned supply covers."""
        return self.demand - self.stock - self.coming


@dataclass(slots=True)
class _Supply:
    record: Any
    left: Decimal
    key: Any = None


@dataclass
class _Pool:
    """One product in one warehouse (or loose location)."""

    stock: Decimal = ZERO
    supplies: list[_Supply] = field(default_factory=list)
    demands: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Covers:
    """Move id -> how its demand is met; and what the moves no longer take of what was ordered for them."""

    by_move: dict[int, Cover]
    unused: list[supply_links.Share]


def of_moves(moves: Any) -> Covers:
    """How open demand out of stock is met. A handful of statements, however much demand there is."""
    env = moves.env(su=True)
    asked = env["stock.move"].browse(moves.ids)
    related = (
        env["stock.move"].search([("product_id", "in", asked.product_id.ids), ("state", "in", move_states.OPEN)])
        | asked
    )
    related.mapped("move_line_ids.quantity_product_uom")
    chained = related.move_orig_ids | related.move_dest_ids
    chained.mapped("state")
    pools: defaultdict[Any, _Pool] = defaultdict(_Pool)
    _add_stock(env, asked.product_id, pools)
    _add_supplies(env, asked, related, pools)
    for move in related:
        if move in asked or (_is_demand(move) and not _is_fed(move)):
            pools[move.product_id.id, promise.scope_of(move.location_id)].demands.append(move)
    linked = supply_links.coming(related)
    result: dict[int, Cover] = {}
    for pool in pools.values():
        result |= _share_out(env, pool, linked)
    unused = [share for move_root in asked.split_root_id for share in linked.get(move_root.id, ()) if share.left > 0]
    return Covers({move.id: result[move.id] for move in asked}, unused)


def _is_open(move: Any) -> bool:
    """Whether a move in a chain is still to come."""
    return move.state not in move_states.CLOSED


def _is_demand(move: Any) -> bool:
    """Whether the move takes from stock what leaves the warehouse, by itself or by a later step."""
    if move.location_id.usage not in STOCKED or not move.product_id.is_storable:
        return False
    return promise.crosses(move) or any(_is_open(following) for following in move.move_dest_ids)


def _is_fed(move: Any) -> bool:
    """Whether a document of its own supplies the move, or is to."""
    return move.procure_method == "make_to_order" or any(_is_open(origin) for origin in move.move_orig_ids)


def _need(move: Any) -> Decimal:
    return max(move._in_product_unit(move.product_uom_qty) - _reserved(move), ZERO)


def _reserved(move: Any) -> Decimal:
    total = sum((line.quantity_product_uom for line in move.move_line_ids), ZERO)
    return min(total, move._in_product_unit(move.product_uom_qty))


# -- the pool --------------------------------------------------------------------------------------------------------


def _add_stock(env: Any, products: Any, pools: dict[Any, _Pool]) -> None:
    for key, quantity in promise.free_stock(env, products).items():
        pools[key].stock = quantity


def _add_supplies(env: Any, asked: Any, related: Any, pools: dict[Any, _Pool]) -> None:
    """What comes in from outside, soonest first, less what is tied to demand; then what is only requested."""
    tied: dict[int, Decimal] = {}
    for move in related.sorted(lambda move: (move.date, move.id)):
        if move.move_line_ids and promise.stays(move) and move not in asked:
            left = _reserved(move)  # on its way to the shelf
        elif _comes_in(move):
            left = move._in_product_unit(move.product_uom_qty)
        else:
            continue
        for demand in _tied_demand(move):
            needed = tied.setdefault(demand.id, _need(demand))
            taken = min(left, needed)
            tied[demand.id] -= taken
            left -= taken
        if left > 0:
            record = _stored_by(move)._supply_record()
            supply = _Supply(record, left, supply_links.key_of(record))
            pools[move.product_id.id, promise.scope_of(promise.end_of(move))].supplies.append(supply)
    for product, place, quantity, record in asked.product_id._open_requests():
        key = supply_links.key_of(record) if record else None
        pools[product.id, promise.scope_of(place)].supplies.append(_Supply(record, quantity, key))


def _comes_in(move: Any) -> bool:
    """Whether the move brings goods to what supplies its destination."""
    return promise.end_of(move).usage in STOCKED and promise.crosses(move)


def _stored_by(move: Any) -> Any:
    """The move that puts away what the move brings in, where that is planned already; else the move itself."""
    for following in move.move_dest_ids:
        if _is_open(following) and promise.stays(following):
            return following
    return move


def _tied_demand(move: Any) -> Iterable[Any]:
    """The demand that waits for just this supply, at the end of its chain."""
    seen: set[int] = set()
    following = list(move.move_dest_ids)
    while following:
        each = following.pop(0)
        if each.id in seen or not _is_open(each):
            continue
        seen.add(each.id)
        if each.location_id.usage in STOCKED and promise.crosses(each):
            yield each
        else:
            following += list(each.move_dest_ids)


# -- sharing out -----------------------------------------------------------------------------------------------------


def _share_out(env: Any, pool: _Pool, linked: dict[int, list[supply_links.Share]]) -> dict[int, Cover]:
    queue = reservation.ranked(env["stock.move"].browse([move.id for move in pool.demands]))
    queue = sorted(queue, key=lambda move: bool(move.hold_date))
    covers = {}
    by_key: defaultdict[Any, list[_Supply]] = defaultdict(list)
    for supply in pool.supplies:
        by_key[supply.key].append(supply)
    for move in queue:
        cover = Cover(move._in_product_unit(move.product_uom_qty), _reserved(move))
        covers[move.id] = cover
        for share in linked.get(move.split_root_id.id, ()):
            _take_linked(by_key.get(share.source.key) or pool.supplies[::-1], cover, share)
    # What left without having been recorded is filled up first by what comes.
    for supply in pool.supplies:
        part = min(max(-pool.stock, ZERO), supply.left)
        supply.left -= part
        pool.stock += part
    supplies = deque(supply for supply in pool.supplies if supply.left > 0)
    for move in queue:
        cover = covers[move.id]
        part = min(cover.missing, max(pool.stock, ZERO))
        cover.stock += part
        pool.stock -= part
        while supplies and cover.missing > 0:
            supply = supplies[0]
            part = min(cover.missing, supply.left)
            cover.coming += part
            supply.left -= part
            if supply.record:
                cover.unlinked.append((supply.record, part))
            if not supply.left:
                supplies.popleft()
    return covers


def _take_linked(supplies: Iterable[_Supply], cover: Cover, share: supply_links.Share) -> None:
    """Give a demand what was ordered for it.

    Args:
        supplies: that very supply; where it is not in the pool (a transfer whose goods come with another), all others,
            the last one first.
    """
    source = share.source
    for supply in supplies:
        part = min(cover.missing, supply.left, share.left, source.coming)
        if part > 0:
            cover.coming += part
            supply.left -= part
            share.left -= part
            source.coming -= part
            cover.documents += [document for document in source.documents if document not in cover.documents]

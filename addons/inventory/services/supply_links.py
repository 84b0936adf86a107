"""Supply links: noted when something is ordered for a demand, read when more is to be ordered.

A link says how much of a supply (the line of a request, a planned move) was ordered for a demand. What came in of the
supply has served its links in the order in which they were made; what is still to come serves the others in the same
order. So nothing has to be written when goods arrive, when demand changes or when documents are split: a split copies
`split_root_id`, to which the links refer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from addons.inventory.services import move_states

ZERO = Decimal(0)


@dataclass(slots=True)
class Source:
    """A supply: `key` says which one; what came in of it and what is still to come, in the product's unit."""

    key: Any
    product: Any
    done: Decimal
    coming: Decimal
    documents: tuple[Any, ...] = ()


@dataclass(slots=True)
class Share:
    """What a demand may still take (`left`) of a supply that was ordered for it."""

    link: Any
    source: Source
    left: Decimal


def root(move: Any) -> Any:
    """The move to which links of a move refer: the one that it was split off from, where it was linked before that."""
    return move.split_root_id or move


def key_of(record: Any) -> tuple[str, int]:
    """What identifies a supply: its model and id, for a move those of its root."""
    return record._name, root(record).id if record._name == "stock.move" else record.id


def link(env: Any, answers: Iterable[tuple[Any, Any]]) -> None:
    """Note for which demand something was ordered.

    Args:
        answers: (need, record) pairs. The need says in `values["demand_shares"]` for which moves it is, as
            (move, quantity in the product's unit) pairs; needs without them are left out. The record is what answers
            it: a planned move, or of a model in `stock.supply.link._supply_fields`.
    """
    shares = [
        (move, quantity, record)
        for need, record in answers
        for move, quantity in need.values.get("demand_shares") or ()
        if record and quantity > 0
    ]
    connect(env, shares)


def connect(env: Any, shares: Iterable[tuple[Any, Decimal, Any]], begun: bool = False) -> None:
    """Link (demand move, quantity, supply) triples.

    Args:
        begun: something of the supplies may have come in already; it is not for these demands.
    """
    shares = list(shares)
    if not shares:
        return
    fields = env["stock.supply.link"]._supply_fields()
    linked = dict.fromkeys(record for move, _quantity, supply in shares for record in (move, supply))
    own = [each.id for each in linked if each._name == "stock.move" and not each.split_root_id]
    env["stock.move"].sudo().browse(own)._settle_multi([{"split_root_id": id_} for id_ in own])
    links = env["stock.supply.link"].sudo()
    links = links.create(
        [
            {"demand_move_id": root(move).id, "quantity": quantity, fields[record._name]: key_of(record)[1]}
            for move, quantity, record in shares
        ]
    )
    if begun:
        sources = links._supply_sources()
        for each in links.filtered(lambda each: sources[each.id].done):
            each.done_before = sources[each.id].done


def coming(moves: Any) -> dict[int, list[Share]]:
    """Root id -> what is still to come for the moves of it; a handful of statements however many moves.

    What came in of a supply has served its links in their order. Whether as much is still to come is for the caller to
    see: orders are changed and cancelled.
    """
    links = moves.env["stock.supply.link"].sudo()
    roots = moves.split_root_id
    if not roots:
        return {}
    links.invalidate_model()
    ours = links.search([("demand_move_id", "in", roots.ids)])
    if not ours:
        return {}
    domain: list[Any] = []
    for name in links._supply_fields().values():
        term = (name, "in", ours[name].ids)
        domain = ["|", term, *domain] if domain else [term]
    shared = links.search(domain)  # the other links of the same supplies come before ours, or after them
    sources = shared._supply_sources()
    ends: dict[Any, Decimal] = {}
    found: defaultdict[int, list[Share]] = defaultdict(list)
    for each in shared.sorted("id"):
        source = sources.get(each.id)
        if source is None or source.product != each.demand_move_id.product_id:
            continue
        start = max(ends.get(source.key, ZERO), each.done_before or ZERO)
        ends[source.key] = start + each.quantity
        served = min(max(source.done - start, ZERO), each.quantity)
        if source.coming > 0 and each.quantity > served:
            found[each.demand_move_id.id].append(Share(each, source, each.quantity - served))
    return dict(found)


def release(shares: Iterable[Share]) -> None:
    """Give up what demand no longer takes of supplies that were ordered for it, so that others can count on it."""
    for each in shares:
        if each.left > 0:
            each.link.quantity -= each.left


def sources_of_moves(links: Any) -> dict[int, Source]:
    """Link id -> the planned move that it refers to, with all parts of it."""
    roots = links.supply_move_id
    if not roots:
        return {}
    members = links.env["stock.move"].sudo().search([("split_root_id", "in", roots.ids)])
    parts = members.grouped(lambda move: move.split_root_id)
    found = {}
    for move in roots:
        open_parts = [part for part in parts.get(move, ()) if part.state in move_states.UNFINISHED]
        found[move.id] = Source(
            ("stock.move", move.id),
            move.product_id,
            sum((part._in_product_unit(part.quantity) for part in parts.get(move, ()) if part.state == "done"), ZERO),
            sum((part._in_product_unit(part.product_uom_qty) for part in open_parts), ZERO),
            tuple(dict.fromkeys(part._document() for part in open_parts)),
        )
    return {each.id: found[each.supply_move_id.id] for each in links}


def follow_merge(merges: Iterable[tuple[Any, Any]]) -> None:
    """Let the links of moves that are merged into another refer to that one. No statement where there are none.

    Must be called before the moves are deleted: links go with the move that they refer to.

    Args:
        merges: (move that remains, moves merged into it) pairs.
    """
    target_of: dict[int, int] = {}
    model = rooted = None
    for kept, absorbed in merges:
        target = root(kept)
        if target in absorbed:  # a move that joined others' root before, and is joined with that root now
            target = kept
        roots = (absorbed | kept).split_root_id - target
        if roots:
            model = kept.sudo()
            rooted = rooted | model if rooted else model
            target_of.update(dict.fromkeys([*roots.ids, *kept.ids], target.id))
    if not target_of:
        return
    parts = model.search([("split_root_id", "in", list(target_of))]) | rooted
    _point_to(parts, "split_root_id", target_of)
    links = model.env["stock.supply.link"].sudo()
    for name in ("demand_move_id", "supply_move_id"):
        _point_to(links.search([(name, "in", list(target_of))]), name, target_of)


def _point_to(records: Any, name: str, target_of: Mapping[int, int]) -> None:
    """Let the link `name` of the records refer to the targets of what it refers to, or of the records themselves."""
    old = {record: record[name].id for record in records}
    new = {record: target_of.get(id_ or record.id, id_) for record, id_ in old.items()}
    records._settle_multi([{name: new[record]} if new[record] != old[record] else {} for record in records])


def follow_deletion(moves: Any) -> None:
    """Let the links of moves that are deleted refer to a part of them that stays. No statement where there are none."""
    roots = moves & moves.split_root_id
    if not roots:
        return
    parts = moves.env["stock.move"].sudo().search([("split_root_id", "in", roots.ids)], order="id") - moves
    follow_merge((members[0], whole) for whole, members in parts.grouped(lambda move: move.split_root_id).items())

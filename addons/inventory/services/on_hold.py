"""On hold: demand that a user puts on backorder by hand. Nothing is reserved for it until a user releases it.

    put         split off ─> reservation given back ─> a transfer of its own ─> backorder entry ─> demand that waited
    take_back   no longer held ─> into the transfer that it was split from, if that is open ─> reserved as usual
    release     a user asks for it: no longer held, in the transfer where it is

What is on hold never shares a transfer with what is not: the one could not ship without asking about the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from addons.inventory.exceptions import CannotHold
from addons.inventory.services import (
    message_texts,
    move_merge,
    move_states,
    product_lock,
    remaining,
    reservation,
    shortfall,
    transfers,
)
from addons.inventory.services.quants import STOCKED
from core.api import Domain
from core.fields import Datetime
from core.rounding import format_number

ZERO = Decimal(0)
NO_HOLD = {"hold_date": False, "hold_user_id": False}


def is_on_hold(picking: Any) -> bool:
    """Whether all that is open in a transfer is on hold."""
    todo = [move for move in picking.move_ids if move.state in move_states.OPEN]
    return bool(todo) and all(move.hold_date for move in todo)


def domain() -> Domain:
    """The domain of transfers of which all that is open is on hold (the predicate is `is_on_hold`)."""
    todo = Domain("state", "in", move_states.OPEN)
    held, unheld = todo & Domain("hold_date", "!=", False), todo & Domain("hold_date", "=", False)
    return Domain("move_ids", "any", held) & ~Domain("move_ids", "any", unheld)


def can_hold(move: Any) -> Decimal:
    """How much of an open move can be put on hold, in the product's unit: what is not on hold and not picked."""
    if move.hold_date or move.state not in move_states.OPEN or move.location_id.usage not in STOCKED:
        return ZERO
    picked = sum((line.quantity_product_uom for line in move.move_line_ids if line.picked), ZERO)
    return max(move._in_product_unit(move.product_uom_qty) - picked, ZERO)


def held(move: Any) -> Decimal:
    """How much of an open move is held back, in the product's unit: what a user entered on it nevertheless goes."""
    if not move.hold_date or move.state not in move_states.OPEN:
        return ZERO
    return remaining.not_reserved(move)


# ---------------------------------------------------------------------------- put on hold
def put(demand: Any, quantities: Mapping[Any, Decimal] | None = None) -> Any:
    """Hold back a part of each move; it gives back what it has reserved, and others who wait get that.

    Steps before it that bring goods for a shipment (picking, packing) are held back along with it.

    Args:
        demand: open moves out of places where stock is kept.
        quantities: how much of each, in the product's unit, by move or its id; by default all that can be.
    Returns the moves that are on hold now; their transfers are logged as changed. Raises CannotHold, naming every move
    with too little to hold.
    """
    product_lock.lock_moves(demand)
    wanted = _wanted(demand.sudo(), quantities, can_hold)
    _check(wanted)
    if not wanted:
        return demand.browse()
    parts = _parts(_steps(wanted, can_hold))
    documents = {part.id: part._document() for part in parts}
    lines = parts.move_line_ids
    freed, places = lines.product_id, lines.location_id
    if lines:
        lines._settle_unlink()
    parts._settle({"hold_date": Datetime.now(), "hold_user_id": demand.env.uid})
    parts._recompute_state()
    _set_apart(parts.picking_id)
    kept = _join_held(parts, documents)
    if lines:
        reservation.assign_waiting(demand.env, freed, places)
    demand.env.log_changed(kept.picking_id)
    return kept.with_env(demand.env)


def put_missing(demand: Any) -> None:
    """Hold back what is not reserved of the moves; where all is reserved, all that is not picked; notify the user.

    Raises CannotHold where nothing can be held.
    """
    product_lock.lock_moves(demand)
    moves = demand.sudo()
    missing = {move: part for move in moves if (part := min(can_hold(move), remaining.not_reserved(move))) > 0}
    quantities = missing or {move: part for move in moves if (part := can_hold(move)) > 0}
    if not quantities:
        raise CannotHold(demand.env._("Nothing of this can be put on hold: it is picked, closed or on hold already."))
    before = {
        move: (move.picking_id, move._document_name(), message_texts.quantity_of(move.product_id, quantity))
        for move, quantity in quantities.items()
    }
    kept = put(demand, quantities)
    _notify_held(before, kept)


def _notify_held(before: Mapping[Any, tuple[Any, str, str]], kept: Any) -> None:
    """Queue the message that says what is on hold, and in which transfer it is now.

    Args:
        before: move -> its transfer and document until now, and the quantity that was put on hold, in words.
        kept: the moves that are on hold now.
    """
    env, pickings = kept.env, kept.picking_id
    texts = []
    for move, (picking, document, quantity) in before.items():
        is_whole = move.exists() and move.hold_date
        now = move.picking_id if is_whole else pickings.filtered(lambda other, own=picking: other.backorder_id == own)
        if not now or now == picking:
            texts.append(env._("%(quantity)s (%(document)s)", quantity=quantity, document=document))
        else:
            texts.append(
                env._(
                    "%(quantity)s (of %(document)s, now in %(new)s)",
                    quantity=quantity,
                    document=document,
                    new=", ".join(now.mapped("name")),
                )
            )
    text = env._(
        "On hold: %(items)s. To resume, check availability or release the backorder.",
        items=message_texts.first_of(env, texts),
    )
    env.notify(text, records=pickings)


def in_words(moves: Any) -> str | bool:
    """What of the moves is on hold, and where; False where nothing is."""
    env = moves.env
    texts = [
        env._(
            "%(quantity)s (%(document)s)",
            quantity=message_texts.quantity_of(move.product_id, quantity),
            document=move._document_name(),
        )
        for move in moves
        if (quantity := held(move)) > 0
    ]
    if not texts:
        return False
    return str(env._("On hold, nothing is reserved for it: %(items)s.", items=message_texts.first_of(env, texts)))


def _wanted(
    demand: Any, quantities: Mapping[Any, Decimal] | None, most: Callable[[Any], Decimal]
) -> dict[Any, Decimal]:
    """Move -> how much of it is asked for, for those of which something is."""
    if quantities is None:
        found = {move: most(move) for move in demand}
    else:
        by_id = {(key.id if hasattr(key, "id") else key): quantity for key, quantity in quantities.items()}
        found = {move: by_id.get(move.id, ZERO) for move in demand}
    return {move: asked for move, asked in found.items() if asked}


def _steps(wanted: Mapping[Any, Decimal], most: Callable[[Any], Decimal]) -> list[Mapping[Any, Decimal]]:
    """What is wanted of each move, then of what picks or packs for them, as far as there is any to be done."""
    levels, seen = [wanted], set(wanted)
    while levels[-1]:
        before: dict[Any, Decimal] = {}
        for move, left in levels[-1].items():
            for origin in _steps_before(move):
                given = before.get(origin, ZERO)
                part = ZERO if origin in seen else min(left, most(origin) - given)
                if part > 0:
                    before[origin] = given + part
                    left -= part
        seen.update(before)
        levels.append(before)
    return levels[:-1]


def _steps_before(move: Any) -> Any:
    """The open moves that pick or pack what a move ships, the latest first."""
    warehouse = move.location_id.warehouse_id
    steps = warehouse.pick_type_id | warehouse.pack_type_id
    return move.move_orig_ids.filtered(
        lambda origin: origin.state in move_states.OPEN and origin.picking_type_id in steps
    ).sorted(lambda origin: -origin.id)


def _check(wanted: Mapping[Any, Decimal]) -> None:
    """Refuse more than there is to hold, and less than nothing."""
    refused = {move: asked for move, asked in wanted.items() if not 0 <= asked <= can_hold(move)}
    if refused:
        raise CannotHold(
            "\n".join(_refusal(move, asked) for move, asked in refused.items()),
            data={
                "refused": [
                    {
                        "document": move._document_name(),
                        "product": move.product_id.display_name,
                        "quantity": format_number(asked),
                        "most": format_number(can_hold(move)),
                        "unit": move.product_id.uom_id.name,
                    }
                    for move, asked in refused.items()
                ]
            },
        )


def _refusal(move: Any, asked: Decimal) -> str:
    return move.env._(
        "%(document)s: %(asked)s %(unit)s of %(product)s cannot be put on hold. Of %(demand)s, %(most)s are "
        "neither picked nor on hold already.",
        document=move._document_name(),
        asked=format_number(asked),
        unit=move.product_id.uom_id.name,
        product=move.product_id.display_name,
        demand=format_number(move._in_product_unit(move.product_uom_qty)),
        most=format_number(can_hold(move)),
    )


def _parts(levels: list[Mapping[Any, Decimal]]) -> Any:
    """Moves over exactly what is wanted of each: the move itself where that is all of it, else a part split off."""
    wanted = {move.id: (move, part) for level in levels for move, part in level.items()}
    partly = {id_: part for id_, (move, part) in wanted.items() if part != move._in_product_unit(move.product_uom_qty)}
    model = next(iter(levels[0])).browse()
    parts = model.browse([id_ for id_ in wanted if id_ not in partly])
    return parts | model.browse(partly)._split(partly) if partly else parts


def _set_apart(pickings: Any) -> None:
    """Move what is on hold out of transfers in which something else is open, into their backorders on hold."""
    mixed = pickings.filtered(lambda picking: _some_held(picking) and not is_on_hold(picking))
    if not mixed:
        return
    target = {}
    for picking in mixed:
        found = picking.backorder_ids.filtered(lambda other: not other.printed and is_on_hold(other))
        if found:
            target[picking.id] = found[0]
    new = mixed.filtered(lambda picking: picking.id not in target)
    leaving = {picking: _some_held(picking) for picking in mixed}
    joining = mixed.browse().move_ids
    for picking in mixed - new:
        joining |= leaving[picking]
    if joining:
        transfers.move_into(joining, {move.id: target[move.picking_id.id].id for move in joining})
    if new:
        backorders = new._create_backorder(new.move_ids.filtered(lambda move: move in leaving[move.picking_id]))
        new.env.log_created(backorders)
        new._notify("on_backorder", backorders=backorders)


def _some_held(picking: Any) -> Any:
    return picking.move_ids.filtered(lambda move: move.state in move_states.OPEN and move.hold_date)


def _join_held(parts: Any, documents: Mapping[int, Any]) -> Any:
    """Open the entries of what is newly on hold; what adds to a demand on hold already becomes part of that."""
    held_before = (parts.picking_id.move_ids - parts).filtered(
        lambda move: move.state in move_states.OPEN and move.hold_date and move.shortfall_id
    )
    fresh = parts.filtered(lambda part: not part.shortfall_id and part.picking_id)
    distinct = set(parts._prepare_merge_moves_distinct_fields()) - {"hold_date", "shortfall_id"}
    keys = move_merge.keys(held_before | fresh, ["picking_id", *distinct])
    known = {keys[move.id]: move for move in reversed(held_before)}
    adding = fresh.filtered(lambda part: keys[part.id] in known)
    firsts = [known[keys[part.id]] for part in adding]
    adding._settle_multi(
        [
            {"hold_date": first.hold_date, "hold_user_id": first.hold_user_id.id, "shortfall_id": first.shortfall_id.id}
            for first in firsts
        ]
    )
    shortfall.put_on_hold(parts - adding, documents)
    return parts._merge_moves() if adding else parts


# ---------------------------------------------------------------------------- and off again
def release(demand: Any) -> None:
    """End the hold of these moves where they are: a user asks for them. What is not on hold is left alone."""
    product_lock.lock_moves(demand)
    asked = demand.sudo().filtered(lambda move: move.hold_date and move.state in move_states.OPEN)
    if not asked:
        return
    steps = _steps({move: held(move) for move in asked}, held)
    parts = asked.browse([move.id for level in steps for move in level])
    parts._settle(NO_HOLD)
    shortfall.released(parts)
    _set_apart(parts.picking_id)
    _reserve(parts - asked)


def take_back(demand: Any, quantities: Mapping[Any, Decimal] | None = None) -> Any:
    """End the hold of a part of each move, and undo the split where that is possible.

    It goes back into the transfer that it was split from, unless that is closed, printed or on hold itself; then it
    goes on as a backorder like any other. Reserved at once where its operation type says so.

    Args:
        demand: moves on hold; others are left alone.
        quantities: how much of each, in the product's unit, by move or its id; by default all that is held.
    Returns the moves that hold it now; their transfers are logged as changed.
    """
    product_lock.lock_moves(demand)
    wanted = _wanted(demand.sudo(), quantities, held)
    wanted = {move: min(asked, held(move)) for move, asked in wanted.items() if held(move) > 0}
    if not wanted:
        return demand.browse()
    parts = _parts(_steps(wanted, held))
    left = parts.picking_id
    parts._settle(NO_HOLD)
    targets = _transfers_to_rejoin(parts)
    going = parts.filtered(lambda part: part.id in targets)
    shortfall.withdrawn(going)
    shortfall.released(parts - going)
    if going:
        transfers.move_into(going, {part.id: targets[part.id].id for part in going})
    kept = (going._merge_moves() if going else going) | (parts - going)
    _set_apart(left.filtered("move_ids"))
    empty = left.filtered(lambda picking: not picking.move_ids)
    demand.env.log_removed(empty)
    empty.unlink()
    _reserve(kept)
    demand.env.log_changed(kept.picking_id)
    return kept.with_env(demand.env)


def _reserve(demand: Any) -> None:
    """Reserve what is no longer on hold, as its operation type says."""
    again = demand.filtered(lambda move: move.state in move_states.LACKING and reservation.may_reserve_now(move))
    if again:
        again._action_assign()


def _transfers_to_rejoin(parts: Any) -> dict[int, Any]:
    """Move id -> the transfer that it was split from, where it can go back to that."""
    found = {}
    for picking, members in parts.grouped("picking_id").items():
        target = picking.backorder_id
        if target and target.state in move_states.OPEN and not target.printed and not is_on_hold(target):
            found.update(dict.fromkeys(members.ids, target))
    return found

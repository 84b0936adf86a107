"""Components that are consumed before the transfer that brings them to the place of work is done.

    lacking    what the order consumes now and open transfers have not brought yet; where there is some, it is asked
    bring      Make Transfer and Back Flush: the transfers move that much now, a backorder keeps what they have left
    draw       Back Flush Anyway: it is consumed where it is booked, and the transfers bring that much less

Both lead to the same stock: what was consumed has left the place that it was booked at, and no place goes below zero
for want of a transfer. Quantities are in the unit of the product where nothing else is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import move_states, operations, quants, remaining, shortfall
from addons.inventory.services.quants import STOCKED
from addons.manufacturing.services import completion_messages
from core.rounding import compare

ZERO = Decimal(0)

#: The answers to the question `transfer`.
MAKE, ANYWAY = "make", "anyway"


class Lack(NamedTuple):
    """What one open move of a transfer is to bring of a component that is consumed now, in the product's unit."""

    component: Any
    origin: Any
    quantity: Decimal


def lacking(wanted: Mapping[Any, Decimal]) -> list[Lack]:
    """What open transfers have not brought of `wanted`: component -> what is consumed of it, in the unit of its move.

    Where a transfer is to bring less than is consumed, the last one of the component is named with what exceeds it.
    """
    result = []
    had: dict[Any, Decimal] = {}
    left: dict[Any, Decimal] = {}
    for move, quantity in wanted.items():
        if not quantity or not (may_lack(move) or quantity > move.product_uom_qty):
            continue
        origins = _open_origins(move)
        if not origins:
            continue
        need = move._in_product_unit(quantity)
        had[move] = max(min(need, _brought(move, had)), ZERO)
        need -= had[move]
        if compare(need, ZERO, move.product_id.uom_id.rounding) <= 0:
            continue
        for origin in origins:
            open_quantity = left.setdefault(origin, origin._in_product_unit(origin.product_uom_qty))
            part = need if origin == origins[-1] else min(need, open_quantity)
            left[origin] -= min(part, open_quantity)
            need -= part
            if part:
                result.append(Lack(move, origin, part))
    return result


def may_lack(move: Any) -> bool:
    """Whether a transfer may still be open: what is fully reserved, and not entered by hand, has been brought."""
    return move.state in ("waiting", "partially_available") or move.picked


def _open_origins(move: Any) -> list[Any]:
    return [
        origin
        for origin in move.move_orig_ids
        if origin.picking_id
        and origin.state not in (*move_states.CLOSED, "draft")
        and origin.location_id.usage in STOCKED
    ]


def _brought(move: Any, had: Mapping[Any, Decimal]) -> Decimal:
    """What transfers brought for a component, less what the others that they work for hold or have consumed."""
    origins = move.move_orig_ids
    came = sum((line.quantity_product_uom for line in origins.move_line_ids if line.state == "done"), ZERO)
    for sibling in origins.move_dest_ids:
        if sibling != move:
            held = sum((line.quantity_product_uom for line in sibling.move_line_ids), ZERO)
            came -= had.get(sibling, held)
    return came


# -- make the transfer -------------------------------------------------------------------------------------------------


def bring(lacks: Iterable[Lack]) -> Any:
    """Validate the transfers with what is consumed now; their backorders keep the rest.

    Returns:
        None, or the question that validating a transfer needs answered first.

    Raises:
        InventoryError: a transfer cannot be validated; it says what is missing where.
    """
    needs: dict[Any, Decimal] = defaultdict(Decimal)
    for lack in lacks:
        needs[lack.origin] += lack.quantity
    if not needs:
        return None
    moves = next(iter(needs)).browse([origin.id for origin in needs])
    targets = {}
    for origin, need in needs.items():
        target = origin.product_id.uom_id._compute_quantity(need, origin.product_uom)
        targets[origin] = max(target, origin.quantity) if origin.picked else target
    operations.set_each(targets)
    moves.write({"picked": True})
    return moves.picking_id.button_validate({"backorder": {"*": True}})


def left_over(pickings: Any, needs: Mapping[Any, Decimal]) -> Any:
    """Those of the transfers that have something left to bring when their moves bring what `needs` says of them."""
    rest = pickings.move_ids.filtered(
        lambda move: (
            move.state not in move_states.CLOSED and bool(remaining.remaining_quantity(move, needs.get(move, ZERO)))
        )
    )
    return rest.picking_id


# -- consume where it is booked ----------------------------------------------------------------------------------------


def draw(wanted: Mapping[Any, Decimal]) -> dict[Any, Decimal]:
    """Take what transfers have not brought from what is free at the place of work, then from where they would take it.

    The transfers bring that much less; those of their moves that have nothing left to bring are cancelled.

    Returns:
        `wanted` with the components as they are consumed now: what is drawn is a move that no transfer feeds.
    """
    lacks = lacking(wanted)
    if not lacks:
        return dict(wanted)
    sources = _sources(lacks)
    lowered, emptied = _lower_transfers(lacks)
    result, drawn = _relocate(wanted, sources)
    # Before others are served from what the transfers held.
    operations.set_each({move: result[move] for move in [*sources, *drawn]})
    if emptied:
        emptied._action_cancel()
    completion_messages.notify_drawn(lowered.picking_id, drawn)
    return result


def drop_left_over(origins: Any) -> None:
    """Cancel those of the moves before components that have nothing left to bring: what they were for is closed."""
    idle = without_aim(origins, origins.browse())
    if idle:
        idle._action_cancel()
        completion_messages.notify_idle(idle.picking_id)


def fetched(moves: Any) -> Any:
    """The open moves of transfers that bring components for these moves and for no others that are open."""
    return without_aim(moves.move_orig_ids, moves)


def without_aim(origins: Any, besides: Any) -> Any:
    """Those of `origins` that are open moves of transfers and bring nothing for open moves, `besides` left out."""
    return origins.filtered(
        lambda move: (
            move.picking_id
            and move.state not in move_states.CLOSED
            and move_states.unfinished(move.move_dest_ids) <= besides
        )
    )


def _sources(lacks: list[Lack]) -> dict[Any, dict[Any, Decimal]]:
    """Component -> place -> what is taken there: what is free at the place of work goes first."""
    moves = lacks[0].component.browse(dict.fromkeys(lack.component.id for lack in lacks))
    paths = quants.paths_below(moves.env, moves.location_id.ids)
    free: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for slot in quants.free_slots(moves.env, moves.product_id.ids, paths):
        for place in moves.location_id:
            if slot.path.startswith(paths[place.id]) and not slot.key.owner:
                free[slot.key.product, place.id] += slot.free
    result: dict[Any, dict[Any, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for move, origin, quantity in lacks:
        key = (move.product_id.id, move.location_id.id)
        here = max(min(quantity, free[key]), ZERO)
        free[key] -= here
        for place, part in ((move.location_id, here), (origin.location_id, quantity - here)):
            if part:
                result[move][place] += part
    return result


def _lower_transfers(lacks: list[Lack]) -> tuple[Any, Any]:
    """Lower what the transfers are to bring, and let them hold no more than that.

    Returns:
        The moves of the transfers, and those of them that have nothing left to bring; these are still to be cancelled.
    """
    less: dict[Any, Decimal] = defaultdict(Decimal)
    for lack in lacks:
        less[lack.origin] += lack.quantity
    held, lowered = {}, []
    for origin, quantity in less.items():
        unit = origin.product_uom
        lower = origin.product_uom_qty - origin.product_id.uom_id._compute_quantity(quantity, unit)
        held[origin] = min(origin.quantity, max(lower, ZERO))
        if compare(lower, ZERO, unit.rounding) > 0:
            origin._settle({"product_uom_qty": lower})
            lowered.append(origin.id)
    operations.set_each(held)
    moves = lacks[0].origin.browse([origin.id for origin in less])
    shortfall.changed(moves.browse(lowered))
    return moves, moves - moves.browse(lowered)


def _relocate(
    wanted: Mapping[Any, Decimal], sources: Mapping[Any, Mapping[Any, Decimal]]
) -> tuple[dict[Any, Decimal], list[Any]]:
    """Let components be taken at the places that `sources` names, in parts where these are several.

    Returns:
        `wanted` with the parts, and the moves that no transfer feeds now.
    """
    result, at = dict(wanted), {}
    splits: dict[Any, list[tuple[Any, Decimal]]] = {}
    for move, places in sources.items():
        if result[move] > move.product_uom_qty:
            move._settle({"product_uom_qty": result[move]})
        rest = move._in_product_unit(result[move])
        for place, quantity in reversed(places.items()):
            if compare(rest - quantity, ZERO, move.product_id.uom_id.rounding) <= 0:
                at[move] = place
                break
            splits.setdefault(move, []).append((place, quantity))
            rest -= quantity
    if splits:
        moves = next(iter(splits)).browse([move.id for move in splits])
        parts = iter(moves._split({move: [quantity for _place, quantity in parts] for move, parts in splits.items()}))
        for move, places in splits.items():
            rest = move._in_product_unit(result[move]) - sum((quantity for _place, quantity in places), ZERO)
            result[move] = move.product_id.uom_id._compute_quantity(rest, move.product_uom)
            for place, _quantity in places:
                part = next(parts)
                at[part] = place
                result[part] = part.product_uom_qty
    _take_from(at)
    return result, list(at)


def _take_from(places: Mapping[Any, Any]) -> None:
    """Let each component (move -> place) be taken from stock at that place; lots that were entered stay."""
    moves = next(iter(places)).browse([move.id for move in places])
    lots = moves.move_line_ids.filtered("lot_id")
    (moves.move_line_ids - lots)._settle_unlink()
    for place, here in moves.grouped(lambda move: places[move]).items():
        here._settle({"location_id": place.id, "procure_method": "make_to_stock", "move_orig_ids": [(5,)]})
        entered = lots.filtered(lambda line, here=here: line.move_id in here)
        _find_lots(entered, place)


def _find_lots(lines: Any, place: Any) -> None:
    """Point lines with lots to where their lots are, at the place or below it."""
    if not lines:
        return
    paths = quants.paths_below(lines.env, place.ids)
    slots = quants.free_slots(lines.env, lines.product_id.ids, paths)
    found = {(slot.key.product, slot.key.lot): slot.key.location for slot in slots}
    lines._settle_multi([{"location_id": found.get((line.product_id.id, line.lot_id.id), place.id)} for line in lines])

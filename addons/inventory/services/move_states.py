"""The states of moves and transfers: the sets that services ask for, and how a state follows from what is there.

    draft ─> confirmed / waiting ─> partially_available ─> assigned ─> done
                                                     any of them ─> cancel

An open move is `waiting` for moves before it, `confirmed` while nothing is reserved, `partially_available` or
`assigned` by what its lines hold. The state of a transfer follows from those of its moves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from core.rounding import compare

#: Confirmed and not finished.
OPEN = ("waiting", "confirmed", "partially_available", "assigned")
#: What may still be done: drafts too.
UNFINISHED = ("draft", *OPEN)
#: Open, and not all of the demand is reserved.
LACKING = ("waiting", "confirmed", "partially_available")
#: Something is reserved.
RESERVED = ("partially_available", "assigned")
#: Nothing follows.
CLOSED = ("done", "cancel")

ZERO = Decimal(0)


def unfinished(records: Any) -> Any:
    """Those of the moves or transfers that are neither done nor cancelled."""
    return records.filtered(lambda record: record.state not in CLOSED)


def base_state(move: Any) -> str:
    """The state of an open move without any reservation."""
    if move.procure_method == "make_to_order" and not move.move_orig_ids:
        return "waiting"
    return "waiting" if any(origin.state not in CLOSED for origin in move.move_orig_ids) else "confirmed"


def state_of_reserved(move: Any, reserved: Decimal, demand: Decimal) -> str:
    """The state of an open move that holds `reserved` of its `demand`, both in the product's unit."""
    if reserved >= demand or compare(reserved, demand, move.product_id.uom_id.rounding) >= 0:
        return "assigned"
    return "partially_available" if reserved > 0 else base_state(move)


def recompute(moves: Any) -> None:
    """Bring the states of open moves in line with what their lines hold."""
    states = {}
    moves = moves.sudo().filtered(lambda move: move.state in OPEN)
    for move in moves:
        demand = move._in_product_unit(move.product_uom_qty)
        reserved = sum((line.quantity_product_uom for line in move.move_line_ids), ZERO)
        states[move.id] = state_of_reserved(move, reserved, demand) if reserved else base_state(move)
    write(moves, states)


def write(moves: Any, states: Mapping[int, str]) -> None:
    """Give moves their states (by id), one write for each state."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for move in moves:
        state = states.get(move.id)
        if state and state != move.state:
            groups[state].append(move.id)
    for state, ids in groups.items():
        moves.browse(ids)._settle({"state": state})


def of_transfer(states: Iterable[str], move_type: str) -> str:
    """The state of a transfer whose moves are in these states.

    One that ships as soon as possible is ready when anything is; one that ships all at once when everything is.
    """
    states = set(states)
    if not states or "draft" in states:
        return "draft"
    todo = states.difference(CLOSED)
    if not todo:
        return "done" if "done" in states else "cancel"
    if todo == {"assigned"} or (move_type == "direct" and todo.intersection(RESERVED)):
        return "assigned"
    return "confirmed" if todo & {"confirmed", "partially_available"} else "waiting"

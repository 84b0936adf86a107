"""What of a demand goes now, what remains of it, and whether that counts as anything.

Everything that asks whether something is left over asks here: validating transfers, doing moves, the question about
backorders, splitting by hand.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from addons.inventory.services import move_states
from core.rounding import compare

ZERO = Decimal(0)


@dataclass(slots=True)
class Part:
    """A move that is being done: the lines that go, and how much goes and remains, in the product's unit."""

    move: Any
    lines: list[Any]
    going: Decimal
    rest: Decimal


@dataclass(slots=True)
class Plan:
    """What validating a transfer would do."""

    picking: Any
    parts: list[Part] = field(default_factory=list)

    @property
    def short(self) -> list[Part]:
        """The moves of which something is left."""
        return [part for part in self.parts if part.rest > 0]

    @property
    def going(self) -> list[Part]:
        """The moves of which something goes."""
        return [part for part in self.parts if part.going > 0]


def parts(moves: Any) -> list[Part]:
    """What doing these moves together would do, for those that are not done or cancelled.

    Once something of a transfer is picked, only what is picked of it goes; otherwise all that is reserved. A move
    without a transfer stands for itself.
    """
    lines: dict[int, list[Any]] = {}
    picked: set[Any] = set()
    todo = [move for move in moves if move.state in move_states.UNFINISHED]
    for move in todo:
        found = [line for line in move.move_line_ids if line.state != "done" and line.quantity_product_uom]
        lines[move.id] = found
        if any(line.picked for line in found):
            picked.add(_document(move))
    result = []
    for move in todo:
        some_picked = _document(move) in picked
        chosen = [line for line in lines[move.id] if line.picked or not some_picked]
        going = sum((line.quantity_product_uom for line in chosen), ZERO)
        result.append(Part(move, chosen, going, of(move, going)))
    return result


def _document(move: Any) -> Any:
    return move.picking_id.id or (move.id,)


def of(move: Any, going: Decimal) -> Decimal:
    """What remains of a demand when so much goes, in the product's unit; nothing where it counts as none."""
    demand = move._in_product_unit(move.product_uom_qty)
    rest = demand - going
    return rest if rest > 0 and not is_none(move, rest, demand) else ZERO


def is_none(move: Any, rest: Decimal, demand: Decimal) -> bool:
    """Whether a rest is so small that nothing can be left over: it is within the rounding of the product's unit."""
    return compare(demand - rest, demand, move.product_id.uom_id.rounding) >= 0


def plans(pickings: Any) -> dict[int, Plan]:
    """Picking id -> what validating it now would do."""
    result = {picking.id: Plan(picking) for picking in pickings}
    found: defaultdict[int, list[Part]] = defaultdict(list)
    for part in parts(pickings.sudo().move_ids):
        found[part.move.picking_id.id].append(part)
    for id_, plan in result.items():
        plan.parts = found[id_]
    return result

"""What an order line and its moves have to say to each other: how much has come through, and how much is not wanted.

Sales and purchasing (and any addon whose documents ask for moves) keep the link from move to line; this is the
arithmetic on top of it. All of it runs in the product's own unit and is stated in the line's unit once, at the end:
three parcels of four units are a dozen, although none of them is a third of a dozen that could be written down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from addons.inventory.services import move_states
from core.exceptions import UserError
from core.rounding import format_number

ZERO = Decimal(0)


def through(moves: Any, direction: Callable[[Any], int], net: bool = True) -> Decimal:
    """What of one product done moves brought to where its order wants it, in the product's unit.

    Args:
        moves: of one product.
        direction: +1 for a move that fulfils the order, -1 for one that undoes it, 0 for steps on the way.
        net: less what was returned, where the return says so (`to_refund`); what is sent again after that counts too.
    """
    total = ZERO
    for move in moves:
        sign = direction(move) if move.state == "done" else 0
        is_return = sign < 0 or move.origin_returned_move_id
        if sign and (net and move.to_refund if is_return else True):
            total += sign * move._in_product_unit(move.quantity)
    return total


def in_unit(quantity: Decimal, product: Any, unit: Any) -> Decimal:
    """A quantity of the product's own unit, in the unit of a line."""
    return product.uom_id._convert(quantity, unit)


def take_back(moves: Any, quantity: Decimal) -> None:
    """Take `quantity` (in the product's unit) from the open moves: first what no step has brought, then the latest.

    What they have reserved beyond their new demand goes to demand that waits. Returns under way are not touched. The
    transfers are logged as changed.
    """
    open_moves = moves.filtered(lambda move: move.state not in move_states.CLOSED and not move.origin_returned_move_id)
    for move in open_moves.sorted(lambda move: (bool(move.move_orig_ids), -move.id)):
        if quantity <= 0:
            return
        demand = move.product_qty
        move.env.log_changed(move.picking_id)
        if quantity >= demand:
            move._action_cancel()
        elif move.shortfall_id:
            # It is owed from a shipment before: the part given up is cancelled as such, so the entry owes less.
            move._split(quantity)._action_cancel()
        else:
            move.write(_demand(move, demand - quantity))
            move._assign_waiting(move.product_id, move.location_id, move)
        quantity -= demand


def _demand(move: Any, quantity: Decimal) -> dict[str, Any]:
    """The values of a demand: in the unit of the move where that is exact, else in the product's own."""
    own = move.product_id.uom_id
    exact = own._convert_exactly(quantity, move.product_uom)
    if exact is None:
        return {"product_uom_qty": quantity, "product_uom": own.id}
    return {"product_uom_qty": exact}


def changes(
    lines: Any, before: Mapping[int, Decimal], done: str, demand: str
) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    """What has to be procured in addition for changed lines, and what is no longer wanted: line id -> how much.

    Args:
        lines: of one model.
        before: line id -> what was ordered until now.
        done: the field with what has come through.
        demand: the field with what is ordered.
    """
    more: dict[int, Decimal] = {}
    less: dict[int, Decimal] = {}
    for line in lines:
        ordered, earlier = line[demand], before[line.id]
        if ordered > earlier:
            # Where more than ordered came through already, that much need not be procured.
            more[line.id] = ordered - max(earlier, line[done])
        elif ordered < earlier:
            less[line.id] = earlier - ordered
    return more, less


def refuse_below(
    lines: Any, before: Mapping[int, Decimal], done: str, demand: str, error: type[UserError], text: str
) -> None:
    """Refuse lines that would ask for less than came through already.

    Args:
        lines, before, done, demand: see `changes`.
        error: its class; its data names every such line: product, ordered, and by the name of `done` what came through.
        text: the sentence for one line, with the same places.
    """
    came = done.removeprefix("qty_")
    found = [
        {
            "product": line.product_id.display_name,
            came: format_number(line[done]),
            "ordered": format_number(line[demand]),
        }
        for line in lines
        if line[demand] < min(line[done], before[line.id])
    ]
    if found:
        raise error("\n".join(lines.env._(text, **each) for each in found), data={"lines": found})

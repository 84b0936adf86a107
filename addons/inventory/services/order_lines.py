"""What an order line and its moves have to say to each other: how much has come through, and how much is not wanted.

Sales and purchasing (and any addon whose documents ask for moves) keep the link from move to line; this is the
arithmetic on top of it. All of it runs in the product's own unit and is stated in the line's unit once, at the end:
three parcels of four units are a dozen, although none of them is a third of a dozen that could be written down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import move_states, product_lock
from addons.inventory.services.moves import demand_changed
from core.exceptions import UserError
from core.rounding import format_number

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class OrderKind:
    """A model of orders, by its names.

    Args:
        addon: prefix of the checks' ids.
        order, line: names of the models.
        link: field of the move that leads to the line.
        demand: field of the line with what is ordered.
        fulfilled: field of the line with the quantity delivered or received, computed where `method` is `by_moves`.
        drafts: states of an order that asks for nothing yet.
        confirmed: state of one that does.
        confirm: label of the button that confirms.
    """

    addon: str
    order: str
    line: str
    link: str
    demand: str
    fulfilled: str
    method: str
    by_moves: str
    drafts: tuple[str, ...]
    confirmed: str
    confirm: str


class Refusal(NamedTuple):
    """The words for something that is refused on lines, with its code, or with an error that has a code of its own."""

    text: str
    code: str | None = None
    error: type[UserError] = UserError


def fulfilled(moves: Any, direction: Callable[[Any], int], net: bool = True) -> Decimal:
    """Quantity of one product that done moves delivered or received for its order, in the product's unit.

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


def progress(pickings: Any) -> str | bool:
    """How far transfers are done: `pending`, `partial` or `full`; False where all are cancelled, or there are none."""
    done = {picking.state == "done" for picking in pickings if picking.state != "cancel"}
    if not done:
        return False
    if True not in done:
        return "pending"
    return "partial" if False in done else "full"


def take_back(wanted: Iterable[tuple[Any, Decimal]]) -> None:
    """Take quantities from open moves: first what no step has brought, then the latest.

    What they have reserved beyond their new demand goes to demand that waits. Returns under way are not touched. The
    transfers are logged as changed. Products are locked first: moves that are closed by then are left alone.

    Args:
        wanted: for each order line its moves, and how much to take from them, in the product's unit.
    """
    wanted = list(wanted)
    if wanted:
        product_lock.lock_moves(wanted[0][0].union(*(moves for moves, _quantity in wanted)))
    taken = _taken(wanted)
    if not taken:
        return
    moves = next(iter(taken)).browse([move.id for move in taken])
    moves.env.log_changed(moves.picking_id)
    given_up = moves.filtered(lambda move: taken[move] >= move.product_qty)
    # It is owed from a shipment before: the part given up is cancelled as such, so the entry owes less.
    owed = (moves - given_up).filtered("shortfall_id")
    if owed:
        given_up |= owed._split({move: taken[move] for move in owed})
    lowered = moves - given_up - owed
    lowered._settle_multi([_demand(move, move.product_qty - taken[move]) for move in lowered])
    demand_changed(lowered)
    if given_up:
        given_up._action_cancel()
    if lowered:
        lowered._assign_waiting(lowered.product_id, lowered.location_id, lowered)


def _taken(wanted: Iterable[tuple[Any, Decimal]]) -> dict[Any, Decimal]:
    """Move -> how much is taken from it; all of its demand at most, whatever the lines that it belongs to."""
    taken: dict[Any, Decimal] = {}
    for moves, quantity in wanted:
        open_moves = moves.filtered(
            lambda move: move.state not in move_states.CLOSED and not move.origin_returned_move_id
        )
        for move in open_moves.sorted(lambda move: (bool(move.move_orig_ids), -move.id)):
            if quantity <= 0:
                break
            part = min(quantity, move.product_qty - taken.get(move, ZERO))
            taken[move] = taken.get(move, ZERO) + part
            quantity -= part
    return taken


def _demand(move: Any, quantity: Decimal) -> dict[str, Any]:
    """The values of a demand: in the unit of the move where that is exact, else in the product's own."""
    own = move.product_id.uom_id
    exact = own._convert_exactly(quantity, move.product_uom)
    if exact is None:
        return {"product_uom_qty": quantity, "product_uom": own.id}
    return {"product_uom_qty": exact}


def to_launch(lines: Any, before: Mapping[int, Decimal] | None = None) -> dict[int, Decimal]:
    """Line id -> what moves are to carry out for it in addition, in the unit of the line; services are left out.

    What is fulfilled already, such as before an order was cancelled and confirmed again, is not moved twice.

    Args:
        before: line id -> what was ordered until now.
    """
    kind, before = lines._kind, before or {}
    found = {
        line.id: line[kind.demand] - max(before.get(line.id, ZERO), line[kind.fulfilled])
        for line in lines
        if line[kind.method] == kind.by_moves
    }
    return {id_: quantity for id_, quantity in found.items() if quantity > 0}


def change_quantities(lines: Any, before: Mapping[int, Decimal]) -> None:
    """Follow changed quantities of confirmed lines: launch what was added, take back what is no longer wanted.

    Args:
        before: line id -> what was ordered until now.

    Raises:
        UserError: `_refusals["below"]` of the model, where less would be ordered than is fulfilled already. Its data
            names every such line: product, ordered and fulfilled quantity.
    """
    kind = lines._kind
    lines = lines.filtered(lambda line: line[kind.method] == kind.by_moves)
    _refuse_below(lines, before)
    less = {line.id: before[line.id] - line[kind.demand] for line in lines if line[kind.demand] < before[line.id]}
    if less:
        lines.filtered(lambda line: line.id in less)._reduce_demand(less)
    more = lines.filtered(lambda line: line[kind.demand] > before[line.id])
    if more:
        more._launch(before)


def _refuse_below(lines: Any, before: Mapping[int, Decimal]) -> None:
    kind = lines._kind
    key = kind.fulfilled.removeprefix("qty_")
    found = [
        {
            "product": line.product_id.display_name,
            key: format_number(line[kind.fulfilled]),
            "ordered": format_number(line[kind.demand]),
        }
        for line in lines
        if line[kind.demand] < min(line[kind.fulfilled], before[line.id])
    ]
    if found:
        refusal = lines._refusals["below"]
        raise refusal.error("\n".join(lines.env._(refusal.text, **each) for each in found), data={"lines": found})

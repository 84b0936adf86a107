"""The split of moves: one demand becomes several that add up to it, to the last digit.

    10 Legs, 7 reserved: 5 of lot A (picked), 2 of lot B
        |  split into 6 and 4
        +-> 6 Legs, 6 reserved: 5 of A (picked), 1 of B      the move itself
        +-> 4 Legs, 1 reserved: 1 of B                       new

Transfers, productions, demand on hold and users split by `stock.move._split`, which comes here. All that a move is part
of follows by identity: reserved lines, chained moves, references, routes, supply links, backorder entries and the
columns of addons. A split never runs procurement: what was ordered for the whole still feeds its parts.

Whatever the number of moves and parts, a split makes one create per model (and step of a chain) and buffered updates.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.exceptions import InventoryError
from addons.inventory.services import copied_fields, message_texts, move_states, quants, reservation
from core.rounding import format_number, to_decimal

ZERO = Decimal(0)
# What a new line of the same stock does not take over from the line that is cut: it is not packed for the way.
OWN_OF_LINE = {"id", "create_uid", "create_date", "write_uid", "write_date", "display_name", "result_package_id"}
LINKS = ("move_orig_ids", "move_dest_ids", "reference_ids", "route_ids")


class Portion(NamedTuple):
    """What a part takes of the reserved lines: at most so many, these lots first, as (id, quantity) pairs."""

    quantity: Decimal
    lots: tuple[tuple[int, Decimal], ...] = ()


class Part(NamedTuple):
    """A part that is split off a move: its demand, further values of the new move, and its reserved lines.

    It takes as many of the reserved lines as it demands, unless `portion` says otherwise.
    """

    quantity: Decimal
    values: Mapping[str, Any] = {}
    portion: Portion | None = None


class Division(NamedTuple):
    """How a move is divided, where quantities alone do not say it.

    Args:
        parts: what is split off; a part of quantity zero becomes a move as well, and they may be the whole.
        kept: what the move itself keeps of its reserved lines; by default as many as its remaining demand.
        in_move_unit: all quantities are in the unit of the move, instead of the product's.
        leaves_rest: whether the move itself has to keep a part of its demand.
    """

    parts: Sequence[Part]
    kept: Portion | None = None
    in_move_unit: bool = False
    leaves_rest: bool = False


@dataclass(slots=True)
class _Split:
    """A move and its parts, itself first. `amounts` are demands in the product's unit, `demands` those in `unit`."""

    move: Any
    parts: Sequence[Part]
    unit: Any
    demands: list[Decimal]
    amounts: list[Decimal]
    portions: list[Portion]
    takes: list[tuple[Any, dict[int, Decimal]]] = field(default_factory=list)
    states: list[str] = field(default_factory=list)


def split(moves: Any, quantities: Mapping[Any, Any] | Sequence[Any]) -> Any:
    """Split moves into parts; see `stock.move._split`.

    The unit of a move is kept where all parts are exact in it; otherwise they are stated in the product's unit. Each
    part takes its reserved lines in turn, picked ones first; what no part asks for stays with the move itself.

    Returns:
        The new moves, by move and part.

    Raises:
        InventoryError: a part is below zero, the parts are the whole or more, a move is closed, or a chosen lot is not
            reserved.
    """
    moves = moves.sudo()
    splits = [_figures(move, division) for move, division in _divisions(moves, quantities)]
    if not splits:
        return moves.browse()
    for each in splits:
        each.takes = list(_share_lines(each))
        each.states = _states(each)
    with copied_fields.asked_once(moves.env, copied_fields.PARTS, moves._split_field_names()):
        new = _create_parts(splits)
    _lower_demands(splits)
    _hand_over_lines(splits, new)
    return moves.browse([part.id for each in splits for part in new[each.move.id]])


def part_values(moves: Any) -> list[dict[str, Any]]:
    """What parts of these moves have in common with them: all but quantity, unit, state and lines."""
    names = copied_fields.answered(moves.env, copied_fields.PARTS) or moves._split_field_names()
    rows = moves.read(names, load=None)
    for move, values in zip(moves, rows, strict=True):
        del values["id"]
        for name in LINKS:
            linked = move[name]
            if linked and name == "move_dest_ids":
                linked = linked.filtered(lambda target: target.state not in move_states.CLOSED)
            if linked:
                values[name] = [(6, 0, linked.ids)]
    return rows


# ---------------------------------------------------------------------------- quantities
def _divisions(moves: Any, quantities: Mapping[Any, Any] | Sequence[Any]) -> Iterator[tuple[Any, Division]]:
    if not isinstance(quantities, Mapping):
        quantities = dict(zip(moves.ids, quantities, strict=True))
    by_id = {(key.id if hasattr(key, "id") else key): value for key, value in quantities.items()}
    for move in moves:
        asked = by_id.get(move.id, ())
        if not isinstance(asked, Division):
            listed = asked if isinstance(asked, list | tuple) and not isinstance(asked, Part) else [asked]
            parts = [each if isinstance(each, Part) else Part(to_decimal(each)) for each in listed]
            parts = [part for part in _stored(move, parts) if part.quantity]
            asked = Division(parts, leaves_rest=True)
        if asked.parts:
            yield move, asked._replace(parts=_stored(move, asked.parts))


def _stored(move: Any, parts: Iterable[Part]) -> list[Part]:
    """The parts with their quantities as the field stores them."""
    stored = move._fields["product_uom_qty"].convert_to_cache
    return [part._replace(quantity=stored(part.quantity, move)) for part in parts]


def _figures(move: Any, division: Division) -> _Split:
    """The demands of the parts, exact and adding up to the whole, and what each takes of the reserved lines."""
    unit, own = move.product_uom, move.product_id.uom_id
    given = [part.quantity for part in division.parts]
    own_stated = division.in_move_unit and unit != own
    whole = move.product_uom_qty if division.in_move_unit else move._in_product_unit(move.product_uom_qty)
    rest = whole - sum(given, ZERO)
    too_many = rest <= 0 if division.leaves_rest else rest < 0
    if too_many or min(given) < 0 or move.state in move_states.CLOSED:
        raise InventoryError(
            move.env._(
                "%(document)s: %(part)s cannot be split off %(quantity)s.",
                document=move._document_name(),
                part=format_number(min(given) if min(given) < 0 else sum(given, ZERO)),
                quantity=message_texts.quantity_of(move.product_id, move.product_uom_qty, move.product_uom),
            ),
            code="inventory.split_quantity",
        )
    demands = [rest, *given]
    in_product_unit = move._in_product_unit if own_stated else lambda quantity: quantity
    amounts = [in_product_unit(quantity) for quantity in demands]
    if unit != own and not own_stated:
        exact = [own._convert_exactly(quantity, unit) for quantity in given]
        if None in exact:
            unit = own
        else:
            demands = [move.product_uom_qty - sum(exact, ZERO), *exact]
    portions = [
        Portion(in_product_unit(portion.quantity), tuple((lot, in_product_unit(part)) for lot, part in portion.lots))
        if portion
        else Portion(amount)
        for portion, amount in zip([division.kept, *(part.portion for part in division.parts)], amounts, strict=True)
    ]
    return _Split(move, division.parts, unit, demands, amounts, portions)


# ---------------------------------------------------------------------------- reserved lines
def _share_lines(each: _Split) -> Iterator[tuple[Any, dict[int, Decimal]]]:
    """Share the reserved lines out to the parts: each line with what the parts (by index) take of it."""
    lines = [line for line in each.move.move_line_ids if line.state != "done"]
    lines.sort(key=lambda line: (not line.picked, line.id))
    left = {line: line.quantity_product_uom for line in lines}
    takes: dict[Any, dict[int, Decimal]] = {line: {} for line in lines}
    for index, portion in enumerate(each.portions):
        for lot_id, quantity in portion.lots:
            if _take(left, takes, index, quantity, lot_id) > 0:
                raise _lot_missing(each.move, lot_id, lines)
    for index, portion in enumerate(each.portions):
        _take(left, takes, index, portion.quantity - sum((part for _lot, part in portion.lots), ZERO))
    for line, owners in takes.items():
        if left[line]:
            owners[0] = owners.get(0, ZERO) + left[line]
        yield line, dict(sorted(owners.items()))


def _take(
    left: dict[Any, Decimal],
    takes: Mapping[Any, dict[int, Decimal]],
    index: int,
    quantity: Decimal,
    lot_id: int | None = None,
) -> Decimal:
    """Let a part take `quantity` of the lines (of one lot); returns how many it does not get."""
    for line, available in left.items():
        if quantity <= 0:
            break
        if available > 0 and (lot_id is None or line.lot_id.id == lot_id):
            taken = min(available, quantity)
            left[line] -= taken
            quantity -= taken
            takes[line][index] = takes[line].get(index, ZERO) + taken
    return quantity


def _lot_missing(move: Any, lot_id: int, lines: Iterable[Any]) -> InventoryError:
    held = sorted({line.lot_id.name for line in lines if line.lot_id})
    return InventoryError(
        move.env._(
            "Lot/serial number %(lot)s of %(product)s is not reserved for %(order)s, or not in this quantity. "
            "Reserve it there, or use one of: %(held)s.",
            lot=move.env["stock.lot"].browse(lot_id).name,
            product=move.product_id.display_name,
            order=move._document_name(),
            held=", ".join(held) or "-",
        ),
        code="inventory.lot_not_reserved",
    )


def _states(each: _Split) -> list[str]:
    """The states of the parts by what they hold. Their origins are those of the whole."""
    move = each.move
    if move.state == "draft":
        return ["draft"] * len(each.demands)
    reserved = [ZERO] * len(each.demands)
    for _line, owners in each.takes:
        for index, quantity in owners.items():
            reserved[index] += quantity
    return [
        move_states.state_of_reserved(move, held, amount) if held else move_states.base_state(move)
        for held, amount in zip(reserved, each.amounts, strict=True)
    ]


# ---------------------------------------------------------------------------- moves
def _create_parts(splits: list[_Split]) -> dict[int, list[Any]]:
    """Create the moves that are split off: id of the move -> its parts, in order."""
    by_id = {each.move.id: each for each in splits}
    model = splits[0].move.browse()
    extended = model._is_extended("_prepare_move_split_vals")
    new: dict[int, list[Any]] = {}
    for level in _levels(model.browse(by_id)):
        rows = []
        for move, shared in zip(level, part_values(level), strict=True):
            each = by_id[move.id]
            for part, demand, state in zip(each.parts, each.demands[1:], each.states[1:], strict=True):
                values = move._prepare_move_split_vals(demand) if extended else shared
                own = {"product_uom_qty": demand, "product_uom": each.unit.id, "state": state}
                rows.append({**values, **own, **part.values})
        created = iter(model._settle_create(rows))
        for move in level:
            new[move.id] = [next(created) for _part in by_id[move.id].parts]
    return new


def _levels(moves: Any) -> Iterator[Any]:
    """The moves, each before those that feed it: so the parts of these find the parts that they feed."""
    while moves:
        feeding = moves & moves.move_orig_ids
        level = moves - feeding or moves
        yield level
        moves -= level


def _lower_demands(splits: list[_Split]) -> None:
    """Give the originals their remaining demand, without the checks and reservations of a change by hand."""
    rows = []
    for each in splits:
        values: dict[str, Any] = {"product_uom_qty": each.demands[0]}
        if each.unit != each.move.product_uom:
            values["product_uom"] = each.unit.id
        if each.states[0] != each.move.state:
            values["state"] = each.states[0]
        rows.append(values)
    splits[0].move.browse([each.move.id for each in splits])._settle_multi(rows)


def _hand_over_lines(splits: list[_Split], new: Mapping[int, list[Any]]) -> None:
    """Hand the lines to the parts: a line changes its move, shrinks, or is cut up."""
    lines = splits[0].move.env["stock.move.line"].sudo()
    shared = _shared_line_values(lines.browse([line.id for each in splits for line, by in each.takes if len(by) > 1]))
    changed, rows = {}, []
    for each in splits:
        family = [each.move, *new[each.move.id]]
        for line, owners in each.takes:
            if owners:
                (first, quantity), *others = owners.items()
                values = _changes_of_line(line, family[first], quantity)
                if values:
                    changed[line.id] = values
                rows.extend(shared[line.id] | _line_values(line, family[index], taken) for index, taken in others)
    lines.browse(changed)._settle_multi(list(changed.values()))
    if rows:
        lines._settle_create(rows)


def _changes_of_line(line: Any, move: Any, quantity: Decimal) -> dict[str, Any]:
    """What changes on a line of which `quantity` stays and belongs to `move` now."""
    values: dict[str, Any] = {}
    if quantity != line.quantity_product_uom:
        own = line.product_id.uom_id
        exact = own._convert_exactly(quantity, line.product_uom_id)
        values = {"quantity": quantity if exact is None else exact, "quantity_product_uom": quantity}
        if exact is None:
            values["product_uom_id"] = own.id
    if move != line.move_id:
        values |= {"move_id": move.id, "picking_id": move.picking_id.id, "picked": False}
    return values


def _shared_line_values(lines: Any) -> dict[int, dict[str, Any]]:
    """Line id -> what a new line that takes a share of it has in common with it: columns of addons as well."""
    names = [
        name
        for name, field in lines._fields.items()
        if field.column_backed and field.copy and not field.computed and name not in OWN_OF_LINE
    ]
    return {row.pop("id"): row for row in lines.read(names, load=None)}


def _line_values(line: Any, move: Any, quantity: Decimal) -> dict[str, Any]:
    """The values of a new line of the same stock for a part that has a share of the line."""
    values = reservation.line_values(move, quantity, quants.source_key(line))
    return {**values, "location_dest_id": line.location_dest_id.id, "lot_name": line.lot_name, "picked": False}

"""Splitting moves: one demand becomes two that add up to it, to the last digit.

Everything a move is part of follows by identity: chained moves, references, backorder entry and the columns that
addons add. A split never runs procurement: what was ordered for the whole still feeds both parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from addons.inventory.exceptions import InventoryError
from addons.inventory.services import message_texts, move_states, reservation
from core.rounding import format_number, to_decimal

ZERO = Decimal(0)
# What belongs to the part, not to the demand.
OWN = {
    "id",
    "create_uid",
    "create_date",
    "write_uid",
    "write_date",
    "state",
    "quantity",
    "picked",
    "product_uom_qty",
    "product_uom",
    "display_name",
}
# Copied though they are not copied when a person duplicates a move.
FOLLOWING = (
    "picking_id",
    "procure_method",
    "date_deadline",
    "reservation_date",
    "hold_date",
    "hold_user_id",
    "price_unit",
    "origin_returned_move_id",
    "shortfall_id",
    "scrap_id",
    "split_root_id",
)
LINKS = ("move_orig_ids", "move_dest_ids", "reference_ids", "route_ids")


def copied_columns(model: Any) -> list[str]:
    """The stored columns that a part takes over from the whole."""
    names = [
        name
        for name, field in model._fields.items()
        if field.column_backed and field.copy and name not in OWN and not field.computed
    ]
    more = (name for name in FOLLOWING if name in model._fields and model._fields[name].column_backed)
    return names + [name for name in more if name not in names]


def split(
    moves: Any,
    quantities: Mapping[Any, Any] | Sequence[Any],
    more: Mapping[int, dict[str, Any]] | None = None,
    refresh: bool = True,
) -> Any:
    """Split off part of each move.

    Args:
        moves: open moves.
        quantities: how many to split off, in the product's unit: by move (or its id), or a list in the moves' order.
        more: further values of the new moves, by id of the move split.
        refresh: whether the states of the originals are settled here; a caller that does the moves next says no.
    Returns the new moves in the order of `moves`, without those of which nothing is split off. Lines stay with the
    original as far as its remaining demand goes (picked ones first); the others go with the new move.

    The unit of a move is kept where both parts are exact in it; otherwise both are stated in the product's unit.
    """
    wanted = _wanted(moves, quantities)
    if not wanted:
        return moves.browse()
    moves = moves.sudo()
    parts = []
    for move, part in wanted:
        parts.append((move, part, *_figures(move, part)))
    names = moves._split_field_names()
    more = more or {}
    new = moves._settle_create(
        [_values(move, names, part, unit) | more.get(move.id, {}) for move, _part, unit, part, _rest in parts]
    )
    _lower_demands(moves, parts)
    _wait_for_origins(new)
    _hand_over_lines(parts, new)
    if refresh:
        moves.browse([move.id for move, _part in wanted])._recompute_state()
    return new


def _wanted(moves: Any, quantities: Mapping[Any, Any] | Sequence[Any]) -> list[tuple[Any, Decimal]]:
    if isinstance(quantities, Mapping):
        by_id = {(key.id if hasattr(key, "id") else key): value for key, value in quantities.items()}
        pairs = [(move, to_decimal(by_id.get(move.id, 0))) for move in moves]
    else:
        pairs = [(move, to_decimal(value)) for move, value in zip(moves, quantities)]
    for move, part in pairs:
        if part < 0 or part > move._in_product_unit(move.product_uom_qty) or move.state in move_states.CLOSED:
            raise InventoryError(
                moves.env._(
                    "%(document)s: %(part)s cannot be split off %(quantity)s.",
                    document=move._document_name(),
                    part=format_number(part),
                    quantity=message_texts.quantity_of(move.product_id, move.product_uom_qty, move.product_uom),
                ),
                code="inventory.split_quantity",
            )
    return [(move, part) for move, part in pairs if part]


def _figures(move: Any, part: Decimal) -> tuple[Any, Decimal, Decimal]:
    """Unit, part and rest of a split, exact and adding up to the whole."""
    unit, own = move.product_uom, move.product_id.uom_id
    if unit == own:
        return unit, part, move.product_uom_qty - part
    exact = own._convert_exactly(part, unit)
    if exact is not None:
        return unit, exact, move.product_uom_qty - exact
    return own, part, move._in_product_unit(move.product_uom_qty) - part


def _values(move: Any, names: list[str], part: Decimal, unit: Any) -> dict[str, Any]:
    values = {}
    for name in names:
        value = move[name]
        values[name] = value.id if hasattr(value, "_ids") else value
    values.update(product_uom_qty=part, product_uom=unit.id, state="draft" if move.state == "draft" else "confirmed")
    for name in LINKS:
        linked = move[name]
        if name == "move_dest_ids":
            linked = linked.filtered(lambda target: target.state not in move_states.CLOSED)
        if linked:
            values[name] = [(4, other) for other in linked.ids]
    return values


def _lower_demands(moves: Any, parts: list[Any]) -> None:
    """Give the originals their remaining demand, without the checks and reservations of a change by hand."""
    lowered = moves.browse([move.id for move, *_figures in parts])
    lowered._settle_multi(
        [
            {"product_uom_qty": rest} if unit == move.product_uom else {"product_uom_qty": rest, "product_uom": unit.id}
            for move, _part, unit, _new, rest in parts
        ]
    )


def _wait_for_origins(new: Any) -> None:
    """Parts whose origins are still open wait for them, as the whole did."""
    waiting = [part.id for part in new if part.state != "draft" and move_states.base_state(part) == "waiting"]
    if waiting:
        new.browse(waiting)._settle({"state": "waiting"})


def _hand_over_lines(parts: list[Any], new: Any) -> None:
    """Move the lines beyond the original's remaining demand to the new part, cutting one in two where needed."""
    rows, changed = [], []
    for (move, *_rest), part in zip(parts, new):
        lines = move.move_line_ids
        if not lines:
            continue
        surplus = sum((line.quantity_product_uom for line in lines), ZERO) - move._in_product_unit(move.product_uom_qty)
        if surplus <= 0:
            continue
        changed += [move.id, part.id]
        for line in sorted(lines, key=lambda line: (line.picked, -line.id)):
            if surplus <= 0:
                break
            take = min(surplus, line.quantity_product_uom)
            surplus -= take
            if take == line.quantity_product_uom:
                line._settle({"move_id": part.id, "picking_id": part.picking_id.id})
            else:
                reservation.grow(line, -take)
                rows.append(_part_of_line(line, part, take))
    if rows:
        new.env["stock.move.line"].sudo()._settle_create(rows)
    if changed:
        new.browse(changed)._recompute_state()


def _part_of_line(line: Any, move: Any, part: Decimal) -> dict[str, Any]:
    values = reservation.line_values(move, part)
    for name in ("location_id", "location_dest_id", "lot_id", "package_id", "owner_id"):
        values[name] = line[name].id
    values.update(lot_name=line.lot_name, picked=False)
    return values

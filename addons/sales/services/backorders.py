"""The Backorder column of an order: what of a line waits, and how much of it a seller holds back.

    figures   lines ─> open, short (open and not reserved) and held, in the product's unit; one reading for all
    enter     what a user typed ─> more than is short: held back;  less: the difference is taken back
    apply     lines and how much of each is to be held ─> their moves, the ones that lack stock first

A line over a kit is delivered as its components: `_in_parts` and `_from_parts` of the line say how the two compare.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import move_states, on_backorder, on_hold, product_lock, reservation
from addons.inventory.services.quants import STOCKED
from addons.sales.exceptions import BackorderRefused
from core.rounding import format_number

ZERO = Decimal(0)


class Figures(NamedTuple):
    """What of a line is to come, in the unit of its product."""

    open: Decimal = ZERO
    short: Decimal = ZERO
    held: Decimal = ZERO


class Problem(NamedTuple):
    """Why a quantity cannot be on backorder, for people and for programs."""

    text: str
    data: dict[str, str]


def figures(lines: Any, pickings: Any = None, given: Mapping[int, Decimal] | None = None) -> dict[int, Figures]:
    """Line id -> what is to be delivered from stock, what of it is not reserved, and what of that is held back.

    Args:
        pickings: only what these transfers are to deliver counts.
        given: move id -> what is to be taken as reserved for it besides, in the unit of its product.
    """
    given = given or {}
    amounts = {name: {line.id: defaultdict(lambda: ZERO) for line in lines} for name in Figures._fields}
    for line in lines:
        for move in _demand(line, pickings):
            amounts["open"][line.id][move.product_id] += move._in_product_unit(move.product_uom_qty)
            amounts["short"][line.id][move.product_id] += on_backorder.missing(move) - given.get(move.id, ZERO)
            amounts["held"][line.id][move.product_id] += on_hold.held(move)
    totals = {name: lines._from_parts(parts) for name, parts in amounts.items()}
    return {line.id: Figures(*(totals[name][line.id] for name in Figures._fields)) for line in lines}


def _demand(line: Any, pickings: Any = None) -> Any:
    moves = line.sudo()._demand_moves().filtered(lambda move: move.location_id.usage in STOCKED)
    return moves if pickings is None else moves.filtered(lambda move: move.picking_id in pickings)


def share_free_stock(lines: Any) -> dict[int, Decimal]:
    """Move id -> what a release of all these lines would reserve for it, in the unit of its product.

    Moves that draw on the same stock get it by rank, as a reservation gives it. What is made or bought to order, and
    what an earlier step brings, draws on no free stock.
    """
    moves = lines.sudo().move_ids.browse([move.id for line in lines for move in _demand(line)])
    drawing = moves.filtered(lambda move: move.procure_method != "make_to_order" and not move.move_orig_ids)
    free: dict[tuple[Any, Any], Decimal] = {}
    for warehouse, members in drawing.grouped(lambda move: move.location_id.warehouse_id).items():
        for product in members.product_id.with_context(warehouse_id=warehouse.id):
            free[warehouse.id, product.id] = max(product.free_qty, ZERO)
    given = {}
    for move in reservation.ranked(drawing):
        key = (move.location_id.warehouse_id.id, move.product_id.id)
        part = min(on_backorder.missing(move), free[key])
        free[key] -= part
        given[move.id] = part
    return given


def waiting(lines: Any) -> dict[int, Decimal]:
    """Line id -> what waits, in the unit of the line; before anything is planned, what is to be held back."""
    planned = lines.filtered(is_planned)
    found = figures(planned)
    result = {line.id: line._from_product_unit(found[line.id].short) for line in planned}
    return result | {line.id: line.qty_to_hold for line in lines - planned}


def backorders_of(orders: Any) -> Any:
    """The open transfers of orders that carry what an earlier one left over, or what is on hold."""
    return orders.picking_ids.filtered(
        lambda picking: picking.state not in move_states.CLOSED and (picking.backorder_id or picking.on_hold)
    )


def reserved(lines: Any, pickings: Any) -> dict[int, Decimal]:
    """Line id -> what these transfers have reserved for it, in the unit of the line."""
    found = figures(lines, pickings)
    return {line.id: line._from_product_unit(max(found[line.id].open - found[line.id].short, ZERO)) for line in lines}


def is_planned(line: Any) -> bool:
    """Whether transfers deliver the line."""
    return line.state == "sale" and bool(line.move_ids)


def enter(lines: Any, typed: Mapping[int, Decimal]) -> None:
    """Have so much of each line wait (line id -> quantity in the line's unit).

    More than waits now is held back by hand, all of it; with less the difference is no longer held, and 0 releases
    the line. What the form shows already changes nothing. A line of which nothing is planned yet remembers it for that.

    Raises BackorderRefused, naming every line of which so much cannot wait, or not so little.
    """
    if lines.move_ids:
        product_lock.lock_moves(lines.move_ids)
        lines.invalidate_recordset(["move_ids"])  # an override before us may have split them
    planned = lines.filtered(is_planned)
    _refuse([_impossible(line, typed[line.id]) for line in lines])
    for line in lines - planned:
        line.qty_to_hold = typed[line.id]
    found, shown = figures(planned), waiting(planned)
    targets: dict[int, Decimal] = {}
    problems = []
    for line in planned:
        if typed[line.id] == shown[line.id]:
            continue
        target = _target(line._in_product_unit(typed[line.id]), found[line.id])
        if target is None:
            problems.append(_out_of_bounds(line, typed[line.id], found[line.id]))
        else:
            targets[line.id] = target
    _refuse(problems)
    apply(planned.filtered(lambda line: line.id in targets), targets)


def _target(wanted: Decimal, now: Figures) -> Decimal | None:
    """How much of a line is to be held so that `wanted` waits, in the product's unit; None where that cannot be."""
    if wanted > now.open:
        return None
    if wanted > now.short:
        return wanted
    if not wanted and now.held:
        return ZERO
    missing = now.short - now.held
    return wanted - missing if wanted >= missing else None


def _refuse(problems: Iterable[Problem | None]) -> None:
    found = [problem for problem in problems if problem]
    if found:
        raise BackorderRefused(
            "\n".join(problem.text for problem in found),
            fields=["qty_backorder"],
            data={"problems": [problem.data for problem in found]},
        )


def _impossible(line: Any, typed: Decimal) -> Problem | None:
    """Why no such quantity of the line can ever wait; None if it can."""
    env = line.env
    data = {"product": line.product_id.display_name or line.name, "quantity": format_number(typed)}
    if typed < 0:
        text = env._("%(product)s: %(quantity)s on backorder is below zero. Enter 0 to hold nothing back.", **data)
        return Problem(text, {**data, "reason": "negative"})
    if typed and (line.display_type or line.qty_delivered_method != "stock_move"):
        text = env._("%(product)s is not delivered from stock: there is nothing to put on backorder.", **data)
        return Problem(text, {**data, "reason": "not_from_stock"})
    if typed and line.state == "cancel":
        text = env._("%(product)s: the order is cancelled; nothing of it is delivered.", **data)
        return Problem(text, {**data, "reason": "cancelled"})
    return None


def _out_of_bounds(line: Any, typed: Decimal, now: Figures) -> Problem:
    """What of the line can be on backorder, in words."""
    env, unit = line.env, line.product_uom_id
    data = {"product": line.product_id.display_name, "quantity": format_number(typed), "unit": unit.name}
    named = {"product": data["product"], "qty": f"{data['quantity']} {unit.name}"}
    if line._in_product_unit(typed) > now.open:
        data |= {"reason": "exceeds_open", "most": format_number(line._from_product_unit(now.open))}
        text = env._(
            "%(product)s: %(qty)s cannot be on backorder, only %(open)s are still to be delivered. "
            "Order more, or enter at most that.",
            open=f"{data['most']} {unit.name}",
            **named,
        )
        return Problem(text, data)
    data |= {"reason": "below_missing", "least": format_number(line._from_product_unit(now.short - now.held))}
    text = env._(
        "%(product)s: %(missing)s are not reserved and stay on backorder until they are, so it cannot be %(qty)s. "
        "Enter more to hold more back, or 0 to hold nothing back.",
        missing=f"{data['least']} {unit.name}",
        **named,
    )
    return Problem(text, data)


def apply(lines: Any, targets: Mapping[int, Decimal]) -> None:
    """Have exactly so much of each line held back (line id -> quantity in the product's unit)."""
    parts = lines._in_parts(targets)
    putting: dict[Any, Decimal] = {}
    taking: dict[Any, Decimal] = {}
    problems = []
    for line in lines:
        for product, moves in _demand(line).grouped("product_id").items():
            wanted = parts[line.id].get(product, ZERO)
            change = wanted - sum((on_hold.held(move) for move in moves), ZERO)
            if change > 0:
                found = _shared(moves, change, on_hold.can_hold)
                picked = change - sum(found.values(), ZERO)
                if picked:
                    problems.append(_picked(line, product, wanted, wanted - picked))
                putting |= found
            elif change < 0:
                taking |= _shared(moves, -change, on_hold.held)
    _refuse(problems)
    demand = lines.sudo().move_ids
    if taking:
        demand._take_off_hold(taking)
    if putting:
        demand._put_on_hold(putting)


def _shared(moves: Any, quantity: Decimal, most: Callable[[Any], Decimal]) -> dict[Any, Decimal]:
    """Share a quantity out: first to what lacks stock, then to what no step has brought, then to the latest."""
    found = {}
    for move in moves.sorted(lambda move: (move.state == "assigned", bool(move.move_orig_ids), -move.id)):
        part = min(quantity, most(move))
        if part > 0:
            found[move] = part
            quantity -= part
    return found


def _picked(line: Any, product: Any, wanted: Decimal, most: Decimal) -> Problem:
    data = {
        "product": product.display_name,
        "quantity": format_number(wanted),
        "unit": product.uom_id.name,
        "order": line.order_id.name,
        "most": format_number(most),
    }
    text = line.env._(
        "%(product)s: %(quantity)s %(unit)s cannot be on backorder, as some are picked for %(order)s already. "
        "Enter at most %(most)s, or have them put back on the shelf.",
        **data,
    )
    return Problem(text, {**data, "reason": "picked"})


def hold_planned(lines: Any) -> None:
    """Hold back what was asked for on the quotation, now that the deliveries are there."""
    asked = lines.filtered(lambda line: line.qty_to_hold and line.move_ids)
    if not asked:
        return
    found = figures(asked)
    targets = {line.id: min(line._in_product_unit(line.qty_to_hold), found[line.id].open) for line in asked}
    asked.write({"qty_to_hold": ZERO})
    apply(asked, targets)

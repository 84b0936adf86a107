"""Remaining quantity of a demand, its rounding and its tolerance.

Validating transfers, doing moves (`outcome`), closing productions, the backorder confirmation and splitting by hand
use it.

    demand - what goes ─> within the rounding of the unit: nothing remains
                       ─> within the underdelivery tolerance: it is closed, nothing is asked
                       ─> else: the rest, a backorder or cancelled
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from addons.inventory.services import action_scope, move_states
from core.exceptions import ValidationError
from core.rounding import compare, format_number

ZERO = Decimal(0)
HUNDRED = Decimal(100)
TOLERANCES = "inventory.underdelivery_tolerances"


@dataclass(frozen=True, slots=True)
class Part:
    """A move that is being done: the lines that go, and how much goes and remains, in the product's unit.

    What remains is either `rest`, or `tolerated` where it is within the underdelivery tolerance; the other one is 0.
    """

    move: Any
    lines: list[Any]
    going: Decimal
    rest: Decimal
    tolerated: Decimal = ZERO


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What doing moves together comes to, for them and for the other moves of their transfers.

    Attributes:
        parts: of each move of which something goes, what goes and what remains of it.
        done: these moves.
        kept: the moves of which nothing goes and which stay open; they leave the transfers that are done.
        cancelled: the moves of which nothing goes and which are cancelled.
    """

    parts: list[Part]
    done: Any
    kept: Any
    cancelled: Any


def outcome(moves: Any, cancel_rest: bool) -> Outcome:
    """Decide what doing moves comes to.

    Args:
        cancel_rest: cancel the moves of which nothing goes, and the other moves of the transfers. Otherwise these stay
            open, except those that ask for nothing; and a move whose transfer stays as it is, is left alone.
    """
    parts = parts_to_do(moves, tolerate=not cancel_rest)
    going = [part for part in parts if part.going]
    done = moves.browse([part.move.id for part in going])
    others = (done.picking_id.move_ids - done).filtered(lambda move: move.state in move_states.UNFINISHED)
    if cancel_rest:
        idle = moves.browse([part.move.id for part in parts if not part.going])
        return Outcome(going, done, moves.browse(), idle | others)
    empty = others.filtered(lambda move: not move.product_uom_qty and not move.quantity)
    return Outcome(going, done, others - empty, empty)


def parts_to_do(moves: Any, tolerate: bool = True) -> list[Part]:
    """Lines, quantity done and remaining quantity of each move when all are done together.

    Moves that are done or cancelled are left out.

    Once something of a transfer is picked, be it of another move, only what is picked of it goes; otherwise all that is
    reserved. A move without a transfer stands for itself.

    Args:
        tolerate: whether a rest within the underdelivery tolerance is put into `tolerated` instead of `rest`.
    """
    lines: dict[int, list[Any]] = {}
    picked: set[Any] = set()
    todo = moves.filtered(lambda move: move.state in move_states.UNFINISHED)
    for move in todo | todo.picking_id.move_ids:
        if move.state in move_states.UNFINISHED:
            found = [line for line in move.move_line_ids if line.state != "done" and line.quantity_product_uom]
            lines[move.id] = found
            if any(line.picked for line in found):
                picked.add(_document(move))
    parts = []
    for move in todo:
        some_picked = _document(move) in picked
        chosen = [line for line in lines[move.id] if line.picked or not some_picked]
        going = sum((line.quantity_product_uom for line in chosen), ZERO)
        parts.append(Part(move, chosen, going, remaining_quantity(move, going)))
    if not tolerate:
        return parts
    tolerated = tolerated_ids(moves, {part.move.id: (part.going, part.rest) for part in parts})
    return [replace(part, rest=ZERO, tolerated=part.rest) if part.move.id in tolerated else part for part in parts]


def tolerated_ids(records: Any, amounts: Mapping[int, tuple[Decimal, Decimal]]) -> set[int]:
    """The ids of those moves or productions whose rest is within their underdelivery tolerance.

    Args:
        records: all that are done together; what is read for those that fall short is read for all of them.
        amounts: id -> what goes and what remains, in the same unit.
    """
    short = {id_ for id_, (going, rest) in amounts.items() if going and rest}
    asked = records.env.cr.memory.get(TOLERANCES)
    known = {} if asked is None else asked.setdefault(records._name, {})
    unknown = records.filtered(lambda record: record.id in short and record.id not in known)
    if unknown:
        known.update(dict.fromkeys(unknown.ids, ZERO) | unknown._get_underdelivery_tolerance())
    return {id_ for id_ in short if is_tolerated(*amounts[id_], known[id_])}


def tolerances_asked_once(env: Any) -> AbstractContextManager[Any]:
    """Within the block the tolerance of each document is asked once: a question goes by the same one as what follows.

    Without it, a rest is compared with the tolerance of the moment.
    """
    return action_scope.scoped(env, TOLERANCES, {})


def _document(move: Any) -> Any:
    return move.picking_id.id or (move.id,)


def remaining_quantity(move: Any, going: Decimal) -> Decimal:
    """Remaining quantity of a move when `going` is done, in the product's unit; 0 within the rounding of the unit."""
    return of_demand(move._in_product_unit(move.product_uom_qty), going, move.product_id.uom_id)


def of_demand(demand: Decimal, going: Decimal, unit: Any) -> Decimal:
    """Remaining quantity of a demand when `going` is done; 0 within the rounding of the unit.

    Args:
        demand, going: in `unit`.
    """
    rest = demand - going
    return rest if rest > 0 and compare(going, demand, unit.rounding) < 0 else ZERO


def not_reserved(move: Any) -> Decimal:
    """What of the demand of an open move no line holds, in the unit of its product."""
    reserved = sum((line.quantity_product_uom for line in move.move_line_ids), ZERO)
    return max(move._in_product_unit(move.product_uom_qty) - reserved, ZERO)


def is_tolerated(going: Decimal, rest: Decimal, tolerance: Decimal) -> bool:
    """Whether a rest is within the underdelivery tolerance; never where nothing goes.

    Args:
        going, rest: what goes and what remains of a demand, in the same unit.
        tolerance: in percent of the demand.
    """
    return going > 0 and 0 < rest * HUNDRED <= tolerance * (going + rest)


def tolerances(moves: Any) -> dict[int, Decimal]:
    """Move id -> the underdelivery tolerance in percent: that of the partner, the category, the type, the company."""
    result = {}
    for move in moves.sudo():
        result[move.id] = tolerance_of(move._contacts(), move.product_id, move.picking_type_id, move.company_id)
    return result


def tolerance_of(partners: Iterable[Any], product: Any, operation_type: Any, company: Any) -> Decimal:
    """The underdelivery tolerance in percent of the most particular of these that sets one; each may be empty.

    A contact that sets none takes that of its commercial entity, a category that of the nearest parent that sets one.

    Args:
        partners: the more particular one first.
    """
    for partner in partners:
        for record in (partner, partner.commercial_partner_id):
            if (own := record._own_underdelivery_tolerance()) is not None:
                return own
    category = product.categ_id
    while category:
        if (own := category._own_underdelivery_tolerance()) is not None:
            return own
        category = category.parent_id
    if operation_type and (own := operation_type._own_underdelivery_tolerance()) is not None:
        return own
    return company.underdelivery_tolerance if company else ZERO


def check_tolerance(records: Any) -> None:
    """Refuse an underdelivery tolerance that is no part of a whole: below 0 % or above 100 %."""
    for record in records:
        percent = record.underdelivery_tolerance
        if not 0 <= percent <= HUNDRED:
            raise ValidationError(
                record.env._(
                    "%(record)s: an underdelivery tolerance of %(percent)s %% is not possible. Enter 0 to 100 %%.",
                    record=record.display_name,
                    percent=format_number(percent),
                ),
                fields=["underdelivery_tolerance"],
                code="inventory.underdelivery_tolerance",
            )


def transfer_plans(pickings: Any, tolerate: bool = True) -> dict[int, Plan]:
    """Picking id -> what validating it now would do.

    Args:
        tolerate: see `parts_to_do`.
    """
    result = {picking.id: Plan(picking) for picking in pickings}
    found: defaultdict[int, list[Part]] = defaultdict(list)
    for part in parts_to_do(pickings.sudo().move_ids, tolerate):
        found[part.move.picking_id.id].append(part)
    for id_, plan in result.items():
        plan.parts = found[id_]
    return result

"""Dividing manufacturing orders: the parts of an order add up to the order.

    WH/MO/00001  10 Tables, 40 Legs (30 reserved)
        |  split {order: [6, 4]}
        +-> WH/MO/00001-001   6 Tables, 24 Legs (24 reserved)     the order itself, renamed
        +-> WH/MO/00001-002   4 Tables, 16 Legs ( 6 reserved)     new, open

Components and products are split by `stock.move._split`, all at once, and what is reserved follows by identity; nothing
is reserved or freed, and nothing is procured again. What concerns orders is here: their numbers, and work orders with
what they produced and the time they took.

Whatever the number of orders and parts, a split makes one create per model and buffered updates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import move_split, move_states, remaining
from addons.inventory.services.move_split import Portion
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import progress
from addons.manufacturing.services.progress import MINUTES_STEP
from core.rounding import compare, format_number
from core.rounding import split as share_out

#: Fields that a part takes over though a duplicate of the order does not.
INHERITED = (
    "production_location_id",
    "date_deadline",
    "origin",
    "orderpoint_id",
    "production_group_id",
    "is_planned",
    "has_removed_components",
)


class Part(NamedTuple):
    """A part of an order: the quantity still to make, in the order's unit.

    Args:
        values: further values of the new order; the first part, which is there already, does not get them.
        portions: move -> what the part takes of its reserved lines, in the unit of the move, where that is not simply
            the part's demand: it consumes more or less, or particular lots were chosen.
    """

    quantity: Decimal
    values: Mapping[str, Any] = {}
    portions: Mapping[Any, Portion] = {}


Plan = dict[Any, list[Part]]


def part_values(production: Any) -> dict[str, Any]:
    """The values that a part takes over from its order: the columns that a duplicate gets, and some more."""
    whole = production.sudo()
    copied = [name for name, field in whole._fields.items() if field.column_backed and field.copy]
    values = whole._convert_to_write({name: whole[name] for name in (*copied, *INHERITED)})
    if production.reference_ids:
        values["reference_ids"] = [(6, 0, production.reference_ids.ids)]
    values["state"] = "draft" if production.state == "draft" else "confirmed"
    return values


def split(amounts: Mapping[Any, Iterable[Any]], cancel_rest: bool = False, consume: bool = False) -> Any:
    """Divide each order into parts; see `mrp.production._split_productions`.

    Args:
        amounts: order -> its parts, as `Part` or as quantities in the order's unit; the first part stays with the
            order. What they leave of the remaining quantity becomes one more part.
        cancel_rest: no order is made of what they leave; its components and products are cancelled.
        consume: the reserved components of all parts are marked as consumed.

    Returns:
        All orders, each before its new parts in the order of the amounts.

    Raises:
        ManufacturingError: an amount is not above zero, or they add up to more than remains.
    """
    plan, rests = {}, {}
    for production, listed in amounts.items():
        parts = [part if isinstance(part, Part) else Part(part) for part in listed]
        rest = _checked_rest(production, parts)
        if rest and cancel_rest:
            rests[production] = rest
        elif rest:
            parts.append(Part(rest))
        if len(parts) > 1 or production in rests:
            plan[production] = parts
    orders = next(iter(amounts)).browse([production.id for production in amounts])
    orders_of = _create_parts(plan) if plan else {}
    if plan:
        _split_moves_of_parts(plan, orders_of, rests)
        _divide_workorders(plan, orders_of, rests)
        _announce(plan, orders_of)
    result = orders.browse([part.id for order in orders for part in orders_of.get(order, order)])
    if consume:
        _consume(result)
    return result


def _checked_rest(production: Any, parts: list[Part]) -> Decimal:
    """What the parts leave of the order, zero where that is none."""
    open_quantity, step = production._remaining(), production.product_uom_id.rounding
    total = sum((part.quantity for part in parts), Decimal(0))
    if any(part.quantity <= 0 for part in parts):
        raise ManufacturingError(
            production.env._(
                "%(order)s cannot be split into parts of zero or less. Give each part a quantity above zero.",
                order=production.name,
            ),
            code="manufacturing.quantity_not_positive",
        )
    if compare(total, open_quantity, step) > 0 and len(parts) > 1:
        raise ManufacturingError(
            production.env._(
                "%(order)s: the parts add up to %(total)s, but only %(remaining)s %(unit)s of %(product)s remain to "
                "be made. Lower the parts, or raise the quantity of the order first.",
                order=production.name,
                total=format_number(total),
                remaining=format_number(open_quantity),
                unit=production.product_uom_id.name,
                product=production.product_id.display_name,
            ),
            code="manufacturing.parts_exceed_order",
        )
    return remaining.of_demand(open_quantity, total, production.product_uom_id)


# -- orders ----------------------------------------------------------------------------------------------------------


def _create_parts(plan: Plan) -> dict[Any, Any]:
    productions = next(iter(plan)).browse([production.id for production in plan])
    last = _last_numbers(productions)
    productions.mapped("workorder_ids")  # read at once: their figures follow each quantity that is written below
    bases, changes = [], []
    for production, parts in plan.items():
        family = production.production_group_id
        base = family.name
        change: dict[str, Any] = {"product_qty": production.qty_produced + parts[0].quantity}
        if not production.backorder_sequence and len(parts) > 1:
            base = production.name
            if family.name != base:
                family.name = base
            last[family.id] += 1
            change.update(name=part_name(base, last[family.id]), backorder_sequence=last[family.id])
        bases.append(base)
        changes.append(change)
    productions._settle_multi(changes)
    rows, owners = [], []
    for base, (production, parts) in zip(bases, plan.items(), strict=True):
        family = production.production_group_id
        shared = production._get_backorder_mo_vals() if len(parts) > 1 else {}
        for part in parts[1:]:
            last[family.id] += 1
            number = last[family.id]
            rows.append(
                {
                    **shared,
                    "name": part_name(base, number),
                    "backorder_sequence": number,
                    "product_qty": part.quantity,
                    "move_finished_ids": [],
                    **part.values,
                }
            )
            owners.append(production)
    created = productions._settle_create(rows)
    orders_of: dict[Any, list[int]] = {production: [production.id] for production in plan}
    for owner, part in zip(owners, created, strict=True):
        orders_of[owner].append(part.id)
    return {production: productions.browse(ids) for production, ids in orders_of.items()}


def _last_numbers(productions: Any) -> dict[int, int]:
    """The highest number in each production group; locks the groups, so that no other split numbers meanwhile."""
    groups = productions.production_group_id
    groups.lock_for_update()
    numbers = productions.env["mrp.production"]._read_group(
        [("production_group_id", "in", groups.ids)], ["production_group_id"], ["backorder_sequence:max"]
    )
    return defaultdict(int, {group.id: number or 0 for group, number in numbers})


def part_name(base: str, number: int) -> str:
    """WH/MO/00001 and 2 make WH/MO/00001-002."""
    return f"{base}-{number:03d}"


def shares(move: Any, production: Any, parts: list[Decimal]) -> list[Decimal]:
    """The demand of an open move for each part of its order; the parts are completed by what they leave."""
    rest = production._remaining() - sum(parts, Decimal(0))
    return share_out(move.product_uom_qty, [*parts, rest] if rest > 0 else parts, move.product_uom.rounding)


# -- moves -----------------------------------------------------------------------------------------------------------


def split_moves(plan: Plan, orders_of: Mapping[Any, Any] | None = None) -> Any:
    """Split the open moves of each order into those of its parts.

    Args:
        orders_of: order -> the orders to which the moves of its parts belong; by default all stay in the order.

    Returns:
        The new moves: those of the parts after the first.
    """
    divisions: dict[Any, move_split.Division] = {}
    for production, parts in plan.items():
        weights = [part.quantity for part in parts]
        owners = list(orders_of[production]) if orders_of else [production] * len(parts)
        for inverse, moves in (
            ("raw_material_production_id", production.move_raw_ids),
            ("production_id", production.move_finished_ids),
        ):
            for move in moves:
                if move.state in move_states.CLOSED:
                    continue
                demands = share_out(move.product_uom_qty, weights, move.product_uom.rounding)
                divisions[move] = move_split.Division(
                    [
                        move_split.Part(demand, {inverse: owner.id, "origin": owner.name}, part.portions.get(move))
                        for demand, part, owner in zip(demands[1:], parts[1:], owners[1:], strict=True)
                    ],
                    kept=parts[0].portions.get(move),
                    in_move_unit=True,
                )
    moves = next(iter(plan)).env["stock.move"].browse([move.id for move in divisions])
    return moves._split(divisions) if divisions else moves


def _split_moves_of_parts(plan: Plan, orders_of: Mapping[Any, Any], rests: Mapping[Any, Decimal]) -> None:
    """Give the parts their moves; what is left over stays in the order and is cancelled."""
    whole = {order: [*parts, Part(rests[order])] if order in rests else parts for order, parts in plan.items()}
    owners = {order: [*members, order] if order in rests else members for order, members in orders_of.items()}
    new = split_moves(whole, owners)
    dropped = new.filtered(lambda move: move._production() in rests)
    if dropped:
        dropped._action_cancel()


def _consume(productions: Any) -> None:
    """Mark what is reserved of the components as consumed."""
    moves = productions.move_raw_ids.filtered(lambda move: move.state in move_states.RESERVED)
    moves.write({"picked": True})


# -- work orders -----------------------------------------------------------------------------------------------------


def _divide_workorders(plan: Plan, orders_of: dict[Any, Any], rests: Mapping[Any, Decimal]) -> None:
    rows, copies_of = [], []
    shares_of: dict[Any, tuple[list[Decimal], list[Decimal]]] = {}
    for production, listed in plan.items():
        parts = [part.quantity for part in listed]
        left_over = [rests[production]] if production in rests else []
        for workorder in production.workorder_ids:
            if workorder.state == "cancel":
                continue
            produced = _fill(workorder.qty_produced, parts)
            expected = share_out(workorder.duration_expected, parts + left_over, MINUTES_STEP)[: len(parts)]
            shares_of[workorder] = (produced, expected)
            for part, quantity, made, minutes in zip(
                orders_of[production][1:], parts[1:], produced[1:], expected[1:], strict=True
            ):
                rows.append(_workorder_values(workorder, part, quantity, made, minutes))
                copies_of.append(workorder)
    if not rows:
        return
    workorders = next(iter(shares_of))
    created = workorders._settle_create(rows)
    family: dict[Any, list[Any]] = {workorder: [workorder] for workorder in shares_of}
    for workorder, copy in zip(copies_of, created, strict=True):
        family[workorder].append(copy)
    for workorder, (produced, expected) in shares_of.items():
        workorder.write({"qty_produced": produced[0], "duration_expected": expected[0]})
    _link_copies(family)
    _divide_time(family, {workorder: produced for workorder, (produced, _minutes) in shares_of.items()})
    parts = next(iter(plan)).browse([part.id for members in orders_of.values() for part in members[1:]])
    progress.link_components(parts)
    progress.ready(parts.workorder_ids)
    progress.refresh(parts)


def _fill(produced: Decimal, parts: list[Decimal]) -> list[Decimal]:
    """What an operation has produced belongs to the parts in order: the first one is filled first."""
    result = []
    for part in parts[:-1]:
        result.append(min(produced, part))
        produced -= result[-1]
    return [*result, max(produced, Decimal(0))]


def _workorder_values(workorder: Any, part: Any, quantity: Decimal, made: Decimal, minutes: Decimal) -> dict[str, Any]:
    finished = made >= quantity
    return {
        "name": workorder.name,
        "sequence": workorder.sequence,
        "production_id": part.id,
        "operation_id": workorder.operation_id.id,
        "workcenter_id": workorder.workcenter_id.id,
        "duration_expected": minutes,
        "qty_produced": made,
        "state": "done" if finished else "blocked",
        "date_finished": workorder.date_finished if finished else False,
    }


def _link_copies(family: dict[Any, list[Any]]) -> None:
    """Each copy waits for the copies, in its own order, of what its original waits for."""
    blockers = {}
    for workorder, copies in family.items():
        waited_for = [family[blocker] for blocker in workorder.blocked_by_workorder_ids if blocker in family]
        for index, copy in enumerate(copies[1:], 1):
            blockers[copy] = copy.browse([others[index].id for others in waited_for])
    progress.block(blockers)


def _divide_time(family: dict[Any, list[Any]], produced: dict[Any, list[Decimal]]) -> None:
    """Time spent on units that went to other parts goes with them, in proportion, to the last digit."""
    rows = []
    for workorder, copies in family.items():
        weights = produced[workorder]
        if not any(weights[1:]):
            continue
        for log in workorder.time_ids:
            minutes = share_out(log.duration, weights, MINUTES_STEP)
            own = {"workcenter_id": log.workcenter_id.id, "user_id": log.user_id.id}
            own |= {"date_start": log.date_start, "date_end": log.date_end}
            shares = zip(copies[1:], minutes[1:], strict=True)
            rows += [(copy, {**own, "duration": part}) for copy, part in shares if part]
            log.duration = minutes[0]
    progress.log_times(rows)


def _announce(plan: Plan, orders_of: dict[Any, Any]) -> None:
    """Call the hook on_backorder with each order and its parts, pair by pair."""
    productions = next(iter(plan))
    pairs = [(production.id, part.id) for production, members in orders_of.items() for part in members[1:]]
    if not pairs:
        return
    documents = productions.browse([document for document, _part in pairs])
    backorders = productions.browse([part for _document, part in pairs])
    productions.env.hooks.on_backorder(env=productions.env, documents=documents, backorders=backorders)

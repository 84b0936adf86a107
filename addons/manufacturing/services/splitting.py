"""Dividing manufacturing orders: the parts of an order add up to the order.

    WH/MO/00001  10 Tables, 40 Legs (30 reserved)
        |  split {order: [6, 4]}
        +-> WH/MO/00001-001   6 Tables, 24 Legs (24 reserved)     the order itself, renamed
        +-> WH/MO/00001-002   4 Tables, 16 Legs ( 6 reserved)     new, open

Demands, reserved lines (with their lots), by-products, work orders with what they produced and the time they took,
and the links to the moves before and after follow by identity, never by position. Reservations change hands, nothing
is reserved or freed; and no procurement runs: what the whole had asked for is still on its way to the parts.

Whatever the number of orders and parts, a split makes one create per model and buffered updates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from addons.inventory.services import move_states, product_lock, quants, reservation
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import progress
from addons.manufacturing.services.progress import MINUTES_STEP
from core.rounding import compare, format_number
from core.rounding import split as share_out

INHERITED = (
    "product_id",
    "product_uom_id",
    "bom_id",
    "consumption",
    "explode_subassemblies",
    "picking_type_id",
    "location_src_id",
    "location_dest_id",
    "production_location_id",
    "date_start",
    "date_deadline",
    "origin",
    "user_id",
    "company_id",
    "priority",
    "orderpoint_id",
    "production_group_id",
    "propagate_cancel",
    "is_planned",
    "has_removed_components",
    "location_final_id",
)


class Portion(NamedTuple):
    """What one part takes of a move's reserved lines: at most so many, of this lot only when one is named."""

    quantity: Decimal
    lots: tuple[tuple[int, Decimal], ...] = ()


def part_values(production: Any) -> dict[str, Any]:
    """The values that a part takes over from the order it is split from."""
    values = {}
    for name in INHERITED:
        value = production[name]
        values[name] = value.id if production._fields[name].relational else value
    if production.reference_ids:
        values["reference_ids"] = [(6, 0, production.reference_ids.ids)]
    values["state"] = "draft" if production.state == "draft" else "confirmed"
    return values


def split(
    amounts: Mapping[Any, Iterable[Decimal]],
    portions: Mapping[Any, list[Portion]] | None = None,
    values: Mapping[Any, list[dict[str, Any]]] | None = None,
) -> dict[Any, Any]:
    """Divide each order into parts.

    Args:
        amounts: order -> the quantity still to make of each part, in the order's unit; the first part stays with the
            order. What they leave of the remaining quantity becomes one more part.
        portions: move -> what each part gets of its reserved lines, for those moves where it is not simply the
            part's demand (the first part consumed more or less, or particular lots were chosen).
        values: order -> further values of its parts; those of the first one, which is there already, are not used.

    Returns:
        order -> its parts, the order itself first, then the new ones in the order of the amounts.

    Raises:
        ManufacturingError: an amount is not above zero, or they add up to more than remains.
    """
    plan = {production: _checked(production, list(parts)) for production, parts in amounts.items()}
    plan = {production: parts for production, parts in plan.items() if len(parts) > 1}
    result = {production: production for production in amounts}
    if not plan:
        return result
    orders = next(iter(plan)).browse([production.id for production in plan])
    product_lock.lock_moves(orders._moves_to_lock())
    families = _create_parts(plan, values or {})
    result.update(families)
    _divide_moves(plan, families, portions or {})
    _divide_workorders(plan, families)
    _announce(plan, families)
    return result


def _checked(production: Any, parts: list[Decimal]) -> list[Decimal]:
    remaining, step = production._remaining(), production.product_uom_id.rounding
    total = sum(parts, Decimal(0))
    if any(part <= 0 for part in parts):
        raise ManufacturingError(
            production.env._(
                "%(order)s cannot be split into parts of zero or less. Give each part a quantity above zero.",
                order=production.name,
            ),
            code="manufacturing.quantity_not_positive",
            data={"order": production.name},
        )
    if compare(total, remaining, step) > 0 and len(parts) > 1:
        raise ManufacturingError(
            production.env._(
                "%(order)s: the parts add up to %(total)s, but only %(remaining)s %(unit)s of %(product)s remain to "
                "be made. Lower the parts, or raise the quantity of the order first.",
                order=production.name,
                total=format_number(total),
                remaining=format_number(remaining),
                unit=production.product_uom_id.name,
                product=production.product_id.display_name,
            ),
            code="manufacturing.parts_exceed_order",
            data={
                "order": production.name,
                "total": format_number(total),
                "remaining": format_number(remaining),
                "unit": production.product_uom_id.name,
                "product": production.product_id.display_name,
            },
        )
    rest = remaining - total
    return [*parts, rest] if compare(rest, Decimal(0), step) > 0 else parts


# -- orders ----------------------------------------------------------------------------------------------------------


def _create_parts(plan: dict[Any, list[Decimal]], values: Mapping[Any, list[dict[str, Any]]]) -> dict[Any, Any]:
    productions = next(iter(plan)).browse([production.id for production in plan])
    last = _last_numbers(productions)
    productions.mapped("workorder_ids")  # read at once: their figures follow each quantity that is written below
    rows, owners = [], []
    for production, parts in plan.items():
        family = production.production_group_id
        base = family.name
        changes: dict[str, Any] = {"product_qty": production.qty_produced + parts[0]}
        if not production.backorder_sequence:
            base = production.name
            if family.name != base:
                family.name = base
            last[family.id] += 1
            changes.update(name=part_name(base, last[family.id]), backorder_sequence=last[family.id])
        production._settle(changes)
        shared = production._get_backorder_values()
        own = values.get(production, ())
        for index, quantity in enumerate(parts[1:], 1):
            last[family.id] += 1
            number = last[family.id]
            rows.append(
                {
                    **shared,
                    "name": part_name(base, number),
                    "backorder_sequence": number,
                    "product_qty": quantity,
                    "move_finished_ids": [],
                    **(own[index] if index < len(own) else {}),
                }
            )
            owners.append(production)
    created = productions._settle_create(rows)
    families: dict[Any, list[int]] = {production: [production.id] for production in plan}
    for owner, part in zip(owners, created, strict=True):
        families[owner].append(part.id)
    return {production: productions.browse(ids) for production, ids in families.items()}


def _last_numbers(productions: Any) -> dict[int, int]:
    """The highest number in each family, with the families locked so that no other split numbers at the same time."""
    families = productions.production_group_id
    families.lock_for_update()
    groups = productions.env["mrp.production"]._read_group(
        [("production_group_id", "in", families.ids)], ["production_group_id"], ["backorder_sequence:max"]
    )
    return defaultdict(int, {family.id: number or 0 for family, number in groups})


def part_name(base: str, number: int) -> str:
    """WH/MO/00001 and 2 make WH/MO/00001-002."""
    return f"{base}-{number:03d}"


def shares(move: Any, production: Any, parts: list[Decimal]) -> list[Decimal]:
    """The demand of an open move for each part of its order; the parts are completed by what they leave."""
    rest = production._remaining() - sum(parts, Decimal(0))
    return share_out(move.product_uom_qty, [*parts, rest] if rest > 0 else parts, move.product_uom.rounding)


def divide_within(plan: dict[Any, list[Decimal]], portions: Mapping[Any, list[Portion]] | None = None) -> Any:
    """Divide the open moves of each order into those of its parts, without dividing the order.

    Returns:
        The new moves: those of the parts after the first.
    """
    if not plan:
        return None
    families = {production: [production] * len(parts) for production, parts in plan.items()}
    return _divide_moves(plan, families, portions or {})


# -- moves and reserved lines ----------------------------------------------------------------------------------------


def _divide_moves(
    plan: dict[Any, list[Decimal]], families: dict[Any, Any], portions: Mapping[Any, list[Portion]]
) -> Any:
    demands: dict[Any, list[Decimal]] = {}
    owner: dict[Any, tuple[str, Any]] = {}
    for production, parts in plan.items():
        for inverse, moves in (
            ("raw_material_production_id", production.move_raw_ids),
            ("production_id", production.move_finished_ids),
        ):
            for move in moves:
                if move.state not in move_states.CLOSED:
                    demands[move] = share_out(move.product_uom_qty, parts, move.product_uom.rounding)
                    owner[move] = (inverse, families[production])
    originals = next(iter(plan)).env["stock.move"].browse([move.id for move in demands])
    if not originals:
        return originals
    rows = []
    for move, base in zip(originals, originals._part_values(), strict=True):
        inverse, family = owner[move]
        for part, quantity in zip(list(family)[1:], demands[move][1:], strict=True):
            rows.append({**base, inverse: part.id, "product_uom_qty": quantity, "origin": part.name})
    created = originals.sudo().create(rows)
    parts_of: dict[Any, list[Any]] = {}
    copies = iter(created)
    for move, quantities in demands.items():
        parts_of[move] = [move, *(next(copies) for _part in quantities[1:])]
    for quantity, ids in _grouped((quantities[0], move.id) for move, quantities in demands.items()):
        originals.browse(ids)._settle({"product_uom_qty": quantity})
    _divide_lines(parts_of, demands, portions)
    (originals | created)._recompute_state()
    return created


def _divide_lines(
    parts_of: dict[Any, list[Any]], demands: dict[Any, list[Decimal]], portions: Mapping[Any, list[Portion]]
) -> None:
    """Hand the reserved lines of each move to the parts: a line changes owner, shrinks, or is cut up."""
    rows: list[dict[str, Any]] = []
    changes: list[tuple[tuple[Any, ...], int]] = []
    for move, copies in parts_of.items():
        lines = [line for line in move.move_line_ids if line.state != "done"]
        if lines:
            wanted = portions.get(move) or [Portion(quantity) for quantity in demands[move]]
            for line, owners in _cut(lines, wanted, move):
                rows.extend(_other_owners(line, owners[1:], copies))
                changes.extend(_first_owner(line, *owners[0], copies))
    Line = next(iter(parts_of)).env["stock.move.line"].sudo()
    for values, ids in _grouped(changes):
        Line.browse(ids)._settle(dict(values))
    if rows:
        Line._settle_create(rows)


def _grouped(pairs: Iterable[tuple[Any, int]]) -> Iterable[tuple[Any, list[int]]]:
    """The ids of each value, so that all records that get the same are written at once."""
    groups: dict[Any, list[int]] = defaultdict(list)
    for value, id_ in pairs:
        groups[value].append(id_)
    return groups.items()


def _cut(lines: list[Any], wanted: list[Portion], move: Any) -> Iterable[tuple[Any, list[tuple[int, Decimal]]]]:
    """Give each part what it wants of the lines, in order; yields each line with (index of the part, quantity) pairs.

    All figures are in the product's unit. What is not asked for stays with the first part.
    """
    left = {line: line.quantity_product_uom for line in lines}
    takes: dict[Any, dict[int, Decimal]] = {line: {} for line in lines}
    for index, portion in enumerate(wanted):
        for lot_id, quantity in portion.lots:
            _take(left, takes, index, move._in_product_unit(quantity), move, lot_id)
    for index, portion in enumerate(wanted):
        chosen = sum((quantity for _lot, quantity in portion.lots), Decimal(0))
        _take(left, takes, index, move._in_product_unit(max(portion.quantity - chosen, Decimal(0))), move)
    for line, owners in takes.items():
        if left[line]:
            owners[0] = owners.get(0, Decimal(0)) + left[line]
        yield line, sorted(owners.items())


def _other_owners(line: Any, owners: list[tuple[int, Decimal]], copies: list[Any]) -> list[dict[str, Any]]:
    """The values of new lines, of the same stock, for all parts but the first that has a share of the line."""
    if not owners:
        return []
    key, target = quants.source_key(line), line.location_dest_id.id
    return [
        {**reservation.line_values(copies[index], quantity, key), "location_dest_id": target, "picked": False}
        for index, quantity in owners
    ]


def _first_owner(line: Any, index: int, quantity: Decimal, copies: list[Any]) -> list[tuple[tuple[Any, ...], int]]:
    """What changes on the line itself, as (values, id): it shrinks, or goes over to another part; or nothing does."""
    values: list[tuple[str, Any]] = []
    if quantity != line.quantity_product_uom:
        own, unit = line.product_id.uom_id, line.product_uom_id
        stated = quantity if unit == own else own._convert_exactly(quantity, unit)
        if stated is None:
            values.append(("product_uom_id", own.id))
            stated = quantity
        values += [("quantity", stated), ("quantity_product_uom", quantity)]
    if index:
        values += [("move_id", copies[index].id), ("picked", False)]
    return [(tuple(values), line.id)] if values else []


def _take(
    left: dict[Any, Decimal],
    takes: dict[Any, dict[int, Decimal]],
    index: int,
    quantity: Decimal,
    move: Any,
    lot_id: int | None = None,
) -> None:
    for line, available in left.items():
        if quantity <= 0:
            return
        if available <= 0 or (lot_id is not None and line.lot_id.id != lot_id):
            continue
        part = min(available, quantity)
        left[line] -= part
        quantity -= part
        takes[line][index] = takes[line].get(index, Decimal(0)) + part
    if lot_id is not None and quantity > 0:
        held = sorted({line.lot_id.name for line in left if line.lot_id})
        raise ManufacturingError(
            move.env._(
                "Lot/serial number %(lot)s of %(product)s is not reserved for %(order)s, or not in this quantity. "
                "Reserve it there, or use one of: %(held)s.",
                lot=move.env["stock.lot"].browse(lot_id).name,
                product=move.product_id.display_name,
                order=move.raw_material_production_id.name,
                held=", ".join(held) or "-",
            ),
            code="manufacturing.lot_not_reserved",
            data={
                "lot": move.env["stock.lot"].browse(lot_id).name,
                "product": move.product_id.display_name,
                "order": move.raw_material_production_id.name,
            },
        )


# -- work orders -----------------------------------------------------------------------------------------------------


def _divide_workorders(plan: dict[Any, list[Decimal]], families: dict[Any, Any]) -> None:
    rows, copies_of = [], []
    shares_of: dict[Any, tuple[list[Decimal], list[Decimal]]] = {}
    for production, parts in plan.items():
        for workorder in production.workorder_ids:
            if workorder.state == "cancel":
                continue
            produced = _fill(workorder.qty_produced, parts)
            expected = share_out(workorder.duration_expected, parts, MINUTES_STEP)
            shares_of[workorder] = (produced, expected)
            for part, quantity, made, minutes in zip(
                families[production][1:], parts[1:], produced[1:], expected[1:], strict=True
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
    parts = next(iter(plan)).browse([part.id for members in families.values() for part in members[1:]])
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
    by_operation = {
        (copy.production_id.id, copy.operation_id.id): copy for copies in family.values() for copy in copies[1:]
    }
    moves = next(iter(family)).browse([copy.id for copies in family.values() for copy in copies[1:]]).production_id
    for move in moves.move_raw_ids:
        copy = by_operation.get((move.raw_material_production_id.id, move.operation_id.id))
        if copy and move.operation_id:
            move.workorder_id = copy


def _divide_time(family: dict[Any, list[Any]], produced: dict[Any, list[Decimal]]) -> None:
    """Time spent on units that went to other parts goes with them, in proportion, to the last digit."""
    rows = []
    for workorder, copies in family.items():
        weights = produced[workorder]
        if not any(weights[1:]):
            continue
        for log in workorder.time_ids:
            minutes = share_out(log.duration, weights, MINUTES_STEP)
            for copy, part in zip(copies[1:], minutes[1:], strict=True):
                if part:
                    rows.append(
                        {
                            "workorder_id": copy.id,
                            "workcenter_id": log.workcenter_id.id,
                            "company_id": log.company_id.id,
                            "user_id": log.user_id.id,
                            "date_start": log.date_start,
                            "date_end": log.date_end,
                            "duration": part,
                        }
                    )
            log.duration = minutes[0]
    if rows:
        next(iter(family)).env["mrp.workcenter.productivity"].create(rows)


def _announce(plan: dict[Any, list[Decimal]], families: dict[Any, Any]) -> None:
    """Tell the hook on_backorder, pair by pair."""
    productions = next(iter(plan))
    pairs = [(production.id, part.id) for production, members in families.items() for part in members[1:]]
    documents = productions.browse([document for document, _part in pairs])
    backorders = productions.browse([part for _document, part in pairs])
    productions.env.hooks.on_backorder(env=productions.env, documents=documents, backorders=backorders)

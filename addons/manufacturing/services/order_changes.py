"""Changing orders: how many they make, by which bill, from where to where, and when.

A draft is planned anew (`replan`); a confirmed order follows in its moves (`before_write`, `after_write`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from addons.inventory.services import document_messages, move_states, procurement, product_lock
from addons.inventory.services.moves import demand_changed
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import component_transfers, confirmation, planning, production_states, progress
from core.rounding import format_number

#: A draft whose field of these changes is planned anew.
SHAPES = frozenset(
    {
        "product_id",
        "product_qty",
        "product_uom_id",
        "bom_id",
        "picking_type_id",
        "location_src_id",
        "location_dest_id",
        "explode_subassemblies",
    }
)
#: Of these, those that adapt the moves there are.
KEEPS_LINES = frozenset({"product_qty", "location_src_id", "location_dest_id", "picking_type_id"})
#: What moves and reservations follow: written while the order and its products are locked.
LOCKING = SHAPES | {"qty_producing"}
#: What a confirmed order follows.
FOLLOWED = frozenset({"product_qty", "bom_id", "location_src_id", "location_dest_id"})


def shape_changes(productions: Any, vals: Mapping[str, Any]) -> dict[str, Any]:
    """Field -> those of the orders (none of them a draft) that `vals` would really plan differently."""
    result = {}
    for name in SHAPES & vals.keys():
        field = productions._fields[name]
        value = vals[name] if field.relational else field.convert_to_cache(vals[name], productions)
        differing = productions.filtered(
            lambda production, name=name, field=field, value=value: (
                (production[name].id if field.relational else production[name]) != value
            )
        )
        if differing:
            result[name] = differing
    return result


def before_write(changed: Mapping[str, Any], vals: Mapping[str, Any]) -> None:
    """Refuse changes that a confirmed order cannot follow, and let components and products follow a new quantity.

    Raises:
        ManufacturingError: the product, unit, depth or operation type of an order that is no draft, anything of a
            closed one, or a quantity below what has been produced.
    """
    for name, productions in changed.items():
        kept = productions.filtered(lambda production: production.state in production_states.CLOSED)
        if name not in FOLLOWED:
            kept = productions
        if kept:
            labels = dict(kept.STATES)
            raise ManufacturingError(
                kept.env._(
                    "%(field)s of %(orders)s can no longer be changed. Create another order instead.",
                    field=kept._fields[name].string,
                    orders=", ".join(f"{production.name} ({labels[production.state]})" for production in kept),
                ),
                code="manufacturing.field_closed",
                data={"field": name, "orders": kept.mapped("name")},
            )
    if "product_qty" in changed:
        quantity = changed["product_qty"]._fields["product_qty"].convert_to_cache(vals["product_qty"], None)
        change_quantity(changed["product_qty"], quantity)


def lock(productions: Any) -> None:
    """Lock the products of the orders, then the orders; what was read of them before is read again."""
    product_lock.lock_moves(productions._moves_to_lock())
    productions.lock_for_update()


def after_write(changed: Mapping[str, Any]) -> None:
    """Plan orders anew whose bill has changed, and let open moves start and end where their orders now do."""
    if "bom_id" in changed:
        update_from_bom(changed["bom_id"])
    for name in ("location_src_id", "location_dest_id"):
        if name in changed:
            move_elsewhere(changed[name])


def change_quantity(productions: Any, quantity: Decimal) -> None:
    """Make `quantity` in all, by each of these orders, instead of what was planned.

    Components follow the bill (those added by hand grow in proportion); what is reserved beyond the new demand is
    given back, what is missing is reserved; components made or fetched to order are asked for by the difference only.

    Raises:
        ManufacturingError: the quantity is not above zero, or below what has been produced.
    """
    lock(productions)
    drafts = productions.filtered(lambda production: production.state == "draft")
    drafts.write({"product_qty": quantity})
    productions -= drafts
    if not productions:
        return
    productions._check_transition("action_change_quantity")
    for production in productions:
        _check_quantity(production, quantity)
    moves = move_states.unfinished(productions.move_raw_ids | productions.move_finished_ids)
    before = {move: move.product_uom_qty for move in moves}
    old_rest = {production: production._remaining() for production in productions}
    productions._settle({"product_qty": quantity})
    _rescale(productions, before, old_rest)
    with document_messages.announced(productions.env):
        _order_difference(before)
    progress.refresh(productions)


def _check_quantity(production: Any, quantity: Decimal) -> None:
    made = production.qty_produced
    if quantity <= 0 or quantity < made:
        raise ManufacturingError(
            production.env._(
                "%(order)s cannot make %(quantity)s %(unit)s: %(made)s are produced already. Enter a larger quantity, "
                "or cancel the order.",
                order=production.name,
                quantity=format_number(quantity),
                unit=production.product_uom_id.name,
                made=format_number(made),
            ),
            code="manufacturing.quantity_below_produced",
        )


def _rescale(productions: Any, before: dict[Any, Decimal], old_rest: dict[Any, Decimal]) -> None:
    """New demands in proportion to what remains, by identity of the moves; nothing is lost to rounding."""
    wanted = _wanted(productions.filtered(lambda production: not production.qty_produced))
    changed = {}
    for move, demand in before.items():
        production = move._production()
        rest, old = production._remaining(), old_rest[production]
        fitting = wanted[production, move.bom_line_id] if not move.manual_consumption else None
        if fitting:
            new = fitting.pop(0)
        elif move.product_id == production.product_id and move.production_id:
            new = rest
        else:
            new = _round(move, demand * rest / old) if old else demand
        if new != demand:
            changed[move.id] = {"product_uom_qty": new}
    moves = productions.env["stock.move"].browse(changed)
    moves._settle_multi(list(changed.values()))
    demand_changed(moves)
    rescale_work(productions)


def _round(move: Any, quantity: Decimal) -> Decimal:
    return move.product_uom._compute_quantity(quantity, move.product_uom, rounding_method="UP")


def _order_difference(before: dict[Any, Decimal]) -> None:
    """Ask for what components that are made or fetched to order demand more than before."""
    needs = []
    for move, demand in before.items():
        more = move.product_uom_qty - demand
        if more > 0 and move.raw_material_production_id and move.procure_method == "make_to_order":
            needs.append(procurement.for_move(move)._replace(product_qty=more))
    if needs:
        next(iter(before)).env["stock.rule"].run(needs)


# -- drafts, dates and bills ----------------------------------------------------------------------------------------


def reschedule(productions: Any) -> None:
    """Date the open components for the start of their orders, and what is made for their end."""
    moves = move_states.unfinished(productions.move_raw_ids | productions.move_finished_ids)
    dated = moves.filtered(lambda move: move.date != _date_by_order(move))
    for date, members in dated.grouped(_date_by_order).items():
        members.write({"date": date})


def _date_by_order(move: Any) -> Any:
    order = move.raw_material_production_id
    return order.date_start if order else move.production_id.date_finished or move.production_id.date_start


def replan(productions: Any, vals: dict[str, Any]) -> None:
    """Bring the plan of drafts in line with changed values.

    A new quantity or place adapts the moves there are, and keeps what was added by hand; another product, bill, unit
    or depth of explosion starts over. Moves given together with the change are taken as they are.
    """
    if "move_finished_ids" in vals:
        return
    if not KEEPS_LINES.issuperset(SHAPES & vals.keys()):
        moves = productions.move_finished_ids
        if "move_raw_ids" not in vals:
            moves |= productions.move_raw_ids
        moves.unlink()
        productions.workorder_ids.unlink()
        planning.plan(productions)
        productions.write({"is_outdated_bom": False, "has_removed_components": False})
        return
    move_elsewhere(productions)
    if "product_qty" in vals:
        rescale(productions, keep_raw="move_raw_ids" in vals)


def move_elsewhere(productions: Any) -> None:
    """Let the open moves of these orders start and end where the orders now do; what moves elsewhere is unreserved."""
    for production in productions:
        moves = move_states.unfinished(production.move_raw_ids | production.move_finished_ids)
        for move in moves & production.move_raw_ids:
            if move.location_id != production.location_src_id:
                move.location_id = production.location_src_id
        for move in moves & production.move_finished_ids:
            if move.location_dest_id != production.location_dest_id:
                move.location_dest_id = production.location_dest_id
        moves.filtered(lambda move, kind=production.picking_type_id: move.picking_type_id != kind).write(
            {"picking_type_id": production.picking_type_id.id, "warehouse_id": production.warehouse_id.id}
        )


def rescale(productions: Any, keep_raw: bool = False) -> None:
    """Set the demands of open moves and the expected durations to what the orders' quantity asks for, by identity."""
    wanted = _wanted(productions.browse() if keep_raw else productions)
    for production in productions:
        for move in move_states.unfinished(production.move_raw_ids):
            quantities = wanted[production, move.bom_line_id]
            if quantities:
                move.product_uom_qty = quantities.pop(0)
        shares = {row["byproduct_id"]: row["product_uom_qty"] for row in planning.byproduct_rows(production)}
        for move in move_states.unfinished(production.move_finished_ids):
            if move.product_id == production.product_id:
                move.product_uom_qty = production._remaining()
            elif move.byproduct_id.id in shares:
                move.product_uom_qty = shares[move.byproduct_id.id]
    rescale_work(productions)


def _wanted(productions: Any) -> defaultdict[tuple[Any, Any], list[Decimal]]:
    """(order, line of its bill) -> the quantities that the line asks for, move by move."""
    wanted: defaultdict[tuple[Any, Any], list[Decimal]] = defaultdict(list)
    for production, explosion in planning.explode(productions).items():
        for line, quantity in planning.components(production, explosion):
            wanted[production, line].append(quantity)
    return wanted


def rescale_work(productions: Any) -> None:
    """Expect of the open work orders what their operations take for the orders' quantity."""
    for production in productions:
        for workorder in production.workorder_ids:
            if workorder.operation_id and workorder.state in progress.ACTIVE:
                workorder.duration_expected = workorder.operation_id._expected_minutes(
                    planning.in_unit_of_bom(production)
                )


def update_from_bom(productions: Any) -> None:
    """Plan orders on which nothing has happened yet anew from their bill; confirmed ones reserve again."""
    lock(productions)
    confirmed = productions.filtered(lambda production: production.state != "draft")
    touched = confirmed.filtered(
        lambda production: production.state != "confirmed" or production.qty_produced or production.qty_producing
    )
    if touched:
        raise ManufacturingError(
            productions.env._(
                "%(orders)s is under way and keeps its components. Finish it, or cancel it and create a new order.",
                orders=touched.mapped("name"),
            ),
            code="manufacturing.order_started",
        )
    moves = productions.move_raw_ids | productions.move_finished_ids
    # The open moves that wait for what the orders make.
    targets = {order: move_states.unfinished(order._product_moves().move_dest_ids) for order in confirmed}
    for production, waiting in targets.items():
        if waiting:
            production._product_moves()._settle({"move_dest_ids": [(5,)]})
    (moves | component_transfers.fetched(moves))._action_cancel()
    moves.unlink()
    productions.workorder_ids.unlink()
    planning.plan(productions)
    for production, waiting in targets.items():
        if waiting:
            production._product_moves().write({"move_dest_ids": [(6, 0, waiting.ids)]})
    productions.write({"is_outdated_bom": False, "has_removed_components": False})
    if confirmed:
        confirmation.launch(confirmed)

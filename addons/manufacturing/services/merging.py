"""Joining orders: several orders for the same product become one new order that takes over all they had."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.inventory.services import move_merge, move_states
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import progress

ALIKE = (
    "product_id",
    "bom_id",
    "product_uom_id",
    "picking_type_id",
    "company_id",
    "state",
    "location_src_id",
    "location_dest_id",
)


def merge(productions: Any) -> Any:
    """Join orders into a new one of the sum of their quantities.

    Components, reservations, finished moves and their links to other documents go over; equal moves become one. The
    old orders are cancelled and keep their numbers.

    Returns:
        The new order.

    Raises:
        ManufacturingError: fewer than two orders, or orders that differ in product, bill, unit, place or state.
    """
    productions.lock_for_update()
    productions._check_transition("action_merge")
    _check(productions)
    first = productions[:1]
    merged = productions.create(_merged_values(productions))
    raw = move_states.unfinished(productions.move_raw_ids)
    finished = move_states.unfinished(productions.move_finished_ids)
    raw._settle({"raw_material_production_id": merged.id, "origin": merged.name, "workorder_id": False})
    finished._settle({"production_id": merged.id, "origin": merged.name})
    _join_equal(
        raw, ("product_id", "product_uom", "bom_line_id", "operation_id", "location_id", "procure_method", "state")
    )
    _join_equal(finished, ("product_id", "product_uom", "byproduct_id", "location_dest_id"))
    _join_workorders(productions, merged)
    productions._settle({"state": "cancel", "qty_producing": Decimal(0)})
    first._notify("on_cancel")
    progress.ready(merged.workorder_ids)
    return merged


def _check(productions: Any) -> None:
    if len(productions) < 2:
        raise ManufacturingError(
            productions.env._(
                "Choose at least two manufacturing orders to merge; %(n)s is chosen.", n=len(productions)
            ),
            code="manufacturing.merge_of_one",
        )
    for name in ALIKE:
        if len({production[name] for production in productions}) > 1:
            raise ManufacturingError(
                productions.env._(
                    "%(orders)s differ in %(field)s and cannot be merged. Choose orders that agree in it.",
                    orders=productions.mapped("name"),
                    field=productions._fields[name].string,
                ),
                code="manufacturing.merge_of_different",
                data={"field": name, "orders": productions.mapped("name")},
            )
    started = productions.filtered(lambda production: production.qty_produced or production.lot_producing_ids)
    if started:
        raise ManufacturingError(
            productions.env._(
                "%(orders)s has produced something or has its lot number already, and stays an order of its own.",
                orders=started.mapped("name"),
            ),
            code="manufacturing.order_started",
        )


def _merged_values(productions: Any) -> dict[str, Any]:
    deadlines = [production.date_deadline for production in productions if production.date_deadline]
    origins = dict.fromkeys(
        part for production in productions for part in (production.origin or production.name).split(", ")
    )
    return {
        **productions._convert_to_write({name: productions[:1][name] for name in ALIKE}),
        "product_qty": sum(productions.mapped("product_qty"), Decimal(0)),
        "date_start": min(productions.mapped("date_start")),
        "date_deadline": min(deadlines, default=False),
        "origin": ", ".join(origins),
        "user_id": productions[:1].user_id.id,
        "priority": max(productions.mapped("priority")),
        **_strictest_tolerance(productions),
        "move_finished_ids": [],
    }


def _strictest_tolerance(productions: Any) -> dict[str, Any]:
    """Where an order sets an underdelivery tolerance, the least that holds for any of them."""
    if not any(productions.mapped("use_underdelivery_tolerance")):
        return {}
    percents = productions._get_underdelivery_tolerance()
    least = min(percents.get(production.id, Decimal(0)) for production in productions)  # without an entry it is 0
    return {"use_underdelivery_tolerance": True, "underdelivery_tolerance": least}


def _join_equal(moves: Any, names: tuple[str, ...]) -> None:
    """Merge equal moves; what is reserved stays reserved."""
    groups = move_merge.alike(moves, names)
    if groups:
        move_merge.join(groups)
    moves.exists()._recompute_state()


def _join_workorders(productions: Any, merged: Any) -> None:
    open_work = productions.workorder_ids.filtered(lambda workorder: workorder.state in progress.ACTIVE)
    alike = open_work.grouped(lambda work: (work.operation_id, work.workcenter_id, work.name))
    for members in alike.values():
        first, rest = members[0], members[1:]
        minutes = sum(members.mapped("duration_expected"), Decimal(0))
        first.write({"production_id": merged.id, "duration_expected": minutes})
        rest.time_ids.write({"workorder_id": first.id})
        rest.unlink()

"""Changing how many an order makes after it has been confirmed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.inventory.services.procurement import Procurement
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import planning, progress
from core.rounding import format_number

SETTLED = ("done", "cancel")


def change_quantity(production: Any, quantity: Decimal) -> None:
    """Make `quantity` in all instead of what was planned.

    Components follow the bill (those added by hand grow in proportion); what is reserved beyond the new demand is
    given back, what is missing is reserved; components made or fetched to order are asked for by the difference only.

    Raises:
        ManufacturingError: the quantity is not above zero, or below what has been produced.
    """
    made = production.qty_produced
    if quantity <= 0 or quantity < made:
        raise ManufacturingError(
            production.env._(
                "%(order)s cannot make %(qty)s %(unit)s: %(made)s are produced already. Enter a larger quantity, "
                "or cancel the order.",
                order=production.name,
                qty=format_number(quantity),
                unit=production.product_uom_id.name,
                made=format_number(made),
            )
        )
    if production.state == "draft":
        production.product_qty = quantity
        return
    before = {
        move: move.product_uom_qty
        for move in production.move_raw_ids | production.move_finished_ids
        if move.state not in SETTLED
    }
    old_rest = production._remaining()
    production.product_qty = quantity
    _rescale(production, before, old_rest)
    _order_difference(production, before)
    progress.refresh(production)


def _rescale(production: Any, before: dict[Any, Decimal], old_rest: Decimal) -> None:
    """New demands in proportion to what remains, by identity of the moves; nothing is lost to rounding."""
    rest = production._remaining()
    planned = planning.explode(production) if not production.qty_produced else {}
    wanted: dict[Any, list[Decimal]] = {}
    for leaf in planned[production].leaves if planned else ():
        wanted.setdefault(leaf.line, []).append(leaf.quantity)
    for move, demand in before.items():
        fitting = wanted.get(move.bom_line_id) if move.bom_line_id and not move.manual_consumption else None
        if fitting:
            new = fitting.pop(0)
        elif move.product_id == production.product_id and move.production_id:
            new = rest
        else:
            new = _round(move, demand * rest / old_rest) if old_rest else demand
        if new != demand:
            move.write({"product_uom_qty": new, "manual_consumption": move.manual_consumption})
    for workorder in production.workorder_ids:
        if workorder.operation_id and workorder.state in progress.ACTIVE:
            workorder.duration_expected = workorder.operation_id._expected_minutes(planning.in_unit_of_bom(production))


def _round(move: Any, quantity: Decimal) -> Decimal:
    return move.product_uom._compute_quantity(quantity, move.product_uom, rounding_method="UP")


def _order_difference(production: Any, before: dict[Any, Decimal]) -> None:
    needs = []
    for move in production.move_raw_ids:
        more = move.product_uom_qty - before.get(move, move.product_uom_qty)
        if more > 0 and move.procure_method == "make_to_order":
            needs.append(
                Procurement(
                    move.product_id,
                    more,
                    move.product_uom,
                    move.location_id,
                    move.product_id.display_name,
                    production.name,
                    production.company_id,
                    {
                        "date_planned": move.date,
                        "date_deadline": move.date_deadline,
                        "warehouse_id": production.warehouse_id,
                        "priority": move.priority,
                        "move_dest_ids": move,
                        "reference_ids": move.reference_ids,
                    },
                )
            )
    if needs:
        production.env["stock.rule"].run(needs)

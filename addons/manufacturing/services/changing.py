"""Changing an order after it has been confirmed: how many it makes, by which bill, from where to where."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from addons.inventory.services.procurement import Procurement
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import planning, progress
from core.rounding import format_number

SETTLED = ("done", "cancel")
FOLLOWED = frozenset({"product_qty", "bom_id", "location_src_id", "location_dest_id"})


def shape_changes(productions: Any, vals: Mapping[str, Any]) -> dict[str, Any]:
    """Field -> those of the orders (none of them a draft) that `vals` would really plan differently."""
    result = {}
    for name in planning.SHAPES & vals.keys():
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
        kept = productions.filtered(lambda production: production.state in SETTLED)
        if name not in FOLLOWED:
            kept = productions
        if kept:
            labels = dict(kept.STATES)
            raise ManufacturingError(
                kept.env._(
                    "%(field)s of %(orders)s cannot change any more. Create another order instead.",
                    field=kept._fields[name].string,
                    orders=", ".join(f"{production.name} ({labels[production.state]})" for production in kept),
                )
            )
    if "product_qty" in changed:
        quantity = changed["product_qty"]._fields["product_qty"].convert_to_cache(vals["product_qty"], None)
        for production in changed["product_qty"]:
            change_quantity(production, quantity)


def after_write(changed: Mapping[str, Any]) -> None:
    """Plan orders anew whose bill has changed, and let open moves start and end where their orders now do."""
    if "bom_id" in changed:
        planning.update_from_bom(changed["bom_id"])
    for name in ("location_src_id", "location_dest_id"):
        if name in changed:
            planning.move_elsewhere(changed[name])


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
    production._check_transition("action_change_quantity")
    before = {
        move: move.product_uom_qty
        for move in production.move_raw_ids | production.move_finished_ids
        if move.state not in SETTLED
    }
    old_rest = production._remaining()
    production._rearrange({"product_qty": quantity})
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

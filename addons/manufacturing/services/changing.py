"""Changing an order after it has been confirmed: how many it makes, by which bill, from where to where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from addons.inventory.services import document_messages, move_states
from addons.inventory.services.moves import demand_changed
from addons.inventory.services.procurement import Procurement
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import planning, progress
from core.rounding import format_number

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
        kept = productions.filtered(lambda production: production.state in ("done", "cancel"))
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
                data={
                    "field": name,
                    "orders": kept.mapped("name"),
                },
            )
    if "product_qty" in changed:
        quantity = changed["product_qty"]._fields["product_qty"].convert_to_cache(vals["product_qty"], None)
        change_quantity(changed["product_qty"], quantity)


def after_write(changed: Mapping[str, Any]) -> None:
    """Plan orders anew whose bill has changed, and let open moves start and end where their orders now do."""
    if "bom_id" in changed:
        planning.update_from_bom(changed["bom_id"])
    for name in ("location_src_id", "location_dest_id"):
        if name in changed:
            planning.move_elsewhere(changed[name])


def change_quantity(productions: Any, quantity: Decimal) -> None:
    """Make `quantity` in all, by each of these orders, instead of what was planned.

    Components follow the bill (those added by hand grow in proportion); what is reserved beyond the new demand is
    given back, what is missing is reserved; components made or fetched to order are asked for by the difference only.

    Raises:
        ManufacturingError: the quantity is not above zero, or below what has been produced.
    """
    drafts = productions.filtered(lambda production: production.state == "draft")
    drafts.write({"product_qty": quantity})
    productions -= drafts
    if not productions:
        return
    productions._check_transition("action_change_quantity")
    for production in productions:
        _check_quantity(production, quantity)
    moves = (productions.move_raw_ids | productions.move_finished_ids).filtered(
        lambda move: move.state not in move_states.CLOSED
    )
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
                "%(order)s cannot make %(qty)s %(unit)s: %(made)s are produced already. Enter a larger quantity, "
                "or cancel the order.",
                order=production.name,
                qty=format_number(quantity),
                unit=production.product_uom_id.name,
                made=format_number(made),
            ),
            code="manufacturing.quantity_below_produced",
            data={
                "order": production.name,
                "quantity": format_number(quantity),
                "made": format_number(made),
            },
        )


def _rescale(productions: Any, before: dict[Any, Decimal], old_rest: dict[Any, Decimal]) -> None:
    """New demands in proportion to what remains, by identity of the moves; nothing is lost to rounding."""
    planned = planning.explode(productions.filtered(lambda production: not production.qty_produced))
    wanted: dict[Any, list[Decimal]] = defaultdict(list)
    for production, explosion in planned.items():
        for line, quantity in planning.components(production, explosion):
            wanted[production, line].append(quantity)
    changed = defaultdict(list)
    for move, demand in before.items():
        production = move._production()
        rest, old = production._remaining(), old_rest[production]
        fitting = wanted.get((production, move.bom_line_id)) if not move.manual_consumption else None
        if fitting:
            new = fitting.pop(0)
        elif move.product_id == production.product_id and move.production_id:
            new = rest
        else:
            new = _round(move, demand * rest / old) if old else demand
        if new != demand:
            changed[new].append(move.id)
    moves = productions.env["stock.move"]
    for quantity, ids in changed.items():
        moves.browse(ids)._settle({"product_uom_qty": quantity})
    demand_changed(moves.browse([id_ for ids in changed.values() for id_ in ids]))
    planning.rescale_work(productions)


def _round(move: Any, quantity: Decimal) -> Decimal:
    return move.product_uom._compute_quantity(quantity, move.product_uom, rounding_method="UP")


def _order_difference(before: dict[Any, Decimal]) -> None:
    needs = []
    for move, demand in before.items():
        more = move.product_uom_qty - demand
        production = move.raw_material_production_id
        if more > 0 and production and move.procure_method == "make_to_order":
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
        next(iter(before)).env["stock.rule"].run(needs)

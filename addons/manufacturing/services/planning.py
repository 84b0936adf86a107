"""From an order to what it moves and works: components, finished products, by-products, work orders.

plan   _get_moves_finished_values + _get_moves_raw_values ─> one create of all moves ─> work orders
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.manufacturing.services import applying, progress
from addons.manufacturing.services.explosion import Request, refuse_empty


def raw_values(production: Any, product: Any, quantity: Decimal, unit: Any) -> dict[str, Any]:
    """The values of the move by which a component is consumed."""
    return {
        "raw_material_production_id": production.id,
        "location_id": production.location_src_id.id,
        "location_dest_id": production.production_location_id.id,
        **_shared_values(production, product, quantity, unit),
    }


def finished_values(production: Any, product: Any, quantity: Decimal, unit: Any) -> dict[str, Any]:
    """The values of the move by which a product or by-product comes in."""
    return {
        "production_id": production.id,
        "location_id": production.production_location_id.id,
        "location_dest_id": production.location_dest_id.id,
        **_shared_values(production, product, quantity, unit),
        "date": production.date_finished or production.date_start,
        "location_final_id": production.location_final_id.id,
        "propagate_cancel": production.propagate_cancel,
    }


def _shared_values(production: Any, product: Any, quantity: Decimal, unit: Any) -> dict[str, Any]:
    return {
        "product_id": product.id,
        "product_uom_qty": quantity,
        "product_uom": unit.id,
        "date": production.date_start,
        "date_deadline": production.date_deadline,
        "origin": production.name,
        "picking_type_id": production.picking_type_id.id,
        "warehouse_id": production.warehouse_id.id,
        "company_id": production.company_id.id,
        "priority": production.priority,
    }


def completed(env: Any, vals: dict[str, Any]) -> dict[str, Any]:
    """Values of a move that is added to an order by hand, with places and operation type from the order."""
    order_id = vals.get("raw_material_production_id") or vals.get("production_id")
    if not order_id or ("location_id" in vals and "location_dest_id" in vals and "picking_type_id" in vals):
        return vals
    production = env["mrp.production"].browse(order_id)
    product = env["product.product"].browse(vals.get("product_id") or ())
    unit = env["uom.uom"].browse(vals.get("product_uom") or product.uom_id.ids)
    method = (
        production._get_move_raw_values
        if vals.get("raw_material_production_id")
        else production._get_move_finished_values
    )
    given = {name: value for name, value in vals.items() if value not in (False, None)}
    return {**method(product, vals.get("product_uom_qty") or Decimal(1), unit), **given}


def plan(productions: Any) -> None:
    """Create components, finished products, by-products and work orders of drafts, three creates for all of them.

    A move for a component that the user has listed by hand already (in the values of `create`) is kept; the bill
    then adds nothing.
    """
    if not productions:
        return
    listed = {move.raw_material_production_id.id for move in productions.move_raw_ids}
    unlisted = productions.filtered(lambda production: production.id not in listed)
    rows = productions._get_moves_finished_values() + unlisted._get_moves_raw_values()
    productions.env["stock.move"].create(rows)
    plan_operations(productions)


def explode(productions: Any) -> dict[Any, Any]:
    """What the bills of these orders ask for: order -> Explosion; orders without a bill are left out."""
    planned = productions.filtered("bom_id")
    groups = planned.grouped(lambda production: (production.picking_type_id, production.explode_subassemblies))
    result = {}
    for (picking_type, multi_level), members in groups.items():
        requests = [
            Request(production.bom_id, production.product_id, in_unit_of_bom(production)) for production in members
        ]
        exploded = productions.env["mrp.bom"]._explode(requests, picking_type, multi_level)
        result.update(zip(members, exploded, strict=True))
    return result


def in_unit_of_bom(production: Any) -> Decimal:
    """The order's quantity in the unit of its bill, unrounded."""
    unit = production.bom_id.product_uom_id
    if unit == production.product_uom_id:
        return production.product_qty
    return production.product_uom_id._compute_quantity(production.product_qty, unit, round=False)


def moves_finished_values(productions: Any) -> list[dict[str, Any]]:
    """The values of the moves of products and by-products, order by order."""
    rows = []
    for production in productions:
        product, quantity, unit = production.product_id, production.product_qty, production.product_uom_id
        rows.append(production._get_move_finished_values(product, quantity, unit))
        rows.extend(byproduct_rows(production))
    return rows


def moves_raw_values(productions: Any) -> list[dict[str, Any]]:
    """The values of the moves of components, as the bills say.

    Where an order's own bill says nothing, its draft waits for components added by hand.
    """
    rows = []
    for production, explosion in explode(productions).items():
        refuse_empty((bom, product) for bom, product in explosion.empty if bom != production.bom_id)
        for line, quantity in components(production, explosion):
            if line.product_id.type != "consu":
                continue
            rows.append(
                production._get_move_raw_values(
                    line.product_id,
                    quantity,
                    line.product_uom_id,
                    bom_line_id=line.id,
                    operation_id=line.operation_id.id,
                    sequence=line.sequence,
                )
            )
    return rows


def components(production: Any, explosion: Any) -> list[tuple[Any, Decimal]]:
    """Bill lines with the quantities to consume, in the units of the lines.

    Where sub-assemblies are exploded, what several bills ask for of one component, for the same operation, is one
    quantity, at the first of their lines.
    """
    if not production.explode_subassemblies:
        return [(leaf.line, leaf.quantity) for leaf in explosion.leaves]
    merged: dict[Any, tuple[Any, Decimal]] = {}
    for leaf in explosion.leaves:
        line = leaf.line
        operation = line.operation_id if line.bom_id == production.bom_id else line.operation_id.browse()
        key = (line.product_id, line.product_uom_id, operation)
        first, quantity = merged.get(key, (line, Decimal(0)))
        merged[key] = (first, quantity + leaf.quantity)
    return list(merged.values())


def byproduct_rows(production: Any) -> list[dict[str, Any]]:
    """The values of the moves of an order's by-products, for the quantity of the order."""
    bom = production.bom_id
    byproducts = applying.on_variant(bom.byproduct_ids, production.product_id)
    if not byproducts:
        return []
    batches = in_unit_of_bom(production) / bom.product_qty
    return [
        production._get_move_finished_values(
            byproduct.product_id,
            byproduct.product_uom_id._compute_quantity(
                batches * byproduct.product_qty, byproduct.product_uom_id, rounding_method="HALF-UP"
            ),
            byproduct.product_uom_id,
            byproduct_id=byproduct.id,
            operation_id=byproduct.operation_id.id,
            cost_share=byproduct.cost_share,
        )
        for byproduct in byproducts
    ]


def plan_operations(productions: Any) -> None:
    """Create the work orders of the bills' operations; each waits for those the bill names, or for the one before."""
    rows, operations = [], []
    for production in productions:
        for operation in applying.on_variant(production.bom_id.operation_ids, production.product_id):
            operations.append(operation)
            rows.append(
                {
                    "name": operation.name,
                    "sequence": operation.sequence,
                    "production_id": production.id,
                    "operation_id": operation.id,
                    "workcenter_id": operation.workcenter_id.id,
                    "duration_expected": operation._expected_minutes(in_unit_of_bom(production)),
                }
            )
    if not rows:
        return
    workorders = productions.env["mrp.workorder"].create(rows)
    made = {(workorder.production_id.id, workorder.operation_id.id): workorder for workorder in workorders}
    before, blockers = workorders.browse(), {}
    for workorder, operation in zip(workorders, operations, strict=True):
        production = workorder.production_id
        if production.allow_workorder_dependencies:
            blockers[workorder] = workorders.browse(_waited_for(operation, production, made))
        elif before.production_id == production:
            blockers[workorder] = before
        before = workorder
    progress.block(blockers)


def _waited_for(operation: Any, production: Any, made: dict[tuple[int, int], Any]) -> list[int]:
    """The ids of the work orders that an operation's waits for; past those that do not apply on the variant."""
    found: dict[int, None] = {}
    seen = frontier = operation.blocked_by_operation_ids
    while frontier:
        there = frontier.filtered(lambda other: (production.id, other.id) in made)
        found.update((made[production.id, other.id].id, None) for other in there)
        frontier = (frontier - there).blocked_by_operation_ids - seen
        seen |= frontier
    return list(found)


def copied_components(production: Any) -> list[Any]:
    """Commands for the components of a copy: those of the order that are not cancelled, as they are demanded."""
    return [
        (
            0,
            0,
            {
                "product_id": move.product_id.id,
                "product_uom_qty": move.product_uom_qty,
                "product_uom": move.product_uom.id,
                "bom_line_id": move.bom_line_id.id,
                "operation_id": move.operation_id.id,
                "sequence": move.sequence,
            },
        )
        for move in production.move_raw_ids
        if move.state != "cancel" and move.product_uom_qty
    ]

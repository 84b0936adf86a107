"""From an order to what it moves: operation type, name, bill, components, finished products, work orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from addons.inventory.services import document_messages, move_states
from addons.manufacturing.exceptions import ManufacturingError, NoBillOfMaterials
from addons.manufacturing.services import applying, progress
from addons.manufacturing.services.explosion import Request, refuse_empty
from core.api import _
from core.exceptions import ValidationError

# A draft whose field of these changes is planned anew.
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
KEEPS_LINES = frozenset({"product_qty", "location_src_id", "location_dest_id", "picking_type_id"})


# -- before an order exists ------------------------------------------------------------------------------------------


def default_picking_type(env: Any, company: Any = None) -> Any:
    """The first manufacturing operation type of the company."""
    company = company or env.company
    domain = [("code", "=", "mrp_operation"), ("company_id", "=", company.id)]
    return env["stock.picking.type"].search(domain, limit=1)


def prepare(env: Any, vals_list: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Copies of the values with operation type, number and family filled in: one number range and one create for all.

    Raises:
        ManufacturingError: a company has no manufacturing operation type.
    """
    rows = [dict(vals) for vals in vals_list]
    types: dict[int, Any] = {}
    for row in rows:
        if not row.get("picking_type_id"):
            company = env["res.company"].browse(row.get("company_id") or env.company.id)
            if company.id not in types:
                types[company.id] = _require_type(env, company)
            row["picking_type_id"] = types[company.id].id
    _number(env, rows)
    strays = [row for row in rows if not row.get("production_group_id")]
    families = env["mrp.production.group"].sudo().create([{"name": row["name"]} for row in strays])
    for row, family in zip(strays, families, strict=True):
        row["production_group_id"] = family.id
    return rows


def _require_type(env: Any, company: Any) -> Any:
    found = default_picking_type(env, company)
    if not found:
        raise ManufacturingError(
            env._(
                "%(company)s has no operation type for manufacturing. Create one of the type "
                "Manufacturing under Inventory > Configuration > Operation Types.",
                company=company.display_name,
            ),
            code="manufacturing.operation_type_missing",
            data={"company": company.display_name},
        )
    return found


def _number(env: Any, rows: list[dict[str, Any]]) -> None:
    unnamed = defaultdict(list)
    for row in rows:
        if row.get("name", "New") in ("New", False, ""):
            unnamed[row["picking_type_id"]].append(row)
    for type_id, members in unnamed.items():
        kind = env["stock.picking.type"].browse(type_id)
        if not kind.sequence_id:
            raise ManufacturingError(
                _(
                    "%(type)s has no sequence to number manufacturing orders from. Choose one in the operation type.",
                    type=kind.sudo().display_name,
                ),
                code="manufacturing.sequence_missing",
                data={"model": kind._name, "ids": kind.ids},
            )
        sequence = kind.sequence_id
        for row, name in zip(members, sequence.sudo().next_many(len(members)), strict=True):
            row["name"] = name


def find_boms(productions: Any) -> None:
    """Set the bill of each order: its own while it fits the product, otherwise the first one that applies."""
    groups = defaultdict(list)
    for production in productions:
        groups[production.picking_type_id, production.company_id].append(production)
    for (picking_type, company), members in groups.items():
        products = productions.env["product.product"].browse(
            dict.fromkeys(production.product_id.id for production in members if production.product_id)
        )
        found = productions.env["mrp.bom"]._bom_find(products, picking_type, company.id, "normal")
        for production in members:
            production.bom_id = found.get(production.product_id) or False


def find_production_locations(productions: Any) -> None:
    """Set the place where components become products: the company's production location."""
    env = productions.env
    by_company = {}
    domain = [("usage", "=", "production"), ("company_id", "in", [False, *productions.company_id.ids])]
    for location in env["stock.location"].sudo().search(domain, order="id"):
        by_company.setdefault(location.company_id.id, location)
    for production in productions:
        production.production_location_id = (
            production.product_id.property_stock_production
            or by_company.get(production.company_id.id)
            or by_company.get(False)
        )


def reschedule(productions: Any) -> None:
    """Date the open components for the start of their orders, and what is made for their end."""
    dated: dict[Any, list[int]] = defaultdict(list)
    for production in productions:
        ends = production.date_finished or production.date_start
        for moves, date in ((production.move_raw_ids, production.date_start), (production.move_finished_ids, ends)):
            for move in moves:
                if move.state not in move_states.CLOSED and move.date != date:
                    dated[date].append(move.id)
    for date, ids in dated.items():
        productions.env["stock.move"].browse(ids).write({"date": date})


def refuse_foreign_bom(production: Any) -> None:
    """Raise for a bill that makes something else than the order's product."""
    raise ValidationError(
        production.env._(
            "%(order)s makes %(product)s, but its bill of materials %(bom)s makes %(other)s. "
            "Choose a bill of %(product)s.",
            order=production.name,
            product=production.product_id.display_name,
            bom=production.bom_id.display_name,
            other=(production.bom_id.product_id or production.bom_id.product_tmpl_id).display_name,
        ),
        fields=["bom_id"],
        code="manufacturing.bom_of_other_product",
        data={
            "order": production.name,
            "product": production.product_id.display_name,
            "bom": production.bom_id.display_name,
            "other": (production.bom_id.product_id or production.bom_id.product_tmpl_id).display_name,
        },
    )


# -- what an order moves ---------------------------------------------------------------------------------------------


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
    rows = []
    for production in productions:
        rows.append(
            production._get_move_finished_values(
                production.product_id, production.product_qty, production.product_uom_id
            )
        )
        rows.extend(_byproduct_rows(production))
    listed = {move.raw_material_production_id.id for move in productions.move_raw_ids}
    rows.extend(_component_rows(productions.filtered(lambda production: production.id not in listed)))
    productions.env["stock.move"].create(rows)
    plan_operations(productions)


def explode(productions: Any) -> dict[Any, Any]:
    """What the bills of these orders ask for: order -> Explosion; orders without a bill are left out."""
    groups = defaultdict(list)
    for production in productions:
        if production.bom_id:
            groups[production.picking_type_id, production.explode_subassemblies].append(production)
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


def _component_rows(productions: Any) -> list[dict[str, Any]]:
    """What the bills say; where an order's own bill says nothing, its draft waits for components added by hand."""
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


def _byproduct_rows(production: Any) -> list[dict[str, Any]]:
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
        plan(productions)
        productions.write({"is_outdated_bom": False, "has_removed_components": False})
        return
    move_elsewhere(productions)
    if "product_qty" in vals:
        rescale(productions, keep_raw="move_raw_ids" in vals)


def move_elsewhere(productions: Any) -> None:
    """Let the open moves of these orders start and end where the orders now do; what moves elsewhere is unreserved."""
    for production in productions:
        moves = (production.move_raw_ids | production.move_finished_ids).filtered(
            lambda move: move.state not in move_states.CLOSED
        )
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
    exploded = {} if keep_raw else explode(productions)
    for production in productions:
        wanted = defaultdict(list)
        for line, quantity in components(production, exploded[production]) if production in exploded else ():
            wanted[line].append(quantity)
        for move in production.move_raw_ids:
            quantities = wanted.get(move.bom_line_id)
            if quantities and move.state not in move_states.CLOSED:
                move.product_uom_qty = quantities.pop(0)
        shares = {row["byproduct_id"]: row["product_uom_qty"] for row in _byproduct_rows(production)}
        for move in production.move_finished_ids:
            if move.state in move_states.CLOSED:
                continue
            if move.product_id == production.product_id:
                move.product_uom_qty = production._remaining()
            elif move.byproduct_id.id in shares:
                move.product_uom_qty = shares[move.byproduct_id.id]
    rescale_work(productions)


def rescale_work(productions: Any) -> None:
    """Expect of the open work orders what their operations take for the orders' quantity."""
    for production in productions:
        for workorder in production.workorder_ids:
            if workorder.operation_id and workorder.state in progress.ACTIVE:
                workorder.duration_expected = workorder.operation_id._expected_minutes(in_unit_of_bom(production))


def update_from_bom(productions: Any) -> None:
    """Plan orders on which nothing has happened yet anew from their bill; confirmed ones reserve again."""
    confirmed = productions.filtered(lambda production: production.state != "draft")
    touched = confirmed.filtered(
        lambda production: production.state != "confirmed" or production.qty_produced or production.qty_producing
    )
    if touched:
        raise ManufacturingError(
            productions.env._(
                "%(orders)s is under way and keeps its components. Finish it, or cancel it and create a new order.",
                orders=", ".join(touched.mapped("name")),
            ),
            code="manufacturing.order_started",
            data={"orders": touched.mapped("name")},
        )
    moves = productions.move_raw_ids | productions.move_finished_ids
    targets = {production: _targets(production) for production in confirmed}
    for production, waiting in targets.items():
        if waiting:
            _products(production)._settle({"move_dest_ids": [(5,)]})
    (moves | fetched(moves))._action_cancel()
    moves.unlink()
    productions.workorder_ids.unlink()
    plan(productions)
    for production, waiting in targets.items():
        if waiting:
            _products(production).write({"move_dest_ids": [(6, 0, waiting.ids)]})
    productions.write({"is_outdated_bom": False, "has_removed_components": False})
    if confirmed:
        _launch(confirmed)


def _products(production: Any) -> Any:
    return production.move_finished_ids.filtered(lambda move: move.product_id == production.product_id)


def _targets(production: Any) -> Any:
    """The open moves that wait for what the order makes."""
    return _products(production).move_dest_ids.filtered(lambda move: move.state not in move_states.CLOSED)


def fetched(moves: Any) -> Any:
    """The open moves of transfers that bring components for these moves and for no others that are open."""
    return without_aim(moves.move_orig_ids, moves)


def without_aim(origins: Any, besides: Any) -> Any:
    """Those of `origins` that are open moves of transfers and bring nothing for open moves, `besides` left out."""
    return origins.filtered(
        lambda move: (
            move.picking_id
            and move.state not in move_states.CLOSED
            and move.move_dest_ids.filtered(lambda target: target.state not in move_states.CLOSED) <= besides
        )
    )


# -- confirm and cancel ----------------------------------------------------------------------------------------------


def confirm(productions: Any) -> None:
    """Confirm drafts: demand the components, announce the product, make the first work orders ready."""
    productions.lock_for_update()
    productions._check_transition("action_confirm")
    _check_components(productions)
    with document_messages.announced(productions.env, lambda: document_messages.confirmed(productions)):
        productions._settle({"state": "confirmed"})
        _launch(productions)
        productions._notify("on_confirm")


def _launch(productions: Any) -> None:
    drafts = productions.move_raw_ids.filtered(lambda move: move.state == "draft")
    drafts._set_procure_methods()
    announced = productions.move_finished_ids.filtered(lambda move: move.state == "draft")
    announced._settle({"state": "confirmed"})  # nothing is reserved, procured or put into a transfer for them
    drafts._action_confirm(merge=False)
    link_operations(productions)
    progress.ready(productions.workorder_ids)


def link_operations(productions: Any) -> None:
    """Tie each component to the work order of the operation that consumes it."""
    made = {
        (workorder.production_id.id, workorder.operation_id.id): workorder for workorder in productions.workorder_ids
    }
    if not made:
        return
    for move in productions.move_raw_ids:
        workorder = made.get((move.raw_material_production_id.id, move.operation_id.id))
        if move.operation_id and workorder and move.workorder_id != workorder:
            move.workorder_id = workorder


def _check_components(productions: Any) -> None:
    for production in productions:
        if production.move_raw_ids or not (production.bom_id or production.company_id.require_bom):
            continue
        raise NoBillOfMaterials(
            production.env._(
                "%(order)s cannot be confirmed: %(product)s has no bill of materials and the order lists no "
                "components. Create one under Manufacturing > Products > Bills of Materials, or add components here.",
                order=production.name,
                product=production.product_id.display_name,
            )
            if not production.bom_id
            else production.env._(
                "%(order)s cannot be confirmed: the bill of materials %(bom)s lists no components for %(product)s. "
                "Add components to the bill, or to the order.",
                order=production.name,
                bom=production.bom_id.display_name,
                product=production.product_id.display_name,
            ),
            data={
                "order": production.name,
                "product": production.product_id.display_name,
                "bom": production.bom_id.display_name or "",
            },
        )


def cancel(productions: Any) -> None:
    """Cancel what is not done; an order of which a part is made is closed short instead, as that part is history."""
    productions.lock_for_update()
    productions._check_transition("action_cancel")
    moves = (productions.move_raw_ids | productions.move_finished_ids).filtered(
        lambda move: move.state not in move_states.CLOSED
    )
    (moves | fetched(moves))._action_cancel()
    productions.workorder_ids.filtered(lambda workorder: workorder.state in progress.ACTIVE).action_cancel()
    started = productions.filtered(lambda production: production.qty_produced > 0)
    if started:
        started._settle({"state": "done", "date_finished": started.env["mrp.workorder"]._stamp()})
    unstarted = productions - started
    if unstarted:
        unstarted._settle({"state": "cancel", "qty_producing": Decimal(0)})
    if started:
        started._notify("on_done")
    if unstarted:
        unstarted._notify("on_cancel")

"""Work in progress: bring the components to the place of work, and take the product in from there.

    Make Transfer    Stock ──> Work in Progress       a transfer of all components, to be validated
    Back Flush       Work in Progress ──> finished    components consumed for what was made; the order stays one

The work-in-progress location is the one that the order names (`location_src_id`); where it names the place that its
operation type takes components from, it is that of the warehouse. Where the warehouse manufactures in two or three
steps, the transfer exists from the confirmation on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addons.inventory.services import document_messages, move_states
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import (
    completion_messages,
    consumption,
    output,
    producing,
    progress,
    questions,
    supply,
)


def make_transfer(productions: Any) -> Any:
    """Create a transfer of the open components of each order to its work-in-progress location.

    Components that have such a transfer keep it. Reserved components are released and reserved for the transfer.

    Returns:
        The transfers of all the orders.

    Raises:
        ManufacturingError: a warehouse has no work-in-progress location, or nothing is left to transfer.
    """
    targets: dict[Any, Any] = {}
    for production in productions:
        wip = _wip_location(production)
        moves = [move for move in move_states.unfinished(production.move_raw_ids) if not _is_brought(move, wip)]
        if not moves and not production.picking_ids:
            raise ManufacturingError(
                production.env._(
                    "%(order)s has no components left to transfer. Look at its transfers, or add components.",
                    order=production.name,
                ),
                code="manufacturing.nothing_to_transfer",
            )
        targets.update(dict.fromkeys(moves, wip))
    if targets:
        _redirect(targets)
    return productions.picking_ids


def can_transfer(production: Any) -> bool:
    """Whether an open order has components that no transfer brings to its work-in-progress location."""
    wip = _named_location(production) or production.warehouse_id.pbm_loc_id
    return bool(wip) and any(not _is_brought(move, wip) for move in move_states.unfinished(production.move_raw_ids))


def _named_location(production: Any) -> Any:
    """The work-in-progress location that the order names, if any: a place other than where components are stored."""
    warehouse, place = production.warehouse_id, production.location_src_id
    stored = production.picking_type_id.default_location_src_id or warehouse.lot_stock_id
    return place if place == warehouse.pbm_loc_id or place not in (stored, warehouse.lot_stock_id) else place.browse()


def _wip_location(production: Any) -> Any:
    wip = _named_location(production) or production.warehouse_id.pbm_loc_id
    if not wip:
        raise ManufacturingError(
            production.env._(
                "%(order)s: the warehouse %(warehouse)s has no work-in-progress location. Set one on the warehouse.",
                order=production.name,
                warehouse=production.warehouse_id.display_name or "-",
            ),
            code="manufacturing.wip_location_missing",
        )
    return wip


def _is_brought(move: Any, wip: Any) -> bool:
    """Whether a component is taken from the work-in-progress location and a transfer brings it there."""
    return move.location_id == wip and any(
        origin.picking_id and origin.state != "cancel" for origin in move.move_orig_ids
    )


def _transfer_values(move: Any, wip: Any) -> dict[str, Any]:
    production = move.raw_material_production_id
    warehouse = production.warehouse_id
    origins = move.move_orig_ids.filtered(lambda origin: origin.state != "cancel")
    source = move.location_id if move.location_id != wip else warehouse.lot_stock_id
    ordered = not origins and move.location_id == wip and supply.is_made_to_order(move.product_id, warehouse)
    return {
        "product_id": move.product_id.id,
        "product_uom": move.product_uom.id,
        "product_uom_qty": move.product_uom_qty,
        "location_id": source.id,
        "location_dest_id": wip.id,
        "picking_type_id": warehouse.pbm_type_id.id,
        "warehouse_id": warehouse.id,
        "company_id": production.company_id.id,
        "origin": production.name,
        "date": production.date_start,
        "priority": production.priority,
        "propagate_cancel": False,
        "procure_method": "make_to_order" if ordered else "make_to_stock",
        "move_orig_ids": [(6, 0, origins.ids)],
        "move_dest_ids": [(4, move.id)],
    }


def _redirect(targets: dict[Any, Any]) -> None:
    """Let the components (move -> work-in-progress location) come from there, fed by new transfers."""
    moves = next(iter(targets)).browse([move.id for move in targets])
    moves._do_unreserve()
    rows = [_transfer_values(move, wip) for move, wip in targets.items()]
    by_place = moves.grouped(lambda move: targets[move])
    for wip, here in by_place.items():
        here._settle({"location_id": wip.id, "procure_method": "make_to_stock", "move_orig_ids": [(5,)]})
        here.raw_material_production_id.filtered(lambda order, wip=wip: order.location_src_id != wip).write(
            {"location_src_id": wip.id}
        )
    brought = moves.create(rows)._action_confirm(merge=False)
    moves._recompute_state()
    pickings = brought.picking_id
    env = moves.env
    env.notify(
        env._(
            "Components of %(orders)s will be moved to %(places)s.",
            orders=moves.raw_material_production_id.mapped("name"),
            places=[wip.complete_name for wip in by_place],
        ),
        records=pickings.with_env(env),
    )


def back_flush(productions: Any, answers: Mapping[str, Any]) -> Any:
    """Consume the components for what is made now, and take the product in, within the same order.

    The quantity is what `qty_producing` says, or all that remains; the produced quantity of the order goes up by it.
    An order that is complete is closed.

    Returns:
        None, or the question that has to be answered first; nothing has changed then.
    """
    productions.lock_for_update()
    productions._check_transition("action_back_flush")
    question = questions.ask_transfer(productions, answers, "action_back_flush")
    if question:
        return question
    outputs = output.of(productions, tolerate=True)
    partly = productions.filtered(lambda production: outputs[production].rest)
    complete = productions - partly
    if partly:
        made = {production: outputs[production].made for production in partly}
        question = producing.make_transfers(partly, answers)
        if question:
            return question
        with document_messages.announced(productions.env):
            _flush(partly)
        completion_messages.notify_flushed(made)
    return complete.button_mark_done(dict(answers)) if complete else None


def _flush(productions: Any) -> None:
    serial = productions.filtered(lambda production: production.product_tracking == "serial")
    if serial:
        raise ManufacturingError(
            productions.env._(
                "%(order)s makes %(product)s by serial number: produce it in parts with Validate, which gives each "
                "unit an order of its own.",
                order=serial[0].name,
                product=serial[0].product_id.display_name,
            ),
            code="manufacturing.serial_numbers_needed",
        )
    consumption.refuse_strict(productions._get_consumption_issues())
    productions._post_inventory()
    progress.refresh(productions)

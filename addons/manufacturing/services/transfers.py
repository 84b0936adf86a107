"""Work in progress: bring the components to the place of work, and take the product in from there.

    Make Transfer    Stock ──> Work in Progress       a transfer of all components, to be validated
    Back Flush       Work in Progress ──> finished    components consumed for what was made; the order stays one

Where the warehouse manufactures in two or three steps, the transfer exists from the confirmation on.
"""

from __future__ import annotations

from typing import Any

from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import consumption, progress
from core.rounding import compare


def make_transfer(productions: Any) -> Any:
    """Create a transfer of the open components of each order to its warehouse's work-in-progress location.

    Orders that take their components from there already keep the transfers they have. Reserved components are
    released and reserved for the transfer instead.

    Returns:
        The transfers of all the orders.

    Raises:
        ManufacturingError: a warehouse has no work-in-progress location, or nothing is left to transfer.
    """
    rows, targets = [], []
    for production in productions:
        wip = _wip_location(production)
        if production.location_src_id == wip:
            continue
        moves = [move for move in consumption.open_moves(production.move_raw_ids) if move.location_id != wip]
        if not moves:
            raise ManufacturingError(
                production.env._(
                    "%(order)s has no components left to transfer. Look at its transfers, or add components.",
                    order=production.name,
                ),
                code="manufacturing.nothing_to_transfer",
                data={"order": production.name},
            )
        rows.extend(_transfer_values(production, move, wip) for move in moves)
        targets.extend(moves)
    if rows:
        _redirect(targets, rows)
    return productions.picking_ids


def _wip_location(production: Any) -> Any:
    wip = production.warehouse_id.pbm_loc_id
    if not wip:
        raise ManufacturingError(
            production.env._(
                "%(order)s: the warehouse %(warehouse)s has no work-in-progress location. Set one on the warehouse.",
                order=production.name,
                warehouse=production.warehouse_id.display_name or "-",
            ),
            code="manufacturing.wip_location_missing",
            data={
                "order": production.name,
                "warehouse": production.warehouse_id.display_name or "-",
            },
        )
    return wip


def _transfer_values(production: Any, move: Any, wip: Any) -> dict[str, Any]:
    return {
        "product_id": move.product_id.id,
        "product_uom": move.product_uom.id,
        "product_uom_qty": move.product_uom_qty,
        "location_id": move.location_id.id,
        "location_dest_id": wip.id,
        "picking_type_id": production.warehouse_id.pbm_type_id.id,
        "warehouse_id": production.warehouse_id.id,
        "company_id": production.company_id.id,
        "origin": production.name,
        "date": production.date_start,
        "priority": production.priority,
        "move_dest_ids": [(4, move.id)],
    }


def _redirect(components: list[Any], rows: list[dict[str, Any]]) -> None:
    """Let the components come from the work-in-progress location, fed by the transfers."""
    moves = components[0].browse([move.id for move in components])
    moves._do_unreserve()
    wip = moves.raw_material_production_id.warehouse_id.pbm_loc_id
    for place in wip:
        here = moves.filtered(
            lambda move, place=place: move.raw_material_production_id.warehouse_id.pbm_loc_id == place
        )
        here._settle({"location_id": place.id, "procure_method": "make_to_stock"})
        here.raw_material_production_id.write({"location_src_id": place.id})
    moves.create(rows)._action_confirm(merge=False)
    moves._recompute_state()


def back_flush(productions: Any) -> Any:
    """Consume the components for what is made now, and take the product in, within the same order.

    The quantity is what `qty_producing` says, or all that remains; the produced quantity of the order goes up by it.
    An order that is complete is closed.

    Returns:
        None, or the question that closing an order needs answered first.
    """
    productions.lock_for_update()
    productions._check_transition("action_back_flush")
    complete = productions.filtered(
        lambda production: (
            compare(consumption.amount(production), production._remaining(), production.product_uom_id.rounding) >= 0
        )
    )
    partly = productions - complete
    if partly:
        _flush(partly)
    return complete.button_mark_done() if complete else None


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
            data={
                "order": serial[0].name,
                "product": serial[0].product_id.display_name,
            },
        )
    consumption.refuse_strict(consumption.issues(productions))
    productions._post_inventory()
    progress.refresh(productions)

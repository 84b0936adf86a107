"""From an order that was made without a bill of materials to the bill that the next ones follow."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.exceptions import ManufacturingError


def generate_bom(production: Any) -> Any:
    """A bill of materials of what the order consumes and makes beside the product, set on the order.

    Raises:
        ManufacturingError: the order has a bill, or nothing to put into one.
    """
    components = production.move_raw_ids.filtered(lambda move: move.state != "cancel" and move.product_uom_qty)
    if production.bom_id or not components:
        raise ManufacturingError(
            production.env._(
                "%(order)s follows the bill of materials %(bom)s already.",
                order=production.name,
                bom=production.bom_id.display_name,
            )
            if production.bom_id
            else production.env._("%(order)s has no components that a bill could list.", order=production.name),
            code="manufacturing.bom_not_needed",
            data={
                "order": production.name,
                "bom": production.bom_id.display_name or "",
            },
        )
    byproducts = production.move_byproduct_ids.filtered(lambda move: move.state != "cancel" and move.product_uom_qty)
    bom = production.env["mrp.bom"].create(
        {
            "product_tmpl_id": production.product_id.product_tmpl_id.id,
            "product_id": production.product_id.id
            if len(production.product_id.product_tmpl_id.product_variant_ids) > 1
            else False,
            "product_qty": production.product_qty,
            "product_uom_id": production.product_uom_id.id,
            "company_id": production.company_id.id,
            "bom_line_ids": [(0, 0, _bill_line(move)) for move in components],
            "byproduct_ids": [(0, 0, {**_bill_line(move), "cost_share": move.cost_share}) for move in byproducts],
            "operation_ids": [
                (
                    0,
                    0,
                    {
                        "name": workorder.name,
                        "workcenter_id": workorder.workcenter_id.id,
                        "sequence": workorder.sequence,
                        "time_cycle_manual": workorder.duration_expected,
                    },
                )
                for workorder in production.workorder_ids
            ],
        }
    )
    for line, move in zip(bom.bom_line_ids, components, strict=True):
        move._settle({"bom_line_id": line.id})
    production._settle({"bom_id": bom.id, "is_outdated_bom": False})
    return bom


def _bill_line(move: Any) -> dict[str, Any]:
    return {
        "product_id": move.product_id.id,
        "product_qty": move.product_uom_qty,
        "product_uom_id": move.product_uom.id,
    }

"""What an order that is not stored yet will consume and do, as its form shows it."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services import applying, planning


def components(production: Any) -> list[dict[str, Any]]:
    """What an order that is not stored yet will consume: product, quantity and unit of each component."""
    if not production.bom_id or production.product_qty <= 0:
        return []
    return [
        {"product_id": line.product_id.id, "product_uom_qty": quantity, "product_uom": line.product_uom_id.id}
        for line, quantity in planning.components(production, planning.explode(production)[production])
        if line.product_id.type == "consu"
    ]


def operations(production: Any) -> list[dict[str, Any]]:
    """The operations that an order which is not stored yet will have."""
    return [
        {
            "name": operation.name,
            "workcenter_id": operation.workcenter_id.id,
            "duration_expected": operation._expected_minutes(planning.in_unit_of_bom(production)),
        }
        for operation in applying.on_variant(production.bom_id.operation_ids, production.product_id)
    ]

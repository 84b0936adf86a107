"""What a warehouse needs to manufacture: places, operation types and rules, for one, two or three steps.

    1 step    Stock ─────────────────────────> [order] ──────────────────────────> Stock
    2 steps   Stock ─Pick Components─> WIP ──> [order] ──────────────────────────> Stock
    3 steps   Stock ─Pick Components─> WIP ──> [order] ──> Post-Production ─Store─> Stock

Everything exists from the start, as *Make Transfer* uses the work-in-progress location in any case; the steps decide
which rules hold and where orders take from and put to.
"""

from __future__ import annotations

from typing import Any

from addons.inventory.services.warehouse_setup import create_parts, put_rules, rule_values, set_rules
from addons.manufacturing.services.order_defaults import production_locations

MANUFACTURE_ROUTE = "manufacturing.route_warehouse0_manufacture"
MTO_ROUTE = "inventory.route_warehouse0_mto"
# field of the warehouse, name
LOCATIONS = (("pbm_loc_id", "Pre-Production (WIP)"), ("sam_loc_id", "Post-Production"))
# field of the warehouse, name, code, prefix, external id
TYPES = (
    ("manu_type_id", "Manufacturing", "mrp_operation", "MO", "picking_type_manufacture"),
    ("pbm_type_id", "Pick Components", "internal", "PC", "picking_type_pbm"),
    ("sam_type_id", "Store Finished Product", "internal", "SFP", "picking_type_sam"),
)


def equip(warehouses: Any) -> None:
    """Create what is missing, and bring places, types and rules in line with the steps of each warehouse."""
    for warehouse in warehouses.with_context(active_test=False):
        missing = _missing_parts(warehouse)
        if missing:
            warehouse.write(missing)
        _point_types(warehouse)
        _set_rules(warehouse)


def _missing_parts(warehouse: Any) -> dict[str, int]:
    view = warehouse.view_location_id.id
    places = {field: {"name": name, "usage": "internal", "location_id": view} for field, name in LOCATIONS}
    kinds = {
        field: {"name": name, "code": code, "sequence_code": prefix, "sequence": position}
        for position, (field, name, code, prefix, _xmlid) in enumerate(TYPES, 20)
    }
    values = create_parts(warehouse, "stock.location", places) | create_parts(warehouse, "stock.picking.type", kinds)
    if not warehouse.pbm_route_id:
        route = {
            "name": f"{warehouse.name}: pick components before manufacturing",
            "company_id": warehouse.company_id.id,
            "product_selectable": False,
            "warehouse_selectable": True,
            "sequence": 12,
            "warehouse_ids": [(4, warehouse.id)],
        }
        values["pbm_route_id"] = warehouse.env["stock.route"].create(route).id
    return values


def _point_types(warehouse: Any) -> None:
    stock, steps = warehouse.lot_stock_id, warehouse.manufacture_steps
    source = stock if steps == "mrp_one_step" else warehouse.pbm_loc_id
    target = warehouse.sam_loc_id if steps == "pbm_sam" else stock
    for kind, start, end in (
        (warehouse.manu_type_id, source, target),
        (warehouse.pbm_type_id, stock, warehouse.pbm_loc_id),
        (warehouse.sam_type_id, warehouse.sam_loc_id, stock),
    ):
        kind.write({"default_location_src_id": start.id, "default_location_dest_id": end.id})


def _set_rules(warehouse: Any) -> None:
    set_rules(warehouse, _manufacture_rules(warehouse) | _mto_rules(warehouse))
    fetching = rule_values(
        warehouse,
        action="pull",
        source=warehouse.lot_stock_id,
        destination=warehouse.pbm_loc_id,
        kind=warehouse.pbm_type_id,
        name=f"{warehouse.code}: Stock → Pre-Production",
        procure_method="make_to_stock",
        active=_fetches(warehouse),
    )
    put_rules(warehouse.pbm_route_id, [fetching])


def _fetches(warehouse: Any) -> bool:
    """Whether components are fetched before they are worked on."""
    return bool(warehouse.manufacture_steps != "mrp_one_step")


def _manufacture_rules(warehouse: Any) -> dict[str, dict[str, Any]]:
    """Field of the warehouse -> the values of its rule on the route Manufacture."""
    route = warehouse.env.ref(MANUFACTURE_ROUTE, False)
    if not route:
        return {}
    stock, after, stores = warehouse.lot_stock_id, warehouse.sam_loc_id, warehouse.manufacture_steps == "pbm_sam"
    make = rule_values(
        warehouse,
        action="manufacture",
        source=stock.browse(),
        destination=after if stores else stock,
        kind=warehouse.manu_type_id,
        name=f"{warehouse.code}: Manufacture",
        route_id=route.id,
        procure_method="make_to_order",
        sequence=10,
        active=warehouse.manufacture_to_resupply,
    )
    store = rule_values(
        warehouse,
        action="pull_push",
        source=after,
        destination=stock,
        kind=warehouse.sam_type_id,
        name=f"{warehouse.code}: Post-Production → Stock",
        route_id=route.id,
        procure_method="make_to_order",
        sequence=5,
        active=stores,
    )
    return {"manufacture_pull_id": make, "sam_rule_id": store}


def _mto_rules(warehouse: Any) -> dict[str, dict[str, Any]]:
    """Field of the warehouse -> the values of its rule on the route Replenish on Order (MTO)."""
    route = warehouse.env.ref(MTO_ROUTE, False)
    if not route:
        return {}
    fetch = rule_values(
        warehouse,
        action="pull",
        source=warehouse.lot_stock_id,
        destination=warehouse.pbm_loc_id,
        kind=warehouse.pbm_type_id,
        name=f"{warehouse.code}: Stock → Pre-Production (MTO)",
        route_id=route.id,
        procure_method="make_to_order",
        sequence=20,
        active=_fetches(warehouse),
    )
    production = production_locations(warehouse.company_id)[warehouse.company_id]
    if not production:
        return {"pbm_mto_pull_id": fetch}
    consume = rule_values(
        warehouse,
        action="pull",
        source=warehouse.lot_stock_id,
        destination=production,
        kind=warehouse.manu_type_id,
        name=f"{warehouse.code}: Stock → Production (MTO)",
        route_id=route.id,
        procure_method="make_to_order",
        sequence=20,
        active=warehouse.manufacture_to_resupply,
    )
    return {"manufacture_mto_pull_id": consume, "pbm_mto_pull_id": fetch}


def register_external_ids(warehouse: Any) -> None:
    """Name the manufacturing parts of the first warehouse the way data files and clients know them."""
    env = warehouse.env
    Data = env["ir.model.data"].sudo()
    names = {xmlid: warehouse[field] for field, _name, _code, _prefix, xmlid in TYPES}
    known = Data.search([("module", "=", "manufacturing"), ("name", "in", list(names))]).mapped("name")
    Data.create(
        [
            {"module": "manufacturing", "name": name, "model": record._name, "res_id": record.id, "noupdate": True}
            for name, record in names.items()
            if name not in known and record
        ]
    )

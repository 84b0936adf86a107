"""What a warehouse needs to manufacture: places, operation types and rules, for one, two or three steps.

    1 step    Stock ─────────────────────────> [order] ──────────────────────────> Stock
    2 steps   Stock ─Pick Components─> WIP ──> [order] ──────────────────────────> Stock
    3 steps   Stock ─Pick Components─> WIP ──> [order] ──> Post-Production ─Store─> Stock

Everything exists from the start, as *Make Transfer* uses the work-in-progress location in any case; the steps decide
which rules hold and where orders take from and put to.
"""

from __future__ import annotations

from typing import Any

from addons.inventory.services.warehouse_setup import create_parts, replace_rules, rule_values, set_rules
from addons.manufacturing.services.order_defaults import production_locations

MANUFACTURE_ROUTE = "manufacturing.route_warehouse0_manufacture"
MTO_ROUTE = "inventory.route_warehouse0_mto"
TO_ORDER = "make_to_order"
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
    env, stock, steps = warehouse.env, warehouse.lot_stock_id, warehouse.manufacture_steps
    route, mto = env.ref(MANUFACTURE_ROUTE, False), env.ref(MTO_ROUTE, False)
    before, after, company = warehouse.pbm_loc_id, warehouse.sam_loc_id, warehouse.company_id
    production = production_locations(company)[company]
    make, pick, keep = warehouse.manu_type_id, warehouse.pbm_type_id, warehouse.sam_type_id
    fetch, store, supplied = steps != "mrp_one_step", steps == "pbm_sam", warehouse.manufacture_to_resupply
    made = after if store else stock
    # field of the warehouse, name, route, action, operation type, from where, to where, sequence, whether it holds
    rows = (
        ("manufacture_pull_id", "Manufacture", route, "manufacture", make, stock.browse(), made, 10, supplied),
        ("sam_rule_id", "Post-Production → Stock", route, "pull_push", keep, after, stock, 5, store),
        ("manufacture_mto_pull_id", "Stock → Production (MTO)", mto, "pull", make, stock, production, 20, supplied),
        ("pbm_mto_pull_id", "Stock → Pre-Production (MTO)", mto, "pull", pick, stock, before, 20, fetch),
    )
    rules = {}
    for field, name, along, action, kind, source, target, sequence, active in rows:
        if along and target:
            values = rule_values(warehouse, action, source, target, kind, route_id=along.id, procure_method=TO_ORDER)
            values |= {"name": f"{warehouse.code}: {name}", "sequence": sequence, "active": active}
            rules[field] = values
    set_rules(warehouse, rules)
    # Needs at the work-in-progress location are fetched from the stock.
    fetching = rule_values(warehouse, "pull", stock, before, pick, procure_method="make_to_stock")
    fetching["name"] = f"{warehouse.code}: Stock → Pre-Production"
    replace_rules(warehouse.pbm_route_id, [fetching] if fetch else [])


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

"""What a warehouse needs to manufacture: places, operation types and rules, for one, two or three steps.

    1 step    Stock ─────────────────────────> [order] ──────────────────────────> Stock
    2 steps   Stock ─Pick Components─> WIP ──> [order] ──────────────────────────> Stock
    3 steps   Stock ─Pick Components─> WIP ──> [order] ──> Post-Production ─Store─> Stock

Everything exists from the start, as *Make Transfer* uses the work-in-progress location in any case; the steps decide
which rules hold and where orders take from and put to.
"""

from __future__ import annotations

from typing import Any

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
    env, company = warehouse.env, warehouse.company_id.id
    values: dict[str, int] = {}
    for field, name in LOCATIONS:
        if not warehouse[field]:
            values[field] = (
                env["stock.location"]
                .create(
                    {
                        "name": name,
                        "usage": "internal",
                        "location_id": warehouse.view_location_id.id,
                        "company_id": company,
                        "warehouse_id": warehouse.id,
                    }
                )
                .id
            )
    for position, (field, name, code, prefix, _xmlid) in enumerate(TYPES, 20):
        if not warehouse[field]:
            values[field] = (
                env["stock.picking.type"]
                .create(
                    {
                        "name": name,
                        "code": code,
                        "sequence_code": prefix,
                        "warehouse_id": warehouse.id,
                        "company_id": company,
                        "sequence": position,
                    }
                )
                .id
            )
    if not warehouse.pbm_route_id:
        values["pbm_route_id"] = (
            env["stock.route"]
            .create(
                {
                    "name": f"{warehouse.name}: pick components before manufacturing",
                    "company_id": company,
                    "product_selectable": False,
                    "warehouse_selectable": True,
                    "sequence": 12,
                    "warehouse_ids": [(4, warehouse.id)],
                }
            )
            .id
        )
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
    manufacture, mto = env.ref(MANUFACTURE_ROUTE, False), env.ref(MTO_ROUTE, False)
    fetch, store = steps != "mrp_one_step", steps == "pbm_sam"
    common = {"warehouse_id": warehouse.id, "company_id": warehouse.company_id.id}
    rules: dict[str, dict[str, Any]] = {}
    if manufacture:
        rules["manufacture_pull_id"] = {
            "name": f"{warehouse.code}: Manufacture",
            "route_id": manufacture.id,
            "action": "manufacture",
            "picking_type_id": warehouse.manu_type_id.id,
            "location_dest_id": (warehouse.sam_loc_id if store else stock).id,
            "active": warehouse.manufacture_to_resupply,
            "sequence": 10,
        }
        rules["sam_rule_id"] = {
            "name": f"{warehouse.code}: Post-Production → Stock",
            "route_id": manufacture.id,
            "action": "pull_push",
            "procure_method": "make_to_order",
            "picking_type_id": warehouse.sam_type_id.id,
            "location_src_id": warehouse.sam_loc_id.id,
            "location_dest_id": stock.id,
            "active": store,
            "sequence": 5,
        }
    production = _production_location(warehouse)
    if mto and production:
        rules["manufacture_mto_pull_id"] = {
            "name": f"{warehouse.code}: Stock → Production (MTO)",
            "route_id": mto.id,
            "action": "pull",
            "picking_type_id": warehouse.manu_type_id.id,
            "location_src_id": stock.id,
            "location_dest_id": production.id,
            "active": warehouse.manufacture_to_resupply,
            "sequence": 20,
        }
    if mto:
        rules["pbm_mto_pull_id"] = {
            "name": f"{warehouse.code}: Stock → Pre-Production (MTO)",
            "route_id": mto.id,
            "action": "pull",
            "procure_method": "make_to_order",
            "picking_type_id": warehouse.pbm_type_id.id,
            "location_src_id": stock.id,
            "location_dest_id": warehouse.pbm_loc_id.id,
            "active": fetch,
            "sequence": 20,
        }
    values = {}
    for field, rule in rules.items():
        if warehouse[field]:
            warehouse[field].write({**rule, **common})
        else:
            values[field] = env["stock.rule"].create({"procure_method": "make_to_order", **rule, **common}).id
    if values:
        warehouse.write(values)
    _set_fetch_rule(warehouse, fetch, common)


def _production_location(warehouse: Any) -> Any:
    domain = [("usage", "=", "production"), ("company_id", "in", [False, warehouse.company_id.id])]
    return warehouse.env["stock.location"].sudo().search(domain, order="company_id, id", limit=1)


def _set_fetch_rule(warehouse: Any, active: bool, common: dict[str, Any]) -> None:
    """The rule by which needs at the work-in-progress location are fetched from the stock."""
    found = (
        warehouse.env["stock.rule"]
        .with_context(active_test=False)
        .search([("route_id", "=", warehouse.pbm_route_id.id), ("action", "=", "pull")], limit=1)
    )
    values = {
        "name": f"{warehouse.code}: Stock → Pre-Production",
        "route_id": warehouse.pbm_route_id.id,
        "action": "pull",
        "procure_method": "make_to_stock",
        "picking_type_id": warehouse.pbm_type_id.id,
        "location_src_id": warehouse.lot_stock_id.id,
        "location_dest_id": warehouse.pbm_loc_id.id,
        "active": active,
        **common,
    }
    if found:
        found.write(values)
    else:
        warehouse.env["stock.rule"].create(values)


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

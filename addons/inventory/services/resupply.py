"""One warehouse resupplied from another: a route of its own, from shelf to shelf through a place in transit.

    supplier's Stock ─> [its Output] ─> transit ─> [Input] ─> Stock        by the steps that both warehouses have

A product (or category, or order line) that has the route is fetched that way.
"""

from __future__ import annotations

from typing import Any

from addons.inventory.services import warehouse_setup


def apply(warehouses: Any) -> None:
    """Bring the routes to the warehouses in line with `resupply_wh_ids`; those no longer wanted are archived."""
    for warehouse in warehouses:
        routes = _routes(warehouse)
        known = {route.supplier_wh_id: route for route in routes}
        for supplier in warehouse.resupply_wh_ids:
            route = known.pop(supplier, None) or _new_route(warehouse, supplier)
            if not route.active:
                route.active = True
            warehouse_setup.replace_rules(route, _rules(warehouse, supplier))
        for route in known.values():
            if route.active:
                route.active = False


def refresh(warehouses: Any) -> None:
    """Follow changed steps, on the routes to the warehouses and on those out of them."""
    routes = (
        warehouses.env["stock.route"]
        .sudo()
        .search(["|", ("supplied_wh_id", "in", warehouses.ids), ("supplier_wh_id", "in", warehouses.ids)])
    )
    apply(routes.supplied_wh_id)


def _routes(warehouse: Any) -> Any:
    routes = warehouse.env["stock.route"].sudo().with_context(active_test=False)
    return routes.search([("supplied_wh_id", "=", warehouse.id)])


def _new_route(warehouse: Any, supplier: Any) -> Any:
    return (
        warehouse.env["stock.route"]
        .sudo()
        .create(
            {
                "name": f"{warehouse.name}: Supply Product from {supplier.name}",
                "supplied_wh_id": warehouse.id,
                "supplier_wh_id": supplier.id,
                "company_id": warehouse.company_id.id,
                "product_selectable": True,
                "product_categ_selectable": True,
                "warehouse_selectable": True,
                "sequence": 20,
            }
        )
    )


def _transit(company: Any) -> Any:
    """The place where goods are between two warehouses of a company."""
    places = company.env["stock.location"].sudo()
    found = places.search([("usage", "=", "transit"), ("company_id", "=", company.id)], limit=1)
    return found or places.create(
        {"name": "Inter-warehouse transit", "usage": "transit", "company_id": company.id, "location_id": False}
    )


def _rules(warehouse: Any, supplier: Any) -> list[dict[str, Any]]:
    """Fetch, send, receive: the storing steps that follow the receipt are those of the warehouse's own route."""
    transit = _transit(warehouse.company_id)
    shelf, output = supplier.lot_stock_id, supplier.wh_output_stock_loc_id
    rule = warehouse_setup.rule_values
    address = {"partner_address_id": warehouse.partner_id.id}
    if supplier.delivery_steps == "ship_only":
        sending = [
            rule(supplier, "pull", shelf, transit, supplier.out_type_id, location_dest_from_rule=True, **address)
        ]
    else:
        sending = [
            rule(supplier, "pull", shelf, transit, supplier.pick_type_id, location_dest_from_rule=False, **address),
            rule(supplier, "push", output, transit, supplier.out_type_id, **address),
        ]
    receiving = rule(
        warehouse, "pull", transit, warehouse.lot_stock_id, warehouse.in_type_id, procure_method="make_to_order"
    )
    return [*sending, receiving]

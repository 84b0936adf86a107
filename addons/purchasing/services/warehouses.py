"""Warehouses that are resupplied by buying: the route Buy and a rule of each warehouse on it."""

from __future__ import annotations

from typing import Any

from addons.inventory.services import warehouse_setup


def equip(warehouses: Any) -> None:
    """Give each warehouse its Buy rule, active as long as the warehouse is resupplied by buying."""
    route = warehouses.env.ref("purchasing.route_warehouse0_buy", raise_if_not_found=False)
    for warehouse in warehouses if route else ():
        rule = {
            "name": f"{warehouse.code}: {route.name}",
            "action": "buy",
            "route_id": route.id,
            "location_dest_id": warehouse.lot_stock_id.id,
            "picking_type_id": warehouse.in_type_id.id,
            "procure_method": "make_to_stock",
            "active": warehouse.buy_to_resupply,
        }
        warehouse_setup.set_rules(warehouse.sudo(), {"buy_pull_id": rule})

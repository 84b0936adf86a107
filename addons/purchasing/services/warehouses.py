"""Warehouses that are resupplied by buying: the route Buy and a rule of each warehouse on it."""

from __future__ import annotations

from typing import Any


def equip(warehouses: Any) -> None:
    """Give each warehouse its Buy rule, active as long as the warehouse is resupplied by buying."""
    env = warehouses.env
    route = env.ref("purchasing.route_warehouse0_buy", raise_if_not_found=False)
    if not route:
        return
    lacking = warehouses.filtered(lambda warehouse: not warehouse.buy_pull_id)
    rules = (
        env["stock.rule"]
        .sudo()
        .create(
            [
                {
                    "name": f"{warehouse.code}: {route.name}",
                    "action": "buy",
                    "route_id": route.id,
                    "company_id": warehouse.company_id.id,
                    "warehouse_id": warehouse.id,
                    "location_dest_id": warehouse.lot_stock_id.id,
                    "picking_type_id": warehouse.in_type_id.id,
                    "procure_method": "make_to_stock",
                }
                for warehouse in lacking
            ]
        )
    )
    for warehouse, rule in zip(lacking, rules, strict=True):
        warehouse.buy_pull_id = rule
    for warehouse in warehouses:
        values = {
            "active": warehouse.buy_to_resupply,
            "location_dest_id": warehouse.lot_stock_id.id,
            "picking_type_id": warehouse.in_type_id.id,
        }
        changed = {name: value for name, value in values.items() if _plain(warehouse.buy_pull_id[name]) != value}
        if changed:
            warehouse.buy_pull_id.sudo().write(changed)


def _plain(value: Any) -> Any:
    return value.id if hasattr(value, "_ids") else value

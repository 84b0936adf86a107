"""Production plans over random bills, stock, units and warehouse steps: all demand is ordered, and only once."""

from __future__ import annotations

import random
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws, put_stock
from tests.addons.manufacturing.workshop import product
from tests.addons.sales.desk import Desk

ADDONS = ("sales", "manufacturing", "purchasing")


def plan_all(env: Any, explode: bool) -> Any:
    """A plan over all open demand, each line of which is covered exactly."""
    plan = env["mrp.production.plan"].create({"demand_source": "open", "explode_subassemblies": explode})
    plan.action_get_items()
    for line in plan.line_ids:
        assert line.qty_demand == line.qty_stock + line.qty_incoming + line.qty_proposed
        assert min(line.qty_stock, line.qty_incoming, line.qty_proposed) >= 0
    return plan


@pytest.mark.parametrize("seed", range(10))
def test_all_demand_is_ordered_once(env: Any, seed: int) -> None:
    rnd, desk = random.Random(seed), Desk(env)
    warehouse = desk.warehouse
    warehouse.delivery_steps = rnd.choice(["ship_only", "pick_ship"])
    warehouse.manufacture_steps = rnd.choice(["mrp_one_step", "pbm", "pbm_sam"])
    vendor = env["res.partner"].create({"name": "Wood Corner"})
    bought = [product(env, f"R{n}", seller_ids=[(0, 0, {"partner_id": vendor.id, "price": 1})]) for n in range(3)]
    halves, items = [product(env, f"S{n}") for n in range(2)], [product(env, f"I{n}") for n in range(2)]

    def bill(made: Any, parts: list[Any], number: int, batch: int) -> None:
        lines = [
            {
                "product_id": part.id,
                "product_qty": rnd.randint(1, 3),
                "product_uom_id": rnd.choice([part.uom_id, desk.dozen]).id,
            }
            for part in rnd.sample(parts, number)
        ]
        values = {"product_tmpl_id": made.product_tmpl_id.id, "product_qty": batch}
        env["mrp.bom"].create(values | {"bom_line_ids": [(0, 0, line) for line in lines]})

    for made in halves:
        bill(made, bought, 2, rnd.choice([1, 2]))
    for made in items:
        bill(made, bought + halves, 3, 1)
    for each in bought + halves + items:
        if rnd.random() < 0.5:
            put_stock(each, rnd.randint(1, 20))
    rules = env["stock.warehouse.orderpoint"].create(
        [
            {"product_id": each.id, "product_min_qty": 2, "product_max_qty": rnd.randint(5, 15), "trigger": "manual"}
            for each in (items[0], rnd.choice(halves), rnd.choice(bought))
        ]
    )
    for _order in range(3):
        dozens = {"product_uom_id": desk.dozen.id} if rnd.random() < 0.2 else {}
        desk.order(*[(rnd.choice(items + halves), rnd.randint(1, 9), dozens) for _line in range(2)])
    env["mrp.production"].create({"product_id": rnd.choice(items).id, "product_qty": 3}).action_confirm()

    explode = rnd.random() < 0.4
    plan = plan_all(env, explode)
    plan.action_create_orders()
    made = plan.line_ids.filtered(lambda line: line.bom_id and line.qty_to_order)
    assert plan.production_ids.product_id == made.product_id
    assert all(line.document_ref for line in plan.line_ids if line.qty_to_order)
    assert set(plan.production_ids.mapped("explode_subassemblies")) <= {explode}
    assert not any(plan_all(env, explode).line_ids.mapped("qty_proposed")), "another plan finds all of it covered"
    env.invalidate_all()
    assert not any(rules.mapped("qty_to_order")), "reordering rules have no more to ask for"
    for each in bought + halves + items:
        requested = each._get_quantity_in_progress().get((each.id, warehouse.lot_stock_id.id), 0)
        assert each.with_context(warehouse_id=warehouse.id).virtual_available + requested >= 0
    assert_stock_laws(env)

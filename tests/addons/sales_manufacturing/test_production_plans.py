"""Production plans over sales orders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws, put_stock
from tests.addons.sales.desk import Desk, ship

ADDONS = ("sales", "manufacturing")


@pytest.fixture
def desk(env: Any) -> Iterator[Desk]:
    """The sales desk; the stock laws are asserted when the test is over."""
    yield Desk(env)
    assert_stock_laws(env)


def made_of(desk: Desk, name: str, part: Any, quantity: int = 1) -> Any:
    """A product with a bill of one component."""
    item = desk.product(name)
    line = (0, 0, {"product_id": part.id, "product_qty": quantity})
    desk.env["mrp.bom"].create({"product_tmpl_id": item.product_tmpl_id.id, "bom_line_ids": [line]})
    return item


def figures(plan: Any) -> dict[str, tuple[Any, ...]]:
    """Product name -> demand and proposal."""
    return {line.product_id.name: (line.qty_demand, line.qty_proposed) for line in plan.line_ids}


def test_a_plan_is_for_the_orders_that_were_chosen(desk: Desk) -> None:
    wood = desk.product("Wood", 100)
    table = made_of(desk, "Table", wood, 4)
    chosen, other = desk.order((table, 3)), desk.order((table, 5))
    plan = chosen.action_plan_production()
    assert (plan.demand_source, plan.sale_ids, figures(plan)["Table"]) == ("sale", chosen, (3, 3))
    plan.action_create_orders()
    production = plan.production_ids
    assert (production.product_qty, chosen.mrp_production_ids, other.mrp_production_count) == (3, production, 0)
    production.button_mark_done()
    ship(chosen.picking_ids)
    assert chosen.delivery_status == "full"


def test_all_sales_orders_are_planned_once(desk: Desk) -> None:
    wood = desk.product("Wood", 100)
    table = made_of(desk, "Table", wood, 4)
    desk.order((table, 3))
    desk.quotation((table, 50))
    desk.order((table, 5))
    plan = desk.env["mrp.production.plan"].create({})
    plan.action_get_items()
    assert figures(plan) == {"Table": (8, 8), "Wood": (32, 0)}
    plan.action_create_orders()
    assert len(plan.production_ids) == 1
    again = desk.env["mrp.production.plan"].create({})
    again.action_get_items()
    assert figures(again)["Table"] == (8, 0)
    desk.order((table, 2))
    again.action_get_items()
    assert figures(again)["Table"] == (10, 2), "only what was ordered since"


def test_what_is_delivered_or_on_hold_is_no_demand(desk: Desk) -> None:
    wood = desk.product("Wood", 100)
    table = made_of(desk, "Table", wood)
    put_stock(table, 2)
    order = desk.order((table, 5), (wood, 2))
    assert figures(order.action_plan_production()) == {"Table": (5, 3), "Wood": (5, 0)}
    ship(order.picking_ids)
    assert figures(order.action_plan_production()) == {"Table": (3, 3), "Wood": (3, 0)}
    order.order_line.move_ids.filtered(lambda move: move.state != "done").action_put_on_hold()
    assert not order.action_plan_production().line_ids


def test_custom_items_are_made_by_themselves(desk: Desk) -> None:
    made, _name = desk.env["product.product"].with_context(default_is_custom=True).name_create("Walnut desk")
    order = desk.order((desk.env["product.product"].browse(made), 1))
    assert not order.action_plan_production().line_ids

"""Production plans over sales orders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws, put_stock
from core.testing.queries import max_queries
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


def custom_item(desk: Desk, name: str = "Walnut desk") -> Any:
    """A custom item."""
    made, _name = desk.env["product.product"].with_context(default_is_custom=True).name_create(name)
    return desk.env["product.product"].browse(made)


def test_a_custom_item_says_that_it_needs_a_bill(desk: Desk) -> None:
    item = custom_item(desk)
    order = desk.order((item, 3))
    plan = order.action_plan_production()
    line = plan.line_ids
    assert (line.product_id, line.qty_demand, line.qty_proposed) == (item, 3, 3)
    assert (line.supply, line.problem, line.needs_bom) == ("none", "no bill of materials", True)
    plan.action_create_orders()
    assert (plan.state, order.mrp_production_count) == ("draft", 0)
    bill = line.action_new_bom()
    assert bill == line.action_new_bom() == order.order_line.action_new_bom(), "there is one to fill in"
    bill.write({"bom_line_ids": [(0, 0, {"product_id": desk.product("Plank", 30).id, "product_qty": 2})]})
    assert order.mrp_production_ids.product_qty == 3, "made when the bill is saved"
    assert not plan.line_ids.filtered("needs_bom"), "the plan does not ask for the bill that is there"
    assert not plan.line_ids.filtered(lambda line: line.product_id == item)


def test_without_required_bills_a_plan_makes_custom_items_of_nothing(desk: Desk) -> None:
    item = custom_item(desk)
    order = desk.order((item, 3))
    desk.env.company.require_bom = False
    plan = order.action_plan_production()
    line = plan.line_ids
    assert (line.qty_proposed, line.supply, line.needs_bom) == (3, "manufacture", False)
    plan.action_create_orders()
    production = plan.production_ids
    assert (production.product_qty, production.state, production.move_raw_ids.ids) == (3, "confirmed", [])
    assert order.mrp_production_ids == production and line.action_view_document() == production
    assert not order.action_plan_production().line_ids, "it is made once"
    production.button_mark_done()
    ship(order.picking_ids)
    assert order.delivery_status == "full"


def test_less_of_a_custom_item_leaves_the_rest_for_the_next_plan(desk: Desk) -> None:
    item = custom_item(desk)
    order = desk.order((item, 3))
    desk.env.company.require_bom = False
    plan = order.action_plan_production()
    plan.write({"line_ids": [(1, plan.line_ids.id, {"qty_to_order": 2})]})
    plan.action_create_orders()
    again = order.action_plan_production()
    assert (plan.production_ids.product_qty, figures(again)) == (2, {"Walnut desk": (1, 1)})
    again.action_create_orders()
    assert sorted(order.mrp_production_ids.mapped("product_qty")) == [1, 2]
    order.mrp_production_ids.button_mark_done()
    for picking in order.picking_ids:
        ship(picking)
    assert order.delivery_status == "full"


def test_more_of_a_custom_item_is_made_for_stock(desk: Desk) -> None:
    item = custom_item(desk)
    order = desk.order((item, 3))
    desk.env.company.require_bom = False
    plan = order.action_plan_production()
    plan.write({"line_ids": [(1, plan.line_ids.id, {"qty_to_order": 5})]})
    plan.action_create_orders()
    assert sorted(plan.production_ids.mapped("product_qty")) == [2, 3]
    assert order.order_line.move_ids.created_production_id.product_qty == 3


def test_many_custom_items_are_planned_in_as_many_statements_as_few(desk: Desk) -> None:
    desk.env.company.require_bom = True

    def measured(count: int, limit: int) -> int:
        orders = [desk.order((custom_item(desk, f"Item {count}-{number}"), 1)) for number in range(count)]
        plan = desk.env["mrp.production.plan"].create({"sale_ids": [(6, 0, [order.id for order in orders])]})
        desk.env.flush_all()
        desk.env.invalidate_all()
        with max_queries(desk.env, limit) as statements:
            plan.action_get_items()
            desk.env.flush_all()
        return len(statements)

    few = measured(2, 200)
    measured(20, few + 5)

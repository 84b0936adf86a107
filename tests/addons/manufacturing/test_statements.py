"""What orders cost: every action takes as many statements for many orders as for a few."""

from __future__ import annotations

import pytest

from addons.inventory.testing import assert_stock_laws
from core.testing.queries import max_queries
from tests.addons.manufacturing.workshop import Workshop

ADDONS = ["manufacturing"]


def unbuilds(orders):
    """Unbuild orders for one of what each order made."""
    orders.button_mark_done()
    return orders.env["mrp.unbuild"].create([{"mo_id": order.id, "product_qty": 1} for order in orders])


def part_of(orders):
    """The orders, with four of ten entered as produced."""
    orders.write({"qty_producing": 4})
    return orders


# name -> what is made ready before counting, what is counted
ACTIONS = {
    "give back": (None, lambda orders: orders.do_unreserve()),
    "reserve": (lambda orders: orders.do_unreserve() or orders, lambda orders: orders.action_assign()),
    "state consumption": (None, lambda orders: orders.set_qty_producing()),
    "split": (None, lambda orders: orders._split_productions({order: [6] for order in orders})),
    "merge": (None, lambda orders: orders.action_merge()),
    "cancel": (None, lambda orders: orders.action_cancel()),
    "change the quantity": (None, lambda orders: orders.write({"product_qty": 12})),
    "plan anew": (None, lambda orders: orders.action_update_bom()),
    "back flush": (part_of, lambda orders: orders.action_back_flush()),
    "unbuild": (unbuilds, lambda orders: orders.action_validate()),
}


@pytest.mark.both_dialects("statements")
@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_costs_the_same_for_few_and_for_many(env, action):
    shop = Workshop(env, tops=1000, legs=4000)
    prepare, act = ACTIONS[action]

    def cost(count):
        orders = env["mrp.production"].create([{"product_id": shop.table.id, "product_qty": 10}] * count)
        orders.action_confirm()
        subject = prepare(orders) if prepare else orders
        env.flush_all()
        with max_queries(env, 1000) as statements:
            act(subject)
            env.flush_all()
        return len(statements)

    cost(2)
    few, many = cost(4), cost(30)
    assert many <= few + 2
    assert_stock_laws(env)


def test_products_of_orders_and_components_are_read_at_once_when_a_part_is_made(env):
    shop = Workshop(env)
    orders = shop.order(10) | shop.order(5)
    orders.qty_producing = 4
    env.flush_all()
    env.invalidate_all()
    with max_queries(env, 100) as statements:
        orders.button_mark_done({"backorder": {"*": True}})
    for table in ("product_product", "product_template"):
        assert sum(statement.startswith(f"SELECT {table}.id") for statement in statements) == 1


def test_an_edit_of_an_order_takes_as_many_statements_however_many_components(env):
    def edit(count):
        rows = [{"name": f"Part {count}.{number}", "is_storable": True} for number in range(count)]
        components = env["product.product"].create(rows)
        product = env["product.product"].create({"name": f"Thing of {count}", "is_storable": True})
        order = env["mrp.production"].create(
            {
                "product_id": product.id,
                "product_qty": 2,
                "move_raw_ids": [(0, 0, {"product_id": part.id, "product_uom_qty": 2}) for part in components],
            }
        )
        order.action_confirm()
        env.flush_all()
        env.invalidate_all()
        moves = {"fields": {"product_id": {}, "quantity": {}, "lot_ids": {}, "should_consume_qty": {}}, "changed": True}
        with max_queries(env, 10_000) as statements:
            answer = order.onchange({"qty_producing": 1}, ["qty_producing"], {"move_raw_ids": moves})["value"]
        assert len(answer["move_raw_ids"]) == count
        return len(statements)

    edit(2)
    assert edit(10) == edit(100)

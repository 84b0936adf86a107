"""Several people at once: an order is closed once, components are not consumed twice, numbers are not given twice."""

from __future__ import annotations

import pytest

from addons.inventory.exceptions import InsufficientStock
from addons.inventory.testing import assert_stock_laws, put_stock
from addons.manufacturing.exceptions import ManufacturingError
from tests.addons.manufacturing.workshop import Workshop, bill, family_name, product
from tests.overlap import overtake, together

ADDONS = ["manufacturing"]
pytestmark = pytest.mark.both_dialects("locking")


def test_of_two_people_who_validate_one_learns_that_it_is_done(db):
    with db.transaction() as env:
        order_id = Workshop(env).order(10).id

    def validate(env):
        order = env["mrp.production"].browse(order_id)
        order.qty_producing = 6
        order.button_mark_done({"backorder": {"*": True}})
        return "made"

    def read(env):
        return env["mrp.production"].browse(order_id).state

    results = together(db, *[validate] * 4, before=read)
    assert results.count("made") == 1
    assert [type(result) for result in results if result != "made"] == [ManufacturingError] * 3
    with db.transaction() as env:
        order = env["mrp.production"].browse(order_id)
        assert order.production_group_id.production_ids.mapped("name") == [family_name(order, 1), family_name(order, 2)]
        assert order.product_id.qty_available == 6
        assert_stock_laws(env)


def test_orders_for_the_same_components_share_them_out(db):
    with db.transaction() as env:
        shop = Workshop(env, tops=12, legs=48)
        shop.top.stock_quant_ids.location_id.allow_negative_stock = False
        ids = [shop.order(3, confirm=False).id for _order in range(6)]

    def make(order_id):
        def work(env):
            order = env["mrp.production"].browse(order_id)
            order.action_confirm()
            order.button_mark_done()
            return "made"

        return work

    results = together(db, *map(make, ids), before=lambda env: env["mrp.production"].browse(ids).mapped("state"))
    assert results.count("made") == 4
    assert [type(result) for result in results if result != "made"] == [InsufficientStock] * 2
    with db.transaction() as env:
        orders = env["mrp.production"].browse(ids)
        assert sum(orders.mapped("qty_produced")) == 12
        assert orders[0].product_id.qty_available == 12
        assert_stock_laws(env)


def test_serial_numbers_are_given_once(db):
    with db.transaction() as env:
        seat, chair = product(env, "Seat"), product(env, "Chair", tracking="serial")
        put_stock(seat, 100)
        bill(env, chair, {seat: 1})
        orders = env["mrp.production"].create([{"product_id": chair.id, "product_qty": 1}] * 6)
        orders.action_confirm()
        ids = orders.ids

    def make(order_id):
        return lambda env: env["mrp.production"].browse(order_id).button_mark_done() or "made"

    assert together(db, *map(make, ids)) == ["made"] * 6
    with db.transaction() as env:
        orders = env["mrp.production"].browse(ids)
        assert len(set(orders.lot_producing_ids.mapped("name"))) == 6
        assert_stock_laws(env)


def test_plans_at_once_order_the_same_demand_once(db):
    with db.transaction() as env:
        shop = Workshop(env, tops=0, legs=0)
        bill(env, shop.top, {shop.leg: 1})
        kind = env.ref("inventory.picking_type_out")
        env["stock.picking"].create(
            {
                "picking_type_id": kind.id,
                "location_id": kind.default_location_src_id.id,
                "location_dest_id": env.ref("inventory.stock_location_customers").id,
                "move_ids": [(0, 0, {"product_id": shop.table.id, "product_uom_qty": 5})],
            }
        ).action_confirm()
        plans = env["mrp.production.plan"].create([{"demand_source": "open"}] * 4)
        plans.action_get_items()
        assert plans.line_ids.filtered(lambda line: line.product_id == shop.table).mapped("qty_to_order") == [5] * 4
        ids = plans.ids

    def order(plan_id):
        return lambda env: env["mrp.production.plan"].browse(plan_id).action_create_orders() or "planned"

    def read(env):
        return env["mrp.production.plan"].browse(ids).line_ids.mapped("qty_to_order")

    assert together(db, *map(order, ids), before=read) == ["planned"] * 4
    with db.transaction() as env:
        made = env["mrp.production"].search([])
        assert sorted((order.product_id.name, order.product_qty) for order in made) == [("Table", 5), ("Table Top", 5)]
        assert sorted(env["mrp.production.plan"].browse(ids).mapped("state")) == ["done", "draft", "draft", "draft"]
        assert_stock_laws(env)


def test_order_that_was_closed_meanwhile_keeps_its_quantity(db):
    with db.transaction() as env:
        order_id = Workshop(env).order(2).id

    def read(env):
        order = env["mrp.production"].browse(order_id)
        return order.state, order.product_qty, (order.move_raw_ids | order.move_finished_ids).mapped("state")

    def change(env):
        env["mrp.production"].browse(order_id).write({"product_qty": 5})

    def close(env):
        env["mrp.production"].browse(order_id).button_mark_done()

    assert overtake(db, read, change, close).code == "manufacturing.field_closed"
    with db.transaction() as env:
        order = env["mrp.production"].browse(order_id)
        assert (order.state, order.product_qty, order.qty_produced) == ("done", 2, 2)
        assert_stock_laws(env)


def test_products_are_taken_apart_once_by_two_users(db):
    with db.transaction() as env:
        order = Workshop(env).order(2)
        order.button_mark_done()
        unbuilds = env["mrp.unbuild"].create([{"mo_id": order.id, "product_qty": 2} for _user in range(2)])
        order_id, (early_id, late_id) = order.id, unbuilds.ids

    def read(env):
        order = env["mrp.production"].browse(order_id)
        return order.state, order.qty_produced, order.unbuild_ids.mapped("state")

    def unbuild(id_):
        return lambda env: env["mrp.unbuild"].browse(id_).action_validate()

    assert overtake(db, read, unbuild(late_id), unbuild(early_id)).code == "manufacturing.unbuild_quantity"
    with db.transaction() as env:
        assert env["mrp.unbuild"].browse([early_id, late_id]).mapped("state") == ["done", "draft"]
        assert_stock_laws(env)

"""A confirmed order changes: its quantity, its bill of materials, its dates, its places."""

from __future__ import annotations

from datetime import datetime

import pytest

from addons.inventory.testing import assert_stock_laws
from core.exceptions import UserError
from tests.addons.manufacturing.workshop import D, Workshop, bill, on_hand, product

ADDONS = ["manufacturing"]


def demands(order):
    """Component name -> demand."""
    return {move.product_id.name: move.product_uom_qty for move in order.move_raw_ids}


def test_a_quantity_written_to_a_confirmed_order_reaches_components_and_product(env):
    shop = Workshop(env)
    order = shop.order(10)
    order.write({"product_qty": 5})
    assert demands(order) == {"Table Top": D(5), "Table Leg": D(20)}
    assert shop.reserved(order) == {"Table Top": D(5), "Table Leg": D(20)}
    assert order.move_finished_ids.product_uom_qty == 5
    order.button_mark_done()
    assert on_hand(shop.table) == 5
    assert_stock_laws(env)


def test_a_closed_order_keeps_its_quantity(env):
    order = Workshop(env).order(10)
    order.button_mark_done()
    with pytest.raises(UserError, match=r"Quantity To Produce of WH/MO/\d{5} \(Done\) cannot change any more"):
        order.product_qty = 5


def test_a_confirmed_order_makes_what_it_was_confirmed_for(env):
    shop = Workshop(env)
    order = shop.order(10)
    bench = product(env, "Bench")
    with pytest.raises(UserError, match=r"Product of WH/MO/\d{5} \(Confirmed\) cannot change any more"):
        order.product_id = bench
    order.write({"product_id": shop.table.id})  # the same again is no change


def test_another_bill_replaces_the_components(env):
    shop = Workshop(env)
    order = shop.order(10)
    plank = product(env, "Plank")
    order.bom_id = bill(env, shop.table, {plank: 2}, sequence=99)
    assert demands(order) == {"Plank": D(20)}
    assert on_hand(shop.leg) == 80
    order.qty_producing = 4
    with pytest.raises(UserError, match="is under way and keeps its components"):
        order.bom_id = shop.bom
    assert_stock_laws(env)


def test_components_planned_anew_are_fetched_once(env):
    """In two steps the components are on a transfer already; another bill cancels that one."""
    shop = Workshop(env)
    env.ref("inventory.warehouse0").manufacture_steps = "pbm"
    order = shop.order(10)
    fetching = order.picking_ids
    shop.bom.bom_line_ids[1].product_qty = 3
    order.action_update_bom()
    assert fetching.state == "cancel"
    assert {move.product_id.name: move.product_uom_qty for move in order.picking_ids.move_ids} == {
        "Table Top": D(10),
        "Table Leg": D(30),
    }
    assert_stock_laws(env)


def test_what_waits_for_the_product_still_does_after_another_bill(env):
    shop = Workshop(env)
    order = shop.order(10)
    wanted = env["stock.move"].create(
        {
            "product_id": shop.table.id,
            "product_uom_qty": 10,
            "product_uom": shop.table.uom_id.id,
            "location_id": order.location_dest_id.id,
            "location_dest_id": env.ref("inventory.stock_location_customers").id,
            "move_orig_ids": [(6, 0, order.move_finished_ids.ids)],
        }
    )
    wanted._action_confirm()
    order.action_update_bom()
    assert order.move_finished_ids.move_dest_ids == wanted
    order.button_mark_done()
    assert wanted.quantity == 10
    assert_stock_laws(env)


def test_dates_follow_the_start(env):
    shop = Workshop(env)
    shop.bom.produce_delay = 3
    order = shop.order(2, date_start=datetime(2030, 1, 1, 8))
    assert order.date_finished == datetime(2030, 1, 4, 8)
    assert set(order.move_raw_ids.mapped("date")) == {datetime(2030, 1, 1, 8)}
    assert order.move_finished_ids.date == datetime(2030, 1, 4, 8)
    order.date_start = datetime(2030, 2, 1, 8)
    assert set(order.move_raw_ids.mapped("date")) == {datetime(2030, 2, 1, 8)}
    assert order.move_finished_ids.date == order.date_finished == datetime(2030, 2, 4, 8)


def test_components_come_from_the_place_that_is_written_to_the_order(env):
    shop = Workshop(env)
    order = shop.order(10)
    order.location_src_id = order.warehouse_id.pbm_loc_id
    assert order.move_raw_ids.location_id == order.warehouse_id.pbm_loc_id
    assert order.reservation_state == "confirmed"
    assert_stock_laws(env)

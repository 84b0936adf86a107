"""A confirmed order changes: its quantity, its bill of materials, its dates, its places."""

from __future__ import annotations

from datetime import datetime

from addons.inventory.testing import assert_stock_laws
from addons.manufacturing.exceptions import ManufacturingError
from tests.addons.manufacturing.workshop import D, Workshop, bill, free, on_hand, product

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


def test_demand_that_follows_the_quantity_of_the_order_is_not_changed_by_hand(env):
    shop = Workshop(env)
    order = shop.order(10)
    order.write({"product_qty": 5})
    assert not order.move_raw_ids.filtered("manual_consumption")
    legs = order.move_raw_ids.filtered(lambda move: move.product_id == shop.leg)
    legs.product_uom_qty = 25
    assert order.move_raw_ids.filtered("manual_consumption") == legs


def test_a_closed_order_keeps_its_quantity(env, refused):
    order = Workshop(env).order(10)
    order.button_mark_done()
    data = {"field": "product_qty", "orders": [order.name]}
    with refused(ManufacturingError, code="manufacturing.field_closed", data=data):
        order.product_qty = 5


def test_saying_the_state_again_opens_no_closed_order(env, refused):
    """A client sends the state that the order has along with other values: they are refused as they are alone."""
    order = Workshop(env).order(3)
    order.button_mark_done()
    data = {"field": "product_qty", "orders": [order.name]}
    with refused(ManufacturingError, code="manufacturing.field_closed", data=data):
        order.write({"product_qty": 50, "state": "done"})
    assert order.product_qty == 3


def test_a_closed_order_produces_nothing_and_says_where_the_rest_is(env, refused):
    shop = Workshop(env)
    order, dropped = shop.order(10), shop.order(2)
    order.qty_producing = 6
    order.button_mark_done().action_backorder()
    dropped.action_cancel()
    with refused(ManufacturingError, code="manufacturing.order_closed", data={"orders": [order.name]}) as refusal:
        order.qty_producing = 1
    assert refusal.value.records == order.production_group_id.production_ids - order
    with refused(ManufacturingError, code="manufacturing.order_closed", data={"orders": [dropped.name]}) as refusal:
        dropped.qty_producing = 1
    assert refusal.value.records is None


def test_a_confirmed_order_makes_what_it_was_confirmed_for(env, refused):
    shop = Workshop(env)
    order = shop.order(10)
    bench = product(env, "Bench")
    data = {"field": "product_id", "orders": [order.name]}
    with refused(ManufacturingError, code="manufacturing.field_closed", data=data):
        order.product_id = bench
    order.write({"product_id": shop.table.id})  # the same again is no change


def test_another_bill_replaces_the_components(env, refused):
    shop = Workshop(env)
    order = shop.order(10)
    plank = product(env, "Plank")
    order.bom_id = bill(env, shop.table, {plank: 2}, sequence=99)
    assert demands(order) == {"Plank": D(20)}
    assert on_hand(shop.leg) == 80
    order.qty_producing = 4
    with refused(ManufacturingError, code="manufacturing.order_started", data={"orders": [order.name]}):
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


def test_a_component_taken_off_is_given_back_and_asked_about(env):
    shop = Workshop(env)
    order = shop.order(10)
    order.move_raw_ids = [(2, order.move_raw_ids.filtered(lambda move: move.product_id == shop.leg).id)]
    assert (demands(order), free(shop.leg)) == ({"Table Top": D(10)}, 80)
    question = order.button_mark_done()
    line = question.mrp_consumption_warning_line_ids
    assert (line.product_id, line.product_expected_qty_uom, line.product_consumed_qty_uom) == (shop.leg, 40, 0)
    question.action_confirm()
    assert (order.state, on_hand(shop.leg)) == ("done", 80)
    assert_stock_laws(env)


def test_a_component_taken_off_in_two_steps_is_not_fetched(env):
    shop = Workshop(env)
    env.ref("inventory.warehouse0").manufacture_steps = "pbm"
    order = shop.order(10)
    order.move_raw_ids = [(2, order.move_raw_ids.filtered(lambda move: move.product_id == shop.leg).id)]
    fetching = env["stock.move"].search([("product_id", "=", shop.leg.id), ("picking_id", "!=", False)])
    assert fetching.state == "cancel"
    assert_stock_laws(env)


def test_orders_learn_that_their_bill_has_changed(env):
    shop = Workshop(env)
    confirmed, draft, done = shop.order(10), shop.order(5, confirm=False), shop.order(1)
    done.button_mark_done()
    shop.bom.bom_line_ids[1].product_qty = 3
    assert (confirmed | draft | done).mapped("is_outdated_bom") == [True, True, False]
    (confirmed | draft).action_update_bom()
    assert not any((confirmed | draft).mapped("is_outdated_bom"))
    assert (demands(confirmed)["Table Leg"], demands(draft)["Table Leg"]) == (30, 15)
    shop.bom.bom_line_ids[1].unlink()
    assert confirmed.is_outdated_bom


def test_orders_of_both_bills_learn_of_a_component_that_moves_from_one_to_the_other(env):
    shop = Workshop(env)
    other = shop.bom.copy()
    order = shop.order(10)
    shop.bom.bom_line_ids[1].bom_id = other
    assert order.is_outdated_bom


def test_an_order_without_a_bill_becomes_one(env, refused):
    leg, stool = product(env, "Leg"), product(env, "Stool")
    order = env["mrp.production"].create(
        {
            "product_id": stool.id,
            "product_qty": 2,
            "move_raw_ids": [(0, 0, {"product_id": leg.id, "product_uom_qty": 6})],
        }
    )
    order.action_confirm()
    assert order.show_generate_bom
    made = order.action_generate_bom()
    assert (made.product_qty, made.bom_line_ids.product_id, made.bom_line_ids.product_qty) == (2, leg, 6)
    assert order.bom_id == made and not order.show_generate_bom
    again = env["mrp.production"].create({"product_id": stool.id, "product_qty": 1})
    assert demands(again) == {"Leg": D(3)}
    data = {"order": order.name, "bom": "Stool"}
    with refused(ManufacturingError, code="manufacturing.bom_not_needed", data=data):
        order.action_generate_bom()


def test_a_copy_has_the_components_of_the_order(env):
    shop = Workshop(env)
    order = shop.order(3, confirm=False)
    order.move_raw_ids[0].product_uom_qty = 9
    copy = order.copy()
    assert demands(copy) == demands(order) and copy.state == "draft"
    assert demands(order.copy({"product_qty": 1})) == {"Table Top": D(1), "Table Leg": D(4)}


def test_by_products_of_one_order_are_listed_with_it(env):
    shop, dust = Workshop(env), product(env, "Sawdust")
    row = (0, 0, {"product_id": dust.id, "product_uom_qty": 3})
    order = shop.order(2, move_byproduct_ids=[row])
    assert order.move_byproduct_ids.product_id == dust and len(order.move_finished_ids) == 2
    order.write({"move_byproduct_ids": [(1, order.move_byproduct_ids.id, {"product_uom_qty": 4})]})
    order.button_mark_done()
    assert (on_hand(shop.table), on_hand(dust)) == (2, 4)
    assert_stock_laws(env)


def test_scrap_is_taken_where_the_order_takes_and_puts(env):
    shop = Workshop(env)
    order = shop.order(2)
    scrap = order.button_scrap()
    assert (scrap.product_id, scrap.location_id, scrap.origin) == (shop.top, order.location_src_id, order.name)
    scrap.action_validate()
    order.button_mark_done()
    lost = order.button_scrap()
    assert (lost.product_id, lost.location_id) == (shop.table, order.location_dest_id)
    lost.action_validate()
    assert (order.scrap_count, on_hand(shop.table), on_hand(shop.top)) == (2, 1, 17)
    assert_stock_laws(env)


def test_a_product_may_be_made_at_a_place_of_its_own(env):
    shop = Workshop(env)
    common = shop.order(1, confirm=False).production_location_id
    shop.table.property_stock_production = common.copy({"name": "Paint Shop"})
    order = shop.order(1)
    assert order.move_raw_ids.location_dest_id == shop.table.property_stock_production != common


def test_the_product_of_three_steps_comes_to_rest_in_the_stock(env):
    warehouse = env.ref("inventory.warehouse0")
    warehouse.manufacture_steps = "pbm_sam"
    order = Workshop(env).order(1)
    assert (order.location_dest_id, order.location_final_id) == (warehouse.sam_loc_id, warehouse.lot_stock_id)


def test_components_made_to_order_have_orders_of_their_own(env):
    """The families are parent and child; without the warehouse's rule the component is taken from stock."""
    shop = Workshop(env, tops=0)
    bill(env, shop.top, {product(env, "Wood"): 1})
    routes = env.ref("inventory.route_warehouse0_mto") | env.ref("manufacturing.route_warehouse0_manufacture")
    routes.active = True
    shop.top.product_tmpl_id.route_ids = routes
    order = shop.order(4)
    child = order._get_children()
    assert (child.product_id, child.product_qty, order.reservation_state) == (shop.top, 4, "waiting")
    assert child.production_group_id.parent_ids == order.production_group_id
    assert order.production_group_id.child_ids == child.production_group_id
    order.warehouse_id.manufacture_mto_pull_id.procure_method = "make_to_stock"
    assert not shop.order(4)._get_children()

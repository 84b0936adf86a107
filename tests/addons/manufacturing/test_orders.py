"""The life of an order besides making it in parts: change, split, merge, cancel, consume otherwise, take apart."""

from __future__ import annotations

from datetime import datetime

import pytest

from addons.inventory.exceptions import InsufficientStock
from addons.inventory.testing import assert_stock_laws, put_stock
from addons.manufacturing.exceptions import ManufacturingError, NoBillOfMaterials, StrictConsumption
from core.exceptions import UserError
from core.testing.queries import max_queries
from tests.addons.manufacturing.workshop import D, Workshop, bill, family_name, free, on_hand, product

ADDONS = ["manufacturing"]


def test_a_draft_follows_its_quantity(env):
    shop = Workshop(env)
    order = shop.order(10, confirm=False)
    assert {move.product_id.name: move.product_uom_qty for move in order.move_raw_ids} == {
        "Table Top": 10,
        "Table Leg": 40,
    }
    order.product_qty = 3
    assert sorted(order.move_raw_ids.mapped("product_uom_qty")) == [3, 12]
    assert order.move_finished_ids.product_uom_qty == 3
    order.action_confirm()
    assert order.state == "confirmed"


def test_an_order_cannot_be_numbered_without_a_sequence(env, refused):
    shop = Workshop(env)
    kind = shop.order(10, confirm=False).picking_type_id
    kind.sequence_id = False
    with refused(ManufacturingError, code="manufacturing.sequence_missing", data={"ids": kind.ids}):
        shop.order(10, confirm=False)


def test_cancelling_releases_everything(env, refused):
    shop = Workshop(env)
    order = shop.order(10)
    order.action_cancel()
    assert order.state == "cancel"
    assert set(order.move_raw_ids.mapped("state")) == {"cancel"}
    assert free(shop.leg) == 80
    with refused(UserError, code="wrong_state", data={"ids": order.ids, "method": "button_mark_done"}):
        order.button_mark_done()
    assert_stock_laws(env)


def test_unreserve_and_check_availability(env):
    shop = Workshop(env)
    order = shop.order(10)
    order.do_unreserve()
    assert free(shop.leg) == 80 and order.reservation_state == "confirmed"
    order.action_assign()
    assert free(shop.leg) == 40 and order.reservation_state == "assigned"


def test_consumption_typed_in_is_asked_about_and_then_kept(env):
    shop = Workshop(env)
    order = shop.order(10)
    legs = order.move_raw_ids.filtered(lambda move: move.product_id == shop.leg)
    legs.write({"quantity": 42, "picked": True})
    question = order.button_mark_done()
    assert question._name == "mrp.consumption.warning"
    line = question.mrp_consumption_warning_line_ids
    assert (line.product_id, line.product_expected_qty_uom, line.product_consumed_qty_uom) == (shop.leg, 40, 42)
    assert question.action_confirm() is None
    assert order.state == "done" and on_hand(shop.leg) == 38
    assert_stock_laws(env)


def test_consumption_can_be_put_right_instead(env):
    shop = Workshop(env)
    order = shop.order(10)
    legs = order.move_raw_ids.filtered(lambda move: move.product_id == shop.leg)
    legs.write({"quantity": 42, "picked": True})
    order.button_mark_done().action_set_qty()
    assert order.state == "done" and on_hand(shop.leg) == 40
    assert_stock_laws(env)


def test_a_strict_bill_refuses_and_names_the_component(env, refused):
    shop = Workshop(env)
    shop.bom.consumption = "strict"
    order = shop.order(10)
    legs = order.move_raw_ids.filtered(lambda move: move.product_id == shop.leg)
    legs.write({"quantity": 42, "picked": True})
    line = {"order": order.name, "product": "Table Leg", "unit": "Units", "expected": "40", "consumed": "42"}
    with refused(StrictConsumption, data={"lines": [line]}):
        order.button_mark_done()
    with pytest.raises(StrictConsumption):
        order.button_mark_done({"consumption": {"*": True}})


def test_a_flexible_bill_does_not_ask(env):
    shop = Workshop(env)
    shop.bom.consumption = "flexible"
    order = shop.order(10)
    order.move_raw_ids.filtered(lambda move: move.product_id == shop.leg).write({"quantity": 39, "picked": True})
    assert order.button_mark_done() is None
    assert on_hand(shop.leg) == 41
    assert_stock_laws(env)


def test_both_questions_are_asked_in_turn(env):
    shop = Workshop(env)
    order = shop.order(10)
    order.qty_producing = 6
    order.move_raw_ids.filtered(lambda move: move.product_id == shop.leg).write({"quantity": 25, "picked": True})
    first = order.button_mark_done()
    assert first._name == "mrp.consumption.warning"
    second = first.action_confirm()
    assert second._name == "mrp.production.backorder"
    assert second.action_backorder() is None
    rest = order.production_group_id.production_ids - order
    assert shop.consumed(order)["Table Leg"] == 25
    assert (rest.product_qty, shop.reserved(rest)["Table Leg"]) == (4, 16)
    assert on_hand(shop.leg) == 55
    assert_stock_laws(env)


def test_changing_the_quantity_changes_demand_and_reservation(env):
    shop = Workshop(env)
    order = shop.order(10)
    wizard = order.action_change_quantity()
    wizard.product_qty = 4
    wizard.change_prod_qty()
    assert shop.reserved(order) == {"Table Top": D(4), "Table Leg": D(16)}
    env["change.production.qty"].create({"mo_id": order.id, "product_qty": 15}).change_prod_qty()
    assert shop.reserved(order) == {"Table Top": D(15), "Table Leg": D(60)}
    assert order.move_finished_ids.product_uom_qty == 15
    order.button_mark_done()
    assert on_hand(shop.table) == 15
    assert_stock_laws(env)


def test_splitting_on_demand_keeps_reservations_and_numbers_on(env):
    shop = Workshop(env)
    order = shop.order(10)
    wizard = order.action_split()
    assert wizard.production_detailed_vals_ids.mapped("quantity") == [5, 5]
    wizard.write({"production_detailed_vals_ids": [(5, 0, 0), *[(0, 0, {"quantity": n}) for n in (5, 3, 2)]]})
    family = wizard.action_split()
    assert family.mapped("name") == [family_name(order, 1), family_name(order, 2), family_name(order, 3)]
    assert family.mapped("product_qty") == [5, 3, 2]
    assert [shop.reserved(part)["Table Leg"] for part in family] == [20, 12, 8]
    family[1].qty_producing = 1
    family[1].button_mark_done().action_backorder()
    assert family[1].production_group_id.production_ids[-1:].name == family_name(order, 4)
    assert_stock_laws(env)


def test_a_draft_can_be_split_too(env):
    shop = Workshop(env)
    order = shop.order(10, confirm=False)
    family = order.action_split().action_split()
    assert family.mapped("product_qty") == [5, 5] and set(family.mapped("state")) == {"draft"}
    assert [sorted(part.move_raw_ids.mapped("product_uom_qty")) for part in family] == [[5, 20], [5, 20]]
    family.action_confirm()
    assert [shop.reserved(part)["Table Leg"] for part in family] == [20, 20]
    assert_stock_laws(env)


def test_parts_must_add_up(env, refused):
    order = Workshop(env).order(10)
    wizard = order.action_split()
    wizard.write({"production_detailed_vals_ids": [(5, 0, 0), (0, 0, {"quantity": 3})]})
    data = {"order": order.name, "total": "3", "quantity": "10"}
    with refused(ManufacturingError, code="manufacturing.parts_differ_from_order", data=data):
        wizard.action_split()


def test_merging_takes_over_reservations(env):
    shop = Workshop(env)
    orders = shop.order(4) | shop.order(6)
    merged = orders.action_merge()
    assert merged.product_qty == 10 and merged.state == "confirmed"
    assert shop.reserved(merged) == {"Table Top": D(10), "Table Leg": D(40)}
    assert set(orders.mapped("state")) == {"cancel"}
    merged.button_mark_done()
    assert on_hand(shop.table) == 10
    assert_stock_laws(env)


def test_orders_for_different_products_do_not_merge(env, refused):
    shop = Workshop(env)
    other = product(env, "Bench")
    bill(env, other, {shop.leg: 2})
    bench = env["mrp.production"].create({"product_id": other.id, "product_qty": 1})
    with refused(ManufacturingError, code="manufacturing.merge_of_different", data={"field": "product_id"}):
        (bench | shop.order(1, confirm=False)).action_merge()


def test_an_order_is_taken_apart_again(env, refused):
    shop = Workshop(env)
    order = shop.order(10)
    order.button_mark_done()
    unbuild = order.action_unbuild()
    unbuild.product_qty = 4
    unbuild.action_validate()
    assert unbuild.state == "done"
    assert (on_hand(shop.table), on_hand(shop.top), on_hand(shop.leg)) == (6, 14, 56)
    again = order.action_unbuild()
    again.product_qty = 7
    with refused(ManufacturingError, code="manufacturing.unbuild_quantity", data={"made": "10", "left": "6"}):
        again.action_validate()
    assert_stock_laws(env)


def test_components_that_are_not_there_are_booked_or_refused_as_the_location_says(env, refused):
    shop = Workshop(env, tops=0)
    order = shop.order(2)
    order.location_src_id.allow_negative_stock = False
    with refused(InsufficientStock, data={"product": "Table Top"}), env.savepoint():
        order.button_mark_done()
    order.location_src_id.allow_negative_stock = True
    order.button_mark_done()
    assert order.state == "done" and on_hand(shop.top) == -2


def test_statements_do_not_grow_with_the_number_of_orders(env):
    shop = Workshop(env, tops=2000, legs=8000)

    def flow(count):
        statements = []
        with max_queries(env, 1000) as confirmed:
            orders = env["mrp.production"].create([{"product_id": shop.table.id, "product_qty": 10}] * count)
            orders.action_confirm()
        statements.append(len(confirmed))
        orders.write({"qty_producing": 6})
        with max_queries(env, 1000) as made:
            orders.button_mark_done({"backorder": {"*": True}})
        statements.append(len(made))
        assert set(orders.mapped("state")) == {"done"}
        return statements

    flow(2)
    few, many = flow(5), flow(40)
    assert many == few
    assert_stock_laws(env)


def test_the_user_of_manufacturing_can_do_all_this(env):
    shop = Workshop(env)
    user = env["res.users"].create(
        {"name": "Maker", "login": "maker", "group_ids": [(4, env.ref("manufacturing.group_mrp_user").id)]}
    )
    order = env["mrp.production"].with_user(user).create({"product_id": shop.table.id, "product_qty": 10})
    order.action_confirm()
    order.qty_producing = 6
    order.button_mark_done().action_backorder()
    assert order.state == "done"
    assert_stock_laws(env)


def test_work_in_progress_transfer_and_back_flush(env):
    """Seed 4: bring the components to the place of work, then take the product in from there, in parts."""
    shop = Workshop(env)
    order = shop.order(10)
    wip = order.warehouse_id.pbm_loc_id
    transfer = order.action_make_transfer()
    assert {move.product_id.name: move.product_uom_qty for move in transfer.move_ids} == {
        "Table Top": 10,
        "Table Leg": 40,
    }
    assert order.location_src_id == wip and order.reservation_state == "waiting"
    transfer.button_validate()
    assert order.reservation_state == "assigned"
    assert on_hand(shop.leg, wip) == 40
    order.qty_producing = 6
    assert order.action_back_flush() is None
    assert (order.state, order.qty_produced, order.name) == ("progress", 6, order.production_group_id.name)
    assert on_hand(shop.leg, wip) == 16
    order.action_back_flush()
    assert (order.state, order.qty_produced) == ("done", 10)
    assert on_hand(shop.leg, wip) == 0
    assert on_hand(shop.table) == 10
    assert_stock_laws(env)


@pytest.mark.parametrize("wip", ["Pre-Production (WIP)", "Bench", "Shelf"])
def test_make_transfer_and_back_flush_at_any_places(env, wip):
    """Trap 7: the order names where its components are worked on and where the product goes."""
    shop = Workshop(env)
    warehouse = env.ref("inventory.warehouse0")
    around = {"Bench": warehouse.view_location_id, "Shelf": warehouse.lot_stock_id}
    place = (
        env["stock.location"].create({"name": wip, "location_id": around[wip].id})
        if wip in around
        else warehouse.pbm_loc_id
    )
    shelf = env["stock.location"].create({"name": "Finished", "location_id": warehouse.view_location_id.id})
    order = shop.order(4, location_src_id=place.id, location_dest_id=shelf.id)
    assert order.location_final_id == shelf
    assert order.show_make_transfer
    transfer = order.action_make_transfer()
    assert {move.product_id.name: move.product_uom_qty for move in transfer.move_ids} == {
        "Table Top": 4,
        "Table Leg": 16,
    }
    assert transfer.location_id == warehouse.lot_stock_id and transfer.location_dest_id == place
    assert not order.show_make_transfer
    assert order.action_make_transfer() == transfer, "pressed again it brings nothing twice"
    transfer.button_validate()
    assert order.reservation_state == "assigned"
    order.qty_producing = 1
    order.action_back_flush()
    assert (order.qty_produced, on_hand(shop.table, shelf)) == (1, 1)
    order.action_back_flush()
    assert (order.state, order.qty_produced, on_hand(shop.table, shelf)) == ("done", 4, 4)
    assert (on_hand(shop.leg, place), on_hand(shop.leg)) == (0, 64)
    assert_stock_laws(env)


def test_choosing_one_place_on_the_form_leaves_the_other(env):
    orders, warehouse = env["mrp.production"], env.ref("inventory.warehouse0")
    chosen = {"location_src_id": warehouse.pbm_loc_id.id, "location_dest_id": warehouse.sam_loc_id.id}
    values = orders.default_get(["picking_type_id", "company_id"]) | chosen
    for edited in chosen:
        assert not chosen.keys() & orders.onchange(values, [edited], dict.fromkeys(values))["value"].keys()


def test_a_cancelled_transfer_can_be_made_again(env):
    order = Workshop(env).order(4, location_src_id=env.ref("inventory.warehouse0").pbm_loc_id.id)
    order.action_make_transfer().action_cancel()
    assert order.show_make_transfer
    again = order.action_make_transfer().filtered(lambda picking: picking.state != "cancel")
    again.button_validate()
    assert order.reservation_state == "assigned"
    assert_stock_laws(env)


def test_a_sub_assembly_made_to_order_is_transferred_when_it_is_made(env):
    """Named places do not cut the chain from the order for the sub-assembly to the order that consumes it."""
    shop = Workshop(env, tops=0)
    routes = ["inventory.route_warehouse0_mto", "manufacturing.route_warehouse0_manufacture"]
    shop.top.route_ids = [(6, 0, [env.ref(name).id for name in routes])]
    bill(env, shop.top, {shop.leg: 1})
    wip = env.ref("inventory.warehouse0").pbm_loc_id
    for order, made in ((shop.order(2), 1), (shop.order(3, location_src_id=wip.id), 0)):
        assert order.mrp_production_child_count == made
        transfer = order.action_make_transfer()
        child = env["mrp.production"].search([("product_id", "=", shop.top.id), ("state", "=", "confirmed")])
        assert len(child) == 1
        assert transfer.move_ids.filtered(lambda move: move.product_id == shop.top).state == "waiting"
        child.button_mark_done()
        transfer.button_validate()
        assert (transfer.state, order.reservation_state) == ("done", "assigned")
        order.action_back_flush()
        assert order.state == "done"
    assert_stock_laws(env)


@pytest.mark.parametrize("steps", ["pbm", "pbm_sam"])
def test_two_and_three_steps(env, steps):
    shop = Workshop(env)
    warehouse = env.ref("inventory.warehouse0")
    warehouse.manufacture_steps = steps
    order = shop.order(10)
    transfer = order.picking_ids
    assert transfer.picking_type_id == warehouse.pbm_type_id and transfer.state == "assigned"
    assert order.reservation_state == "waiting"
    transfer.button_validate()
    assert order.reservation_state == "assigned"
    order.qty_producing = 6
    order.button_mark_done().action_backorder()
    rest = order.production_group_id.production_ids - order
    assert rest.reservation_state == "assigned"
    assert len(transfer.move_ids) == 2
    rest.button_mark_done()
    if steps == "pbm_sam":
        stores = env["stock.picking"].search([("picking_type_id", "=", warehouse.sam_type_id.id)])
        stores.button_validate()
    assert on_hand(shop.table, warehouse.lot_stock_id) == 10
    assert_stock_laws(env)


def test_settings_of_rules_stay_when_the_steps_change(env):
    warehouse = env.ref("inventory.warehouse0")
    rules = warehouse.manufacture_pull_id | warehouse.manufacture_mto_pull_id | warehouse.mto_pull_id
    assert set(rules.mapped("procure_method")) == {"make_to_order"}
    settings = {"name": "Ours", "procure_method": "mts_else_mto", "propagate_cancel": True}
    rules.write(settings)
    warehouse.write({"manufacture_steps": "pbm_sam", "delivery_steps": "pick_ship"})
    assert [{name: rule[name] for name in settings} for rule in rules] == [settings] * 3
    assert warehouse.manufacture_pull_id.location_dest_id == warehouse.sam_loc_id
    assert warehouse.mto_pull_id.picking_type_id == warehouse.pick_type_id


def test_a_rule_of_ones_own_stays_when_components_are_no_longer_picked(env):
    warehouse = env.ref("inventory.warehouse0")
    warehouse.manufacture_steps = "pbm"
    route = warehouse.pbm_route_id
    picked = route.rule_ids
    assert (picked.action, picked.location_dest_id) == ("pull", warehouse.pbm_loc_id)
    own = picked.copy({"name": "From Input", "location_src_id": warehouse.wh_input_stock_loc_id.id})
    warehouse.manufacture_steps = "mrp_one_step"
    assert (picked.active, own.active) == (False, True)
    warehouse.manufacture_steps = "pbm"
    assert (picked.active, own.active, len(route.rule_ids)) == (True, True, 2)


def test_an_order_without_a_company_is_made_at_the_common_production_location(env):
    common = env.ref("inventory.location_production")
    order = env["mrp.production"].new({"company_id": False})
    assert order.production_location_id == common
    assert env["mrp.unbuild"].new({"company_id": False})._production_location() == common


def test_moves_that_an_addon_locks_too_are_not_rescheduled(env, monkeypatch):
    shop = Workshop(env)
    order = shop.order(10)
    other = env["stock.move"].create(
        {
            "product_id": shop.table.id,
            "location_id": order.location_dest_id.id,
            "location_dest_id": env.ref("inventory.stock_location_customers").id,
        }
    )
    day, below = other.date, type(order)._moves_to_lock
    monkeypatch.setattr(type(order), "_moves_to_lock", lambda self: below(self) | other)
    order.date_start = datetime(2030, 1, 2)
    assert set(order.move_raw_ids.mapped("date")) == {datetime(2030, 1, 2)}
    assert other.date == day


def test_work_orders_wait_for_one_another_and_carry_what_they_made(env, refused):
    shop = Workshop(env)
    saw = env["mrp.workcenter"].create({"name": "Saw"})
    shop.bom.write(
        {
            "allow_operation_dependencies": True,
            "operation_ids": [
                (0, 0, {"name": "Cut", "workcenter_id": saw.id, "time_cycle_manual": 6}),
                (0, 0, {"name": "Join", "workcenter_id": saw.id, "time_cycle_manual": 3}),
            ],
        }
    )
    cut, join = shop.bom.operation_ids
    join.blocked_by_operation_ids = cut
    order = shop.order(10)
    first, second = order.workorder_ids
    assert (first.state, second.state) == ("ready", "blocked")
    assert (first.duration_expected, second.duration_expected) == (60, 30)
    data = {"workorder": second.display_name, "blocked_by": ["Cut"]}
    with refused(ManufacturingError, code="manufacturing.workorder_blocked", data=data):
        second.button_start()
    first.button_start()
    assert order.state == "progress"
    first.button_finish()
    assert (first.qty_produced, second.state) == (10, "ready")
    second.button_start()
    second.qty_producing = 6
    second.button_finish()
    assert order.qty_producing == 6 and order.state == "to_close"
    order.button_mark_done().action_backorder()
    rest = order.production_group_id.production_ids - order
    again, left = rest.workorder_ids
    assert (again.name, again.state, again.qty_produced) == ("Cut", "done", 4)
    assert (left.name, left.state, left.qty_produced) == ("Join", "ready", 0)
    assert first.duration_expected + again.duration_expected == 60
    assert second.duration_expected + left.duration_expected == 30
    assert first.duration_expected == 36


def test_a_reordering_rule_makes_the_product(env):
    shop = Workshop(env)
    shop.table.product_tmpl_id.route_ids = env.ref("manufacturing.route_warehouse0_manufacture")
    point = env["stock.warehouse.orderpoint"].create(
        {"product_id": shop.table.id, "product_min_qty": 5, "product_max_qty": 8}
    )
    point.action_replenish()
    order = env["mrp.production"].search([("product_id", "=", shop.table.id)])
    assert order.product_qty == 8 and order.orderpoint_id == point and order.state == "confirmed"
    order.button_mark_done()
    assert on_hand(shop.table) == 8


def test_to_be_made_without_a_bill_names_product_and_way_out(env, refused):
    lamp = product(env, "Lamp")
    lamp.product_tmpl_id.route_ids = env.ref("manufacturing.route_warehouse0_manufacture")
    point = env["stock.warehouse.orderpoint"].create(
        {"product_id": lamp.id, "product_min_qty": 5, "product_max_qty": 8}
    )
    with refused(NoBillOfMaterials, data={"products": ["Lamp"]}):
        point.action_replenish()


def test_stock_that_arrives_goes_to_the_waiting_order(env):
    shop = Workshop(env, tops=0)
    order = shop.order(3)
    assert order.reservation_state == "confirmed"
    put_stock(shop.top, 5)
    assert order.reservation_state == "assigned"
    assert_stock_laws(env)

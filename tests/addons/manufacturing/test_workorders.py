"""Work orders: one after the other, timed, planned; and production in parts registered at the work centre."""

from __future__ import annotations

from datetime import datetime, timedelta

from addons.inventory.testing import assert_stock_laws
from addons.manufacturing.exceptions import ManufacturingError
from core.exceptions import ValidationError
from core.testing.queries import max_queries
from tests.addons.manufacturing.workshop import D, Workshop, family_name, on_hand

ADDONS = ["manufacturing"]


def workshop(env, *operations, **workcenter):
    """A workshop whose tables take the operations, ten minutes for each."""
    shop = Workshop(env, tops=200, legs=800)
    place = env["mrp.workcenter"].create({"name": "Bench", **workcenter})
    shop.bom.operation_ids = [
        (0, 0, {"name": name, "workcenter_id": place.id, "time_cycle_manual": 10, "sequence": number})
        for number, name in enumerate(operations)
    ]
    shop.bench = place
    return shop


def states(order):
    return order.workorder_ids.mapped("state")


def test_operations_wait_for_the_one_before(env):
    order = workshop(env, "Cut", "Join").order(10)
    cut, join = order.workorder_ids
    assert join.blocked_by_workorder_ids == cut and states(order) == ["ready", "blocked"]
    cut.button_finish()
    assert states(order) == ["done", "ready"]


def test_an_operation_that_merely_follows_may_begin_first(env):
    order = workshop(env, "Cut", "Join").order(10)
    order.workorder_ids[1].button_start()
    assert states(order) == ["ready", "progress"]


def test_starting_says_how_many_and_a_pause_only_stops_the_clock(env):
    order = workshop(env, "Cut").order(10)
    work = order.workorder_ids
    work.button_start()
    assert (work.qty_producing, order.qty_producing, work.is_user_working) == (10, 10, True)
    work.button_pending()
    assert (work.state, work.is_user_working) == ("progress", False)


def test_what_one_operation_made_is_what_the_next_goes_on_with(env):
    order = workshop(env, "Cut", "Join").order(10)
    cut, join = order.workorder_ids
    cut.button_start()
    cut.qty_producing = 6
    cut.button_finish()
    join.button_start()
    assert (order.qty_producing, join.qty_producing) == (6, 6)
    join.button_finish()
    assert (join.qty_produced, order.state) == (6, "to_close")
    assert order.button_mark_done()._name == "mrp.production.backorder"


def test_mark_as_done_with_less_divides_the_order_at_once(env):
    """Seed 1, Shop Floor: register 6 of 10, mark as done; the card of the backorder comes up; close production."""
    shop = workshop(env, "Cut")
    order = shop.order(10)
    work = order.workorder_ids
    dialog = work.action_register_production()
    assert (dialog.qty_producing, dialog.qty_remaining) == (0, 10)
    dialog.qty_producing = 6
    assert dialog.action_validate() is None
    assert (work.qty_producing, work.qty_registered) == (6, 6)
    following = work.do_finish()
    rest = following.production_id
    assert (order.name, rest.name) == (family_name(order, 1), family_name(order, 2))
    assert (order.state, order.product_qty, work.state) == ("to_close", 6, "done")
    assert (rest.state, rest.product_qty, following.state, following.qty_remaining) == ("confirmed", 4, "ready", 4)
    assert work.action_close_production() == order
    assert (order.state, on_hand(shop.table), on_hand(shop.leg)) == ("done", 6, 776)
    following.qty_producing = 1
    last = following.do_finish()
    assert last.production_id.name == family_name(order, 3)
    assert_stock_laws(env)


def test_the_next_operation_of_the_part_goes_on_and_the_rest_begins_anew(env):
    order = workshop(env, "Cut", "Join").order(10)
    order.workorder_ids[0].qty_producing = 6
    order.workorder_ids[0].do_finish()
    rest = order.production_group_id.production_ids - order
    assert (states(order), states(rest)) == (["done", "ready"], ["ready", "blocked"])
    assert (order.state, rest.workorder_ids.mapped("qty_remaining")) == ("progress", [4, 4])


def test_an_operation_type_without_backorders_keeps_the_order_whole(env):
    order = workshop(env, "Cut").order(10)
    order.picking_type_id.create_backorder = "never"
    order.workorder_ids.qty_producing = 6
    assert order.workorder_ids.do_finish() is None
    assert (len(order.production_group_id.production_ids), order.state) == (1, "to_close")
    order.button_mark_done()
    assert (order.state, order.qty_produced) == ("done", 6)


def test_nothing_cannot_be_registered(env, refused):
    dialog = workshop(env, "Cut").order(10).workorder_ids.action_register_production()
    dialog.qty_producing = 0
    with refused(ValidationError, code="manufacturing.quantity_not_positive", data={"product": "Table"}):
        dialog.action_validate()


def test_work_that_nobody_timed_lasted_as_long_as_expected(env):
    order = workshop(env, "Cut", "Join").order(3)
    order.workorder_ids[0].duration = 12
    order.button_mark_done()
    assert order.workorder_ids.mapped("duration") == [12, 30]
    assert order.workorder_ids.mapped("duration_unit") == [4, 10]


def test_minutes_can_be_entered_and_corrected(env):
    work = workshop(env, "Cut").order(2).workorder_ids
    for minutes in (15, 20, 7):
        work.duration = minutes
        assert (work.duration, sum(work.time_ids.mapped("duration"))) == (minutes, minutes)


def test_planning_and_taking_it_back(env, refused):
    start = datetime(2030, 1, 1, 8)
    order = workshop(env, "Cut", "Join", time_start=5, time_stop=3).order(1, confirm=False, date_start=start)
    order.button_plan()
    cut, join = order.workorder_ids
    assert (order.state, order.is_planned) == ("confirmed", True)
    assert (cut.date_start, join.date_start, order.date_finished) == (
        start,
        start + timedelta(minutes=18),
        start + timedelta(minutes=36),
    )
    order.button_unplan()
    assert (order.is_planned, cut.date_start) == (False, False)
    order.button_plan()
    cut.button_start()
    data = {"workorder": cut.display_name, "order": order.name}
    with refused(ManufacturingError, code="manufacturing.workorder_started", data=data):
        order.button_unplan()


def test_work_added_to_a_confirmed_order_can_begin(env):
    order = Workshop(env).order(2)
    bench = env["mrp.workcenter"].create({"name": "Bench"})
    order.workorder_ids = [(0, 0, {"name": "Polish", "workcenter_id": bench.id})]
    assert states(order) == ["ready"]


def test_orders_with_operations_cost_the_same_for_few_and_many(env):
    shop = workshop(env, "Cut", "Join")

    def flow(count):
        with max_queries(env, 2000) as statements:
            orders = env["mrp.production"].create([{"product_id": shop.table.id, "product_qty": 2}] * count)
            orders.action_confirm()
            orders.workorder_ids.button_start()
            orders.write({"qty_producing": D(1)})
            orders.workorder_ids.button_finish()
            orders.button_mark_done({"backorder": {"*": True}})
            env.flush_all()
        return len(statements)

    flow(2)
    few, many = flow(3), flow(24)
    assert many <= few + 2
    assert_stock_laws(env)


def test_the_work_of_a_draft_does_not_begin(env, refused):
    order = workshop(env, "Cut").order(2, confirm=False)
    with refused(ManufacturingError, code="manufacturing.order_draft", data={"orders": [order.name]}):
        order.workorder_ids.button_start()

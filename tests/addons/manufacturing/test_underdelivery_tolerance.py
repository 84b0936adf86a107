"""Orders that are closed although a little was not made: the underdelivery tolerance of productions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws
from core.orm.seams import tracing
from core.testing.queries import max_queries
from tests.addons.manufacturing.workshop import Workshop, on_hand

ADDONS = ["manufacturing"]
pytestmark = pytest.mark.both_dialects("scenario")


@pytest.fixture
def shop(env: Any) -> Iterator[Workshop]:
    """Components for 200 tables; the stock laws are asserted when the test is over."""
    yield Workshop(env, tops=200, legs=800)
    assert_stock_laws(env)


def produce(order: Any, quantity: Any) -> Any:
    """Type the quantity and validate; returns the question, if there is one."""
    order.qty_producing = quantity
    return order.button_mark_done()


def test_order_is_closed_with_98_of_100(env, shop, messages):
    order = shop.order(100, underdelivery_tolerance=2)
    env.take_notifications()
    assert produce(order, 98) is None
    assert (order.state, order.qty_produced) == ("done", 98)
    assert order.closed_within_tolerance == "2 Units of Table"
    assert not order.production_group_id.production_ids - order
    assert on_hand(shop.table) == 98
    assert shop.consumed(order) == {"Table Top": 98, "Table Leg": 392}
    messages.check("\n".join(note.message for note in env.take_notifications()))


def test_closing_asks_for_the_tolerance_once(env, shop):
    order = shop.order(100, underdelivery_tolerance=2)
    with tracing(env.registry) as calls:
        produce(order, 98)
    asked = [call for call in calls if call.seam == "mrp.production._get_underdelivery_tolerance"]
    assert [call.records for call in asked] == [1]


def test_order_asks_about_a_rest_beyond_its_tolerance(shop):
    order = shop.order(100, underdelivery_tolerance=2)
    question = produce(order, 97)
    assert question._name == "mrp.production.backorder"
    question.action_backorder()
    part = order.production_group_id.production_ids - order
    assert (part.product_qty, part.use_underdelivery_tolerance, part.underdelivery_tolerance) == (3, True, 2)


def test_more_particular_level_decides(env, shop):
    order = shop.order(100)
    parent = env["product.category"].create({"name": "Furniture"})
    shop.table.categ_id = env["product.category"].create({"name": "Tables", "parent_id": parent.id})
    assert order._get_underdelivery_tolerance() == {order.id: 0}
    for percent, record in enumerate((env.company, order.picking_type_id, parent, shop.table.categ_id, order), 1):
        record.underdelivery_tolerance = percent
        assert order._get_underdelivery_tolerance() == {order.id: percent}, record
    moves = order.move_raw_ids | order.move_finished_ids
    assert moves._get_underdelivery_tolerance() == dict.fromkeys(moves.ids, 5)
    order.underdelivery_tolerance = 0
    assert order._get_underdelivery_tolerance() == {order.id: 0}


def test_only_the_orders_beyond_their_tolerance_are_asked_about(shop):
    near, far = shop.order(50, underdelivery_tolerance=2), shop.order(50)
    near.qty_producing = far.qty_producing = 49
    question = (near | far).button_mark_done()
    assert question.mrp_production_backorder_line_ids.mrp_production_id == far
    question.action_backorder()
    assert (near.state, far.state) == ("done", "done")
    assert not near.production_group_id.production_ids - near
    assert (far.production_group_id.production_ids - far).product_qty == 1


def test_split_by_hand_ignores_the_tolerance(shop):
    order = shop.order(100, underdelivery_tolerance=50)
    parts = order._split_productions({order: [60]})
    assert sorted(parts.mapped("product_qty")) == [40, 60]


def test_back_flush_closes_an_order_within_its_tolerance(shop):
    order = shop.order(100, underdelivery_tolerance=2)
    order.qty_producing = 50
    order.action_back_flush()
    assert (order.state, order._remaining()) == ("progress", 50)
    order.qty_producing = 49
    order.action_back_flush()
    assert (order.state, order.qty_produced) == ("done", 99)


def test_merged_orders_have_the_strictest_tolerance(env, shop):
    env.company.underdelivery_tolerance = 3
    merged = (shop.order(5, underdelivery_tolerance=5) | shop.order(5)).action_merge()
    assert (merged.use_underdelivery_tolerance, merged.underdelivery_tolerance) == (True, 3)


def test_merged_order_has_no_tolerance_where_an_addon_leaves_one_out(monkeypatch, shop):
    orders = shop.order(5, underdelivery_tolerance=5) | shop.order(5, underdelivery_tolerance=2)
    method = type(orders)._get_underdelivery_tolerance
    monkeypatch.setattr(type(orders), "_get_underdelivery_tolerance", lambda self: method(self[:1]))
    merged = orders.action_merge()
    assert (merged.use_underdelivery_tolerance, merged.underdelivery_tolerance) == (True, 0)


def test_statements_do_not_grow_with_the_orders(env, shop):
    def statements(count: int) -> int:
        orders = env["mrp.production"].browse([shop.order(1).id for _number in range(count)])
        env.flush_all()
        env.invalidate_all()
        with max_queries(env, 20) as asked:
            orders._get_underdelivery_tolerance()
        return len(asked)

    statements(2)  # what is read once by a process is read
    assert statements(2) == statements(50)


def test_shop_floor_divides_no_order_within_its_tolerance(env, shop):
    place = env["mrp.workcenter"].create({"name": "Assembly"})
    shop.bom.operation_ids = [(0, 0, {"name": "Assemble", "workcenter_id": place.id, "time_cycle_manual": 1})]
    near, far = shop.order(50, underdelivery_tolerance=2), shop.order(50)
    for order in near | far:
        order.qty_producing = 49
        order.workorder_ids.qty_produced = 49
        order.workorder_ids.do_finish()
    assert not near.production_group_id.production_ids - near
    assert (far.production_group_id.production_ids - far).product_qty == 1
    assert near.button_mark_done() is None
    assert (near.state, near.qty_produced) == ("done", 49)

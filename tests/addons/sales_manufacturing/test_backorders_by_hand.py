"""Backorders by hand of what is sold as a kit, and of what is made to order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws
from addons.sales.exceptions import BackorderRefused
from core.testing.queries import max_queries
from tests.addons.sales.desk import Desk, open_transfers, ship
from tests.addons.sales_manufacturing.test_meeting import kit, moved
from tests.messages import Refused

ADDONS = ("sales", "manufacturing")


@pytest.fixture
def desk(env: Any) -> Iterator[Desk]:
    """The sales desk; the stock laws are asserted when the test is over."""
    yield Desk(env)
    assert_stock_laws(env)


def held(order: Any) -> dict[str, Any]:
    """How much of each component is on hold."""
    order.env.invalidate_all()
    moves = open_transfers(order).move_ids.filtered("hold_date")
    return {move.product_id.name: move.product_qty for move in moves}


def test_a_kit_is_held_as_its_parts(desk: Desk, refused: Refused) -> None:
    top, leg = desk.product("Top", 20), desk.product("Leg", 80)
    order = desk.order((kit(desk, (top, 1), (leg, 4)), 5))
    line = order.order_line
    assert line.qty_backorder == 0
    line.qty_backorder = 2
    assert held(order) == {"Top": 2, "Leg": 8} and line.qty_backorder == 2
    ship(order.picking_ids.sorted("id")[0])
    assert (line.qty_delivered, line.qty_backorder) == (3, 2)
    line.qty_backorder = 1
    assert held(order) == {"Top": 1, "Leg": 4} and line.qty_backorder == 1
    with refused(BackorderRefused) as refusal:
        line.qty_backorder = 3
    (problem,) = refusal.value.data["problems"]
    assert (problem["reason"], problem["quantity"], problem["most"]) == ("exceeds_open", "3", "2")
    order.action_release_backorders()
    for picking in open_transfers(order):
        ship(picking)
    assert (line.qty_delivered, order.delivery_status) == (5, "full")


def test_half_a_kit_on_its_way_is_held_as_far_as_it_is_not(desk: Desk) -> None:
    top, leg = desk.product("Top", 20), desk.product("Leg", 80)
    order = desk.order((kit(desk, (top, 1), (leg, 4)), 5))
    moved(order.picking_ids, Top=5, Leg=7)  # seven legs are one table
    line = order.order_line
    assert line.qty_backorder == 0, "the other thirteen are reserved"
    line.qty_backorder = 3
    assert held(order) == {"Leg": 12} and line.qty_backorder == 3


def test_kits_that_lack_a_part_are_on_backorder(desk: Desk) -> None:
    top, leg = desk.product("Top", 20), desk.product("Leg", 6)
    order = desk.order((kit(desk, (top, 1), (leg, 4)), 5))
    line = order.order_line
    assert line.qty_backorder == 4, "fourteen legs are missing, for four tables"
    line.qty_backorder = 5
    assert held(order) == {"Top": 5, "Leg": 20}
    line.qty_backorder = 0
    assert held(order) == {} and line.qty_backorder == 4


def test_what_is_made_to_order_is_made_and_waits(desk: Desk) -> None:
    desk.env.ref("inventory.route_warehouse0_mto").active = True
    board, chair = desk.product("Board", 100), desk.product("Chair")
    chair.route_ids = desk.env.ref("inventory.route_warehouse0_mto") | desk.env.ref(
        "manufacturing.route_warehouse0_manufacture"
    )
    desk.env["mrp.bom"].create(
        {
            "product_tmpl_id": chair.product_tmpl_id.id,
            "bom_line_ids": [(0, 0, {"product_id": board.id, "product_qty": 2})],
        }
    )
    order = desk.quotation((chair, 5, {"qty_backorder": 2}))
    order.action_confirm()
    production = order.mrp_production_ids
    assert production.product_qty == 5, "what is held back is made all the same"
    production.qty_producing = 5
    production.button_mark_done()
    desk.env.invalidate_all()
    first, backorder = order.picking_ids.sorted("id")
    assert (first.move_ids.quantity, backorder.move_ids.quantity) == (3, 0)
    assert backorder.on_hold and desk.env.user.name in backorder.waiting_reason
    ship(first)
    assert order.action_release_backorders() == backorder
    ship(backorder)
    assert order.delivery_status == "full"


def test_many_lines_of_kits_take_as_many_statements_as_few(desk: Desk) -> None:
    top, leg = desk.product("Top", 500), desk.product("Leg", 900)
    sets = [kit(desk, (top, 1), (leg, 4), name=f"Set {number}") for number in range(24)]

    def statements(count: int) -> int:
        order = desk.order(*[(each, 2) for each in sets[:count]])
        desk.env.flush_all()
        desk.env.invalidate_all()
        with max_queries(desk.env, 400) as run:
            order.order_line.write({"qty_backorder": 1})
            desk.env.flush_all()
        return len(run)

    statements(1)  # what is kept at hand afterwards is read
    few, many = statements(12), statements(24)
    assert abs(many - few) <= 3, "ids are drawn in blocks"

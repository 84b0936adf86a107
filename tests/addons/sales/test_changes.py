"""Orders change after they are confirmed: quantities, lines, cancelling and starting again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws
from addons.sales.exceptions import AlreadyDelivered
from core.exceptions import UserError
from core.testing.queries import max_queries
from tests.addons.sales.desk import Desk, open_demand, open_transfers, ship
from tests.messages import Refused

ADDONS = ("sales",)
#: Statements for lowering lines of one order that wait for stock, however many.
LOWERING = 26


def test_a_raised_quantity_is_procured_on_the_open_delivery(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 20), 10))
    order.order_line.product_uom_qty = 14
    assert (order.delivery_count, open_demand(order)) == (1, 14)
    assert order.picking_ids.state == "assigned"


def test_a_raised_quantity_is_picked_and_packed_as_well(desk: Desk) -> None:
    desk.warehouse.delivery_steps = "pick_pack_ship"
    order = desk.order((desk.product("Drawer", 20), 10))
    order.order_line.product_uom_qty = 14
    assert (order.delivery_count, open_demand(order)) == (1, 14)
    for _ in range(3):
        ship(open_transfers(order).filtered(lambda picking: picking.state == "assigned"))
    assert (order.delivery_status, order.order_line.qty_delivered) == ("full", 14)


def test_a_quantity_raised_after_everything_went_makes_a_new_delivery(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 20), 10))
    ship(order.picking_ids)
    order.order_line.product_uom_qty = 13
    assert (order.delivery_count, order.delivery_status, open_demand(order)) == (2, "partial", 3)


def test_a_lowered_quantity_takes_back_what_is_open(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 6), 10))
    rest = ship(order.picking_ids)
    order.order_line.product_uom_qty = 8
    assert open_demand(order) == 2
    order.order_line.product_uom_qty = 6
    assert (rest.state, order.delivery_status) == ("cancel", "full") and not order.closed_short


def test_lines_that_are_lowered_together_are_split_and_cancelled_together(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = desk.order(*((desk.product(name, 6), 10) for name in ("Drawer", "Tray", "Lamp")))
    ship(order.picking_ids)
    move, calls = type(desk.env["stock.move"]), []

    def note(name: str, method: Any) -> None:
        def noting(moves: Any, *args: Any) -> Any:
            calls.append((name, len(moves)))
            return method(moves, *args)

        monkeypatch.setattr(move, name, noting)

    note("_split", move._split)
    note("_action_cancel", move._action_cancel)
    order.write({"order_line": [(1, line.id, {"product_uom_qty": 8}) for line in order.order_line[:2]]})
    assert open_demand(order) == 8
    order.order_line.write({"product_uom_qty": 7})
    assert open_demand(order) == 3
    assert calls[-2:] == [("_split", 3), ("_action_cancel", 3)]


@pytest.mark.parametrize("count", [3, 30])
def test_lines_that_are_lowered_together_cost_the_same_whatever_their_number(desk: Desk, count: int) -> None:
    order = desk.order(*((desk.product(f"Drawer {number}", 2), 4) for number in range(count)))
    desk.env.invalidate_all()
    with max_queries(desk.env, LOWERING):
        order.order_line.write({"product_uom_qty": 3})
    assert {(each.product_uom_qty, each.quantity) for each in order.picking_ids.move_ids} == {(3, 2)}


def test_demand_that_follows_its_order_line_is_not_demand_entered_by_hand(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = desk.order((desk.product("Drawer", 10), 4))
    entered: list[Any] = []
    monkeypatch.setattr(type(order.picking_ids.move_ids), "_demand_entered", lambda _moves, vals: entered.append(vals))
    order.order_line.product_uom_qty = 3
    assert (entered, open_demand(order)) == ([], 3)
    order.picking_ids.move_ids.write({"product_uom_qty": 2})
    assert (entered, open_demand(order)) == ([{"product_uom_qty": 2}], 2)


def test_a_lowered_quantity_keeps_its_reservation_and_leaves_the_rest_to_others(desk: Desk) -> None:
    product = desk.product("Drawer", 10)
    first, second = desk.order((product, 10)), desk.order((product, 5))
    first.order_line.product_uom_qty = 8
    assert (first.picking_ids.move_ids.quantity, second.picking_ids.move_ids.quantity) == (8, 2)


def test_nothing_is_ordered_below_what_went_and_every_line_is_named(desk: Desk, refused: Refused) -> None:
    drawer, tray = desk.product("Drawer", 6), desk.product("Tray", 6)
    order = desk.order((drawer, 10), (tray, 10))
    ship(order.picking_ids)
    below = [{"product": name, "delivered": "6", "ordered": "5"} for name in ("Drawer", "Tray")]
    with refused(AlreadyDelivered, data={"lines": below}), desk.env.savepoint():
        order.order_line.write({"product_uom_qty": 5})
    assert (order.order_line.mapped("product_uom_qty"), open_demand(order)) == ([10, 10], 8)


def test_what_went_beyond_the_order_is_not_procured_again(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 20), 10))
    ship(order.picking_ids, 12)
    order.order_line.product_uom_qty = 11
    assert open_demand(order) == 0
    order.order_line.product_uom_qty = 15
    assert open_demand(order) == 3


def test_the_quantity_zero_cancels_the_line(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 9), 4), (desk.product("Tray", 9), 2))
    order.order_line[0].product_uom_qty = 0
    assert order.order_line.move_ids.mapped("state") == ["cancel", "assigned"]
    ship(order.picking_ids)
    assert order.delivery_status == "full" and not order.closed_short


def test_a_line_added_to_an_order_joins_its_open_delivery(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 9), 4))
    tray = desk.product("Tray", 9)
    order.order_line = [(0, 0, {"product_id": tray.id, "product_uom_qty": 3})]
    assert order.delivery_count == 1 and order.picking_ids.move_ids.product_id == order.order_line.product_id
    ship(order.picking_ids)
    assert order.order_line.mapped("qty_delivered") == [4, 3]


def test_a_line_of_an_order_is_not_deleted_nor_exchanged(desk: Desk, refused: Refused) -> None:
    order = desk.order((desk.product("Drawer", 9), 4))
    data = {"product": "Drawer", "order": order.name}
    with refused(UserError, code="inventory.line_confirmed", data=data):
        order.order_line.unlink()
    for values in ({"product_id": desk.product("Tray").id}, {"product_uom_id": desk.dozen.id}):
        with refused(UserError, code="inventory.line_confirmed", data=data, name="exchange"):
            order.order_line.write(values)
    with refused(UserError, code="sales.order_confirmed", data={"orders": [order.name]}):
        order.unlink()
    assert order.exists().order_line.product_id.name == "Drawer"


def test_a_quotation_and_its_lines_can_be_deleted(desk: Desk) -> None:
    order = desk.quotation((desk.product("Drawer"), 4))
    order.order_line.unlink()
    order.unlink()
    assert not order.exists()


def test_a_cancelled_order_keeps_what_is_done_and_can_start_again(desk: Desk) -> None:
    product = desk.product("Drawer", 4)
    order = desk.order((product, 10))
    delivery = order.picking_ids
    rest = ship(delivery)
    order.action_cancel()
    assert (order.state, delivery.state, rest.state) == ("cancel", "done", "cancel")
    assert order.order_line.qty_delivered == 4
    order.action_draft()
    assert order.state == "draft"
    order.action_confirm()
    again = open_transfers(order)
    assert (order.delivery_status, again.move_ids.product_uom_qty) == ("partial", 6)


def test_all_steps_of_a_cancelled_order_are_cancelled(desk: Desk) -> None:
    desk.warehouse.delivery_steps = "pick_pack_ship"
    product = desk.product("Drawer", 10)
    order = desk.order((product, 10))
    order.action_cancel()
    assert set(order.picking_ids.mapped("state")) == {"cancel"} and product.free_qty == 10


@pytest.mark.parametrize(
    ("steps", "method"),
    [
        (["action_confirm"], "action_confirm"),
        (["action_confirm"], "action_draft"),
        (["action_confirm"], "action_quotation_sent"),
        (["action_cancel"], "action_confirm"),
        (["action_cancel"], "action_cancel"),
    ],
)
def test_a_step_out_of_turn_is_refused_by_the_name_of_the_order(
    desk: Desk, steps: Any, method: str, refused: Refused
) -> None:
    order = desk.quotation((desk.product("Drawer", 4), 4))
    for step in steps:
        getattr(order, step)()
    state = order.state
    with refused(UserError, code="wrong_state", data={"ids": order.ids, "method": method}):
        getattr(order, method)()
    assert order.state == state


def test_a_line_in_grams_takes_back_just_the_grams(desk: Desk) -> None:
    """Kilograms are rounded to 0.01; what an order gives up is not, as its deliveries are not."""
    gram, kilo = desk.env.ref("inventory.product_uom_gram"), desk.env.ref("inventory.product_uom_kgm")
    saffron = desk.product("Saffron", 1, uom_id=kilo.id)
    order = desk.order((saffron, 15, {"product_uom_id": gram.id}))
    order.order_line.product_uom_qty = 10
    assert order.picking_ids.move_ids.product_qty == Decimal("0.01")
    ship(order.picking_ids)
    assert (order.order_line.qty_delivered, order.delivery_status) == (10, "full")
    assert_stock_laws(desk.env)

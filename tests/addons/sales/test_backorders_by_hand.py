"""Putting items on backorder by hand: a quantity typed into the Backorder column of an order is held back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from addons.inventory.testing import put_stock
from addons.sales.exceptions import BackorderRefused, NothingToRelease
from core.exceptions import AccessError, ValidationError
from core.testing.queries import max_queries
from tests.addons.sales.desk import Desk, open_transfers, send_back, ship
from tests.messages import Messages, Refused

ADDONS = ("sales",)


def transfers(order: Any) -> list[tuple[str, Decimal, Decimal]]:
    """State, demand and reservation of the order's transfers, in their order; what is cancelled is left out."""
    order.env.invalidate_all()
    found = []
    for picking in order.picking_ids.sorted("id"):
        moves = picking.move_ids.filtered(lambda move: move.state != "cancel")
        if moves:
            found.append((picking.state, sum(moves.mapped("product_uom_qty")), sum(moves.mapped("quantity"))))
    return found


def test_what_is_typed_is_held_back_and_the_rest_ships_alone(desk: Desk) -> None:
    product = desk.product(on_hand=10)
    order, other = desk.order((product, 10)), desk.order((product, 3))
    line = order.order_line
    assert line.qty_backorder == 0
    order.write({"order_line": [(1, line.id, {"qty_backorder": 4})]})
    assert transfers(order) == [("assigned", 6, 6), ("confirmed", 4, 0)]
    assert transfers(other) == [("assigned", 3, 3)]
    first, backorder = order.picking_ids.sorted("id")
    assert backorder.backorder_id == first and order.backorder_count == 1
    assert (line.qty_backorder, line.qty_to_deliver, line.stock_status) == (4, 10, "on_hold")
    ship(first)
    assert (order.delivery_status, line.qty_delivered, line.qty_backorder) == ("partial", 6, 4)
    put_stock(product, 20)
    assert transfers(order) == [("done", 6, 6), ("confirmed", 4, 0)]
    assert (line.shortage_status, line.qty_backorder) == ("here", 4)  # shown in green
    assert order.action_release_backorders() == backorder
    ship(backorder)
    assert (order.delivery_status, line.qty_delivered) == ("full", 10)


def test_typing_less_takes_the_difference_back(desk: Desk) -> None:
    product = desk.product(on_hand=10)
    order = desk.order((product, 10))
    line = order.order_line
    line.qty_backorder = 4
    line.qty_backorder = 1
    assert transfers(order) == [("assigned", 9, 9), ("confirmed", 1, 0)]
    line.qty_backorder = 0
    assert transfers(order) == [("assigned", 10, 10)]
    line.qty_backorder = 10
    assert transfers(order) == [("confirmed", 10, 0)] and order.backorder_count == 1
    line.qty_backorder = 0
    assert transfers(order) == [("assigned", 10, 10)] and order.backorder_count == 0


def test_zero_releases_what_cannot_go_back(desk: Desk) -> None:
    product = desk.product(on_hand=10)
    order = desk.order((product, 10))
    order.order_line.qty_backorder = 4
    ship(order.picking_ids.sorted("id")[0])
    order.order_line.qty_backorder = 0
    assert transfers(order) == [("done", 6, 6), ("assigned", 4, 4)]


def test_what_lacks_stock_is_held_first(desk: Desk) -> None:
    product = desk.product(on_hand=8)
    order = desk.order((product, 10))
    line = order.order_line
    assert line.qty_backorder == 2
    line.qty_backorder = 5
    assert transfers(order) == [("assigned", 5, 5), ("confirmed", 5, 0)]
    put_stock(product, 30)
    assert transfers(order) == [("assigned", 5, 5), ("confirmed", 5, 0)]


def test_saving_what_is_shown_changes_nothing(desk: Desk) -> None:
    product = desk.product(on_hand=8)
    order = desk.order((product, 10))
    order.order_line.qty_backorder = 2
    assert len(order.picking_ids) == 1 and not order.picking_ids.move_ids.hold_date
    order.order_line.write({"qty_backorder": 2, "name": "Drawer, black"})
    assert len(order.picking_ids) == 1


@pytest.mark.parametrize(
    ("typed", "data"),
    [
        (11, {"reason": "exceeds_open", "most": "10", "unit": "Units"}),
        (-1, {"reason": "negative"}),
        (1, {"reason": "below_missing", "least": "2", "unit": "Units"}),
        (0, {"reason": "below_missing", "least": "2", "unit": "Units"}),
    ],
    ids=["more than ordered", "negative", "less than missing", "zero"],
)
def test_impossible_backorder_quantity_is_refused(
    desk: Desk, typed: int, data: dict[str, str], refused: Refused
) -> None:
    order = desk.order((desk.product(on_hand=8), 10))
    problem = {"product": "Drawer", "quantity": str(typed), **data}
    with refused(BackorderRefused, data={"problems": [problem]}):
        order.order_line.qty_backorder = typed
    order.env.invalidate_all()
    assert order.order_line.qty_backorder == 2 and len(order.picking_ids) == 1


def test_what_is_picked_is_not_held(desk: Desk, refused: Refused) -> None:
    order = desk.order((desk.product(on_hand=10), 10))
    order.picking_ids.move_ids.write({"quantity": 7, "picked": True})
    with refused(BackorderRefused) as refusal:
        order.order_line.qty_backorder = 4
    (problem,) = refusal.value.data["problems"]
    assert (problem["reason"], problem["order"], problem["most"]) == ("picked", order.name, "3")
    assert transfers(order) == [("assigned", 10, 7)]


def test_services_and_cancelled_orders_have_nothing_to_hold(desk: Desk, refused: Refused) -> None:
    service = desk.product("Advice", type="service", is_storable=False)
    product = desk.product(on_hand=5)
    order = desk.order((product, 5), (service, 2))
    problem = {"product": "Advice", "quantity": "1", "reason": "not_from_stock"}
    with refused(BackorderRefused, data={"problems": [problem]}):
        order.order_line.write({"qty_backorder": 1})
    assert len(order.picking_ids) == 1
    order.action_cancel()
    problem = {"product": "Drawer", "quantity": "1", "reason": "cancelled"}
    with refused(BackorderRefused, data={"problems": [problem]}):
        order.order_line[0].qty_backorder = 1


def test_one_quantity_for_two_lines_of_one_product(desk: Desk) -> None:
    product = desk.product(on_hand=20)
    order = desk.order((product, 5), (product, 5))
    order.order_line[0].qty_backorder = 2
    assert [line.qty_backorder for line in order.order_line] == [2, 0]
    order.order_line[1].qty_backorder = 5
    assert transfers(order) == [("assigned", 3, 3), ("confirmed", 7, 0)]
    order.order_line[1].qty_backorder = 0
    assert [line.qty_backorder for line in order.order_line] == [2, 0]


def test_dozens_are_held_to_the_piece(desk: Desk) -> None:
    product = desk.product(on_hand=40)
    order = desk.order((product, 3, {"product_uom_id": desk.dozen.id}))
    line = order.order_line
    line.qty_backorder = Decimal("0.5")
    held = open_transfers(order).move_ids.filtered("hold_date")
    assert held.product_qty == 6 and line.qty_backorder == Decimal("0.5")
    ship(order.picking_ids.sorted("id")[0], Decimal("2"))
    assert line.qty_delivered == 2
    line.qty_backorder = 1
    order.env.invalidate_all()
    assert sum(open_transfers(order).move_ids.filtered("hold_date").mapped("product_qty")) == 12


def test_a_delivery_that_ships_all_at_once_ships_without_what_is_held(desk: Desk) -> None:
    product, tray = desk.product(on_hand=8), desk.product("Tray", 5)
    order = desk.order((product, 10), (tray, 5), picking_policy="one")
    assert order.picking_ids.state == "confirmed"
    order.order_line[0].qty_backorder = 3
    first = order.picking_ids.sorted("id")[0]
    assert transfers(order) == [("assigned", 12, 12), ("confirmed", 3, 0)]
    assert not first.button_validate()
    assert (first.state, order.delivery_status) == ("done", "partial")


def test_a_quotation_remembers_what_is_to_be_held(desk: Desk, refused: Refused) -> None:
    product, tray = desk.product(on_hand=10), desk.product("Tray", 10)
    order = desk.quotation((product, 10, {"qty_backorder": 4}), (tray, 2))
    line = order.order_line[0]
    assert line.qty_backorder == 4
    for values, data in (
        ({"product_uom_qty": 3}, {"product": "Drawer", "quantity": "4", "ordered": "3"}),
        ({"qty_backorder": 11}, {"product": "Drawer", "quantity": "11", "ordered": "10"}),
    ):
        with refused(ValidationError, code="sales.backorder_refused", data=data), desk.env.savepoint():
            line.write(values)
    line.write({"product_uom_qty": 2, "qty_backorder": 1})
    line.write({"product_uom_qty": 12, "qty_backorder": 3})
    copied = order.copy()
    order.action_confirm()
    assert transfers(order) == [("assigned", 11, 11), ("confirmed", 3, 0)]
    assert (line.qty_to_hold, line.qty_backorder) == (0, 3)
    assert not any(copied.order_line.mapped("qty_backorder"))


def test_a_line_added_to_an_order_may_be_held_at_once(desk: Desk) -> None:
    product, tray = desk.product(on_hand=10), desk.product("Tray", 10)
    order = desk.order((product, 2))
    order.write({"order_line": [(0, 0, {"product_id": tray.id, "product_uom_qty": 5, "qty_backorder": 2})]})
    assert transfers(order) == [("assigned", 5, 5), ("confirmed", 2, 0)]


def test_quantity_and_backorder_change_in_one_step(desk: Desk) -> None:
    product = desk.product(on_hand=20)
    order = desk.order((product, 10))
    order.order_line.write({"qty_backorder": 12, "product_uom_qty": 15})
    assert transfers(order) == [("assigned", 3, 3), ("confirmed", 12, 0)]
    order.order_line.product_uom_qty = 8  # less is wanted: what is held is given up first
    assert transfers(order) == [("assigned", 3, 3), ("confirmed", 5, 0)]
    order.order_line.product_uom_qty = 9  # and more goes with what ships
    assert transfers(order) == [("assigned", 4, 4), ("confirmed", 5, 0)]


def test_releasing_without_any_stock_ends_the_hold(desk: Desk, refused: Refused) -> None:
    product = desk.product()
    order = desk.order((product, 5))
    held = order.order_line._demand_moves()._put_on_hold()
    assert order.action_release_backorders() == held.picking_id
    with refused(NothingToRelease) as refusal:
        order.action_release_backorders()
    (missing,) = refusal.value.data["missing"]
    assert (missing["product"], missing["quantity"], missing["unit"]) == ("Drawer", "5", "Units")
    put_stock(product, 5)
    assert transfers(order) == [("assigned", 5, 5)]


def test_returns_and_ends_of_orders(desk: Desk, messages: Messages) -> None:
    product = desk.product(on_hand=10)
    order = desk.order((product, 10))
    order.order_line.qty_backorder = 4
    first, backorder = order.picking_ids.sorted("id")
    ship(first)
    send_back(first, 2)
    assert (order.order_line.qty_delivered, order.order_line.qty_backorder) == (4, 4)
    backorder.action_cancel()
    messages.check(order.closed_short)
    second = desk.order((product, 4))
    second.order_line.qty_backorder = 2
    second.action_cancel()
    assert not open_transfers(second)


def test_two_step_deliveries_are_held_where_they_begin(desk: Desk) -> None:
    desk.warehouse.delivery_steps = "pick_ship"
    product = desk.product(on_hand=10)
    order = desk.order((product, 10))
    ship(order.picking_ids, 5)  # five stand at the door, five are to be picked
    order.order_line.qty_backorder = 7
    assert order.order_line.qty_backorder == 7
    held = order.picking_ids.move_ids.filtered("hold_date")
    assert sorted(move.product_uom_qty for move in held) == [2, 5]
    while ready := order.picking_ids.filtered(lambda picking: picking.state == "assigned"):
        ship(ready)
    assert order.order_line.qty_delivered == 3
    order.action_release_backorders()
    while ready := order.picking_ids.filtered(lambda picking: picking.state == "assigned"):
        ship(ready[0])
    assert (order.order_line.qty_delivered, order.delivery_status) == (10, "full")


def test_a_seller_may_hold_and_others_may_not(desk: Desk) -> None:
    product = desk.product(on_hand=10)
    order = desk.order((product, 10))
    seller = desk.user("seller", "sales.group_sale_salesman")
    picker = desk.user("picker", "inventory.group_stock_user")
    order.with_user(seller).order_line.qty_backorder = 4
    held = order.picking_ids.move_ids.filtered("hold_date")
    assert held.hold_user_id == seller and held.shortfall_id.event_ids.create_uid == seller
    assert seller.name in held.picking_id.waiting_reason
    with pytest.raises(AccessError):
        order.with_user(picker).order_line.qty_backorder = 2
    held.with_user(picker).picking_id.action_assign()
    assert held.quantity == 4


@pytest.mark.slow
def test_a_hundred_lines_cost_what_ten_cost(desk: Desk) -> None:
    def held(count: int) -> None:
        products = [desk.product(f"P{count}-{number}", on_hand=10) for number in range(count)]
        order = desk.order(*[(product, 10) for product in products])
        for typed, statements in ((4, 75), (1, 75)):
            order.env.flush_all()
            order.env.invalidate_all()
            with max_queries(order.env, statements):
                order.order_line.write({"qty_backorder": typed})
                order.env.flush_all()
        assert transfers(order) == [("assigned", 9 * count, 9 * count), ("confirmed", count, 0)]

    held(10)
    held(100)

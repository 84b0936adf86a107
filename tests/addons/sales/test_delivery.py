"""From the order to the customer: policies, delivery status, units, returns, and orders that end short."""

from __future__ import annotations

from decimal import Decimal

from addons.inventory.exceptions import NotReady
from addons.inventory.testing import put_stock
from addons.sales.exceptions import NothingToRelease
from tests.addons.sales.desk import Desk, open_demand, open_transfers, send_back, ship
from tests.messages import Messages, Refused

ADDONS = ("sales",)


def test_a_quotation_becomes_an_order_with_one_delivery(desk: Desk) -> None:
    order = desk.quotation((desk.product("Drawer", 10), 4), (desk.product("Tray", 10), 2))
    assert (order.state, order.delivery_status, order.delivery_count) == ("draft", False, 0)
    order.action_quotation_sent()
    order.action_confirm()
    delivery = order.picking_ids
    assert (order.state, order.delivery_status, len(delivery)) == ("sale", "pending", 1)
    assert (delivery.origin, delivery.partner_id, delivery.sale_id) == (order.name, desk.customer, order)
    ship(delivery)
    assert (order.delivery_status, order.order_line.mapped("qty_delivered")) == ("full", [4, 2])
    assert order.effective_date == delivery.date_done and not order.closed_short


def test_the_policy_ask_asks_and_the_answer_decides(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 45), 55))
    question = order.picking_ids.button_validate()
    assert question._name == "stock.backorder.confirmation" and order.delivery_status == "pending"
    question.process()
    assert (order.delivery_status, order.delivery_count, order.backorder_count) == ("partial", 2, 1)
    assert (order.order_line.qty_delivered, order.order_line.qty_to_deliver) == (45, 10)


def test_what_is_given_up_is_named_while_the_rest_is_still_to_come(desk: Desk) -> None:
    drawer, tray = desk.product("Drawer", 45), desk.product("Tray", 2)
    order = desk.order((drawer, 55), (tray, 5))
    rest = ship(order.picking_ids)
    assert (order.delivery_status, order.closed_short) == ("partial", False)
    rest.move_ids.filtered(lambda move: move.product_id == tray)._action_cancel()
    assert (order.delivery_status, order.closed_short) == ("partial", "3 Units of Tray cancelled")


def test_the_policy_always_makes_the_backorder_without_a_question(desk: Desk) -> None:
    desk.deliveries.create_backorder = "always"
    order = desk.order((desk.product("Drawer", 45), 55))
    assert not order.picking_ids.button_validate()
    assert (order.delivery_status, open_demand(order)) == ("partial", 10)
    assert open_transfers(order).sale_id == order


def test_the_policy_never_closes_the_order_short(desk: Desk, messages: Messages) -> None:
    desk.deliveries.create_backorder = "never"
    order = desk.order((desk.product("Drawer", 45), 55))
    assert not order.closed_short
    assert not order.picking_ids.button_validate()
    assert (order.delivery_status, order.delivery_count, open_demand(order)) == ("full", 1, 0)
    messages.check(order.closed_short)


def test_an_order_ships_together_when_its_warehouse_does_by_default(desk: Desk, refused: Refused) -> None:
    product = desk.product("Drawer", 3)
    assert desk.quotation((product, 5)).picking_policy == "direct"
    desk.deliveries.move_type = "one"
    order = desk.order((product, 5))
    assert (order.picking_policy, order.picking_ids.move_type) == ("one", "one")
    missing = {"picking": order.picking_ids.name, "product": "Drawer", "quantity": "2", "unit": "Units"}
    with refused(NotReady, data={"missing": [missing]}):
        order.picking_ids.button_validate()
    put_stock(product, 5)
    ship(order.picking_ids)
    assert (order.delivery_status, order.delivery_count) == ("full", 1)


def test_an_order_may_ship_otherwise_than_its_warehouse(desk: Desk) -> None:
    desk.deliveries.move_type = "one"
    order = desk.order((desk.product("Drawer", 3), 5), picking_policy="direct")
    assert order.picking_ids.move_type == "direct"


def test_picking_and_packing_start_a_delivery_and_shipping_ends_it(desk: Desk) -> None:
    desk.warehouse.delivery_steps = "pick_pack_ship"
    order = desk.order((desk.product("Drawer", 10), 10))
    picking = order.picking_ids
    assert (picking.picking_type_id, order.delivery_status) == (desk.warehouse.pick_type_id, "pending")
    ship(picking)
    assert (order.delivery_status, order.order_line.qty_delivered) == ("started", 0)
    packing = open_transfers(order)
    assert packing.picking_type_id == desk.warehouse.pack_type_id
    ship(packing)
    assert order.delivery_status == "started" and not order.effective_date
    shipping = open_transfers(order)
    assert shipping.picking_type_id == desk.deliveries and order.delivery_count == 3
    ship(shipping, 6)
    assert (order.delivery_status, order.order_line.qty_delivered) == ("partial", 6)
    ship(open_transfers(order))
    assert (order.delivery_status, order.order_line.qty_delivered) == ("full", 10)


def test_what_is_picked_later_joins_the_shipment_that_waits_for_it(desk: Desk) -> None:
    desk.warehouse.delivery_steps = "pick_ship"
    product = desk.product("Drawer", 4)
    order = desk.order((product, 10))
    rest = ship(order.picking_ids)
    shipping = open_transfers(order) - rest
    put_stock(product, 6)
    ship(rest)
    assert open_transfers(order) == shipping and open_demand(order) == 10
    owed = rest.move_ids.shortfall_id
    assert (owed.state, owed.quantity_owed) == ("open", 6)  # picked is not delivered
    ship(shipping)
    assert (order.delivery_status, owed.state, owed.quantity_done) == ("full", "done", 6)


def test_an_order_that_ships_together_does_so_on_every_step(desk: Desk) -> None:
    desk.warehouse.delivery_steps = "pick_ship"
    order = desk.order((desk.product("Drawer", 5), 5), picking_policy="one")
    ship(order.picking_ids)
    assert order.picking_ids.mapped("move_type") == ["one", "one"]


def test_a_lower_quantity_is_neither_picked_nor_packed(desk: Desk) -> None:
    desk.warehouse.delivery_steps = "pick_pack_ship"
    order = desk.order((desk.product("Drawer", 10), 10))
    order.order_line.product_uom_qty = 6
    assert order.picking_ids.move_ids.mapped("product_uom_qty") == [6]
    order.order_line.product_uom_qty = 0
    assert set(order.picking_ids.mapped("state")) == {"cancel"}


def test_a_lower_quantity_is_first_taken_from_what_is_not_picked_yet(desk: Desk) -> None:
    desk.warehouse.delivery_steps = "pick_ship"
    order = desk.order((desk.product("Drawer", 10), 10))
    rest = ship(order.picking_ids, 4)
    shipping = open_transfers(order) - rest
    order.order_line.product_uom_qty = 7
    assert (shipping.move_ids.product_uom_qty, open_demand(order)) == (4, 7)
    ship(rest)
    ship(open_transfers(order))
    assert (order.delivery_status, order.order_line.qty_delivered) == ("full", 7)


def test_what_is_delivered_is_counted_in_the_unit_of_the_line(desk: Desk) -> None:
    product = desk.product("Drawer", 30)
    order = desk.order((product, 2, {"product_uom_id": desk.dozen.id}))
    delivery = order.picking_ids
    ship(delivery, Decimal("1.5") if delivery.move_ids.product_uom == desk.dozen else 18)
    assert (order.order_line.qty_delivered, order.order_line.qty_to_deliver) == (Decimal("1.5"), Decimal("0.5"))
    assert product.qty_available == 12
    ship(open_transfers(order))
    assert (order.order_line.qty_delivered, order.delivery_status) == (2, "full")


def test_a_return_lowers_what_is_delivered_only_where_the_order_is_to_follow(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 10), 10))
    delivery = order.picking_ids
    ship(delivery)
    send_back(delivery, 2, to_refund=False)
    assert order.order_line.qty_delivered == 10
    send_back(delivery, 3)
    assert (order.order_line.qty_delivered, order.delivery_status) == (7, "full")
    assert order.delivery_count == 3, "returns are transfers of the order"
    assert not order.closed_short, "what came back was not cancelled"


def test_what_is_sent_again_after_a_return_is_delivered_once(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 10), 10))
    delivery = order.picking_ids
    ship(delivery)
    back = send_back(delivery, 4, to_refund=False)
    send_back(back, 4, to_refund=False)
    assert order.order_line.qty_delivered == 10
    back = send_back(delivery, 4)
    assert order.order_line.qty_delivered == 6
    send_back(back, 4)
    assert order.order_line.qty_delivered == 10


def test_parcels_of_a_third_of_a_dozen_are_a_dozen(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 12), 1, {"product_uom_id": desk.dozen.id}))
    open_move = order.picking_ids.move_ids
    four = 4 if open_move.product_uom != desk.dozen else Decimal("0.333333")
    for _ in range(2):
        ship(open_transfers(order), four)
    ship(open_transfers(order))
    assert (order.order_line.qty_delivered, order.delivery_status) == (1, "full") and not order.closed_short


def test_an_order_whose_goods_all_came_back_while_more_is_open_is_only_started(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 4), 10))
    delivery = order.picking_ids
    ship(delivery)
    assert order.delivery_status == "partial"
    send_back(delivery, 4)
    assert (order.order_line.qty_delivered, order.delivery_status) == (0, "started")


def test_a_new_date_and_address_reach_what_has_not_left_yet(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 4), 10))
    gone = order.picking_ids
    rest = ship(gone)
    site = desk.env["res.partner"].create({"name": "Building Site"})
    order.write({"commitment_date": "2031-05-01 10:00:00", "partner_shipping_id": site.id})
    assert (gone.partner_id, rest.partner_id) == (desk.customer, site)
    assert rest.move_ids.date_deadline == order.commitment_date != gone.move_ids.date_deadline


def test_a_return_on_its_way_is_no_part_of_a_lower_quantity(desk: Desk) -> None:
    order = desk.order((desk.product("Drawer", 10), 12))
    delivery = order.picking_ids
    rest = ship(delivery)
    wizard = desk.env["stock.return.picking"].create({"picking_id": delivery.id})
    wizard.product_return_moves.quantity = 3
    back = wizard.action_create_returns()
    order.order_line.product_uom_qty = 10
    assert (rest.state, back.move_ids.product_uom_qty) == ("cancel", 3)
    back.button_validate()
    assert order.order_line.qty_delivered == 7


def test_backorders_are_released_when_stock_is_there(desk: Desk, refused: Refused) -> None:
    desk.deliveries.reservation_method = "manual"
    product = desk.product("Drawer", 4)
    order = desk.order((product, 10))
    assert order.action_release_backorders() == order.picking_ids
    rest = ship(order.picking_ids)
    missing = {"document": rest.name, "product": "Drawer", "quantity": "6", "unit": "Units"}
    with refused(NothingToRelease, data={"missing": [missing]}):
        order.action_release_backorders()
    put_stock(product, 6)
    assert order.action_release_backorders() == rest and rest.state == "assigned"
    ship(rest)
    with refused(NothingToRelease, data={"orders": [order.name]}):
        order.action_release_backorders()


def test_services_are_not_delivered(desk: Desk) -> None:
    advice = desk.env["product.product"].create({"name": "Advice", "type": "service"})
    order = desk.order((advice, 3))
    assert (order.state, order.delivery_status, order.delivery_count) == ("sale", False, 0)


def test_two_lines_of_one_product_are_delivered_each_for_itself(desk: Desk) -> None:
    product = desk.product("Drawer", 7)
    order = desk.order((product, 5), (product, 4))
    first, second = order.order_line
    rest = ship(order.picking_ids)
    assert (first.qty_delivered, second.qty_delivered) == (5, 2)
    put_stock(product, 2)
    ship(rest)
    assert (first.qty_delivered, second.qty_delivered, order.delivery_status) == (5, 4, "full")

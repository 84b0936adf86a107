"""Buying: orders and receipts, needs answered by requests to vendors, and chains that a backorder leaves alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws, put_stock
from addons.purchasing.exceptions import AlreadyReceived, NothingToBuy, NoVendor
from core.api import format_day
from tests.messages import Messages, Refused

ADDONS = ("purchasing", "sales")


@pytest.fixture
def vendor(env: Any) -> Any:
    return env["res.partner"].create({"name": "Wood Corner"})


@pytest.fixture
def board(env: Any, vendor: Any) -> Any:
    """A storable product that Wood Corner sells at 7.50, at 6 from a hundred on."""
    terms = [
        (0, 0, {"partner_id": vendor.id, "price": "7.5", "delay": 3}),
        (0, 0, {"partner_id": vendor.id, "price": 6, "min_qty": 100, "delay": 3}),
    ]
    return env["product.product"].create({"name": "Board", "is_storable": True, "seller_ids": terms})


def order(env: Any, vendor: Any, product: Any, quantity: Any, **line: Any) -> Any:
    lines = [(0, 0, {"product_id": product.id, "product_qty": quantity, **line})]
    return env["purchase.order"].create({"partner_id": vendor.id, "order_line": lines})


@pytest.mark.both_dialects("scenario")
def test_a_confirmed_request_is_received_in_two_parts(env: Any, vendor: Any, board: Any) -> None:
    purchase = order(env, vendor, board, 10)
    assert purchase.name.startswith("P0")
    assert purchase.order_line.price_unit == Decimal("7.5")
    purchase.button_confirm()
    receipt = purchase.picking_ids
    assert (purchase.state, purchase.receipt_status, receipt.state) == ("purchase", "pending", "assigned")
    receipt.move_ids.quantity = 4
    receipt.button_validate({"backorder": {receipt.id: True}})
    assert (purchase.order_line.qty_received, purchase.receipt_status) == (4, "partial")
    assert purchase.incoming_picking_count == 2 and board.qty_available == 4
    rest = receipt.backorder_ids
    assert rest.purchase_id == purchase
    rest.button_validate()
    assert (purchase.order_line.qty_received, purchase.receipt_status) == (10, "full")
    assert_stock_laws(env)


def test_the_price_follows_the_quantity_and_the_unit(env: Any, vendor: Any, board: Any) -> None:
    assert order(env, vendor, board, 100).order_line.price_unit == 6
    dozen = env.ref("inventory.product_uom_dozen")
    assert order(env, vendor, board, 2, product_uom_id=dozen.id).order_line.price_unit == 90


def test_an_empty_request_cannot_be_ordered(env: Any, vendor: Any, board: Any, refused: Refused) -> None:
    empty = env["purchase.order"].create({"partner_id": vendor.id})
    nothing = order(env, vendor, board, 0)
    problems = [{"order": each.name, "reason": "no_quantity"} for each in (empty, nothing)]
    with refused(NothingToBuy, data={"problems": problems}):
        (empty | nothing).button_confirm()
    assert empty.state == "draft"


def test_a_changed_quantity_is_followed_and_bounded_by_what_came_in(
    env: Any, vendor: Any, board: Any, refused: Refused
) -> None:
    purchase = order(env, vendor, board, 10)
    purchase.button_confirm()
    purchase.order_line.product_qty = 12
    assert sum(purchase.picking_ids.move_ids.mapped("product_uom_qty")) == 12
    purchase.order_line.product_qty = 5
    open_moves = purchase.picking_ids.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
    assert sum(open_moves.mapped("product_uom_qty")) == 5
    purchase.picking_ids.filtered(lambda picking: picking.state != "cancel").button_validate()
    below = {"product": "Board", "received": "5", "ordered": "3"}
    with refused(AlreadyReceived, data={"lines": [below]}):
        purchase.order_line.product_qty = 3
    with refused(AlreadyReceived, data={"orders": [purchase.name]}):
        purchase.button_cancel()


@pytest.mark.both_dialects("scenario")
def test_a_reordering_rule_asks_the_vendor_once(env: Any, vendor: Any, board: Any, refused: Refused) -> None:
    board.route_ids = env.ref("purchasing.route_warehouse0_buy")
    orderpoint = env["stock.warehouse.orderpoint"].create(
        {"product_id": board.id, "product_min_qty": 5, "product_max_qty": 20}
    )
    orderpoint.action_replenish()
    request = env["purchase.order"].search([("partner_id", "=", vendor.id)])
    assert (request.state, request.order_line.product_qty) == ("draft", 20)
    other = env["product.product"].create({"name": "Orphan", "is_storable": True})
    other.route_ids = env.ref("purchasing.route_warehouse0_buy")
    lonely = env["stock.warehouse.orderpoint"].create(
        {"product_id": other.id, "product_min_qty": 5, "product_max_qty": 20}
    )
    with refused(NoVendor, data={"products": ["Orphan"]}):
        lonely.action_replenish()


def test_what_is_added_to_a_make_to_order_delivery_is_bought_as_well(env: Any, vendor: Any, board: Any) -> None:
    board.route_ids = env.ref("purchasing.route_warehouse0_buy") | env.ref("inventory.route_warehouse0_mto")
    env.ref("inventory.route_warehouse0_mto").active = True
    customer = env["res.partner"].create({"name": "Customer"})
    lines = [(0, 0, {"product_id": board.id, "product_uom_qty": 5})]
    sale = env["sale.order"].create({"partner_id": customer.id, "order_line": lines})
    sale.action_confirm()
    sale.order_line.product_uom_qty = 8
    purchase = env["purchase.order"].search([("partner_id", "=", vendor.id)])
    assert purchase.order_line.mapped("product_qty") == [5, 3]
    purchase.button_confirm()
    purchase.picking_ids.button_validate()
    delivery = sale.picking_ids
    assert (delivery.state, sum(delivery.move_ids.mapped("quantity"))) == ("assigned", 8)
    delivery.button_validate()
    assert (sale.delivery_status, sale.order_line.qty_delivered) == ("full", 8)
    assert_stock_laws(env)


def test_a_cancelled_request_leaves_the_delivery_to_the_stock(env: Any, vendor: Any, board: Any) -> None:
    board.route_ids = env.ref("purchasing.route_warehouse0_buy") | env.ref("inventory.route_warehouse0_mto")
    env.ref("inventory.route_warehouse0_mto").active = True
    customer = env["res.partner"].create({"name": "Customer"})
    lines = [(0, 0, {"product_id": board.id, "product_uom_qty": 5})]
    sale = env["sale.order"].create({"partner_id": customer.id, "order_line": lines})
    sale.action_confirm()
    env["purchase.order"].search([("partner_id", "=", vendor.id)]).button_cancel()
    assert (sale.picking_ids.state, sale.order_line.move_ids.procure_method) == ("confirmed", "make_to_stock")
    put_stock(board, 5)
    assert sale.picking_ids.state == "assigned"


def test_a_backorder_of_a_make_to_order_delivery_never_enlarges_the_purchase(env: Any, vendor: Any, board: Any) -> None:
    board.route_ids = env.ref("purchasing.route_warehouse0_buy") | env.ref("inventory.route_warehouse0_mto")
    env.ref("inventory.route_warehouse0_mto").active = True
    sale = env["sale.order"].create(
        {
            "partner_id": env["res.partner"].create({"name": "Customer"}).id,
            "order_line": [(0, 0, {"product_id": board.id, "product_uom_qty": 100})],
        }
    )
    sale.action_confirm()
    purchase = env["purchase.order"].search([("partner_id", "=", vendor.id)])
    assert purchase.order_line.product_qty == 100
    purchase.button_confirm()
    receipt = purchase.picking_ids
    receipt.move_ids.quantity = 30
    receipt.button_validate({"backorder": {receipt.id: True}})
    delivery = sale.picking_ids
    assert delivery.move_ids.quantity == 30
    delivery.button_validate({"backorder": {delivery.id: True}})
    env.flush_all()
    assert env["purchase.order"].search([("partner_id", "=", vendor.id)]) == purchase
    assert purchase.order_line.product_qty == 100
    receipt.backorder_ids.button_validate()
    delivery.backorder_ids.button_validate()
    assert (sale.delivery_status, sale.order_line.qty_delivered) == ("full", 100)
    assert_stock_laws(env)


def test_the_nightly_run_does_not_ask_again_for_what_is_on_an_open_request(env: Any, vendor: Any, board: Any) -> None:
    board.route_ids = env.ref("purchasing.route_warehouse0_buy")
    env.ref("inventory.warehouse0").reception_steps = "three_steps"
    point = env["stock.warehouse.orderpoint"].create(
        {"product_id": board.id, "product_min_qty": 5, "product_max_qty": 20}
    )
    for _night in range(2):
        env["stock.rule"].run_scheduler()
    request = env["purchase.order"].search([("partner_id", "=", vendor.id)])
    assert (request.order_line.product_qty, point.qty_forecast) == (20, 20)
    request.button_confirm()
    env["stock.rule"].run_scheduler()
    request.picking_ids.button_validate()  # it stands in Input, on its way to the stock
    env["stock.rule"].run_scheduler()
    assert env["purchase.order"].search([("partner_id", "=", vendor.id)]) == request
    assert (request.order_line.product_qty, point.qty_forecast) == (20, 20)


def test_settings_of_the_buy_rule_stay_when_the_warehouse_changes(env: Any) -> None:
    warehouse = env.ref("inventory.warehouse0")
    rule = warehouse.buy_pull_id
    assert (rule.procure_method, rule.location_dest_id) == ("make_to_stock", warehouse.lot_stock_id)
    settings = {"name": "From our vendors", "procure_method": "make_to_order", "propagate_cancel": True}
    rule.write(settings)
    warehouse.write({"reception_steps": "two_steps", "buy_to_resupply": False})
    assert ({name: rule[name] for name in settings}, rule.active) == (settings, False)
    warehouse.buy_to_resupply = True
    assert ({name: rule[name] for name in settings}, rule.active) == (settings, True)


def test_a_need_in_the_future_is_ordered_in_time_for_its_day(env: Any, vendor: Any, board: Any) -> None:
    board.route_ids = env.ref("purchasing.route_warehouse0_buy")
    board.seller_ids.write({"delay": 3})
    due = datetime(2035, 5, 20, 12)
    rule, warehouse = env["stock.rule"], env.ref("inventory.warehouse0")
    rule.run(
        [
            rule.Procurement(
                board, Decimal(20), board.uom_id, warehouse.lot_stock_id, board.name, "S1", env.company,
                {"warehouse_id": warehouse, "date_planned": due},
            )
        ]
    )  # fmt: skip
    request = env["purchase.order"].search([("partner_id", "=", vendor.id)])
    assert (request.date_order, request.order_line.date_planned) == (due - timedelta(days=3), due)


def test_what_is_bought_to_order_is_stored_before_it_is_picked(env: Any, vendor: Any, board: Any) -> None:
    warehouse = env.ref("inventory.warehouse0")
    warehouse.write({"reception_steps": "two_steps", "delivery_steps": "pick_ship"})
    board.route_ids = env.ref("purchasing.route_warehouse0_buy") | env.ref("inventory.route_warehouse0_mto")
    rule = env["stock.rule"]
    customers = env.ref("inventory.stock_location_customers")
    rule.run(
        [
            rule.Procurement(
                board, Decimal(20), board.uom_id, customers, board.name, "S1", env.company, {"warehouse_id": warehouse}
            )
        ]
    )
    pick = env["stock.move"].search([("product_id", "=", board.id)])
    assert (pick.picking_type_id, pick.state) == (warehouse.pick_type_id, "waiting")
    request = env["purchase.order"].search([("partner_id", "=", vendor.id)])
    request.button_confirm()
    request.picking_ids.button_validate()
    storing = request.picking_ids.move_ids.move_dest_ids
    assert (storing.picking_type_id, pick.state) == (warehouse.store_type_id, "waiting")
    storing.picking_id.button_validate()
    assert pick.state == "assigned"
    pick.picking_id.button_validate()
    pick.move_dest_ids.picking_id.button_validate()
    assert pick.move_dest_ids.location_dest_id == customers


def test_what_customers_wait_for_is_bought_from_the_list_of_backorders(env: Any, vendor: Any, board: Any) -> None:
    customer = env["res.partner"].create({"name": "Ready Mat"})
    orders = env["sale.order"].create(
        [
            {"partner_id": customer.id, "order_line": [(0, 0, {"product_id": board.id, "product_uom_qty": quantity})]}
            for quantity in (30, 12)
        ]
    )
    orders.action_confirm()
    env.take_notifications()
    moves = orders.order_line.move_ids
    moves.action_buy_missing()
    request = env["purchase.order"].search([("partner_id", "=", vendor.id)])
    assert request.order_line.product_qty == 42
    assert request.origin == ", ".join(orders.mapped("name"))
    (said,) = env.take_notifications()
    assert (said.kind, said.records) == ("success", request)
    moves.action_buy_missing()
    (said,) = env.take_notifications()
    assert (said.kind, said.records) == ("warning", request), "it says what covers the demand"
    assert request.order_line.product_qty == 42 and env["purchase.order"].search_count([]) == 1
    assert moves.action_view_sale_order() == orders


@pytest.fixture
def made_to_order(env: Any, vendor: Any, board: Any) -> Any:
    """A sales order over twenty boards, which are bought for it."""
    board.route_ids = env.ref("purchasing.route_warehouse0_buy") | env.ref("inventory.route_warehouse0_mto")
    customer = env["res.partner"].create({"name": "Ready Mat"})
    lines = [(0, 0, {"product_id": board.id, "product_uom_qty": 20})]
    made = env["sale.order"].create({"partner_id": customer.id, "order_line": lines})
    made.action_confirm()
    return made


def requests_to(vendor: Any) -> Any:
    return vendor.env["purchase.order"].search([("partner_id", "=", vendor.id)], order="id")


def test_more_of_what_is_made_to_order_is_bought_too(vendor: Any, made_to_order: Any) -> None:
    made_to_order.order_line.product_uom_qty = 25
    assert sum(requests_to(vendor).order_line.mapped("product_qty")) == 25
    requests_to(vendor).button_confirm()
    made_to_order.order_line.product_uom_qty = 32
    assert [sum(each.order_line.mapped("product_qty")) for each in requests_to(vendor)] == [25, 7]
    requests_to(vendor)[1].button_confirm()
    for receipt in requests_to(vendor).picking_ids:
        receipt.button_validate()
    assert (made_to_order.picking_ids.state, made_to_order.order_line.move_ids.quantity) == ("assigned", 32)


def test_why_it_waits_names_the_request_that_nobody_has_confirmed(
    vendor: Any, made_to_order: Any, messages: Messages
) -> None:
    request = requests_to(vendor)
    move = made_to_order.order_line.move_ids
    assert request.name in move.waiting_reason
    messages.check(move.waiting_reason)
    request.button_confirm()
    vendor.env.invalidate_all()
    receipt = request.picking_ids
    assert receipt.name in move.waiting_reason
    messages.check(move.waiting_reason, replace={format_day(receipt.scheduled_date.date()): "<date>"})


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_cancelled_purchase_leaves_the_delivery_to_take_from_stock(
    vendor: Any, board: Any, made_to_order: Any, confirmed: bool
) -> None:
    request = requests_to(vendor)
    if confirmed:
        request.button_confirm()
    request.button_cancel()
    move = made_to_order.order_line.move_ids
    assert (move.state, move.procure_method) == ("confirmed", "make_to_stock")
    put_stock(board, 20)
    assert move.state == "assigned"


@pytest.mark.parametrize("confirmed", [False, True])
@pytest.mark.parametrize(("method", "state"), [("at_confirm", "assigned"), ("manual", "confirmed")])
def test_what_a_cancelled_purchase_leaves_to_the_stock_is_reserved_as_its_operation_type_says(
    env: Any, vendor: Any, board: Any, made_to_order: Any, method: str, state: str, confirmed: bool
) -> None:
    put_stock(board, 20)
    env.ref("inventory.picking_type_out").reservation_method = method
    request = requests_to(vendor)
    if confirmed:
        request.button_confirm()
    request.button_cancel()
    assert made_to_order.order_line.move_ids.state == state
    assert_stock_laws(env)


def test_where_the_rule_says_so_the_delivery_is_cancelled_with_the_purchase(env: Any, vendor: Any, board: Any) -> None:
    env.ref("inventory.warehouse0").buy_pull_id.propagate_cancel = True
    board.route_ids = env.ref("purchasing.route_warehouse0_buy") | env.ref("inventory.route_warehouse0_mto")
    lines = [(0, 0, {"product_id": board.id, "product_uom_qty": 20})]
    made = env["sale.order"].create({"partner_id": vendor.id, "order_line": lines})
    made.action_confirm()
    requests_to(vendor).button_confirm()
    requests_to(vendor).picking_ids.action_cancel()
    assert made.picking_ids.state == "cancel"


def test_a_cancelled_delivery_leaves_what_was_bought_for_it_to_the_stock(
    vendor: Any, board: Any, made_to_order: Any
) -> None:
    requests_to(vendor).button_confirm()
    made_to_order.action_cancel()
    receipt = requests_to(vendor).picking_ids
    assert (made_to_order.picking_ids.state, receipt.state) == ("cancel", "assigned")
    receipt.button_validate()
    assert board.free_qty == 20

"""Orders to vendors through their lives: terms, units, changes after confirmation, returns, texts, services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from addons.inventory.exceptions import OrderLocked
from addons.inventory.testing import assert_stock_laws
from addons.purchasing.exceptions import AlreadyReceived, NothingToBuy
from core.exceptions import UserError, ValidationError
from tests.messages import Refused

ADDONS = ("purchasing",)


@pytest.fixture
def vendor(env: Any) -> Any:
    return env["res.partner"].create({"name": "Wood Corner"})


@pytest.fixture
def dozen(env: Any) -> Any:
    return env.ref("inventory.product_uom_dozen")


def product(env: Any, *terms: dict[str, Any], name: str = "Board", **values: Any) -> Any:
    """A storable product with these vendor prices."""
    rows = [(0, 0, each) for each in terms]
    return env["product.product"].create({"name": name, "is_storable": True, "seller_ids": rows, **values})


def request(vendor: Any, *lines: Any) -> Any:
    """A request over (product, quantity) or (product, quantity, values of the line)."""
    rows = [
        (0, 0, {"product_id": each.id, "product_qty": quantity, **(more[0] if more else {})})
        for each, quantity, *more in lines
    ]
    return vendor.env["purchase.order"].create({"partner_id": vendor.id, "order_line": rows})


def ordered(vendor: Any, *lines: Any) -> Any:
    """A confirmed order."""
    order = request(vendor, *lines)
    order.button_confirm()
    return order


def open_receipts(order: Any) -> Any:
    return order.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))


def receive(order: Any, quantity: Any = None) -> Any:
    """Take in what is open, or so many of each product; returns the receipt."""
    receipt = open_receipts(order)
    if quantity is not None:
        receipt.move_ids.filtered(lambda move: move.state not in ("done", "cancel")).quantity = quantity
    assert not receipt.button_validate(answers={"backorder": {receipt.id: True}})
    return receipt


def send_back(receipt: Any, quantity: Any, to_refund: bool = True) -> Any:
    """Goods go back to the vendor."""
    wizard = receipt.env["stock.return.picking"].create({"picking_id": receipt.id})
    wizard.product_return_moves.write({"quantity": quantity, "to_refund": to_refund})
    back = wizard.action_create_returns()
    back.button_validate()
    return back


# ---------------------------------------------------------------------------- terms


def test_the_first_vendor_that_fits_is_asked_and_its_cheapest_line_is_paid(env: Any, vendor: Any) -> None:
    other = env["res.partner"].create({"name": "Cheap & Far"})
    board = product(
        env,
        {"partner_id": vendor.id, "price": 9, "min_qty": 50, "sequence": 1},
        {"partner_id": vendor.id, "price": 8, "sequence": 1},
        {"partner_id": other.id, "price": 1, "sequence": 2},
    )
    board.route_ids = env.ref("purchasing.route_warehouse0_buy")
    env["stock.warehouse.orderpoint"].create(
        {"product_id": board.id, "product_min_qty": 60, "product_max_qty": 60}
    ).action_replenish()
    line = env["purchase.order.line"].search([("product_id", "=", board.id)])
    assert (line.partner_id, line.price_unit) == (vendor, 8)


def test_the_terms_of_a_vendor_are_meant_in_its_unit(env: Any, vendor: Any, dozen: Any) -> None:
    terms = {"partner_id": vendor.id, "price": 24, "min_qty": 2, "product_uom_id": dozen.id, "discount": 10}
    board = product(env, terms, standard_price=5)
    line = request(vendor, (board, 2)).order_line
    assert (line.product_uom_id, line.price_unit, line.discount, line.price_subtotal) == (
        dozen,
        24,
        10,
        Decimal("43.2"),
    )
    single = request(vendor, (board, 24, {"product_uom_id": board.uom_id.id})).order_line
    assert (single.price_unit, single.discount) == (2, 10)
    too_few = request(vendor, (board, 1)).order_line
    assert (too_few.price_unit, too_few.discount) == (60, 0), "nobody sells one: the cost of the product"


def test_terms_hold_on_their_days(env: Any, vendor: Any) -> None:
    past = {"partner_id": vendor.id, "price": 3, "date_end": "2001-01-01"}
    board = product(env, past, {"partner_id": vendor.id, "price": 7, "date_start": "2001-01-02"})
    assert request(vendor, (board, 1)).order_line.price_unit == 7


def test_a_need_below_the_minimum_of_all_vendors_is_ordered_all_the_same(env: Any, vendor: Any) -> None:
    board = product(env, {"partner_id": vendor.id, "price": 3, "min_qty": 100}, standard_price=4)
    board.route_ids = env.ref("purchasing.route_warehouse0_buy")
    env["stock.warehouse.orderpoint"].create(
        {"product_id": board.id, "product_min_qty": 6, "product_max_qty": 6}
    ).action_replenish()
    line = env["purchase.order.line"].search([("product_id", "=", board.id)])
    assert (line.partner_id, line.product_qty, line.price_unit) == (vendor, 6, 4)


def test_an_entered_price_stays_and_others_follow_the_terms(env: Any, vendor: Any) -> None:
    tiers = ({"partner_id": vendor.id, "price": 7}, {"partner_id": vendor.id, "price": 6, "min_qty": 10, "discount": 5})
    board = product(env, *tiers)
    order = request(vendor, (board, 1), (board, 1, {"price_unit": 5}))
    follows, entered = order.order_line
    order.order_line.write({"product_qty": 10})
    assert (follows.price_unit, follows.discount) == (6, 5)
    assert entered.price_unit == 5
    follows.discount = 12
    order.order_line.write({"product_qty": 11})
    assert (follows.discount, follows.price_unit) == (12, 6)
    order.button_confirm()
    follows.product_qty = 1
    assert (follows.price_unit, follows.discount) == (6, 12), "what was agreed stays"


def test_the_vendor_reads_its_own_name_and_code_of_the_product(env: Any, vendor: Any) -> None:
    terms = {"partner_id": vendor.id, "product_code": "B-7", "product_name": "Plank"}
    board = product(env, terms, description_purchase="Sawn")
    assert request(vendor, (board, 1)).order_line.name == "[B-7] Plank\nSawn"
    stranger = env["res.partner"].create({"name": "Stranger"})
    assert request(stranger, (board, 1)).order_line.name == "Board\nSawn"


# ---------------------------------------------------------------------------- receipts


def test_two_lines_of_one_product_are_received_each_for_itself(env: Any, vendor: Any) -> None:
    board = product(env)
    order = ordered(vendor, (board, 5), (board, 3))
    receive(order)
    assert order.order_line.mapped("qty_received") == [5, 3]
    assert_stock_laws(env)


def test_what_goes_back_counts_where_the_order_is_to_follow(env: Any, vendor: Any) -> None:
    order = ordered(vendor, (product(env), 10))
    receipt = receive(order)
    assert (order.receipt_status, order.effective_date) == ("full", receipt.date_done)
    send_back(receipt, 2, to_refund=False)
    assert order.order_line.qty_received == 10
    back = send_back(receipt, 3)
    assert (order.order_line.qty_received, back.purchase_id, order.incoming_picking_count) == (7, order, 3)
    assert_stock_laws(env)


def test_what_comes_in_is_counted_in_the_unit_of_the_line(env: Any, vendor: Any, dozen: Any) -> None:
    board = product(env)
    order = ordered(vendor, (board, 1, {"product_uom_id": dozen.id}))
    assert order.order_line.product_uom_qty == 12
    third = Decimal("0.333333") if order.picking_ids.move_ids.product_uom == dozen else 4
    receive(order, third)
    receive(order, third if open_receipts(order).move_ids.product_uom == dozen else 4)
    receive(order)
    assert (order.order_line.qty_received, order.receipt_status, board.qty_available) == (1, "full", 12)


def test_a_lower_quantity_takes_from_what_has_not_come_in(env: Any, vendor: Any, dozen: Any) -> None:
    env.ref("inventory.warehouse0").reception_steps = "two_steps"
    board = product(env)
    order = ordered(vendor, (board, 2, {"product_uom_id": dozen.id}))
    receipt = receive(order, 7 if order.picking_ids.move_ids.product_uom != dozen else Decimal("0.583333"))
    order.order_line.product_qty = Decimal("1.5")
    open_moves = open_receipts(order).move_ids.filtered(lambda move: move.state != "cancel")
    assert open_moves._in_product_unit(open_moves.product_uom_qty) == 11
    assert receipt.move_ids.move_dest_ids.product_qty == 7, "what came in is put away in full"
    assert_stock_laws(env)


def test_every_line_below_what_came_in_is_named(env: Any, vendor: Any, refused: Refused) -> None:
    order = ordered(vendor, (product(env), 5), (product(env, name="Beam"), 5))
    receive(order, 4)
    below = [{"product": name, "received": "4", "ordered": "3"} for name in ("Board", "Beam")]
    with refused(AlreadyReceived, data={"lines": below}), env.savepoint():
        order.order_line.write({"product_qty": 3})
    order.order_line.write({"product_qty": 4})
    assert order.receipt_status == "full"


def test_what_came_in_beyond_the_order_is_not_expected_again(env: Any, vendor: Any) -> None:
    order = ordered(vendor, (product(env), 5))
    receive(order, 7)
    order.order_line.product_qty = 6
    assert not open_receipts(order)
    order.order_line.product_qty = 9
    assert open_receipts(order).move_ids.product_uom_qty == 2


def test_a_new_date_and_price_reach_what_has_not_come_in(env: Any, vendor: Any) -> None:
    order = ordered(vendor, (product(env), 5))
    gone = receive(order, 2).move_ids
    order.date_planned = "2031-05-01 10:00:00"
    order.order_line.price_unit = 4
    rest = open_receipts(order).move_ids
    assert rest.date == rest.date_deadline == order.order_line.date_planned == order.date_planned
    assert rest.price_unit == 4 and gone.date != rest.date
    assert order.picking_ids.filtered(lambda picking: picking.state == "assigned").scheduled_date == order.date_planned


def test_a_line_added_to_an_order_joins_its_open_receipt(env: Any, vendor: Any) -> None:
    order = ordered(vendor, (product(env), 5))
    order.order_line = [(0, 0, {"product_id": product(env, name="Beam").id, "product_qty": 2})]
    assert order.incoming_picking_count == 1
    receive(order)
    assert order.order_line.mapped("qty_received") == [5, 2]


# ---------------------------------------------------------------------------- what may not be done


def test_an_ordered_line_is_neither_deleted_nor_exchanged(env: Any, vendor: Any, dozen: Any, refused: Refused) -> None:
    order = ordered(vendor, (product(env), 5))
    data = {"product": "Board", "order": order.name}
    with refused(UserError, code="inventory.line_confirmed", data=data):
        order.order_line.unlink()
    for change in ({"product_id": product(env, name="Beam").id}, {"product_uom_id": dozen.id}):
        with refused(UserError, code="inventory.line_confirmed", data=data, name="exchange"):
            order.order_line.write(change)
    with refused(UserError, code="purchasing.order_confirmed", data={"orders": [order.name]}):
        order.unlink()
    order.button_cancel()
    order.unlink()
    assert not order.exists()


def test_a_line_cannot_be_bought_in_a_unit_of_another_family(env: Any, vendor: Any, refused: Refused) -> None:
    gram = env.ref("inventory.product_uom_gram")
    with refused(ValidationError, code="inventory.unit_family", data={"product": "Board", "unit": gram.name}):
        request(vendor, (product(env), 5, {"product_uom_id": gram.id}))


def test_an_archived_product_is_not_ordered(env: Any, vendor: Any, refused: Refused) -> None:
    board = product(env)
    order = request(vendor, (board, 5))
    board.active = False
    problem = {"order": order.name, "reason": "product_archived", "product": "Board"}
    with refused(NothingToBuy, data={"problems": [problem]}):
        order.button_confirm()


def test_goods_are_delivered_somewhere(env: Any, vendor: Any, refused: Refused) -> None:
    order = request(vendor, (product(env), 5))
    order.picking_type_id = False
    problem = {"order": order.name, "reason": "no_operation_type"}
    with refused(NothingToBuy, data={"problems": [problem]}):
        order.button_confirm()


def test_a_locked_order_stays_as_it_was_agreed(env: Any, vendor: Any, refused: Refused) -> None:
    order = ordered(vendor, (product(env), 5))
    order.button_lock()
    for change in (lambda: order.order_line.write({"product_qty": 3}), order.button_cancel):
        with refused(OrderLocked, data={"orders": [order.name]}, name="every change"), env.savepoint():
            change()
    receive(order)
    order.button_unlock()
    order.order_line.product_qty = 6
    assert order.receipt_status == "partial"


# ---------------------------------------------------------------------------- texts and services


def test_texts_are_not_received_and_services_are_received_by_hand(env: Any, vendor: Any, refused: Refused) -> None:
    advice = env["product.product"].create({"name": "Advice", "type": "service"})
    order = request(vendor, (product(env), 5), (advice, 2))
    order.order_line = [(0, 0, {"display_type": "line_note", "name": "Call first"})]
    order.button_confirm()
    receive(order)
    goods, service, note = order.order_line
    assert (order.receipt_status, goods.qty_received, service.qty_received, note.name) == ("full", 5, 0, "Call first")
    service.qty_received = 2
    assert service.qty_received == 2
    data = {"product": "Board", "order": order.name}
    with refused(UserError, code="purchasing.quantity_of_receipts", data=data):
        goods.qty_received = 1
    assert order.copy().order_line.mapped("qty_received") == [0, 0, 0]


def test_what_can_be_confirmed_of_a_selection_is(env: Any, vendor: Any) -> None:
    good, empty = request(vendor, (product(env), 3)), env["purchase.order"].create({"partner_id": vendor.id})
    env.take_notifications()
    (empty | good).action_confirm_selected()
    assert (good.state, empty.state) == ("purchase", "draft")
    done, refused = env.take_notifications()
    assert good.name in done.message and empty.name in refused.message and refused.kind == "warning"

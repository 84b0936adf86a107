"""Release Backorders asks: ship or invoice what is newly available."""

from __future__ import annotations

from typing import Any

import pytest

from addons.inventory.testing import put_stock
from addons.sales.exceptions import NothingToRelease
from addons.sales.services import backorders
from addons.sales_invoicing.exceptions import NothingToInvoice
from addons.sales_invoicing.services import release
from tests.addons.sales.desk import Desk, open_transfers, ship
from tests.messages import Messages, Refused

ADDONS = ("sales", "invoicing")


def short_order(desk: Desk, ordered: int = 10, on_hand: int = 6, **values: Any) -> Any:
    """An order of which what is on hand is shipped, and the rest is on backorder."""
    order = desk.order((desk.product(on_hand=on_hand, list_price=10, **values), ordered))
    ship(order.picking_ids)
    return order


def ask(order: Any) -> Any:
    """The dialog of Release Backorders."""
    wizard = order.action_release_backorders()
    assert wizard._name == "sale.release.backorders" and wizard.order_ids == order
    return wizard


def test_shipping_is_what_it_was(desk: Desk) -> None:
    order = short_order(desk)
    put_stock(order.order_line.product_id, 10)
    backorder = open_transfers(order)
    assert ask(order).action_ship() == backorder
    assert backorder.state == "assigned" and not order.invoice_ids
    assert order.action_release_backorders(answers={"release": "ship"}) == backorder


def test_the_dialog_keeps_what_was_answered_before(desk: Desk) -> None:
    order = short_order(desk)
    put_stock(order.order_line.product_id, 10)
    wizard = order.action_release_backorders(answers={"carrier": "post"})
    assert wizard._answers_with("ship") == {"carrier": "post", "release": {str(order.id): "ship"}}
    assert wizard.action_ship() == open_transfers(order)


def test_a_client_may_create_the_dialog(desk: Desk) -> None:
    order = short_order(desk)
    put_stock(order.order_line.product_id, 10)
    wizard = desk.env["sale.release.backorders"].create({"order_ids": [(6, 0, order.ids)]})
    assert wizard.action_ship() == open_transfers(order)


@pytest.mark.both_dialects("scenario")
def test_ordered_items_are_invoiced_when_they_become_available(desk: Desk) -> None:
    order = short_order(desk)
    product, line = order.order_line.product_id, order.order_line
    put_stock(product, 3)
    wizard = ask(order)
    invoice = wizard.action_invoice()
    assert (invoice.state, invoice.invoice_line_ids.quantity, invoice.amount_untaxed) == ("draft", 3, 30)
    assert (line.qty_invoiced, line.qty_to_invoice) == (3, 7)
    notes = desk.env.take_notifications()
    assert [note.records for note in notes[-2:]] == [open_transfers(order), invoice]
    put_stock(product, 4)  # one more, on top of the three that are reserved
    again = ask(order).action_invoice()
    assert again.invoice_line_ids.quantity == 1
    with pytest.raises(NothingToInvoice):
        ask(order).action_invoice()
    assert line.qty_invoiced == 4


def test_what_never_left_is_named_beside_the_backorders(desk: Desk) -> None:
    """Deliveries that are reserved by hand: stock is free, and a release reserves it."""
    desk.env["stock.picking.type"].search([("code", "=", "outgoing")]).reservation_method = "manual"
    order = desk.order((desk.product(on_hand=4, list_price=10), 5))
    assert order.order_line.qty_backorder == 5 and not order.backorder_count and order.has_releasable
    wizard = ask(order)
    assert "4 of 5 Units can be shipped." in wizard.ship_text
    assert "use Create Invoice" in wizard.invoice_text
    with pytest.raises(NothingToInvoice):
        wizard.action_invoice()
    assert wizard.action_ship() == order.picking_ids
    assert order.order_line.qty_backorder == 1 and not order.has_releasable


def test_what_is_on_hold_is_released_and_invoiced(desk: Desk) -> None:
    order = desk.order((desk.product(on_hand=10, list_price=10), 10))
    order.order_line.qty_backorder = 4
    pickings = ask(order).action_ship_and_invoice()
    assert order.invoice_ids.invoice_line_ids.quantity == 4
    assert pickings == order.picking_ids and set(pickings.mapped("state")) == {"assigned"}


def test_delivered_items_are_invoiced_once_delivered(desk: Desk, refused: Refused) -> None:
    order = short_order(desk, invoice_policy="delivery")
    put_stock(order.order_line.product_id, 10)
    backorder = open_transfers(order)
    invoice = ask(order).action_invoice()
    assert (invoice.invoice_line_ids.quantity, backorder.state) == (6, "assigned")
    with refused(NothingToInvoice):
        ask(order).action_invoice()
    ship(backorder)
    assert order._create_invoices().invoice_line_ids.quantity == 4


def test_what_is_delivered_is_invoiced_though_nothing_is_available(desk: Desk, refused: Refused) -> None:
    order = short_order(desk, invoice_policy="delivery")
    with refused(NothingToRelease):
        ask(order).action_ship()
    assert ask(order).action_invoice().invoice_line_ids.quantity == 6
    with refused(NothingToRelease):
        ask(order).action_invoice()


def test_a_refused_invoice_releases_nothing(desk: Desk) -> None:
    order = short_order(desk)
    order._create_invoices()
    put_stock(order.order_line.product_id, 10)
    backorder = open_transfers(order)
    backorder.do_unreserve()
    wizard = ask(order)
    with pytest.raises(NothingToInvoice), desk.env.savepoint():
        wizard.action_invoice()
    assert backorder.state == "confirmed"


def test_ship_and_invoice_ships_where_nothing_is_to_be_invoiced(desk: Desk, messages: Messages) -> None:
    order = short_order(desk, invoice_policy="delivery")
    order._create_invoices()
    put_stock(order.order_line.product_id, 10)
    backorder = open_transfers(order)
    desk.env.take_notifications()
    assert ask(order).action_ship_and_invoice() == backorder
    assert backorder.state == "assigned" and len(order.invoice_ids) == 1
    shipped, nothing = desk.env.take_notifications()
    assert (shipped.records, nothing.kind) == (backorder, "warning")
    messages.check(nothing.message)


def test_ship_and_invoice_with_neither_is_refused(desk: Desk) -> None:
    order = short_order(desk)
    order._create_invoices()
    with pytest.raises(NothingToRelease):
        ask(order).action_ship_and_invoice()


def test_lines_that_share_stock_are_promised_it_once(desk: Desk, messages: Messages) -> None:
    product = desk.product("Drawer", 2, list_price=10)
    order = desk.order((product, 4), (product, 6), (product, 5))
    ship(order.picking_ids)
    order.order_line.move_ids.filtered(lambda move: move.state != "done").picking_id.do_unreserve()
    put_stock(product, 9)
    wizard = ask(order)
    messages.check(wizard.ship_text)
    messages.check(wizard.invoice_text)
    promised = {line: found.available for line, found in release.outlook(order).items()}
    assert sum(promised.values()) == 9
    wizard.action_ship()
    assert promised == {line: backorders.reserved(line, order.picking_ids)[line.id] for line in order.order_line}


def test_the_dialog_says_what_each_answer_does(desk: Desk, messages: Messages) -> None:
    ordered = desk.product("Drawer", 6, list_price=10)
    delivered = desk.product("Desk", 1, list_price=10, invoice_policy="delivery")
    late = desk.product("Lamp", invoice_policy="delivery")
    order = desk.order((ordered, 10), (delivered, 3), (late, 2))
    ship(order.picking_ids)
    put_stock(ordered, 3)
    wizard = ask(order)
    messages.check(wizard.ship_text)
    messages.check(wizard.invoice_text)


def test_salespeople_release_and_invoice(desk: Desk) -> None:
    order = short_order(desk)
    put_stock(order.order_line.product_id, 10)
    seller = desk.user("seller", "sales.group_sale_salesman")
    invoice = ask(order.with_user(seller)).action_invoice()
    assert invoice.invoice_line_ids.quantity == 4 and invoice.env.uid == seller.id


@pytest.mark.addons("sales")
def test_without_invoicing_nothing_is_asked(desk: Desk) -> None:
    order = short_order(desk)
    put_stock(order.order_line.product_id, 10)
    assert order.action_release_backorders() == open_transfers(order)


@pytest.mark.addons("sales", "manufacturing", "invoicing")
def test_kits_are_invoiced_as_kits(desk: Desk) -> None:
    top, leg = desk.product("Top", 5), desk.product("Leg", 9)
    table = desk.product("Table", list_price=100, is_storable=False)
    desk.env["mrp.bom"].create(
        {
            "product_tmpl_id": table.product_tmpl_id.id,
            "type": "phantom",
            "bom_line_ids": [
                (0, 0, {"product_id": part.id, "product_qty": quantity}) for part, quantity in ((top, 1), (leg, 4))
            ],
        }
    )
    order = desk.order((table, 5))
    order.order_line.qty_backorder = 5
    invoice = ask(order).action_invoice()
    assert invoice.invoice_line_ids.quantity == 2  # nine legs are two tables

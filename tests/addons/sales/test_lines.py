"""Lines of orders that are no goods, and what may be done to lines: sections, services, locked orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from addons.inventory.exceptions import OrderLocked
from addons.sales.exceptions import NothingToSell
from core.exceptions import UserError, ValidationError
from tests.addons.sales.desk import Desk, ship
from tests.messages import Refused

ADDONS = ("sales",)


@pytest.fixture
def advice(desk: Desk) -> Any:
    """A service."""
    return desk.env["product.product"].create({"name": "Advice", "type": "service", "list_price": 80})


def text(name: str, kind: str = "line_section") -> Any:
    """The values of a line that is a text."""
    return (0, 0, {"display_type": kind, "name": name})


def test_sections_and_notes_are_texts_between_the_goods(desk: Desk) -> None:
    order = desk.quotation((desk.product("Drawer", 5, list_price=3), 2))
    order.order_line = [text("Extras"), text("Delivered to the door.", "line_note")]
    section = order.order_line[1]
    assert (section.name, section.product_uom_qty, section.price_subtotal) == ("Extras", 0, 0)
    order.action_confirm()
    ship(order.picking_ids)
    assert (order.amount_total, order.delivery_status, order.closed_short) == (6, "full", False)
    copy = order.copy()
    assert copy.order_line.mapped("display_type") == [False, "line_section", "line_note"]
    section.unlink()
    assert len(order.order_line) == 2


def test_a_quotation_of_texts_alone_has_nothing_to_sell(desk: Desk, refused: Refused) -> None:
    order = desk.quotation()
    order.order_line = [text("Nothing yet")]
    with refused(NothingToSell, data={"problems": [{"order": order.name, "reason": "no_lines"}]}):
        order.action_confirm()


def test_goods_are_delivered_from_a_warehouse(desk: Desk, refused: Refused) -> None:
    order = desk.quotation((desk.product("Drawer", 5), 2), warehouse_id=False)
    with refused(NothingToSell, data={"problems": [{"order": order.name, "reason": "no_warehouse"}]}):
        order.action_confirm()


def test_a_line_is_either_goods_or_a_text(desk: Desk, refused: Refused) -> None:
    order = desk.quotation((desk.product("Drawer"), 2))
    with refused(ValidationError, code="inventory.line_without_product"), desk.env.savepoint():
        order.order_line = [(0, 0, {"product_uom_qty": 2})]
    with refused(ValidationError, code="inventory.text_line"), desk.env.savepoint():
        order.order_line = [(0, 0, {"display_type": "line_note", "name": "Note", "product_uom_qty": 2})]
    with refused(UserError, code="inventory.line_kind_fixed"):
        order.order_line[0].display_type = "line_note"


def test_the_description_is_the_product_and_what_is_said_of_it_in_sales(desk: Desk) -> None:
    order = desk.quotation((desk.product("Drawer", description_sale="Oak, oiled"), 2))
    assert order.order_line.name == "Drawer\nOak, oiled"


def test_what_is_delivered_of_a_service_is_entered(desk: Desk, advice: Any, refused: Refused) -> None:
    order = desk.order((advice, 3), (desk.product("Drawer", 5), 2))
    service, goods = order.order_line
    assert (service.qty_delivered_method, goods.qty_delivered_method) == ("manual", "stock_move")
    service.qty_delivered = Decimal("1.5")
    ship(order.picking_ids)
    assert (service.qty_delivered, goods.qty_delivered, service.qty_to_deliver) == (Decimal("1.5"), 2, Decimal("1.5"))
    service.product_uom_qty = 1
    assert service.qty_delivered == Decimal("1.5"), "no transfer was made for it, so nothing has to come back"
    data = {"product": "Drawer", "order": order.name}
    with refused(UserError, code="sales.quantity_of_transfers", data=data):
        goods.qty_delivered = 1
    assert order.copy().order_line.mapped("qty_delivered") == [0, 0]


def test_a_locked_order_stays_as_it_was_agreed(desk: Desk, refused: Refused) -> None:
    product = desk.product("Drawer", 5)
    order = desk.order((product, 2))
    note = desk.env["sale.order.line"].create({"order_id": order.id, "display_type": "line_note", "name": "As agreed"})
    order.action_lock()
    for change in (
        note.unlink,
        lambda: order.order_line.write({"product_uom_qty": 3}),
        lambda: order.order_line.write({"price_unit": 3}),
        lambda: order.write({"order_line": [(0, 0, {"product_id": product.id})]}),
        order.action_cancel,
    ):
        with refused(OrderLocked, data={"orders": [order.name]}, name="every change"), desk.env.savepoint():
            change()
    ship(order.picking_ids)
    assert (order.delivery_status, order.order_line[0].product_uom_qty) == ("full", 2)
    order.action_unlock()
    order.order_line[0].product_uom_qty = 3
    assert order.delivery_status == "partial" and not order.copy().locked


def test_the_product_of_a_line_may_change_until_the_order_is_confirmed(desk: Desk) -> None:
    order = desk.quotation((desk.product("Drawer", 5), 2))
    line = order.order_line
    assert line.product_updatable and line.display_qty_widget and line.qty_to_deliver == 2
    order.action_confirm()
    assert not line.product_updatable and line.display_qty_widget
    ship(order.picking_ids)
    assert not line.display_qty_widget


def test_only_drafts_and_cancelled_orders_are_deleted(desk: Desk, refused: Refused) -> None:
    order = desk.quotation((desk.product("Drawer", 5), 2))
    order.action_quotation_sent()
    with refused(UserError, code="sales.order_confirmed", data={"orders": [order.name]}):
        order.unlink()
    order.action_cancel()
    order.unlink()
    assert not order.exists()

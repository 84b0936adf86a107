"""Purchase orders typed by hand, with what people get wrong: a clear message, what was typed is kept."""

from __future__ import annotations

import pytest

from core.testing.client import Client, document, words

ADDONS = ("purchasing",)
pytestmark = pytest.mark.dialects("sqlite")

PRODUCT, QUANTITY = "order_line.new1.product_id", "order_line.new1.product_qty"


@pytest.fixture
def board(db):
    """A product and a vendor to choose."""
    with db.transaction(login="admin") as env:
        env["res.partner"].create({"name": "Wood Corner"})
        env["product.product"].create({"name": "Board", "is_storable": True})


def typed(client: Client, quantity: str, button: str = "Confirm Order"):
    """A request typed by hand, and the page after pressing `button`."""
    page = client.submit(client.get("/app/purchase.order/new"), {"partner_id": "Wood Corner"}, button="Add a line")
    return client.submit(page, {PRODUCT: "Board", QUANTITY: quantity}, button=button)


def value(page, name):
    """What stands in an input of the page."""
    return document(page).xpath("//*[@name=$name]", name=name)[0].get("value")


def alerts(page):
    """The errors that the page shows at its top."""
    return "\n".join(" ".join(each.text_content().split()) for each in document(page).xpath("//*[@id='problems']"))


@pytest.mark.parametrize("quantity", ["-5", "0", "many"])
def test_a_quantity_that_cannot_be_ordered(client, db, board, quantity, messages):
    page = typed(client, quantity)
    assert page.status_code == 422
    messages.check(alerts(page))
    assert (value(page, "partner_id"), value(page, QUANTITY)) == ("Wood Corner", quantity)
    with db.transaction() as env:
        assert env["purchase.order"].search_count([]) == env["stock.picking"].search_count([]) == 0


def test_a_request_is_ordered_and_received(client, db, board):
    page = typed(client, "5")
    assert page.status_code == 200 and "Not Received" in words(page)
    page = client.submit(client.submit(page, button="call:action_view_picking"), button="Validate")
    with db.transaction() as env:
        order = env["purchase.order"].search([])
        assert (order.receipt_status, order.order_line.qty_received) == ("full", 5)

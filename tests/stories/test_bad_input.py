"""What people get wrong at each step: a clear message, what was typed is kept, nothing is lost or doubled."""

from __future__ import annotations

import pytest

from core.testing.client import Client, document, words

ADDONS = ("sales", "manufacturing")
DEMO = True
pytestmark = pytest.mark.dialects("sqlite")

PRODUCT, QUANTITY = "order_line.new1.product_id", "order_line.new1.product_uom_qty"


def counted(db, model, *domain):
    """How many records there are."""
    with db.transaction() as env:
        return env[model].search_count(list(domain))


def value(page, name):
    """What stands in an input of the page."""
    (element,) = document(page).xpath("//*[@name=$name]", name=name)
    return element.text_content().strip() if element.tag == "textarea" else element.get("value")


def quotation(client, product="Drawer Case Black", quantity="55", button="Confirm"):
    """A quotation typed by hand, and the page after pressing `button`."""
    page = client.submit(client.get("/app/sale.order/new"), {"partner_id": "Azure Interior"}, button="Add a line")
    return client.submit(page, {PRODUCT: product, QUANTITY: quantity}, button=button)


def delivery(client):
    """The delivery of an order over 55 of which 45 are there."""
    page = client.submit(quotation(client), button="call:action_view_delivery")
    assert page.status_code == 200 and "WH/OUT/" in words(page)
    return page


def done_input(page):
    """The name of the input for the quantity of the first operation."""
    return document(page).xpath("//input[starts-with(@name, 'move_ids.')][contains(@name, '.quantity')]/@name")[0]


def production(client, product="Table", quantity="10"):
    """A manufacturing order typed by hand and confirmed."""
    return client.submit(
        client.get("/app/mrp.production/new"), {"product_id": product, "product_qty": quantity}, button="Confirm"
    )


def refused(page, *texts, status=422):
    """The page says all of this, and the status fits."""
    assert page.status_code == status, words(page)[:600]
    for text in texts:
        assert text in words(page)


# ---------------------------------------------------------------------------- quotations


@pytest.mark.parametrize(
    ("product", "quantity", "message"),
    [
        ("Drawer Case Black", "fifty", "“fifty” is not a number"),
        ("Drawer Case Black", "-5", "the ordered quantity cannot be negative (-5)"),
        ("Flying Carpet", "5", "No product variant matches “Flying Carpet”."),
        ("Drawer Case", "1e400", "is not a number"),
    ],
)
def test_a_line_that_cannot_be(client, db, product, quantity, message):
    """The message names the line; customer, product and quantity stand as they were typed."""
    page = quotation(client, product, quantity)
    refused(page, message)
    assert value(page, "partner_id") == "Azure Interior"
    assert value(page, QUANTITY) == quantity
    assert product in value(page, PRODUCT)
    assert counted(db, "sale.order") == 0
    page = client.submit(page, {PRODUCT: "Drawer Case Black", QUANTITY: "5"}, button="Confirm")
    assert page.status_code == 200
    assert counted(db, "sale.order", ("state", "=", "sale")) == counted(db, "stock.picking") == 1


def test_an_order_without_lines(client, db):
    """It cannot be confirmed, nor without a customer."""
    page = client.submit(client.get("/app/sale.order/new"), {"partner_id": "Azure Interior"}, button="Confirm")
    refused(page, "has no lines. Add at least one product.")
    assert value(page, "partner_id") == "Azure Interior"
    refused(client.submit(client.get("/app/sale.order/new"), button="Confirm"), "Customer: Please fill this in.")
    assert counted(db, "sale.order") == 0


def test_a_section_from_elsewhere_is_seen_in_the_form_and_does_not_stand_in_its_way(client, db):
    """Texts have no product; the order is saved and confirmed with them."""
    with db.transaction(login="admin") as env:
        product = env["product.product"].search([("name", "=", "Drawer Case Black")])
        customer = env["res.partner"].search([("name", "=", "Azure Interior")])
        lines = [
            (0, 0, {"display_type": "line_section", "name": "For the kitchen"}),
            (0, 0, {"product_id": product.id}),
        ]
        order = env["sale.order"].create({"partner_id": customer.id, "order_line": lines})
        path = f"/app/sale.order/{order.id}"
    page = client.get(path)
    assert "For the kitchen" in page.text
    page = client.submit(page, {"client_order_ref": "K-7"}, button="Confirm")
    assert page.status_code == 200, words(page)[:600]
    assert counted(db, "sale.order", ("state", "=", "sale"), ("client_order_ref", "=", "K-7")) == 1


def test_a_second_click(client, db):
    """The same form sent twice makes one order and one delivery."""
    page = client.submit(client.get("/app/sale.order/new"), {"partner_id": "Azure Interior"}, button="Add a line")
    typed = {PRODUCT: "Drawer Case Black", QUANTITY: "5"}
    first = client.submit(page, typed, button="Confirm")
    second = client.submit(page, typed, button="Confirm")
    assert first.request.path == second.request.path
    said = "S00001 is confirmed. Created: delivery WH/OUT/00001."
    assert said in words(first) and said in words(second)
    assert counted(db, "sale.order") == counted(db, "stock.picking") == 1


# ---------------------------------------------------------------------------- deliveries


@pytest.mark.parametrize(("typed", "message"), [("many", "“many” is not a number"), ("-3", "-3 is below zero")])
def test_a_quantity_that_cannot_be_delivered(client, db, typed, message):
    """It stays in its input; nothing moves."""
    page = delivery(client)
    name = done_input(page)
    page = client.submit(page, {name: typed}, button="Validate")
    refused(page, message)
    assert value(page, name) == typed
    assert counted(db, "stock.picking", ("state", "=", "done")) == 0
    page = client.submit(page, {name: "45"}, button="Validate")
    assert "Create Backorder?" in words(page)


def test_validating_twice(client, db):
    """A second click on Validate, a second answer, an old tab: one delivery and one backorder."""
    page = delivery(client)
    question = client.submit(page, button="Validate")
    again = client.submit(page, button="Validate")
    answered = client.submit(question, button="Create Backorder")
    assert answered.status_code == 200
    for late in (client.submit(question, button="Create Backorder"), client.submit(again, button="Create Backorder")):
        assert "Traceback" not in late.text and late.status_code < 500
    old_tab = client.submit(page, {"note": "from an old tab"}, button="call:action_cancel")
    assert old_tab.status_code < 500
    assert counted(db, "stock.picking", ("state", "=", "done")) == 1
    assert counted(db, "stock.picking") == 2
    with db.transaction() as env:
        drawer = env.ref("inventory.product_drawer_case_black")
        assert drawer.qty_available == 0
        assert env["sale.order"].search([]).order_line.qty_delivered == 45


def test_a_stale_form(client, anonymous, db):
    """What two people change at the same field is not overwritten in silence; what only one typed is kept."""
    order = quotation(client, button="Save")
    path = order.request.path
    mine, theirs = client.get(path), client.get(path)
    client.submit(theirs, {"client_order_ref": "THEIRS"}, button="Save")
    page = client.submit(mine, {"client_order_ref": "MINE"}, button="Save")
    refused(page, "Someone else changed this meanwhile.", "THEIRS", status=409)
    assert value(page, "client_order_ref") == "MINE"
    page = client.submit(page, button="Save")
    assert page.status_code == 200 and value(page, "client_order_ref") == "MINE"


# ---------------------------------------------------------------------------- production


@pytest.mark.parametrize(
    ("product", "quantity", "messages"),
    [
        ("Table", "ten", ["“ten” is not a number"]),
        ("Table", "-1", ["must be greater than zero, not -1"]),
        ("Table", "0", ["must be greater than zero"]),
        ("Bolt", "5", ["Bolt has no bill of materials", "Bills of Materials"]),
    ],
)
def test_an_order_that_cannot_be_made(client, db, product, quantity, messages):
    """Said when it is confirmed; product and quantity stand as they were typed."""
    page = production(client, product, quantity)
    refused(page, *messages)
    assert product in value(page, "product_id")
    assert value(page, "product_qty") == quantity
    assert counted(db, "mrp.production") == 0


@pytest.mark.parametrize(("typed", "message"), [("six", "“six” is not a number"), ("-6", "cannot be negative")])
def test_a_quantity_that_cannot_be_produced(client, db, typed, message):
    """It stays in its input; nothing is consumed."""
    page = client.submit(production(client), {"qty_producing": typed}, button="Validate")
    refused(page, message)
    assert value(page, "qty_producing") == typed
    page = client.submit(page, {"qty_producing": "6"}, button="Validate")
    assert "You produced less than initial demand" in words(page)
    with db.transaction() as env:
        assert env.ref("manufacturing.product_product_table_leg").qty_available == 160


def test_validate_without_a_quantity(client, db):
    """All that remains is made, as the plain word says; once, however often it is pressed."""
    page = production(client)
    for _click in range(2):
        done = client.submit(page, button="Validate")
        assert done.status_code == 200
    assert "10 / 10" in words(done)
    assert counted(db, "mrp.production") == 1


# ---------------------------------------------------------------------------- rights


def signed_in(anonymous, db, *groups):
    """A client of a user with these groups only."""
    with db.transaction() as env:
        env["res.users"].create(
            {
                "name": "Kim",
                "login": "kim",
                "password": "a long enough password",
                "group_ids": [(6, 0, [env.ref(name).id for name in ("base.group_user", *groups)])],
            }
        )
    anonymous.sign_in("kim", "a long enough password")
    return anonymous


def test_a_user_without_rights(db, client):
    """Apps that one may not use are not offered; their addresses and buttons refuse in words."""
    page = delivery(client)
    kim = signed_in(Client(client.application), db)
    assert "Inventory" not in words(kim.get("/app"))
    for path in ("/app/sale.order/new", "/app/mrp.production", "/app/stock.picking/new"):
        answer = kim.get(path)
        assert answer.status_code == 403, (path, words(answer)[:300])
        assert "not allowed" in words(answer)
    # Employees may look at transfers. Nothing offers to change one, and a button sent all the same does nothing.
    seen = kim.get(page.request.path)
    assert "Validate" not in words(seen) and not document(seen).xpath("//*[@name='note']")
    token = document(seen).xpath("//input[@name='_csrf']/@value")[0]
    answer = kim.post(page.request.path, data={"_csrf": token, "_do": "call:button_validate"})
    assert answer.status_code == 403, words(answer)[:600]
    assert "stock.picking" in document(answer).get_element_by_id("problems").text_content()
    assert counted(db, "stock.picking", ("state", "=", "done")) == 0


def test_a_user_who_may_only_sell(db, client):
    """A salesperson confirms orders, which makes deliveries, but validates none."""
    kim = signed_in(Client(client.application), db, "sales.group_sale_salesman")
    order = quotation(kim)
    assert order.status_code == 200 and "Not Delivered" in words(order)
    page = kim.submit(order, button="call:action_view_delivery")
    assert page.status_code == 200 and "Validate" not in words(page)
    assert counted(db, "stock.picking", ("state", "=", "done")) == 0

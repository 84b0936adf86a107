"""A picker with a phone: few taps, and no scrolling back."""

from __future__ import annotations

import pytest

from core.testing.browser import page_on
from core.testing.client import open_session
from tests.stories.person import PHONE, Person

try:
    from playwright.sync_api import expect
except ImportError:  # the fixtures skip or fail the tests then
    expect = None

ADDONS = ("sales", "manufacturing", "purchasing")
DEMO = True
pytestmark = pytest.mark.dialects("sqlite")

#: Counts the taps of a tab over all its pages, and the pixels that a page was scrolled upwards after it was drawn.
WATCH = """
addEventListener("click", (event) => {
  if (event.isTrusted && event.detail) sessionStorage.taps = Number(sessionStorage.taps || 0) + 1;
}, true);
addEventListener("DOMContentLoaded", () => requestAnimationFrame(() => {
  let last = scrollY;
  addEventListener("scroll", () => {
    if (scrollY < last) sessionStorage.back = Number(sessionStorage.back || 0) + last - scrollY;
    last = scrollY;
  });
}));
"""


@pytest.fixture
def picker(chromium, live_server, db):
    """A user with a phone, signed in as admin."""
    phone = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    with page_on(chromium, live_server.url, token=open_session(db), **phone) as page:
        page.add_init_script(WATCH)
        yield Person(page, "phone")


def watched(person, name):
    """A figure of the script above."""
    return float(person.page.evaluate(f"sessionStorage.{name} || 0"))


def test_a_partial_delivery_takes_five_taps_and_no_scrolling_back(picker, db):
    with db.transaction(login="admin") as env:
        case = env["product.product"].search([("name", "=", "Drawer Case Black")])
        customer = env["res.partner"].search([("name", "=", "Azure Interior")])
        line = (0, 0, {"product_id": case.id, "product_uom_qty": 10})
        order = env["sale.order"].create({"partner_id": customer.id, "order_line": [line]})
        order.action_confirm()
        address = f"/app/sale.order/{order.id}"
    picker.page.goto(address)
    picker.page.locator(".smart", has_text="Delivery").tap()
    picker.is_at("Ready")
    picker.look("transfer")
    quantity = picker.row("Drawer Case Black").locator("input[name$='.quantity']")
    quantity.tap()
    quantity.fill("6")
    validate = picker.page.get_by_role("button", name="Validate", exact=True)
    expect(validate).to_be_in_viewport(ratio=1)
    validate.tap()
    picker.sees("6 Units", "4 Units")
    picker.look("question")
    picker.page.locator("dialog[open]").get_by_role("button", name="Create Backorder", exact=True).tap()
    picker.is_at("Done")
    expect(picker.page.get_by_text("Backorder created:")).to_be_in_viewport(ratio=1)
    picker.look("done")
    assert watched(picker, "taps") <= 5
    assert watched(picker, "back") == 0
    with db.transaction(login="admin") as env:
        done, rest = env["stock.picking"].search([("sale_id", "=", order.id)], order="id")
        assert (done.move_ids.quantity, rest.move_ids.product_uom_qty) == (6, 4)


def test_a_long_question_opens_at_its_title_with_its_answers_in_sight(picker, db):
    with db.transaction(login="admin") as env:
        table = env["product.product"].search([("name", "=", "Table")])
        order = env["mrp.production"].create({"product_id": table.id, "product_qty": 4})
        order.action_confirm()
        order.action_make_transfer()
        address = f"/app/mrp.production/{order.id}"
    picker.page.goto(address)
    picker.page.get_by_role("button", name="Back Flush", exact=True).tap()
    dialog = picker.page.locator("dialog[open]")
    expect(dialog.get_by_role("heading", name="Components are still to be transferred")).to_be_in_viewport(ratio=1)
    for answer in ("Make Transfer and Back Flush", "Back Flush Anyway"):
        expect(dialog.get_by_role("button", name=answer, exact=True)).to_be_in_viewport(ratio=1)
    assert dialog.evaluate("dialog => dialog.scrollHeight > dialog.clientHeight"), "it is longer than the screen"
    picker.look("long-question")


def test_all_buttons_of_a_document_are_in_sight(picker, db):
    with db.transaction(login="admin") as env:
        product = env["product.product"].search([("name", "=", "Drawer Case Black")])
        customer = env["res.partner"].search([("name", "=", "Azure Interior")])
        line = (0, 0, {"product_id": product.id, "product_uom_qty": 55})
        sale = env["sale.order"].create({"partner_id": customer.id, "order_line": [line]})
        sale.action_confirm()
        line = (0, 0, {"product_id": product.id, "product_qty": 5, "price_unit": 1})
        purchase = env["purchase.order"].create({"partner_id": customer.id, "order_line": [line]})
        table = env["product.product"].search([("name", "=", "Table")])
        order = env["mrp.production"].create({"product_id": table.id, "product_qty": 4})
        order.action_confirm()
        action = env.ref("manufacturing.production_order_action").id
        documents = [f"/app/{each._name}/{each.id}" for each in (sale, sale.picking_ids, purchase, order)]
    for address in (*documents, f"/app/mrp.production/{order.id}?action={action}"):
        picker.page.goto(address)
        buttons = picker.page.locator(".record-buttons > .button")
        expect(buttons).not_to_have_count(0)
        for button in buttons.all():
            expect(button).to_be_in_viewport(ratio=1)
        last = picker.page.locator(".record, .history").last
        last.evaluate("place => scrollTo(0, document.documentElement.scrollHeight)")
        assert last.bounding_box()["y"] + last.bounding_box()["height"] <= buttons.first.bounding_box()["y"]


def test_the_actions_of_a_selection_leave_the_cards_in_sight(picker, db):
    with db.transaction(login="admin") as env:
        tray = env["product.product"].search([("name", "=", "Letter Tray")])
        customer = env["res.partner"].search([("name", "=", "Azure Interior")])
        line = (0, 0, {"product_id": tray.id, "product_uom_qty": 30})
        env["sale.order"].create({"partner_id": customer.id, "order_line": [line]}).action_confirm()
        action = env.ref("inventory.action_stock_detail").id
    picker.page.goto(f"/app/action/{action}")
    picker.page.locator("[name=ids]").first.tap()
    bar = picker.page.locator(".selection")
    assert bar.bounding_box()["height"] <= PHONE["height"] / 8
    expect(bar.get_by_role("button", name="Release Backorders")).to_be_in_viewport(ratio=1)
    expect(bar.get_by_role("button", name="Put on Hold")).to_be_hidden()
    picker.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    card = picker.page.locator("table.list tbody tr").last.bounding_box()
    assert card["y"] + card["height"] <= bar.bounding_box()["y"], "the last card is above the bar"
    bar.get_by_text("Actions").tap()
    for name in ("Release Backorders", "Order What Is Missing", "Put on Hold"):
        expect(bar.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    picker.look("selection")

"""Sales orders in a browser, as people use them: several lines, mistakes put right, questions answered and left."""

from __future__ import annotations

import pytest

from core.testing.browser import page_on
from core.testing.client import open_session
from tests.addons.roles import environment
from tests.stories.person import PHONE, Person

try:
    from playwright.sync_api import expect
except ImportError:  # the fixtures skip or fail the tests then
    expect = None

ADDONS = ("sales", "invoicing")
DEMO = True
pytestmark = pytest.mark.dialects("sqlite")


def begins_quotation(person):
    """A new quotation for a customer of the demo data."""
    person.opens("Sales", "Orders", "Quotations")
    person.new()
    person.chooses("Customer", "Azure Interior")


def line(person, number):
    """The line of this number, from 1, of an order that is not saved yet."""
    return person.page.locator("tr[id^='row-order_line-new']").nth(number - 1)


def test_amounts_follow_the_quantities_of_every_new_line(person):
    begins_quotation(person)
    person.adds("order_line", "Magnetic Board", "7", "product_uom_qty")
    expect(line(person, 1).locator("td[data-label=Amount]")).to_have_text("227.50")
    person.adds("order_line", "Letter Tray", "5", "product_uom_qty")
    expect(line(person, 2).locator("td[data-label=Amount]")).to_have_text("24.00")
    expect(person.shown("Untaxed Amount")).to_have_text("251.50 €")
    expect(person.shown("Total")).to_have_text("289.23 €")
    person.types(line(person, 2).locator("input[name$='.qty_backorder']"), "2")
    person.types(line(person, 2).locator("input[name$='.product_uom_qty']"), "4")
    expect(line(person, 2).locator("td[data-label=Amount]")).to_have_text("19.20")
    expect(line(person, 2).locator("input[name$='.qty_backorder']")).to_have_value("2")


def test_amounts_follow_a_quantity_that_was_refused_before(person):
    begins_quotation(person)
    person.adds("order_line", "Drawer Case Black", "-5", "product_uom_qty")
    person.presses("Confirm")
    person.sees("the ordered quantity cannot be negative (-5)")
    person.types(line(person, 1).locator("input[name$='.product_uom_qty']"), "55")
    expect(line(person, 1).locator("td[data-label=Amount]")).to_have_text("4,675.00")
    expect(person.shown("Untaxed Amount")).to_have_text("4,675.00 €")


def test_back_leads_to_the_document_once_its_question_is_answered(person):
    person.orders("Letter Tray", "20")
    person.follows("Delivery")
    person.presses("Validate")
    person.answers("Create Backorder")
    person.is_at("Done")
    delivery = person.title()
    person.page.go_back()
    person.is_at("Done")
    person.is_on(delivery)
    expect(person.page.locator("dialog[open]")).to_have_count(0)


def test_the_backorder_of_a_line_explains_itself_to_the_pointer(person):
    """C9: the text stands behind the whole field, not only behind the button beside it."""
    person.orders("Letter Tray", "8")
    backorder = person.page.locator("input[name$='.qty_backorder']")
    person.types(backorder, "3")
    person.presses("Save")
    cell = person.page.locator("td[data-label=Backorder]")
    expect(cell).to_have_attribute("title", "3 on hold. Free: 5 in WH/Stock. Release the backorder to reserve it.")


def test_ship_says_which_transfers_are_ready(person):
    person.orders("Letter Tray", "8")
    person.types(person.page.locator("input[name$='.qty_backorder']"), "3")
    person.presses("Save")
    person.sees("Saved.")
    person.presses("Release Backorders")
    person.answers("Ship")
    ready = person.page.locator(".message.is-info")
    expect(ready).to_contain_text("Ready to ship:")
    expect(ready.get_by_role("link")).to_have_count(2)


def test_an_applied_count_says_what_is_on_hand(person):
    person.counts("Letter Tray", "60")
    person.sees("[FURN_0789] Letter Tray: 60 Units are on hand in WH/Stock now, 10 before the count.")


def test_stock_detail_does_not_offer_to_delete_demand(person):
    person.orders("Letter Tray", "20")
    person.opens("Inventory", "Stock Detail")
    person.row("Letter Tray").locator("[name=ids]").check()
    expect(person.page.get_by_role("button", name="Put on Hold")).to_be_visible()
    expect(person.page.get_by_role("button", name="Delete")).to_have_count(0)


def test_a_condition_without_its_number_asks_for_one(person):
    person.opens("Inventory", "Stock Detail")
    person.page.locator("summary", has_text="Filter").click()
    person.page.get_by_role("link", name="Advanced Filters…").click()
    person.page.locator("[name='c.0.f0']").select_option(label="Demand")
    expect(person.page.locator("[name='c.0.value']")).to_be_visible()
    person.presses("Apply")
    person.sees("Enter a number.")


def test_layouts_and_backorders_fit_a_phone(person):
    """The page of a layout does not scroll sideways, and the button that explains a backorder stands beside it."""
    person.orders("Letter Tray", "20")
    order = person.page.url
    person.opens("Inventory", "Stock Detail")
    person.page.locator("summary", has_text="Layout").click()
    person.page.get_by_role("link", name="Columns, Order, Width…").click()
    person.page.set_viewport_size(PHONE)
    expect(person.page.get_by_role("button", name="Save Layout")).to_be_visible()
    person.fits()
    person.page.goto(order)
    amount = person.page.locator("input[name$='.qty_backorder']").bounding_box()
    button = person.page.get_by_role("button", name="About Backorder").bounding_box()
    assert button["x"] >= amount["x"] + amount["width"]
    assert amount["y"] < button["y"] < amount["y"] + amount["height"]


def test_every_app_has_a_picture(person):
    person.page.goto("/app")
    tiles = person.page.locator("a.tile")
    expect(tiles.filter(has_text="Invoicing")).to_have_count(1)
    expect(tiles.locator("svg")).to_have_count(tiles.count())


def test_a_salesperson_types_a_quotation(chromium, live_server, db):
    """With the rights of a salesperson alone, under the rules of their orders."""
    with db.transaction() as env:
        environment(env, "salesman")
    with page_on(chromium, live_server.url, token=open_session(db, "salesman@example.com")) as page:
        person = Person(page, "salesperson")
        begins_quotation(person)
        person.adds("order_line", "Magnetic Board", "7", "product_uom_qty")
        expect(line(person, 1).locator("td[data-label=Amount]")).to_have_text("227.50")
        person.presses("Confirm")
        person.is_at("Sales Order")

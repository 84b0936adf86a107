"""The stories of the three addons by a person in a real browser."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from core.testing.browser import TIMEOUT

try:
    from playwright.sync_api import expect
except ImportError:  # the fixtures skip or fail the tests then
    expect = None

ADDONS = ("sales", "manufacturing")
DEMO = True


def delivered_in_two_parts(person):
    """55 ordered and 45 there: the question, the backorder, the arrival, the end."""
    person.opens("Inventory", "Products", "Products")
    person.row("Drawer Case Black").get_by_role("link").first.click()
    expect(person.page.locator(".smart", has_text="On Hand")).to_contain_text("45")
    person.orders("Drawer Case Black", "55")
    order = person.title()
    person.sees("Not Delivered")
    person.follows("Delivery")
    person.is_at("Ready")
    first = person.title()
    person.sees(f"{first}: 10 of 55 Units", "No incoming supply for")
    person.look("delivery")

    person.presses("Validate")
    person.sees(
        "Create Backorder?", "45 Units of [FURN_5623] Drawer Case Black", "10 Units of [FURN_5623] Drawer Case Black"
    )
    person.sees("will be delivered now. A backorder", "will be cancelled")
    person.look("question")
    person.answers("Create Backorder")
    person.is_at("Done")
    person.look("delivered")

    person.follows("Backorder")
    person.is_at("Waiting")
    second = person.title()
    assert second != first
    expect(person.shown("Back Order of")).to_have_text(first)
    person.sees(f"{second}: 10 of 10 Units")
    person.look("backorder")

    person.goes_to("Sales Order")
    person.is_on(order)
    person.turns_to("Other Info")
    expect(person.shown("Delivery Status")).to_have_text("Partially Delivered")
    person.look("partially-delivered")
    person.follows("Deliveries")
    expect(person.listed(second)).to_contain_text("Waiting")
    expect(person.listed(first)).to_contain_text("Done")
    person.look("two-transfers")

    person.counts("Drawer Case Black", "10")
    person.opens("Inventory", "Operations", "Deliveries")
    expect(person.listed(second)).to_contain_text("Ready")
    person.look("ready")
    person.listed(second).get_by_role("link").click()
    person.is_at("Ready")
    person.misses("are missing")
    person.presses("Validate")
    person.is_at("Done")
    person.goes_to("Sales Order")
    person.sees("Fully Delivered")
    person.look("fully-delivered")


def test_a_delivery_in_two_parts(person):
    """Story 1, on both databases."""
    delivered_in_two_parts(person)


@pytest.mark.dialects("sqlite")
def test_a_delivery_in_two_parts_without_scripts(person_without_scripts):
    """Story 1 in a browser that runs no scripts."""
    delivered_in_two_parts(person_without_scripts)


@pytest.mark.dialects("sqlite")
def test_no_backorder(person):
    """The other answer, and no answer at all."""
    person.orders("Drawer Case Black", "55")
    person.follows("Delivery")
    person.presses("Validate")
    person.page.locator("dialog[open]").get_by_role("link", name="Discard").click()
    person.is_at("Ready")
    person.presses("Validate")
    person.answers("No Backorder")
    person.is_at("Done")
    expect(person.page.locator(".smart", has_text="Backorder")).to_have_count(0)
    person.goes_to("Sales Order")
    person.sees("Fully Delivered", "Delivered Short", "10 Units of")
    person.look("closed-short")


@pytest.mark.dialects("sqlite")
def test_always_and_never(person):
    """Story 2: no question; the rest on a backorder, or cancelled."""
    person.decides("Always")
    person.orders("Letter Tray", "20")
    person.follows("Delivery")
    person.presses("Validate")
    person.is_at("Done")
    person.follows("Backorder")
    person.is_at("Waiting")
    backorder = person.title()
    person.receives("Letter Tray", "10")
    person.opens("Inventory", "Operations", "Deliveries")
    expect(person.listed(backorder)).to_contain_text("Ready")
    person.page.get_by_role("link", name=backorder).click()
    person.presses("Validate")
    person.is_at("Done")
    person.goes_to("Sales Order")
    person.sees("Fully Delivered")

    person.decides("Never")
    person.orders("Magnetic Board", "20")
    person.follows("Delivery")
    person.presses("Validate")
    person.is_at("Done")
    person.goes_to("Sales Order")
    person.sees("Fully Delivered", "Delivered Short")
    expect(person.page.locator(".smart", has_text="Delivery")).to_contain_text("1")


@pytest.mark.dialects("sqlite")
def test_ship_all_at_once(person):
    """Story 3: nothing goes before everything is there, and the refusal lists what is missing."""
    person.orders("Drawer Case Black", "55", policy="When all products are ready")
    person.follows("Delivery")
    person.is_at("Waiting")
    person.presses("Validate")
    person.sees("Could not validate WH/OUT/", "[FURN_5623] Drawer Case Black", "10 Units")
    person.is_at("Waiting")
    person.look("refused")
    delivery = person.title()
    person.counts("Drawer Case Black", "55")
    person.opens("Inventory", "Operations", "Deliveries")
    person.page.get_by_role("link", name=delivery).click()
    person.is_at("Ready")
    person.presses("Validate")
    person.is_at("Done")


@pytest.mark.dialects("sqlite")
def test_production_in_parts(person):
    """Story 4: 6 of 10 made; the rest on a backorder, which is split again."""
    person.produces("Table", "10")
    person.types("Quantity", "6")
    person.presses("Validate")
    person.sees("You produced less than initial demand", "remaining 4")
    person.look("question")
    person.answers("Create Backorder")
    person.is_at("Done")
    person.is_on("WH/MO/00001-001")
    expect(person.row("Table Leg")).to_contain_text("24")
    person.look("first-part")

    person.follows("Backorder")
    expect(person.listed("WH/MO/00001-001")).to_contain_text("Done")
    person.look("parts")
    person.page.get_by_role("link", name="WH/MO/00001-002").click()
    person.is_at("Confirmed")
    person.types("Quantity", "1")
    person.presses("Validate")
    person.answers("Create Backorder")
    person.is_at("Done")
    person.follows("Backorder")
    person.page.get_by_role("link", name="WH/MO/00001-003").click()
    person.sees("/ 3")
    person.presses("Validate")
    person.is_at("Done")
    person.sees("WH/MO/00001-003 is done: 3 Units of")
    person.look("last-part")


@pytest.mark.dialects("sqlite")
def test_serial_and_lot_numbers(person):
    """Story 5: one chair, two chairs, and varnish by the lot."""
    person.produces("Chair", "1")
    person.presses("Produce All")
    person.is_at("Done")
    expect(person.shown("Lot/Serial Number")).to_have_text("0000001")

    person.produces("Chair", "2")
    person.presses("Produce All")
    person.sees("Batch Production")
    expect(person.field("First Lot/SN")).to_have_value("0000002")
    expect(person.field("Number of SN")).to_have_value("2")
    person.answers("Generate")
    expect(person.page.locator("dialog textarea")).to_have_value("0000002\n0000003")
    person.look("batch-production")
    person.answers("Produce")
    person.is_at("Done")
    person.is_on("WH/MO/00002-001")
    person.follows("Backorder")
    expect(person.listed("WH/MO/00002-002")).to_contain_text("Done")

    person.produces("Wood Varnish", "5")
    person.page.get_by_title("Generate the next lot or serial number").click()
    expect(person.field("Lot/Serial Number")).not_to_have_value("")
    person.presses("Produce All")
    person.is_at("Done")
    person.look("lot")


@pytest.mark.dialects("sqlite")
def test_typing_faster_than_the_server_answers(person, db):
    """Nothing that is typed while answers are on their way is lost or overwritten."""
    person.opens("Sales", "Orders", "Quotations")
    person.new()
    person.chooses("Customer", "Azure Interior")
    person.adds("order_line", "Drawer Case Black", "3", "product_uom_qty")
    person.adds("order_line", "Letter Tray", "2", "product_uom_qty")
    person.presses("Confirm")
    person.is_at("Sales Order")
    person.sees("264.60 €")
    with db.transaction() as env:
        lines = env["sale.order"].search([], limit=1).order_line
        assert [(line.product_uom_qty, line.price_unit) for line in lines] == [(3, 85), (2, Decimal("4.8"))]


@pytest.mark.dialects("sqlite")
def test_a_button_that_is_drawn_anew_while_it_is_pressed_is_pressed(person):
    """Leaving an input for a button sends the edit; the answer may come before the mouse button is let go."""
    person.produces("Table", "10")
    order = person.title()
    person.field("Quantity").fill("6")
    button = person.page.get_by_role("button", name="Back Flush", exact=True)
    button.hover()
    pressed = button.element_handle()
    person.page.mouse.down()
    person.page.wait_for_function("button => !button.isConnected", arg=pressed)
    person.page.mouse.up()
    expect(person.shown("Produced Quantity")).to_have_text("6")
    person.is_on(order)


@pytest.mark.dialects("sqlite")
def test_a_count_is_saved_when_save_is_pressed(person):
    """Lists that are edited in place ask for no answers, so Save waits for none: it does with the clock stopped."""
    person.opens("Inventory", "Operations", "Physical Inventory")
    person.page.clock.install()
    person.page.clock.pause_at(datetime.now() + timedelta(hours=1))
    person.page.reload()
    apply = person.row("Magnetic Board").get_by_role("button", name="Apply", exact=True)
    expect(apply).to_have_count(0)
    person.types(person.row("Magnetic Board").locator("input[name$='.inventory_quantity']"), "7")
    person.presses("Save")
    expect(apply).to_have_count(1)


@pytest.mark.dialects("sqlite")
def test_more_than_demanded_is_said(person):
    """Over-delivery is possible; the screen says so while it is typed."""
    person.orders("Drawer Case Black", "5")
    person.follows("Delivery")
    person.types(person.row("Drawer Case Black").locator("input[name$='.quantity']"), "7")
    person.sees("7 Units are more than the 5")
    person.look("more-than-demanded")
    person.presses("Validate")
    person.is_at("Done")
    person.goes_to("Sales Order")
    person.sees("Fully Delivered")


@pytest.mark.dialects("sqlite")
def test_names_to_choose_from_are_not_cut_off(person):
    """They lie above the table that the line is in."""
    person.opens("Sales", "Orders", "Quotations")
    person.new()
    person.presses("Add a line")
    person.page.locator("[name='order_line.new1.product_id']").press_sequentially("dra")
    option = person.page.get_by_role("option", name="Drawer Case Black")
    expect(option).to_be_in_viewport(ratio=1)
    option.click(timeout=TIMEOUT)
    expect(person.page.locator("[name='order_line.new1.price_unit']")).to_have_value("85.00")
    assert person.page.locator(".lines-box .scroll").evaluate("table => table.scrollTop") == 0


@pytest.mark.dialects("sqlite")
def test_a_session_that_ends_while_typing(person, db):
    """Signing in again brings the page back with what was typed; nothing was made meanwhile, and then one order."""
    person.opens("Sales", "Orders", "Quotations")
    person.new()
    person.chooses("Customer", "Azure Interior")
    person.page.context.clear_cookies()
    person.types(person.field("Customer Reference"), "PO-77")
    person.sees("what you typed is kept")
    person.presses("Save")
    person.sees("the page comes back with what you typed")
    person.page.get_by_label("Login").fill("admin")
    person.page.get_by_label("Password").fill("admin")
    person.page.keyboard.press("Enter")
    expect(person.field("Customer Reference")).to_have_value("PO-77")
    with db.transaction() as env:
        assert not env["sale.order"].search_count([])
    person.presses("Save")
    person.sees("created.")
    with db.transaction() as env:
        assert env["sale.order"].search([]).client_order_ref == "PO-77"


@pytest.mark.dialects("sqlite")
def test_items_are_put_on_backorder_by_hand(person):
    """Seed 3: a quantity typed into the Backorder column waits until it is released."""
    person.orders("Drawer Case Black", "20")
    order = person.title()
    backorder = person.page.locator("input[name$='.qty_backorder']")
    expect(backorder).to_have_value("0")
    person.types(backorder, "25")
    person.presses("Save")
    person.sees("25 Units cannot be on backorder, only 20 Units are still to be delivered")
    person.look("refused")
    person.types(backorder, "5")
    person.presses("Save")
    person.sees("Saved.")
    cell = person.page.locator("td[data-label=Backorder]")
    expect(cell).to_have_class(re.compile("is-success"))
    cell.get_by_role("button").click()
    said = "5 on hold. Free: 30 in WH/Stock. Release the backorder to reserve it."
    expect(person.page.locator(".explanation:popover-open")).to_have_text(said)
    person.page.keyboard.press("Escape")
    person.look("on-hold")

    person.follows("Deliveries")
    person.page.locator("table tbody tr").filter(has_text="Waiting").get_by_role("link").first.click()
    person.is_at("Waiting")
    person.sees("5 Units of [FURN_5623] Drawer Case Black are on hold since")
    expect(person.shown("Product Availability")).to_have_text("On Hold")
    person.look("held-transfer")
    person.presses("Validate")
    person.sees("on hold since")
    person.goes_to("Sales Order")
    person.is_on(order)
    person.presses("Release Backorders")
    expect(person.page.locator("table tbody tr").filter(has_text="Ready")).to_have_count(2)
    person.look("released")


@pytest.mark.dialects("sqlite")
def test_transfer_to_the_place_of_work_and_back_flush(person):
    """Seed 4: components go to the work-in-progress location, the product comes from there in two parts."""
    person.produces("Table", "10")
    order = person.title()
    person.presses("Make Transfer")
    person.look("transfer")
    person.presses("Validate")
    person.is_at("Done")
    person.follows("Manufacturing")
    person.is_on(order)
    person.types("Quantity", "6")
    person.presses("Back Flush")
    expect(person.shown("Produced Quantity")).to_have_text("6")
    person.look("flushed")
    person.presses("Back Flush")
    person.is_at("Done")
    person.is_on(order)


@pytest.mark.dialects("sqlite")
def test_numbers_prepared_before_production(person):
    """Seed 5: Prepare MO gives each unit an open order with its number; each is closed by itself."""
    person.produces("Chair", "2")
    order = person.title()
    person.presses("Produce All")
    person.answers("Generate")
    person.answers("Prepare MO")
    person.is_at("Confirmed")
    person.is_on(f"{order}-001")
    person.presses("Produce All")
    person.is_at("Done")
    person.follows("Backorder")
    expect(person.listed(f"{order}-001")).to_contain_text("Done")
    expect(person.listed(f"{order}-002")).to_contain_text("Confirmed")
    person.look("prepared")

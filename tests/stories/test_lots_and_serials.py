"""Seed 5 in a browser: products that are tracked by lots and by unique serial numbers."""

from __future__ import annotations

import pytest

try:
    from playwright.sync_api import expect
except ImportError:  # the fixtures skip or fail the tests then
    expect = None

ADDONS = ("sales", "manufacturing")
DEMO = True
pytestmark = pytest.mark.dialects("sqlite")


def generates(person):
    """Presses the plus beside the lot; returns the number that it gave."""
    person.page.get_by_title("Generate the next lot or serial number").click()
    field = person.field("Lot/Serial Number")
    expect(field).not_to_have_value("")
    expect(field).to_be_focused()
    return field.input_value()


def test_a_product_is_tracked_by_lots_or_by_unique_serial_numbers(person):
    """E2 and E3: the drop-down beside Track Inventory."""
    person.opens("Inventory", "Products", "Products")
    person.listed("Table").get_by_role("link").first.click()
    expect(person.page.get_by_role("checkbox", name="Track Inventory")).to_be_checked()
    tracking = person.page.locator("select[name=tracking]")
    assert tracking.locator("option").all_inner_texts() == ["By Quantity", "By Lots", "By Unique Serial Number"]
    expect(tracking).to_have_value("none")
    person.look("tracking")
    tracking.select_option(label="By Lots")
    person.presses("Save")
    person.sees("Saved.")
    expect(person.page.locator("select[name=tracking]")).to_have_value("lot")


def test_a_lot_is_generated_chosen_or_left_to_produce_all(person):
    """E4 to E7 and E9: the empty field, the plus, an existing lot, and the number that Produce All gives."""
    person.produces("Wood Varnish", "2")
    expect(person.field("Lot/Serial Number")).to_have_value("")
    first = generates(person)
    person.presses("Produce All")
    person.is_at("Done")

    person.produces("Wood Varnish", "3")
    person.chooses("Lot/Serial Number", first)
    person.presses("Produce All")
    person.is_at("Done")
    expect(person.shown("Lot/Serial Number")).to_have_text(first)

    person.produces("Wood Varnish", "4")
    expect(person.field("Lot/Serial Number")).to_have_value("")
    person.presses("Produce All")
    person.is_at("Done")
    expect(person.shown("Lot/Serial Number")).not_to_have_text(first)


def test_a_single_unit_gets_its_serial_number_by_the_plus(person):
    """E12: the number is assigned, and the order stays open until it is closed."""
    person.produces("Chair", "1")
    number = generates(person)
    person.is_at("To Close")
    person.presses("Produce All")
    person.is_at("Done")
    expect(person.shown("Lot/Serial Number")).to_have_text(number)

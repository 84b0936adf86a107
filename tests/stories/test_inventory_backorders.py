"""Seed 2 in a browser: the picking policy, the operation types and the lists of what is delayed."""

from __future__ import annotations

import re

import pytest

try:
    from playwright.sync_api import expect
except ImportError:  # the fixtures skip or fail the tests then
    expect = None

ADDONS = ("sales", "manufacturing")
DEMO = True
pytestmark = pytest.mark.dialects("sqlite")


def sets_policy(person, policy):
    """Inventory > Configuration > Settings, Picking Policy, Save."""
    person.opens("Inventory", "Configuration", "Settings")
    person.page.get_by_role("radio", name=policy, exact=True).check()
    person.look("settings")
    person.presses("Save")
    person.sees("Saved.")


def test_the_picking_policy_ships_all_at_once_or_as_soon_as_possible(person):
    """B3 to B5: chosen in the settings, it decides whether a delivery goes before everything is there."""
    sets_policy(person, "Ship all products at once")
    person.orders("Drawer Case Black", "55")
    person.follows("Delivery")
    person.is_at("Waiting")
    person.presses("Validate")
    person.sees("10 Units", "Drawer Case Black")
    person.is_at("Waiting")

    sets_policy(person, "Ship products as soon as available, with backorders")
    person.orders("Letter Tray", "20")
    person.follows("Delivery")
    person.is_at("Ready")
    person.presses("Validate")
    person.answers("Create Backorder")
    person.is_at("Done")
    person.sees("Backorder created:")


def test_operation_types_are_listed_with_warehouse_sequence_and_company(person):
    """B6 to B8: the list, Delivery Orders, its type of operation and the three ways to treat what is missing."""
    person.opens("Inventory", "Configuration", "Operation Types")
    for column in ("Warehouse", "Reference Sequence", "Company"):
        expect(person.page.get_by_role("columnheader", name=column)).to_be_visible()
    person.look("operation-types")
    person.page.get_by_role("link", name="Delivery Orders").click()
    expect(person.field("Type of Operation").locator("option:checked")).to_have_text("Delivery")
    for policy in ("Ask", "Always", "Never"):
        expect(person.page.get_by_role("radio", name=policy, exact=True)).to_be_visible()
    person.look("operation-type")


def test_delayed_orders_are_monitored(person):
    """B2: what waits stands in Stock Detail and in Backorder Transfers, and what fell short in the history."""
    person.orders("Letter Tray", "20")
    person.follows("Delivery")
    person.presses("Validate")
    person.answers("Create Backorder")
    person.is_at("Done")
    person.page.locator(".message").get_by_role("link").click()
    person.is_at("Waiting")
    backorder = person.title()
    for menus in (("Stock Detail",), ("Reporting", "Backorder History")):
        person.opens("Inventory", *menus)
        expect(person.row("Letter Tray")).to_contain_text("10")
        person.look(menus[-1])
    person.opens("Inventory", "Operations", "Backorder Transfers")
    expect(person.listed(backorder)).to_contain_text("Waiting")


def test_always_and_never_say_what_they_did(person):
    """B21 to B23: Confirm and Always say what they made, with links, Never which quantities it cancelled."""
    person.decides("Always")
    person.orders("Letter Tray", "20")
    message = person.page.locator("#messages .message")
    expect(message).to_contain_text(re.compile(r"S\d+ is confirmed\. Created: delivery WH/OUT/\d+\."))
    message.get_by_role("link").click()
    person.is_at("Ready")
    first = person.title()
    person.presses("Validate")
    person.is_at("Done")
    person.sees(f"{first} is done.", "Backorder created:")
    person.look("always")
    person.goes_to("Sales Order")
    expect(person.page.locator(".smart", has_text="Deliveries")).to_contain_text("2")

    person.decides("Never")
    person.orders("Magnetic Board", "15")
    person.follows("Delivery")
    person.presses("Validate")
    person.is_at("Done")
    person.sees("Cancelled, without a backorder: 5 Units of [FURN_0001] Magnetic Board.")
    person.look("never")
    person.goes_to("Sales Order")
    person.sees("Fully Delivered", "Delivered Short")
    expect(person.page.locator(".smart", has_text="Delivery")).to_contain_text("1")


def test_the_question_for_several_transfers_leads_back_to_their_list(person):
    """It stands below the list that it came from; Discard goes back there, with the filters as they were."""
    for product, quantity in (("Drawer Case Black", "55"), ("Letter Tray", "20")):
        person.orders(product, quantity)
    person.opens("Inventory", "Operations", "Deliveries")
    person.page.goto(f"{person.page.url}?q=WH/OUT")
    for box in person.page.locator("[name=ids]").all():
        box.check()
    person.page.locator(".selection").get_by_role("button", name="Validate", exact=True).click()
    person.sees("Create a backorder for the remaining quantity?")
    person.look("question-for-several")
    crumb = person.page.locator(".crumbs").get_by_role("link", name="Deliveries")
    expect(crumb).to_have_attribute("href", re.compile("q=WH/OUT"))
    person.page.get_by_role("link", name="Discard", exact=True).click()
    person.page.wait_for_url("**q=WH/OUT**")
    expect(person.page.locator("table.list tbody tr")).to_have_count(2)

"""Stories about forms in a real browser: quantities on new lines, unknown names, lots, dialogs, dates, keys."""

from __future__ import annotations

import re

import pytest

from core.testing.browser import page_on
from core.testing.client import open_session
from tests.stories.person import Person

try:
    from playwright.sync_api import expect
except ImportError:  # the fixtures skip or fail the tests then
    expect = None

ADDONS = ("sales", "manufacturing", "purchasing")
DEMO = True
pytestmark = pytest.mark.dialects("sqlite")


@pytest.fixture
def person(browser, request):
    """A user signed in as admin."""
    return Person(browser, re.sub(r"\W+", "-", request.node.name).strip("-"))


@pytest.fixture
def person_without_scripts(chromium, live_server, db, request):
    """A user whose browser runs no scripts."""
    plain = {"java_script_enabled": False, "reduced_motion": "no-preference"}
    with page_on(chromium, live_server.url, token=open_session(db), **plain) as page:
        yield Person(page, re.sub(r"\W+", "-", request.node.name).strip("-"), scripts=False)


def test_a_quantity_put_on_backorder_on_a_new_line_is_held_back(person):
    """Typed into the Backorder column before the order is saved, and respected by Confirm."""
    person.opens("Sales", "Orders", "Quotations")
    person.new()
    person.chooses("Customer", "Azure Interior")
    person.adds("order_line", "Drawer Case Black", "20", "product_uom_qty")
    backorder = person.page.locator("input[name$='.qty_backorder']")
    with person.page.expect_response(lambda response: response.request.method == "POST"):
        person.types(backorder, "5")
    person.types("Customer Reference", "PO 77")
    expect(backorder).to_have_value("5")
    person.presses("Confirm")
    person.is_at("Sales Order")
    expect(backorder).to_have_value("5")
    person.follows("Delivery")
    expect(person.page.locator("table tbody tr").filter(has_text="Waiting")).to_have_count(1)
    expect(person.page.locator("table tbody tr").filter(has_text="Ready")).to_have_count(1)

"""Stock Detail by a person in a real browser: the seed's sentences on finding, explaining and supplying backorders."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from core.fields import Datetime
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


@pytest.fixture
def backorders(db):
    """Three orders that stock does not cover: cases (late, a vendor sells them), trays, tables (with a bill)."""
    with db.transaction(login="admin") as env:
        customer = env["res.partner"].create({"name": "Ready Mat"})
        for days, name, quantity in ((-4, "Drawer Case Black", 55), (3, "Letter Tray", 20), (6, "Table", 9)):
            product = env["product.product"].search([("name", "=", name)], limit=1)
            line = (0, 0, {"product_id": product.id, "product_uom_qty": quantity})
            promised = Datetime.now() + timedelta(days=days)
            order = env["sale.order"].create(
                {"partner_id": customer.id, "commitment_date": promised, "order_line": [line]}
            )
            order.action_confirm()
        shop = env["stock.warehouse"].create({"name": "Shop", "code": "SHP"})
        tray = env["product.product"].search([("name", "=", "Letter Tray")], limit=1)
        count = {"product_id": tray.id, "location_id": shop.lot_stock_id.id, "inventory_quantity": 30}
        env["stock.quant"].create(count).action_apply_inventory()


def story(request):
    return re.sub(r"\W+", "-", request.node.name).strip("-")


@pytest.fixture
def person(backorders, browser, request):
    """A user signed in as admin."""
    return Person(browser, story(request))


@pytest.fixture
def person_without_scripts(backorders, chromium, live_server, db, request):
    """A user whose browser runs no scripts."""
    with page_on(chromium, live_server.url, token=open_session(db), java_script_enabled=False) as page:
        yield Person(page, story(request), scripts=False)


def looks_at_backorders(person):
    """Inventory > Stock Detail: all that is on backorder, late first and red; the number opens the order."""
    person.opens("Inventory", "Stock Detail")
    expect(person.page.locator(".chips")).to_contain_text("On Backorder")
    rows = person.page.locator("table.list tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("Drawer Case Black")
    expect(rows.first).to_have_class(re.compile("is-danger"))
    expect(rows.nth(1)).not_to_have_class(re.compile("is-danger"))
    ordered = rows.first.locator("td[data-label=Ordered]")
    expect(ordered).to_have_text("55")
    expect(rows.first.locator("td[data-label=Backorder]")).to_have_text("10")
    person.look("stock-detail")
    number = rows.first.locator("td[data-label='Sales Order'] a")
    name = number.inner_text()
    number.click()
    person.is_on(name)
    person.is_at("Sales Order")


def test_the_number_of_an_order_opens_it(person):
    looks_at_backorders(person)


def test_the_number_of_an_order_opens_it_without_scripts(person_without_scripts):
    looks_at_backorders(person_without_scripts)


def test_order_and_product_stay_in_sight_while_the_list_is_scrolled(person):
    person.page.set_viewport_size({"width": 1000, "height": 700})
    person.opens("Inventory", "Stock Detail")
    page = person.page
    person.fits()
    left = {}
    for moment in ("before", "after"):
        cells = page.locator("table.list tbody tr").first.locator("td.stuck-1, td.stuck-2, td[data-label=Forecast]")
        left[moment] = [box["x"] for box in (cell.bounding_box() for cell in cells.all())]
        page.locator(".list-scroll").evaluate("box => { box.scrollLeft = box.scrollWidth; }")
    assert left["after"][2] < left["before"][2], "the figures came into sight"
    assert left["after"][0] == pytest.approx(page.locator("td.choose").first.bounding_box()["width"], abs=2)
    assert left["after"][1] > left["after"][0]
    expect(page.locator("td[data-label='Other Locations']").first).to_be_in_viewport()
    person.look("scrolled")


def test_only_what_is_late(person):
    person.opens("Inventory", "Stock Detail")
    person.page.locator("summary", has_text="Filter").click()
    person.page.locator(".drop-list").get_by_role("link", name="Late", exact=True).click()
    expect(person.page.locator("table.list tbody tr")).to_have_count(1)
    person.sees("Drawer Case Black")


def test_work_orders_and_purchase_orders_are_made_once_and_linked(person):
    person.opens("Inventory", "Stock Detail")
    for product in ("Drawer Case Black", "Table"):
        person.row(product).locator("[name=ids]").check()
    person.presses("Work Orders")
    message = person.page.locator(".message.is-success")
    expect(message).to_contain_text("9 Units of [MFG_TABLE] Table")
    expect(person.page.locator(".message.is-warning")).to_contain_text("Drawer Case Black (no bill of materials)")
    person.look("work-orders")
    production = message.get_by_role("link").inner_text()
    for product in ("Drawer Case Black", "Table"):
        person.row(product).locator("[name=ids]").check()
    person.presses("Purchase Orders")
    message = person.page.locator(".message.is-success")
    expect(message).to_contain_text("10 Units of [FURN_5623] Drawer Case Black")
    expect(person.page.locator(".message.is-warning")).to_contain_text(f"already covered by {production}")
    request = message.get_by_role("link").inner_text()
    person.row("Drawer Case Black").locator("[name=ids]").check()
    person.presses("Purchase Orders")
    warning = person.page.locator(".message.is-warning")
    expect(warning).to_contain_text(f"already covered by {request}")
    warning.get_by_role("link", name=request).click()
    person.is_on(request)


def colour(locator):
    return locator.evaluate("element => getComputedStyle(element).color")


def test_badges_have_the_colour_of_the_figure_and_explain_themselves(person):
    person.opens("Inventory", "Stock Detail")
    for product, label, text in (
        ("Letter Tray", "At Another Location", "Free: 30 in SHP/Stock"),
        ("Drawer Case Black", "Not in Stock", "No stock is free anywhere"),
    ):
        badge = person.row(product).get_by_role("button", name=label)
        assert colour(badge) == colour(person.row(product).locator("td[data-label=Backorder]"))
        badge.focus()
        person.page.keyboard.press("Enter")
        expect(person.page.locator(".explanation:popover-open")).to_contain_text(text)
        person.page.keyboard.press("Escape")
        expect(person.page.locator(".explanation:popover-open")).to_have_count(0)


def explains_on_a_phone(page):
    page.goto("/app")
    page.locator("a.tile", has_text="Inventory").tap()
    page.get_by_label("Menu", exact=True).tap()
    page.get_by_role("link", name="Stock Detail", exact=True).tap()
    page.locator("tr").filter(has_text="Letter Tray").get_by_role("button", name="At Another Location").tap()
    text = page.locator(".explanation:popover-open")
    expect(text).to_contain_text("Free: 30 in SHP/Stock")
    box = text.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_explanation_is_reached_by_touch(backorders, chromium, live_server, db, scripts):
    options = {"viewport": PHONE, "has_touch": True, "java_script_enabled": scripts}
    with page_on(chromium, live_server.url, token=open_session(db), **options) as page:
        explains_on_a_phone(page)


def test_the_backorder_of_an_order_line_explains_itself(person):
    person.opens("Sales", "Orders", "Orders")
    person.row("Ready Mat").first.wait_for()
    person.opens("Inventory", "Stock Detail")
    person.row("Letter Tray").locator("td[data-label='Sales Order'] a").click()
    cell = person.page.locator("td[data-label=Backorder]").first
    cell.get_by_role("button", name="About Backorder").click()
    expect(person.page.locator(".explanation:popover-open")).to_contain_text("Free: 30 in SHP/Stock")
    assert colour(cell.locator("input")) == colour(cell.get_by_role("button"))
    person.look("explained")


# -- advanced filters and layouts


def builds_a_filter(person):
    """Promised before a day, or a product with a word in its name: put together, applied, changed, kept."""
    page = person.page
    person.opens("Inventory", "Stock Detail")
    page.locator("summary", has_text="Filter").click()
    page.get_by_role("link", name="Advanced Filters…").click()

    def chooses(name, label, shows):
        page.locator(f"[name='{name}']").select_option(label=label)
        if not person.scripts:
            page.get_by_role("button", name="Update").click()
        expect(page.locator(shows)).to_be_visible()

    chooses("c.join", "any", "[name='c.0.f0']")
    chooses("c.0.f0", "Promised", "[name='c.0.op']")
    chooses("c.0.op", "before", "input[type=date][name='c.0.value']")
    page.locator("[name='c.0.value']").fill("2026-11-01")
    page.get_by_role("button", name="Add condition").click()
    chooses("c.1.f0", "Product", "input[name='c.1.value']")
    page.locator("[name='c.1.value']").fill("tray")
    person.look("builder")
    person.presses("Apply")
    chip = page.locator(".chip-edit")
    expect(chip).to_have_text("Promised before Nov 1, 2026 or Product contains tray")
    expect(page.locator("table.list tbody tr")).to_have_count(1)
    person.sees("Letter Tray")
    chip.click()
    expect(page.locator("[name='c.1.value']")).to_have_value("tray")
    page.locator("[name='c.1.value']").fill("table")
    page.get_by_label("Name", exact=True).fill("Tables that wait")
    page.get_by_label("Use as my default for this list").check()
    person.presses("Save Filter")
    person.sees("The filter “Tables that wait” is saved.", "[MFG_TABLE] Table")
    person.look("filtered")
    person.opens("Inventory", "Overview")
    person.opens("Inventory", "Stock Detail")
    expect(page.locator(".chip-edit")).to_have_text("Tables that wait")
    expect(page.locator(".chip-edit")).to_have_attribute("title", re.compile("Product contains table"))
    page.locator("summary", has_text="Filter").click()
    expect(page.locator(".drop-list .is-on", has_text="Tables that wait")).to_be_visible()


def test_a_filter_of_ones_own_is_built_and_kept(person):
    builds_a_filter(person)


def test_a_filter_of_ones_own_is_built_and_kept_without_scripts(person_without_scripts):
    builds_a_filter(person_without_scripts)


def columns_shown(page):
    page.wait_for_load_state("domcontentloaded")
    return page.locator("table.list thead th:not(.choose)").all_inner_texts()


def arranges_the_list(person):
    """Columns taken out and moved, kept under a name, and back to what was there before."""
    page = person.page
    person.opens("Inventory", "Stock Detail")
    before = len(columns_shown(page))
    page.locator("summary", has_text="Layout").click()
    page.get_by_role("link", name="Columns, Order, Width…").click()
    for label in ("Customer", "Reserved", "Unit"):
        page.get_by_label(label, exact=True).uncheck()
    page.get_by_role("button", name="Move Product up").click()
    expect(page.locator("[name=col]").first).to_have_value("product_id")
    page.get_by_label("Width of Product in em").fill("16")
    page.get_by_label("Name", exact=True).fill("My columns")
    page.get_by_label("Use as my default for this list").check()
    person.look("layout")
    person.presses("Save Layout")
    person.sees("The layout “My columns” is saved.")
    now = [text.strip() for text in columns_shown(page) if text.strip() != "Release"]
    assert now[:2] == ["Product", "Sales Order"] and not {"Customer", "Reserved", "Unit"} & set(now)
    person.opens("Inventory", "Overview")
    person.opens("Inventory", "Stock Detail")
    expect(page.locator(".chips")).to_contain_text("On Backorder")
    assert "Customer" not in columns_shown(page)
    page.locator("summary", has_text="Layout").click()
    page.get_by_role("link", name="As Usual").click()
    expect(page.locator("table.list thead th:not(.choose)")).to_have_count(before)


def test_a_list_is_arranged_and_the_layout_kept(person):
    arranges_the_list(person)


def test_a_list_is_arranged_and_the_layout_kept_without_scripts(person_without_scripts):
    arranges_the_list(person_without_scripts)


def test_a_column_is_made_wider_by_its_border_and_the_width_is_saved(person):
    """By pointer and by arrow keys; a saved layout has the widths, and so does the way back from a record."""
    page = person.page
    person.opens("Inventory", "Stock Detail")
    product = page.get_by_role("separator", name="Width of Product")
    box = product.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 6)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 6, steps=4)
    page.mouse.up()
    dragged = int(product.get_attribute("aria-valuenow"))
    assert product.bounding_box()["x"] > box["x"] + 80 and dragged > 14
    page.keyboard.press("ArrowLeft")
    expect(product).to_have_attribute("aria-valuetext", f"{dragged - 1} em")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("separator", name="Width of Customer")).to_be_focused()
    expect(page.get_by_role("columnheader", name="Customer", exact=True)).to_be_visible()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    person.look("widths")
    page.locator("tr[data-href]").first.locator("td").nth(4).click()
    page.locator("nav.crumbs a, .crumbs a").first.click()
    expect(product).to_have_attribute("aria-valuetext", f"{dragged - 1} em")
    page.locator("summary", has_text="Layout").click()
    page.get_by_role("link", name="Columns, Order, Width…").click()
    expect(page.get_by_label("Width of Product in em")).to_have_value(str(dragged - 1))
    expect(page.get_by_label("Width of Customer in em")).to_have_value("")
    page.get_by_label("Name", exact=True).fill("Wide products")
    person.presses("Save Layout")
    person.sees("The layout “Wide products” is saved.")
    expect(page.locator("th.stuck-2")).to_have_class(re.compile(rf"width-{dragged - 1}\b"))


def test_columns_are_dragged_to_their_places(person):
    page = person.page
    person.opens("Inventory", "Stock Detail")
    page.locator("summary", has_text="Layout").click()
    page.get_by_role("link", name="Columns, Order, Width…").click()
    rows = page.locator("[data-arrange] tr")
    rows.nth(3).drag_to(rows.nth(0), source_position={"x": 250, "y": 20}, target_position={"x": 250, "y": 3})
    expect(page.locator("[name=col]").first).to_have_value("ordered_qty")
    person.presses("Apply")
    page.locator("summary", has_text="Layout").wait_for()
    shown = [text for text in columns_shown(page) if text.strip()]
    assert shown.index("Ordered") < shown.index("Sales Order")


def test_the_banner_of_a_quotation_names_every_short_product(person):
    person.opens("Sales", "Orders", "Quotations")
    person.new()
    person.chooses("Customer", "Ready Mat")
    for product, quantity in (("Drawer Case Black", "60"), ("Letter Tray", "40"), ("Desk Lamp", "1")):
        person.adds("order_line", product, quantity, "product_uom_qty")
    banner = person.page.locator(".alert-warning")
    expect(banner).to_contain_text("Drawer Case Black: 60 Units")
    expect(banner).to_contain_text("Letter Tray: 40 Units")
    person.presses("Save")
    expect(banner).to_contain_text("Drawer Case Black: 60 Units")
    expect(banner).to_contain_text("Letter Tray: 40 Units")
    expect(banner).not_to_contain_text("Desk Lamp")
    person.look("shortage-banner")

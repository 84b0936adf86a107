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
    plain = {"java_script_enabled": False}
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
    person.follows("Deliver")
    expect(person.page.locator("table tbody tr").filter(has_text="Waiting")).to_have_count(1)
    expect(person.page.locator("table tbody tr").filter(has_text="Ready")).to_have_count(1)


FILLED = """() => [...document.querySelectorAll(".button")]
    .filter((button) => getComputedStyle(button).backgroundColor === "rgb(15, 107, 87)" && button.offsetParent)
    .map((button) => button.textContent.trim())"""


def test_one_button_at_a_time_is_filled(person):
    """Confirm is the next step of a quotation; Save is, once something was typed."""
    person.opens("Sales", "Orders", "Quotations")
    person.new()
    person.chooses("Customer", "Azure Interior")
    person.presses("Save")
    person.sees("S00001 created.")
    assert person.page.evaluate(FILLED) == ["Confirm"]
    person.types("Customer Reference", "PO 77")
    person.page.wait_for_selector("#record[data-dirty]")
    person.page.mouse.move(0, 0)
    assert person.page.evaluate(FILLED) == ["Save"]


# -- lots and serial numbers


def names(person, target, number):
    """Types a new number into a lot field and takes what the field offers for it."""
    box = person.field(target) if isinstance(target, str) else target
    box.click()
    box.fill(number)
    if person.scripts:
        person.page.get_by_role("option", name=f'Create "{number}"', exact=True).click()


def lots(db, number):
    """The products that have a lot of this number, with the companies of these lots."""
    with db.transaction() as env:
        found = env["stock.lot"].search([("name", "=", number)])
        return [(lot.product_id.name, lot.company_id.name) for lot in found]


def test_a_lot_is_typed_on_a_manufacturing_order(person, db):
    """Seed 5: a new number is created from what the field offers."""
    person.produces("Wood Varnish", "2")
    names(person, "Lot/Serial Number", "BATCH-77")
    person.look("new-lot")
    person.presses("Save")
    person.sees("Saved.")
    assert lots(db, "BATCH-77") == [("Wood Varnish", "My Company")]
    person.presses("Produce All")
    person.is_at("Done")
    expect(person.shown("Lot/Serial Number")).to_contain_text("BATCH-77")


def test_a_serial_number_is_typed_on_a_manufacturing_order(person, db):
    """Seed 5: the same for one unit."""
    person.produces("Chair", "1")
    names(person, "Lot/Serial Number", "CHAIR-9")
    person.presses("Save")
    person.sees("Saved.")
    assert lots(db, "CHAIR-9") == [("Chair", "My Company")]


def receives_with_lots(person, db):
    """Two numbers of one receipt in one column: one that is new, one that exists."""
    with db.transaction(login="admin") as env:
        product = env["product.product"].search([("name", "=", "Wood Varnish")])
        env["stock.lot"].create({"name": "KNOWN-1", "product_id": product.id})
    person.opens("Inventory", "Operations", "Receipts")
    person.new()
    person.adds("move_ids", "Wood Varnish", "3", "product_uom_qty")
    person.presses("Mark as Todo")
    person.is_at("Ready")
    person.page.locator(".tab", has_text="Detailed Operations").click()
    expect(person.page.get_by_role("columnheader", name="Lot/Serial")).to_have_count(1)
    line = person.page.locator("tr[id^='row-move_line_ids-']").first
    names(person, line.locator("input[name$='.lot_id']"), "BATCH-78")
    person.look("receipt")
    person.presses("Save")


def test_a_new_lot_is_typed_on_a_receipt(person, db):
    receives_with_lots(person, db)
    person.sees("Saved.")
    assert [product for product, _company in lots(db, "BATCH-78")] == ["Wood Varnish"]
    line = person.page.locator("tr[id^='row-move_line_ids-']").first
    person.chooses(line.locator("input[name$='.lot_id']"), "KNOWN-1")
    person.presses("Validate")
    person.is_at("Done")
    with db.transaction() as env:
        assert env["stock.lot"].search([("name", "=", "KNOWN-1")]).product_qty == 3


def test_a_new_lot_is_typed_on_a_receipt_without_scripts(person_without_scripts, db):
    receives_with_lots(person_without_scripts, db)
    person_without_scripts.sees("No lot/serial matches “BATCH-78”.")
    person_without_scripts.presses('Create "BATCH-78"')
    person_without_scripts.presses("Validate")
    person_without_scripts.is_at("Done")
    assert [product for product, _company in lots(db, "BATCH-78")] == ["Wood Varnish"]


def test_names_given_to_a_receipt_by_a_program_stand_in_the_lot_column(person, db):
    """`lot_name` of the external API: no lot exists until the receipt is done, yet the column shows its name."""
    with db.transaction(login="admin") as env:
        product = env["product.product"].search([("name", "=", "Wood Varnish")])
        kind = env.ref("inventory.picking_type_in")
        picking = env["stock.picking"].create({"picking_type_id": kind.id})
        picking.move_ids = [(0, 0, {"product_id": product.id, "product_uom_qty": 2})]
        picking.action_confirm()
        picking.move_line_ids.lot_name = "FROM-API"
        id_ = picking.id
    person.page.goto(f"/app/stock.picking/{id_}")
    person.page.locator(".tab", has_text="Detailed Operations").click()
    box = person.page.locator("input[name$='.lot_id']")
    expect(box).to_have_value("FROM-API")
    person.types("Source Document", "Mail")
    person.presses("Save")
    person.sees("Saved.")
    assert lots(db, "FROM-API") == []
    expect(box).to_be_visible()
    names(person, box, "BY-HAND")
    person.presses("Validate")
    person.is_at("Done")
    assert (lots(db, "FROM-API"), len(lots(db, "BY-HAND"))) == ([], 1)


# -- refusals lead to the way out


def test_a_missing_vendor_is_entered_where_the_refusal_leads(person, db):
    """The Letter Tray has no vendor: the refusal links to its vendor prices, and with one it can be ordered."""
    with db.transaction(login="admin") as env:
        product = env["product.product"].search([("name", "=", "Letter Tray")])
        assert not product.seller_ids
        product.route_ids = env.ref("purchasing.route_warehouse0_buy")
        rule = env["stock.warehouse.orderpoint"].create({"product_id": product.id, "product_min_qty": 50})
        id_ = rule.id
    person.page.goto(f"/app/stock.warehouse.orderpoint/{id_}")
    person.presses("Order Now")
    person.sees("“Order Now” failed for", "No vendor is set for [FURN_0789] Letter Tray")
    person.sees("Add a vendor price or remove the Buy route.")
    person.look("no-vendor")
    person.page.locator("#problems").get_by_role("link", name="Open Letter Tray").click()
    person.presses("Add a line")
    line = person.page.locator("tr[id^='row-seller_ids-new']")
    person.chooses(line.locator("input[name$='.partner_id']"), "Wood Corner")
    person.types(line.locator("input[name$='.price']"), "4")
    person.look("vendor")
    person.presses("Save")
    person.sees("Saved.")
    person.page.goto(f"/app/stock.warehouse.orderpoint/{id_}")
    person.presses("Order Now")
    expect(person.page.locator("#problems")).to_have_count(0)
    with db.transaction() as env:
        assert env["purchase.order"].search([("partner_id.name", "=", "Wood Corner")]).order_line.product_qty == 40


# -- editing and keys


def test_an_order_is_put_on_backorder_with_edit_and_save_and_close(person):
    """Seed 3, by its words: Edit at the top of the order, the quantity, Save & Close."""
    person.orders("Drawer Case Black", "20")
    order = person.title()
    expect(person.page.get_by_role("button", name="Save & Close")).to_be_hidden()
    person.presses("Edit")
    person.look("editing")
    person.types(person.page.locator("input[name$='.qty_backorder']"), "5")
    person.presses("Save & Close")
    person.sees("Saved.")
    person.listed(order).get_by_role("link").first.click()
    expect(person.page.locator("input[name$='.qty_backorder']")).to_have_value("5")


class Keyboard:
    """The keys of a page; every key that goes down counts, alt too."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def press(self, *keys):
        """Presses keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.count += len(key.split("+"))

    def type(self, text):
        """Types a text."""
        self.page.keyboard.type(text)
        self.count += len(text)

    def takes(self, text, name):
        """Types so much of a name that it is marked, and takes it with Tab."""
        self.type(text)
        expect(self.page.locator("[role=option][aria-selected=true]")).to_contain_text(name)
        self.press("Tab")


def test_an_order_of_five_lines_takes_sixty_keys(person):
    """From the list to the saved order by keyboard alone, and confirmed by one more."""
    person.opens("Sales", "Orders", "Quotations")
    expect(person.page.get_by_role("heading", name="Quotations", exact=True)).to_be_visible()
    keys = Keyboard(person.page)
    keys.press("Alt+c")
    expect(person.field("Customer")).to_be_focused()
    keys.takes("az", "Azure Interior")
    keys.press("Alt+a")
    products = [
        ("dra", "Drawer Case Black"),
        ("let", "Letter Tray"),
        ("mag", "Magnetic Board"),
        ("bol", "Bolt"),
        ("pig", "Pigment"),
    ]
    for number, (text, name) in enumerate(products, 1):
        line = person.page.locator(f"tr[id='row-order_line-new{number}']")
        expect(line.locator("input[name$='.product_id']")).to_be_focused()
        keys.takes(text, name)
        expect(line.locator("input[name$='.product_uom_qty']")).to_be_focused()
        keys.type(str(number))
        if number < len(products):
            keys.press("Enter")
    keys.press("Alt+s")
    person.sees(" created.")
    assert keys.count <= 60, keys.count
    confirm = person.page.get_by_role("button", name="Confirm", exact=True)
    expect(confirm).to_have_attribute("data-key", re.compile("."))
    key = confirm.get_attribute("data-key")
    keys.press(f"Alt+{key}")
    person.is_at("Sales Order")
    quantities = person.page.locator("input[name$='.product_uom_qty']")
    assert [quantities.nth(number).input_value() for number in range(5)] == ["1", "2", "3", "4", "5"]


# -- groups of users


def opens_new_user(person):
    """The form of a new user, with the groups in sight."""
    person.page.goto("/app/res.users/new")
    person.types(person.page.locator("[name=name]"), "Pia Picker")
    person.types(person.page.locator("[name=login]"), "pia")


def test_groups_have_a_drop_down_for_each_application(person, db):
    opens_new_user(person)
    expect(person.page.locator("[id$=company_ids-tags] .tag")).to_have_count(1)
    person.page.get_by_label("Inventory", exact=True).select_option("Administrator")
    person.page.get_by_label("Sales", exact=True).select_option("User")
    person.look("groups")
    person.presses("Save")
    person.sees("Pia Picker created.")
    person.page.get_by_label("Inventory", exact=True).select_option("User")
    person.page.get_by_label("Sales", exact=True).select_option("")
    person.presses("Save")
    person.sees("Saved.")
    with db.transaction() as env:
        user = env["res.users"].search([("login", "=", "pia")])
        names = set(user.group_ids.mapped("full_name"))
    assert "Inventory / User" in names and not any(name.startswith("Sales") for name in names)
    assert "Inventory / Administrator" not in names


def test_groups_are_found_by_the_name_of_their_application(person):
    opens_new_user(person)
    groups = person.page.locator("[name='group_ids.add']")
    groups.fill("Inventory")
    expect(person.page.get_by_role("option", name="Inventory / User")).to_be_visible()
    groups.fill("Gardening")
    person.page.get_by_text("Nothing found.").wait_for()
    groups.press("Tab")
    person.sees("No group matches “Gardening”.")


# -- unbuilding


def test_unbuild_makes_nothing_before_it_is_confirmed(person, db):
    person.produces("Table", "3")
    person.presses("Produce All")
    person.is_at("Done")
    order = person.title()
    person.page.get_by_role("link", name="Unbuild", exact=True).click()
    expect(person.field("Quantity")).to_have_value("3")
    with db.transaction() as env:
        assert not env["mrp.unbuild"].search([])
    person.look("unbuild")
    person.types("Quantity", "1")
    person.presses("Unbuild")
    person.is_at("Done")
    with db.transaction() as env:
        unbuild = env["mrp.unbuild"].search([])
        assert (unbuild.mo_id.name, unbuild.product_qty) == (order, 1)


def test_transfers_and_products_tell_their_history(person):
    person.receives("Letter Tray", "5")
    history = person.page.locator(".history")
    expect(history).to_contain_text("Ready")
    expect(history).to_contain_text("Done")
    person.opens("Inventory", "Products", "Products")
    person.page.get_by_role("link", name="Letter Tray").first.click()
    person.types("Sales Price", "12.5")
    person.presses("Save")
    expect(person.page.locator(".history")).to_contain_text("Sales Price")


# -- a draft shows what it will consume


def test_a_new_manufacturing_order_shows_its_components_before_it_is_saved(person, db):
    person.opens("Manufacturing", "Operations", "Manufacturing Orders")
    person.new()
    person.chooses("Product", "Wood Varnish")
    person.types("Quantity", "2")
    planned = person.page.locator("table[aria-label='Planned Components'] tbody tr")
    expect(planned.filter(has_text="Pigment")).to_have_count(1)
    person.look("planned")
    person.page.locator(".tab", has_text="Work Orders").click()
    expect(
        person.page.locator("table[aria-label='Planned Work Orders'] tbody tr").filter(has_text="Mix")
    ).to_have_count(1)
    with db.transaction() as env:
        assert not env["mrp.production"].search([])
    person.presses("Save")
    person.sees(" created.")
    with db.transaction() as env:
        order = env["mrp.production"].search([])
        line = order.bom_id.bom_line_ids.filtered(lambda line: line.product_id.name == "Pigment")
        assert order.move_raw_ids.bom_line_id == order.bom_id.bom_line_ids
        assert (
            order.move_raw_ids.filtered(lambda move: move.bom_line_id == line).product_uom_qty == 2 * line.product_qty
        )


def test_a_new_lot_is_typed_into_a_count(person, db):
    """The rows of Physical Inventory take new numbers too."""
    person.opens("Inventory", "Operations", "Physical Inventory")
    person.presses("New")
    row = person.page.locator("tr[id^='row-rows-new']")
    person.chooses(row.locator("input[name$='.product_id']"), "Wood Varnish")
    row.locator("input[name$='.lot_id']").fill("COUNTED-1")
    person.types(row.locator("input[name$='.inventory_quantity']"), "4")
    person.presses("Save")
    person.presses('Create "COUNTED-1"')
    person.presses("Save")
    person.sees("Saved.")
    assert [product for product, _company in lots(db, "COUNTED-1")] == ["Wood Varnish"]

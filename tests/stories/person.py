"""`Person`: a user of the web client in a real browser, for the stories. It types, presses buttons and reads.

With STILLAGE_SCREENSHOTS set, every step leaves two pictures in ``screenshots/``: of a desk's and of a phone's width.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

try:
    from playwright.sync_api import expect
except ImportError:  # the fixtures skip or fail the tests then
    expect = None

PICTURES = Path(__file__).parents[2] / "screenshots"
PHONE = {"width": 390, "height": 844}


class Person:
    """A user of the web client, who finds fields, buttons and rows by their labels and texts."""

    def __init__(self, page, story, *, scripts=True):
        self.page, self.story, self.scripts = page, story, scripts
        self.pictures = 0

    # -- reading

    def sees(self, *texts):
        """Waits until the page says all of this."""
        for text in texts:
            expect(self.page.locator("body")).to_contain_text(text)

    def misses(self, text):
        """The page does not say this."""
        expect(self.page.locator("body")).not_to_contain_text(text)

    def is_at(self, state):
        """The status bar stands at `state`."""
        expect(self.page.locator(".status .is-now")).to_have_text(state)

    def is_on(self, name):
        """Waits until the document of this name (or pattern) is on the screen."""
        expect(self.page.locator(".crumbs [aria-current]")).to_have_text(name)

    def title(self):
        """The name of the document on the screen; right after a click it may still be that of the page before."""
        return self.page.locator(".crumbs [aria-current]").inner_text()

    def fits(self):
        """Waits until no part of the page is beyond the right edge of the window."""
        self.page.wait_for_function("document.documentElement?.scrollWidth <= innerWidth")

    def shown(self, label):
        """What stands beside this label."""
        place = self.page.locator("dialog[open], main").last
        words = re.compile(rf"^\s*{re.escape(label)}\W*$")
        return place.locator(".pair").filter(has=self.page.locator(".label", has_text=words)).locator(".control").first

    def field(self, label):
        """The input with this label."""
        return self.shown(label).locator("input:not([type=hidden]), select, textarea").first

    def goes_to(self, label):
        """Follows the link beside this label."""
        self.arrives()
        self.shown(label).get_by_role("link").click()

    def row(self, text):
        """The line of a table with this text in it."""
        return self.page.locator("table tbody tr").filter(has_text=text).first

    def listed(self, name):
        """The line of a list for the document of this name."""
        return (
            self.page.locator("table tbody tr").filter(has=self.page.get_by_role("link", name=name, exact=True)).first
        )

    def look(self, name):
        """Takes the pictures of this step, where pictures are wanted."""
        if not os.environ.get("STILLAGE_SCREENSHOTS"):
            return
        self.pictures += 1
        PICTURES.mkdir(exist_ok=True)
        stem = PICTURES / f"{self.story}-{self.pictures:02}-{name}"
        self.page.screenshot(path=f"{stem}.png", full_page=True)
        desk = self.page.viewport_size
        self.page.set_viewport_size(PHONE)
        self.page.screenshot(path=f"{stem}-phone.png", full_page=True)
        self.page.set_viewport_size(desk)

    # -- doing

    def opens(self, app, *menus):
        """Goes to an app, unless that is where this is, and there through its menus; the page is there afterwards."""
        self.arrives()
        here = self.page.locator(".bar-app")
        if not here.count() or here.inner_text() != app:
            self.page.goto("/app")
            self.page.locator("a.tile", has_text=app).click()
            self.arrives()
        toggle = self.page.locator(".bar-toggle summary")
        if menus and toggle.is_visible():
            toggle.click()
        bar = self.page.locator(".bar-menus")
        for name in menus[:-1]:
            bar.locator("summary").filter(has_text=name).first.click()
        if menus:
            bar.get_by_role("link", name=menus[-1], exact=True).first.click()
            self.arrives()

    def arrives(self):
        """Waits for the page that was on its way: a click returns when the server answers, before anything is drawn."""
        self.page.wait_for_load_state("domcontentloaded")

    def presses(self, name):
        """A button of the page or, where one is open, of the dialog: what there is when it can be pressed."""
        self.arrives()
        place = self.page.locator("dialog[open], body:not(:has(dialog[open]))")
        place.get_by_role("button", name=name, exact=True).first.click()

    def answers(self, name):
        """A button of the dialog, for which it waits."""
        button = self.page.locator("dialog[open]").get_by_role("button", name=name, exact=True)
        button.wait_for()
        self.arrives()
        button.click()

    def follows(self, name):
        """A smart button."""
        self.arrives()
        self.page.locator(".smart", has_text=name).click()

    def turns_to(self, tab):
        """Brings the page of a notebook to the front."""
        self.arrives()
        self.page.locator(".tab", has_text=tab).click()

    def new(self):
        """The button that opens an empty form."""
        self.arrives()
        self.page.get_by_role("link", name="New", exact=True).click()

    def types(self, target, text):
        """Types into an input (or the one with this label) and goes on to the next."""
        self.arrives()
        box = self.field(target) if isinstance(target, str) else target
        box.fill(text)
        box.press("Tab")

    def chooses(self, target, name):
        """Types the name of a record; with scripts, takes it from the names offered."""
        self.arrives()
        box = self.field(target) if isinstance(target, str) else target
        box.click()
        box.fill(name)
        if self.scripts:
            self.page.get_by_role("option", name=re.compile(re.escape(name).replace("/", r"\/") + "$")).first.click()

    def adds(self, table, product, quantity, column):
        """A line with a product and a quantity."""
        lines = self.page.locator(f"tr[id^='row-{table}-new']")
        before = lines.count()
        self.presses("Add a line")
        line = lines.nth(before)
        self.chooses(line.locator("input[name$='.product_id']"), product)
        self.types(line.locator(f"input[name$='.{column}']"), quantity)

    # -- whole steps that several stories share

    def orders(self, product, quantity, *, policy=""):
        """Makes a quotation by hand and confirms it; the screen shows the order."""
        self.opens("Sales", "Orders", "Quotations")
        self.new()
        self.look("new-quotation")
        expect(self.page.get_by_role("button", name="Cancel")).to_have_count(0)
        self.chooses("Customer", "Azure Interior")
        if policy:
            self.turns_to("Other Info")
            self.field("Shipping Policy").select_option(label=policy)
            self.turns_to("Order Lines")
        self.adds("order_line", product, quantity, "product_uom_qty")
        self.look("quotation")
        self.presses("Confirm")
        self.is_at("Sales Order")
        self.look("order")

    def counts(self, product, quantity):
        """Stock is counted and the count applied."""
        self.opens("Inventory", "Operations", "Physical Inventory")
        self.row(product).locator("input[name$='.inventory_quantity']").fill(quantity)
        self.look("counted")
        self.presses("Save")
        self.row(product).get_by_role("button", name="Apply", exact=True).click()
        expect(self.row(product).get_by_role("button", name="Apply", exact=True)).to_have_count(0)

    def receives(self, product, quantity):
        """Stock arrives on a receipt."""
        self.opens("Inventory", "Operations", "Receipts")
        self.new()
        self.adds("move_ids", product, quantity, "product_uom_qty")
        self.look("new-receipt")
        self.presses("Mark as Todo")
        self.is_at("Ready")
        self.presses("Validate")
        self.is_at("Done")

    def decides(self, policy):
        """Sets what Delivery Orders do with what is missing."""
        self.opens("Inventory", "Configuration", "Operation Types")
        self.page.get_by_role("link", name="Delivery Orders").click()
        self.page.get_by_role("radio", name=policy, exact=True).check()
        self.look("operation-type")
        self.presses("Save")
        self.sees("Saved.")

    def produces(self, product, quantity):
        """Makes a manufacturing order by hand and confirms it."""
        self.opens("Manufacturing", "Operations", "Manufacturing Orders")
        self.new()
        self.chooses("Product", product)
        self.types("Quantity", quantity)
        self.look("new-production")
        self.presses("Confirm")
        self.is_at("Confirmed")
        self.look("production")

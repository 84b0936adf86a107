"""Seed 1, *Create a backorder in Shop Floor*, sentence by sentence, by a person in a real browser."""

from __future__ import annotations

import re

import pytest

from core.testing.browser import SIZE, page_on
from core.testing.client import open_session
from tests.stories.person import PHONE, Person

try:
    from playwright.sync_api import expect
except ImportError:  # the fixtures skip or fail the tests then
    expect = None

ADDONS = ("manufacturing",)
DEMO = True
TABLET = {"width": 1024, "height": 768}

pytestmark = pytest.mark.dialects("sqlite")


class Worker(Person):
    """A person at the Shop Floor, who finds cards by the number of their order."""

    def card(self, order):
        """The card of an order."""
        return self.page.locator(".floor-card").filter(has=self.page.get_by_role("link", name=order, exact=True))

    def taps(self, order, button):
        """A button of a card."""
        self.card(order).get_by_role("button", name=button, exact=True).click()

    def chooses_page(self, name):
        """A tab of the Shop Floor."""
        self.page.get_by_role("navigation", name="Work centers").get_by_role("link", name=name).click()

    def is_on_page(self, name):
        """The tab of this name is the current one."""
        current = self.page.locator(".floor-tabs [aria-current=page]")
        expect(current).to_have_text(re.compile(rf"^{name} \d+$"))

    def registers(self, order, quantity):
        """Register Production: the pop-up, its quantity, Validate."""
        self.taps(order, "Register Production")
        quantity_field = self.field("Quantity")
        expect(quantity_field).to_have_value("")
        self.types(quantity_field, quantity)
        self.answers("Validate")
        expect(self.page.locator("dialog[open]")).to_have_count(0)

    def opens_shop_floor_from(self, order, operation):
        """Manufacturing Orders > the order > Work Orders > Open Work Order > Open Shop Floor."""
        self.opens("Manufacturing", "Operations", "Manufacturing Orders")
        self.listed(order).get_by_role("link").first.click()
        self.page.locator(".tab", has_text="Work Orders").click()
        self.row(operation).get_by_role("button", name="Open Work Order", exact=True).click()
        dialog = self.page.locator("dialog[open]")
        expect(dialog.get_by_role("heading", name="Work Orders")).to_be_visible()
        self.look("work-orders")
        self.answers("Open Shop Floor")


@pytest.fixture
def worker(chromium, live_server, db, request):
    """A worker at a desk, or with the options of the browser that the test asks for."""
    options = {"viewport": SIZE} | getattr(request, "param", {})
    story = re.sub(r"\W+", "-", request.node.name).strip("-")
    with page_on(chromium, live_server.url, token=open_session(db), **options) as page:
        yield Worker(page, story, scripts=options.get("java_script_enabled", True))


BROWSERS = {
    "desk": {},
    "tablet": {"viewport": TABLET, "has_touch": True},
    "phone": {"viewport": PHONE, "has_touch": True},
    "without scripts": {"java_script_enabled": False},
}
STORY = ("desk", "phone", "without scripts")
WITH_MOTION = {"reduced_motion": "no-preference"}


@pytest.fixture
def order(db):
    """A confirmed order for ten units of varnish, which are mixed and then filled; gives its number."""
    return confirmed(db, 10)


def confirmed(db, quantity):
    """The number of a new confirmed order for varnish."""
    with db.transaction(login="admin") as env:
        varnish = env.ref("manufacturing.product_product_varnish")
        production = env["mrp.production"].create({"product_id": varnish.id, "product_qty": quantity})
        production.action_confirm()
        return production.name


def does_the_steps(worker, order):
    """The steps, one after the other, until Register Production is reached."""
    card = worker.card(order)
    for step in ("Weigh the pigment", "Stir until even"):
        expect(card.locator(".is-current")).to_contain_text(step)
        card.get_by_role("button", name=step).click()
        expect(card.get_by_role("button", name=step)).to_have_attribute("aria-pressed", "true")
    expect(card.locator(".is-current")).to_contain_text("Register Production")


def registers_six_of_ten(worker, order):
    """The pop-up: an empty quantity in focus, the demand beside it; the fraction afterwards."""
    units = worker.card(order).locator(".floor-units")
    expect(units).to_have_text("10 Units")
    worker.taps(order, "Register Production")
    expect(worker.page.locator("dialog[open]").get_by_role("heading", name="Register Production")).to_be_visible()
    quantity = worker.field("Quantity")
    expect(quantity).to_have_value("")
    expect(worker.shown("Quantity")).to_contain_text(re.compile(r"/\s*10\s*Units"))
    if worker.scripts:
        expect(quantity).to_be_focused()
    worker.look("register")
    worker.types(quantity, "6")
    worker.answers("Validate")
    expect(worker.page.locator("dialog[open]")).to_have_count(0)
    expect(units).to_have_text("6 / 10 Units")
    worker.look("registered")


def produces_the_backorder(worker, order):
    """All of it at both work centers, and Close Production at the bottom of the last work order's card."""
    worker.chooses_page("Mixing")
    worker.taps(order, "Mark as Done")
    worker.sees(f"Mix of {order} is done: 4 Units")
    worker.chooses_page("Filling")
    worker.card(order).locator(".floor-units").click()
    expect(worker.card(order).locator(".floor-units")).to_have_text("4 / 4 Units")
    worker.taps(order, "Mark as Done")
    worker.sees("To be closed")
    worker.look("to-be-closed")
    worker.taps(order, "Close Production")
    worker.sees(f"{order} is done: 4 Units of [MFG_VARNISH] Wood Varnish produced.")


@pytest.mark.parametrize("worker", [BROWSERS[name] for name in STORY], ids=STORY, indirect=True)
def test_a_backorder_is_created_on_the_shop_floor(worker, order, db):
    """A13 to A28: from the order's Work Orders tab to Close Production of both orders."""
    other = confirmed(db, 4)
    first, second, third = (f"{order}-{number:03}" for number in (1, 2, 3))
    worker.opens_shop_floor_from(order, "Mix")
    worker.is_on_page("Mixing")
    expect(worker.page.locator(".floor-card")).to_have_count(1)
    expect(worker.card(order)).to_contain_text("[MFG_VARNISH] Wood Varnish")
    worker.look("card-alone")
    does_the_steps(worker, order)
    registers_six_of_ten(worker, order)

    # The card goes, that of the backorder comes, on the same page.
    worker.taps(order, "Mark as Done")
    expect(worker.card(second)).to_be_visible()
    expect(worker.card(first)).to_have_count(0)
    worker.is_on_page("Mixing")
    worker.sees(f"Mix of {first} is done: 6 Units", "A backorder keeps the remaining 4 Units")
    worker.look("backorder")

    # The next work order has appeared at its work center; a further backorder is created from it.
    worker.page.get_by_role("link", name="Show all").click()
    expect(worker.card(other)).to_be_visible()
    worker.chooses_page("Filling")
    expect(worker.card(first)).to_contain_text("Ready")
    expect(worker.card(second)).to_contain_text("Waiting for Mix")
    expect(worker.card(second).get_by_role("button", name="Start")).to_have_count(0)
    worker.look("filling")
    worker.registers(first, "5")
    expect(worker.card(first).locator(".floor-units")).to_have_text("5 / 6 Units")
    worker.taps(first, "Mark as Done")
    expect(worker.card(third)).to_contain_text("Ready")

    # The original has no work orders left: All, Close Production.
    worker.chooses_page("All")
    expect(worker.card(first)).to_contain_text("To Close")
    expect(worker.card(third)).to_be_visible()
    worker.look("all")
    worker.taps(first, "Close Production")
    worker.sees(f"{first} is done: 5 Units of [MFG_VARNISH] Wood Varnish produced.")
    expect(worker.card(first)).to_have_count(0)

    produces_the_backorder(worker, second)
    with db.transaction() as env:
        orders = env["mrp.production"].search([("name", "like", order)], order="name")
        found = [(one.name, one.state, one.product_qty) for one in orders]
        assert found == [(first, "done", 5), (second, "done", 4), (third, "progress", 1)]


def test_a_card_is_worked_by_keyboard(worker, order):
    """Tab and Enter lead through the steps, the pop-up and Mark as Done."""
    worker.opens("Manufacturing", "Shop Floor")
    worker.chooses_page("Mixing")
    card, keyboard = worker.card(order), worker.page.keyboard
    card.get_by_role("link", name=order).focus()
    for name in ("Weigh the pigment", "Stir until even"):
        step = card.get_by_role("button", name=name)
        keyboard.press("Tab")
        expect(step).to_be_focused()
        keyboard.press("Enter")
        expect(step).to_have_attribute("aria-pressed", "true")
        expect(step).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(worker.field("Quantity")).to_be_focused()
    keyboard.press("Enter")
    worker.sees("Could not validate.", "Enter how many [MFG_VARNISH] Wood Varnish were produced")
    expect(worker.field("Quantity")).to_be_focused()
    keyboard.type("6")
    keyboard.press("Enter")
    expect(card.locator(".floor-units")).to_have_text("6 / 10 Units")
    expect(card.get_by_role("button", name="Register Production")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Tab")
    for name in ("Start", "Pause"):
        keyboard.press("Enter")
        expect(card.get_by_role("button", name="Start" if name == "Pause" else "Pause")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(worker.card(f"{order}-002").get_by_role("link", name=f"{order}-002")).to_be_focused()


@pytest.mark.parametrize("worker", [WITH_MOTION], ids=["with motion"], indirect=True)
def test_the_card_fades_away_before_the_next_one_appears(worker, order):
    worker.opens("Manufacturing", "Shop Floor")
    worker.chooses_page("Mixing")
    worker.registers(order, "6")
    note = "card => addEventListener('pagehide', () => { sessionStorage.opacity = getComputedStyle(card).opacity; })"
    worker.card(order).evaluate(note)
    worker.taps(order, "Mark as Done")
    expect(worker.card(f"{order}-002")).to_be_visible()
    assert worker.page.evaluate("sessionStorage.opacity") == "0", "it was gone when the page was left"


def test_a_dialog_leads_back_to_its_button_on_the_same_tab(worker, order):
    worker.opens("Manufacturing", "Operations", "Manufacturing Orders")
    worker.listed(order).get_by_role("link").first.click()
    worker.turns_to("Work Orders")
    opener = worker.row("Mix").get_by_role("button", name="Open Work Order", exact=True)
    opener.click()
    expect(worker.page.locator("dialog[open]")).to_be_visible()
    expect(worker.row("Mix")).to_be_visible()
    worker.page.keyboard.press("Escape")
    expect(worker.page.locator("dialog[open]")).to_have_count(0)
    expect(opener).to_be_focused()


@pytest.mark.parametrize("worker", [BROWSERS["without scripts"]], ids=["without scripts"], indirect=True)
def test_back_leads_to_the_result_of_an_answered_question(worker, order):
    """Trap 29: the address of the dialog is what the browser goes back to."""
    worker.opens("Manufacturing", "Shop Floor")
    worker.chooses_page("Mixing")
    worker.registers(order, "6")
    expect(worker.card(order).locator(".floor-units")).to_have_text("6 / 10 Units")
    worker.page.go_back()
    worker.sees("This question is already answered. Here is the result.")
    expect(worker.page.locator("dialog[open]")).to_have_count(0)
    worker.is_on_page("Mixing")


@pytest.mark.parametrize("worker", [BROWSERS["tablet"]], ids=["tablet"], indirect=True)
def test_everything_is_in_reach_on_a_tablet(worker, order):
    """The last menu is not covered by the user's, and a work order is worked on without scrolling its line."""
    worker.opens("Manufacturing", "Configuration", "Settings")
    worker.sees("Work Orders")
    worker.opens("Manufacturing", "Operations", "Manufacturing Orders")
    worker.listed(order).get_by_role("link").first.click()
    worker.turns_to("Work Orders")
    worker.row("Mix").get_by_role("button", name="Start", exact=True).click()
    expect(worker.row("Mix").get_by_role("button", name="Pause", exact=True)).to_be_focused()
    for name in ("Open Work Order", "Pause", "Done"):
        button = worker.row("Mix").get_by_role("button", name=name, exact=True)
        boxes = [place.bounding_box() for place in (button, worker.row("Mix").locator("xpath=ancestor::table/.."))]
        right, limit = (box["x"] + box["width"] for box in boxes)
        assert right <= limit, name


@pytest.mark.parametrize("worker", [{}, {"viewport": PHONE}], ids=["desk", "phone"], indirect=True)
def test_everything_on_the_cards_is_large_enough_for_a_thumb(worker, order, db):
    confirmed(db, 3)
    worker.opens("Manufacturing", "Shop Floor")
    for tab in ("All", "Mixing", "Filling"):
        worker.chooses_page(tab)
        worker.is_on_page(tab)
        worker.arrives()
        boxes = worker.page.locator(".floor button, .floor a.button, .floor nav a, .floor-works a").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).map(({width, height}) => [width, height])"
        )
        assert boxes and min(height for _width, height in boxes) >= 44
        worker.fits()


def test_cards_are_refreshed_while_no_dialog_is_open(worker, order, db):
    """Several tablets show the same; what one person does is seen by the others within seconds."""
    page = worker.page
    page.clock.install()
    worker.opens("Manufacturing", "Shop Floor")
    worker.chooses_page("Mixing")
    worker.is_on_page("Mixing")
    asked = []
    page.on("request", lambda request: asked.append(request) if "version=" in request.url else None)
    with page.expect_response(lambda response: "version=" in response.url) as answer:
        page.clock.run_for(6_000)
    assert answer.value.status == 204, "nothing has changed"
    other = confirmed(db, 4)
    page.get_by_role("button", name="Start").focus()
    with page.expect_response(lambda response: "version=" in response.url):
        page.clock.run_for(6_000)
    expect(worker.card(other)).to_be_visible()
    expect(worker.card(order).get_by_role("button", name="Start")).to_be_focused()

    worker.taps(order, "Register Production")
    worker.field("Quantity").fill("7")
    asked.clear()
    page.clock.run_for(30_000)
    expect(worker.field("Quantity")).to_have_value("7")
    assert asked == [], "the dialog is left alone"


def test_production_is_registered_on_the_work_order_too(worker, order):
    """A20, A21, A28: the pop-up is empty there as well, and the figures stay right to the end."""
    worker.opens("Manufacturing", "Operations", "Work Orders")
    worker.row(order).get_by_role("link").first.click()
    worker.presses("Register Production")
    expect(worker.field("Quantity")).to_have_value("")
    expect(worker.field("Quantity")).to_be_focused()
    worker.types("Quantity", "6")
    worker.answers("Validate")
    expect(worker.page.locator("dialog[open]")).to_have_count(0)
    expect(worker.field("Quantity")).to_have_value("6")
    expect(worker.shown("Produced")).to_contain_text(re.compile(r"6\s*/\s*10\s*Units"))
    worker.presses("Mark as Done")
    worker.sees(f"{order}-002", "A backorder keeps the remaining 4 Units")

    worker.opens("Manufacturing", "Shop Floor")
    worker.chooses_page("Filling")
    worker.taps(f"{order}-001", "Mark as Done")
    worker.taps(f"{order}-001", "Close Production")
    worker.sees(f"{order}-001 is done: 6 Units of")
    worker.page.goto("/app/mrp.workorder?filter=finished")
    worker.row(f"{order}-001").get_by_role("link").first.click()
    expect(worker.shown("Produced")).to_contain_text(re.compile(r"6\s*/\s*6\s*Units"))
    worker.misses("/ 0")

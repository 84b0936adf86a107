"""Lists in daily work, in a real browser: menus by touch and by keys, headings that stay, the way back to a list."""

from __future__ import annotations

import pytest

from core.testing.browser import page_on
from core.testing.client import open_session

ADDONS = ("sales_manufacturing", "purchasing")
DEMO = True
pytestmark = pytest.mark.dialects("sqlite")

DESK = {"width": 1440, "height": 700}
PHONE = {"width": 390, "height": 844}
either_way = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@pytest.fixture
def browse(chromium, live_server, db):
    """A function that opens a signed-in page: of this size, with or without scripts."""

    def opened(viewport, scripts=True, **options):
        return page_on(
            chromium,
            live_server.url,
            token=open_session(db),
            viewport=viewport,
            java_script_enabled=scripts,
            **options,
        )

    return opened


# Which of these links a finger would not meet in their middle.
COVERED = """links => links.filter((link) => {
    const { left, top, width, height } = link.getBoundingClientRect();
    return !link.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}).map((link) => link.textContent)"""


@either_way
@pytest.mark.parametrize("name", ["Filter", "Columns", "Group"])
def test_menus_of_a_list_can_be_touched_on_a_phone(browse, name, scripts):
    with browse(PHONE, scripts, has_touch=True) as page:
        page.goto("/app/product.template")
        page.locator("summary", has_text=name).tap()
        links = page.locator("details[open] .drop-list a")
        links.first.wait_for()
        assert links.count() > 1 and links.evaluate_all(COVERED) == []
        sheet = page.locator("details[open] .drop-list").bounding_box()
        assert sheet["y"] + sheet["height"] == PHONE["height"] and sheet["width"] == PHONE["width"]
        label = links.last.inner_text()
        links.last.tap()
        page.wait_for_url("**?**")
        if name != "Columns":
            page.get_by_label("Active filters").get_by_text(label).wait_for()


@either_way
def test_a_touch_beside_the_sheet_closes_it(browse, scripts):
    with browse(PHONE, scripts, has_touch=True) as page:
        page.goto("/app/product.template")
        page.locator("summary", has_text="Filter").tap()
        page.locator("details[open] .drop-list a").first.wait_for()
        page.touchscreen.tap(200, 300)
        page.locator("details[open]").wait_for(state="detached")
        assert page.url.endswith("/app/product.template")


@either_way
@pytest.mark.parametrize("width", [390, 768])
def test_the_menus_of_an_app_are_reached_in_a_narrow_window(browse, width, scripts):
    with browse({"width": width, "height": 900}, scripts) as page:
        page.goto("/app/product.template")
        assert not page.get_by_text("Configuration").is_visible()
        page.get_by_label("Menu", exact=True).click()
        page.locator(".bar-menus summary", has_text="Configuration").click()
        entries = page.locator(".bar-menus details[open] a")
        assert entries.count() > 5 and entries.evaluate_all(COVERED) == []
        entries.filter(has_text="Units & Packagings").click()
        page.get_by_role("heading", name="Units & Packagings").wait_for()


def focused(page):
    """The text of what has the focus."""
    return page.evaluate("document.activeElement.textContent.trim()")


def test_arrow_keys_go_through_the_menus(browse):
    with browse(DESK) as page:
        page.goto("/app/product.template")
        page.locator(".bar-menus summary", has_text="Operations").focus()
        page.keyboard.press("ArrowDown")
        first = focused(page)
        page.keyboard.press("ArrowDown")
        assert focused(page) not in (first, "Operations")
        page.keyboard.press("Home")
        assert focused(page) == first
        page.keyboard.press("ArrowUp")
        last = focused(page)
        page.keyboard.press("End")
        assert focused(page) == last != first
        page.keyboard.press("ArrowRight")
        assert focused(page) == "Products"
        assert page.locator(".bar-menus details[open] summary").all_inner_texts() == ["Products"]
        page.keyboard.press("ArrowLeft")
        assert focused(page) == "Operations"
        page.keyboard.press("Escape")
        assert focused(page) == "Operations" and not page.locator("details[open]").count()
        page.locator("summary", has_text="Filter").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**filter=**")


@either_way
@pytest.mark.parametrize("address", ["/app/res.country", "/app/res.country.state"])
def test_headings_stay_while_the_rows_scroll(browse, db, address, scripts):
    with db.transaction() as env:
        country = env["res.country"].search([], limit=1).id
        env["res.country.state"].create(
            [{"name": f"State {number}", "code": f"S{number}", "country_id": country} for number in range(60)]
        )
    with browse(DESK, scripts) as page:
        page.goto(address)
        heading, last = page.locator("thead th").nth(1), page.locator("tbody tr").last
        before = heading.bounding_box()["y"]
        last.scroll_into_view_if_needed()
        assert heading.bounding_box()["y"] == before
        assert before < last.bounding_box()["y"] < DESK["height"]
        assert page.locator(".bar").bounding_box()["y"] == 0


def test_a_list_stands_as_it_did_when_one_comes_back(browse):
    with browse(DESK) as page:
        page.goto("/app/res.country")
        page.locator(".list-scroll").evaluate("box => { box.scrollTop = 500; }")
        page.get_by_role("link", name="Norway").click()
        page.get_by_role("heading", name="Norway").or_(page.locator(".crumbs [aria-current]")).first.wait_for()
        page.go_back()
        page.wait_for_function("() => document.querySelector('.list-scroll')?.scrollTop === 500")


@pytest.mark.parametrize("address", ["/app/res.country", "/app/res.country.state", "/app/product.template?view=kanban"])
def test_a_link_skips_to_the_first_row(browse, db, address):
    with db.transaction() as env:
        country = env["res.country"].search([], limit=1).id
        env["res.country.state"].create({"name": "Zealand", "code": "ZZ", "country_id": country})
    with browse(DESK) as page:
        page.goto(address)
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert focused(page) == "Skip to the first row"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('tbody tr:first-child, .cards li:first-child') !== null")

"""What the script adds to the pages, in a real browser: names while typing, lines in place, dialogs, keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.testing.browser import expect, page_on
from core.testing.client import open_session

ADDONS = ["paperwork"]
ADDONS_PATH = [Path(__file__).parent / "addons"]
pytestmark = pytest.mark.dialects("sqlite")


@pytest.fixture
def paper(db):
    """A document with two lines; gives its address."""
    with db.transaction(login="admin") as env:
        env["res.partner"].create([{"name": "Gemini One"}, {"name": "Gemini Two", "city": "Turin"}])
        lines = [(0, 0, {"name": "Leg", "quantity": 4}), (0, 0, {"name": "Seat", "quantity": 1})]
        id_ = env["paperwork.document"].create({"name": "Chair", "line_ids": lines}).id
    return f"/app/paperwork.document/{id_}"


def opened(browser, live_server, path):
    """The browser on that page."""
    browser.goto(f"{live_server.url}{path}")
    return browser


def test_a_name_is_completed_and_the_model_answers(browser, live_server, paper):
    page = opened(browser, live_server, paper)
    page.click("[name=partner_id]")
    page.keyboard.type("gemini tw")
    page.locator("[role=option]", has_text="Gemini Two").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('[name=city]').value === 'Turin'")
    assert page.input_value("[name=partner_id]") == "Gemini Two"
    expect(page.locator("[name=partner_id]")).to_be_focused()


def test_a_name_can_be_made_on_the_way(browser, live_server, db, paper):
    page = opened(browser, live_server, paper)
    page.click("[name=partner_id]")
    page.keyboard.type("Nobody Yet")
    page.get_by_text('Create "Nobody Yet"').click()
    page.keyboard.press("Alt+s")
    page.get_by_text("Saved.").wait_for()
    with db.transaction() as env:
        assert env["res.partner"].search_count([("name", "=", "Nobody Yet")]) == 1


def test_enter_before_the_names_have_come_chooses_nothing_once_more_is_typed(browser, live_server, paper):
    page = opened(browser, live_server, paper)
    page.route("**/complete/res.partner?q=gem&*", lambda route: None)
    page.focus("[name=partner_id]")
    page.keyboard.type("gem")
    page.keyboard.press("Enter")
    with page.expect_response("**/complete/res.partner?q=gemi&*"):
        page.keyboard.type("i")
    page.locator("[role=option]", has_text="Gemini Two").wait_for(timeout=5000)
    assert page.input_value("[name=partner_id]") == "gemi"


def test_lines_are_added_with_the_keyboard(browser, live_server, db, paper):
    page = opened(browser, live_server, paper)
    page.get_by_role("button", name="Add a line").press("Enter")
    page.wait_for_function("() => document.activeElement.name === 'line_ids.new1.name'")
    page.keyboard.type("Arm")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.name === 'line_ids.new2.name'")
    page.keyboard.type("Dozen")
    page.keyboard.press("Tab")
    page.wait_for_function("() => document.querySelector('[name=\"line_ids.new2.quantity\"]').value === '12'")
    page.keyboard.press("Alt+s")
    page.get_by_text("Saved.").wait_for()
    with db.transaction() as env:
        line = env["paperwork.line"].search([("name", "=", "Dozen")])
        assert (line.quantity, line.origin) == (12, "by the dozen")


def test_a_line_is_removed_without_leaving_the_page(browser, live_server, db, paper):
    page = opened(browser, live_server, paper)
    page.fill("[name=name]", "Typed")
    page.get_by_label("Remove this line").first.click()
    page.wait_for_function("() => document.querySelectorAll('.lines tbody tr').length === 1")
    assert page.input_value("[name=name]") == "Typed"
    page.click("[data-save]")
    page.get_by_text("Saved.").wait_for()
    with db.transaction() as env:
        assert env["paperwork.line"].search([]).mapped("name") == ["Seat"]


def test_a_dialog_is_modal_and_escape_leads_back(browser, live_server, db, paper):
    with db.transaction(login="admin") as env:
        id_ = env["paperwork.document"].create({"name": "Empty"}).id
    page = opened(browser, live_server, f"/app/paperwork.document/{id_}")
    page.get_by_role("button", name="Finish").click()
    page.locator("dialog:modal").wait_for()
    page.wait_for_function("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    page.wait_for_url("**/app/paperwork.document/**")
    expect(page.locator("dialog")).to_have_count(0)
    page.wait_for_load_state("domcontentloaded")
    page.get_by_role("button", name="Finish").click()
    page.locator("dialog:modal").get_by_role("button", name="Finish It").click()
    page.get_by_text("Empty (because)").first.wait_for()


def test_a_double_click_makes_one_record(browser, live_server, db, paper):
    page = opened(browser, live_server, "/app/paperwork.document/new")
    page.fill("[name=name]", "Twice")
    page.dblclick("[data-save]")
    page.get_by_text("Twice created.").wait_for()
    with db.transaction() as env:
        assert env["paperwork.document"].search_count([("name", "=", "Twice")]) == 1


def test_a_row_opens_its_record_and_the_selection_shows_what_can_be_done(browser, live_server, paper):
    page = opened(browser, live_server, "/app/paperwork.document")
    expect(page.get_by_role("button", name="Cancel All")).to_be_hidden()
    page.get_by_label("Choose all on this page").check()
    expect(page.get_by_role("button", name="Cancel All")).to_be_visible()
    page.locator("tr[data-href] td").nth(3).click()
    page.wait_for_url(f"**{paper}**")


def test_without_javascript_everything_still_works(chromium, live_server, db, paper):
    with page_on(chromium, live_server.url, java_script_enabled=False) as page:
        page.goto(paper)
        page.fill("[name=login]", "admin")
        page.fill("[name=password]", "admin")
        page.click("button.is-primary")
        page.click("text=Add a line")
        page.fill("[name='line_ids.new1.name']", "Arm")
        page.click("label.tab:has-text('Note')")
        page.locator("[name=note]").wait_for(state="visible")
        page.click("[data-save]")
        page.get_by_text("Saved.").wait_for()
        with db.transaction() as env:
            assert env["paperwork.line"].search_count([("name", "=", "Arm")]) == 1
            id_ = env["paperwork.document"].create({"name": "Empty"}).id
        page.goto(f"/app/paperwork.document/{id_}")
        page.click("text=Finish")
        page.click("text=Finish It")
        page.get_by_text("Empty (because)").first.wait_for()


def test_no_page_is_wider_than_a_phone(chromium, live_server, db, paper):
    phone = {"width": 375, "height": 800}
    with page_on(chromium, live_server.url, token=open_session(db), viewport=phone) as page:
        for path in (paper, "/app/paperwork.document", "/app/paperwork.document/new", "/app?all", "/app/res.users/2"):
            page.goto(path)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= 375, f"{path} is {width} pixels wide"


def drawn(page, width: int, height: int, to: Path) -> Path:
    """A picture of that size as a file."""
    page.set_viewport_size({"width": width, "height": height})
    page.set_content("<body style='margin:0;background:linear-gradient(#824,#48c)'></body>")
    page.screenshot(path=to)
    page.set_viewport_size({"width": 1280, "height": 900})
    return to


def test_a_picture_is_shown_when_it_is_chosen_and_sent_no_larger_than_it_is_ever_shown(
    browser, live_server, db, paper, tmp_path
):
    picture = drawn(browser, 2400, 1200, tmp_path / "chair.png")
    page = opened(browser, live_server, paper)
    page.set_input_files("[name=photo]", picture)
    page.wait_for_function("() => document.querySelector('.picture-frame img')?.naturalWidth === 1920")
    assert page.evaluate("document.querySelector('[name=photo]').files[0].type") == "image/webp"
    page.keyboard.press("Alt+s")
    page.get_by_text("Saved.").wait_for()
    page.wait_for_function("() => document.querySelector('.picture-frame img')?.naturalWidth === 1920")
    with db.transaction() as env:
        assert env["paperwork.document"].search([("name", "=", "Chair")]).photo
    page.click("summary.picture-frame")
    page.check("text=Remove the picture")
    page.keyboard.press("Alt+s")
    page.get_by_text("Saved.").wait_for()
    with db.transaction() as env:
        assert not env["paperwork.document"].search([("name", "=", "Chair")]).photo


def test_what_is_chosen_is_attached_and_what_was_typed_stays(browser, live_server, paper, tmp_path):
    page = opened(browser, live_server, paper)
    page.fill("[name=name]", "Typed")
    (tmp_path / "terms.txt").write_text("terms")
    page.set_input_files("#attach", tmp_path / "terms.txt")
    page.locator(".attached-file", has_text="terms.txt").wait_for()
    assert page.input_value("[name=name]") == "Typed"
    assert page.evaluate("document.querySelector('[data-form]').dataset.dirty") == "1", "and is known not to be saved"
    with page.expect_download() as download:
        page.click("text=terms.txt")
    assert download.value.suggested_filename == "terms.txt"


def test_a_file_that_is_too_large_is_told_of_at_once(browser, live_server, paper, tmp_path):
    page = opened(browser, live_server, paper)
    page.evaluate("document.querySelector('[name=file]').dataset.limit = '10'")
    (tmp_path / "long.txt").write_text("too long by far")
    page.get_by_text("Note", exact=True).click()
    page.set_input_files("[name=file]", tmp_path / "long.txt")
    page.locator(".file").get_by_text("This file is too large").wait_for()
    assert page.input_value("[name=file]") == ""

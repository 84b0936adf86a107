"""Forms in a real browser: what is typed stays, names that are unknown, dialogs, dates, keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.testing.browser import page_on
from core.testing.client import document, open_session

try:
    from playwright.sync_api import expect
except ImportError:  # the fixtures skip or fail the tests then
    expect = None

ADDONS = ["paperwork"]
ADDONS_PATH = [Path(__file__).parent / "addons"]
pytestmark = pytest.mark.dialects("sqlite")


@pytest.fixture
def paper(db):
    """The id of a document with two lines."""
    with db.transaction(login="admin") as env:
        env["res.partner"].create([{"name": "Gemini One"}, {"name": "Gemini Two", "city": "Turin"}])
        env["paperwork.tag"].create([{"name": "Red"}, {"name": "Blue"}])
        lines = [(0, 0, {"name": "Leg", "quantity": 4}), (0, 0, {"name": "Seat", "quantity": 1})]
        return env["paperwork.document"].create({"name": "Chair", "line_ids": lines}).id


@pytest.fixture
def page(browser, live_server, paper):
    """The browser on that document."""
    browser.goto(address(paper))
    return browser


@pytest.fixture
def plain_page(chromium, live_server, db, paper):
    """That document in a browser that runs no scripts."""
    with page_on(chromium, live_server.url, token=open_session(db), java_script_enabled=False) as page:
        page.goto(address(paper))
        yield page


def address(id_) -> str:
    """Where the form of a document is."""
    return f"/app/paperwork.document/{id_}"


def stored(db, id_, *names):
    """The values of a document as the database has them now."""
    with db.transaction() as env:
        return tuple(env["paperwork.document"].browse(id_)[name] for name in names)


# -- what is typed stays


@pytest.fixture
def with_holds(db):
    """The form of a document whose lines can be held back, if what the model computes of them allows it."""
    arch = """<form><field name="name"/><field name="line_ids"><list editable="bottom">
        <field name="name"/><field name="quantity"/><field name="is_stocked" column_invisible="True"/>
        <field name="quantity_on_hold" readonly="not is_stocked"/></list></field></form>"""
    with db.transaction() as env:
        env["ir.ui.view"].create(
            {"name": "holds", "model": "paperwork.document", "type": "form", "priority": 1, "arch": arch}
        )


def test_a_number_typed_into_a_computed_column_of_a_new_line_stays(with_holds, page, db, paper):
    page.get_by_role("button", name="Add a line").click()
    page.locator("[name='line_ids.new1.name']").fill("Arm")
    page.keyboard.press("Tab")
    held = page.locator("[name='line_ids.new1.quantity_on_hold']")
    held.fill("3")
    page.keyboard.press("Tab")
    quantity = page.locator("[name='line_ids.new1.quantity']")
    quantity.fill("5")
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.keyboard.press("Tab")
    expect(held).to_have_value("3")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    [lines] = stored(db, paper, "line_ids")
    assert lines[-1].quantity_to_hold == 3


def test_what_the_view_closes_on_a_new_line_stays_closed(with_holds, client, db, paper):
    page = client.submit(client.get(address(paper)), button="add:line_ids")
    typed = {"line_ids.new1.name": "Service", "line_ids.new1.quantity_on_hold": "3"}
    sent = dict(document(page).get_element_by_id("record").form_values()) | typed
    client.post(address(paper), data=sent | {"line_ids": "new1", "_do": "save"})
    [lines] = stored(db, paper, "line_ids")
    assert (lines[-1].name, lines[-1].quantity_to_hold) == ("Service", 0)

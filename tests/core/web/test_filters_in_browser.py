"""The page of an advanced filter in a real browser: what is typed stays, and where the focus goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.testing.browser import expect

ADDONS = ["paperwork"]
ADDONS_PATH = [Path(__file__).parent / "addons"]
pytestmark = pytest.mark.dialects("sqlite")


def test_what_is_typed_while_an_answer_is_on_its_way_stays(browser, live_server):
    page = browser
    page.goto("/app/paperwork.document/filter?filter=-")
    field, operator, value = (page.locator(f"[id='c.0.{part}']") for part in ("f0", "op", "value"))
    expect(field).to_be_focused()
    field.select_option(label="Weight")
    held = []
    page.route("**/filter?*", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    expect(operator).to_be_visible()
    with page.expect_request("**/filter?*"):
        operator.select_option(label="more than")
    value.press_sequentially("12")
    with page.expect_response("**/filter?*"):
        held.pop().continue_()
    page.unroute("**/filter?*")
    page.get_by_role("button", name="Add group").click()
    expect(page.locator("[id='c.1.0.f0']")).to_be_focused()
    expect(operator).to_have_value(">")
    expect(value).to_have_value("12")
    page.get_by_role("button", name="Remove the group").click()
    expect(page.locator("[id='c.add']")).to_be_focused()
    expect(page.get_by_text("Weight more than 12")).to_be_visible()

"""Forms in a real browser: what is typed stays, names that are unknown, dialogs, dates, keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.testing.browser import page_on
from core.testing.client import document, open_session
from core.web.forms.lines import PAGE

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


def test_an_answer_to_an_edit_leaves_an_open_list_of_names(page, db, paper):
    """The answer draws the input anew (it is required now) while a name is typed into it."""
    arch = """<form><field name="name"/><field name="kind"/><field name="weight"/>
        <field name="partner_id" required="kind == 'out'"/></form>"""
    with db.transaction() as env:
        env["ir.ui.view"].create(
            {"name": "asks", "model": "paperwork.document", "type": "form", "priority": 1, "arch": arch}
        )
    page.reload()
    held = []

    def hold(route):
        if "onchange" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route("**/app/paperwork.document/**", hold)
    customer, names = page.get_by_label("Customer"), page.get_by_role("listbox")
    page.get_by_label("Kind").select_option("out")
    customer.press_sequentially("gemini t")
    expect(names.get_by_role("option", selected=True)).to_have_text("Gemini Two")
    held.pop().continue_()
    expect(page.get_by_label("Weight")).to_have_value("7")
    expect(names.get_by_role("option", selected=True)).to_have_text("Gemini Two")
    expect(customer).to_be_focused()
    expect(customer).to_have_attribute("aria-expanded", "true")
    customer.press_sequentially("w")
    expect(customer).to_have_value("gemini tw")
    expect(names.get_by_role("option", selected=True)).to_have_text("Gemini Two")
    customer.press("Enter")
    expect(customer).to_have_value("Gemini Two")
    expect(names).to_have_count(0)


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


# -- names that no record has


def leaves(page, name, text):
    """Types a text into an input and goes on with Tab, once the names that fit it were offered."""
    page.locator(f"[name='{name}']").click()
    page.keyboard.type(text)
    page.get_by_role("option", name=f'Create "{text}"').wait_for()
    page.keyboard.press("Tab")


def test_tab_leaves_an_unknown_name_as_it_is_and_says_so(page, db, paper):
    leaves(page, "partner_id", "Nobody Inc")
    page.get_by_text("No contact matches “Nobody Inc”.").wait_for()
    assert page.input_value("[name=partner_id]") == "Nobody Inc"
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("This could not be saved yet.").wait_for()
    with db.transaction() as env:
        assert not env["res.partner"].search([("name", "=", "Nobody Inc")])


def test_an_unknown_name_is_created_by_its_button(page, db, paper):
    leaves(page, "partner_id", "Nobody Inc")
    page.get_by_role("button", name='Create "Nobody Inc"').click()
    expect(page.get_by_text("No contact matches")).to_have_count(0)
    expect(page.locator("[name=partner_id]")).to_be_focused()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    assert stored(db, paper, "partner_id")[0].name == "Nobody Inc"


def test_a_message_goes_when_the_name_is_mended(page):
    leaves(page, "partner_id", "Nobody Inc")
    page.get_by_text("No contact matches").wait_for()
    page.locator("[name=partner_id]").fill("Gemini Two")
    page.keyboard.press("Tab")
    expect(page.get_by_text("No contact matches")).to_have_count(0)
    expect(page.locator("[name=city]")).to_have_value("Turin")


def test_arrow_keys_choose_to_create(page, db, paper):
    page.locator("[name=partner_id]").click()
    page.keyboard.type("Somebody Inc")
    page.get_by_role("option", name='Create "Somebody Inc"').wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    assert stored(db, paper, "partner_id")[0].name == "Somebody Inc"


def test_tab_takes_no_new_tag_and_its_button_does(page, db, paper):
    leaves(page, "tag_ids.add", "Green")
    page.get_by_text("No tag matches “Green”.").wait_for()
    page.get_by_role("button", name='Create "Green"').click()
    page.locator(".tag", has_text="Green").wait_for()
    page.locator("[name='tag_ids.add']").fill("red")
    page.keyboard.press("Tab")
    page.locator(".tag", has_text="Red").wait_for()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    assert stored(db, paper, "tag_ids")[0].sorted("name").mapped("name") == ["Green", "Red"]


def test_without_scripts_a_refused_form_offers_to_create(plain_page, db, paper):
    plain_page.fill("[name=partner_id]", "Nobody Inc")
    plain_page.fill("[name='tag_ids.add']", "Green")
    plain_page.get_by_role("button", name="Save", exact=True).click()
    plain_page.get_by_text("No contact matches “Nobody Inc”.").first.wait_for()
    plain_page.get_by_text("No tag matches “Green”.").first.wait_for()
    plain_page.get_by_role("button", name='Create "Nobody Inc"').click()
    plain_page.get_by_role("button", name='Create "Green"').click()
    plain_page.get_by_role("button", name="Save", exact=True).click()
    plain_page.get_by_text("Saved.").wait_for()
    partner, tags = stored(db, paper, "partner_id", "tag_ids")
    assert (partner.name, tags.mapped("name")) == ("Nobody Inc", ["Green"])


# -- dialogs and the focus


def focused(page):
    """The words or the name of what has the focus."""
    return page.evaluate("document.activeElement.innerText || document.activeElement.name || ''").strip()


def test_a_destructive_question_has_the_focus_on_the_safe_answer(page, db, paper):
    page.get_by_role("button", name="Cancel It").click()
    page.locator("dialog:modal").wait_for()
    assert focused(page) == "Keep document"
    page.keyboard.press("Enter")
    page.locator("dialog").wait_for(state="detached")
    assert stored(db, paper, "state") == ("draft",)
    expect(page.get_by_role("button", name="Cancel It")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("dialog:modal").get_by_role("button", name="Cancel document").click()
    page.locator("dialog").wait_for(state="detached")
    assert stored(db, paper, "state") == ("cancel",)


def test_delete_has_the_focus_on_keep_and_leads_back_to_its_menu(page, db, paper):
    page.get_by_label("More actions").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.locator("dialog:modal").wait_for()
    assert focused(page) == "Keep"
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="detached")
    expect(page.get_by_label("More actions")).to_be_focused()


def test_escape_from_a_dialog_leads_the_focus_to_the_button_that_opened_it(page, db, paper):
    with db.transaction(login="admin") as env:
        id_ = env["paperwork.document"].create({"name": "Empty"}).id
    page.goto(address(id_))
    page.get_by_role("button", name="Finish").click()
    page.locator("dialog:modal").wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="detached")
    expect(page.get_by_role("button", name="Finish")).to_be_focused()


def test_escape_from_a_menu_leads_the_focus_to_its_button(page):
    page.get_by_label("More actions").click()
    page.get_by_role("button", name="Delete", exact=True).focus()
    page.keyboard.press("Escape")
    expect(page.get_by_label("More actions")).to_be_focused()


def test_saving_by_key_leaves_the_focus_in_the_field(page):
    page.locator("[name=city]").fill("Turin")
    page.keyboard.press("Alt+s")
    page.get_by_text("Saved.").wait_for()
    expect(page.locator("[name=city]")).to_be_focused()


def test_a_button_of_a_line_asks_first(client, db, paper):
    arch = """<form><field name="name"/><field name="line_ids"><list><field name="name"/>
        <button name="action_twice" type="object" string="Twice"
        confirm="Really?" cancel-label="No"/></list></field></form>"""
    with db.transaction() as env:
        env["ir.ui.view"].create(
            {"name": "ask", "model": "paperwork.document", "type": "form", "priority": 1, "arch": arch}
        )
    page = client.submit(client.get(address(paper)), button="Twice")
    assert stored(db, paper, "total") == (5,)
    client.submit(page, button=document(page).xpath("//dialog//button/@value")[0])
    assert stored(db, paper, "total") == (9,)


# -- Enter in tables


def test_enter_in_the_last_line_of_a_stored_document_adds_none(page, db, paper):
    quantity = page.locator(".lines tbody tr").last.locator("input[name$='.quantity']")
    quantity.fill("7")
    with page.expect_response(lambda response: response.request.method == "POST"):
        quantity.press("Enter")
    expect(quantity).not_to_be_focused()
    expect(page.locator(".lines tbody tr")).to_have_count(2)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    assert stored(db, paper, "line_ids")[0].mapped("quantity") == [4, 7]


def test_enter_in_the_last_line_of_a_new_document_adds_one(page):
    page.goto("/app/paperwork.document/new")
    page.get_by_role("button", name="Add a line").click()
    expect(page.locator("[name='line_ids.new1.name']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[name='line_ids.new2.name']")).to_be_focused()


# -- dates


def test_dates_are_typed_as_text_and_shown_in_one_format(page, db, paper):
    page.locator("[name=deadline]").fill("2/12/2027")
    page.keyboard.press("Tab")
    expect(page.locator("[name=moment]")).to_be_focused()
    expect(page.locator("[name=deadline]")).to_have_value("Feb 12, 2027")
    page.keyboard.type("27.11.2026 8:18 pm")
    page.keyboard.press("Tab")
    expect(page.locator("[name='tag_ids.add']")).to_be_focused()
    expect(page.locator("[name=moment]")).to_have_value("Nov 27, 2026, 20:18")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    deadline, moment = stored(db, paper, "deadline", "moment")
    assert (str(deadline), str(moment)) == ("2027-02-12", "2026-11-27 20:18:00")


def test_a_text_that_is_no_date_stays_with_a_message(page):
    page.locator("[name=deadline]").fill("soon")
    page.keyboard.press("Tab")
    page.get_by_text("“soon” is not a date. Write it as Dec 31, 2026.").wait_for()
    assert page.input_value("[name=deadline]") == "soon"


def test_the_calendar_fills_in_a_date(page):
    page.evaluate("HTMLInputElement.prototype.showPicker = function () { window.shown = this; }")
    page.get_by_label("Calendar for Deadline").click()
    page.evaluate("window.shown.value = '2027-02-12'; window.shown.dispatchEvent(new Event('change', {bubbles: true}))")
    expect(page.locator("[name=deadline]")).to_have_value("Feb 12, 2027")
    expect(page.locator("[name=deadline]")).to_be_focused()


def test_without_scripts_dates_are_typed_as_text(plain_page, db, paper):
    expect(plain_page.get_by_label("Calendar for Deadline")).to_be_hidden()
    plain_page.fill("[name=deadline]", "27.11.2027")
    plain_page.get_by_role("button", name="Save", exact=True).click()
    plain_page.get_by_text("Saved.").wait_for()
    expect(plain_page.locator("[name=deadline]")).to_have_value("Nov 27, 2027")
    assert str(stored(db, paper, "deadline")[0]) == "2027-11-27"


# -- editing and keys


def test_edit_leads_into_the_first_field_and_save_and_close_back_to_the_list(page, db, paper):
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_hidden()
    page.keyboard.press("Alt+e")
    expect(page.locator("[name=name]")).to_be_focused()
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_hidden()
    expect(page.get_by_role("link", name="Discard")).to_be_visible()
    page.keyboard.type("Stool")
    page.get_by_role("button", name="Save & Close").click()
    page.get_by_text("Saved.").wait_for()
    expect(page.get_by_role("heading", name="Documents")).to_be_visible()
    assert stored(db, paper, "name") == ("Stool",)


def test_typing_shows_the_buttons_that_save(page):
    page.locator("[name=city]").fill("Turin")
    expect(page.get_by_role("button", name="Save & Close")).to_be_visible()
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_hidden()


def test_save_and_close_leads_back_to_the_document_it_came_from(page, paper, db):
    with db.transaction(login="admin") as env:
        tag = env["paperwork.tag"].search([], limit=1).id
    page.goto(f"/app/paperwork.tag/{tag}?from={address(paper)}")
    page.locator("[name=name]").fill("Crimson")
    page.get_by_role("button", name="Save & Close").click()
    page.get_by_text("Saved.").wait_for()
    assert address(paper) in page.url


def test_without_scripts_the_buttons_that_save_are_there(plain_page, db, paper):
    expect(plain_page.get_by_role("button", name="Edit", exact=True)).to_be_hidden()
    plain_page.fill("[name=name]", "Stool")
    plain_page.get_by_role("button", name="Save & Close").click()
    plain_page.get_by_text("Saved.").wait_for()
    assert stored(db, paper, "name") == ("Stool",)


def test_every_button_of_the_header_has_a_key_of_its_own(page, db, paper):
    keys = page.evaluate("[...document.querySelectorAll('.record-buttons [data-key]')].map((one) => one.dataset.key)")
    assert len(keys) == len(set(keys)) == page.locator(".record-buttons > button").count()
    page.keyboard.press(f"Alt+{keys[0]}")
    page.get_by_text("Done", exact=True).first.wait_for()
    assert stored(db, paper, "state") == ("done",)


PRESS = """([key, code]) => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", {key, code, altKey: true, bubbles: true, cancelable: true}))"""


def test_option_and_a_letter_work_on_a_mac(page):
    """There option gives another character, or begins one; what people type with it into a text stays theirs."""
    page.add_init_script("Object.defineProperty(navigator, 'userAgentData', {value: {platform: 'macOS'}})")
    page.reload()
    for key in ("´", "Dead"):
        page.get_by_role("button", name="Finish").focus()
        page.evaluate(PRESS, [key, "KeyE"])
        expect(page.locator("[name=name]")).to_be_focused()
    page.locator("[name=city]").focus()
    lines = page.locator("tr[id^='row-line_ids']")
    before = lines.count()
    assert page.evaluate(PRESS, ["€", "KeyA"]), "typed, not taken as a key"
    assert not page.evaluate(PRESS, ["å", "KeyA"])
    expect(lines).to_have_count(before + 1)
    page.get_by_role("button", name="Finish").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("⌥ s")
    expect(page.locator("[data-save]")).to_have_attribute("title", "Save (⌥ s)")


def test_alt_shows_the_keys_and_the_question_mark_lists_them(page):
    page.keyboard.down("Alt")
    assert page.evaluate("getComputedStyle(document.querySelector('[data-edit]'), '::after').content") == '"e"'
    page.keyboard.up("Alt")
    assert page.evaluate("getComputedStyle(document.querySelector('[data-edit]'), '::after').content") == "none"
    page.get_by_role("button", name="Finish").focus()
    page.keyboard.press("?")
    shortcuts = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(shortcuts).to_contain_text("Finish")
    expect(shortcuts).to_contain_text("Add a line")
    page.keyboard.press("Escape")
    expect(shortcuts).to_have_count(0)
    expect(page.get_by_role("button", name="Finish")).to_be_focused()
    page.locator("[name=city]").focus()
    page.keyboard.type("?")
    assert page.input_value("[name=city]") == "?"


# -- lines in pages


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_pages_of_lines_are_turned_with_the_keyboard_and_keep_what_was_typed(browser, live_server, db, width):
    with db.transaction(login="admin") as env:
        rows = [(0, 0, {"name": f"Part {i}", "quantity": i}) for i in range(1, 2 * PAGE + 6)]
        record = env["paperwork.document"].create({"name": "Long", "line_ids": rows})
        first, last = record.line_ids[0], record.line_ids[-1]
        inputs = [f"[name='line_ids.{line.id}.name']" for line in (first, last)]
        id_ = record.id
    browser.set_viewport_size({"width": width, "height": 844})
    browser.goto(address(id_))
    browser.fill(inputs[0], "Renamed")
    following = browser.locator("#turn-line_ids-right")
    following.focus()
    browser.keyboard.press("Enter")
    expect(browser.locator(".line-pager [role=status]")).to_have_text(f"{PAGE + 1}–{2 * PAGE} of {2 * PAGE + 5}")
    expect(following).to_be_focused()
    browser.keyboard.press("Enter")
    expect(browser.locator(inputs[1])).to_be_visible()
    expect(following).to_have_attribute("aria-disabled", "true")
    expect(following).to_be_focused()
    assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is cut off"
    browser.fill(inputs[1], "The end")
    browser.locator("#turn-line_ids-first").focus()
    browser.keyboard.press("Enter")
    expect(browser.locator(inputs[0])).to_be_visible()
    expect(browser.locator(inputs[0])).to_have_value("Renamed")
    expect(browser.locator("#turn-line_ids-first")).to_be_focused()
    browser.get_by_role("button", name="Save", exact=True).click()
    expect(browser.get_by_text("Saved.")).to_be_visible()
    with db.transaction() as env:
        names = env["paperwork.document"].browse(id_).line_ids.mapped("name")
    assert (names[0], names[-1], len(names)) == ("Renamed", "The end", 2 * PAGE + 5)

"""The form on a real database, by an in-process client: what a browser without JavaScript would do."""

from __future__ import annotations

import datetime
import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from core.testing.client import document, words
from tests.core.web.paper import PAPERWORK, read, url

pytestmark = PAPERWORK


# -- forms


def test_a_form_shows_the_record(client, paper):
    page = client.get(url(paper))
    form = document(page).get_element_by_id("record")
    assert form.inputs["name"].value == "Chair"
    assert form.inputs["partner_id"].value == "Azure Interior"
    assert form.xpath(".//ol[@id='status']/li/text()") == ["Draft", "Sent", "Done"]
    assert "No lines yet" not in words(page)


@pytest.mark.both_dialects("scenario")
def test_saving_writes_what_was_typed_and_only_that(client, db, paper):
    page = client.get(url(paper))
    with db.transaction() as env:
        env["paperwork.document"].browse(paper).city = "Meanwhile"
    page = client.submit(page, {"name": "Armchair", "weight": "1,234.5", "deadline": "2026-12-31"}, button="save")
    assert "Saved." in words(page)
    values = read(db, paper, "name", "weight", "deadline", "city")
    assert values["name"] == "Armchair" and values["weight"] == Decimal("1234.5") and values["city"] == "Meanwhile"
    assert values["deadline"] == datetime.date(2026, 12, 31)


def test_a_failed_save_keeps_everything_typed_and_says_what_is_wrong(client, db, paper):
    page = client.submit(client.get(url(paper)), {"name": "", "weight": "heavy", "city": "Kept"}, button="save")
    assert page.status_code == 422
    form = document(page).get_element_by_id("record")
    assert (form.inputs["name"].value, form.inputs["weight"].value, form.inputs["city"].value) == ("", "heavy", "Kept")
    assert form.inputs["weight"].get("aria-invalid") == "true"
    assert "“heavy” is not a number." in words(page)
    assert read(db, paper, "name")["name"] == "Chair"
    page = client.submit(page, {"name": "Stool", "weight": "2"}, button="save")
    assert read(db, paper, "name", "city")["city"] == "Kept"


def test_the_models_refusal_stands_at_its_field(client, db, paper):
    page = client.submit(client.get(url(paper)), {"weight": "-1", "city": "Kept"}, button="save")
    assert page.status_code == 422
    [error] = document(page).xpath("//p[@id='f-weight-error']/text()")
    assert error == "Nothing weighs less than nothing."
    assert document(page).get_element_by_id("record").inputs["city"].value == "Kept"


def test_a_new_record_has_the_actions_defaults(client, db, paper):
    page = client.get("/app/paperwork.document/new")
    assert document(page).get_element_by_id("record").inputs["kind"].value == "out"
    page = client.submit(page, {"name": "Fresh", "partner_id": "Gemini Two"}, button="save")
    new = int(page.request.path.rpartition("/")[2])
    values = read(db, new, "name", "city", "active", "kind")
    assert values == {"id": new, "name": "Fresh", "city": "Turin", "active": True, "kind": "out"}


def test_a_name_that_fits_several_can_be_picked(client, db, paper):
    page = client.submit(client.get(url(paper)), {"partner_id": "Gemini", "weight": "8"}, button="save")
    assert "Several records match “Gemini”. Choose one." in words(page)
    page = client.submit(page, button="Gemini Two")
    assert document(page).get_element_by_id("record").inputs["partner_id"].value == "Gemini Two"
    client.submit(page, button="save")
    values = read(db, paper, "partner_id", "city", "weight")
    assert values["partner_id"][1] == "Gemini Two" and values["city"] == "Turin" and values["weight"] == 8


def test_a_record_named_but_not_there_is_made_with_the_save(client, db, paper):
    page = client.get(url(paper))
    client.submit(page, {"partner_id": "Brand New", "partner_id.id": "new|Brand New"}, button="save")
    assert read(db, paper, "partner_id")["partner_id"][1] == "Brand New"


def test_tags(client, db, paper):
    client.submit(client.get(url(paper)), {"tag_ids.add": "Red"}, button="save")
    client.submit(client.get(url(paper)), {"tag_ids.add": "Blue"}, button="save")
    with db.transaction() as env:
        assert env["paperwork.document"].browse(paper).tag_ids.mapped("name") == ["Red", "Blue"]
    page = client.get(url(paper))
    red = document(page).xpath("//input[@name='tag_ids']/@value")[0]
    client.submit(page, {"tag_ids": [red]}, button="save")
    with db.transaction() as env:
        assert env["paperwork.document"].browse(paper).tag_ids.mapped("name") == ["Red"]


# -- lines


def test_lines_are_added_changed_and_removed_without_javascript(client, db, paper):
    page = client.get(url(paper))
    keys = [key for key in document(page).xpath("//input[@name='line_ids']/@value") if key]
    page = client.submit(page, {f"line_ids.{keys[0]}.quantity": "5"}, button="add:line_ids")
    assert document(page).get_element_by_id("record").inputs[f"line_ids.{keys[0]}.quantity"].value == "5"
    page = client.submit(
        page, {"line_ids.new1.name": "Back", "line_ids.new1.quantity": "2.5"}, button=f"remove:line_ids:{keys[1]}"
    )
    assert read(db, paper, "total")["total"] == 5, "nothing is saved yet"
    client.submit(page, button="save")
    with db.transaction() as env:
        lines = env["paperwork.document"].browse(paper).line_ids
        assert [(line.name, line.quantity) for line in lines] == [("Leg", Decimal(5)), ("Back", Decimal("2.5"))]


def test_an_empty_new_line_is_left_out(client, db, paper):
    page = client.submit(client.get(url(paper)), button="add:line_ids")
    page = client.submit(page, button="save")
    assert page.status_code == 200
    assert read(db, paper, "line_count")["line_count"] == 2


def test_a_fault_in_a_line_names_line_and_column(client, db, paper):
    page = client.get(url(paper))
    keys = [key for key in document(page).xpath("//input[@name='line_ids']/@value") if key]
    page = client.submit(page, {f"line_ids.{keys[1]}.quantity": "a few"}, button="save")
    assert "Lines, line 2, Quantity: “a few” is not a number." in words(page)


def test_the_view_says_how_a_cell_of_a_line_looks_and_which_text_explains_it(client, db, paper):
    with db.transaction() as env:
        env["paperwork.document"].browse(paper).line_ids[0].write({"quantity": 12, "origin": "Counted twice"})
    cells = document(client.get(url(paper))).xpath("//td[@data-label='Quantity']")
    assert [("is-danger" in cell.get("class"), cell.xpath("string(.//*[@popover])")) for cell in cells[:2]] == [
        (True, "Counted twice"),
        (False, ""),
    ]


def test_a_button_in_a_line(client, db, paper):
    page = client.get(url(paper))
    keys = [key for key in document(page).xpath("//input[@name='line_ids']/@value") if key]
    client.submit(page, button=f"row:line_ids:{keys[0]}:action_twice")
    assert read(db, paper, "total")["total"] == 9


# -- onchange and htmx


def post_edit(client, page, edited, **values):
    """What the page's script sends after an edit; the answer holds the pieces that changed."""
    form = document(page).get_element_by_id("record")
    data = {}
    for name, value in form.form_values():
        data.setdefault(name, []).append(value)
    data |= {name: [value] for name, value in values.items()} | {"_do": ["onchange"], "_edited": [edited]}
    return client.post(page.request.full_path, data=data, headers={"HX-Request": "true"})


def test_an_edit_brings_back_only_what_it_changes(client, paper):
    answer = post_edit(client, client.get(url(paper)), "partner_id", partner_id="Gemini Two")
    assert answer.status_code == 200
    assert 'value="Turin"' in answer.text
    assert 'name="name"' not in answer.text
    assert answer.text.count("hx-swap-oob") == 3, "the city, the fingerprints and what is carried along"


def test_an_onchange_warns_and_fills_in(client, paper):
    answer = post_edit(client, client.get(url(paper)), "kind", kind="out")
    assert "It will leave the house." in answer.text
    assert 'value="7"' in answer.text


def test_an_edit_in_a_line_changes_the_line_and_the_total(client, db, paper):
    page = client.get(url(paper))
    key = document(page).xpath("//input[@name='line_ids']/@value")[0]
    answer = post_edit(client, page, f"line_ids.{key}.name", **{f"line_ids.{key}.name": "Dozen"})
    assert 'value="12"' in answer.text
    assert ">24<" in answer.text, "the computed double"
    assert f'name="line_ids.{key}.origin" value="by the dozen"' in answer.text, (
        "set by the model, shown nowhere: carried along"
    )
    assert ">13<" in answer.text, "the total"


def test_a_field_that_becomes_visible_comes_whole(client, paper):
    """A choice on the form decides: browsers without scripts are shown it in any case, the others once it is due."""
    page = client.get(url(paper))
    assert not document(page).xpath("//div[contains(@class, 'is-closed')]")
    answer = post_edit(client, page, "kind", kind="")
    closed = re.search(r'<div hx-swap-oob="true" id="n\d+" class="pair is-closed">.*?name="weight"', answer.text, re.S)
    assert closed


def test_an_edit_in_a_new_line_leaves_the_document_alone(client, db, paper):
    page = client.submit(client.get(url(paper)), button="add:line_ids")
    answer = post_edit(client, page, "line_ids.new1.name", **{"line_ids.new1.name": "Dozen"})
    assert 'name="line_ids.new1.quantity"' in answer.text and 'value="12"' in answer.text
    assert answer.text.count("line_ids.new2") == 0 and ">17<" in answer.text, "one new line, not two"
    assert read(db, paper, "line_count", "total") == {"id": paper, "line_count": 2, "total": 5}


@pytest.mark.both_dialects("locking")
def test_a_form_sent_by_eight_threads_at_once_is_carried_out_once(client, db, paper):
    page = client.get("/app/paperwork.document/new")
    data = dict(document(page).get_element_by_id("record").form_values()) | {"_do": "save", "name": "At once"}
    cookie = client.get_cookie("session_id").value

    def send(_number: int) -> tuple[int, str | None]:
        other = type(client)(client.application)
        other.set_cookie("session_id", cookie)
        answer = other.post(page.request.full_path, data=data)
        return answer.status_code, answer.headers.get("Location")

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(8)))
    assert len(answers) == 1 and answers.pop()[0] == 303
    with db.transaction() as env:
        assert env["paperwork.document"].search_count([("name", "=", "At once")]) == 1


def test_the_help_of_a_field_is_read_with_its_input_and_stands_behind_a_button(client, paper):
    page = document(client.get(url(paper)))
    helped = page.xpath("//input[contains(@aria-describedby, '-help-why')]")
    assert helped
    for box in helped:
        text = page.get_element_by_id(box.get("aria-describedby")).text_content()
        button = page.xpath(f"//button[@popovertarget='{box.get('aria-describedby')}']")
        assert text and len(button) == 1 and button[0].get("tabindex") is None
    new = document(client.get("/app/paperwork.document/new"))
    assert {button.get("tabindex") for button in new.xpath("//button[contains(@class, 'explain')]")} == {"-1"}


def test_the_help_of_settings_stands_below_the_fields(client):
    page = document(client.get("/app/res.config.settings/new"))
    assert not page.xpath("//div[@class='sheet']//button[contains(@class, 'explain')]")

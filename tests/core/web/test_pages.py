"""The pages on a real database, by an in-process client: what a browser without JavaScript would do."""

from __future__ import annotations

import datetime
import json
import re
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest

from core.testing.client import document, words

ADDONS = ["paperwork"]
ADDONS_PATH = [Path(__file__).parent / "addons"]


@pytest.fixture
def paper(db):
    """A document with two lines; gives its id."""
    with db.transaction(login="admin") as env:
        partner = env["res.partner"].create({"name": "Azure Interior", "city": "Fremont"})
        env["res.partner"].create([{"name": "Gemini One"}, {"name": "Gemini Two", "city": "Turin"}])
        env["paperwork.tag"].create([{"name": "Red"}, {"name": "Blue"}])
        lines = [(0, 0, {"name": "Leg", "quantity": 4}), (0, 0, {"name": "Seat", "quantity": 1})]
        return env["paperwork.document"].create({"name": "Chair", "partner_id": partner.id, "line_ids": lines}).id


def read(db, id_, *names):
    """Values of a document as the database has them now."""
    with db.transaction() as env:
        return env["paperwork.document"].browse(id_).read(list(names))[0]


def url(id_) -> str:
    return f"/app/paperwork.document/{id_}"


# -- forms


def test_a_form_shows_the_record(client, paper):
    page = client.get(url(paper))
    form = document(page).get_element_by_id("record")
    assert form.inputs["name"].value == "Chair"
    assert form.inputs["partner_id"].value == "Azure Interior"
    assert [words for words in form.xpath(".//ol[@id='status']/li/text()")] == ["Draft", "Sent", "Done"]
    assert "No lines yet" not in words(page)


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
    assert "“Gemini” fits several. Pick one." in words(page)
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
    answer = post_edit(client, client.get(url(paper)), "kind", kind="")
    assert re.search(r'<div hx-swap-oob="true" id="n\d+" hidden>', answer.text)


# -- buttons, questions, once


def test_a_button_saves_first_and_then_does_its_work(client, db, paper):
    page = client.submit(client.get(url(paper)), {"name": "Signed"}, button="Finish")
    assert read(db, paper, "name", "state") == {"id": paper, "name": "Signed", "state": "done"}
    assert "Finish" not in [button.text for button in document(page).xpath("//div[@class='record-buttons']//button")]


def test_the_same_form_sent_twice_does_the_work_once(client, db, paper):
    with db.transaction() as env:
        env["paperwork.document"].browse(paper).line_ids[:1].quantity = 3
    page = client.get(url(paper))
    key = document(page).xpath("//input[@name='line_ids']/@value")[0]
    first = client.submit(page, button=f"row:line_ids:{key}:action_twice", follow=False)
    second = client.submit(page, button=f"row:line_ids:{key}:action_twice", follow=False)
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert read(db, paper, "total")["total"] == 7


def test_a_new_record_sent_twice_is_made_once(client, db, paper):
    page = client.get("/app/paperwork.document/new")
    first = client.submit(page, {"name": "Once"}, button="save")
    second = client.submit(page, {"name": "Once"}, button="save")
    assert first.request.path == second.request.path
    with db.transaction() as env:
        assert env["paperwork.document"].search_count([("name", "=", "Once")]) == 1


def test_a_refused_form_can_be_sent_again(client, db, paper):
    page = client.get(url(paper))
    assert client.submit(page, button="Refuse").status_code == 422
    assert client.submit(page, {"name": "Second try"}, button="save").status_code == 200
    assert read(db, paper, "name")["name"] == "Second try"


def test_a_refusal_gives_the_form_back_and_saves_nothing(client, db, paper):
    page = client.submit(client.get(url(paper)), {"name": "Typed"}, button="Refuse")
    assert page.status_code == 422 and "The stamp is missing." in words(page)
    assert document(page).get_element_by_id("record").inputs["name"].value == "Typed"
    assert read(db, paper, "name")["name"] == "Chair"


def test_a_confirmation_is_asked_for(client, db, paper):
    page = client.submit(client.get(url(paper)), {"name": "Typed"}, button="Cancel It")
    assert "Really cancel?" in words(page)
    assert read(db, paper, "state")["state"] == "draft"
    stay = client.submit(page, button="stay")
    assert document(stay).get_element_by_id("record").inputs["name"].value == "Typed"
    client.submit(page, button="call:action_cancel")
    assert read(db, paper, "name", "state") == {"id": paper, "name": "Typed", "state": "cancel"}


def empty(db) -> int:
    with db.transaction(login="admin") as env:
        return env["paperwork.document"].create({"name": "Empty"}).id


def test_a_question_is_a_dialog_over_the_document(client, db, paper):
    page = client.submit(client.get(url(empty(db))), button="Finish")
    assert "/app/paperwork.question/" in page.request.path
    dialog = document(page).xpath("//dialog")[0]
    assert dialog.xpath(".//h2/text()") == ["Finish an Empty Document?"]
    assert document(page).xpath("//main[@inert]//h1")
    failed = client.submit(page, {"reason": ""}, button="Finish It")
    assert failed.status_code == 422 and document(failed).xpath("//dialog//p[@class='field-error']")
    done = client.submit(failed, {"reason": "a test"}, button="Finish It")
    assert "/app/paperwork.document/" in done.request.path
    assert "Empty (a test)" in words(done)
    assert not document(done).xpath("//dialog")


def test_a_question_also_works_as_a_page_of_its_own(client, db, paper):
    with db.transaction(login="admin") as env:
        question = env["paperwork.question"].create(
            {"document_id": env["paperwork.document"].create({"name": "Alone"}).id}
        )
        id_, target = question.id, question.document_id.id
    page = client.get(f"/app/paperwork.question/{id_}")
    assert page.status_code == 200
    client.submit(page, {"reason": "alone"}, button="Finish It")
    assert read(db, target, "state")["state"] == "done"


def test_a_smart_button_leads_to_the_list_of_its_records(client, paper):
    page = client.submit(client.get(url(paper)), button="call:action_lines")
    assert page.request.path == "/app/paperwork.line"
    assert "Leg" in words(page) and "Seat" in words(page)
    assert "Chair" in [crumb.text_content() for crumb in document(page).xpath("//nav[@class='crumbs']//a")]


def test_only_buttons_of_the_view_can_be_pressed(client, db, paper):
    page = client.get(url(paper))
    for name in ("action_hidden", "unlink", "_compute_total", "write", "nothing"):
        data = dict(document(page).get_element_by_id("record").form_values()) | {"_do": f"call:{name}"}
        assert client.post(url(paper), data=data).status_code in (404, 409)
    assert read(db, paper, "name")["name"] == "Chair"


def test_a_button_that_the_state_has_hidden_is_refused(client, db, paper):
    page = client.get(url(paper))
    with db.transaction() as env:
        env["paperwork.document"].browse(paper).state = "done"
    page = client.submit(page, button="Finish")
    assert page.status_code == 409
    assert "not possible any more" in words(page)


def test_an_unexpected_error_has_a_reference_and_changes_nothing(client, db, paper):
    page = client.submit(client.get(url(paper)), {"name": "Typed"}, button="Break")
    assert page.status_code == 500 and "Tell your administrator this reference" in words(page)
    assert "boom" not in page.text
    assert read(db, paper, "name")["name"] == "Chair"


# -- two people


def test_a_clash_shows_both_values_and_loses_neither(client, db, paper):
    page = client.get(url(paper))
    with db.transaction(login="admin") as env:
        env["paperwork.document"].browse(paper).write({"name": "Theirs", "city": "Their City"})
    clash = client.submit(page, {"name": "Mine"}, button="save")
    assert clash.status_code == 409
    assert "changed this to “Theirs” meanwhile" in words(clash)
    form = document(clash).get_element_by_id("record")
    assert (form.inputs["name"].value, form.inputs["city"].value) == ("Mine", "Their City")
    assert client.submit(clash, button="save").status_code == 200
    assert read(db, paper, "name", "city") == {"id": paper, "name": "Mine", "city": "Their City"}


def test_a_line_that_someone_removed_is_not_silently_lost(client, db, paper):
    page = client.get(url(paper))
    key = document(page).xpath("//input[@name='line_ids']/@value")[0]
    with db.transaction(login="admin") as env:
        env["paperwork.line"].browse(int(key)).unlink()
        env["paperwork.document"].browse(paper).name = "Shorter"
    clash = client.submit(page, {f"line_ids.{key}.quantity": "99", "city": "Kept"}, button="save")
    assert clash.status_code == 409 and "removed a line that you changed" in words(clash)


def test_a_button_on_an_old_page_asks_to_look_again(client, db, paper):
    page = client.get(url(paper))
    with db.transaction(login="admin") as env:
        env["paperwork.document"].browse(paper).city = "Elsewhere"
    again = client.submit(page, button="Finish")
    assert again.status_code == 409 and "changed this document after you opened it" in words(again)
    assert read(db, paper, "state")["state"] == "draft"
    client.submit(again, button="Finish")
    assert read(db, paper, "state")["state"] == "done"


# -- the menu beside the buttons


def test_duplicate_archive_restore_delete(client, db, paper):
    page = client.submit(client.get(url(paper)), button="duplicate")
    copy = int(page.request.path.rpartition("/")[2])
    assert copy != paper
    page = client.submit(page, button="archive")
    assert "Archived" in words(page) and read(db, copy, "active")["active"] is False
    page = client.submit(page, button="unarchive")
    assert read(db, copy, "active")["active"] is True
    page = client.submit(page, button="delete")
    assert "will be deleted for good" in words(page)
    page = client.submit(page, button="delete")
    assert "was deleted" in words(page)
    with db.transaction() as env:
        assert not env["paperwork.document"].browse(copy).exists()


def test_the_history_tells_who_changed_what(client, paper):
    page = client.submit(client.get(url(paper)), {"name": "Renamed"}, button="save")
    history = " ".join(document(page).xpath("//section[@class='history']")[0].text_content().split())
    assert "Administrator" in history and "Chair → Renamed" in history and "Created" in history


def test_a_file_is_uploaded_and_removed(client, db, paper):
    page = client.get(url(paper))
    data = dict(document(page).get_element_by_id("record").form_values()) | {
        "_do": "save",
        "file": (BytesIO(b"hello"), "a.txt"),
    }
    assert client.post(url(paper), data=data, content_type="multipart/form-data").status_code == 303
    with db.transaction() as env:
        assert env["paperwork.document"].browse(paper).file
    client.submit(client.get(url(paper)), {"file.clear": True}, button="save")
    with db.transaction() as env:
        assert not env["paperwork.document"].browse(paper).file


# -- lists


@pytest.fixture
def many(db, paper):
    """A hundred more documents."""
    with db.transaction(login="admin") as env:
        env["paperwork.document"].create(
            [
                {"name": f"Paper {number:03}", "kind": ("in", "out")[number % 2], "deadline": datetime.date(2026, 1 + number % 3, 5),
                 "weight": Decimal(number) / 4, "line_ids": [(0, 0, {"name": "x", "quantity": number})]}
                for number in range(100)
            ]
        )  # fmt: skip


def names(page) -> list[str]:
    return [row.text_content().strip() for row in document(page).xpath("//tr[@data-href]/td[2]")]


def test_pages_of_a_list(client, many):
    page = client.get("/app/paperwork.document?filter=-")
    assert len(names(page)) == 80 and "1–80 of 101" in words(page)
    second = client.get(document(page).xpath("//a[@aria-label='Next page']/@href")[0])
    assert len(names(second)) == 21 and "81–101 of 101" in words(second)
    assert names(client.get("/app/paperwork.document?filter=-&page=77")) == names(page)


def test_sorting(client, many):
    page = client.get("/app/paperwork.document?filter=-")
    link = next(a for a in document(page).xpath("//th/a") if a.text_content() == "Name")
    up = client.get(link.get("href"))
    assert names(up)[:2] == ["Chair", "Paper 000"]
    link = next(a for a in document(up).xpath("//th/a") if a.text_content().strip() == "Name")
    assert names(client.get(link.get("href")))[0] == "Paper 099"
    assert client.get("/app/paperwork.document?sort=tag_ids;drop desc").status_code == 200


def test_searching(client, many):
    assert names(client.get("/app/paperwork.document?q=paper+01")) == [f"Paper 01{n}" for n in range(9, -1, -1)]
    assert names(client.get("/app/paperwork.document?q=azure")) == ["Chair"]
    assert names(client.get("/app/paperwork.document?q=azure&in=name")) == []
    assert names(client.get("/app/paperwork.document?q=seat")) == ["Chair"], (
        "by a line, as the view's filter_domain says"
    )
    empty_page = client.get("/app/paperwork.document?q=nowhere")
    assert "Nothing matches this search" in words(empty_page)


def test_filters_of_one_block_are_alternatives(client, db, many):
    with db.transaction() as env:
        env["paperwork.document"].search([("name", "=", "Paper 007")]).state = "done"
    assert "100" in words(client.get("/app/paperwork.document")), "the action's filter"
    assert names(client.get("/app/paperwork.document?filter=done")) == ["Paper 007"]
    assert "101" in words(client.get("/app/paperwork.document?filter=open,done"))
    assert names(client.get("/app/paperwork.document?filter=open,done,late&q=007")) in (["Paper 007"], [])
    assert client.get("/app/paperwork.document?filter=nonsense").status_code == 200


def test_groups(client, many):
    page = client.get("/app/paperwork.document?filter=-&group=kind,deadline:month")
    groups = [
        " ".join(row.text_content().split()) for row in document(page).xpath("//tr[starts-with(@class, 'group')]/th")
    ]
    assert groups == ["Incoming 51", "Outgoing 50"]
    opened = client.get(document(page).xpath("//tr[starts-with(@class, 'group')]/th/a/@href")[1])
    inner = client.get(document(opened).xpath("//tr[contains(@class, 'depth-1')]/th/a/@href")[0])
    assert "January 2026" in words(inner)
    assert all(int(name[-3:]) % 2 == 1 for name in names(inner)) and names(inner)


def test_numbers_of_a_column_have_the_same_decimals(client, many):
    page = client.get("/app/paperwork.document?q=paper+00")
    weights = [cell.text_content().strip() for cell in document(page).xpath("//tr[@data-href]/td[8]")]
    assert weights[:3] == ["2.25", "2.00", "1.75"]


def test_several_records_at_once(client, db, many):
    page = client.get("/app/paperwork.document?q=paper+00")
    ids = document(page).xpath("//input[@name='ids']/@value")
    assert "Choose some records first." in words(client.submit(page, button="Cancel All"))
    client.submit(page, {"ids": ids[:3]}, button="Cancel All")
    with db.transaction() as env:
        assert env["paperwork.document"].search_count([("state", "=", "cancel")]) == 3
    asked = client.submit(page, {"ids": ids[:2]}, button="delete")
    assert "2 records will be deleted for good." in words(asked)
    client.submit(asked, button="delete")
    with db.transaction() as env:
        assert env["paperwork.document"].search_count([]) == 99


def test_export(client, db, many):
    with db.transaction(login="admin") as env:
        env["paperwork.document"].create({"name": "=HYPERLINK(1)", "deadline": datetime.date(2026, 5, 6)})
    answer = client.get("/app/paperwork.document/export.csv?q=hyper")
    lines = answer.text.lstrip("\ufeff").splitlines()
    assert lines[0].startswith("Name,Customer,Deadline")
    assert lines[1].startswith("'=HYPERLINK(1),,2026-05-06")
    page = client.get("/app/paperwork.document?q=paper+00")
    ids = document(page).xpath("//input[@name='ids']/@value")
    assert len(client.submit(page, {"ids": ids[:3]}, button="export").text.splitlines()) == 4


def test_cards(client, many):
    page = client.get("/app/paperwork.document?view=kanban&q=azure")
    [card] = document(page).xpath("//a[@class='card']")
    assert " ".join(card.text_content().split()) == "Chairof Azure Interior"


def test_an_empty_list_says_what_the_action_says(client):
    assert "No paper yet" in words(client.get("/app/paperwork.document"))


def test_completion(client, paper):
    assert "Gemini Two" in client.get("/app/complete/res.partner?q=gemini").text
    assert "Create “Acme”" in client.get("/app/complete/res.partner?q=Acme&create=1").text
    assert "Create" not in client.get("/app/complete/paperwork.line?q=Acme&create=1").text, (
        "a line needs more than a name"
    )
    tampered = client.get('/app/complete/res.partner?q=&domain=[["id","=",0]]&sign=wrong')
    assert "Azure" in tampered.text


# -- rights


@pytest.fixture
def clerkless(anonymous, db, paper):
    """A client of a user who may only read."""
    with db.transaction() as env:
        env["res.users"].create({"name": "Rita Reader", "login": "rita", "password": "rita-rita"})
    anonymous.sign_in("rita", "rita-rita")
    return anonymous


def test_who_may_only_read_gets_no_inputs_and_no_way_in(clerkless, db, paper):
    page = clerkless.get(url(paper))
    assert page.status_code == 200
    assert not document(page).xpath("//input[@name='name']")
    assert "Save" not in [button.text_content() for button in document(page).xpath("//button")]
    assert clerkless.get("/app/paperwork.document/new").status_code == 403
    data = dict(document(page).get_element_by_id("record").form_values())
    for verb in ("save", "delete", "archive", "duplicate", "call:action_cancel"):
        answer = clerkless.post(
            url(paper),
            data=data | {"_do": verb, "_confirmed": verb, "_base": json.dumps({"name": "x"}), "name": "Hacked"},
        )
        assert answer.status_code in (200, 303, 403, 409)
    assert read(db, paper, "name", "state", "active") == {
        "id": paper,
        "name": "Chair",
        "state": "draft",
        "active": True,
    }


def test_groups_hide_fields_buttons_and_menus(clerkless, paper):
    mine = words(clerkless.get(url(paper)))
    assert "For Admins" not in mine and "Secret" not in mine
    assert "Secret" not in clerkless.get("/app/paperwork.document/export.csv").text


def test_an_admin_sees_them(client, paper):
    page = words(client.get(url(paper)))
    assert "For Admins" in page and "Secret" in page


# -- sessions and safety


def test_whoever_is_not_signed_in_is_asked_to(anonymous, paper):
    answer = anonymous.get(url(paper))
    assert answer.status_code == 303 and answer.headers["Location"] == f"/login?next={url(paper)}"
    page = anonymous.get(answer.headers["Location"])
    page = anonymous.submit(page, {"login": "admin", "password": "wrong"})
    assert page.status_code == 401 and "Wrong login or password." in words(page)
    page = anonymous.submit(page, {"login": "admin", "password": "admin"})
    assert page.request.path == url(paper)


def test_no_redirect_leads_to_another_site(anonymous):
    for target in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        page = anonymous.get("/login", query_string={"next": target})
        assert document(page).forms[0].fields["next"] == "/app"


def test_signing_out_ends_the_session(client, paper):
    cookie = client.get_cookie("session_id").value
    client.submit(client.get(url(paper)), button="Sign out")
    client.set_cookie("session_id", cookie)
    assert client.get(url(paper)).status_code == 303


def test_a_new_password_ends_all_sessions(client, db, paper):
    with db.transaction() as env:
        env["res.users"].search([("login", "=", "admin")]).password = "something-else"
    assert client.get(url(paper)).status_code == 303


@pytest.mark.parametrize("token", [None, "", "0" * 32 + ".abc", "x"])
def test_a_form_without_its_token_is_refused(client, db, paper, token):
    data = dict(document(client.get(url(paper))).get_element_by_id("record").form_values()) | {
        "_do": "save",
        "name": "Forged",
    }
    data.pop("_csrf")
    if token is not None:
        data["_csrf"] = token
    assert client.post(url(paper), data=data).status_code == 400
    assert read(db, paper, "name")["name"] == "Chair"


def test_a_form_from_another_site_is_refused(client, paper):
    data = dict(document(client.get(url(paper))).get_element_by_id("record").form_values()) | {"_do": "save"}
    for header in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post(url(paper), data=data, headers=header).status_code == 400


def test_every_answer_carries_the_safety_headers(client, paper):
    for path in (url(paper), "/login", "/nowhere", "/health/live", "/static/web/stillage.css"):
        headers = client.get(path).headers
        assert (
            "script-src 'self'" in headers["Content-Security-Policy"]
            and "unsafe" not in headers["Content-Security-Policy"]
        )
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
    cookie = client.get_cookie("session_id")
    assert cookie.http_only and cookie.same_site == "Lax"
    page = client.get(url(paper)).text
    assert not re.search(r"<script(?![^>]*src)|\sstyle=|\son\w+=", page), "no inline script or style"


def test_what_is_stored_cannot_become_markup(client, db, paper):
    nasty = '"><script>alert(1)</script>'
    with db.transaction() as env:
        env["res.partner"].search([("name", "=", "Azure Interior")]).name = nasty
        env["paperwork.document"].browse(paper).write(
            {"name": nasty[:40], "note": "<p onclick='x'>fine</p><script>bad()</script>", "state": "done"}
        )
    for path in (
        url(paper),
        "/app/paperwork.document?filter=-",
        "/app/paperwork.document?view=kanban&filter=-",
        "/app/complete/res.partner?q=",
    ):
        assert "<script>alert" not in client.get(path).text
    assert client.get(f"/app/paperwork.document?q={nasty}").text.count("<script>alert") == 0


# -- addons


def test_an_addon_replaces_templates_and_adds_routes_variables_and_files(client, db, paper):
    assert "Welcome to the paper mill" in words(client.get("/app?all"))
    assert "Printed on recycled paper" in words(client.get(url(paper)))
    assert "Printed" not in words(client.get("/app/res.partner/1"))
    assert client.get("/paperwork/ping/Ada").text == "Ada meets admin"
    assert client.post("/paperwork/ping/Ada").status_code == 400, "a POST needs a token"
    assert client.get("/static/paperwork/paper.css").text == "body{}\n"
    for path in ("/static/paperwork/../hooks.py", "/static/web/..%2fapp.py", "/static/nobody/x.css", "/static/web/"):
        assert client.get(path).status_code == 404


def test_an_extra_button_depends_on_data(client, db, paper):
    assert "Shred" not in words(client.get(url(paper)))
    with db.transaction() as env:
        env["paperwork.document"].browse(paper).name = "Shreddable"
    client.submit(client.get(url(paper)), button="Shred")
    assert read(db, paper, "state")["state"] == "draft", "the view's own button of that name asks first"


def test_an_extension_without_its_anchor_is_left_out(client, db, paper, caplog):
    with db.transaction() as env:
        base = env.ref("paperwork.document_form")
        env["ir.ui.view"].create(
            [
                {
                    "name": "lost",
                    "inherit_id": base.id,
                    "arch": '<field name="nowhere" position="after"><field name="city"/></field>',
                },
                {
                    "name": "found",
                    "inherit_id": base.id,
                    "arch": '<field name="name" position="attributes"><attribute name="placeholder">Title</attribute></field>',
                },
            ]
        )
    page = client.get(url(paper))
    assert page.status_code == 200
    assert document(page).get_element_by_id("record").inputs["name"].get("placeholder") == "Title"
    assert "view lost extends paperwork.document_form: its anchor field[@name='nowhere'] is not there" in caplog.text


def test_health(anonymous):
    assert anonymous.get("/health/live").json == {"status": "live"}
    assert anonymous.get("/health/ready").json["status"] == "ready"


def test_a_form_page_is_small_on_the_wire(client, paper):
    headers = {"Accept-Encoding": "gzip"}
    page = client.get(url(paper), headers=headers)
    parts = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get(url(paper)).text)
    total = len(page.data) + sum(len(client.get(part, headers=headers).data) for part in set(parts))
    assert total < 60_000, f"{total} bytes"


# -- lists edited in place


@pytest.fixture
def editable(db, paper):
    """A second list of lines, edited in place."""
    arch = """<list editable="bottom"><header><button name="action_twice" type="object" string="Twice All"/></header>
        <field name="name"/><field name="quantity"/><field name="double"/><field name="origin" optional="hide"/>
        <button name="action_twice" type="object" string="Twice"/></list>"""
    with db.transaction() as env:
        env["ir.ui.view"].create({"name": "lines", "model": "paperwork.line", "type": "list", "arch": arch})
        return env["paperwork.document"].browse(paper).line_ids.ids


def test_rows_of_an_editable_list_are_saved(client, db, paper, editable):
    leg, seat = editable
    page = client.get("/app/paperwork.line")
    bad = client.submit(page, {f"rows.{leg}.quantity": "some", f"rows.{seat}.name": "Kept"}, button="save")
    assert bad.status_code == 422 and "“some” is not a number" in words(bad)
    client.submit(bad, {f"rows.{leg}.quantity": "9"}, button="save")
    with db.transaction() as env:
        assert [(line.name, line.quantity) for line in env["paperwork.line"].browse(editable)] == [("Leg", 9), ("Kept", 1)]


def test_buttons_of_an_editable_list_save_first(client, db, paper, editable):
    leg, seat = editable
    page = client.get("/app/paperwork.line")
    client.submit(page, {f"rows.{leg}.quantity": "10"}, button=f"row:rows:{leg}:action_twice")
    page = client.get("/app/paperwork.line")
    client.submit(page, {"ids": [str(seat)]}, button="Twice All")
    with db.transaction() as env:
        assert env["paperwork.line"].browse(editable).mapped("quantity") == [20, 2]


def test_a_row_is_added_and_removed(client, db, paper, editable):
    page = client.submit(client.get("/app/paperwork.line"), button="add:rows")
    page = client.submit(page, {"rows.new1.name": "Arm"}, button=f"remove:rows:{editable[0]}")
    page = client.submit(page, button="save")
    assert "document" in words(page).lower(), "a line needs its document, which this list does not show"


def test_optional_columns_are_shown_on_request(client, db, paper, editable):
    assert "Origin" not in [cell.text_content() for cell in document(client.get("/app/paperwork.line")).xpath("//th")]
    headings = [cell.text_content() for cell in document(client.get("/app/paperwork.line?cols=origin")).xpath("//th")]
    assert "Origin" in headings

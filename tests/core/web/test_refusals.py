"""Where a refusal is told: at the field, and in a table at the cell of the line that is at fault."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from core.testing.client import document, words
from tests.core.web.paper import PAPERWORK, read, url

pytestmark = PAPERWORK


def rows(page) -> list[str]:
    """The keys of the lines on the page."""
    return [key for key in document(page).xpath("//input[@name='line_ids']/@value") if key]


def marked(page) -> dict[str, str]:
    """What is told at the inputs that are marked as wrong, by their name."""
    form = document(page)
    found = {}
    for box in form.xpath("//*[@aria-invalid='true']"):
        found[box.get("name")] = form.get_element_by_id(box.get("aria-describedby")).text_content()
    return found


def summary(page) -> str:
    """What the top of the form says."""
    return " ".join(document(page).get_element_by_id("problems").text_content().split())


def test_a_constraint_of_a_line_is_told_at_its_cell(client, db, paper):
    page = client.get(url(paper))
    second = rows(page)[1]
    page = client.submit(page, {f"line_ids.{second}.quantity": "-3"}, button="save")
    assert page.status_code == 422
    assert marked(page) == {f"line_ids.{second}.quantity": "Seat: less than nothing."}
    assert "Lines, line 2, Quantity: Seat: less than nothing." in summary(page)
    assert document(page).get_element_by_id("record").inputs[f"line_ids.{second}.quantity"].value == "-3"
    assert read(db, paper, "total")["total"] == 5


def test_of_new_lines_the_faulty_one_is_marked(client, paper):
    page = client.submit(client.get(url(paper)), button="add:line_ids")
    page = client.submit(page, {"line_ids.new1.name": "Back"}, button="add:line_ids")
    page = client.submit(page, {"line_ids.new2.name": "Arm", "line_ids.new2.quantity": "-1"}, button="save")
    assert marked(page) == {"line_ids.new2.quantity": "Arm: less than nothing."}


def test_every_faulty_line_of_a_new_document_is_told_at_once(client):
    page = client.get("/app/paperwork.document/new")
    for _ in range(3):
        page = client.submit(page, button="add:line_ids")
    typed = {"name": "Bench"}
    for key, name, quantity in (("new1", "Leg", "-1"), ("new2", "Seat", "1"), ("new3", "Nothing", "2")):
        typed |= {f"line_ids.{key}.name": name, f"line_ids.{key}.quantity": quantity}
    page = client.submit(page, typed, button="save")
    assert marked(page) == {
        "line_ids.new1.quantity": "Leg: less than nothing.",
        "line_ids.new3.name": "Nothing is no name.",
    }, "and the name of the document is not what is wrong"


def test_a_line_that_lacks_something_is_marked_where_it_lacks_it(client, paper):
    page = client.submit(client.get(url(paper)), button="add:line_ids")
    page = client.submit(page, {"line_ids.new1.quantity": "2"}, button="save")
    assert marked(page) == {"line_ids.new1.name": "Please fill this in."}


def test_what_no_column_shows_is_told_at_the_table_with_the_number_of_the_line(client, paper):
    page = client.get(url(paper))
    first, second = rows(page)
    page = client.submit(page, button=f"remove:line_ids:{first}")
    page = client.submit(page, button="add:line_ids")
    data = dict(document(page).get_element_by_id("record").form_values())
    data |= {"line_ids.new1.name": "Back", "line_ids.new1.origin": "nowhere", "_do": "save"}
    data |= {"line_ids": [second, "new1"], "line_ids.gone": [first]}
    page = client.post(url(paper), data=data)
    assert page.status_code == 422 and not marked(page)
    told = document(page).xpath("//div[contains(@class, 'lines-box')]/p[@class='field-error']/text()")
    assert told == ["Line 2: Everything is from somewhere."]
    assert "Lines: Line 2: Everything is from somewhere." in summary(page)


def test_a_button_that_a_line_stands_in_the_way_of_marks_the_line(client, paper):
    page = client.get(url(paper))
    page = client.submit(page, button="Take")
    assert page.status_code == 422 and "Could not take Chair." in summary(page)
    assert marked(page) == {f"line_ids.{rows(page)[1]}.quantity": "Seat: less than nothing."}


def test_a_row_of_an_editable_list_is_marked_as_well(client, editable):
    first, second = editable
    page = client.get("/app/paperwork.line")
    page = client.submit(page, {f"rows.{second}.quantity": "-1"}, button="save")
    assert page.status_code == 422
    assert list(marked(page)) == [f"rows.{second}.quantity"]
    assert "less than nothing" in words(page)
    page = client.submit(page, {f"rows.{first}.name": "Nothing", f"rows.{second}.quantity": "1"}, button="save")
    assert marked(page) == {f"rows.{first}.name": "Nothing is no name."}
    page = client.submit(page, {f"rows.{first}.name": "Foot"}, button="save")
    assert "Saved." in words(page) and not marked(page)


def test_what_the_database_refuses_is_told_at_the_only_line_that_was_changed(client, paper):
    page = client.get(url(paper))
    first, second = rows(page)
    page = client.submit(page, {f"line_ids.{second}.name": "Leg"}, button="save")
    assert marked(page) == {f"line_ids.{second}.name": "The document has a line of that name already."}
    page = client.submit(page, {f"line_ids.{first}.name": "Seat"}, button="save")
    assert not marked(page), "either of the two may be meant, and the name of the document is not"
    assert "The document has a line of that name already." in summary(page)


def test_amounts_of_a_form_that_comes_back_are_those_of_what_was_typed(client, paper):
    page = client.get(url(paper))
    first, _second = rows(page)
    typed = {f"line_ids.{first}.quantity": "50", "weight": "heavy"}
    page = client.submit(page, typed, button="save")
    assert page.status_code == 422
    assert document(page).get_element_by_id(f"f-line_ids-{first}-double").text_content() == "100"
    assert document(page).get_element_by_id("f-total").text_content() == "51"
    again = client.submit(page, {"weight": "-1"}, button="Finish")
    assert marked(again)["weight"] == "Nothing weighs less than nothing."
    assert document(again).get_element_by_id("f-total").text_content() == "51"
    added = client.submit(page, button="add:line_ids")
    assert document(added).get_element_by_id(f"f-line_ids-{first}-double").text_content() == "100"


def test_a_refusal_says_what_could_not_be_done_and_links_to_the_way_out(client, db, paper):
    page = client.submit(client.get(url(paper)), button="Refuse")
    assert "Could not refuse Chair." in summary(page) and "The stamp is missing." in summary(page)
    with db.transaction() as env:
        partner = env["paperwork.document"].browse(paper).partner_id.id
    assert document(page).xpath("//*[@id='problems']//a/@href") == [f"/app/res.partner/{partner}?tab=stamps"]


def test_a_new_document_that_is_refused_is_named_by_its_kind(client, db):
    page = client.submit(client.get("/app/paperwork.document/new"), {"name": "Fresh"}, button="Refuse")
    assert "Could not refuse the new document." in summary(page)


CUT_SHORT = "The page had not arrived completely when you pressed the button."


@pytest.mark.parametrize("button", ["save", "call:action_done", "delete"])
def test_a_page_that_is_sent_before_it_has_arrived_completely_changes_nothing(client, db, paper, button):
    """On a slow line a button at the top can be pressed while the fields below it are still on their way."""
    before = read(db, paper, "name", "state", "partner_id", "total", "line_ids")
    [*sent] = document(client.get(url(paper))).get_element_by_id("record").form_values()
    for arrived in range(5, len(sent)):
        answer = client.post(url(paper), data=MultiDict([*sent[:arrived], ("_do", button)]))
        assert answer.status_code == 409 and CUT_SHORT in summary(answer)
        assert document(answer).get_element_by_id("record").inputs["name"].value == "Chair"
    assert read(db, paper, "name", "state", "partner_id", "total", "line_ids") == before


def test_what_was_typed_into_a_page_that_had_not_arrived_completely_is_kept(client, paper):
    page = client.get(url(paper))
    [*sent] = document(page).get_element_by_id("record").form_values()
    typed = [(name, "Bench" if name == "name" else value) for name, value in sent]
    arrived = typed[: [name for name, _value in typed].index("name") + 1]
    answer = client.post(url(paper), data=MultiDict([*arrived, ("_do", "save")]))
    assert document(answer).get_element_by_id("record").inputs["name"].value == "Bench"
    assert len(rows(answer)) == 2, "and the lines that had not come yet stand where they stood"
    assert "Bench" in words(client.submit(answer, button="save"))


def test_an_editable_list_that_is_sent_before_it_has_arrived_completely_changes_nothing(client, db, editable):
    page = client.get("/app/paperwork.line")
    [*sent] = document(page).get_element_by_id("list").form_values()
    for arrived in range(5, len(sent)):
        answer = client.post("/app/paperwork.line", data=MultiDict([*sent[:arrived], ("_do", "save")]))
        assert answer.status_code == 409 and CUT_SHORT in summary(answer)
    with db.transaction() as env:
        assert [(line.name, line.quantity) for line in env["paperwork.line"].browse(editable)] == [
            ("Leg", 4),
            ("Seat", 1),
        ]

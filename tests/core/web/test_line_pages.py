"""A document with many lines shows a page of them; all of them count, and what was typed on any page is saved."""

from __future__ import annotations

import re

import pytest

from core.testing.client import document, words
from core.web.forms import lines
from tests.core.web.paper import PAPERWORK, url

pytestmark = PAPERWORK


@pytest.fixture
def long(db, monkeypatch):
    """A document of 25 lines of quantity 1 to 25, of which ten are drawn at once; the ids of document and lines."""
    monkeypatch.setattr(lines, "PAGE", 10)
    with db.transaction(login="admin") as env:
        rows = [(0, 0, {"name": f"Part {i}", "quantity": i}) for i in range(1, 26)]
        record = env["paperwork.document"].create({"name": "Long", "line_ids": rows})
        return record.id, record.line_ids.ids


def names(page):
    """The names of the lines that are drawn with inputs."""
    return [
        element.get("value")
        for element in document(page).xpath("//table[contains(@class, 'lines')]//input")
        if re.fullmatch(r"line_ids\.\w+\.name", element.get("name") or "")
    ]


def parts(first, last):
    """The names of lines."""
    return [f"Part {i}" for i in range(first, last + 1)]


def quantities(db, id_):
    """The quantities of the lines, as they are stored."""
    with db.transaction() as env:
        return [int(line.quantity) for line in env["paperwork.document"].browse(id_).line_ids]


def turn(client, page, number, values=None):
    """The form with another page of its lines, after typing."""
    return client.submit(page, values, button=f"page:line_ids:{number}")


def total(page):
    """What stands under the column of quantities."""
    return document(page).get_element_by_id("totals-line_ids").text_content().strip()


def test_a_page_of_lines_is_drawn_and_the_sum_is_of_all(client, long):
    page = client.get(url(long[0]))
    assert names(page) == parts(1, 10)
    assert total(page) == "325" and "1–10 of 25" in words(page)
    page = turn(client, page, 3)
    assert names(page) == parts(21, 25) and "21–25 of 25" in words(page)
    assert total(page) == "325"
    assert not document(page).xpath("//form[@data-dirty]"), "turning changes nothing"
    assert names(client.get(url(long[0]) + "?_page.line_ids=2")) == parts(11, 20)
    assert names(client.get(url(long[0]) + "?_page.line_ids=99")) == parts(21, 25)
    assert client.get(url(long[0]) + "?_page.line_ids=x").status_code == 400


def test_few_lines_have_no_pages(client, paper):
    page = client.get(url(paper))
    assert len(names(page)) == 2 and "_page.line_ids" not in page.text


def test_what_was_typed_on_each_page_is_saved_and_nothing_else_is_written(client, db, long):
    id_, ids = long
    page = client.get(url(id_))
    page = turn(client, page, 2, {f"line_ids.{ids[0]}.quantity": "101", f"line_ids.{ids[1]}.name": "Renamed"})
    assert names(page) == parts(11, 20) and total(page) == "425"
    page = turn(client, page, 3, {f"line_ids.{ids[10]}.quantity": "111"})
    assert names(page) == parts(21, 25) and total(page) == "525"
    page = turn(client, page, 1)
    assert names(page) == ["Part 1", "Renamed", *parts(3, 10)], "what was typed is there when the page comes back"
    page = turn(client, page, 3)
    with db.transaction() as env:
        env.execute("UPDATE paperwork_line SET origin = 'elsewhere'")
    page = client.submit(page, {f"line_ids.{ids[24]}.quantity": "125"}, button="save")
    assert "Saved." in words(page) and names(page) == parts(21, 25), "the form stays on its page"
    assert quantities(db, id_) == [101, *range(2, 11), 111, *range(12, 25), 125]
    with db.transaction() as env:
        assert env["paperwork.line"].browse(ids[1]).name == "Renamed"
        assert set(env["paperwork.line"].browse(ids).mapped("origin")) == {"elsewhere"}


def test_lines_are_added_and_removed_on_any_page(client, db, long):
    id_, ids = long
    page = turn(client, client.get(url(id_)), 2)
    page = client.submit(page, button=f"remove:line_ids:{ids[11]}")
    page = client.submit(page, button="add:line_ids")
    page = turn(client, page, 3, {"line_ids.new1.name": "Added", "line_ids.new1.quantity": "7"})
    assert names(page) == [*parts(21, 25), "Added"] and total(page) == "320"
    page = client.submit(page, button=f"remove:line_ids:{ids[20]}")
    page = client.submit(page, button="save")
    assert "Saved." in words(page)
    assert sorted(quantities(db, id_)) == sorted([7, *(i for i in range(1, 26) if i not in (12, 21))])


def test_a_form_has_no_more_inputs_than_a_page_of_lines(client, long, monkeypatch):
    few = client.get(url(long[0])).text.count("<input")
    monkeypatch.setattr(lines, "PAGE", 100)
    assert client.get(url(long[0])).text.count("<input") > few + 2 * 15 - 1


def test_a_refused_line_on_another_page_is_turned_to(client, db, long):
    id_, ids = long
    page = turn(client, client.get(url(id_)), 3)
    page = turn(client, turn(client, page, 1), 3, {f"line_ids.{ids[1]}.name": "Part 1"})
    page = client.submit(page, {f"line_ids.{ids[24]}.quantity": "99"}, button="save")
    assert page.status_code == 422
    page = turn(client, turn(client, page, 1), 3, {f"line_ids.{ids[1]}.name": "Part 2"})
    page = turn(client, turn(client, page, 1), 3, {f"line_ids.{ids[2]}.quantity": "many"})
    assert names(page) == parts(1, 10) and "Lines, line 3, Quantity" in words(page), "it is corrected first"
    page = turn(client, page, 3, {f"line_ids.{ids[2]}.quantity": "3"})
    assert names(page) == parts(21, 25)
    page = client.submit(page, button="Take")
    assert page.status_code == 422 and "line 25" in words(page).lower()
    assert quantities(db, id_) == list(range(1, 26))


def test_a_refusal_of_a_stored_line_turns_to_its_page(client, db, long):
    page = client.submit(client.get(url(long[0])), button="Take")
    assert page.status_code == 422
    assert names(page) == parts(21, 25)


def test_changed_lines_of_other_pages_can_clash(client, db, long):
    id_, ids = long
    page = turn(client, client.get(url(id_)), 2, {f"line_ids.{ids[0]}.quantity": "50"})
    with db.transaction(login="admin") as env:
        env["paperwork.document"].browse(id_).write({"line_ids": [(1, ids[0], {"quantity": 60})], "note": "x"})
    page = client.submit(page, button="save")
    assert page.status_code == 409 and names(page) == parts(1, 10)
    assert "changed this to “60”" in words(page)
    assert quantities(db, id_)[0] == 60


def test_an_edit_answers_for_its_line_and_the_sums(client, long):
    id_, ids = long
    page = turn(client, client.get(url(id_)), 2)
    data = dict(document(page).get_element_by_id("record").form_values())
    data |= {"_do": "onchange", "_edited": f"line_ids.{ids[10]}.quantity", f"line_ids.{ids[10]}.quantity": "1011"}
    answer = client.post(url(id_), data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "1,325" in answer.text
    assert "2,022" in answer.text, "the doubled quantity of the line"


def test_an_edit_of_the_document_answers_with_the_lines_that_it_changes(db, long):
    """Of lines on other pages only these come with their values; of a line's own edit they come by their ids."""
    id_, ids = long
    with db.transaction(login="admin") as env:
        record = env["paperwork.document"].browse(id_)
        lines = {"fields": {"quantity": {}, "double": {}}, "only": ids[:10]}
        commands = [(1, ids[20], {"quantity": 0})]
        answer = record.onchange({"line_ids": commands}, ["line_ids"], {"line_ids": lines, "total": {}})["value"]
        assert int(answer["total"]) == 325 - 21 and "line_ids" not in answer
        spec = {"line_ids": lines | {"changed": True}, "total": {}}
        answer = record.onchange({"line_ids": commands}, ["line_ids"], spec)["value"]
        assert [len(line) for line in answer["line_ids"]] == [4] * 10 + [2] * 10 + [4] + [2] * 4
        assert answer["line_ids"][20]["double"] == 0

"""List pages: order, search, groups, several records at once, editing in place; and completion of names."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from core.testing.client import document, words
from tests.core.web.paper import PAPERWORK

pytestmark = PAPERWORK


# -- lists


@pytest.fixture
def many(db, paper):
    """A hundred more documents."""
    with db.transaction(login="admin") as env:
        env["paperwork.document"].create(
            [
                {
                    "name": f"Paper {number:03}",
                    "kind": ("in", "out")[number % 2],
                    "deadline": datetime.date(2026, 1 + number % 3, 5),
                    "weight": Decimal(number) / 4,
                    "line_ids": [(0, 0, {"name": "x", "quantity": number})],
                }
                for number in range(100)
            ]
        )


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
    assert names(client.get("/app/paperwork.document?filter=open,done,late&q=007")) == ["Paper 007"]
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


def test_groups_of_states_are_in_the_order_of_the_steps(client, db, many):
    with db.transaction() as env:
        for state in ("cancel", "done"):
            env["paperwork.document"].search([("state", "=", "draft")], limit=1).state = state
    page = client.get("/app/paperwork.document?filter=-&group=state")
    rows = document(page).xpath("//tr[starts-with(@class, 'group')]/th")
    assert [row.text_content().split()[0] for row in rows] == ["Draft", "Done", "Cancelled"]


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
    asked = client.submit(page, {"ids": ids[2:3]}, button="delete")
    assert "1 record will be deleted for good." in words(asked)
    assert "1 record deleted." in words(client.submit(asked, button="delete"))


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


def test_completion(client, db, paper):
    assert "Gemini Two" in client.get("/app/complete/res.partner?q=gemini").text
    with db.transaction() as env:
        env["res.partner"].create([{"name": "Acme Holding"}, {"name": "Acme"}])
    found = client.get("/app/complete/res.partner?q=acme").text
    assert found.index('data-label="Acme"') < found.index('data-label="Acme Holding"'), "what is called just that"
    assert 'Create "Acmes"' in client.get("/app/complete/res.partner?q=Acmes&create=1").text
    assert "Create" not in client.get("/app/complete/paperwork.line?q=Acme&create=1").text, (
        "a line needs more than a name"
    )
    tampered = client.get('/app/complete/res.partner?q=&given=[[["id","=",0]],{}]&sign=wrong')
    assert "Azure" in tampered.text


# -- lists edited in place


def test_rows_of_an_editable_list_are_saved(client, db, paper, editable):
    leg, seat = editable
    page = client.get("/app/paperwork.line")
    bad = client.submit(page, {f"rows.{leg}.quantity": "some", f"rows.{seat}.name": "Kept"}, button="save")
    assert bad.status_code == 422 and "“some” is not a number" in words(bad)
    client.submit(bad, {f"rows.{leg}.quantity": "9"}, button="save")
    with db.transaction() as env:
        lines = env["paperwork.line"].browse(editable)
        assert [(line.name, line.quantity) for line in lines] == [("Leg", 9), ("Kept", 1)]


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

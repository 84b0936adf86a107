"""Layouts: columns, order, width, grouping and sorting of a list; saved, shared, and what the list opens with."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from core.exceptions import AccessError
from core.testing.client import Client, document, open_session, words
from tests.core.web.paper import PAPERWORK
from tests.core.web.test_filters import inputs, menu

pytestmark = PAPERWORK
LIST = "/app/paperwork.document"


@pytest.fixture
def papers(db, paper):
    """Two more documents."""
    with db.transaction(login="admin") as env:
        env["paperwork.document"].create(
            [{"name": "Letter", "kind": "out", "weight": 3}, {"name": "Bill", "kind": "in", "weight": 8}]
        )


def headings(page) -> list[str]:
    return [
        cell.text_content().strip() for cell in document(page).xpath("//thead//th[not(contains(@class, 'choose'))]")
    ]


def names(page, column) -> list[str]:
    return [
        cell.text_content().strip() for cell in document(page).xpath(f"//tr[@data-href]/td[@data-label='{column}']")
    ]


def shown(page) -> list[str]:
    """The columns ticked in the form."""
    return document(page).xpath("//input[@name='show'][@checked]/@value")


def sent(page) -> list[tuple[str, str]]:
    """What the form would send, in its order."""
    pairs = [pair for pair in inputs(page) if pair[0] not in ("col", "show")]
    pairs += [("col", name) for name in document(page).xpath("//input[@name='col']/@value")]
    return pairs + [("show", name) for name in shown(page)]


def pressed(client, page, verb, show=None, **typed):
    """The page that a button of the form leads to, in a browser without scripts."""
    pairs = [pair for pair in sent(page) if pair[0] not in typed and not (show is not None and pair[0] == "show")]
    pairs += list(typed.items())
    pairs += [("show", name) for name in show or ()]
    data = {}
    for key, value in [*pairs, ("_do", verb)]:
        data.setdefault(key, []).append(value)
    answer = client.post(document(page).xpath("//form[@id='builder']/@action")[0], data=data)
    return client.get(answer.headers["Location"]) if answer.status_code == 303 else answer


def opened(client):
    """The page of the layout, through the menu of the list."""
    page = client.get(f"{LIST}?filter=-")
    return client.get(document(page).xpath("//a[text()='Columns, Order, Width…']/@href")[0])


def save(client, page, name, show, **more):
    """Press Save Layout."""
    return pressed(client, page, "save", show=show, name=name, **more)


def test_columns_come_in_the_order_and_width_chosen(client, papers):
    page = opened(client)
    page = pressed(client, page, "add:", add="weight")
    listed = pressed(client, page, "apply", show=["weight", "name", "state"], **{"width.name": "14"})
    order = [
        name for name in document(page).xpath("//input[@name='col']/@value") if name in ("weight", "name", "state")
    ]
    assert [heading.lower() for heading in headings(listed)] == order
    assert "width-14" in document(listed).xpath("string(//td[@data-label='Name']/@class)")
    assert names(listed, "Name") == ["Bill", "Letter", "Chair"]


def test_a_button_moves_a_column_up_and_down(client, papers):
    page = opened(client)
    before = document(page).xpath("//input[@name='col']/@value")
    page = pressed(client, page, f"down:{before[0]}")
    assert document(page).xpath("//input[@name='col']/@value")[:2] == [before[1], before[0]]
    page = pressed(client, page, f"up:{before[0]}")
    assert document(page).xpath("//input[@name='col']/@value") == before


def test_a_layout_is_grouped_and_sorted(client, papers):
    listed = pressed(client, opened(client), "apply", show=["name"], sort="name desc")
    assert names(listed, "Name") == ["Letter", "Chair", "Bill"]
    listed = pressed(client, opened(client), "apply", show=["name"], group1="kind")
    assert "Incoming" in words(listed) and "Outgoing" in words(listed)


def test_a_layout_sorts_by_a_field_that_is_no_column_and_so_do_the_arrows_of_a_record(client, papers):
    listed = pressed(client, opened(client), "apply", show=["name"], sort="weight desc")
    assert names(listed, "Name") == ["Bill", "Letter", "Chair"]
    letter = document(listed).xpath("//tr[@data-href][td[@data-label='Name'] = 'Letter']/@data-href")[0]
    following = document(client.get(letter)).xpath("//a[@aria-label='Next record']/@href")[0]
    assert "Chair" in document(client.get(following)).xpath("string(//title)")


def test_a_record_of_a_grouped_list_leads_to_the_others_of_its_group(client, papers, db):
    with db.transaction(login="admin") as env:
        env["paperwork.document"].create({"name": "Answer", "kind": "out", "deadline": "2026-02-03"})
    for group, groups in (("kind", ("Answer", "Letter")), ("kind,deadline:month", ("Answer",))):
        page = client.get(f"{LIST}?{urlencode({'filter': '-', 'group': group, 'sort': 'name', 'open': '0,1,1.0'})}")
        rows = document(page).xpath("//tr[@data-href][td[@data-label='Name'] = 'Answer']/@data-href")
        form = client.get(rows[0])
        assert f"1 of {len(groups)}" in " ".join(words(form).split())
        following = document(form).xpath("//a[@aria-label='Next record']/@href")
        titles = [document(client.get(link)).xpath("string(//title)") for link in following]
        assert [title.partition(" ")[0] for title in titles] == list(groups[1:])


def test_a_saved_layout_is_told_in_words_and_changed(client, papers, db):
    save(client, opened(client), "Short", ["name", "weight"], sort="name desc", group1="kind", **{"width.name": "20"})
    with db.transaction(login="admin") as env:
        id_ = env["ir.ui.layout"].search([]).id
    page = client.get(f"/app/ir.ui.layout/{id_}")
    assert "Name (20 em), Weight" in words(page) and "Name, descending" in words(page) and "[[" not in words(page)
    builder = client.get(document(page).xpath("//a[text()='Change']/@href")[0])
    pressed(client, builder, "update", show=["name"], **{"width.name": "5"})
    assert "Name (5 em)" in words(client.get(f"/app/ir.ui.layout/{id_}"))


def test_widths_of_the_address_are_those_of_the_page_and_of_the_saved_layout(client, papers, db):
    save(client, opened(client), "Short", ["name", "weight"])
    with db.transaction(login="admin") as env:
        id_ = env["ir.ui.layout"].search([]).id
    listed = client.get(f"{LIST}?filter=-&layout={id_},weight:9,name:30")
    assert headings(listed) == ["Weight", "Name"]
    builder = client.get(document(listed).xpath("//a[text()='Columns, Order, Width…']/@href")[0])
    assert document(builder).xpath("//input[@name='width.weight']/@value") == ["9"]
    pressed(client, builder, "update")
    with db.transaction(login="admin") as env:
        assert env["ir.ui.layout"].browse(id_)._columns() == [("weight", 9), ("name", 30)]


def test_the_filters_of_the_action_stay_when_a_grouping_layout_is_chosen(client, papers, db):
    with db.transaction(login="admin") as env:
        action = env.ref("paperwork.action_documents").id
        values = {"name": "By Kind", "model_id": "paperwork.document", "columns": '[["name", 0]]'}
        env["ir.ui.layout"].create({**values, "group_by": '["kind"]'})
    (link,) = menu(client.get(f"/app/action/{action}"), "By Kind")
    assert parse_qs(urlsplit(link).query)["filter"] == ["open"]
    assert "Open" in document(client.get(link)).xpath("//li[contains(@class, 'is-filter')]/span/text()")


def test_a_layout_is_saved_shared_and_opened_by_default(db, client, papers):
    page = save(client, opened(client), "Short", ["name", "state"], shared="1", default="1", sort="name")
    assert headings(page) == ["Name", "State"] and "The layout “Short” is saved." in words(page)
    start = client.get(LIST)
    assert start.status_code == 303 and "layout=" in start.headers["Location"]
    assert headings(client.get(start.headers["Location"])) == ["Name", "State"]
    (usual,) = menu(client.get(f"{LIST}?layout=0"), "As Usual")
    assert len(headings(client.get(usual))) > 2
    with db.transaction(login="admin") as env:
        ids = [env.ref(group).id for group in ("paperwork.group_clerk", "base.group_user")]
        env["res.users"].create({"name": "clerk", "login": "clerk", "group_ids": [(6, 0, ids)]})
    clerk = Client(client.application)
    clerk.resume(open_session(db, "clerk"))
    page = clerk.get(LIST)
    assert page.status_code == 200 and len(headings(page)) > 2, "it is the default of who chose it only"
    assert headings(clerk.get(menu(page, "Short")[0])) == ["Name", "State"]
    with db.transaction(login="clerk") as env:
        layout = env["ir.ui.layout"].search([("name", "=", "Short")])
        with pytest.raises(AccessError), env.savepoint():
            layout.name = "Stolen"
        layout.action_set_default()
    assert clerk.get(LIST).status_code == 303


def test_a_layout_without_a_name_or_columns_is_refused_in_words(client, papers):
    assert "Give the layout a name." in words(save(client, opened(client), "", ["name"]))
    assert "Show at least one column." in words(save(client, opened(client), "Empty", []))


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "no_such_field:9",
        "__class__",
        "99999",
        "²",
        "name:²",
        "name:99",
        "²,name",
        "7,name:3",
        ",,,",
        "file,line_ids:x",
    ],
)
def test_an_address_with_no_layout_in_it_shows_a_list(client, papers, text):
    page = client.get(f"{LIST}?{urlencode({'filter': '-', 'layout': text})}")
    assert page.status_code == 200 and headings(page)


def test_a_field_that_may_not_be_read_is_no_column(db, client, papers):
    with db.transaction(login="admin") as env:
        ids = [env.ref(group).id for group in ("paperwork.group_clerk", "base.group_user")]
        env["res.users"].create({"name": "clerk", "login": "clerk", "group_ids": [(6, 0, ids)]})
    clerk = Client(client.application)
    clerk.resume(open_session(db, "clerk"))
    assert headings(clerk.get(f"{LIST}?filter=-&layout=secret,name")) == ["Name"]
    assert headings(client.get(f"{LIST}?filter=-&layout=secret,name")) == ["Secret", "Name"]


def test_an_editable_list_keeps_working_in_a_layout(db, client, editable):
    page = client.get("/app/paperwork.line?layout=quantity:9,name")
    assert headings(page)[:2] == ["Quantity", "Name"]
    assert "width-9" in document(page).xpath("string(//th[@data-column='quantity']/@class)")
    key = document(page).xpath("//input[@name='rows']/@value")[0]
    answer = client.submit(page, {f"rows.{key}.quantity": "9"}, button="save", follow=False)
    assert answer.status_code == 303, words(answer)
    with db.transaction() as env:
        assert 9 in env["paperwork.line"].browse(editable).mapped("quantity")
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["layout"] == ["quantity:9,name"]

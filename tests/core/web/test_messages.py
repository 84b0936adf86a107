"""Messages survive a redirect in a cookie of limited size, and link only to what their reader may open."""

from __future__ import annotations

import json
from http.cookies import SimpleCookie

from hypothesis import given
from hypothesis import strategies as st

from core.orm.notifications import Notification
from core.testing.client import document
from core.web.messages import Message, build_message, dump, load, pieces
from tests.core.web.paper import PAPERWORK, url

pytestmark = PAPERWORK

LINKS = st.lists(st.tuples(st.text(max_size=80), st.text(max_size=80)), max_size=6).map(tuple)
MESSAGES = st.lists(
    st.builds(Message, st.sampled_from(["success", "warning"]), st.text(max_size=4000), LINKS), max_size=9
)


@given(MESSAGES)
def test_any_messages_fit_into_a_cookie_and_come_back(messages):
    text = dump(messages)
    assert len(text.encode()) <= 2700
    back = load(text)
    assert [message.kind for message in back] == [message.kind for message in messages][: len(back)]
    assert bool(back) == bool(messages)
    if len(json.dumps(messages).encode()) <= 2700:
        assert back == messages


def test_other_text_is_no_message():
    assert load("") == load("{") == load("[1]") == load('[["a","b"]]') == []


def test_links_lead_to_the_records_that_the_user_may_read(db, paper):
    with db.transaction(login="admin") as env:
        paper_ = env["paperwork.document"].browse(paper)
        reader = env["res.users"].create({"name": "Rita Reader", "login": "rita", "password": "a quiet corner"})
        parameters = env["ir.config_parameter"].sudo().search([])
        assert build_message(env, Notification("Made.", "success", paper_)).links == (("Chair", url(paper)),)
        assert build_message(env, Notification("Made.", "success", parameters)).links
        assert build_message(env(uid=reader.id), Notification("Made.", "success", parameters)).links == ()


def test_many_records_become_some_links_and_one_to_all_of_them(db, paper):
    with db.transaction(login="admin") as env:
        papers = env["paperwork.document"].create([{"name": f"Paper {number}"} for number in range(8)])
        links = build_message(env, Notification("Made.", "success", papers)).links
        assert [label for label, _address in links] == [
            *(f"Paper {number}" for number in range(5)),
            "8 records of Document",
        ]
        assert links[-1][1] == f"/app/paperwork.document?ids={papers.ids[0]}-{papers.ids[-1]}"


def test_a_link_is_shown_where_the_text_names_it():
    links = (("WH/OUT/1", "/1"), ("WH/OUT/12", "/12"), ("3 deliveries", "/all"), ("P1", "/p"), ("P1", "/q"))
    text = "Done: 3 deliveries (WH/OUT/12, WH/OUT/123, WH/OUT/1-2 and WH/OUT/1)."
    assert [piece for piece in pieces(text, links) if piece[1]] == [
        ("3 deliveries", "/all"),
        ("WH/OUT/12", "/12"),
        ("WH/OUT/1", "/1"),
        ("P1", "/p"),
        ("P1", "/q"),
    ]
    assert "".join(words for words, _url in pieces(text, links)) == f"{text} P1, P1"
    assert "".join(words for words, _url in pieces("Done.", ())) == "Done."


def test_records_of_several_models_are_links_of_one_message(db, paper):
    with db.transaction(login="admin") as env:
        papers = env["paperwork.document"].browse(paper)
        both = (papers, env.user.partner_id)
        labels = [label for label, _url in build_message(env, Notification("Made.", "success", both)).links]
        assert labels == ["Chair", env.user.partner_id.display_name]


def test_a_button_tells_what_it_made_on_the_page_that_follows(client, paper):
    page = client.get(url(paper))
    sent = dict(document(page).get_element_by_id("record").form_values())
    answer = client.post(url(paper), data=sent | {"_do": "call:action_copy_out"})
    assert answer.status_code == 303
    assert "flash" in SimpleCookie(answer.headers["Set-Cookie"])
    (message,) = document(client.get(answer.headers["Location"])).xpath("//*[@id='messages']/*")
    assert message.get("role") == "status" and "Copied out:" in message.text_content()
    (link,) = message.xpath(".//a")
    assert (link.text_content(), link.get("href")) == ("Chair", url(paper + 1))
    assert client.get(link.get("href")).status_code == 200
    again = client.post(url(paper), data=sent | {"_do": "call:action_copy_out"})
    (message,) = document(client.get(again.headers["Location"])).xpath("//*[@id='messages']/*")
    assert message.xpath(".//a")[0].get("href") == link.get("href"), "sent twice, told the same"


def test_a_button_that_says_nothing_itself_is_told_by_the_new_state(client, db, paper):
    page = client.get(url(paper))
    sent = dict(document(page).get_element_by_id("record").form_values())
    answer = client.post(url(paper), data=sent | {"_do": "call:action_cancel", "_confirmed": "call:action_cancel"})
    (message,) = document(client.get(answer.headers["Location"])).xpath("//*[@id='messages']/*")
    assert message.text_content().strip() == "Chair is now “Cancelled”."


def test_a_button_of_a_list_says_for_how_many_records_it_was_done(client, db, paper):
    page = document(client.get("/app/paperwork.document"))
    sent = dict(page.get_element_by_id("list").form_values())
    chosen = sent | {"_do": "call:action_cancel", "ids": str(paper)}
    answer = client.post("/app/paperwork.document", data=chosen)
    (message,) = document(client.get(answer.headers["Location"])).xpath("//*[@id='messages']/*")
    assert message.text_content().strip() == "Cancel All: done for 1 record."

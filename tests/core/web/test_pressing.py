"""Buttons of a form: work done once, questions, clashes with what somebody else saved, the menu of actions."""

from __future__ import annotations

from core.testing.client import document, words
from tests.core.web.paper import PAPERWORK, read, url

pytestmark = PAPERWORK


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
    answers = [button.text_content() for button in document(page).xpath("//dialog//button")]
    assert answers == ["Cancel document", "Keep document"], (
        "no answer of which one may doubt whether it cancels the document"
    )
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


def test_an_answered_question_leads_to_its_result_instead_of_being_asked_again(client, db, paper):
    """Back shows the address of the dialog again, and a second tab still has it."""
    document_id = empty(db)
    asked = client.submit(client.get(url(document_id)), button="Finish")
    here = asked.request.full_path
    other_tab = client.get(here)
    client.submit(asked, {"reason": "once"}, button="Finish It")
    for page in (
        client.get(here, follow_redirects=True),
        client.submit(other_tab, {"reason": "twice"}, button="Finish It"),
    ):
        assert page.request.path == f"/app/paperwork.document/{document_id}"
        assert "This question is already answered. Here is the result." in words(page)
        assert not document(page).xpath("//dialog")
    assert read(db, document_id, "name")["name"] == "Empty (once)"


def test_a_question_that_was_refused_is_asked_again(client, db, paper):
    asked = client.submit(client.get(url(empty(db))), button="Finish")
    client.submit(asked, {"reason": ""}, button="Finish It")
    assert document(client.get(asked.request.full_path)).xpath("//dialog")


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
        answer = client.post(url(paper), data=data)
        assert answer.status_code == 409
        assert f"“{name}”" in document(answer).get_element_by_id("problems").text_content()
    assert read(db, paper, "name")["name"] == "Chair"


def test_a_button_that_the_state_has_hidden_is_refused(client, db, paper):
    page = client.get(url(paper))
    with db.transaction() as env:
        env["paperwork.document"].browse(paper).state = "done"
    page = client.submit(page, button="Finish")
    assert page.status_code == 409
    assert "Chair is already “Done”." in words(page)


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


def test_the_history_names_fields_as_the_form_does(client, paper, db):
    with db.transaction() as env:
        env["ir.ui.view"].create(
            {
                "name": "paper.renamed",
                "model": "paperwork.document",
                "inherit_id": env.ref("paperwork.document_form").id,
                "arch": '<field name="name" position="attributes"><attribute name="string">Heading</attribute></field>',
            }
        )
    page = client.submit(client.get(url(paper)), {"name": "Renamed"}, button="save")
    history = " ".join(document(page).xpath("//section[@class='history']")[0].text_content().split())
    assert "Heading: Chair → Renamed" in history


def test_the_history_of_a_new_document_tells_what_its_first_button_did(client):
    page = client.submit(client.get("/app/paperwork.document/new"), {"name": "Fresh"}, button="Cancel It")
    page = client.submit(page, button="Cancel document")
    history = " ".join(document(page).xpath("//section[@class='history']")[0].text_content().split())
    assert "Draft → Cancelled" in history and "Created" in history

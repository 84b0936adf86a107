"""What addons change of the pages, and what holds for all of them: health, size on the wire."""

from __future__ import annotations

import re

from core.testing.client import document, words
from core.web.pages.destinations import destination
from tests.core.web.paper import PAPERWORK, read, url

pytestmark = PAPERWORK


def test_an_addon_replaces_templates_and_adds_routes_variables_and_files(client, db, paper):
    assert "Welcome to the paper mill" in words(client.get("/app?all"))
    assert "Printed on recycled paper" in words(client.get(url(paper)))
    assert "Printed" not in words(client.get("/app/res.partner/1"))
    assert client.get("/paperwork/ping/Ada").text == "Ada meets admin"
    assert client.post("/paperwork/ping/Ada").status_code == 400, "a POST needs a token"
    assert client.get("/static/paperwork/paper.css").text == "body{}\n"
    for path in ("/static/paperwork/../hooks.py", "/static/web/..%2fapp.py", "/static/nobody/x.css", "/static/web/"):
        assert client.get(path).status_code == 404


def test_a_model_with_a_print_template_has_a_page_to_print(client, db, paper):
    assert f'href="{url(paper)}/print' in client.get(url(paper)).text
    page = client.get(f"{url(paper)}/print")
    assert page.status_code == 200
    assert document(page).xpath("string(//main//h1)") == read(db, paper, "name")["name"]
    assert document(page).xpath("//nav/a/@href")[0].startswith(url(paper))
    assert "/print" not in client.get("/app/res.partner/1").text
    assert client.get("/app/res.partner/1/print").status_code == 404
    assert client.get(f"{url(paper + 1000)}/print").status_code == 404


def test_an_addons_page_needs_a_user(anonymous, paper):
    assert anonymous.get(f"/app/paperwork-desk/{paper}").status_code == 303


def test_an_addons_page_has_forms_dialogs_and_messages(client, db, paper):
    desk = f"/app/paperwork-desk/{paper}"
    page = client.get(desk)
    assert "Chair on the desk of Administrator" in words(page)
    assert client.post(desk, data={"_do": "action_done"}).status_code == 400, "a POST needs a token"

    refused = client.submit(page, button="Refuse")
    assert (refused.request.path, "The stamp is missing." in words(refused)) == (desk, True)
    assert document(refused).xpath("//main//a[contains(@href, 'tab=stamps')]"), "a link to the way out"

    with db.transaction() as env:
        env["paperwork.document"].browse(paper).line_ids.unlink()
    question = client.submit(client.get(desk), button="Finish")
    text = words(question)
    assert "Finish an Empty Document?" in text and "on the desk" in text, "the dialog lies over the page"
    assert question.request.args["over"] == desk
    incomplete = client.submit(question, {"reason": None}, button="Finish It")
    assert incomplete.status_code == 422 and "on the desk" in words(incomplete)
    done = client.submit(incomplete, {"reason": "late"}, button="Finish It")
    assert (done.request.path, read(db, paper, "state")["state"]) == (desk, "done")
    assert "Chair (late) on the desk" in words(done)


def test_a_menu_leads_to_an_addons_page(client, db, paper):
    with db.transaction() as env:
        action = env["ir.actions.act_url"].create({"name": "Desk", "url": f"/app/paperwork-desk/{paper}"})
        values = {"name": "My Desk", "parent_id": env.ref("paperwork.menu_root").id, "sequence": 0}
        menu = env["ir.ui.menu"].create({**values, "action": f"{action._name},{action.id}"})
        menu_id = menu.id
    page = document(client.get(url(paper)))
    assert [link.get("href") for link in page.xpath("//a[. = 'My Desk']")] == [f"/app/paperwork-desk/{paper}"]
    bar = document(client.get(f"/app/paperwork-desk/{paper}")).xpath("string(//header//a[@class='bar-app'])")
    assert bar == "Paperwork", "the page belongs to the app of its menu"
    with db.transaction() as env:
        env["ir.actions.act_url"].search([]).filtered(lambda action: action.name == "Desk").unlink()
        assert not env["ir.ui.menu"].browse(menu_id).exists()


def test_a_button_may_lead_to_an_address_of_this_server():
    assert (
        destination({"type": "ir.actions.act_url", "url": "/app/paperwork-desk/1"}, "/app") == "/app/paperwork-desk/1"
    )
    assert destination({"type": "ir.actions.act_url", "url": "https://elsewhere.example"}, "/app") == "/app"


def test_an_extra_button_depends_on_data(client, db, paper):
    assert "Shred" not in words(client.get(url(paper)))
    with db.transaction() as env:
        env["paperwork.document"].browse(paper).name = "Shreddable"
    client.submit(client.get(url(paper)), button="Shred")
    assert read(db, paper, "state")["state"] == "draft", "the view's own button of that name asks first"


def test_an_extension_without_its_anchor_is_left_out(client, db, paper, caplog):
    with db.transaction() as env:
        base = env.ref("paperwork.document_form")
        attribute = '<attribute name="placeholder">Title</attribute>'
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
                    "arch": f'<field name="name" position="attributes">{attribute}</field>',
                },
            ]
        )
    page = client.get(url(paper))
    assert page.status_code == 200
    assert document(page).get_element_by_id("record").inputs["name"].get("placeholder") == "Title"
    assert "view lost extends paperwork.document_form: its anchor field[@name='nowhere'] is not there" in caplog.text


def test_a_changed_copy_of_a_view_has_what_extends_its_parent(client, db, paper):
    def rename(field, label):
        return f'<field name="{field}" position="attributes"><attribute name="string">{label}</attribute></field>'

    with db.transaction() as env:
        base = env.ref("paperwork.document_form")
        values = {"mode": "primary", "inherit_id": base.id, "priority": 99}
        copy = env["ir.ui.view"].create({"name": "copy", "arch": rename("partner_id", "Changed by the Copy"), **values})
        env["ir.ui.view"].create(
            [
                {"name": "one", "inherit_id": base.id, "arch": rename("deadline", "Extends the Parent")},
                {"name": "two", "inherit_id": copy.id, "arch": rename("partner_id", "Extends the Copy")},
            ]
        )
        action = env["ir.actions.act_window"].create(
            {"name": "Copies", "res_model": "paperwork.document", "view_mode": "form", "view_id": copy.id}
        )
    shown, plain = words(client.get(f"{url(paper)}?action={action.id}")), words(client.get(url(paper)))
    assert "Extends the Parent" in shown and "Extends the Parent" in plain
    assert "Extends the Copy" in shown and "Changed by the Copy" not in shown, "the copy's own change comes first"
    assert "the Copy" not in plain


def test_health(anonymous):
    assert anonymous.get("/health/live").json == {"status": "live"}
    assert anonymous.get("/health/ready").json["status"] == "ready"


def test_a_form_page_is_small_on_the_wire(client, paper):
    headers = {"Accept-Encoding": "gzip"}
    page = client.get(url(paper), headers=headers)
    parts = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get(url(paper)).text)
    total = len(page.data) + sum(len(client.get(part, headers=headers).data) for part in set(parts))
    assert total < 60_000, f"{total} bytes"

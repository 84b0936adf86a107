"""Pages show and do only what the user may, for whoever is signed in, and stored text never becomes markup."""

from __future__ import annotations

import json
import re

import pytest

from core.testing.client import document, words
from tests.core.web.paper import PAPERWORK, read, url

pytestmark = PAPERWORK


# -- rights


@pytest.fixture
def clerkless(anonymous, db, paper):
    """A client of a user who may only read."""
    with db.transaction() as env:
        env["res.users"].create({"name": "Rita Reader", "login": "rita", "password": "a quiet corner"})
    anonymous.sign_in("rita", "a quiet corner")
    return anonymous


def test_who_may_only_read_gets_no_inputs_and_no_way_in(clerkless, db, paper):
    page = clerkless.get(url(paper))
    assert page.status_code == 200
    assert not document(page).xpath("//input[@name='name']")
    assert "Save" not in [button.text_content() for button in document(page).xpath("//button")]
    assert clerkless.get("/app/paperwork.document/new").status_code == 403
    for verb in ("save", "delete", "archive", "duplicate", "call:action_cancel"):
        # A form of its own for each: what is sent a second time is answered as the first time.
        data = dict(document(clerkless.get(url(paper))).get_element_by_id("record").form_values())
        sent = {"_do": verb, "_confirmed": verb, "_base": json.dumps({"name": "x"}), "_end": "1", "name": "Hacked"}
        answer = clerkless.post(url(paper), data=data | sent)
        assert (verb, answer.status_code) == (verb, 403)
        assert "paperwork.document" in document(answer).get_element_by_id("problems").text_content()
        assert not document(clerkless.get(url(paper))).xpath("//*[@id='messages']/*"), "no success is reported"
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


def test_everyone_changes_what_is_their_own_and_nothing_else(clerkless, db):
    page = clerkless.get("/app/preferences", follow_redirects=True)
    page = clerkless.submit(page, {"tz": "Europe/Vienna"}, button="Save")
    assert "Saved." in words(page)
    dialog = clerkless.submit(page, button="Change Password")
    assert document(dialog).xpath("//dialog//input[@type='password']")
    assert document(dialog).xpath("//main//button[text()='New API Key']"), "over the page that it was opened from"
    with db.transaction() as env:
        rita = env["res.users"].search([("login", "=", "rita")])
        assert rita.tz == "Europe/Vienna"
        admin = env.ref("base.user_admin").id
        address = f"/app/res.users/{rita.id}"
    own = set(document(clerkless.get(address)).xpath("//form[@id='record']//@name"))
    assert not own & {"login", "new_password", "active", "group_ids.add", "role", "company_id"}
    assert not document(clerkless.get(f"/app/res.users/{admin}")).xpath("//input[@name='email']")


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
    answer = client.post(url(paper), data=data, follow_redirects=True)
    if token:
        assert "Nothing was saved yet." in words(answer), "it may come from before the user signed in again"
    else:
        assert answer.status_code == 400
    assert read(db, paper, "name")["name"] == "Chair"


def test_the_token_of_a_form_counts_in_its_body_only(client, db, paper):
    data = dict(document(client.get(url(paper))).get_element_by_id("record").form_values())
    token = data.pop("_csrf")
    data |= {"_do": "save", "name": "Forged"}
    assert client.post(url(paper), query_string={"_csrf": token}, data=data).status_code == 400
    client.set_cookie("_csrf", token)
    assert client.post(url(paper), data=data).status_code == 400
    assert read(db, paper, "name")["name"] == "Chair"
    assert client.post(url(paper), data=data | {"_csrf": token}).status_code == 303


def test_what_was_typed_outlives_the_session(client, db, paper):
    typed = dict(document(client.get(url(paper))).get_element_by_id("record").form_values())
    typed |= {"name": "Rocking Chair", "line_ids.1.quantity": "lots", "_do": "save"}
    client.delete_cookie("session_id")
    answer = client.post(url(paper), data=typed)
    assert answer.status_code == 307, "the browser sends the same again, to another address"
    page = client.post(answer.headers["Location"], data=typed)
    assert "Sign in, and the page comes back with what you typed." in words(page)
    page = client.submit(page, {"login": "admin", "password": "wrong"})
    assert page.status_code == 401
    page = client.submit(page, {"login": "admin", "password": "admin"})
    page = client.submit(page, button="Go on")
    assert page.request.path == url(paper)
    fields = document(page).get_element_by_id("record").fields
    assert (fields["name"], fields["line_ids.1.quantity"]) == ("Rocking Chair", "lots")
    assert read(db, paper, "name")["name"] == "Chair", "showing is not saving"
    client.submit(page, {"line_ids.1.quantity": "5"}, button="Save")
    assert read(db, paper, "name")["name"] == "Rocking Chair"


def test_an_edit_after_the_session_says_so_and_leaves_the_page(client, paper):
    page = client.get(url(paper))
    client.delete_cookie("session_id")
    data = dict(document(page).get_element_by_id("record").form_values()) | {"_do": "onchange", "_edited": "name"}
    answer = client.post(url(paper), data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 401 and answer.headers["HX-Retarget"] == "#messages"
    assert "HX-Redirect" not in answer.headers and "what you typed is kept" in answer.text


@pytest.mark.parametrize("header", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_only_our_own_forms_are_given_back(client, paper, header):
    answer = client.post(f"/login/again?next={url(paper)}", data={"name": "Forged"}, headers=header)
    assert answer.status_code == 400 and "Forged" not in answer.text


def test_a_form_from_another_site_is_refused(client, paper):
    data = dict(document(client.get(url(paper))).get_element_by_id("record").form_values()) | {"_do": "save"}
    for header in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post(url(paper), data=data, headers=header).status_code == 400


def test_every_answer_carries_the_safety_headers(anonymous, paper):
    client = anonymous
    client.sign_in()
    for path in (url(paper), "/login", "/nowhere", "/health/live", "/static/web/stillage.css"):
        headers = client.get(path).headers
        assert (
            "script-src 'self'" in headers["Content-Security-Policy"]
            and "unsafe" not in headers["Content-Security-Policy"]
        )
        for directive in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert directive in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin" and headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert not headers["Content-Type"].startswith("text/") or headers["Content-Type"].endswith("; charset=utf-8")
        assert "Access-Control-Allow-Origin" not in headers and "Strict-Transport-Security" not in headers
    cookie = client.get_cookie("session_id")
    assert cookie.http_only and cookie.same_site == "Lax"
    page = client.get(url(paper)).text
    assert not re.search(r"<script(?![^>]*src)|\sstyle=|\son\w+=", page), "no inline script or style"


def test_over_https_browsers_are_held_to_it_for_all_hosts_below(anonymous):
    for path in ("/login", "/nowhere", "/health/live", "/static/web/stillage.css", "/jsonrpc"):
        headers = anonymous.get(path, base_url="https://erp.example.com").headers
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "TRACK"])
def test_other_methods_are_refused(client, paper, method):
    for path in (url(paper), "/login", "/health/live", "/static/web/stillage.css", "/web/version", "/jsonrpc"):
        assert client.open(path, method=method).status_code == 405


def test_signing_out_clears_what_the_browser_stored(client, paper):
    answer = client.submit(client.get(url(paper)), button="Sign out", follow=False)
    assert answer.status_code == 303 and answer.headers["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.parametrize(
    "path", ["/static/", "/static/web", "/static/web/", "/static/../app.py", "/static/web/../site.py"]
)
def test_folders_and_files_beside_the_static_ones_are_not_served(anonymous, path):
    assert anonymous.get(path).status_code == 404
    assert anonymous.get(path.replace("..", "%2e%2e")).status_code == 404


def test_addresses_are_decoded_once(client):
    page = document(client.get("/app/paperwork.document?q=%2541%253Cb%253E"))
    assert page.xpath("//*[contains(text(), '%41%3Cb%3E')] | //input[@value='%41%3Cb%3E']")
    assert client.get("/static/web/%252e%252e/site.py").status_code == 404
    client.delete_cookie("session_id")
    fields = document(client.get("/login?next=%252F%252Fevil.example")).forms[0].fields
    assert fields["next"] == "/app"


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

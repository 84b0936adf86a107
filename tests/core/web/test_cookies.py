"""Over HTTPS cookies have the prefix that binds them to this host; programs written for Odoo find theirs as well."""

from __future__ import annotations

import pytest

from core.testing.client import document, open_session

HTTPS = "https://erp.example.com"


def names(answer):
    """The cookies that an answer sets."""
    return [cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie")]


def get(client, path, cookies, **options):
    """The answer to a request with this header, whatever cookies the client has."""
    other = type(client)(client.application, use_cookies=False)
    return other.open(path, base_url=HTTPS, headers={"Cookie": cookies}, **options)


def test_cookies_of_pages_are_bound_to_the_host(anonymous):
    page = anonymous.get("/login", base_url=HTTPS)
    assert names(page) == ["__Host-session_id"]
    fields = dict(document(page).forms[0].form_values()) | {"login": "admin", "password": "admin"}
    answer = anonymous.post("/login", base_url=HTTPS, data=fields)
    assert answer.status_code == 303 and "__Host-session_id" in names(answer)
    # The message that the password is too weak comes along.
    for cookie in answer.headers.getlist("Set-Cookie"):
        attributes = {part.strip() for part in cookie.split(";")[1:]}
        assert cookie.startswith("__Host-") and "Domain" not in cookie
        assert attributes >= {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}
    assert anonymous.get("/app", base_url=HTTPS).status_code == 200
    assert anonymous.get("/app", base_url="http://erp.example.com").status_code == 303


def test_a_cookie_that_another_host_planted_signs_nobody_in(anonymous, db):
    token = open_session(db)
    for header, status in (
        (f"session_id={token}", 303),
        (f"__Host-session_id={token}", 200),
        (f"session_id=planted; __Host-session_id={token}", 200),
        (f"theme=dark; __Host-session_id={token}; session_id=planted", 200),
    ):
        assert get(anonymous, "/app", header).status_code == status


@pytest.mark.parametrize("prefix", ["", "__Host-"])
def test_programs_written_for_odoo_find_their_session(anonymous, db, prefix):
    sent = {"params": {"db": db.name, "login": "admin", "password": "admin"}}
    answer = anonymous.post("/web/session/authenticate", base_url=HTTPS, json=sent)
    assert sorted(names(answer)) == ["__Host-session_id", "session_id"], answer.text
    cookies = dict(cookie.split(";")[0].split("=", 1) for cookie in answer.headers.getlist("Set-Cookie"))
    header = f"{prefix}session_id={cookies[f'{prefix}session_id']}"
    info = get(anonymous, "/web/session/get_session_info", header, method="POST", json={"params": {}})
    assert info.json["result"]["username"] == "admin"


def test_without_https_names_are_plain(anonymous):
    assert names(anonymous.get("/login")) == ["session_id"]

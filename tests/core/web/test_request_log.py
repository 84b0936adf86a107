"""One line per request with its id, user, call and figures; no secret of a sign-in, key or call in the log."""

from __future__ import annotations

import logging
import xmlrpc.client
from dataclasses import replace

import pytest

from core import logs
from core.testing.client import Client, words
from core.web.app import Application

PASSWORD = "correct horse battery"


@pytest.fixture
def lines(caplog):
    """Gives the lines logged so far, as they are written, and forgets them."""
    caplog.set_level(logging.DEBUG)
    formatter = logs.TextFormatter()
    handler = logging.Handler()
    found = []
    # While the request is answered, as the handler of a server does it.
    handler.emit = lambda record: found.append(formatter.format(record))
    logging.getLogger().addHandler(handler)

    def take():
        taken = list(found)
        found.clear()
        return taken

    yield take
    logging.getLogger().removeHandler(handler)


def request_lines(taken):
    return [line for line in taken if "stillage.request" in line]


def test_a_page_is_logged_with_its_user_and_id(db, client, lines):
    lines()
    address = {"REMOTE_ADDR": "192.0.2.7"}
    answer = client.get("/app/res.partner?q=azure&access_token=abcdefgh", environ_overrides=address)
    (line,) = request_lines(lines())
    assert f"id={answer.headers['X-Request-Id']} " in line
    with db.transaction() as env:
        uid = env["res.users"].search([("login", "=", "admin")]).id
    assert f"user={uid} source=192.0.2.7 method=GET" in line and "status=200" in line and "abcdefgh" not in line
    assert int(line.partition("statements=")[2].split()[0]) > 0


def test_health_checks_are_not_logged_at_the_usual_level(client, lines):
    client.get("/health/live")
    (line,) = request_lines(lines())
    assert " DEBUG " in line


@pytest.mark.parametrize(("proxies", "expected"), [(0, False), (1, True)])
def test_the_id_of_a_trusted_proxy_is_taken(db, proxies, expected, monkeypatch):
    client = Client(Application(db))
    monkeypatch.setattr(client.application, "settings", replace(db.settings, trusted_proxies=proxies))
    answer = client.get("/login", headers={"X-Request-Id": "front-42.abc"})
    assert (answer.headers["X-Request-Id"] == "front-42.abc") is expected
    forged = client.get("/login", headers={"X-Request-Id": 'x" user=1'})
    assert forged.headers["X-Request-Id"] != 'x" user=1'


def test_the_reference_of_a_defect_is_the_id_of_its_request(db, client, lines, monkeypatch):
    logs.forget_defects()
    assert client.get("/app").status_code == 200
    monkeypatch.setattr(client.application, "menus", None)
    answer = client.get("/app")
    assert answer.status_code == 500
    number = answer.headers["X-Request-Id"]
    assert number in words(answer)
    taken = lines()
    assert any("Traceback" in line and number in line for line in taken)
    assert "error=internal_error" in request_lines(taken)[-1]


def test_no_secret_of_signing_in_keys_and_calls_is_logged(db, anonymous, lines, monkeypatch):
    logs.forget_defects()
    with db.transaction() as env:
        admin = env["res.users"].search([("login", "=", "admin")])
        admin.write({"password": PASSWORD})
        uid, key = admin.id, env["res.users.apikeys"].with_user(admin)._generate("rpc", "test", False)
    with pytest.raises(AssertionError):
        anonymous.sign_in("admin", "wrong horse battery")
    anonymous.sign_in("admin", PASSWORD)
    session = anonymous.get_cookie("session_id").value

    def call(secret, method, *args):
        body = xmlrpc.client.dumps((db.name, uid, secret, "res.partner", method, list(args)), "execute_kw")
        return anonymous.post("/xmlrpc/2/object", data=body, content_type="text/xml")

    call(PASSWORD, "search", [])
    call("wrong horse battery", "search", [])
    call(key, "search", [])
    bearer = {"Authorization": f"Bearer {key}"}
    anonymous.post("/json/2/res.partner/search", json={"domain": []}, headers=bearer)

    given = [PASSWORD]

    # Defects, whose tracebacks quote what they were given.
    def broken(_self, _env, *details):
        raise RuntimeError(f"{given[-1]} {session} {details}")

    monkeypatch.setattr("core.rpc.dispatch.find_method", broken)
    call(PASSWORD, "search", [])
    given.append(key)
    anonymous.post("/json/2/res.partner/search", json={"domain": []}, headers=bearer)
    taken = "\n".join(lines())
    assert "RuntimeError" in taken and "call=res.partner.search" in taken
    for secret in (PASSWORD, "wrong horse battery", key, session, "$argon2"):
        assert secret not in taken


@pytest.fixture
def portal(db, anonymous):
    """A client of a portal user."""
    with db.transaction() as env:
        groups = [(6, 0, [env.ref("base.group_portal").id])]
        env["res.users"].create({"name": "Paul", "login": "paul", "password": PASSWORD, "group_ids": groups})
    anonymous.sign_in("paul", PASSWORD)
    return anonymous


def test_what_a_user_may_not_do_is_logged_with_its_user(db, portal, lines):
    with db.transaction() as env:
        uid = env["res.users"].search([("login", "=", "paul")]).id
    lines()
    assert portal.get("/app/res.groups").status_code == 403
    call = {"model": "res.groups", "method": "search_read", "args": [[]], "kwargs": {}}
    portal.post("/web/dataset/call_kw", json={"params": call})
    page, called = request_lines(lines())
    for line in (page, called):
        assert f"user={uid} " in line and "error=access_error" in line
    assert "status=403" in page and "path=/app/res.groups" in page
    assert "call=res.groups.search_read" in called


@pytest.mark.parametrize("log_requests", [True, False])
def test_attempts_to_get_around_controls_are_logged(client, lines, monkeypatch, log_requests):
    app = client.application
    monkeypatch.setattr(app, "settings", replace(app.settings, log_requests=log_requests))
    lines()
    assert client.post("/app/res.partner/1", data={"_csrf": "", "name": "x"}).status_code == 400
    assert client.get("/app/res.partner?page=1e9").status_code == 400
    forged, malformed = request_lines(lines())
    assert "error=forged_request" in forged and "status=400" in forged
    assert "status=400" in malformed and "error=" in malformed


def test_a_name_that_is_typed_cannot_write_lines(anonymous, lines):
    page = anonymous.get("/login")
    name = "admin\nINFO stillage.request: id=0 user=1 status=200"
    anonymous.submit(page, {"login": name, "password": PASSWORD})
    anonymous.get("/app/a%0d%0aINFO%20forged", headers={"User-Agent": "x\ty"})
    for line in lines():
        assert not any(part.startswith("INFO") for part in line.splitlines()[1:])
        assert "\n" not in line or "Traceback" in line

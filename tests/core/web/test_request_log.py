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
    answer = client.get("/app/res.partner?q=azure&access_token=abcdefgh")
    (line,) = request_lines(lines())
    assert f"id={answer.headers['X-Request-Id']} " in line
    with db.transaction() as env:
        uid = env["res.users"].search([("login", "=", "admin")]).id
    assert f"user={uid} method=GET" in line and "status=200" in line and "abcdefgh" not in line
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

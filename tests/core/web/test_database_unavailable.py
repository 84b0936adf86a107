"""What clients and monitoring see when the database is away, read-only or full: 503, and one line in the log."""

from __future__ import annotations

import logging
import xmlrpc.client
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from core import logs
from core.boot import Database
from core.testing.client import Client, document, open_session, words
from core.web.app import Application

pytestmark = pytest.mark.both_dialects("scenario")


@pytest.fixture(autouse=True)
def _forget():
    logs.forget_defects()


@contextmanager
def broken(db, kind):
    """Within, `db` is away, read-only or full, for real."""
    engine = db.engine
    if kind == "unreachable":

        def connect(dialect, _record, arguments, options):
            if dialect.name == "postgresql":
                options.clear()
                options.update(host="127.0.0.1", port=1)
            else:
                arguments[0] = "/no/such/folder/shop.db"

        db.close()
        sa.event.listen(engine, "do_connect", connect)
        try:
            yield
        finally:
            sa.event.remove(engine, "do_connect", connect)
            db.close()
    elif kind == "read_only":

        def connected(driver, _record):
            if engine.dialect.name == "postgresql":
                driver.execute("SET default_transaction_read_only = on")
                driver.commit()

        def connect(dialect, _record, arguments, options):
            if dialect.name == "sqlite":
                arguments[0] = f"file:{engine.url.database}?mode=ro"
                options["uri"] = True

        db.close()
        sa.event.listen(engine, "do_connect", connect)
        sa.event.listen(engine, "connect", connected)
        try:
            yield
        finally:
            sa.event.remove(engine, "do_connect", connect)
            sa.event.remove(engine, "connect", connected)
            db.close()
    else:

        def connected(driver, _record):
            pages = driver.execute("PRAGMA page_count").fetchone()[0]
            driver.execute(f"PRAGMA max_page_count = {pages}")

        db.close()
        sa.event.listen(engine, "connect", connected)
        try:
            yield
        finally:
            sa.event.remove(engine, "connect", connected)
            db.close()


KINDS = ["unreachable", "read_only"]


@pytest.fixture
def application(db):
    return Application(db)


@pytest.fixture
def client(application, db):
    client = Client(application)
    client.resume(open_session(db))
    assert client.get("/app").status_code == 200
    return client


def lines(caplog):
    """What was logged at WARNING and above, without tracebacks."""
    found = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert not [record for record in found if record.exc_info]
    return [record.getMessage() for record in found]


@pytest.mark.parametrize("kind", KINDS)
def test_a_form_that_cannot_be_saved_can_be_sent_again(db, client, kind, caplog):
    page = client.get("/app/res.partner/new")
    with broken(db, kind):
        caplog.clear()
        refused = client.submit(page, {"name": "Wood Corner"}, button="Save")
        assert refused.status_code == 503 and int(refused.headers["Retry-After"]) > 0
        assert "The database is not available" in words(refused) and "Nothing was changed" in words(refused)
        (line,) = lines(caplog)
        assert "status=503" in line and "error=database_unavailable" in line and f'detail="{kind}: ' in line
        assert refused.headers["X-Request-Id"] in line
    saved = client.submit(refused, {}, button="Try again")
    assert saved.status_code == 200 and "Wood Corner" in words(saved)
    with db.transaction() as env:
        assert env["res.partner"].search_count([("name", "=", "Wood Corner")]) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_rpc_says_so_in_the_form_of_each_protocol(db, client, kind, caplog):
    password = "admin"
    with db.transaction() as env:
        uid = env["res.users"].search([("login", "=", "admin")]).id
        key = env["res.users.apikeys"].with_user(uid)._generate("rpc", "test", False)
    with broken(db, kind):
        caplog.clear()
        call = [db.name, uid, password, "res.partner", "create", [{"name": "Lost"}]]
        answer = client.post(
            "/jsonrpc",
            json={"jsonrpc": "2.0", "id": 7, "params": {"service": "object", "method": "execute_kw", "args": call}},
        )
        error = answer.json["error"]["data"]
        assert (answer.status_code, answer.json["id"], error["code"]) == (200, 7, "database_unavailable")
        assert error["details"]["reason"] == kind and int(answer.headers["Retry-After"]) > 0
        (line,) = lines(caplog)
        assert "error=database_unavailable" in line

        body = xmlrpc.client.dumps(tuple(call), "execute_kw")
        answer = client.post("/xmlrpc/2/object", data=body, content_type="text/xml")
        with pytest.raises(xmlrpc.client.Fault, match="Nothing was changed") as caught:
            xmlrpc.client.loads(answer.data)
        assert caught.value.faultCode == 1 and int(answer.headers["Retry-After"]) > 0

        answer = client.post(
            "/json/2/res.partner/create",
            json={"vals_list": [{"name": "Lost"}]},
            headers={"Authorization": f"Bearer {key}"},
        )
        assert (answer.status_code, answer.json["code"]) == (503, "database_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert len(lines(caplog)) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_monitoring_sees_it_and_the_process_stays_alive(db, client, kind):
    client.application.readiness._until = 0
    with broken(db, kind):
        answer = client.get("/health/ready")
        assert (answer.status_code, answer.json) == (503, {"status": "unavailable", "reason": kind})
        assert client.get("/health/live").status_code == 200
    client.application.readiness._until = 0
    assert client.get("/health/ready").json["status"] == "ready"


@pytest.mark.dialects("sqlite")
def test_a_full_disk_is_no_defect(db, client, caplog):
    page = client.get("/app/res.partner/new")
    client.application.readiness._until = 0
    with broken(db, "full"):
        assert client.get("/health/ready").json == {"status": "unavailable", "reason": "full"}
        refused = client.submit(page, {"name": "Wood Corner", "comment": "x" * 300_000}, button="Save")
        assert refused.status_code == 503 and "has no room left" in words(refused)
        assert client.get("/app/res.partner").status_code == 200


def test_a_server_that_starts_while_its_database_is_away_answers(db):
    with broken(db, "unreachable"):
        started = Database(db.url, settings=db.settings)
        started.engine = db.engine
        client = Client(Application(started))
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 503
        page = client.get("/login")
        assert page.status_code == 503 and document(page).xpath("//link[@rel='stylesheet']")
        assert client.get(document(page).xpath("//link[@rel='stylesheet']/@href")[0]).status_code == 200
    assert client.get("/login").status_code == 200

"""The connection to the database is lost at any statement of a flow: the client sees success, the work is done once.

`make test` takes some statements by chance; STILLAGE_CRASHES=all takes every one of them.
"""

from __future__ import annotations

import os

import psycopg
import pytest
import sqlalchemy as sa

import core.db.sqltools
from core.testing.client import Client
from core.web.app import Application
from tests.crash_load import prepare

ADDONS = ("sales",)
pytestmark = [pytest.mark.slow, pytest.mark.dialects("postgresql")]

EVERY = os.environ.get("STILLAGE_CRASHES") == "all"
SAMPLE = 12


class Cutter:
    """Ends the session of a connection right before one of its statements, counted over the whole flow."""

    def __init__(self, database, monkeypatch):
        self.database = database
        self.statements = 0
        self.chosen = None
        self.cut_before = ""
        sa.event.listen(database.engine, "before_cursor_execute", self._before)
        copy = core.db.sqltools._copy

        def counted_copy(connection, statement, rows):
            self._before(connection, None, statement)
            copy(connection, statement, rows)

        monkeypatch.setattr(core.db.sqltools, "_copy", counted_copy)

    def close(self):
        sa.event.remove(self.database.engine, "before_cursor_execute", self._before)

    def arm(self, chosen):
        self.statements, self.chosen, self.cut_before = 0, chosen, ""

    def _before(self, connection, _cursor, statement, *_details):
        self.statements += 1
        if self.statements == self.chosen:
            self.cut_before = statement
            end_session(self.database, connection.connection.driver_connection)


def end_session(database, driver):
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [driver.info.backend_pid])


@pytest.fixture
def cutter(db, monkeypatch):
    cutter = Cutter(db, monkeypatch)
    yield cutter
    cutter.close()


class Flow:
    """An order made, confirmed and delivered by remote calls."""

    def __init__(self, db):
        self.db = db
        self.ids = prepare(db)
        with db.transaction() as env:
            key = env["res.users.apikeys"].with_user(self.ids["uid"])._generate("rpc", "test", False)
        self.headers = {"Authorization": f"Bearer {key}"}
        self.client = Client(Application(db))

    def call(self, path, key="", **arguments):
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        answer = self.client.post(f"/json/2/{path}", json=arguments, headers=headers)
        assert answer.status_code == 200, answer.text[:2000]
        return answer.json

    def values(self, reference):
        line = {"product_id": self.ids["product"], "product_uom_qty": 1}
        return {"partner_id": self.ids["partner"], "client_order_ref": reference, "order_line": [[0, 0, line]]}

    def deliver(self, reference):
        order = self.call("sale.order/create", vals_list=[self.values(reference)])
        self.call("sale.order/action_confirm", ids=order)
        ((picking,),) = [row["picking_ids"] for row in self.call("sale.order/read", ids=order, fields=["picking_ids"])]
        assert self.call("stock.picking/button_validate", ids=[picking]) is True

    def count(self, reference):
        """Orders, done transfers and delivered units of a reference."""
        with self.db.transaction() as env:
            orders = env["sale.order"].search([("client_order_ref", "=", reference)])
            done = orders.picking_ids.filtered(lambda picking: picking.state == "done")
            return len(orders), len(done), int(sum(done.move_ids.mapped("quantity")))


def test_a_connection_lost_at_any_statement_goes_unseen(db, cutter, chance):
    flow = Flow(db)
    flow.deliver("warm")
    cutter.arm(None)
    flow.deliver("measure")
    total = cutter.statements
    assert total > 30
    chosen = range(1, total + 1) if EVERY else sorted(chance.sample(range(1, total + 1), SAMPLE))
    for number in chosen:
        cutter.arm(number)
        flow.deliver(f"cut {number}")
        # A flow may take some statements less than the one that was measured.
        assert cutter.cut_before or number > total - 10
        assert flow.count(f"cut {number}") == (1, 1, 1), cutter.cut_before


def test_a_call_with_a_key_is_done_once_when_its_commit_is_cut(db, monkeypatch):
    flow = Flow(db)
    flow.deliver("warm")
    commit = sa.engine.default.DefaultDialect.do_commit
    armed = []

    def do_commit(self, connection):
        driver = connection.driver_connection
        if not armed or driver.info.transaction_status != psycopg.pq.TransactionStatus.INTRANS:
            return commit(self, connection)
        if armed.pop() == "after":
            commit(self, connection)
        end_session(db, driver)
        driver.execute("SELECT 1")  # no answer to the COMMIT

    monkeypatch.setattr(sa.engine.default.DefaultDialect, "do_commit", do_commit)
    for moment in ("before", "after"):
        armed.append(moment)
        flow.call("sale.order/create", key=f"key {moment}", vals_list=[flow.values(f"keyed {moment}")])
        assert not armed and flow.count(f"keyed {moment}")[0] == 1

        # Without a key nothing is repeated, and the client is told to look.
        armed.append(moment)
        answer = flow.client.post(
            "/json/2/sale.order/create", json={"vals_list": [flow.values(f"plain {moment}")]}, headers=flow.headers
        )
        assert (answer.status_code, answer.json["code"]) == (503, "outcome_unknown")
        assert "Retry-After" not in answer.headers and "Check whether" in answer.json["message"]
        assert flow.count(f"plain {moment}")[0] == (moment == "after")


def test_a_form_is_saved_once_when_its_commit_is_cut(db, client, monkeypatch):
    page = client.get("/app/res.partner/new")
    commit = sa.engine.default.DefaultDialect.do_commit
    cut = []

    def do_commit(self, connection):
        driver = connection.driver_connection
        commit(self, connection)
        if not cut and driver.execute("SELECT 1 FROM res_partner WHERE name = 'Once'").fetchone():
            cut.append(1)
            end_session(db, driver)
            driver.execute("SELECT 1")

    monkeypatch.setattr(sa.engine.default.DefaultDialect, "do_commit", do_commit)
    saved = client.submit(page, {"name": "Once"}, button="Save")
    assert saved.status_code == 200 and cut
    with db.transaction() as env:
        assert env["res.partner"].search_count([("name", "=", "Once")]) == 1

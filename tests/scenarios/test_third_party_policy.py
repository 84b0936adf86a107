"""An addon from outside the tree changes the backorder policy of one customer and adds a field to the delivery form.

It is brought in and taken out by the command line, as a deployer does it; what it was is gone afterwards.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.boot import Database
from core.db.reflection import reflect
from core.testing.form import FormDriver
from core.web.views.catalogue import Views
from tests.workers import run_command

THIRD_PARTY = Path(__file__).parents[1] / "thirdparty"
NAME = "vip_backorder"

ADDONS = ("sales",)
ADDONS_PATH = (str(THIRD_PARTY),)
DEMO = True

#: What tells of the installing itself: the numbers by which other processes notice, counters of rows, the list of
#: addons at hand (compared by name and state), and the audit log, which says that an addon was there.
ABOUT_INSTALLING = {"orm_generation", "sqlite_sequence", "ir_addon", "ir_audit_log"}


def stillage(db: Database, *arguments: str) -> str:
    """Run the command on the database, with the third party's folder in the environment; returns what it printed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STILLAGE_ADDONS_PATH", str(THIRD_PARTY))
        return run_command("--database", db.url, *arguments, folder=THIRD_PARTY)


def everything(db: Database) -> dict[str, Any]:
    """All tables with columns, indexes and foreign keys, and all their rows, without the time of the last change."""
    with db.engine.connect() as connection:
        states = connection.execute(sa.text("SELECT name, state FROM ir_addon ORDER BY name"))
        found: dict[str, Any] = {"addons": list(map(tuple, states))}
        for name, table in reflect(connection).items():
            if name in ABOUT_INSTALLING:
                continue
            rows = connection.execute(sa.text(f'SELECT * FROM "{name}"')).mappings()
            found[name] = {
                "columns": {column: str(details) for column, details in table.columns.items()},
                "rows": sorted(repr(sorted({**row, "write_date": None}.items())) for row in rows),
                "constraints": {
                    **table.checks,
                    **table.uniques,
                    **table.indexes,
                    **{repr(key): "foreign key" for key in table.foreign_keys},
                },
            }
        return found


def sell(env: Any, customer: Any, quantity: int = 20) -> Any:
    """A confirmed order over more Letter Trays than there are; returns its delivery."""
    product = env["product.product"].search([("name", "=", "Letter Tray")])
    order = env["sale.order"].create(
        {
            "partner_id": customer.id,
            "order_line": [(0, 0, {"product_id": product.id, "product_uom_qty": quantity})],
        }
    )
    order.action_confirm()
    return order.picking_ids


@pytest.fixture
def installed(db: Database) -> Database:
    """The database with the third party's addon, installed by the command."""
    stillage(db, "addons", "install", NAME)
    return db


@pytest.mark.slow
@pytest.mark.both_dialects("scenario")
def test_the_command_installs_it_from_its_folder(db):
    assert "Installed vip_backorder" in stillage(db, "addons", "install", NAME)
    listed = next(line for line in stillage(db, "addons", "list").splitlines() if line.startswith(NAME))
    assert "installed" in listed and str(THIRD_PARTY) in listed
    with db.transaction() as env:
        assert "backorder_without_question" in env["res.partner"]._fields


def test_its_policy_holds_for_that_customer_only(installed):
    with installed.transaction(login="admin") as env:
        env.ref("inventory.picking_type_out").create_backorder = "ask"
        vip = env["res.partner"].create({"name": "Gemini", "is_company": True, "backorder_without_question": True})
        dock = env["res.partner"].create({"name": "Gemini, dock 4", "parent_id": vip.id})
        other = env["res.partner"].create({"name": "Ready Mat"})

        first = sell(env, other)
        assert first.button_validate()._name == "stock.backorder.confirmation" and first.state != "done"
        first.do_unreserve()

        delivery = sell(env, dock)
        assert delivery.button_validate() is None and delivery.state == "done"
        assert delivery.backorder_ids.move_ids.product_uom_qty == Decimal(10)


def test_its_field_is_on_the_delivery_form(installed):
    with installed.transaction(login="admin") as env:
        combined, _ = Views().combined(env, "stock.picking", "form")
        field = combined.root.xpath("//field[@name='backorder_without_question']")
        assert len(field) == 1 and field[0].getprevious().get("name") == "partner_id"

        vip = env["res.partner"].create({"name": "Gemini", "backorder_without_question": True})
        form = FormDriver(sell(env, vip))
        assert form["backorder_without_question"] is True


@pytest.mark.slow
def test_uninstalled_it_leaves_no_trace(db):
    before = everything(db)
    stillage(db, "addons", "install", NAME)
    during = everything(db)
    assert "backorder_without_question" in during["res_partner"]["columns"]
    assert any(NAME in row for row in during["ir_model_data"]["rows"])
    assert any(NAME in row for row in during["ir_ui_view"]["rows"])

    assert "Removed vip_backorder" in stillage(db, "addons", "uninstall", NAME)
    after = everything(db)
    assert set(after) == set(before)
    assert after.pop("addons") == before.pop("addons")
    for table, old in before.items():
        new = after[table]
        assert set(new["rows"]) ^ set(old["rows"]) == set(), table
        assert new == old, table
    with db.transaction(login="admin") as env:
        assert "backorder_without_question" not in env["res.partner"]._fields
        env.ref("inventory.picking_type_out").create_backorder = "ask"
        assert sell(env, env["res.partner"].create({"name": "Gemini"})).button_validate()


@pytest.mark.slow
def test_uninstalled_after_use_what_it_did_stays(installed):
    """The transfers that were made by its policy are the company's records; only the addon's own column goes."""
    with installed.transaction(login="admin") as env:
        vip = env["res.partner"].create({"name": "Gemini", "backorder_without_question": True}).id
        delivery = sell(env, env["res.partner"].browse(vip))
        delivery.button_validate()
        backorder = delivery.backorder_ids.id
    stillage(installed, "addons", "uninstall", NAME)
    with installed.transaction(login="admin") as env:
        assert env["stock.picking"].browse(backorder).move_ids.product_uom_qty == Decimal(10)
        assert env["res.partner"].browse(vip).name == "Gemini"
    columns = everything(installed)["res_partner"]["columns"]
    assert "name" in columns and "backorder_without_question" not in columns

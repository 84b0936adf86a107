"""What README.md shows works as it stands there: its Python, its addon, its commands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from addons.inventory.testing import put_stock
from core.boot import Database
from core.cli.main import cli
from core.cli.session import Session
from core.testing.form import FormDriver

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)

ADDONS = ("sales", "manufacturing")
DEMO = True


def block(language: str, mark: str) -> str:
    """The one block of a language that contains `mark`."""
    (found,) = [text for kind, text in BLOCKS if kind == language and mark in text]
    return found


def commands() -> list[list[str]]:
    """The `stillage` command lines, as lists of words."""
    lines = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
    words = [shlex.split(line.partition("stillage")[2], comments=True) for line in lines if "stillage" in line]
    return [found for found in words if found]


def delivery(env: Any, partner: Any, product: Any, quantity: int) -> Any:
    """A transfer to `partner` for which everything is reserved."""
    kind = env.ref("inventory.picking_type_out")
    places = {
        "location_id": kind.default_location_src_id.id,
        "location_dest_id": env.ref("inventory.stock_location_customers").id,
    }
    line = {"product_id": product.id, "product_uom_qty": quantity, **places}
    transfer = env["stock.picking"].create(
        {"picking_type_id": kind.id, "partner_id": partner.id, "move_ids": [(0, 0, line)], **places}
    )
    transfer.action_confirm()
    transfer.action_assign()
    return transfer


def stocked(env: Any) -> Any:
    """A product of which there are ten."""
    product = env["product.product"].create({"name": "Drawer", "is_storable": True})
    put_stock(product, 10)
    return product


@pytest.mark.dialects("sqlite")
def test_the_example_from_outside(live_server: Any, db: Database) -> None:
    """An unchanged client signs in, validates a transfer that is ready, and loads and fetches orders."""
    with db.transaction() as env:
        ready = delivery(env, env["res.partner"].create({"name": "Ready Mat"}), stocked(env), 8).id
        env["product.product"].create({"name": "Lamp"})
        env["res.partner"].search([("name", "=", "Azure Interior")]) or env["res.partner"].create(
            {"name": "Azure Interior"}
        )
    text = block("python", "odoorpc") + block("python", "export_data")
    for shown, here in (("8069", str(live_server.port)), ('"stillage"', repr(db.name))):
        assert text.count(shown) == 1
        text = text.replace(shown, here)
    names: dict[str, Any] = {}
    exec(compile(text, "the README's Python", "exec"), names)
    assert [row[1:] for row in names["rows"]] == [["Azure Interior", "Drawer", 33.6], ["", "Lamp", 2]]
    with db.transaction() as env:
        assert env["stock.picking"].browse(ready).state == "done"


@pytest.mark.slow
def test_the_example_from_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database in the working folder, a transaction, an order."""
    monkeypatch.chdir(tmp_path)
    Database("sqlite:///shop.db").install(["sales"])
    names: dict[str, Any] = {}
    exec(compile(block("python", "core.boot"), "the README's Python", "exec"), names)
    with names["database"].transaction() as env:
        assert env["sale.order"].browse(names["order"].id).partner_id.name == "Azure Interior"


@pytest.fixture
def rush(tmp_path: Path) -> Path:
    """The folder in which the addon `rush` stands, made of the blocks that begin with the name of a file."""
    for _kind, text in BLOCKS:
        named = re.match(r"(?:#|<!--) (rush/\S+)", text)
        if named:
            path = tmp_path / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_the_addon(rush: Path) -> None:
    """It installs, its field is on the form, and the hasty customer's rest is backordered without a question."""
    database = Database(f"sqlite:///{rush / 'rush.db'}", addons_path=[str(rush)])
    database.install(["rush"])
    with database.transaction() as env:
        form = FormDriver(env["res.partner"])
        form["name"] = "Azure Interior"
        form["hasty"] = True
        hasty = form.save()
        patient = env["res.partner"].create({"name": "Ready Mat"})
        product = stocked(env)
        answers = []
        for partner in (hasty, patient):
            transfer = delivery(env, partner, product, 4)
            transfer.move_ids.quantity = 1
            answers.append(transfer.button_validate())
        assert answers[0] is None
        assert answers[1]._name == "stock.backorder.confirmation"


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_the_commands_exist(words: list[str]) -> None:
    """Every `stillage` line of the page is one that the command line understands."""
    result = CliRunner().invoke(cli, [*words, "--help"], obj=Session())
    assert result.exit_code == 0, result.output


def test_make_knows_the_targets() -> None:
    """Every `make` line of the page names a target of the Makefile."""
    wanted = set(re.findall(r"^(?:\w+=\S+ )*make (\w+)", "\n".join(text for _, text in BLOCKS), re.MULTILINE))
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"run", "test"} <= wanted <= targets

"""docs/deploying.md: its commands and settings exist, and a database moves from SQLite to PostgreSQL as it says."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa

from addons.inventory.testing import assert_stock_laws
from core.boot import Database
from core.cli.main import cli
from core.cli.session import Session
from core.settings import load_settings
from core.testing.databases import AddonSet

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "deploying.md").read_text()


def blocks(kind: str) -> list[str]:
    """The texts of the page's code blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """All calls of `stillage` on the page."""
    lines = [line for block in blocks("sh") for line in block.splitlines()] + re.findall(r"`(stillage [^`]+)`", TEXT)
    return sorted({line[line.index("stillage ") :] for line in lines if re.match(r"(\w+=\S+ )*stillage ", line)})


@pytest.mark.parametrize("line", commands())
def test_the_commands_exist(line):
    words = shlex.split(line, comments=True)[1:]
    command: Any = cli
    context = click.Context(cli, obj=Session())
    while words and isinstance(command, click.Group):
        command.make_parser(context).parse_args([])
        known = {option for parameter in command.params for option in parameter.opts}
        while words and words[0].startswith("--"):
            assert words[0] in known, line
            del words[:2]
        if not words:
            return
        command = command.get_command(context, words.pop(0))
        assert command is not None, line
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known, line


def test_the_settings_exist(tmp_path):
    (text,) = blocks("toml")
    (tmp_path / "stillage.toml").write_text(text)
    settings = load_settings(file=tmp_path / "stillage.toml", environ={})
    assert settings.workers == 4 and settings.secure_cookies and settings.trusted_proxies == 1


def ledger(env: Any) -> Any:
    """What must not change by a move: all rows counted, the stock, the names that come next."""
    stock = env["stock.quant"]._read_group([], ["product_id", "location_id"], ["quantity:sum"])
    return {
        "rows": {
            name: env.execute(sa.select(sa.func.count()).select_from(table)).scalar()
            for name, table in env.registry.metadata().tables.items()
        },
        "stock": [(product.name, location.complete_name, quantity) for product, location, quantity in stock],
        "numbers": {each.code or each.name: each.number_next_actual for each in env["ir.sequence"].search([])},
        "logins": env["res.users"].search([], order="id").mapped("login"),
    }


@pytest.mark.slow
def test_a_filled_database_moves_to_postgresql(tmp_path, databases, postgresql):
    (script,) = blocks("python")
    (tmp_path / "move.py").write_text(script)
    target = databases.empty("postgresql")
    with databases.fresh("sqlite", AddonSet(("sales",), demo=True)) as source:
        with source.transaction() as env:
            product = env["product.product"].search([("name", "=", "Letter Tray")])
            partner = env["res.partner"].create({"name": "Azure Interior"})
            lines = [(0, 0, {"product_id": product.id, "product_uom_qty": 20})]
            order = env["sale.order"].create({"partner_id": partner.id, "order_line": lines})
            order.action_confirm()
            order.picking_ids.button_validate(answers={"backorder": {"*": True}})
        done = subprocess.run(
            [sys.executable, "move.py", source.url, target],
            env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        with source.transaction() as env:
            before = ledger(env)
    moved = Database(target)
    try:
        assert not [change.describe() for change in moved.plan_upgrade()]
        with moved.transaction() as env:
            assert ledger(env) == before
            assert_stock_laws(env)
        with moved.transaction(login="admin") as env:
            picking = env["stock.picking"].create({"picking_type_id": env.ref("inventory.picking_type_out").id})
            assert env["stock.picking"].search_count([("name", "=", picking.name)]) == 1
    finally:
        moved.close()
        databases.drop(target)

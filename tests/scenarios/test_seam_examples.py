"""The examples of docs/seams.md are addons that work: all of them are installed as one, and people go on as before."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws
from core.boot import Database
from core.cli.seamdocs import HEAD as PAGE_HEAD
from core.cli.seamdocs import sections
from core.loader.assembly import assemble
from core.loader.discovery import discover
from core.orm.seams import overrides, seams
from tests.scenarios.seam_probe.flows import FLOWS, goods, ordered, quotation

BUNDLED = ("sales", "purchasing", "manufacturing")

HEAD = """\
from decimal import Decimal

from core import api, fields, models


"""


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on the addons path, with an addon of a file for each example."""
    path = tmp_path_factory.mktemp("examples")
    extends = path / "seam_examples" / "extends"
    extends.mkdir(parents=True)
    (path / "seam_examples" / "__init__.py").touch()
    (path / "seam_examples" / "__manifest__.py").write_text(repr({"depends": list(BUNDLED)}))
    (first,) = re.findall(r"^```python\n(.*?)^```$", PAGE_HEAD, re.MULTILINE | re.DOTALL)
    (extends / "first_of_the_page.py").write_text(first, encoding="utf-8")
    catalogue = discover(entry_points=False)
    for seam in seams(assemble(catalogue, catalogue.with_dependencies(BUNDLED)).registry):
        code = HEAD + sections(seam.docstring)["Example"] + "\n"
        (extends / f"{seam.label.replace('.', '_')}.py").write_text(code, encoding="utf-8")
    return path


@pytest.fixture
def database(database_url: str, examples: Path) -> Any:
    """A database with the bundled addons and the examples."""
    database = Database(database_url, addons_path=[examples])
    database.install(["seam_examples"])
    yield database
    database.close()


@pytest.mark.slow
def test_people_work_with_all_examples_at_once(database):
    with database.transaction() as env:
        for seam in seams(env.registry):
            assert "seam_examples" in [each.addon for each in overrides(env.registry, seam)], seam.label
        for flow, prepare in FLOWS["orders"].values():
            flow(env, prepare(env, 2))
            assert_stock_laws(env)
        order = quotation(env, goods(env, 2))
        order.action_confirm()
        order.picking_ids.do_unreserve()
        order.picking_ids.action_assign()
        order.action_cancel()
        made = ordered(env, goods(env, 2))
        made.qty_producing = Decimal(1)
        made.set_qty_producing()
        made._split_productions()
        made.action_cancel()
        assert_stock_laws(env)

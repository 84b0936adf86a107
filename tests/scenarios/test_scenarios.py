"""Runs docs/scenarios/*.md: stories told in prose, whose examples must do what they say, on both kinds of database.

A scenario starts with a comment that names the addons it needs, and the folders of those that are not bundled:
``<!-- addons: sales -->``, ``<!-- addons: sales, rush; paths: tests/thirdparty -->``. Its ``pycon`` blocks are run from
top to bottom in one session with ``env``, an environment of the administrator; at the end the stock laws hold.
"""

from __future__ import annotations

import doctest
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws
from core.testing.databases import AddonSet, TestDatabases

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "scenarios"
SCENARIOS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
NEEDS = re.compile(r"^<!-- addons: (?P<addons>[\w, ]+)(; paths: (?P<paths>[\w/, -]+))? -->$", re.MULTILINE)
BLOCK = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def addons_of(text: str) -> AddonSet:
    """The addons that a scenario needs, with demo data."""
    found = NEEDS.search(text)
    assert found, "a scenario names its addons in its first lines"
    addons, paths = (
        tuple(name.strip() for name in (found[part] or "").split(",") if name.strip()) for part in ("addons", "paths")
    )
    return AddonSet(addons, demo=True, paths=tuple(str(ROOT / path) for path in paths))


def as_example(text: str, path: Path, names: dict[str, Any]) -> doctest.DocTest:
    """The examples of a scenario as one session, with the line numbers of the document."""
    lines = [""] * (text.count("\n") + 1)
    for match in BLOCK.finditer(text):
        first = text.count("\n", 0, match.start(1))
        for offset, line in enumerate(match[1].splitlines()):
            lines[first + offset] = line
    return doctest.DocTestParser().get_doctest("\n".join(lines), names, path.stem, str(path), 0)


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) >= 5


@pytest.mark.both_dialects("scenario")
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_scenario_happens_as_told(path: Path, dialect: str, databases: TestDatabases) -> None:
    text = path.read_text()
    with databases.fresh(dialect, addons_of(text)) as database:
        with database.transaction(login="admin") as env:
            example = as_example(text, path, {"env": env, "Decimal": Decimal})
            assert example.examples, "a scenario without examples shows nothing"
            report: list[str] = []
            result = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False).run(example, out=report.append)
            assert not result.failed, "".join(report)
        with database.transaction() as env:
            assert_stock_laws(env)

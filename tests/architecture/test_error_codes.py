"""The table of codes in an addon's exceptions.py lists the codes that the addon raises."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADDONS = sorted(path.parent for path in (ROOT / "addons").glob("*/exceptions.py"))


def raised(folder: Path) -> set[str]:
    """Codes given to errors one by one."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py")]
    return {
        keyword.value.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
        if keyword.value.value.startswith((f"{folder.name}.", f"{folder.name}_"))
    }


@pytest.mark.parametrize("folder", ADDONS, ids=lambda folder: folder.name)
def test_table_lists_the_codes_that_are_raised(folder: Path) -> None:
    table = ast.get_docstring(ast.parse((folder / "exceptions.py").read_text(encoding="utf-8"))) or ""
    listed = re.findall(rf"^ +({folder.name}[._]\w+) ", table, re.MULTILINE)
    assert listed == sorted(raised(folder))

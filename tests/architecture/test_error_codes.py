"""The tables of codes in exceptions.py, of core and of each addon, list the codes that are raised."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {path.parent: path for path in sorted((ROOT / "addons").glob("*/exceptions.py"))}
FOLDERS[ROOT / "core" / "base"] = ROOT / "core" / "exceptions.py"


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


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_table_lists_the_codes_that_are_raised(folder: Path) -> None:
    table = ast.get_docstring(ast.parse(FOLDERS[folder].read_text(encoding="utf-8"))) or ""
    listed = re.findall(rf"^ +({folder.name}[._]\w+) ", table, re.MULTILINE)
    assert listed == sorted(raised(folder))

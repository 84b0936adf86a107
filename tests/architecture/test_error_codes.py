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


@pytest.mark.parametrize(
    "folder", [folder for folder in FOLDERS if folder.name != "base"], ids=lambda folder: folder.name
)
def test_codes_of_an_addon_have_its_name_and_a_dot_before_them(folder: Path) -> None:
    """``sales.nothing_to_sell``: the codes of all addons are written in one way."""
    classes = [
        (node.name, statement.value.value)
        for node in ast.parse(FOLDERS[folder].read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "code"
        if isinstance(statement.value, ast.Constant)
    ]
    codes = {*(code for _name, code in classes), *raised(folder)}
    assert classes and [code for code in sorted(codes) if not re.fullmatch(rf"{folder.name}\.\w+", code)] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_table_lists_the_codes_that_are_raised(folder: Path) -> None:
    table = ast.get_docstring(ast.parse(FOLDERS[folder].read_text(encoding="utf-8"))) or ""
    listed = re.findall(rf"^ +({folder.name}\.\w+) ", table, re.MULTILINE)
    assert listed == sorted(raised(folder))

"""Tests whose answer can differ by database run on both: what must be marked `both_dialects` is.

The rule is that of `core.testing.plugin.REASONS`. It is checked from three sides: the code that treats databases
differently, the tests that do so or have several connections, and the addons, each of which has a scenario on both.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from core.testing.plugin import REASONS

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
MODULES = sorted(path for path in TESTS.rglob("test_*.py") if "thirdparty" not in path.parts)
#: Reasons other than "scenario": the test is about what a database does.
ABOUT_DATABASES = set(REASONS) - {"scenario"}
#: Code asks which kind of database it works on.
ASKS = re.compile(r"\bdialect(\.name)? (==|!=) |\[[\w.]*dialect(\.name)?\]|@compiles\(|FOR UPDATE|with_for_update")
#: A test has several threads or processes.
SEVERAL = re.compile(
    r"\b(threading\.Thread|ThreadPoolExecutor|Popen|together|Meeting|running|worker_process|run_command)\("
)
#: Tests with several threads or processes that need not run on both, and why.
ONE_IS_ENOUGH = {
    "tests/core/base/test_credentials.py": "two who enter a code at once; on SQLite they take turns from the beginning",
    "tests/core/db/test_engine.py": "threads on SQLite, where a writer has to wait for its turn",
    "tests/core/cli/test_slow_clients.py": "requests that do not arrive get to no database",
    "tests/stories/test_crashes_under_load.py": "what fails is one kind of database: a server, or the disk of a file",
    "tests/test_distribution.py": "installs the wheel and starts it once; on PostgreSQL `test_serve` does",
    "tests/core/testing/test_run_folder.py": "ends processes of a test run; its databases only have to be there",
}


def name_of(path: Path) -> str:
    """The path below the root."""
    return path.relative_to(ROOT).as_posix()


def markers(expression: ast.expr) -> list[tuple[str, tuple[Any, ...]]]:
    """The pytest markers in an expression, as (name, positional arguments that are literals)."""
    found = []
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("pytest.mark."):
            arguments = tuple(each.value for each in node.args if isinstance(each, ast.Constant))
            found.append((ast.unparse(node.func).removeprefix("pytest.mark."), arguments))
    return found


@lru_cache
def marked(path: Path) -> dict[str, list[tuple[str, tuple[Any, ...]]]]:
    """The markers of each test of a module, those of its class and module included."""
    found: dict[str, list[tuple[str, tuple[Any, ...]]]] = {}

    def visit(body: list[ast.stmt], inherited: list[tuple[str, tuple[Any, ...]]]) -> None:
        for node in body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
                inherited = [*inherited, *markers(node.value)]
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                own = [*inherited, *(mark for each in node.decorator_list for mark in markers(each))]
                if isinstance(node, ast.ClassDef):
                    visit(node.body, own)
                elif node.name.startswith("test"):
                    found[node.name] = own

    visit(ast.parse(path.read_text(encoding="utf-8")).body, [])
    return found


def reasons(path: Path) -> set[str]:
    """The reasons that the tests of a module give for running on both."""
    return {each for own in marked(path).values() for name, given in own if name == "both_dialects" for each in given}


def mirror(source: Path) -> list[Path]:
    """The test modules of the part of the product that a source file belongs to: the same folder below `tests`."""
    folder = source.relative_to(ROOT).with_suffix("")
    while not (TESTS / folder).is_dir():
        folder = folder.parent
    return [path for path in MODULES if path.is_relative_to(TESTS / folder)]


SOURCES = [
    path
    for top in ("core", "addons")
    for path in sorted((ROOT / top).rglob("*.py"))
    if "testing" not in path.parts and ASKS.search(path.read_text(encoding="utf-8"))
]


def test_some_code_asks_for_the_kind_of_database() -> None:
    assert len(SOURCES) > 10


@pytest.mark.parametrize("source", SOURCES, ids=name_of)
def test_code_that_asks_for_the_kind_of_database_is_tested_on_both(source: Path) -> None:
    assert any(reasons(path) & ABOUT_DATABASES for path in mirror(source))


def test_a_test_that_asks_for_the_kind_of_database_says_where_it_runs() -> None:
    silent = [
        f"{name_of(path)}::{node.name}"
        for path in MODULES
        if ASKS.search(path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        and node.name in marked(path)
        and ASKS.search(ast.unparse(node.body))
        and not {"both_dialects", "dialects"} & {name for name, _ in marked(path)[node.name]}
    ]
    assert silent == []


def test_tests_with_several_threads_or_processes_run_on_both() -> None:
    silent = [
        name_of(path)
        for path in MODULES
        if SEVERAL.search(path.read_text(encoding="utf-8"))
        and name_of(path) not in ONE_IS_ENOUGH
        and not reasons(path) & {"locking", "scenario"}
    ]
    assert silent == []


@pytest.mark.parametrize("addon", sorted(path.parent.name for path in ROOT.glob("addons/*/__manifest__.py")))
def test_each_addon_has_a_scenario_on_both(addon: str) -> None:
    """In its own tests, or in a story of `docs/scenarios`, all of which run on both."""
    modules = [
        path for path in MODULES if path.is_relative_to(TESTS / "addons" / addon) and "scenario" in reasons(path)
    ]
    stories = [
        path
        for path in (ROOT / "docs" / "scenarios").glob("*.md")
        if addon in re.split(r"[ ,:;]+", path.read_text().partition("\n")[0])
    ]
    assert "scenario" in reasons(TESTS / "scenarios" / "test_scenarios.py")
    assert modules or stories

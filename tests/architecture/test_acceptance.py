"""docs/acceptance.md names for every sentence of the seeds, and for every trap, a test that is there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "acceptance.md"
ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"\[[^\]]+\]\(\.\./([^)]+)\) `(\w+)`")
#: How many sentences each seed document has; T are the traps.
SENTENCES = {"A": 28, "B": 23, "C": 11, "D": 11, "E": 18}
#: What a test that drives Chromium takes.
DRIVERS = {
    "person",
    "person_without_scripts",
    "worker",
    "picker",
    "browse",
    "browser",
    "chromium",
    "page",
    "plain_page",
}
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))


@cache
def functions(path: str) -> dict[str, set[str]]:
    """The tests of a file with the fixtures they take."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {
        node.name: {argument.arg for argument in node.args.args}
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }


def test_every_sentence_is_listed_once():
    listed = Counter(number for number, _text, _tests in ROWS if number[0] != "T")
    assert listed == Counter(f"{seed}{number}" for seed, count in SENTENCES.items() for number in range(1, count + 1))


@pytest.mark.parametrize(("number", "tests"), [(number, tests) for number, _text, tests in ROWS])
def test_it_has_tests_that_exist(number, tests):
    """And the sentences are walked in the browser."""
    found = TEST.findall(tests)
    assert found, f"{number} has no test"
    for path, name in found:
        assert name in functions(path), f"{number}: there is no {name} in {path}"
        assert number[0] == "T" or functions(path)[name] & DRIVERS, f"{number}: {name} drives no browser"

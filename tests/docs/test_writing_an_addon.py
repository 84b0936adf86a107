"""docs/writing_an_addon.md, done step by step: the commands are run, the files written, the tests in it pass."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import shlex
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path

import pytest
from jinja2 import Environment
from lxml import etree

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "writing_an_addon.md").read_text()
BLOCK = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
#: The first line of a block that is a file: its path below the addons folder.
NAMED = re.compile(r"^(?:# |<!-- )(?P<path>(?:loading_dock|place_limit)/[\w/.]+)(?: -->)?\n")
#: The same of an example that stands in tests/thirdparty, where tests/scenarios/test_quality_gate.py tests it.
THIRD_PARTY = re.compile(r"^(?:# |<!-- )(?P<path>quality_gate/[\w/.]+)(?: -->)?\n")
FOLDER = "my_addons"


def run(line: str, folder: Path, dialect: str, url: str) -> str:
    """Run a command of the page in `folder` and return what it prints."""
    program, *arguments = shlex.split(line)
    module = {"stillage": ["core"], "pytest": ["pytest", "-q", "-p", "no:cacheprovider"]}[program]
    if program == "pytest" and not installed():
        module += ["-p", "core.testing.plugin"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "STILLAGE_DATABASE_URL": url, "PYTEST_ADDOPTS": ""}
    environment |= {"STILLAGE_TEST_DIALECTS": dialect}
    done = subprocess.run(
        [sys.executable, "-m", *module, *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{line}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def installed() -> bool:
    """Whether pytest finds Stillage's plugin by itself."""
    return any(point.name == "core.testing.plugin" for point in importlib.metadata.entry_points(group="pytest11"))


def test_the_example_of_a_question_is_the_tested_one():
    shown = 0
    for match in BLOCK.finditer(TEXT):
        named = THIRD_PARTY.match(match["text"])
        if named:
            shown += 1
            assert match["text"][named.end() :] == (ROOT / "tests" / "thirdparty" / named["path"]).read_text()
    assert shown == 5


def test_code_that_is_no_file_is_code():
    """Excerpts, which stand for themselves, can be read by what they are written for; files are run below."""
    for match in BLOCK.finditer(TEXT):
        kind, text = match["kind"], match["text"]
        if NAMED.match(text) or THIRD_PARTY.match(text):
            continue
        if kind in ("py", "python"):
            text = textwrap.dedent(text)
            ast.parse(f"{{{text}}}" if text.startswith('"') else text)
        elif kind == "xml":
            etree.fromstring(text)
        elif kind == "jinja":
            Environment().parse(text)
        elif kind == "toml":
            tomllib.loads(text)
        else:
            assert kind in ("sh", ""), f"{kind}: say here how it is tested"


@pytest.mark.slow
@pytest.mark.dialects("sqlite")  # what the databases do differently is tested elsewhere, in less time
def test_the_page_does_what_it_says(tmp_path, database_url, dialect):
    printed = {}
    for match in BLOCK.finditer(TEXT):
        kind, text = match["kind"], match["text"]
        named = NAMED.match(text)
        if named:
            path = tmp_path / FOLDER / named["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text[named.end() :] if kind == "csv" else text)
        elif kind == "sh":
            for line in text.splitlines():
                printed[line] = run(line, tmp_path, dialect, database_url)
        elif kind == "":  # the tree that the scaffold writes
            for relative in re.findall(r"^    ([\w/.]+)", text, re.MULTILINE):
                assert (tmp_path / FOLDER / "loading_dock" / relative).is_file(), relative
    assert any(line.startswith("pytest") and "passed" in out for line, out in printed.items())
    assert any("shell" in line and "Gate 1" in out for line, out in printed.items())
    assert any(line.endswith("check") and "No problems found" in out for line, out in printed.items())

"""docs/security.md: every requirement of ASVS is there once, what it names exists, and its own claims hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from core.testing.client import document
from core.web.routing import Page

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (V\d[^|]*) \| ([^|]+) \| ([^|]+) \| ([^|]*) \| ?([^|]*)\|$", re.MULTILINE)
ROWS = ROW.findall(TEXT)
TESTS = re.compile(r"\[[^\]]+\]\(\.\./([^)]+)\) ((?:`\w+`(?:, )?)+)")
STATES = {"met", "partly", "not met", "n/a"}
#: Where one gets without a session that is running: pages that are open, and what authenticates by itself.
OPEN = {
    "/", "/favicon.ico", "/health/live", "/health/ready", "/login", "/login/again", "/login/code",
    "/static/<path:name>",
}  # fmt: skip
REMOTE = {
    "/doc-bearer/<model>.json", "/doc-bearer/index.json", "/doc-bearer/openapi.json",
    "/json/2/<model>/<method>", "/jsonrpc", "/web/database/list",
    "/web/dataset/call_button", "/web/dataset/call_button/<path:path>", "/web/dataset/call_kw",
    "/web/dataset/call_kw/<path:path>", "/web/dataset/search_read", "/web/session/authenticate", "/web/session/check",
    "/web/session/destroy", "/web/session/get_session_info", "/web/version", "/web/webclient/version_info",
    "/xmlrpc/2/<any(common, object, db):service>",
}  # fmt: skip


@cache
def functions(path: str) -> set[str]:
    """The tests of a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_requirement_is_listed_once():
    listed = Counter(re.findall(r"V\d+\.\d+\.\d+", " ".join(row[0] for row in ROWS)))
    lines = (ROOT / "tests" / "docs" / "asvs_5.0_level_2.txt").read_text(encoding="utf-8").splitlines()
    wanted = Counter(number for line in lines if not line.startswith("#") for number in line.split())
    assert wanted.total() == 253 and listed == wanted


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].partition(",")[0])
def test_a_requirement_says_where_it_is_met_or_why_not(row):
    numbers, asks, state, where, tests = (cell.strip() for cell in row)
    assert state in STATES and asks and where, numbers
    found = [(path, name) for path, names in TESTS.findall(tests) for name in re.findall(r"\w+", names)]
    assert bool(found) == bool(tests), numbers
    for path, name in found:
        assert name in functions(path), f"{numbers}: there is no {name} in {path}"
    # What documentation has to say is on the page; all else that is met is tested.
    assert state != "met" or found or re.match(r"\[[^]]+\]\((#|\w+\.md)", where), f"{numbers} has no test"


def test_what_the_page_names_exists():
    headings = {
        re.sub(r"[^\w -]", "", line.lower()).strip().replace(" ", "-") for line in re.findall(r"^#+ (.*)$", TEXT, re.M)
    }
    for target in re.findall(r"\]\(([^)#]*)\)", TEXT):
        if not target.startswith("https://"):
            assert (ROOT / "docs" / target).exists(), target
    for anchor in re.findall(r"\]\(#([^)]+)\)", TEXT):
        assert anchor in headings, anchor
    for path in re.findall(r"`((?:core|addons|docs|tests)/[\w./]+)`", TEXT):
        assert (ROOT / path).exists(), path


def test_passwords_are_hashed_as_the_page_says():
    """In a process of its own: tests hash with the least effort."""
    code = "from core.base.services import passwords; print(passwords.hash_password('correct horse battery'))"
    printed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "Argon2id, 64 MiB, 3 rounds, 4 lanes" in TEXT
    assert re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$", printed)


def test_there_are_no_other_ways_in(anonymous):
    rules = list(anonymous.application.map.iter_rules())
    pages = [rule for rule in rules if isinstance(rule.endpoint, Page)]
    assert {rule.rule for rule in pages if rule.endpoint.open} <= OPEN
    assert {rule.rule for rule in rules if rule not in pages} | {
        "/login",
        "/login/again",
        "/login/code",
    } == OPEN | REMOTE
    closed = {"/logout", "/app", "/app/preferences", "/app/<model>", "/web/content/<int:id>", "/web/image/<int:id>"}
    assert closed <= {rule.rule for rule in pages if not rule.endpoint.open}


def test_inputs_of_passwords_are_masked_and_known_to_managers(anonymous):
    page = document(anonymous.get("/login"))
    (password,) = page.xpath("//input[@name='password']")
    assert (password.get("type"), password.get("autocomplete")) == ("password", "current-password")
    assert page.xpath("//input[@name='login']/@autocomplete") == ["username"]
    for path in (ROOT / "core").rglob("templates/**/*.html"):
        for tag in re.findall(r"<input[^>]*type=\"password\"[^>]*>", path.read_text(encoding="utf-8")):
            assert re.search(r'autocomplete="[^"]*(current-password|new-password)', tag), path
    scripts = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "core").rglob("static/*.js"))
    assert '"paste"' not in scripts, "what is pasted is taken"

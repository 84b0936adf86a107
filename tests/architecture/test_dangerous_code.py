"""What makes programs unsafe is not used, or only where a reason is given.

That is code that is run from text, other programs and servers, formats that make objects, weak hashes, SQL and HTML
made of pieces of text, and libraries without a version.
"""

from __future__ import annotations

import ast
import importlib.metadata
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path for folder in ("core", "addons") for path in (ROOT / folder).rglob("*.py") if "testing" not in path.parts
)
TEMPLATES = sorted(path for folder in ("core", "addons") for path in (ROOT / folder).rglob("templates/**/*.html"))
SCRIPTS = sorted(path for folder in ("core", "addons") for path in (ROOT / folder).rglob("static/**/*.js"))

#: Modules that start programs, reach other servers, unpack archives or make objects of bytes.
MODULES = {
    "aiohttp", "asyncio", "ctypes", "dill", "ftplib", "http.client", "httpx", "imaplib", "ldap", "ldap3", "lzma",
    "marshal", "multiprocessing", "pickle", "poplib", "pty", "random", "requests", "shelve", "shutil", "smtplib",
    "socket", "ssl", "subprocess", "tarfile", "tempfile", "urllib.request", "urllib3", "xml.dom", "xml.etree",
    "xml.sax", "xmlrpc.client", "xmlrpc.server", "yaml", "zipfile",
}  # fmt: skip
#: (file, module) -> why it is safe there.
MODULES_ALLOWED = {
    ("core/db/engine.py", "random"): "spreads waiting in time; nothing has to be unguessable",
    ("core/db/transaction.py", "random"): "as in engine.py",
    ("core/rpc/xml.py", "xmlrpc.client"): "only its reader and writer of the format; a document type is refused before",
}
CALLS = re.compile(
    r"(eval|exec|compile|__import__|os\.(system|popen|exec\w+|spawn\w+|fork)|etree\.(fromstring|parse|XML|HTML)"
    r"|[\w.]+\.from_string|hashlib\.(md5|sha1|new))\Z"
)
#: (file, call) -> why it is safe there.
CALLS_ALLOWED = {
    ("core/cli/shell.py", "compile"): "the shell of those who run the server",
    ("core/cli/shell.py", "eval"): "as above",
    ("core/cli/shell.py", "exec"): "as above",
    (
        "core/loader/data_xml.py",
        "compile",
    ): "the attribute eval= in data files of addons, which are programs themselves",
    ("core/loader/data_xml.py", "eval"): "as above",
    ("core/i18n_extract.py", "etree.parse"): "a tool of developers, on their own files",
    ("core/loader/data_xml.py", "etree.parse"): "files of addons, with a parser that resolves nothing",
    ("core/xml_source.py", "etree.fromstring"): "the one parser of views, which resolves nothing",
    ("core/orm/fields/scalar.py", "hashlib.sha1"): "tells contents apart, for caches",
    ("core/base/models/ir_attachment.py", "hashlib.sha1"): "Odoo's checksum of a file, for clients that compare it",
}
#: File with statements that are put together -> of what.
SQL_ALLOWED = {
    "addons/manufacturing/services/explosion.py": "ids, each passed through int()",
    "core/base/migrations/1.1.0/post-once_keys.py": "an expression of the file itself, by database",
    "core/base/services/cron.py": "clauses of the file itself",
    "core/base/services/numbering.py": "names of the program's own tables and sequences",
    "core/cli/database.py": "the quoted name of the database, from the settings",
    "core/db/alteration.py": "quoted names of the models' tables",
    "core/db/engine.py": "numbers and words of the file itself",
    "core/db/errors.py": "quoted names, from the database's own message",
    "core/db/rebuild.py": "quoted names of the models' tables",
    "core/db/sqltools.py": "quoted names of the models' tables",
    "core/doctor/columns.py": "constraints as models declare them",
    "core/doctor/links.py": "quoted names of the models' tables",
    "core/web/pages/health.py": "a number of the file itself",
}
#: (file, word) -> why a script may use it.
WORDS = re.compile(
    r"\beval\(|\bnew Function\b|document\.write|outerHTML|insertAdjacentHTML|innerHTML|postMessage|localStorage"
    r"|indexedDB|document\.cookie|https?://"
)
WORDS_ALLOWED = {("core/web/static/stillage.js", "innerHTML"): 3}


def name_of(path: Path) -> str:
    """The path below the root."""
    return path.relative_to(ROOT).as_posix()


@cache
def nodes(path: Path) -> list[ast.AST]:
    """The syntax tree of a file, flat."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports."""
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """The calls in a file, each with what is called as text."""
    for node in nodes(path):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def test_no_module_reaches_out_of_the_process():
    found = {(name_of(path), module) for path in SOURCES for module in imported(path) if module in MODULES}
    assert found == set(MODULES_ALLOWED)


def test_nothing_runs_text_or_parses_xml_unsafely():
    found = {(name_of(path), name) for path in SOURCES for name, _node in calls(path) if CALLS.match(name)}
    assert found == set(CALLS_ALLOWED)


def test_weak_hashes_protect_nothing():
    for path in SOURCES:
        for name, node in calls(path):
            if name in ("hashlib.md5", "hashlib.sha1"):
                assert [ast.unparse(each) for each in node.keywords] == ["usedforsecurity=False"], name_of(path)


def test_templates_are_files_and_escape():
    for path in SOURCES:
        for name, node in calls(path):
            if name == "Environment" and "jinja2.Environment" in imported(path):
                assert "autoescape=True" in map(ast.unparse, node.keywords), name_of(path)
    assert TEMPLATES
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape", text), name_of(path)
        # The policy of pages allows nothing inline, and nothing of other servers.
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=", text), name_of(path)
        assert not re.search(r"""\s(?:src|srcset|href|action)=["']?(?:https?:)?//""", text), name_of(path)


def test_scripts_make_no_markup_of_data_and_store_no_data():
    assert SCRIPTS
    found: dict[tuple[str, str], int] = {}
    for path in SCRIPTS:
        for match in WORDS.finditer(path.read_text(encoding="utf-8")):
            found[name_of(path), match[0]] = found.get((name_of(path), match[0]), 0) + 1
    assert found == WORDS_ALLOWED, "markup that the file itself writes, or that the server has escaped"


def test_every_library_in_use_is_pinned():
    lock = {
        canonicalize_name(line.partition("==")[0])
        for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    }
    waiting = [requirement.name for requirement in required("stillage", {"dev", "testing"})]
    seen: set[str] = set()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in seen and name != "stillage":
            seen.add(name)
            waiting += [requirement.name for requirement in required(name, set())]
    assert not seen - lock, "pip freeze --exclude-editable > requirements.lock"


def required(name: str, extras: set[str]) -> list[Requirement]:
    """What an installed distribution needs here."""
    found = map(Requirement, importlib.metadata.requires(name) or ())
    return [
        each
        for each in found
        if not each.marker or any(each.marker.evaluate({"extra": extra}) for extra in extras | {""})
    ]


def has_literal(expression: ast.expr) -> bool:
    """Whether a part of the expression is a text."""
    return any(isinstance(node, ast.Constant) and isinstance(node.value, str) for node in ast.walk(expression))


def test_sql_is_not_put_together_from_values():
    """A statement is a literal, or SQLAlchemy makes it; names in it come from the models, and are quoted."""
    found = set()
    for path in SOURCES:
        for name, node in calls(path):
            if node.args and name.rpartition(".")[2] in ("execute", "exec_driver_sql", "text"):
                sql = node.args[0]
                formatted = isinstance(sql, ast.Call) and ast.unparse(sql.func).endswith(".format")
                # `prefix + name` is no statement; one that begins with a literal may be.
                if formatted or isinstance(sql, ast.JoinedStr) or (isinstance(sql, ast.BinOp) and has_literal(sql)):
                    found.add(name_of(path))
    assert found == set(SQL_ALLOWED)

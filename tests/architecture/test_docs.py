"""The documents name what is there: files, folders, and each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
#: A path in backquotes that begins at the root of the tree; several names may follow it, `<x>` stands for any.
NAMED = re.compile(r"`((?:core|addons|tests|docs|benchmarks)/[^`<>*]*)`")


def where(path: Path) -> str:
    """The document's name for the test's id."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", DOCUMENTS, ids=where)
def test_links_lead_somewhere(path: Path) -> None:
    """A link to another file of the tree."""
    wanted = LINK.findall(path.read_text(encoding="utf-8"))
    assert [link for link in wanted if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=where)
def test_files_that_are_named_exist(path: Path) -> None:
    """`core/db/schema.py`, and `core/api.py fields.py models.py` for several in one folder."""
    absent = []
    for named in NAMED.findall(path.read_text(encoding="utf-8")):
        first, *others = named.split()
        names = [first, *(f"{first.rpartition('/')[0]}/{other}" for other in others)]
        absent += [name for name in names if not (ROOT / name).exists()]
    assert absent == []


def test_owners_in_the_glossary_exist() -> None:
    """A plain name in the column *Code* is a service of inventory, one with dots a model."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    owners = " ".join(line.split("|")[3] for line in text.splitlines() if line.startswith("| ") and "`" in line)
    services = re.findall(r"(?<!hook )(?<!field )`([a-z]\w*)`", owners)
    models = re.findall(r"`([a-z]+(?:\.[a-z]+)+)[`.]", owners)
    sources = [path for top in ("addons", "core") for path in (ROOT / top).rglob("*.py")]
    names = set(re.findall(r'_name = "([a-z.]+)"', "".join(path.read_text(encoding="utf-8") for path in sources)))
    assert services and models
    assert [name for name in services if not (ROOT / f"addons/inventory/services/{name}.py").exists()] == []
    assert [name for name in models if name not in names] == []


def test_decisions_have_a_number_each() -> None:
    """No two files begin with the same number, and a title with a number has that of its file."""
    records = [path for path in DOCUMENTS if path.parent.name == "decisions"]
    numbers = [path.name[:4] for path in records]
    assert sorted(set(numbers)) == sorted(numbers)
    titles = {path.name: re.match(r"# (\d+)\.", path.read_text(encoding="utf-8")) for path in records}
    assert {name for name, title in titles.items() if title and int(title[1]) != int(name[:4])} == set()


def test_the_tree_of_the_readme_is_the_tree() -> None:
    """Every file and folder of the drawing is there, and every package of core and every addon is in the drawing."""
    (tree,) = re.findall(r"^## The tree\n\n```\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    found: set[str] = set()
    chapter = ""
    for line in tree.splitlines():
        names, words = [], line.split()
        while words and (words[0].endswith((".py", "/"))):
            names.append(words.pop(0))
        if not line.startswith(" "):
            chapter = names.pop(0)
            found.add(chapter)
        found.update(f"{chapter}{name}" for name in names)
    assert [name for name in sorted(found) if not (ROOT / name).exists()] == []
    packages = {f"{where(path.parent)}/" for path in ROOT.glob("core/*/__init__.py")}
    addons = {f"{where(path.parent)}/" for path in ROOT.glob("addons/*/__manifest__.py")}
    assert sorted((packages | addons) - found) == []

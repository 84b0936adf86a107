"""Addons written to disk for a test."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from core.boot import Database
from core.testing.databases import AddonSet

_NUMBERS = itertools.count(1)

#: A model with a table, for tests that need one.
MODEL = """
from core import api, fields, models


class Thing(models.Model):
    _name = "{name}.thing"
    _description = "Thing"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
"""

RIGHTS = """
id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink
access_thing,thing,model_{name}_thing,base.group_user,1,1,1,1
"""


class AddonFolder:
    """A folder of the addons path. Names are made unique, as imported packages outlive a test."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = next(_NUMBERS)

    def name(self, stem: str) -> str:
        """The unique name for ``stem``."""
        return f"{stem}{self.number}"

    def write(self, stem: str, files: Mapping[str, str] | None = None, /, **manifest: Any) -> str:
        """Write an addon and return its name; ``{name}`` in files is replaced by it.

        ``depends`` in ``manifest`` are stems, except names that are real addons.
        """
        name = self.name(stem)
        values = {"name": stem, "version": "1.0", "depends": ["base"], **manifest}
        folder = self.path / name
        folder.mkdir(exist_ok=True)
        contents = {"__init__.py": "", "__manifest__.py": repr(values), **(files or {})}
        for relative, text in contents.items():
            target = folder / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(textwrap.dedent(text).lstrip("\n").replace("{name}", name), encoding="utf-8")
        return name

    def thing(self, stem: str, files: Mapping[str, str] | None = None, /, **manifest: Any) -> str:
        """Write an addon with the model ``<name>.thing``, rights on it, and more."""
        manifest.setdefault("data", [])
        manifest["data"] = ["security/ir.model.access.csv", *manifest["data"]]
        own = {"models/__init__.py": "", "models/thing.py": MODEL, "security/ir.model.access.csv": RIGHTS}
        return self.write(stem, own | dict(files or {}), **manifest)


@pytest.fixture
def folder(tmp_path: Path) -> AddonFolder:
    """An empty folder of the addons path."""
    path = tmp_path / "more_addons"
    path.mkdir()
    return AddonFolder(path)


class Opener:
    """Opens databases with the test's folder on the addons path; as often as wanted, as other processes would."""

    def __init__(self, folder: AddonFolder) -> None:
        self.folder = folder
        self.opened: list[Database] = []

    def open(self, url: str) -> Database:
        """Open the database at ``url``."""
        self.opened.append(Database(url, addons_path=[self.folder.path]))
        return self.opened[-1]

    def close(self) -> None:
        """Close all that were opened."""
        for database in self.opened:
            database.close()


@pytest.fixture
def open_empty(folder: AddonFolder, database_url: str) -> Iterator[Callable[[], Database]]:
    """Opens the test's database, which is empty."""
    opener = Opener(folder)
    yield lambda: opener.open(database_url)
    opener.close()


@pytest.fixture
def open_database(folder: AddonFolder, dialect: str, databases: Any) -> Iterator[Callable[[], Database]]:
    """Opens the test's database, in which base is installed."""
    opener, url = Opener(folder), databases.copy(dialect, AddonSet())
    yield lambda: opener.open(url)
    opener.close()
    databases.drop(url)

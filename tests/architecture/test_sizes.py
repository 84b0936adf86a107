"""Files, classes and functions stay small enough to be read at a sitting, and say what they are."""

from pathlib import Path

import pytest

from core.testing import source

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [path for path in (ROOT / "core", ROOT / "addons", ROOT / "tests", ROOT / "benchmarks") if path.is_dir()]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_nothing_is_too_long(folder):
    """At most 600 lines per file, 400 per class, 60 per function."""
    source.nothing(source.oversized(folder))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_no_module_is_called_utils(folder):
    """A module is named after what is in it."""
    source.nothing(source.vague_names(folder))


@pytest.mark.parametrize("name", ["core", "addons"])
def test_what_is_public_says_what_it_promises(name):
    """Modules, public classes and public functions have docstrings."""
    source.nothing(source.undocumented(ROOT / name))

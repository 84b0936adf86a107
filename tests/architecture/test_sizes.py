"""Files, classes and functions stay small enough to be read at a sitting, and say what they are."""

from pathlib import Path

import pytest

from core.testing import source

ROOT = Path(__file__).resolve().parents[2]
#: Files and functions of a folder that are longer, with the reason; those of addons are with their contracts.
OVERSIZED: dict[str, dict[str, str]] = {
    "core": {
        "base/models/res_users.py": "One model: the user with all credentials, whose changes have one guard.",
    },
    "tests": {
        "scenarios/seam_probe/test_effects.py": "One page: what the probe changes through each seam of docs/seams.md.",
    },
}
FOLDERS = [path for path in (ROOT / "core", ROOT / "addons", ROOT / "tests", ROOT / "benchmarks") if path.is_dir()]


@pytest.mark.parametrize("name", ["core", "tests", "benchmarks"])
def test_nothing_is_too_long(name):
    """At most 600 lines per file, 400 per class, 60 per function; addons have the same test in their contract."""
    source.nothing(source.oversized(ROOT / name, OVERSIZED.get(name, {})))


def test_long_code_has_a_reason(tmp_path):
    """A reason holds for a file and its classes, or for one function; one that is not needed is reported."""
    body = "\n".join(f"        {name} = 1" for name in map("a{}".format, range(61)))
    (tmp_path / "long.py").write_text("class Long:\n" + "    x = 1\n" * 400 + f"    def work(self):\n{body}\n")
    assert [line.rpartition(": ")[2] for line in source.oversized(tmp_path)] == [
        "class Long has 463 lines, not 400",
        "work() has 62 lines, not 60",
    ]
    reasons = {"long.py": "One model.", "long.py:work": "One statement."}
    assert source.oversized(tmp_path, reasons) == []
    assert source.oversized(tmp_path, {**reasons, "long.py:work": ""}) == [
        f"{tmp_path / 'long.py'}:402: work() has 62 lines, not 60",
        f"{tmp_path / 'long.py:work'}: listed without need or reason",
    ]
    assert source.oversized(tmp_path, {**reasons, "gone.py": "One model."}) == [
        f"{tmp_path / 'gone.py'}: listed without need or reason"
    ]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_no_module_is_called_utils(folder):
    """A module is named after what is in it."""
    source.nothing(source.vague_names(folder))


@pytest.mark.parametrize("name", ["core", "addons"])
def test_what_is_public_says_what_it_promises(name):
    """Modules, public classes and public functions have docstrings."""
    source.nothing(source.undocumented(ROOT / name))

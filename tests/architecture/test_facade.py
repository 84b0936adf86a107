"""What addons may use of core is a committed list: widening it is a visible change."""

import importlib
from pathlib import Path

import pytest

COMMITTED = Path(__file__).with_name("public_api.txt")
FACADES = ("core.api", "core.fields", "core.models", "core.exceptions", "core.rounding", "core.doctor")


def names_of(module: str) -> list[str]:
    """The public names of a facade: its `__all__`, or where it has none, what it defines itself."""
    found = importlib.import_module(module)
    own = [name for name, value in vars(found).items() if getattr(value, "__module__", None) == module]
    return sorted(name for name in getattr(found, "__all__", own) if not name.startswith("__"))


@pytest.mark.parametrize("module", FACADES)
def test_the_public_surface_is_as_committed(module):
    """Names come and go in public_api.txt and in the module at once.

    To accept a change: `python tests/architecture/test_facade.py`.
    """
    committed = [
        line.removeprefix(f"{module}.") for line in COMMITTED.read_text().split() if line.startswith(f"{module}.")
    ]
    assert names_of(module) == committed


@pytest.mark.parametrize("module", FACADES)
def test_every_public_name_exists(module):
    """`__all__` promises nothing that is not there."""
    found = importlib.import_module(module)
    assert [name for name in names_of(module) if not hasattr(found, name)] == []


if __name__ == "__main__":
    COMMITTED.write_text("".join(f"{module}.{name}\n" for module in FACADES for name in names_of(module)))

"""The import contracts of pyproject.toml hold, and nothing slips past them."""

from pathlib import Path

from importlinter.cli import lint_imports

from core.testing import source

ROOT = Path(__file__).resolve().parents[2]


def test_import_contracts_hold(capsys):
    """`lint-imports` finds no broken contract."""
    failed = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert not failed, capsys.readouterr().out


def test_no_import_hides_in_a_function():
    """Imports stand at the top of a module, where the contracts and the reader see them."""
    source.nothing(source.late_imports(ROOT / "core") + source.late_imports(ROOT / "addons"))


def test_the_root_package_imports_nothing():
    """`import core` gives the version and nothing else."""
    assert list(source.imported_names(ROOT / "core" / "__init__.py", "core")) == []

"""The import contracts of pyproject.toml hold, and nothing slips past them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.testing import source

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_import_contracts_hold():
    """`lint-imports` finds no broken contract. It runs in a process of its own, as it silences all loggers of one."""
    lint = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"
    done = subprocess.run(
        [sys.executable, "-c", lint],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_no_import_hides_in_a_function():
    """Imports stand at the top of a module, where the contracts and the reader see them."""
    source.nothing(source.late_imports(ROOT / "core") + source.late_imports(ROOT / "addons"))


def test_the_root_package_imports_nothing():
    """`import core` gives the version and nothing else."""
    assert list(source.imported_names(ROOT / "core" / "__init__.py", "core")) == []


@pytest.mark.slow
def test_the_command_imports_no_database_driver():
    """The driver of PostgreSQL is imported for a PostgreSQL database; the command starts 50 ms earlier without it."""
    program = "import sys, core.cli.main; sys.exit('psycopg' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)

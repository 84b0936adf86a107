"""The import contracts of pyproject.toml hold, and nothing slips past them."""

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from addons.inventory import services as inventory_services
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


def _used_of_inventory(path):
    """(service, name) of all that a module takes from the services of inventory."""
    package, tree, services, used = inventory_services.__name__, ast.parse(path.read_text("utf-8")), {}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == package:
            services |= {each.asname or each.name: each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{package}."):
            used |= {(node.module.removeprefix(f"{package}."), each.name) for each in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in services:
            used.add((services[node.value.id], node.attr))
    return used


def test_other_addons_use_the_public_services_of_inventory():
    """What they may use is the list `PUBLIC` of `addons.inventory.services`; all that it names is there."""
    public = {(service, name) for service, names in inventory_services.PUBLIC.items() for name in names.split()}
    others = [
        path for path in (ROOT / "addons").glob("*/**/*.py") if "inventory" not in path.relative_to(ROOT).parts[1:2]
    ]
    used = {(str(path.relative_to(ROOT)), *each) for path in others for each in _used_of_inventory(path)}
    assert sorted(each for each in used if each[1:] not in public) == []
    missing = [
        (service, name)
        for service, name in sorted(public)
        if not hasattr(importlib.import_module(f"{inventory_services.__name__}.{service}"), name)
    ]
    assert missing == []

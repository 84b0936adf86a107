"""A clean install of all bundled addons passes our own checks, and every order in it is decided."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli.database import check_database
from core.cli.main import main
from core.loader.conflicts import all_conflicts

ADDONS = tuple(sorted(path.parent.name for path in Path(__file__).parents[2].glob("addons/*/__manifest__.py")))


@pytest.fixture
def stillage(db, capsys, monkeypatch, tmp_path):
    """Run a command on the database; returns (exit code, standard output)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STILLAGE_DATABASE_URL", db.url)

    def work(*arguments):
        code = main(list(arguments))
        return code, capsys.readouterr().out

    return work


def test_the_checks_find_nothing(db):
    assert set(db.addons) == {"base", *ADDONS}
    assert [str(message) for message in check_database(db)] == []


def test_no_order_is_left_to_the_alphabet(db, env):
    assert all_conflicts(env, db.catalogue) == []


def test_the_commands_say_that_there_is_nothing(stillage):
    assert stillage("check", "--strict") == (0, "No problems found\n")
    assert stillage("addons", "conflicts") == (0, "No conflicts: the order of all addons is decided\n")


@pytest.mark.dialects("sqlite")
def test_the_bundled_addons_are_loaded_in_the_order_that_was_decided(db):
    # docs/decisions/0014-loading-order.md says what depends on it
    assert db.addons == [
        "base",
        "inventory",
        "invoicing",
        "manufacturing",
        "purchasing",
        "sales",
        "sales_manufacturing",
        "sales_invoicing",
    ]
    callers = [impl.addon for impl in db.hooks.register_doctor_checks.implementations]
    assert callers == [addon for addon in reversed(db.addons) if addon in callers]

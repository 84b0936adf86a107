"""Two distributions that know nothing of each other extend the same model, wrap the same hook and change the same view.

They are built and installed by pip into a folder of their own, and found by their entry points.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.loader.conflicts import all_conflicts

PACKAGES = Path(__file__).parents[2] / "thirdparty"
NAMES = ("vip_policy", "route_notes")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder into which pip has installed both distributions."""
    target = tmp_path_factory.mktemp("site")
    sources = [str(PACKAGES / f"stillage-{name.replace('_', '-')}") for name in NAMES]
    # Without the build backend at hand, pip fetches it from the index that this machine is configured for.
    isolation = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *isolation, "--target", str(target)]
    done = subprocess.run([*command, *sources], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def database(site, database_url, monkeypatch):
    """An empty database in an environment in which both distributions are installed."""
    monkeypatch.syspath_prepend(site)
    importlib.invalidate_caches()
    boot = importlib.import_module("core.boot")
    database = boot.Database(database_url)
    yield database
    database.close()
    for name in [name for name in sys.modules if name.startswith(("stillage_vip_policy", "stillage_route_notes"))]:
        del sys.modules[name]


def test_they_are_found_by_entry_point(database, site):
    for name in NAMES:
        addon = database.catalogue[name]
        assert addon.package == f"stillage_{name}" and addon.path.is_relative_to(site)
        assert addon.origin == f"entry point of stillage-{name.replace('_', '-')}"


@pytest.mark.slow
@pytest.mark.parametrize("order", [NAMES, NAMES[::-1]])
def test_both_extend_the_same_model(database, order):
    for name in order:
        database.install([name])
    assert database.addons == ["base", "route_notes", "vip_policy"]
    with database.transaction() as env:
        partner = env["res.partner"].create({"name": "Gemini", "vip_level": "gold", "delivery_route": "R7"})
        env.flush_all()
        # the addon that comes later in the order speaks last, whichever was installed first
        assert partner.display_name == "Gemini [R7] *gold*"


def test_both_wrap_the_same_hook_in_the_order_they_ask_for(database):
    database.install(NAMES)
    with database.transaction() as env, database.hooks.tracing() as entries:
        env["res.partner"].create({"name": "Azure", "city": "Lyon", "delivery_route": "R1"})
        entries.clear()
        second = env["res.partner"].create({"name": "Deco", "city": "Lyon", "vip_level": "gold"})
        calls = [(entry.addon, entry.depth) for entry in entries if entry.hook == "on_create"]
        assert calls == [("vip_policy", 0), ("route_notes", 1)]
        assert second.delivery_route == "R1" and second.ref == f"VIP-{second.id}"


@pytest.mark.slow
def test_both_change_the_same_part_of_a_view(database):
    database.install(NAMES)
    with database.transaction() as env:
        views = env.ref("base.view_partner_form")._extensions()
        names = env["ir.model.data"]._xmlids_of("ir.ui.view", views.ids)
        # the least priority first: the anchor is still there for route_notes when vip_policy replaces it
        assert [names[view.id] for view in views] == ["route_notes.view_partner_form", "vip_policy.view_partner_form"]


def test_the_conflict_report_names_them_all(database):
    database.install(NAMES)
    with database.transaction(readonly=True) as env:
        found = {conflict.kind: conflict for conflict in all_conflicts(env, database.catalogue)}
    hook = found["wrapped hook"]
    assert hook.subject == "on_create for res.partner" and hook.determined and "before='route_notes'" in hook.reason
    assert hook.order == ("vip_policy:on_create", "route_notes:on_create")
    method = found["overridden method"]
    assert method.subject == "res.partner._compute_display_name" and not method.determined
    assert set(method.addons) == set(NAMES)
    view = found["view part"]
    assert view.subject == "base.view_partner_form //field[@name='website']" and view.determined
    assert view.order == ("route_notes.view_partner_form (after)", "vip_policy.view_partner_form (replace)")


@pytest.mark.slow
def test_either_can_be_taken_out_again(database):
    database.install(NAMES)
    database.uninstall(["vip_policy"])
    with database.transaction() as env:
        assert "vip_level" not in env["res.partner"]._fields and "route_note" in env["res.partner"]._fields
        assert env["res.partner"].create({"name": "Plain"}).display_name == "Plain"
    database.uninstall(["route_notes"])
    assert database.addons == ["base"]


@pytest.mark.slow
@pytest.mark.dialects("sqlite")
def test_the_command_line_shows_order_and_conflicts(database, database_url, site):
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(site), str(PACKAGES.parents[1])]),
        "STILLAGE_DATABASE_URL": database_url,
    }

    def stillage(*arguments):
        command = [sys.executable, "-m", "core", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    stillage("init", "--addons", ",".join(NAMES))
    listed = stillage("addons", "list")
    assert "entry point of stillage-vip-policy" in listed
    conflicts = stillage("addons", "conflicts")
    assert "vip_policy:on_create -> route_notes:on_create" in conflicts
    assert "res.partner._compute_display_name" in conflicts and "1 of them undetermined" in conflicts
    assert "vip_policy:on_create [res.partner] (wrapper)" in stillage("hooks")

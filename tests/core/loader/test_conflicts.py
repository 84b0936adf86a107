"""The conflict report: what no manifest decides, and nothing else."""

from __future__ import annotations

import pytest

from core.loader.conflicts import all_conflicts

pytestmark = pytest.mark.dialects("sqlite")  # the report reads manifests and classes

PARTNER = """
from core import models


class Partner(models.Model):
    _inherit = "res.partner"

    def _order_of_names(self):
        return [*super()._order_of_names(), "{name}"]

    def write(self, vals):
        return super().write(vals)
"""

FIRST = """
from core import models


class Partner(models.Model):
    _inherit = "res.partner"

    def _order_of_names(self):
        return ["{name}"]
"""

HOOK = """
from core.api import hookimpl


@hookimpl(wrapper=True)
def on_done():
    return (yield)
"""

VIEW = """
<odoo>
  <record id="view" model="ir.ui.view">
    <field name="name">partner</field>
    <field name="model">res.partner</field>
    <field name="inherit_id" ref="base.view_partner_form"/>
    <field name="arch" type="xml">
      <field name="website" position="replace"><field name="website" string="{name}"/></field>
    </field>
  </record>
</odoo>
"""

RIVAL = {"models/__init__.py": "", "models/partner.py": PARTNER, "hooks.py": HOOK, "views.xml": VIEW}


@pytest.fixture
def brought(folder):
    """The addon that brings the method; the others depend on it."""
    return folder.write("first", {"models/__init__.py": "", "models/partner.py": FIRST})


def rival(folder, stem, brought, **manifest):
    manifest.setdefault("depends", [brought])
    return folder.write(stem, RIVAL, data=["views.xml"], **manifest)


def report(database):
    with database.transaction(readonly=True) as env:
        return {(conflict.kind, conflict.subject): conflict for conflict in all_conflicts(env, database.catalogue)}


def names(database):
    with database.transaction(readonly=True) as env:
        return env["res.partner"]._order_of_names()


def test_addons_that_no_manifest_relates_are_reported(folder, brought, open_database):
    a, b = (rival(folder, stem, brought) for stem in "ab")
    database = open_database()
    database.install([a, b])
    found = report(database)
    assert set(found) == {
        ("wrapped hook", "on_done"),
        ("overridden method", "res.partner._order_of_names"),
        ("overridden method", "res.partner.write"),
        ("view part", "base.view_partner_form //field[@name='website']"),
    }
    assert not any(conflict.determined for conflict in found.values())
    assert all(set(conflict.addons) == {a, b} for conflict in found.values())


@pytest.mark.parametrize("key", ["depends", "after"])
def test_one_manifest_that_names_the_other_addon_decides_all_of_it(folder, brought, open_database, key):
    a, b = folder.name("a"), folder.name("b")
    rival(folder, "a", brought, **{key: [brought, b]})
    rival(folder, "b", brought)
    database = open_database()
    database.install([a, b])
    assert names(database) == [brought, b, a]
    assert [impl.addon for impl in database.hooks.on_done.implementations if impl.addon in (a, b)] == [a, b]
    assert report(database) == {}


def test_after_decides_by_way_of_installed_addons(folder, brought, open_database):
    a, b, c = (folder.name(stem) for stem in "abc")
    rival(folder, "a", brought, after=[b])
    folder.write("b", after=[c])
    rival(folder, "c", brought)
    database = open_database()
    database.install([a, c])
    assert names(database) == [brought, a, c]
    assert len(report(database)) == 4
    database.install([b])
    assert names(database) == [brought, c, a]
    assert report(database) == {}


def test_the_report_names_only_those_that_are_undecided(folder, brought, open_database):
    a, b = (rival(folder, stem, brought) for stem in "ab")
    c = rival(folder, "c", brought, after=[a, b])
    database = open_database()
    database.install([a, b, c])
    found = report(database)
    method = found["overridden method", "res.partner._order_of_names"]
    assert method.order == (b, a)
    assert not found["wrapped hook", "on_done"].determined


def test_a_method_that_no_addon_brought_sets_all_its_overrides_against_each_other(folder, brought, open_database):
    a, b, c = (rival(folder, stem, brought) for stem in "abc")
    database = open_database()
    database.install([a, b, c])
    # res.partner of base has no write() of its own
    assert report(database)["overridden method", "res.partner.write"].order == (c, b, a)


def test_extensions_of_a_view_follow_the_loading_order_whichever_was_installed_first(folder, brought, open_database):
    a, b = folder.name("a"), folder.name("b")
    rival(folder, "a", brought, after=[b])
    rival(folder, "b", brought)
    database = open_database()
    database.install([a])
    database.install([b])
    with database.transaction(readonly=True) as env:
        views = env.ref("base.view_partner_form")._extensions()
        extensions = env["ir.model.data"]._xmlids_of("ir.ui.view", views.ids)
        assert [extensions[view.id] for view in views] == [f"{b}.view", f"{a}.view"]
    assert report(database) == {}

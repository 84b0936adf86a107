"""Install, upgrade and uninstall, each in one transaction, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.db.reflection import reflect
from core.exceptions import (
    AddonError,
    CircularDependency,
    DataFileError,
    DependencyError,
    HookError,
    SchemaError,
    UserError,
)

DATA = """
<odoo>
    <record id="first" model="{name}.thing"><field name="name">First</field></record>
    <record id="second" model="{name}.thing"><field name="name">Second</field></record>
</odoo>
"""


def tables(database):
    with database.engine.connect() as connection:
        return set(reflect(connection))


def columns(database, table):
    with database.engine.connect() as connection:
        return set(reflect(connection)[table].columns)


def snapshot(database):
    """All tables with their columns and the number of their rows; those that tell of the installing itself left out."""
    with database.engine.connect() as connection:
        return {
            name: (set(table.columns), connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar())
            for name, table in reflect(connection).items()
            if name not in {"ir_addon", "ir_audit_log", "orm_generation", "sqlite_sequence"}
        }


# ---------------------------------------------------------------------------- install


@pytest.mark.both_dialects("schema")
def test_base_is_installed_first_into_an_empty_database(open_empty):
    db = open_empty()
    assert not db.initialised and db.addons == []
    assert db.install([]) == ["base"]
    assert db.addons == ["base"]
    with db.transaction() as env:
        assert env["res.partner"].search_count([]) >= 1
        assert env.ref("base.user_admin").login == "admin"
        assert env["ir.addon"].search([("name", "=", "base")]).state == "installed"


@pytest.mark.both_dialects("schema")
def test_an_addon_brings_tables_data_rights_and_names(open_database, folder):
    name = folder.thing("shop", {"data.xml": DATA}, data=["data.xml"])
    db = open_database()
    assert db.install([name]) == [name]
    with db.transaction() as env:
        things = env[f"{name}.thing"].search([])
        assert things.mapped("name") == ["First", "Second"]
        assert env.ref(f"{name}.first") == things[0]
        assert env.ref(f"{name}.model_{name}_thing").model == f"{name}.thing"
        fields = env["ir.model.fields"].search([("model", "=", f"{name}.thing")]).mapped("name")
        assert {"name", "active", "display_name"} <= set(fields)
    with db.transaction(login="admin") as env:
        assert env[f"{name}.thing"].search_count([]) == 2


def test_installing_again_does_nothing(open_database, folder):
    name = folder.thing("shop", {"data.xml": DATA}, data=["data.xml"])
    db = open_database()
    db.install([name])
    before = snapshot(db)
    assert db.install([name]) == [] == open_database().install([name])
    assert snapshot(db) == before


def test_dependencies_and_glue_come_along(open_database, folder):
    a = folder.thing("a")
    b = folder.thing("b", depends=[a])
    c = folder.thing("c")
    glue = folder.write("glue", depends=[b, c], auto_install=True)
    db = open_database()
    assert db.install([b]) == [a, b]
    assert db.install([c]) == [c, glue]


@pytest.mark.slow
def test_demo_data_only_when_asked_for(open_database, folder):
    files = {"data.xml": DATA.replace("first", "one").replace("second", "two"), "demo.xml": DATA}
    name = folder.thing("shop", files, data=["data.xml"], demo=["demo.xml"])
    other = folder.thing("other", files, data=["data.xml"], demo=["demo.xml"])
    db = open_database()
    db.install([name])
    db.install([other], demo=True)
    with db.transaction() as env:
        assert env[f"{name}.thing"].search_count([]) == 2
        assert env[f"{other}.thing"].search_count([]) == 4


@pytest.mark.both_dialects("locking")
def test_another_process_notices_an_install(open_database, folder):
    name = folder.thing("shop")
    first, second = open_database(), open_database()
    with second.transaction() as env:
        assert f"{name}.thing" not in env
    first.install([name])
    with second.transaction() as env:
        assert f"{name}.thing" in env
    assert second.addons == ["base", name]


@pytest.mark.both_dialects("schema")
@pytest.mark.parametrize(
    ("files", "manifest", "error", "file"),
    [
        ({"models/thing.py": "import no_such_module"}, {}, AddonError, "models/thing.py"),
        ({"models/thing.py": "def ("}, {}, AddonError, "models/thing.py"),
        ({"hooks.py": "from core.api import hookimpl\n@hookimpl\ndef on_dnoe(): ..."}, {}, HookError, "hooks.py"),
        ({"data.xml": "<odoo><record"}, {"data": ["data.xml"]}, DataFileError, "data.xml"),
        ({}, {"data": ["absent.xml"]}, DataFileError, "absent.xml"),
        ({}, {"depends": ["no_such_addon"]}, DependencyError, "__manifest__.py"),
    ],
)
def test_a_failed_install_leaves_nothing_behind(open_database, folder, files, manifest, error, file):
    name = folder.thing("shop", files, **manifest)
    db = open_database()
    before = snapshot(db)
    with pytest.raises(error) as caught:
        db.install([name])
    assert caught.value.addon == name and caught.value.file.endswith(f"{name}/{file}")
    assert snapshot(db) == before and db.addons == ["base"]


@pytest.mark.slow
def test_a_repaired_addon_can_be_installed_in_the_same_process(open_empty, folder):
    name = folder.thing("shop", {"models/thing.py": "import no_such_module"})
    db = open_empty()
    with pytest.raises(AddonError):
        db.install([name])
    assert not tables(db)
    folder.thing("shop")
    assert db.install([name]) == ["base", name]


def test_a_circle_is_told_before_anything_happens(open_empty, folder):
    a, b = folder.name("a"), folder.name("b")
    folder.write("a", depends=[b])
    folder.write("b", depends=[a])
    db = open_empty()
    with pytest.raises(CircularDependency, match=f"{a} -> {b} -> {a}"):
        db.install([a])
    assert not tables(db)


@pytest.mark.both_dialects("constraints")
def test_a_dangling_reference_fails_the_install(open_empty, folder):
    model = """
        from core import fields, models

        class Thing(models.Model):
            _name = "{name}.thing"
            _description = "Thing"
            other_id = fields.Many2one("{name}.thing")
    """
    data = "<odoo><record id='x' model='{name}.thing'><field name='other_id' eval='12345'/></record></odoo>"
    name = folder.thing("shop", {"models/thing.py": model, "data.xml": data}, data=["data.xml"])
    with pytest.raises(DataFileError, match="no record 12345"):
        open_empty().install([name])
    assert not tables(open_empty())


# ---------------------------------------------------------------------------- quarantine


def test_a_broken_addon_is_quarantined_and_the_rest_starts(open_database, folder):
    good = folder.thing("good", {"data.xml": DATA}, data=["data.xml"])
    bad = folder.thing("bad")
    upon = folder.thing("upon", depends=[bad])
    open_database().install([good, upon])
    folder.thing("bad", {"models/thing.py": "raise RuntimeError('broken since yesterday')"})
    forget(bad)
    db = open_database()
    assert db.addons == ["base", good]
    assert "broken since yesterday" in str(db.quarantined[bad]) and db.quarantined[bad].file.endswith("thing.py")
    assert f"needs {bad}" in str(db.quarantined[upon])
    with db.transaction() as env:
        assert env[f"{good}.thing"].search_count([]) == 2


@pytest.mark.slow
def test_quarantined_addons_are_listed_with_the_reason(open_database, folder):
    bad = folder.thing("bad")
    open_database().install([bad])
    folder.thing("bad", {"models/thing.py": "raise RuntimeError('broken')"})
    forget(bad)
    db = open_database()
    db.note_quarantined()
    with db.transaction() as env:
        row = env["ir.addon"].search([("name", "=", bad)])
        assert row.state == "quarantined" and "broken" in row.error
    folder.thing("bad")
    db = open_database()
    db.note_quarantined()
    with db.transaction() as env:
        assert env["ir.addon"].search([("name", "=", bad)]).state == "installed"


def test_an_addon_with_models_that_do_not_fit_is_quarantined(open_database, folder):
    good, bad = folder.thing("good"), folder.thing("bad")
    open_database().install([good, bad])
    folder.thing(
        "bad", {"models/thing.py": "from core import models\nclass X(models.Model):\n    _inherit = 'no.such'"}
    )
    forget(bad)
    db = open_database()
    assert db.addons == ["base", good] and "no.such" in str(db.quarantined[bad])


def test_an_addon_that_is_gone_from_disk_is_quarantined_and_can_be_uninstalled(open_database, folder):
    good, gone = folder.thing("good"), folder.thing("gone")
    open_database().install([good, gone])
    (folder.path / gone).rename(folder.path / "not-an-addon")
    db = open_database()
    assert db.addons == ["base", good] and "There is no addon" in str(db.quarantined[gone])
    with pytest.raises(DependencyError, match=gone):
        db.upgrade()
    assert db.uninstall([gone]) == [gone]
    assert f"{gone}_thing" not in tables(db) and f"{good}_thing" in tables(db)
    assert db.quarantined == {}


# ---------------------------------------------------------------------------- upgrade


def forget(name):
    """Let the next database import the addon anew, as a new process would."""
    from core.loader.assembly import _forget  # noqa: PLC0415

    _forget(f"addons.{name}")


MORE_FIELDS = """
from core import api, fields, models


class Thing(models.Model):
    _name = "{name}.thing"
    _description = "Thing"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    code = fields.Char(required=True, default="none")
    weight = fields.Quantity(default=2)
    label = fields.Char(compute="_compute_label", store=True)

    @api.depends("name", "code")
    def _compute_label(self):
        for thing in self:
            thing.label = f"{thing.name}/{thing.code}"
"""


@pytest.mark.slow
@pytest.mark.both_dialects("schema")
def test_new_fields_are_filled_and_no_row_is_lost(open_database, folder):
    name = folder.thing("shop", {"data.xml": DATA}, data=["data.xml"])
    open_database().install([name])
    folder.thing("shop", {"models/thing.py": MORE_FIELDS, "data.xml": DATA}, data=["data.xml"], version="1.1")
    forget(name)
    db = open_database()
    planned = [change.describe() for change in db.plan_upgrade([name])]
    assert any("code" in line for line in planned) and not any("lost" in line for line in planned)
    assert "code" not in columns(db, f"{name}_thing")
    assert db.upgrade([name]) == [name]
    with db.transaction() as env:
        things = env[f"{name}.thing"].search([])
        assert things.mapped("label") == ["First/none", "Second/none"]
        assert things.mapped("weight") == [2, 2]
        assert env["ir.addon"].search([("name", "=", name)]).version == "1.1"
    assert db.plan_upgrade() == []


@pytest.mark.both_dialects("schema")
def test_a_required_field_without_a_default_is_refused_by_name(open_database, folder):
    name = folder.thing("shop", {"data.xml": DATA}, data=["data.xml"])
    open_database().install([name])
    folder.thing("shop", {"models/thing.py": MORE_FIELDS.replace(', default="none"', "")}, version="1.1")
    forget(name)
    db = open_database()
    with pytest.raises(SchemaError, match=f"{name}_thing.code"):
        db.upgrade()
    assert "code" not in columns(db, f"{name}_thing")


@pytest.mark.slow
@pytest.mark.both_dialects("schema")
def test_a_dropped_field_needs_permission(open_database, folder):
    name = folder.thing("shop", {"models/thing.py": MORE_FIELDS, "data.xml": DATA}, data=["data.xml"])
    open_database().install([name])
    folder.thing("shop", {"data.xml": DATA}, data=["data.xml"], version="1.1")
    forget(name)
    db = open_database()
    assert {change.column for change in db.plan_upgrade() if change.destructive} == {"code", "label", "weight"}
    with pytest.raises(SchemaError, match="--allow-destructive"):
        db.upgrade()
    assert "code" in columns(db, f"{name}_thing")
    db.upgrade(allow_destructive=True)
    assert "code" not in columns(db, f"{name}_thing")
    with db.transaction() as env:
        assert env[f"{name}.thing"].search_count([]) == 2


def test_an_upgrade_renews_data_keeps_noupdate_and_removes_orphans(open_database, folder):
    kept = "<data noupdate='1'><record id='kept' model='{name}.thing'><field name='name'>Kept</field></record></data>"
    name = folder.thing("shop", {"data.xml": DATA.replace("</odoo>", kept + "</odoo>")}, data=["data.xml"])
    db = open_database()
    db.install([name])
    with db.transaction() as env:
        env[f"{name}.thing"].search([]).write({"name": "Changed by the user"})
        own = env[f"{name}.thing"].create({"name": "Made by the user"}).id
        first = env.ref(f"{name}.first").id
    changed = "<odoo><record id='first' model='{name}.thing'><field name='name'>First again</field></record></odoo>"
    folder.thing("shop", {"data.xml": changed}, data=["data.xml"], version="1.1")
    db.upgrade([name])
    with db.transaction() as env:
        assert env.ref(f"{name}.first").name == "First again" and env.ref(f"{name}.first").id == first
        assert env.ref(f"{name}.kept").name == "Changed by the user"
        assert env[f"{name}.thing"].browse(own).name == "Made by the user"
        assert env["ir.model.data"].search_count([("module", "=", name), ("name", "=", "second")]) == 0
        assert env[f"{name}.thing"].search_count([]) == 3


def test_a_deleted_record_comes_back_unless_it_says_otherwise(open_database, folder):
    data = DATA.replace('id="second"', 'id="second" forcecreate="0"')
    name = folder.thing("shop", {"data.xml": data}, data=["data.xml"])
    db = open_database()
    db.install([name])
    with db.transaction() as env:
        env[f"{name}.thing"].search([]).unlink()
    db.upgrade([name])
    with db.transaction() as env:
        assert env[f"{name}.thing"].search([]).mapped("name") == ["First"]


@pytest.mark.slow
@pytest.mark.both_dialects("schema")
def test_upgrading_twice_changes_nothing(open_database, folder):
    name = folder.thing("shop", {"data.xml": DATA}, data=["data.xml"])
    db = open_database()
    db.install([name])
    before = snapshot(db)
    db.upgrade()
    db.upgrade()
    assert snapshot(db) == before and db.plan_upgrade() == []


def test_dependents_are_upgraded_too_and_new_dependencies_installed(open_database, folder):
    a = folder.thing("a")
    b = folder.thing("b", depends=[a])
    db = open_database()
    db.install([b])
    new = folder.thing("new")
    folder.thing("a", depends=["base", new], version="2.0")
    assert db.upgrade([a]) == [a, b]
    assert set(db.addons) == {"base", a, b, new}


def test_what_is_not_installed_cannot_be_upgraded(open_database, refused):
    db = open_database()
    with refused(UserError):
        db.upgrade(["nothing"])


def test_migrations_run_in_order_between_the_two_versions(open_database, folder):
    script = """
        def migrate(env, version):
            insert = "INSERT INTO {name}_thing (name, active) VALUES ('%s from ' || :v, :yes)"
            env.execute(insert, dict(v=version, yes=True))
    """
    name = folder.thing("shop")
    db = open_database()
    db.install([name])
    files = {
        f"migrations/{version}/{stage}-work.py": script % f"{version} {stage}"
        for version in ("1.0", "1.1", "1.10", "9.0")
        for stage in ("pre", "post", "end")
    }
    folder.thing("shop", files, version="2.0")
    db.upgrade([name])
    with db.transaction() as env:
        assert env[f"{name}.thing"].search([], order="id").mapped("name") == [
            "1.1 pre from 1.0", "1.10 pre from 1.0", "1.1 post from 1.0", "1.10 post from 1.0",
            "1.1 end from 1.0", "1.10 end from 1.0",
        ]  # fmt: skip


@pytest.mark.both_dialects("schema")
def test_a_failing_migration_names_its_line_and_rolls_back(open_database, folder):
    name = folder.thing("shop", {"data.xml": DATA}, data=["data.xml"])
    db = open_database()
    db.install([name])
    script = "def migrate(env, version):\n    env.execute('DELETE FROM {name}_thing')\n    raise ValueError('no')"
    folder.thing("shop", {"migrations/1.1/pre-work.py": script}, version="1.1")
    with pytest.raises(AddonError, match="ValueError: no") as caught:
        db.upgrade([name])
    assert caught.value.line == 3 and caught.value.file.endswith("pre-work.py")
    with db.transaction() as env:
        assert env[f"{name}.thing"].search_count([]) == 2


# ---------------------------------------------------------------------------- uninstall


EXTENDING = """
from core import fields, models


class Partner(models.Model):
    _inherit = "res.partner"

    {name}_note = fields.Char(default="x")
    {name}_thing_ids = fields.Many2many("{name}.thing")
"""

EVERYTHING = """
<odoo>
    <record id="group_boss" model="res.groups"><field name="name">Boss {name}</field></record>
    <record id="partner" model="res.partner"><field name="name">Brought along</field></record>
    <record id="view" model="ir.ui.view">
        <field name="name">thing</field><field name="model">{name}.thing</field>
        <field name="arch" type="xml"><list><field name="name"/></list></field>
    </record>
    <record id="action" model="ir.actions.act_window">
        <field name="name">Things</field><field name="res_model">{name}.thing</field>
    </record>
    <menuitem id="menu" name="Things" action="action"/>
</odoo>
"""


@pytest.mark.slow
@pytest.mark.both_dialects("schema")
def test_uninstalling_leaves_no_trace(open_database, folder):
    db = open_database()
    before = snapshot(db)
    files = {"extends/partner.py": EXTENDING, "data.xml": DATA, "more.xml": EVERYTHING}
    name = folder.thing("shop", files, data=["data.xml", "more.xml"])
    db.install([name])
    assert f"{name}_note" in columns(db, "res_partner")
    with db.transaction() as env:
        env["res.partner"].search([])[0].write({f"{name}_thing_ids": [(4, env.ref(f"{name}.first").id, 0)]})
        env.ref("base.user_admin").write({"group_ids": [(4, env.ref(f"{name}.group_boss").id, 0)]})
    assert db.uninstall([name]) == [name]
    assert snapshot(db) == before
    assert db.addons == ["base"]
    with db.transaction() as env:
        assert env["ir.addon"].search([("name", "=", name)]).state == "uninstalled"
    assert db.install([name]) == [name]


@pytest.mark.both_dialects("constraints")
def test_a_record_in_use_is_kept_and_archived(open_database, folder):
    data = "<odoo><record id='partner' model='res.partner'><field name='name'>In use</field></record></odoo>"
    model = """
        from core import fields, models

        class Thing(models.Model):
            _name = "{name}.thing"
            _description = "Thing"
            name = fields.Char()
            partner_id = fields.Many2one("res.partner", ondelete="restrict")
    """
    user, used = folder.thing("user", {"models/thing.py": model}), folder.write("used", {"d.xml": data}, data=["d.xml"])
    db = open_database()
    db.install([user, used])
    with db.transaction() as env:
        partner = env.ref(f"{used}.partner")
        env[f"{user}.thing"].create({"name": "x", "partner_id": partner.id})
    db.uninstall([used])
    with db.transaction() as env:
        kept = env["res.partner"].browse(partner.id)
        assert kept.name == "In use" and not kept.active
        assert env["ir.model.data"].search_count([("module", "=", used)]) == 0


CIRCULAR = """
from core import fields, models


class A(models.Model):
    _name = "{name}.a"
    _description = "A"
    b_id = fields.Many2one("{name}.b", ondelete="restrict")
    c_id = fields.Many2one("{name}.c", ondelete="cascade")


class B(models.Model):
    _name = "{name}.b"
    _description = "B"
    a_id = fields.Many2one("{name}.a", ondelete="restrict")
    c_ids = fields.Many2many("{name}.c")


class C(models.Model):
    _name = "{name}.c"
    _description = "C"
    a_id = fields.Many2one("{name}.a")
    b_id = fields.Many2one("{name}.b", ondelete="restrict")
"""


@pytest.mark.slow
@pytest.mark.both_dialects("schema")
def test_tables_that_refer_to_one_another_in_circles_go_together(open_database, folder):
    db = open_database()
    before = snapshot(db)
    name = folder.write("shop", {"models/abc.py": CIRCULAR})
    db.install([name])
    with db.transaction() as env:
        a, b, c = (env[f"{name}.{letter}"].create({}) for letter in "abc")
        a.write({"b_id": b.id, "c_id": c.id})
        b.write({"a_id": a.id, "c_ids": [(6, 0, c.ids)]})
        c.write({"a_id": a.id, "b_id": b.id})
    db.uninstall([name])
    assert snapshot(db) == before


def test_an_addon_that_others_need_stays(open_database, folder):
    a = folder.thing("a")
    b = folder.thing("b", depends=[a])
    db = open_database()
    db.install([b])
    with pytest.raises(DependencyError, match=rf"{b}\b.*{a}\b"):
        db.uninstall([a])
    assert db.uninstall([a, b]) == [a, b]


@pytest.mark.slow
def test_glue_goes_with_its_trigger(open_database, folder):
    a, b = folder.thing("a"), folder.thing("b")
    glue = folder.thing("glue", depends=[a, b], auto_install=True)
    db = open_database()
    db.install([a, b])
    assert set(db.uninstall([b])) == {b, glue}
    assert db.addons == ["base", a]


def test_base_and_strangers_cannot_be_uninstalled(open_database, refused):
    db = open_database()
    with refused(UserError):
        db.uninstall(["base"])
    with refused(UserError):
        db.uninstall(["nothing"])


def test_a_broken_addon_can_be_uninstalled(open_database, folder):
    good, bad = folder.thing("good"), folder.thing("bad")
    open_database().install([good, bad])
    folder.thing("bad", {"models/thing.py": "raise RuntimeError('broken')"})
    forget(bad)
    db = open_database()
    assert db.uninstall([bad]) == [bad]
    assert f"{bad}_thing" not in tables(db) and f"{good}_thing" in tables(db)


@pytest.mark.slow
@pytest.mark.both_dialects("schema")
def test_tables_of_others_in_the_same_database_are_left_alone(open_empty, folder):
    db = open_empty()
    with db.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE of_somebody_else (id INTEGER)"))
    name = folder.thing("shop")
    db.install([name])
    db.upgrade()
    db.uninstall([name])
    assert "of_somebody_else" in tables(db)

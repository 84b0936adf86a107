"""System checks find what is wrong, and nothing else."""

from __future__ import annotations

import textwrap
import types

import pytest

from core import checks
from core.loader.assembly import assemble
from core.loader.discovery import discover

BROKEN = """
from core import api, fields, models


class Broken(models.Model):
    _name = "{name}.broken"
    _order = "nothing, name desc"
    STATES = [("draft", "Draft")]
    TRANSITIONS = {"action_done": ({"draft"}, "done"), "action_absent": ({"draft"}, None)}

    name = fields.Char(requierd=True)
    state = fields.Selection(STATES)
    line_ids = fields.One2many("res.partner", "parent_id")
    with_inverse = fields.Char(compute="_compute_with_inverse", inverse="_no_such_inverse")

    @api.depends("name")
    def _compute_with_inverse(self):
        for record in self:
            record.with_inverse = record.name

    @api.constrains("nonsense")
    def _check_nonsense(self):
        pass

    @api.onchange("nothing_either")
    def _onchange(self):
        pass

    def action_done(self):
        pass
"""


def write(folder, name, files, manifest="{}"):
    for relative, text in {"__init__.py": "", "__manifest__.py": manifest, **files}.items():
        path = folder / name / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).replace("{name}", name), encoding="utf-8")
    return name


def subject(folder, *names):
    catalogue = discover([folder], entry_points=False)
    assembly = assemble(catalogue, catalogue.with_dependencies(names))
    return checks.Subject(assembly.registry, assembly.hooks, assembly.addons, catalogue, assembly.quarantined)


def found(subject, *ids):
    return {(message.id, message.subject) for message in checks.run(subject) if message.id in ids}


def test_base_is_clean(db):
    with db.transaction(readonly=True) as env:
        messages = checks.run(checks.Subject(env.registry, db.hooks, db.addons, discover(entry_points=False), {}, env))
    about_others = ("core.E004", "core.W001", "core.E001", "core.E002")
    assert [str(message) for message in messages if message.level == "error" and message.id not in about_others] == []


def test_models(tmp_path):
    name = write(tmp_path, "chk_models", {"models/broken.py": BROKEN})
    it = f"{name}.broken"
    assert found(
        subject(tmp_path, name),
        "core.W010",
        "core.W011",
        "core.E011",
        "core.E012",
        "core.E014",
        "core.E015",
        "core.E020",
        "core.E021",
    ) == {
        ("core.W010", it),
        ("core.W011", f"{it}.name"),
        ("core.E011", f"{it}.line_ids"),
        ("core.E012", f"{it}.with_inverse"),
        ("core.E014", f"{it}._check_nonsense"),
        ("core.E014", f"{it}._onchange"),
        ("core.E015", it),
        ("core.E020", it),
        ("core.E021", f"{it}.action_done"),
    }


def test_what_is_wrong_on_disk(tmp_path):
    write(tmp_path, "chk_parse", {}, "{")
    write(tmp_path, "chk_key", {}, '{"dependz": []}')
    write(tmp_path, "chk_needs", {}, '{"depends": ["no_such_addon"]}')
    write(tmp_path, "chk_version", {}, '{"core_version": ">=99"}')
    write(tmp_path, "chk_file", {}, '{"data": ["absent.xml"]}')
    messages = {
        (message.id, message.subject)
        for message in checks.check_catalogue(discover([tmp_path], entry_points=False))
        if message.subject.startswith("chk_")
    }
    assert messages == {
        ("core.E001", "chk_parse"),
        ("core.W001", "chk_key"),
        ("core.E002", "chk_needs"),
        ("core.E002", "chk_version"),
        ("core.E004", "chk_file"),
    }


def test_a_quarantined_addon_is_reported(tmp_path):
    name = write(tmp_path, "chk_quarantine", {"models/x.py": "raise RuntimeError('no')"})
    assert found(subject(tmp_path, name), "core.E003") == {("core.E003", name)}


def test_undetermined_hooks_are_reported(tmp_path):
    hook = "from core.api import hookimpl\n@hookimpl(wrapper=True)\ndef on_done(): return (yield)"
    names = [write(tmp_path, name, {"hooks.py": hook}) for name in ("chk_one", "chk_two")]
    assert found(subject(tmp_path, *names), "core.W050") == {("core.W050", "on_done")}


def test_records(db):
    with db.transaction() as env:
        model = env["ir.model"]._get("res.partner")
        env["ir.model.access"].search([("model_id", "=", model.id)]).unlink()
        env.execute(
            "INSERT INTO ir_model_data (module, name, model, res_id) VALUES ('base', 'gone', 'res.partner', 98765)"
        )
        env.execute("UPDATE ir_ui_view SET arch = '<list><field name=\"nmae\"/></list>' WHERE model = 'res.currency'")
        env.execute(_set_action(env))
        env.invalidate_all()
        it = checks.Subject(env.registry, db.hooks, db.addons, discover(entry_points=False), {}, env)
        ids = {message.id for message in checks.run(it)}
        assert {"core.W060", "core.W040", "core.E031", "core.E032"} <= ids
        env.cr.rollback()
        env._transaction.clear()


def _set_action(env):
    table = env["ir.actions.act_window"]._table
    return f"UPDATE {table} SET res_model = 'no.such' WHERE id = (SELECT min(id) FROM {table})"


def test_addons_bring_checks_and_a_failing_one_is_a_message(tmp_path):
    name = write(tmp_path, "chk_none", {})
    it = subject(tmp_path, name)
    hooks = types.ModuleType("own")
    source = """
        from core.api import hookimpl

        def good(subject):
            yield subject.warning("own.W001", "something", "is odd", hint="look")

        def bad(subject):
            raise KeyError("x")

        @hookimpl
        def register_checks():
            return [good, bad]
    """
    exec(textwrap.dedent(source), hooks.__dict__)
    with it.hooks.extended("own", hooks):
        messages = {message.id: message for message in checks.run(it)}
    assert str(messages["own.W001"]) == "own.W001 something: is odd (look)"
    assert "KeyError" in messages["core.E000"].text


@pytest.mark.parametrize("level", ["error", "warning"])
def test_levels(level):
    assert getattr(checks.Subject, level)("x.1", "a", "b").level == level

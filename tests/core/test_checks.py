"""System checks find what is wrong, and nothing else."""

from __future__ import annotations

import re
import textwrap
import types

import pytest

from core import checks
from core.exceptions import AddonError
from core.loader.assembly import assemble
from core.loader.discovery import discover

BROKEN = """
from core import api, fields, models


class Broken(models.Model):
    _name = "{name}.broken"
    _order = "nothing, name desc"
    STATES = [("draft", "Draft")]
    TRANSITIONS = {"action_done": ({"draft"}, "done"), "action_absent": ({"draft"}, None)}
    STATE_REFUSALS = {("draft", "action_dnoe"): "%(record)s is a draft."}

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


def about(subject, name):
    """The messages about the models of an addon."""
    return [message for message in checks.run(subject) if message.subject.startswith(f"{name}.")]


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
        "core.E022",
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
        ("core.E022", it),
    }


MIXIN = """
from core import api, fields, models


class Mixin(models.AbstractModel):
    _name = "{name}.mixin"
    _description = "Mixin"
    _order = "rank, id"
    STATES = []
    TRANSITIONS = {"action_done": ({"draft"}, "done")}

    total = fields.Float(compute="_compute_total", inverse="_inverse_total", search="_search_total")
    part_ids = fields.One2many("{name}.part", "whole_id")

    @api.depends("amount", "line_ids.amount")
    def _compute_total(self):
        for record in self:
            record.total = record.amount + sum(record.line_ids.mapped("amount"))

    @api.constrains("amount")
    def _check_amount(self):
        pass

    @api.onchange("amount")
    def _onchange_amount(self):
        pass


class Part(models.Model):
    _name = "{name}.part"
    _description = "Part"

    whole_id = fields.Many2one("{name}.whole")
"""

WHOLE = """
from core import fields, models


class Whole(models.Model):
    _name = "{name}.whole"
    _inherit = "{name}.mixin"
    _description = "Whole"
    STATES = [("draft", "Draft"), ("done", "Done")]

    rank = fields.Integer()
    amount = fields.Float()
    state = fields.Selection(STATES)
    line_ids = fields.One2many("{name}.line", "order_id")

    def _inverse_total(self):
        pass

    def _search_total(self, operator, value):
        return []

    def action_done(self):
        pass


class Line(models.Model):
    _name = "{name}.line"
    _description = "Line"

    order_id = fields.Many2one("{name}.whole")
    amount = fields.Float()
"""

#: A mistake in MIXIN -> the message about it; the subject is the model that inherits the mixin.
IN_A_MIXIN = [
    ('constrains("amount")', 'constrains("amuont")', "core.E014", "whole._check_amount"),
    ('onchange("amount")', 'onchange("amuont")', "core.E014", "whole._onchange_amount"),
    ('"rank, id"', '"rnak, id"', "core.E015", "whole"),
    ('inverse="_inverse_total"', 'inverse="_invrse_total"', "core.E012", "whole.total"),
    ('{"action_done"', '{"action_dnoe"', "core.E020", "whole"),
    ('"done")}', '"dnoe")}', "core.E021", "whole.action_done"),
    ('Many2one("{name}.whole")', 'Many2one("{name}.line")', "core.E011", "whole.part_ids"),
]


def test_a_mixin_may_name_what_only_its_models_have(tmp_path):
    name = write(tmp_path, "chk_mixin", {"models/mixin.py": MIXIN, "models/whole.py": WHOLE})
    assert about(subject(tmp_path, name), name) == []


def test_a_mixin_that_no_model_inherits_yet_is_clean(tmp_path):
    library = MIXIN.replace("part_ids", "rank = fields.Integer()\n    part_ids").replace("{name}.whole", "res.partner")
    name = write(tmp_path, "chk_library", {"models/mixin.py": library})
    assert about(subject(tmp_path, name), name) == []


@pytest.mark.parametrize(("right", "wrong", "id", "where"), IN_A_MIXIN)
def test_a_mistake_in_a_mixin_is_found_once_at_its_model(tmp_path, right, wrong, id, where):
    name = f"chk_in_{IN_A_MIXIN.index((right, wrong, id, where))}"
    assert MIXIN.count(right) == 1
    write(tmp_path, name, {"models/mixin.py": MIXIN.replace(right, wrong), "models/whole.py": WHOLE})
    (message,) = about(subject(tmp_path, name), name)
    assert (message.id, message.subject) == (id, f"{name}.{where}")
    assert f"declared by {name}.mixin" in message.text


def test_a_mistake_in_a_mixin_of_several_models_is_one_message_that_names_them(tmp_path):
    name = "chk_several"
    other = """
    from core import fields, models


    class Other(models.Model):
        _name = "{name}.other"
        _inherit = "{name}.mixin"
        _description = "Other"
        STATES = [("draft", "Draft"), ("done", "Done")]

        rank = fields.Integer()
        amount = fields.Float()
        line_ids = fields.Many2many("{name}.line")
        part_ids = fields.Many2many("{name}.part")

        def _inverse_total(self): ...
        def _search_total(self, operator, value): ...
        def action_done(self): ...
    """
    mixin = MIXIN.replace('constrains("amount")', 'constrains("amuont")').replace("One2many", "Many2many")
    mixin = mixin.replace('"{name}.part", "whole_id"', '"{name}.part"').replace("search=", "serach=")
    write(tmp_path, name, {"models/mixin.py": mixin, "models/whole.py": WHOLE, "models/other.py": other})
    constraint, argument = about(subject(tmp_path, name), name)
    assert (constraint.id, constraint.subject) == ("core.E014", f"{name}.other._check_amount")
    assert f"declared by {name}.mixin; the same in {name}.whole" in constraint.text
    # What is wrong whoever inherits it is a matter of the mixin.
    assert (argument.id, argument.subject) == ("core.W011", f"{name}.mixin.total")


def test_a_field_that_one_of_two_models_lacks_is_a_mistake_of_that_model(tmp_path):
    name = "chk_lacks"
    lacking = """
    from core import models


    class Lacking(models.Model):
        _name = "{name}.lacking"
        _inherit = "{name}.watching"
        _description = "Lacking"


    class Having(models.Model):
        _name = "{name}.having"
        _inherit = "{name}.watching"
        _description = "Having"

        name = fields.Char()
    """.replace("import models", "import fields, models")
    watching = """
    from core import api, models


    class Watching(models.AbstractModel):
        _name = "{name}.watching"
        _description = "Watching"

        @api.constrains("name")
        def _check_name(self): ...
    """
    write(tmp_path, name, {"models/a.py": watching, "models/b.py": lacking})
    (message,) = about(subject(tmp_path, name), name)
    assert (message.id, message.subject) == ("core.E014", f"{name}.lacking._check_name")
    assert f"{name}.having" not in message.text


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


UNFIT = """
from core import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _split(self, qty):
        return super()._split(qty)
"""


def test_addons_whose_code_an_install_refuses(tmp_path):
    """With file and line; one that needs such an addon is not reported besides, nor one that is installed."""
    write(tmp_path, "chk_split", {"extends/stock_move.py": UNFIT}, '{"depends": ["inventory"]}')
    write(tmp_path, "chk_on_split", {}, '{"depends": ["chk_split"]}')
    write(tmp_path, "chk_import", {"models/plan.py": "import no_such_library"})
    write(tmp_path, "chk_good", {})
    write(tmp_path, "chk_no_depends", {}, '{"depends": ["no_such_addon"]}')
    catalogue = discover([tmp_path], entry_points=False)
    split, imported = sorted(
        checks.check_not_installed(catalogue, ["base"]), key=lambda found: found.subject != "chk_split"
    )
    assert (split.id, split.level, split.subject) == ("core.E006", "error", "chk_split")
    assert re.search(r"chk_split/extends/stock_move\.py:8: stock\.move\._split overrides a seam", split.text)
    assert imported.subject == "chk_import" and "chk_import/models/plan.py:1: " in imported.text
    assert not list(checks.check_not_installed(catalogue, ["base", "chk_split", "chk_import"]))


def test_a_misspelled_name_in_after_is_reported(tmp_path):
    write(tmp_path, "chk_typo", {}, '{"after": ["purchasng", "chk_other", "no_such_addon", "sales", "sales_plus"]}')
    write(tmp_path, "chk_broken", {}, "{")
    write(tmp_path, "chk_after_broken", {}, '{"after": ["chk_broken"]}')
    messages = checks.check_catalogue(discover([tmp_path], entry_points=False))
    (message,) = [message for message in messages if message.id == "core.W003"]
    assert (message.subject, message.level) == ("chk_typo", "warning")
    assert "'purchasng'" in message.text and "'purchasing'" in message.hint


def test_manifests_that_contradict_each_other_are_reported(tmp_path):
    write(tmp_path, "chk_early", {}, '{"after": ["chk_late"]}')
    write(tmp_path, "chk_late", {}, '{"after": ["chk_early"]}')
    messages = checks.check_catalogue(discover([tmp_path], entry_points=False))
    (message,) = [message for message in messages if message.subject.startswith("chk_")]
    assert (message.id, message.level, message.subject) == ("core.E005", "error", "chk_early")
    assert "chk_early is loaded after chk_late, chk_late is loaded after chk_early" in message.text


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


SEAM = """
from core import api, models


class Part(models.Model):
    _name = "{name}.part"
    _description = "Part"

    @api.seam("split", order=10)
    def _split(self, quantities, refresh=True):
        pass
"""

OVERRIDE = """
from core import models


class Part(models.Model):
    _inherit = "chk_seam.part"

    def _split(self, quantities):
        return super()._split(quantities)
"""


def test_an_override_that_does_not_take_the_arguments_of_its_seam(tmp_path):
    """It is refused when models are composed: at install, and at the start of a server, which leaves the addon out."""
    write(tmp_path, "chk_seam", {"models/part.py": SEAM})
    name = write(tmp_path, "chk_override", {"extends/part.py": OVERRIDE}, '{"depends": ["chk_seam"]}')
    catalogue = discover([tmp_path], entry_points=False)
    with pytest.raises(AddonError) as refusal:
        assemble(catalogue, catalogue.with_dependencies([name]), strict=True)
    assert (refusal.value.addon, refusal.value.line) == ("chk_override", 8)
    assert (
        "chk_seam.part._split overrides a seam of chk_seam with other arguments: too many positional arguments; "
        "define it as _split(self, quantities, refresh=True)"
    ) in str(refusal.value)


def test_overrides_that_take_more_are_no_problem(tmp_path):
    write(tmp_path, "chk_seam", {"models/part.py": SEAM})
    wider = OVERRIDE.replace("(self, quantities):", "(self, quantities, *args, **kwargs):")
    name = write(tmp_path, "chk_override", {"extends/part.py": wider}, '{"depends": ["chk_seam"]}')
    assert "_split" in vars(subject(tmp_path, name).registry.definitions["chk_seam.part"][-1])

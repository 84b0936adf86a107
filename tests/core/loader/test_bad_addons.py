"""Addons that are wrong: one clear error that names the addon, the file and the line, and nothing half-installed."""

from __future__ import annotations

import pytest

from core.cli.main import main
from core.db.reflection import reflect
from core.exceptions import (
    AddonError,
    CircularDependency,
    DataFileError,
    DependencyError,
    HookError,
    ManifestError,
)

MODEL = """
from core import api, fields, models


class Thing(models.Model):
    _name = "{name}.thing"
    _description = "Thing"

    name = fields.Char(required=True)
    other_id = fields.Many2one("{name}.thing")
    amount = fields.Quantity()
    LINE
"""


def model(line: str) -> dict[str, str]:
    """The model file with `line` as its line 11."""
    return {"models/thing.py": MODEL.replace("LINE", line)}


def data(*lines: str) -> dict[str, str]:
    """A data file whose lines from the second on are these."""
    return {"data.xml": "\n".join(["<odoo>", *lines, "</odoo>"])}


def hooks(*lines: str) -> dict[str, str]:
    """A hooks.py whose lines from the third on are these."""
    return {"hooks.py": "\n".join(["from core.api import hookimpl", "", *lines, ""])}


RIGHTS_HEAD = "id,name,model_id:id,group_id:id,perm_read,perm_write,perm_create,perm_unlink\n"

XML = {"data": ["data.xml"]}
CSV = {"data": ["{name}.thing.csv"]}

#: id -> files, manifest, error, (file, line), what the message names
CASES = {
    # -- the manifest
    "manifest-syntax": (
        {"__manifest__.py": '{\n    "name": "Shop",\n    "version": ],\n}'},
        {},
        ManifestError,
        ("__manifest__.py", 3),
        "line 3",
    ),
    "manifest-code": (
        {"__manifest__.py": '{\n"name": "Shop",\n"version": f()}'},
        {},
        ManifestError,
        ("__manifest__.py", 3),
        "version",
    ),
    "manifest-type": (
        {"__manifest__.py": '{"name": "Shop",\n"depends": "base"}'},
        {},
        ManifestError,
        ("__manifest__.py", 2),
        "depends",
    ),
    "depends-on-nothing": (
        {},
        {"depends": ["no_such_addon"]},
        DependencyError,
        ("__manifest__.py", None),
        "no_such_addon",
    ),
    "data-file-absent": ({}, {"data": ["absent.xml"]}, DataFileError, ("absent.xml", None), None),
    # -- Python
    "import-raises": (model("boom = 1 / 0"), {}, AddonError, ("models/thing.py", 11), "division by zero"),
    "import-of-nothing": (
        {"models/thing.py": "import no_such_module"},
        {},
        AddonError,
        ("models/thing.py", 1),
        "no_such_module",
    ),
    "import-in-package": (
        {"__init__.py": "x = 1\n\nraise RuntimeError('not today')"},
        {},
        AddonError,
        ("__init__.py", 3),
        "not today",
    ),
    "syntax": (model("def ("), {}, AddonError, ("models/thing.py", 11), None),
    "inherit-nothing": (
        {
            "extends/__init__.py": "",
            "extends/x.py": "from core import models\n\n\nclass X(models.Model):\n    _inherit = 'no.such.model'\n",
        },
        {},
        AddonError,
        ("extends/x.py", 4),
        "no.such.model",
    ),
    "relation-to-nothing": (
        model('lost_id = fields.Many2one("no.such.model")'),
        {},
        AddonError,
        ("models/thing.py", 11),
        "no.such.model",
    ),
    "depends-of-nothing": (
        model('twice = fields.Quantity(compute="_t")\n\n    @api.depends("amuont")\n    def _t(self): ...'),
        {},
        AddonError,
        ("models/thing.py", 11),
        "amuont",
    ),
    # -- hooks
    "hook-unknown": (
        hooks("@hookimpl", "def on_dnoe(env, documents): ..."),
        {},
        HookError,
        ("hooks.py", 3),
        "on_done",
    ),
    "hook-argument": (
        hooks("@hookimpl", "def on_create(env, recrods): ..."),
        {},
        HookError,
        ("hooks.py", 3),
        "recrods",
    ),
    # -- data
    "xml-broken": (
        data("<record id='x' model='{name}.thing'>", "  <field name='name'>X</feild>", "</record>"),
        XML,
        DataFileError,
        ("data.xml", 3),
        None,
    ),
    "xml-element": (data("<recrod id='x'/>"), XML, DataFileError, ("data.xml", 2), "recrod"),
    "xml-model": (
        data("", "<record id='x' model='no.such.model'/>"),
        XML,
        DataFileError,
        ("data.xml", 3),
        "no.such.model",
    ),
    "xml-field": (
        data("<record id='x' model='{name}.thing'>", "<field name='nmae'>X</field></record>"),
        XML,
        DataFileError,
        ("data.xml", 3),
        "nmae",
    ),
    "xml-ref": (
        data(
            "<record id='x' model='{name}.thing'>",
            "<field name='name'>X</field>",
            "<field name='other_id' ref='no_such_record'/>",
            "</record>",
        ),
        XML,
        DataFileError,
        ("data.xml", 4),
        "no_such_record",
    ),
    "xml-ref-elsewhere": (
        data(
            "<record id='x' model='{name}.thing'>",
            "<field name='name'>X</field>",
            "<field name='other_id' ref='base.no_such_record'/>",
            "</record>",
        ),
        XML,
        DataFileError,
        ("data.xml", 4),
        "base.no_such_record",
    ),
    "xml-eval": (
        data(
            "<record id='x' model='{name}.thing'>",
            "<field name='name'>X</field>",
            "<field name='amount' eval='1 +'/>",
            "</record>",
        ),
        XML,
        DataFileError,
        ("data.xml", 4),
        "1 +",
    ),
    "xml-eval-name": (
        data("<record id='x' model='{name}.thing'>", "<field name='name' eval='os.getcwd()'/>", "</record>"),
        XML,
        DataFileError,
        ("data.xml", 3),
        "os",
    ),
    "xml-value": (
        data(
            "<record id='x' model='{name}.thing'>",
            "<field name='name'>X</field>",
            "<field name='amount'>many</field>",
            "</record>",
        ),
        XML,
        DataFileError,
        ("data.xml", 2),
        "many",
    ),
    "xml-required": (data("<record id='x' model='{name}.thing'/>"), XML, AddonError, ("data.xml", 2), "name"),
    "xml-id-dangling": (
        data(
            "<record id='x' model='{name}.thing'>",
            "<field name='name'>X</field>",
            "<field name='other_id' eval='12345'/>",
            "</record>",
        ),
        XML,
        AddonError,
        ("data.xml", 2),
        "12345",
    ),
    "view-field": (
        data(
            "<record id='v' model='ir.ui.view'>",
            "<field name='name'>v</field>",
            "<field name='model'>{name}.thing</field>",
            "<field name='arch' type='xml'><form><field name='nmae'/></form></field></record>",
        ),
        XML,
        AddonError,
        ("data.xml", 2),
        "nmae",
    ),
    "csv-column": ({"{name}.thing.csv": "id,name,nmae\nx,X,Y\n"}, CSV, DataFileError, ("{name}.thing.csv", 1), "nmae"),
    "csv-row": (
        {"{name}.thing.csv": "id,name,other_id:id\nx,X,\ny,Y,no_such_record\n"},
        CSV,
        DataFileError,
        ("{name}.thing.csv", 3),
        "no_such_record",
    ),
    "csv-model": (
        {"no.such.model.csv": "id,name\nx,X\n"},
        {"data": ["no.such.model.csv"]},
        DataFileError,
        ("no.such.model.csv", None),
        "no.such.model",
    ),
    "rights-model": (
        {"security/ir.model.access.csv": RIGHTS_HEAD + "a,a,model_no_such,base.group_user,1,1,1,1\n"},
        {},
        DataFileError,
        ("security/ir.model.access.csv", 2),
        "model_no_such",
    ),
}


def written(folder, files, manifest):
    """Write the addon of a case; names in the keys of `files` and in the manifest are filled in too."""
    name = folder.name("shop")
    files = {relative.replace("{name}", name): text for relative, text in files.items()}
    manifest = {key: [text.replace("{name}", name) for text in texts] for key, texts in manifest.items()}
    return folder.thing("shop", {**model(""), **files}, **manifest)


def rows(database):
    """The number of rows of every table; none for a database in which nothing is."""
    with database.engine.connect() as connection:
        return {
            name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar()
            for name in reflect(connection)
            if name != "sqlite_sequence"
        }


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_the_error_names_addon_file_and_line_and_nothing_is_left(case, db, folder):
    files, manifest, error, (file, line), words = CASES[case]
    name = written(folder, files, manifest)
    before = rows(db)
    database = type(db)(db.url, addons_path=[folder.path])
    try:
        with pytest.raises(error, match=words and words.replace("{name}", name)) as caught:
            database.install([name])
        assert caught.value.addon == name
        assert str(caught.value.file).endswith(f"{name}/{file.replace('{name}', name)}"), caught.value.file
        if line is not None:
            assert caught.value.line == line
        text = str(caught.value)
        assert name in text and file.rpartition("/")[2].replace("{name}", name) in text
        assert "Traceback" not in text
        assert rows(db) == before and database.addons == ["base"]
        with database.transaction() as env:
            assert f"{name}.thing" not in env and not env["ir.model.data"].search_count([("module", "=", name)])
    finally:
        database.close()


def test_a_circle_names_who_stands_in_it(db, folder):
    a, b, c = folder.name("a"), folder.name("b"), folder.name("c")
    for stem, needs in (("a", b), ("b", c), ("c", a)):
        folder.thing(stem, depends=[needs])
    database = type(db)(db.url, addons_path=[folder.path])
    with pytest.raises(CircularDependency, match=f"{a} -> {b} -> {c} -> {a}") as caught:
        database.install([a])
    assert caught.value.addon == a and caught.value.file.endswith("__manifest__.py")
    assert database.addons == ["base"]
    database.close()


@pytest.mark.parametrize("case", ["manifest-syntax", "import-raises", "hook-argument", "xml-broken", "xml-ref"])
@pytest.mark.dialects("sqlite")
def test_the_command_line_says_it_in_a_few_lines(case, db, folder, capsys):
    files, manifest, _, (file, line), _ = CASES[case]
    name = written(folder, files, manifest)
    code = main(["--database", db.url, "--addons-path", str(folder.path), "addons", "install", name])
    told = capsys.readouterr()
    assert code == 3 and told.out == ""
    assert "Error:" in told.err and name in told.err and file in told.err and "Traceback" not in told.err
    assert line is None or f":{line}" in told.err or f"line {line}" in told.err
    assert len(told.err.splitlines()) <= 4

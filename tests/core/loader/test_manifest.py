"""Manifests: read without running them, with errors that name the line."""

from __future__ import annotations

import pytest

from core.exceptions import ManifestError
from core.loader.manifest import parse_version, read_manifest


@pytest.fixture
def read(tmp_path):
    """Write a manifest and read it."""

    def work(text):
        (tmp_path / "__manifest__.py").write_text(text, encoding="utf-8")
        return read_manifest(tmp_path, "shop")

    return work


def test_all_keys_are_read(read):
    manifest = read(
        '"""A comment."""\n{"name": "Shop", "version": "2.1", "depends": ["base"], "data": ["a.xml"], "demo": ["b.xml"]'
        ', "auto_install": True, "installable": False, "application": True, "license": "MIT", "author": ["A", "B"],'
        ' "category": "Sales", "external_dependencies": {"python": ["zlib"]}}'
    )
    assert (manifest.name, manifest.title, manifest.version) == ("shop", "Shop", "2.1")
    assert manifest.depends == manifest.triggers == ("base",)
    assert (manifest.data, manifest.demo) == (("a.xml",), ("b.xml",))
    assert manifest.application and not manifest.installable
    assert manifest.author == "A, B" and manifest.external_dependencies == ("zlib",)
    assert manifest.warnings == ()


def test_defaults(read):
    manifest = read("{}")
    assert manifest.title == "Shop" and manifest.installable and manifest.triggers == ()


def test_after_names_addons_that_need_not_exist(read):
    assert read('{"after": ["sales", "no_such_addon"]}').after == ("sales", "no_such_addon")
    assert read("{}").after == ()


def test_auto_install_may_list_its_triggers(read):
    assert read('{"depends": ["a", "b", "c"], "auto_install": ["a", "b"]}').triggers == ("a", "b")


def test_unknown_keys_are_warned_of_with_their_line(read, tmp_path):
    assert read('{\n  "name": "x",\n  "dependz": []\n}').warnings == (
        f"{tmp_path / '__manifest__.py'}:3: unknown key 'dependz' is ignored",
    )


def test_keys_of_odoo_without_meaning_here_are_accepted(read):
    assert read('{"assets": {}, "price": 3}').warnings == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('import os\n{"name": "x"}', 1),
        ('x = {"name": "x"}', 1),
        ("[1, 2]", 1),
        ("", 1),
        ('{\n"name": "x",\n"version": get_version()}', 3),
        ('{\n"depends": "base"}', 2),
        ('{\n"depends": [1]}', 2),
        ('{\n"installable": "yes"}', 2),
        ('{\n\n"version": "one"}', 3),
        ('{\n"core_version": "about 1"}', 2),
        ('{"depends": ["shop"]}', 1),
        ('{\n"after": "sales"}', 2),
        ('{\n"after": {"sales": True}}', 2),
        ('{\n"after": [None]}', 2),
        ('{"after": ["shop"]}', 1),
        ("{\n1: 2}", 2),
    ],
    ids=[
        "statement before",
        "assignment",
        "list",
        "empty",
        "call",
        "depends is a text",
        "depends on a number",
        "installable is a text",
        "version",
        "core version",
        "depends on itself",
        "after is a text",
        "after is a dictionary",
        "after nothing",
        "after itself",
        "key",
    ],
)
def test_mistakes_name_addon_file_and_line(read, tmp_path, text, line, refused):
    with refused(ManifestError) as refusal:
        read(text)
    error = refusal.value
    assert (error.addon, error.file, error.line) == ("shop", str(tmp_path / "__manifest__.py"), line)


def test_malformed_manifest_names_addon_file_and_line(read, tmp_path):
    with pytest.raises(ManifestError) as caught:
        read('{\n"name": "x",\n"depends": ["a"\n')
    assert (caught.value.addon, caught.value.file) == ("shop", str(tmp_path / "__manifest__.py"))
    assert caught.value.line == 3


def test_a_manifest_is_not_run(read, tmp_path):
    with pytest.raises(ManifestError):
        read(f'{{"name": open({str(tmp_path / "proof")!r}, "w").write("x")}}')
    assert not (tmp_path / "proof").exists()


def test_an_absent_manifest(tmp_path, refused):
    with refused(ManifestError):
        read_manifest(tmp_path, "shop")


@pytest.mark.parametrize(
    ("condition", "accepted"),
    [("", True), (">=0.1", True), (">=0.1,<2", True), (">=99", False), ("==0.1.0", True), ("!=0.1", False)],
)
def test_core_version(read, condition, accepted):
    assert read(f'{{"core_version": "{condition}"}}').accepts_core("0.1.0") is accepted


def test_versions_compare_as_numbers():
    assert parse_version("1.10") > parse_version("1.9.9")
    assert parse_version("1.0") == parse_version("1") == parse_version("1.0.0rc1")[:1]

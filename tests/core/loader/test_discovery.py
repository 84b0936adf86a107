"""Finding addons, and the order of those that need each other."""

from __future__ import annotations

import importlib.metadata

import pytest

from core import __version__
from core.exceptions import CircularDependency, DependencyError, ManifestError
from core.loader.discovery import GROUP, discover


def catalogue(folder, **more):
    return discover([folder.path], entry_points=False, **more)


def test_folders_on_the_path_and_base_are_found(folder):
    name = folder.write("shop")
    found = catalogue(folder)
    assert found["base"].package == "core.base" and found[name].package == f"addons.{name}"
    assert found[name].origin == str(folder.path)


def test_folders_without_a_manifest_are_no_addons(folder):
    (folder.path / "notes").mkdir()
    (folder.path / "not-a-name").mkdir()
    (folder.path / "not-a-name" / "__manifest__.py").write_text("{}")
    assert not {"notes", "not-a-name"} & set(catalogue(folder).addons)


def test_an_absent_folder_is_an_error(tmp_path, refused):
    with refused(ManifestError, replace={tmp_path: "<folder>"}):
        discover([tmp_path / "nowhere"])


def test_a_broken_manifest_is_kept_with_its_error(folder):
    name = folder.write("shop", {"__manifest__.py": "{"})
    found = catalogue(folder)
    assert name not in found and isinstance(found.errors[name], ManifestError)
    with pytest.raises(ManifestError):
        found[name]


def test_the_first_of_two_folders_wins_and_the_other_is_told(folder, tmp_path):
    name = folder.write("shop")
    second = tmp_path / "second"
    (second / name).mkdir(parents=True)
    (second / name / "__manifest__.py").write_text("{}")
    found = discover([folder.path, second], entry_points=False)
    assert found[name].path == (folder.path / name).resolve()
    assert any(str(second) in line for line in found.shadowed)


def test_entry_points_are_found_without_importing_them(tmp_path, monkeypatch):
    package = tmp_path / "third_party_shop"
    package.mkdir()
    (package / "__init__.py").write_text("raise AssertionError('imported')")
    (package / "__manifest__.py").write_text('{"name": "Shop"}')
    monkeypatch.syspath_prepend(tmp_path)
    points = [
        importlib.metadata.EntryPoint("tp_shop", "third_party_shop", GROUP),
        importlib.metadata.EntryPoint("tp_gone", "third_party_gone", GROUP),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points)
    found = discover()
    assert found["tp_shop"].package == "third_party_shop" and found["tp_shop"].path == package
    assert "there is no such package" in str(found.errors["tp_gone"])


def test_dependencies_come_first(folder):
    a = folder.write("a")
    b = folder.write("b", depends=[a])
    c = folder.write("c", depends=[b, a])
    assert catalogue(folder).with_dependencies([c]) == ["base", a, b, c]


def test_an_addon_without_depends_still_stands_on_base(folder):
    a = folder.write("a", depends=[])
    assert catalogue(folder).with_dependencies([a]) == ["base", a]
    assert catalogue(folder).closure(a) == {"base"}


def test_a_missing_dependency_names_who_needs_it(folder):
    a = folder.write("a", depends=["nothing_like_it"])
    with pytest.raises(DependencyError, match="nothing_like_it") as caught:
        catalogue(folder).with_dependencies([a])
    assert caught.value.addon == a and caught.value.file.endswith("__manifest__.py")


def test_an_unknown_addon(folder):
    with pytest.raises(DependencyError, match="nothing"):
        catalogue(folder).with_dependencies(["nothing"])


def test_a_circle_is_printed(folder):
    a, b, c = folder.name("a"), folder.name("b"), folder.name("c")
    folder.write("a", depends=[b])
    folder.write("b", depends=[c])
    folder.write("c", depends=[a])
    with pytest.raises(CircularDependency, match=f"{a} -> {b} -> {c} -> {a}") as caught:
        catalogue(folder).with_dependencies([a])
    assert caught.value.data["cycle"] == [a, b, c, a]


@pytest.mark.parametrize(
    ("manifest", "replace"),
    [
        ({"installable": False}, {}),
        ({"core_version": ">=99"}, {__version__: "<version>"}),
        ({"external_dependencies": {"python": ["no_such_library"]}}, {}),
    ],
    ids=["not installable", "core version", "library"],
)
def test_what_cannot_be_installed_says_why(folder, manifest, replace, refused):
    a = folder.write("a", **manifest)
    b = folder.write("b", depends=[a])
    for name in (a, b):
        with refused(DependencyError, replace=replace):
            catalogue(folder).with_dependencies([name])


def test_glue_comes_when_all_its_triggers_are_there(folder):
    a, b = folder.write("a"), folder.write("b")
    glue = folder.write("glue", depends=[a, b], auto_install=True)
    assert glue not in catalogue(folder).with_glue([a])
    assert catalogue(folder).with_glue([a, b])[-1] == glue


def test_glue_may_wait_for_some_of_its_dependencies_only(folder):
    a, b = folder.write("a"), folder.write("b")
    glue = folder.write("glue", depends=[a, b], auto_install=[a])
    order = catalogue(folder).with_glue([a])
    assert glue not in order  # b is not there, and glue pulls in nothing by itself
    assert glue in catalogue(folder).with_glue([a, b])


def test_broken_glue_does_not_stop_an_install(folder):
    a = folder.write("a")
    folder.write("glue", depends=[a, "nothing_like_it"], auto_install=[a])
    assert catalogue(folder).with_glue([a]) == ["base", a]


def test_who_needs_an_addon(folder):
    a = folder.write("a")
    b = folder.write("b", depends=[a])
    c = folder.write("c", depends=[b])
    assert catalogue(folder).needed_by(a, [a, b, c]) == [b, c]


def test_a_loading_order_exists_even_for_broken_addons(folder):
    a, b = folder.name("a"), folder.name("b")
    folder.write("a", depends=[b])
    folder.write("b", depends=[a])
    assert catalogue(folder).loading_order(["gone", a, b, "base"]) == ["base", "gone", a, b]


# ---------------------------------------------------------------------------- after


def test_after_decides_between_addons_that_do_not_need_each_other(folder):
    a, b = folder.name("a"), folder.name("b")
    folder.write("a", after=[b])
    folder.write("b")
    found = catalogue(folder)
    assert found.with_dependencies([a, b]) == found.with_dependencies([b, a]) == ["base", b, a]


def test_after_installs_nothing(folder):
    a, b = folder.name("a"), folder.write("b")
    folder.write("a", after=[b, "no_such_addon"])
    found = catalogue(folder)
    assert found.with_dependencies([a]) == ["base", a]
    assert found.needed_by(b, [a]) == [] and b not in found.closure(a)


def test_after_moves_as_little_as_needed(folder):
    a, b, c, d = (folder.name(stem) for stem in "abcd")
    folder.write("a", after=[c])
    for stem in "bcd":
        folder.write(stem)
    assert catalogue(folder).with_dependencies([a, b, c, d]) == ["base", b, c, a, d]


def test_after_an_addon_is_after_what_that_needs_and_before_its_own_dependents(folder):
    a, b, c, d = (folder.name(stem) for stem in "abcd")
    folder.write("a", after=[d])
    folder.write("b", depends=[a])
    folder.write("c")
    folder.write("d", depends=[c])
    found = catalogue(folder)
    assert found.with_dependencies([b, d]) == ["base", c, d, a, b]
    assert found.predecessors(b, [b, d, c, a, "base"]) == {"base", a, c, d}


def test_an_addon_that_is_not_installed_decides_nothing(folder):
    a, b, c = (folder.name(stem) for stem in "abc")
    folder.write("a", after=[b])
    folder.write("b", after=[c])
    folder.write("c")
    found = catalogue(folder)
    assert found.with_dependencies([a, b, c]) == ["base", c, b, a]
    assert found.with_dependencies([a, c]) == ["base", a, c]
    assert found.predecessors(a, ["base", a, c]) == {"base"}


def test_addons_are_loaded_in_one_order_at_install_and_at_start(folder):
    late = folder.write("z")
    a = folder.write("a", depends=[late])
    b = folder.write("b", depends=["base"])
    found = catalogue(folder)
    order = ["base", b, late, a]  # by depth, then by name, whichever is asked for
    assert (
        found.with_dependencies([a, b]) == found.with_dependencies([b, a]) == found.loading_order([a, late, b, "base"])
    )
    assert found.with_glue([b, a]) == order


@pytest.mark.parametrize(("more", "words"), [({"after": True}, "is loaded after"), ({"depends": True}, "depends on")])
def test_a_cycle_of_after_names_the_addons(folder, more, words):
    a, b = folder.name("a"), folder.name("b")
    folder.write("a", after=[b])
    folder.write("b", **{key: [a] for key in more})
    found = catalogue(folder)
    with pytest.raises(CircularDependency, match=f"{a} is loaded after {b}, {b} {words} {a}") as caught:
        found.with_dependencies([a, b])
    assert caught.value.addon == a and caught.value.data["cycle"] == [a, b, a]
    assert caught.value.file.endswith("__manifest__.py")
    assert found.with_dependencies([a]) == ["base", a]


def test_a_long_cycle_is_printed_without_what_only_waits_for_it(folder):
    a, b, c, d = (folder.name(stem) for stem in "abcd")
    folder.write("a", after=[b])
    folder.write("b", after=[d])
    folder.write("c", depends=[b])
    folder.write("d", depends=[c])
    with pytest.raises(CircularDependency) as caught:
        catalogue(folder).with_dependencies([a, b, c, d])
    assert caught.value.data["cycle"] == [b, d, c, b]
    # A server starts all the same: only the one contradiction is given up.
    assert catalogue(folder).loading_order([a, b, c, d, "base"]) == ["base", b, c, d, a]


def test_glue_that_makes_a_cycle_is_left_out(folder):
    a, glue = folder.name("a"), folder.name("glue")
    folder.write("a", after=[glue])
    folder.write("glue", depends=[a], auto_install=True)
    assert catalogue(folder).with_glue([a]) == ["base", a]

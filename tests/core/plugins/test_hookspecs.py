"""Every hook that core specifies is documented, annotated, named by its family, and its example runs."""

from __future__ import annotations

import inspect
import subprocess
import sys
import types
from pathlib import Path

import pytest

import core.hookspecs
from core.cli.hookdocs import SECTIONS, markdown, sections
from core.loader.assembly import assemble
from core.loader.discovery import discover
from core.plugins import HookManager, Specification
from core.testing import source

FAMILIES = ("register_", "extra_", "on_", "choose_", "rank_", "plan_", "translate_")


def _specifications() -> list[Specification]:
    hooks = HookManager()
    hooks.add_specs("core", core.hookspecs)
    return list(hooks.specifications.values())


SPECS = _specifications()
each = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)


def test_all_hooks_of_the_contract_are_there():
    names = {spec.name for spec in SPECS}
    assert names >= {
        "register_models", "register_views", "register_menus", "register_routes", "register_pages", "register_commands",
        "register_checks", "register_jobs", "register_template_paths", "extra_context", "extra_buttons",
        "on_create", "on_write", "on_unlink", "on_confirm", "on_validate", "on_done", "on_cancel", "on_backorder",
        "translate_context",
    }  # fmt: skip


@each
def test_the_name_tells_the_family(spec):
    assert spec.name.startswith(FAMILIES)


@each
def test_all_arguments_and_the_result_are_annotated(spec):
    signature = inspect.signature(spec.function)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(parameter.annotation is not inspect.Parameter.empty for parameter in signature.parameters.values())


@each
def test_the_docstring_has_all_sections(spec):
    found = sections(spec.function.__doc__)
    assert list(found) == ["Summary", *SECTIONS] and all(found.values())


@each
def test_all_arguments_are_described(spec):
    described = sections(spec.function.__doc__)["Args"]
    for name in spec.arguments:
        assert name in described


@each
def test_the_example_is_a_valid_implementation(spec):
    example = types.ModuleType("example")
    exec(compile(sections(spec.function.__doc__)["Example"], "example", "exec"), example.__dict__)
    hooks = HookManager()
    hooks.add_specs("core", core.hookspecs)
    hooks.add_implementations("example", example)
    assert [implementation.hook for implementation in hooks.seal().implementations] == [spec.name]


def test_the_page_shows_every_hook_with_signature_and_example():
    page = markdown(SPECS)
    for spec in SPECS:
        assert f"### `{spec.name}`" in page and f"def {spec.name}(" in page
    assert "(first result)" in page


def test_the_page_in_the_documentation_is_the_generated_one():
    """Renew it with `stillage hooks --markdown > docs/hooks.md`."""
    root = Path(core.hookspecs.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-m", "core", "--database", "sqlite://", "hooks", "--markdown"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (root / "docs" / "hooks.md").read_text(encoding="utf-8") == done.stdout


@pytest.fixture(scope="module")
def bundled() -> list[Specification]:
    """The hooks of core and of all bundled addons."""
    catalogue = discover(entry_points=False)
    names = catalogue.with_dependencies(addon.name for addon in catalogue)
    return list(assemble(catalogue, names).hooks.specifications.values())


@pytest.mark.parametrize("rule", [source.undocumented, source.late_imports, source.context_steering])
def test_the_examples_keep_the_rules_of_the_contract(bundled, tmp_path, rule):
    """As `hooks.py` of an addon made by `stillage addons new`, which has a docstring of its own."""
    for spec in bundled:
        example = sections(spec.function.__doc__)["Example"]
        (tmp_path / f"{spec.name}.py").write_text(f'"""Hooks."""\n{example}\n', encoding="utf-8")
    source.nothing(rule(tmp_path))


def test_the_examples_hold_hooks_only(bundled, tmp_path):
    file = tmp_path / "hooks.py"
    for spec in bundled:
        file.write_text(sections(spec.function.__doc__)["Example"], encoding="utf-8")
        source.nothing(source.unmarked_functions(file, "hookimpl"))


@pytest.mark.slow
def test_the_examples_of_bundled_addons_are_valid_implementations():
    catalogue = discover(entry_points=False)
    hooks = assemble(
        catalogue, catalogue.with_dependencies(a.name for a in catalogue if a.package != "core.base")
    ).hooks
    for spec in hooks.specifications.values():
        example = types.ModuleType("example")
        exec(compile(sections(spec.function.__doc__)["Example"], spec.name, "exec"), example.__dict__)
        with hooks.extended("example", example):
            assert hooks.has(spec.name)

"""Hooks: registration, scope, order, errors, conflicts, trace and speed."""

from __future__ import annotations

import textwrap
import timeit
import types
from typing import Any

import pytest

import core.hookspecs
from core.exceptions import HookError
from core.plugins import HookManager, hookspec


class Records:
    """Something with a model name, as recordsets have."""

    def __init__(self, model: str) -> None:
        self._name = model


PICKING, ORDER = Records("stock.picking"), Records("sale.order")


def module(name: str, source: str) -> types.ModuleType:
    """A module made of text, whose functions know the line they stand on."""
    made = types.ModuleType(name)
    code = "from core.plugins import hookimpl, hookspec\n" + textwrap.dedent(source)
    exec(compile(code, f"/addons/{name}/hooks.py", "exec"), made.__dict__)
    return made


def manager(*addons: tuple[str, str, set[str]]) -> HookManager:
    """A sealed manager with core's hooks and (addon, source, depends)."""
    hooks = HookManager()
    hooks.add_specs("core", core.hookspecs)
    for name, source, depends in addons:
        hooks.add_implementations(name, module(name, source), depends)
    return hooks.seal()


def answering(name: str, *options: str) -> str:
    """The source of an on_done that returns its addon's name."""
    return f"@hookimpl({', '.join(options)})\ndef on_done(env, documents):\n    return {name!r}\n"


def done(hooks: HookManager, documents: Any = PICKING) -> list[Any]:
    return hooks.on_done(env=None, documents=documents)


# ---------------------------------------------------------------------------- calling


def test_an_implementation_takes_only_the_arguments_it_names():
    hooks = manager(("a", "@hookimpl\ndef on_done(documents):\n    return documents._name", set()))
    assert done(hooks) == ["stock.picking"]


def test_a_scoped_implementation_is_called_only_for_its_model():
    hooks = manager(("a", answering("a", "model='stock.picking'"), set()), ("b", answering("b"), set()))
    assert sorted(done(hooks)) == ["a", "b"]
    assert done(hooks, ORDER) == ["b"]


def test_a_scope_may_name_several_models():
    hooks = manager(("a", answering("a", "model=('stock.picking', 'sale.order')"), set()))
    assert done(hooks) == done(hooks, ORDER) == ["a"]
    assert done(hooks, Records("res.partner")) == []


def test_one_module_implements_a_hook_for_several_models():
    source = """
        @hookimpl(model="stock.picking", specname="on_done")
        def picking_done(documents):
            return "picking"

        @hookimpl(model="sale.order", specname="on_done")
        def order_done(documents):
            return "order"
    """
    hooks = manager(("a", source, set()))
    assert done(hooks) == ["picking"] and done(hooks, ORDER) == ["order"]


def test_firstresult_stops_at_the_first_answer_and_is_none_without_one():
    hooks = manager(
        ("a", "@hookimpl\ndef on_validate(documents):\n    raise AssertionError('not reached')", set()),
        ("b", "@hookimpl\ndef on_validate(documents):\n    return 'asked'", {"a"}),
    )
    assert hooks.on_validate(env=None, documents=PICKING, answers={}) == "asked"
    assert manager().on_validate(env=None, documents=PICKING, answers={}) is None


def test_collected_lists_start_with_the_addons_that_others_depend_on():
    source = "@hookimpl\ndef register_template_paths():\n    return ['{0}']"
    hooks = manager(("base", source.format("base"), set()), ("shop", source.format("shop"), {"base"}))
    assert hooks.register_template_paths() == [["base"], ["shop"]]


def test_merged_keeps_the_answer_of_the_first_that_gives_one():
    spec = module("shop", "@hookspec\ndef choose_policy(env, documents): ...")
    hooks = HookManager()
    hooks.add_specs("shop", spec)
    hooks.add_implementations(
        "shop", module("shop", "@hookimpl(trylast=True)\ndef choose_policy(): return {1: 'a', 2: 'a'}")
    )
    hooks.add_implementations("vip", module("vip", "@hookimpl\ndef choose_policy(): return {2: 'b'}"), {"shop"})
    hooks.seal()
    assert hooks.choose_policy.merged(env=None, documents=PICKING) == {1: "a", 2: "b"}


def test_a_wrapper_sees_the_result_and_may_replace_it():
    hooks = manager(
        ("a", answering("a"), set()),
        ("b", "@hookimpl(wrapper=True)\ndef on_done(documents):\n    return [*(yield), 'wrapped']", set()),
    )
    assert done(hooks) == ["a", "wrapped"]


def test_two_managers_know_nothing_of_each_other():
    first, second = manager(("a", answering("a"), set())), manager(("b", answering("b"), set()))
    assert done(first) == ["a"] and done(second) == ["b"]


def test_extended_adds_implementations_for_a_block():
    hooks = manager(("a", answering("a"), set()))
    with hooks.extended("test", module("test", answering("test"))):
        assert done(hooks) == ["test", "a"]
    assert done(hooks) == ["a"]


# ---------------------------------------------------------------------------- order


def test_dependents_are_called_before_what_they_depend_on():
    hooks = manager(("a", answering("a"), set()), ("b", answering("b"), {"a"}), ("c", answering("c"), {"a", "b"}))
    assert done(hooks) == ["c", "b", "a"]


def test_tryfirst_and_trylast():
    hooks = manager(
        ("a", answering("a", "tryfirst=True"), set()),
        ("b", answering("b"), {"a"}),
        ("c", answering("c", "trylast=True"), {"a"}),
    )
    assert done(hooks) == ["a", "b", "c"]


@pytest.mark.parametrize("option", ["before='c'", "before=('c',)"])
def test_before_moves_ahead_of_the_named_addon(option):
    hooks = manager(("a", answering("a", option), set()), ("b", answering("b"), set()), ("c", answering("c"), set()))
    assert done(hooks) == ["b", "a", "c"]


def test_after_wins_over_tryfirst():
    hooks = manager(("a", answering("a"), set()), ("b", answering("b", "tryfirst=True", "after='a'"), set()))
    assert done(hooks) == ["a", "b"]


def test_an_absent_name_is_ignored():
    assert done(manager(("a", answering("a", "before='nobody'"), set()))) == ["a"]


def test_a_circle_is_an_error_that_prints_it():
    with pytest.raises(
        HookError, match=r"a:on_done -> b:on_done -> a:on_done|b:on_done -> a:on_done -> b:on_done"
    ) as caught:
        manager(("a", answering("a", "before='b'"), set()), ("b", answering("b", "before='a'"), set()))
    assert caught.value.addon in ("a", "b") and caught.value.line


def test_a_circle_is_found_behind_innocent_followers():
    with pytest.raises(HookError, match="circle"):
        manager(
            ("a", answering("a", "after='b'"), set()),
            ("b", answering("b", "before='c'"), set()),
            ("c", answering("c", "before='b'"), set()),
        )


def test_implementations_for_different_models_make_no_circle():
    hooks = manager(
        ("a", answering("a", "before='b'", "model='stock.picking'"), set()),
        ("b", answering("b", "before='a'", "model='sale.order'"), set()),
    )
    assert done(hooks) == ["a"] and done(hooks, ORDER) == ["b"]


# ---------------------------------------------------------------------------- errors


def test_a_misspelt_hook_names_addon_file_line_and_the_right_one():
    with pytest.raises(HookError) as caught:
        manager(("shop", "\n\n@hookimpl\ndef on_dnoe(env, documents): ...", set()))
    error = caught.value
    assert (error.addon, error.file, error.line) == ("shop", "/addons/shop/hooks.py", 4)
    assert "'on_dnoe'" in str(error) and "did you mean on_done(env, documents)?" in str(error)


def test_a_wrong_argument_names_the_signature():
    with pytest.raises(HookError, match=r"takes 'picking'.*the hook is on_done\(env, documents\)") as caught:
        manager(("shop", "@hookimpl\ndef on_done(env, picking): ...", set()))
    assert caught.value.line == 2


def test_a_wrapper_must_be_a_generator():
    with pytest.raises(HookError, match="must yield exactly once"):
        manager(("shop", "@hookimpl(wrapper=True)\ndef on_done(documents): ...", set()))


def test_a_scope_needs_records():
    with pytest.raises(HookError, match=r"register_routes\(\) has no records"):
        manager(("shop", "@hookimpl(model='x')\ndef register_routes(): ...", set()))


def test_tryfirst_and_trylast_exclude_each_other():
    with pytest.raises(HookError, match="exclude each other"):
        module("shop", "@hookimpl(tryfirst=True, trylast=True)\ndef on_done(): ...")


def test_two_addons_cannot_specify_the_same_hook():
    hooks = HookManager()
    hooks.add_specs("core", core.hookspecs)
    with pytest.raises(HookError, match="already specified by addon 'core'"):
        hooks.add_specs("shop", module("shop", "@hookspec\ndef on_done(env): ..."))


def test_reserved_names_cannot_be_hooks():
    with pytest.raises(HookError, match="reserved"):
        HookManager().add_specs("shop", module("shop", "@hookspec\ndef has(env): ..."))


def test_an_optional_implementation_of_an_unknown_hook_is_accepted():
    hooks = manager(("a", "@hookimpl(optional=True)\ndef of_another_addon(env): ...", set()))
    assert not hooks.has("of_another_addon")
    with pytest.raises(AttributeError, match="of_another_addon"):
        hooks.of_another_addon(env=None)


def test_nothing_of_a_broken_module_is_registered():
    hooks = HookManager()
    hooks.add_specs("core", core.hookspecs)
    with pytest.raises(HookError):
        hooks.add_implementations("a", module("a", answering("a") + "@hookimpl\ndef on_cancel(nonsense): ..."))
    assert hooks.seal() and done(hooks) == []


def test_an_error_in_an_implementation_comes_through_as_it_is():
    hooks = manager(("a", "@hookimpl\ndef on_done(): raise KeyError('x')", set()))
    with pytest.raises(KeyError):
        done(hooks)


# ---------------------------------------------------------------------------- asking, tracing, conflicts


def test_has_knows_hooks_and_models():
    hooks = manager(("a", answering("a", "model='stock.picking'"), set()))
    assert hooks.has("on_done") and hooks.has("on_done", "stock.picking")
    assert not hooks.has("on_done", "sale.order") and not hooks.has("on_create", "stock.picking")
    assert not hooks.has("unheard_of")


def test_asking_for_hooks_that_nobody_implements_costs_next_to_nothing():
    hooks = manager()
    assert timeit.timeit(lambda: hooks.has("on_create", "stock.move"), number=10_000) < 0.05


def test_a_trace_tells_order_nesting_model_and_outcome():
    source = "@hookimpl\ndef on_done(env, documents):\n    env.on_cancel(env=None, documents=documents)\n    return 'a'"
    hooks = manager(
        ("a", source, set()),
        ("b", "@hookimpl\ndef on_cancel(): return 'b'", {"a"}),
        ("c", "@hookimpl(wrapper=True)\ndef on_done(): return (yield)", {"a"}),
    )
    with hooks.tracing() as entries:
        assert hooks.on_done(env=hooks, documents=PICKING) == ["a"]
    assert [(entry.hook, entry.addon, entry.depth) for entry in entries] == [
        ("on_done", "c", 0),
        ("on_done", "a", 1),
        ("on_cancel", "b", 2),
    ]
    assert entries[1].model == "stock.picking" and entries[1].outcome == "'a'" and entries[1].seconds >= 0
    done(manager(("a", answering("a"), set())))
    assert len(entries) == 3


def test_a_trace_records_errors():
    hooks = manager(("a", "@hookimpl\ndef on_done(): raise ValueError('no')", set()))
    with hooks.tracing() as entries, pytest.raises(ValueError):
        done(hooks)
    assert entries[0].outcome == "raised ValueError: no"


WRAP = "@hookimpl(wrapper=True{})\ndef on_done(): return (yield)"


def test_two_unrelated_wrappers_are_an_undetermined_conflict():
    hooks = manager(("a", WRAP.format(""), set()), ("b", WRAP.format(""), set()))
    (conflict,) = hooks.conflicts()
    assert conflict.kind == "wrapped hook" and conflict.addons == ("b", "a") and not conflict.determined


@pytest.mark.parametrize(
    ("option", "depends", "reason"),
    [(", before='a'", set(), "before='a'"), (", tryfirst=True", set(), "tryfirst"), ("", {"a"}, "b depends on a")],
)
def test_something_explicit_determines_a_conflict(option, depends, reason):
    hooks = manager(("a", WRAP.format(""), set()), ("b", WRAP.format(option), depends))
    (conflict,) = hooks.conflicts()
    assert conflict.determined and reason in conflict.reason


def test_an_addon_that_is_loaded_after_another_speaks_before_it():
    hooks = HookManager()
    hooks.add_specs("core", core.hookspecs)
    hooks.add_implementations("a", module("a", WRAP.format("")))
    hooks.add_implementations("b", module("b", WRAP.format("")), after={"a"})
    (conflict,) = hooks.seal().conflicts()
    assert conflict.addons == ("b", "a") and conflict.determined
    assert conflict.reason == "b:on_done then a:on_done: b is loaded after a"


def test_competing_answers_conflict_only_where_they_meet():
    source = "@hookimpl({})\ndef on_validate(documents): ..."
    hooks = manager(
        ("a", source.format("model='stock.picking'"), set()),
        ("b", source.format("model='stock.picking'"), set()),
        ("c", source.format("model='sale.order'"), set()),
    )
    (conflict,) = hooks.conflicts()
    assert conflict.addons == ("b", "a") and conflict.subject == "on_validate for stock.picking"


def test_notifications_and_lists_are_no_conflicts():
    assert manager(("a", answering("a"), set()), ("b", answering("b"), set())).conflicts() == []


# ---------------------------------------------------------------------------- specifications


def test_a_spec_tells_its_signature():
    assert hookspec(firstresult=True)(lambda env: None) is not None
    spec = manager().specifications["on_validate"]
    assert spec.plain_signature == "on_validate(env, documents, answers)" and spec.firstresult and spec.chooses

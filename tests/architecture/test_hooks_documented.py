"""A hook exists only when its specification says when it is called, with what, and what to return."""

import importlib
import inspect
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = ("When:", "Args:", "Returns:", "Transaction:", "Example::")


def specifications() -> list:
    """A parameter for the function of every hook of core and of the bundled addons."""
    modules = ["core.hookspecs"] + [
        f"addons.{path.parent.name}.hookspecs" for path in ROOT.glob("addons/*/hookspecs.py")
    ]
    return [
        pytest.param(function, id=f"{name}.{function.__name__}")
        for name in sorted(modules)
        for _name, function in inspect.getmembers(importlib.import_module(name), inspect.isfunction)
        if function.__module__ == name and hasattr(function, "stillage_spec")
    ]


@pytest.mark.parametrize("function", specifications())
def test_a_hook_is_documented(function):
    """All five sections are there, and every argument is typed and described."""
    text = inspect.getdoc(function) or ""
    assert [section for section in SECTIONS if section not in text] == []
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    described = text.partition("Args:")[2].partition("Returns:")[0]
    for name, parameter in signature.parameters.items():
        assert parameter.annotation is not inspect.Parameter.empty, f"{name} is not typed"
        assert name in described, f"{name} is not described"

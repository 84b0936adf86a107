"""An advanced filter as the inputs of a form: rows of conditions, groups in groups, and the buttons that change them.

The inputs are named by their place: ``c.join`` is the root's *all* or *any*, ``c.0.f0 c.0.f1 ... c.0.op c.0.value`` a
condition (one input for each field of its path), ``c.1.join`` an inner group. ``_do`` says which button was pressed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.bounds import is_integer
from core.i18n import _
from core.web.domain_editor.condition_tree import (
    MAX_CONDITIONS,
    MAX_DEPTH,
    MAX_VALUE,
    OPERATORS,
    Condition,
    Group,
    kind_of,
    operator_words,
    period_words,
)
from core.web.domain_editor.field_paths import MAX_STEPS, RELATIONS, Choices, FieldPaths

ROOT = "c"


@dataclass
class Row:
    """A condition as its inputs: the choices of each field of the path, of the operator, and of the value."""

    name: str
    condition: Condition
    fields: list[tuple[str, Choices, str]]
    operators: dict[str, str]
    input: str
    choices: list[tuple[str, str]]
    label: str


@dataclass
class Box:
    """A group as its inputs."""

    name: str
    any: bool
    items: list[Row | Box]
    deeper: bool


def read(args: Mapping[str, str], paths: FieldPaths) -> Group | None:
    """The tree that a form sent; None where it sent none."""
    if f"{ROOT}.join" not in args:
        return None
    keys = [key.split(".") for key in args if key.startswith(f"{ROOT}.")][: MAX_CONDITIONS * 12]
    return _read_group(args, paths, keys, ROOT, MAX_DEPTH)


def _read_group(args: Mapping[str, str], paths: FieldPaths, keys: list[list[str]], name: str, depth: int) -> Group:
    group = Group(args.get(f"{name}.join") == "any")
    level = len(name.split("."))
    below = [key for key in keys if ".".join(key[:level]) == name and len(key) > level]
    places = sorted({int(key[level]) for key in below if is_integer(key[level]) and len(key[level]) < 4})
    for place in places[:MAX_CONDITIONS]:
        inner = f"{name}.{place}"
        if f"{inner}.join" in args:
            if depth > 0:
                group.items.append(_read_group(args, paths, below, inner, depth - 1))
        else:
            group.items.append(_read_condition(args, paths, inner))
    return group


def _read_condition(args: Mapping[str, str], paths: FieldPaths, name: str) -> Condition:
    path: list[str] = []
    for step in range(MAX_STEPS):
        given = args.get(f"{name}.f{step}", "")
        if not given or not paths.resolve([*path, given]):
            break
        path.append(given)
    found = Condition(path, args.get(f"{name}.op", ""), args.get(f"{name}.value", "")[:MAX_VALUE])
    _settle(found, paths)
    return found


def _settle(condition: Condition, paths: FieldPaths) -> None:
    """Give a condition an operator that fits its field."""
    if condition.path:
        fitting = OPERATORS[kind_of(paths.resolve(condition.path)[-1])]
        if condition.operator not in fitting:
            condition.operator = fitting[0]


def change(group: Group, verb: str, place: str) -> None:
    """Do what a button says: add a condition or a group to the group at `place`, or remove what is there."""
    steps = [int(step) for step in place.split(".")[1:] if is_integer(step)]
    if verb == "remove" and steps:
        inside = _at(group, steps[:-1])
        if inside is not None and steps[-1] < len(inside.items):
            del inside.items[steps[-1]]
    elif verb in ("add", "group") and len(list(group.conditions())) < MAX_CONDITIONS:
        inside = _at(group, steps)
        if inside is not None and len(steps) < MAX_DEPTH:
            inside.items.append(Condition() if verb == "add" else Group(not inside.any, [Condition()]))


def group_at(group: Group, place: str) -> Group:
    """The group whose inputs are named `place`; an empty one where there is none."""
    return _at(group, [int(step) for step in place.split(".")[1:] if is_integer(step)]) or Group()


def _at(group: Group, steps: list[int]) -> Group | None:
    for step in steps:
        inner = group.items[step] if step < len(group.items) else None
        if not isinstance(inner, Group):
            return None
        group = inner
    return group


def box(group: Group, paths: FieldPaths, name: str = ROOT) -> Box:
    """A tree as inputs."""
    items: list[Row | Box] = []
    for place, item in enumerate(group.items):
        inner = f"{name}.{place}"
        items.append(box(item, paths, inner) if isinstance(item, Group) else _row(item, paths, inner))
    return Box(name, group.any, items, name.count(".") < MAX_DEPTH - 1)


def _row(condition: Condition, paths: FieldPaths, name: str) -> Row:
    steps = paths.resolve(condition.path)
    fields = []
    models = [paths.model, *(rules.comodel for rules in steps if rules.type in RELATIONS)][:MAX_STEPS]
    for place, model in enumerate(models):
        chosen = condition.path[place] if place < len(condition.path) else ""
        fields.append((f"{name}.f{place}", paths.choices(model), chosen))
    if not steps:
        return Row(name, condition, fields, {}, "", [], "")
    kind = kind_of(steps[-1])
    kinds = {"date": "date", "number": "number", "selection": "choice", "boolean": "choice"}
    kind_of_input = kinds.get(kind, "text")
    choices: list[tuple[str, str]] = []
    if condition.operator in ("set", "unset"):
        kind_of_input = ""
    elif condition.operator == "period":
        kind_of_input, choices = "choice", list(period_words().items())
    elif kind == "selection":
        choices = [(key, str(label)) for key, label in steps[-1].selection]
    elif kind == "boolean":
        choices = [("1", str(_("Yes"))), ("0", str(_("No")))]
    return Row(name, condition, fields, operator_words(kind), kind_of_input, choices, paths.words(condition.path))

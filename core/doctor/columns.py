"""Values that a column may not have: the declarations of fields, constraints and indexes, asked of the rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from core.doctor.checks import MOST, Check, Problem, describe


def column_checks() -> list[Check]:
    """Required and allowed values, CHECK constraints and unique keys of all models."""
    return [
        Check("core.values", "Required fields have a value, selections one that they offer", _wrong_values),
        Check("core.constraints", "Constraints hold as they are declared", _violations),
        Check("core.unique", "What is declared unique is there once", _duplicates),
    ]


def stored_models(env: Any) -> Iterator[Any]:
    """The classes of the models whose rows stay."""
    for name in sorted(env.registry.models):
        model = env.registry.models[name]
        if model._auto and not model._abstract and not model._transient:
            yield model


def _wrong_values(env: Any) -> Iterator[Problem]:
    """One pass over each table; fields are looked at one by one only where it finds something."""
    for model in stored_models(env):
        table = env.registry.table(model._name)
        wrong: dict[str, sa.ColumnElement[bool]] = {}
        for field in model._column_fields:
            column = table.c[field.name]
            if field.company_dependent:
                continue
            if field.required:
                wrong[field.name] = column.is_(None)
            if field.type == "selection":
                keys = [key for key, _label in field.options(env[model._name])]
                if keys:
                    unknown = column.is_not(None) & column.not_in(keys)
                    wrong[field.name] = wrong[field.name] | unknown if field.name in wrong else unknown
        if not wrong or env.execute(sa.select(table.c.id).where(sa.or_(*wrong.values())).limit(1)).first() is None:
            continue
        for name, condition in wrong.items():
            rows = sa.select(table.c.id, table.c[name]).where(condition).order_by(table.c.id).limit(MOST)
            for res_id, value in env.execute(rows).all():
                label = model._fields[name].string
                yield Problem(
                    model._name,
                    res_id,
                    f"{describe(env, model._name, res_id)}: {label} is "
                    + ("empty" if value is None else f"“{value}”, which is no choice"),
                    hint=f"set {model._name}.{name} of {res_id} in `stillage shell`",
                )


def _violations(env: Any) -> Iterator[Problem]:
    for model in stored_models(env):
        table = env.registry.table(model._name)
        for declared in model._table_objects:
            match = re.fullmatch(r"check\s*\((.*)\)", declared.definition, re.IGNORECASE)
            if match is None:
                continue
            broken = sa.select(table.c.id).where(sa.text(f"NOT ({match[1]})")).order_by(table.c.id).limit(MOST)
            for res_id in env.execute(broken).scalars().all():
                yield Problem(
                    model._name,
                    res_id,
                    f"{describe(env, model._name, res_id)}: {declared.message or declared.definition}",
                    hint=f"correct the values in `stillage shell`; they must meet {declared.definition}",
                )


def _duplicates(env: Any) -> Iterator[Problem]:
    for model in stored_models(env):
        table = env.registry.table(model._name)
        for declared in model._table_objects:
            match = re.fullmatch(r"unique\s*\((.*)\)()", declared.definition, re.IGNORECASE)
            if match is None and getattr(declared, "unique", False):
                match = re.fullmatch(r"\((.*?)\)(?: where (.*))?", declared.definition, re.IGNORECASE)
            if match is None:
                continue
            names = [part.split()[0] for part in match[1].split(",")]
            columns = [table.c[name] for name in names]
            several = sa.select(sa.func.min(table.c.id), sa.func.max(table.c.id), sa.func.count(), *columns)
            several = several.where(*(column.is_not(None) for column in columns))
            if match[2]:
                several = several.where(sa.text(match[2]))
            several = several.group_by(*columns).having(sa.func.count() > 1).limit(MOST)
            for first, last, count, *_values in env.execute(several).all():
                yield Problem(
                    model._name,
                    last,
                    f"{describe(env, model._name, last)}: {count} rows have the same {', '.join(names)}, "
                    f"the first is {first}",
                    hint="decide which one is right, and change or delete the others",
                )

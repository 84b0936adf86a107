"""Stored figures that follow from others: computed again by their own methods, and compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import sqlalchemy as sa

from core.doctor.checks import Check, Problem, describe, registered, slices
from core.doctor.columns import stored_models
from core.exceptions import MissingError
from core.orm import flush

#: Records that are computed at once; each may read many others.
_BATCH: Final = 200


def derived_check() -> Check:
    """Computed fields that are stored, and that no user may enter, hold what their methods make.

    What other checks compare in the database (`Check.covers`) is left to them.
    """
    return Check("core.computed", "Stored figures are what they follow from", _find, store_again)


def _find(env: Any) -> Iterator[Problem]:
    covered = {name for check in registered(env) for name in check.covers}
    for model in stored_models(env):
        names = [
            field.name
            for field in model._column_fields
            if field.stored_compute and field.readonly and not field.company_dependent and not field.translate
        ]
        yield from computed_again(env, model._name, [name for name in names if f"{model._name}.{name}" not in covered])


def computed_again(
    env: Any, model: str, names: Iterable[str], where: sa.ColumnElement[bool] | None = None
) -> Iterator[Problem]:
    """Problems of the stored computed fields `names` of a model whose methods make something else of them now.

    Values are computed for some records at a time and then forgotten; nothing is written.

    Args:
        where: a condition on the model's table, for the records to which the fields' methods apply.
    """
    fields = [env.registry.models[model]._fields[name] for name in names]
    if not fields:
        return
    table = env.registry.table(model)
    for low, high in slices(env, model, _BATCH):
        statement = sa.select(table.c.id, *(table.c[field.name] for field in fields))
        statement = statement.where(table.c.id.between(low, high))
        rows = env.execute(statement if where is None else statement.where(where)).all()
        if rows:
            yield from _compared(env, model, fields, rows)


def _compared(env: Any, model: str, fields: list[Any], rows: Any) -> Iterator[Problem]:
    found = []
    for at, field in enumerate(fields, 1):
        for res_id, stored, computed in _differences(env, field, {row[0]: row[at] for row in rows}):
            found.append((field, res_id, stored, computed))
        env._transaction.clear()
    for field, res_id, stored, computed in found:
        record = env[model].browse(res_id)
        said, made = (_shown(field, value, record) for value in (stored, computed))
        yield Problem(
            model,
            res_id,
            f"{describe(env, model, res_id)}: {field.string} is {said}, by what it follows from it is {made}",
            f"set {field.string} to {made}",
            key=field.name,
        )


def _differences(env: Any, field: Any, stored: dict[int, Any]) -> list[tuple[int, Any, Any]]:
    """(id, stored, computed) where they differ; records of which a link leads to nothing are left to that check."""
    try:
        return _recomputed(env, field, stored)
    except MissingError:
        env._transaction.clear()
    if len(stored) == 1:
        return []
    ids = sorted(stored)
    halves = ids[: len(ids) // 2], ids[len(ids) // 2 :]
    return [each for half in halves for each in _differences(env, field, {id_: stored[id_] for id_ in half})]


def _recomputed(env: Any, field: Any, stored: dict[int, Any]) -> list[tuple[int, Any, Any]]:
    env._transaction.tocompute[field] = set(stored)
    flush.recompute_field(env, field)
    cache = field.cache_of(env)
    return [(res_id, old, cache[res_id]) for res_id, old in stored.items() if res_id in cache and cache[res_id] != old]


def _shown(field: Any, value: Any, record: Any) -> str:
    if value is None or value == "":
        return "empty"
    if field.type == "many2one":
        return describe(record.env, field.comodel_name, value)
    if field.type == "selection":
        return f"“{value}”"
    return f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)


def store_again(env: Any, problems: list[Problem]) -> None:
    """Compute and store the fields that the problems name."""
    todo: dict[tuple[str, str], set[int]] = {}
    for problem in problems:
        todo.setdefault((problem.model, problem.key), set()).add(problem.res_id)
    for (model, name), ids in todo.items():
        field = env.registry.models[model]._fields[name]
        env[model].browse(sorted(ids)).fetch([name])
        env._transaction.tocompute[field] |= ids
        flush.recompute_field(env, field)
    env.flush_all()

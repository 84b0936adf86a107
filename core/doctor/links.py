"""Links between records: what they lead to exists, and is of the same company."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from core.doctor.checks import MOST, Check, Problem, describe
from core.doctor.columns import stored_models
from core.orm import keeping


def link_check() -> Check:
    """What many2one and many2many fields of all models lead to exists."""
    return Check("core.links", "Links lead to records that exist", _dangling, _cut)


def _dangling(env: Any) -> Iterator[Problem]:
    registry = env.registry
    for model in stored_models(env):
        table = registry.table(model._name)
        for field in model._column_fields:
            if field.type != "many2one" or not _has_rows(env, field.comodel_name):
                continue
            gone = _lost(env, table.name, field.name, registry.table(field.comodel_name).name)
            if not gone:
                continue
            column = table.c[field.name]
            rows = sa.select(table.c.id, column).where(column.in_(gone)).order_by(table.c.id).limit(MOST)
            for res_id, missing in env.execute(rows).all():
                what = registry.models[field.comodel_name]._description
                optional = field.ondelete == "set null" and not field.required
                yield Problem(
                    model._name,
                    res_id,
                    f"{describe(env, model._name, res_id)}: {field.string} leads to {what} {missing}, "
                    "which does not exist",
                    f"empty {field.string}" if optional else "",
                    hint=f"restore {what} {missing} from a backup, or set {model._name}.{field.name} to another",
                    key=field.name,
                )
    yield from _dangling_relations(env)


def _lost(env: Any, table: str, column: str, target: str) -> list[int]:
    """The ids in a column that are no ids of the target. Each different one is looked up once.

    The statement is text: there are some for every table, and building them took longer than most of them run.
    """
    quote = env.cr.engine.dialect.identifier_preparer.quote
    name = quote(column)
    return list(
        env.execute(
            f"SELECT linked.id FROM (SELECT DISTINCT {name} AS id FROM {quote(table)} WHERE {name} IS NOT NULL) linked "
            f"WHERE NOT EXISTS (SELECT 1 FROM {quote(target)} target WHERE target.id = linked.id) LIMIT {MOST}"
        ).scalars()
    )


def _dangling_relations(env: Any) -> Iterator[Problem]:
    registry = env.registry
    for relation, fields in sorted(registry.relations.items()):
        field = fields[0]
        for name, model in ((field.column1, field.model_name), (field.column2, field.comodel_name)):
            if not _has_rows(env, model):
                continue
            for missing in _lost(env, relation, name, registry.table(model).name):
                yield Problem(
                    relation,
                    0,
                    f"{relation} ({field.string}): {registry.models[model]._description} {missing} does not exist",
                    "delete its links",
                    key=(name, missing),
                )


def _has_rows(env: Any, name: str) -> bool:
    model = env.registry.models.get(name)
    return model is not None and model._auto and not model._abstract


def _cut(env: Any, problems: list[Problem]) -> None:
    """What the database does itself when a record is deleted."""
    for problem in problems:
        table = env.registry.table(problem.model)
        if isinstance(problem.key, tuple):
            name, missing = problem.key
            env.execute(sa.delete(table).where(table.c[name] == missing))
        else:
            env.execute(sa.update(table).where(table.c.id == problem.res_id).values({problem.key: None}))
            keeping.forget(env, problem.model)
    env.invalidate_all()


# ---------------------------------------------------------------------------- companies
def company_check(
    id: str = "core.companies",
    fields: Iterable[tuple[str, str]] | None = None,
) -> Check:
    """What records of one company link to is of that company or of none.

    Args:
        id: id of the check.
        fields: (model, field) of the links, those excepted that declare `check_company`; without it all that do.
    """

    def find(env: Any) -> Iterator[Problem]:
        declared = dict.fromkeys(_declared(env))
        chosen = declared if fields is None else [pair for pair in fields if pair not in declared]
        for model, name in chosen:
            yield from _foreign(env, model, name)

    return Check(id, "Records link to records of their own company", find)


def _declared(env: Any) -> Iterator[tuple[str, str]]:
    for model in stored_models(env):
        for field in model._column_fields:
            if field.type == "many2one" and getattr(field, "check_company", False):
                yield model._name, field.name


def _foreign(env: Any, model: str, name: str) -> Iterator[Problem]:
    registry = env.registry
    if model not in registry.models or name not in registry.models[model]._fields:
        return
    field = registry.models[model]._fields[name]
    table, target = registry.table(model), registry.alias(field.comodel_name, "doctor of companies")
    own, from_own = _company_of(env, model, table)
    other, from_other = _company_of(env, field.comodel_name, target)
    if own is None or other is None:
        return
    rows = sa.select(table.c.id, own, other).select_from(from_own)
    rows = rows.join(from_other, target.c.id == table.c[name])
    rows = rows.where(own != other).order_by(table.c.id).limit(MOST)
    for res_id, mine, theirs in env.execute(rows).all():
        companies = env["res.company"].browse([mine, theirs])
        names = [company.name if company.exists() else str(company.id) for company in companies]
        yield Problem(
            model,
            res_id,
            f"{describe(env, model, res_id)} is of {names[0]}, its {field.string} of {names[1]}",
            hint=f"decide which company is right, and correct company_id or {name} in `stillage shell`",
            key=name,
            value=theirs,
        )


def _company_of(env: Any, model: str, table: Any) -> tuple[Any, Any]:
    """The column with a record's company, and what to select it from; None where a model has none."""
    field = env.registry.models[model]._fields.get("company_id")
    if field is None or field.company_dependent:
        return None, table
    if field.column_backed:
        return table.c.company_id, table
    path: tuple[str, ...] = field.related or ()
    if len(path) == 2 and path[1] == "company_id":
        via = env.registry.models[model]._fields[path[0]]
        parent = env.registry.alias(via.comodel_name, f"doctor of {model}")
        if via.column_backed and "company_id" in parent.c:
            return parent.c.company_id, sa.join(table, parent, parent.c.id == table.c[via.name])
    return None, table

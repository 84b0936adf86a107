"""From the cache to the database: pending computations first, then new rows, then changed rows.

    flush_all ──> recompute (until nothing is pending) ──> insert_rows ──> update_rows ──> tracking
    flush_model   the same for the fields of one model that a query is about to read

Rows go out per model in one INSERT and as few UPDATEs as there are sets of changed columns. Foreign keys are
deferred, so the order of the models does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from core.db.json_member import member_value
from core.db.sqltools import bulk_insert, bulk_update, in_ids
from core.exceptions import MissingError
from core.orm import keeping

MAX_ROUNDS = 1000


def flush_all(env: Any) -> None:
    """Compute and write everything pending; record the changes of tracked fields."""
    transaction = env._transaction
    if not (transaction.tocompute or transaction.dirty or transaction.new_rows or transaction.tracked):
        return
    for _ in range(MAX_ROUNDS):
        recompute(env)
        models = {name for name, ids in transaction.new_rows.items() if ids}
        models.update(field.model_name for field, ids in transaction.dirty.items() if ids)
        for name in sorted(models):
            write_rows(env, name)
        if not record_tracking(env) and not any(transaction.tocompute.values()):
            break


def flush_model(env: Any, name: str, field_names: Iterable[str] | None = None) -> None:
    """Compute and write what a query over `field_names` (all when None) of the model would otherwise miss."""
    transaction = env._transaction
    model_class = env.registry.models[name]
    fields = model_class._fields
    chosen = fields.values() if field_names is None else [fields[n] for n in field_names if n in fields]
    for field in chosen:
        if field.stored_compute and transaction.tocompute.get(field):
            recompute_field(env, field)
    if transaction.new_rows.get(name):
        recompute(env, [f for f in model_class._column_fields if f.stored_compute])
        write_rows(env, name)
    elif any(transaction.dirty.get(field) for field in chosen):
        write_rows(env, name)


def recompute(env: Any, fields: Iterable[Any] | None = None) -> None:
    """Run the pending computations (of `fields` only, if given)."""
    tocompute = env._transaction.tocompute
    if fields is not None:
        for field in fields:
            if tocompute.get(field):
                recompute_field(env, field)
        return
    for _ in range(MAX_ROUNDS):
        pending = [field for field, ids in tocompute.items() if ids]
        if not pending:
            tocompute.clear()
            return
        for field in pending:
            recompute_field(env, field)
    raise RecursionError(f"These computed fields never settle: {', '.join(map(str, pending))}")


def recompute_field(env: Any, field: Any) -> None:
    """Compute one stored field for all records that wait for it."""
    ids = env._transaction.tocompute.get(field)
    model = env(su=True)[field.model_name]
    while ids:
        try:
            if field.recursive:
                field.compute_value(model.browse(next(iter(ids))))
            else:
                field.compute_value(model.browse(tuple(ids)))
        except MissingError:
            gone = set(ids) - set(model.browse(tuple(ids)).exists()._ids)
            if not gone:
                raise
            ids -= gone
        if ids and not field.recursive and not ids - (env._protected.get(field) or set()):
            return


def write_rows(env: Any, name: str) -> None:
    """Insert the new rows of a model and update its changed ones."""
    registry = env.registry
    model_class = registry.models[name]
    with registry.translating_errors(env, model_class):
        insert_rows(env, model_class)
        update_rows(env, model_class)
    keeping.forget(env, name)


def insert_rows(env: Any, model_class: Any) -> None:
    """One INSERT for all rows of the model that were created since the last flush."""
    transaction = env._transaction
    new = transaction.new_rows.pop(model_class._name, None)
    if not new:
        return
    ids = list(new)
    columns, values = ["id"], [ids]
    for field in model_class._column_fields:
        columns.append(field.name)
        if field.company_dependent:
            values.append(company_values(env, field, ids, {}))
        else:
            cache, null = transaction.data[field], field.null
            try:
                values.append([cache[id_] for id_ in ids])
            except KeyError:
                values.append([cache.get(id_, null) for id_ in ids])
        dirty = transaction.dirty.get(field)
        if dirty:
            dirty.difference_update(ids)
    bulk_insert(env.cr, env.registry.table(model_class._name), columns, list(zip(*values, strict=True)))


def update_rows(env: Any, model_class: Any) -> None:
    """Update changed rows, grouped by the set of columns that changed; equal values for all need no row list."""
    transaction = env._transaction
    changed: dict[int, list[Any]] = defaultdict(list)
    for field in model_class._column_fields:
        ids = transaction.dirty.pop(field, None)
        if ids:
            for id_ in ids:
                changed[id_].append(field)
    if not changed:
        return
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for id_, fields in changed.items():
        groups[tuple(fields)].append(id_)
    log = model_class._log_access
    table = env.registry.table(model_class._name)
    for fields, ids in groups.items():
        ids.sort()
        columns = [field.name for field in fields]
        values = [field_values(env, field, ids) for field in fields]
        if log:
            stamp_updates(env, model_class, fields, ids, columns, values)
        if len(ids) > 1 and all(uniform(column) for column in values):
            constants = {name: column[0] for name, column in zip(columns, values, strict=True)}
            written = env.cr.execute(sa.update(table).where(in_ids(table.c.id, ids)).values(constants)).rowcount
        else:
            written = bulk_update(env.cr, table, columns, list(zip(ids, *values, strict=True)))
        if written < len(ids) and not all(field.computed for field in fields):
            raise env[model_class._name]._missing()


def field_values(env: Any, field: Any, ids: list[int]) -> list[Any]:
    """The column values of `ids` from the cache."""
    if field.company_dependent:
        table = env.registry.table(field.model_name)
        # locked, as what another transaction writes for its company must stay
        statement = sa.select(table.c.id, table.c[field.name]).where(in_ids(table.c.id, ids)).order_by(table.c.id)
        return company_values(env, field, ids, dict(env.cr.execute(statement.with_for_update()).all()))
    cache = env._transaction.data[field]
    return [cache[id_] for id_ in ids]


def company_values(env: Any, field: Any, ids: list[int], stored: dict[int, Any]) -> list[Any]:
    """The JSON values {company: value} of a company-dependent field, what is cached over what is stored."""
    result = {id_: dict(stored.get(id_) or {}) for id_ in ids}
    for key, cache in env._transaction.views[field].items():
        for id_ in ids:
            if id_ in cache:
                result[id_][str(key[0])] = member_value(cache[id_])
    return [value or None for value in result.values()]


def uniform(column: list[Any]) -> bool:
    """Whether all values are the same."""
    first = column[0]
    return all(value is first or value == first for value in column) and not isinstance(first, dict | list)


def stamp_updates(
    env: Any, model_class: Any, fields: Any, ids: list[int], columns: list[str], values: list[list[Any]]
) -> None:
    """Note who changed the rows and when."""
    now, uid = env._transaction.now, env.uid
    for name, value in (("write_date", now), ("write_uid", uid)):
        field = model_class._fields.get(name)
        if field is not None and field not in fields:
            env._transaction.data[field].update(dict.fromkeys(ids, value))
            columns.append(name)
            values.append([value] * len(ids))


def record_tracking(env: Any) -> bool:
    """Hand the changes of tracked fields to the history; True when there were any."""
    transaction = env._transaction
    if not transaction.tracked:
        return False
    changes = []
    for (field, id_), old in transaction.tracked.items():
        new = transaction.data[field].get(id_)
        if new != old:
            changes.append((env(su=True)[field.model_name], id_, field.name, old, new))
    transaction.tracked = {}
    if changes and env.registry.tracking:
        env.registry.tracking(env, changes)
        return True
    return False

"""Rows that change once a month and are needed by every transaction: warehouses, places, rules, units, companies.

A model with ``_kept = True`` is read from what the transactions of this process share (``registry.shared``); only what
no transaction has read yet is asked of the database:

    rows        id -> the values of the columns that are usually read
    searches    condition, order, limit -> ids, where the condition looks at kept models only
    links       record -> ids on the other side of a many2many field between kept models

A transaction that changes such a row, or a link of one, says so (`forget`): from then on it works with values of its
own, and when it has committed everybody reads anew. Values that a transaction has not written yet are in its own cache,
which comes before what is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from core.db.sqltools import in_ids
from core.orm.domain import Domain, fields_used

#: How many entries are kept of one kind; with more of them the model is not one that should be kept.
LIMIT = 5000


class Found(NamedTuple):
    """What a search found, and the models that it looked at; no ids where the answer cannot be kept."""

    ids: tuple[int, ...] | None
    models: frozenset[str]


def store(env: Any, name: str) -> dict[Any, Any]:
    """What is kept under a name, for this transaction."""
    kept: dict[Any, Any] = env.registry.shared(env).setdefault(name, {})
    if len(kept) > LIMIT:
        kept.clear()
    return kept


def forget(env: Any, *model_names: str) -> None:
    """Say that rows or links of these models were changed in this transaction; matters if one of them is kept."""
    registry = env.registry
    if registry.shared is not None and any(registry.models[name]._kept for name in model_names):
        registry.forget_shared(env)


def read_rows(model: Any, ids: Sequence[int]) -> dict[int, Any]:
    """Id -> values of ``_prefetch_fields``, with the id in front, of those of the rows that exist."""
    env = model.env
    rows = store(env, f"rows of {model._name}")
    # Taken out at once: another transaction's thread may empty the store meanwhile.
    found = {id_: row for id_ in ids if (row := rows.get(id_)) is not None}
    missing = [id_ for id_ in ids if id_ not in found]
    if missing:
        table = env.registry.table(model._name)
        statement = env.registry.select_statement(model._name, model._prefetch_fields)
        read = {row[0]: row for row in env.cr.execute(statement.where(in_ids(table.c.id, missing)))}
        rows.update(read)
        found |= read
    return found


def search(model: Any, domain: Domain, offset: int, limit: int | None, order: str) -> tuple[int, ...] | None:
    """The ids that `model._find_ids` would find for a domain with all rules and filters in it; None if not kept."""
    env = model.env
    searches = store(env, f"searches of {model._name}")
    # Which fields a user may search and sort by depends on the groups: what the superuser may ask is not for everybody.
    key = (None if env.su else env.uid, repr(domain), offset, limit, order)
    known = searches.get(key)
    if known is None:
        models = _kept_models(model, domain, order)
        if models is None:
            searches[key] = Found(None, frozenset())
            return None
        known = Found(None, models)
    elif known.ids is None:
        return None
    if _pending(env, known.models):
        return None
    if known.ids is None:
        known = searches[key] = Found(model._find_ids(domain, offset, limit, order), known.models)
    return known.ids


def _kept_models(model: Any, domain: Domain, order: str) -> frozenset[str] | None:
    """The models that a search looks at, if it looks at nothing but columns of kept ones."""
    models = model.env.registry.models
    used = fields_used(domain, model) if domain != Domain.TRUE else {}
    sorted_by = {words[0] for term in order.split(",") if (words := term.split())}
    used.setdefault(model._name, set()).update(sorted_by)
    for model_name, field_names in used.items():
        fields = models[model_name]._fields
        if not models[model_name]._kept:
            return None
        for name in field_names:
            field = fields.get(name)
            if field is None or not (name == "id" or (field.column_backed and not field.context_keys)):
                return None
    if any(models[model._name]._fields[name].type == "many2one" for name in sorted_by):  # ordered as those records are
        return None
    return frozenset(used)


def _pending(env: Any, models: frozenset[str]) -> bool:
    """Whether this transaction has something to write or to compute for one of the models."""
    transaction = env._transaction
    if any(transaction.new_rows.get(name) for name in models):
        return True
    waiting: tuple[Mapping[Any, Any], ...] = (transaction.dirty, transaction.tocompute)
    return any(ids and field.model_name in models for fields in waiting for field, ids in fields.items())


def read_links(field: Any, records: Any) -> dict[int, tuple[int, ...]] | None:
    """Record id -> ids on the other side of a many2many field; None if one of the two sides is not kept."""
    env = records.env
    registry = env.registry
    sides = (field.model_name, field.comodel_name)
    if registry.shared is None or not all(registry.models[name]._kept for name in sides):
        return None
    if _pending(env, frozenset(sides)):
        return None
    links = store(env, f"links of {field}")
    found = {id_: linked for id_ in records._ids if (linked := links.get(id_)) is not None}
    missing = [id_ for id_ in records._ids if id_ not in found]
    if missing:
        read = field.find_links(records._with_ids(missing))
        links.update(read)
        found |= read
    return found

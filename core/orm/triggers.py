"""Which computed values change when a field changes: the static graph, and walking it.

A compute method that depends on ``order_line.product_id.uom_id`` of a sale order gives these triggers:

    order.order_line     changed ->  the same order
    line.order_id        changed ->  forward(order_id): the orders before and after
    line.product_id      changed ->  forward(order_id)
    product.uom_id       changed ->  reverse(line.product_id), forward(order_id)

A hop leads from changed records to those that see them through one relation. ``forward`` follows a many2one of the
changed record (its value is at hand); ``reverse`` looks for the records whose relation points at the changed one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.db.sqltools import in_ids
from core.exceptions import ValidationError


class Hop(NamedTuple):
    """One step from changed records towards those that depend on them."""

    kind: str  # "forward" (a relation of the changed record), "reverse" (a relation pointing at it)
    field: Any


Path = tuple[Hop, ...]


class Triggers:
    """The graph of one registry."""

    def __init__(self) -> None:
        self.by_field: defaultdict[Any, dict[Path, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self.on_create: dict[str, dict[Path, list[Any]]] = {}
        self.links: set[Any] = set()  # relations whose own change moves dependants: asked before and after
        self._only_cached: dict[Any, tuple[Any, ...]] = {}
        self._reach: dict[Any, dict[Any, bool]] = {}

    def add(self, field: Any, path: Path, dependant: Any) -> None:
        """`dependant` must be computed again for what `path` reaches from a change of `field`."""
        found = self.by_field[field][path]
        if dependant not in found:
            found.append(dependant)
        if path and path[0].kind == "forward" and path[0].field is field:
            self.links.add(field)

    def only_cached(self, field: Any) -> tuple[Any, ...]:
        """The field and all that depends on it, one way or another; nothing where a value of these is stored."""
        known = self._only_cached.get(field)
        if known is None:
            found = {field: None}
            waiting = [field]
            while waiting:
                for dependants in self.by_field.get(waiting.pop(), {}).values():
                    waiting += [dependant for dependant in dependants if dependant not in found]
                    found.update(dict.fromkeys(dependants))
            known = self._only_cached[field] = () if any(each.store for each in found) else tuple(found)
        return known

    def reach(self, field: Any) -> dict[Any, bool]:
        """All fields that can change with `field`, itself included.

        The value is True of those that change on the same record only, False of those of other records.
        """
        known = self._reach.get(field)
        if known is None:
            known = {field: True}
            waiting = [field]
            while waiting:
                source = waiting.pop()
                for path, dependants in self.by_field.get(source, {}).items():
                    same = known[source] and not path
                    for dependant in dependants:
                        if dependant not in known or (known[dependant] and not same):
                            known[dependant] = same
                            waiting.append(dependant)
            self._reach[field] = known
        return known

    def finish(self, models: dict[str, Any]) -> None:
        """Prepare what a creation triggers: nothing points at a new record yet, so only forward hops count."""
        for name, model_class in models.items():
            paths: dict[Path, list[Any]] = defaultdict(list)
            for field in model_class._fields.values():
                for path, dependants in self.by_field.get(field, {}).items():
                    if path and path[0].kind == "forward":
                        paths[path].extend(d for d in dependants if d not in paths[path])
            self.on_create[name] = dict(paths)


def collect(registry: Any, misfit: Callable[[str, Any], Exception]) -> Triggers:
    """Resolve the ``depends`` of every computed field of the registry.

    ``misfit(message, field)`` makes the error to raise for a field that depends on what there is not. Abstract models
    are left out: they have no records, and the models that inherit them may bring what a field of theirs depends on.
    """
    triggers = Triggers()
    for model_class in _with_records(registry):
        for field in model_class._fields.values():
            if field.computed:
                for dotted in field.depends_on:
                    try:
                        _add_path(registry, triggers, model_class, field, dotted.split("."))
                    except ValidationError as error:
                        raise misfit(error.message, field) from error
    triggers.finish(registry.models)
    spread_contexts(registry)
    return triggers


def _with_records(registry: Any) -> list[Any]:
    return [model_class for model_class in registry.models.values() if not model_class._abstract]


def _add_path(registry: Any, triggers: Triggers, model_class: Any, dependant: Any, names: list[str]) -> None:
    path: Path = ()
    for position, name in enumerate(names):
        if name == "id":
            return
        field = model_class._fields.get(name)
        if field is None:
            raise ValidationError(
                f"{dependant}: it depends on {'.'.join(names)}, but {model_class._name} has no field {name!r}"
            )
        triggers.add(field, path, dependant)
        last = position == len(names) - 1
        if field.related and not field.store and not last:
            _add_path_from(registry, triggers, model_class, dependant, [*field.related, *names[position + 1 :]], path)
            return
        if not field.relational:
            if not last:
                raise ValidationError(f"{dependant}: in {'.'.join(names)}, {name!r} is not a relation")
            return
        comodel = registry.models[field.comodel_name]
        path = _extend(triggers, comodel, field, path, dependant)
        model_class = comodel


def _add_path_from(
    registry: Any, triggers: Triggers, model_class: Any, dependant: Any, names: list[str], path: Path
) -> None:
    for name in names:
        field = model_class._fields[name]
        triggers.add(field, path, dependant)
        if not field.relational:
            return
        comodel = registry.models[field.comodel_name]
        path = _extend(triggers, comodel, field, path, dependant)
        model_class = comodel


def _extend(triggers: Triggers, comodel: Any, field: Any, path: Path, dependant: Any) -> Path:
    """The path back from the records that `field` links to; a change of the linking side is a trigger too."""
    if field.type == "one2many" and not field.computed and field.inverse_name:
        inverse = comodel._fields[field.inverse_name]
        if inverse.type == "many2one":
            back: Path = (Hop("forward", inverse), *path)
            triggers.add(inverse, back, dependant)
            for name in _domain_fields(field, comodel):
                triggers.add(comodel._fields[name], back, dependant)
            return back
    if field.type == "many2many" and field.inverses:
        inverse = field.inverses[0]
        back = (Hop("forward", inverse), *path)
        triggers.add(inverse, back, dependant)
        return back
    return (Hop("reverse", field), *path)


def _domain_fields(field: Any, comodel: Any) -> list[str]:
    return [name for name in field.domain_names() if name in comodel._fields] if field.domain else []


def spread_contexts(registry: Any) -> None:
    """Let values that are not stored differ by the company, user or language that what they depend on differs by."""
    fields = [f for m in _with_records(registry) for f in m._fields.values() if f.computed and not f.store]
    sources = {
        field: [source for dotted in field.depends_on for source in along(registry, field, dotted)] for field in fields
    }
    grown = True
    while grown:
        grown = False
        for field in fields:
            keys = dict.fromkeys(field.context_keys)
            keys.update((key, None) for source in sources[field] for key in source.context_keys)
            if len(keys) > len(field.context_keys):
                field.context_keys = tuple(keys)
                grown = True


def along(registry: Any, field: Any, dotted: str) -> Iterator[Any]:
    """The fields on the path that `field` depends on."""
    model_class = registry.models[field.model_name]
    for name in dotted.split("."):
        step = model_class._fields[name]
        yield step
        if step.relational:
            model_class = registry.models[step.comodel_name]


# -- walking -----------------------------------------------------------------------------------------------------------


def mark(env: Any, by_path: dict[Path, list[Any]], ids: Iterable[Any]) -> None:
    """Mark all that depends, directly or through other computed fields, on a change of the records `ids`."""
    graph = env.registry.triggers.by_field
    seen: dict[Any, set[Any]] = {}
    stack: list[tuple[dict[Path, list[Any]], Iterable[Any]]] = [(by_path, ids)]
    while stack:
        paths, start = stack.pop()
        for path, dependants in paths.items():
            if not worth_walking(env, path, dependants):
                continue
            targets = start
            for hop in path:
                targets = follow(env, hop, targets)
                if not targets:
                    break
            else:
                reached = set(targets)
                for dependant in dependants:
                    known = seen.get(dependant)  # sets are shared here and never changed in place
                    changed = invalidate(env, dependant, reached - known if known else reached)
                    seen[dependant] = known | changed if known else changed
                    if changed and dependant in graph:
                        stack.append((graph[dependant], changed))


def worth_walking(env: Any, path: Path, dependants: list[Any]) -> bool:
    """Whether a stored value, or one that a user typed, can be at the end of `path` or further on.

    Values that are not stored live in the cache only. Where finding them would take a query, dropping the whole
    field from the cache is right and cheaper, and so are the fields that depend on it; those of unsaved records are
    looked for, as some of them were typed.
    """
    for hop in path:
        if hop.kind == "reverse" or hop.field.type == "many2many":
            break
    else:
        return True
    triggers = env.registry.triggers
    needed = False
    for dependant in dependants:
        dropped = triggers.only_cached(dependant)
        needed = needed or not dropped
        for field in dropped:
            kept = env._protected.get(field, ())
            for cache in caches(env, field):
                known = [id_ for id_ in cache if id_ not in kept]
                for id_ in filter(None, known):
                    del cache[id_]
                needed = needed or not all(known)
    return needed


def invalidate(env: Any, field: Any, ids: set[Any]) -> set[Any]:
    """Mark stored values for computation and drop others; returns the ids whose dependants come next."""
    if not ids:
        return ids
    protected = env._protected.get(field)
    if protected:
        ids = ids - protected
    if field.stored_compute:
        pending = env._tocompute[field]
        unsaved = {id_ for id_ in ids if not id_}
        pending.update(id_ for id_ in ids if id_)
        if unsaved:
            cache = env._data[field]
            for id_ in unsaved:
                cache.pop(id_, None)
        return ids  # also what was pending already: a dependant may have been computed without asking for it
    for cache in caches(env, field):
        if cache:
            for id_ in ids:
                cache.pop(id_, None)
    return ids


def caches(env: Any, field: Any) -> list[dict[Any, Any]]:
    """All caches of a field, one for each state of the context that its value depends on."""
    if not field.context_keys:
        return [env._data[field]]
    return list(env._transaction.views[field].values())


def follow(env: Any, hop: Hop, ids: Iterable[Any]) -> set[Any]:
    """The records at the other end of one hop."""
    field = hop.field
    if hop.kind == "forward":
        model = env(su=True, context={"active_test": False})[field.model_name]
        result: set[Any] = set()
        if field.type == "many2one":
            cache = env._data[field]
            missing = []
            for id_ in ids:
                if id_ in cache and not (field.stored_compute and id_ in env._tocompute.get(field, ())):
                    result.add(cache[id_])
                else:
                    missing.append(id_)
            if missing:
                result.update(model._with_ids(missing).mapped(field.name)._ids)
            result.discard(None)
            return result
        for record in model._with_ids(ids):
            result.update(record[field.name]._ids)
        return result
    return reverse(env, field, set(ids))


def reverse(env: Any, field: Any, ids: set[Any]) -> set[Any]:
    """The records whose relation `field` points at one of `ids`."""
    if field.type == "many2one" and field.column_backed and not field.company_dependent:
        return reverse_many2one(env, field, ids)
    if field.type == "many2many" and field.relation:
        return reverse_many2many(env, field, ids)
    found = [item for cache in caches(env, field) for item in cache.items()]
    if field.type == "many2one":
        return {id_ for id_, value in found if value in ids}
    return {id_ for id_, value in found if not ids.isdisjoint(value)}


def reverse_many2one(env: Any, field: Any, ids: set[Any]) -> set[Any]:
    """Through the cached other side where there is one, else by a query corrected by what is not yet written."""
    result: set[Any] = set()
    missing = ids
    if field.inverses:
        lines = field.inverses[0].cache_of(env)
        missing = set()
        for id_ in ids:
            if id_ in lines:
                result.update(lines[id_])
            else:
                missing.add(id_)
    if not missing:
        return result
    cache = env._data[field]
    new_rows = env._new_rows
    unwritten = set(new_rows[field.model_name]) | env._transaction.dirty.get(field, set())
    result.update(id_ for id_ in unwritten if cache.get(id_) in missing)
    stored = [id_ for id_ in missing if id_ and id_ not in new_rows[field.comodel_name]]
    if len(stored) < len(missing):
        result.update(id_ for id_, value in cache.items() if not id_ and value in missing)
    if stored:
        table = env.registry.table(field.model_name)
        rows = env.cr.execute(sa.select(table.c.id).where(in_ids(table.c[field.name], stored)))
        result.update(id_ for (id_,) in rows if id_ not in unwritten)
    return result


def reverse_many2many(env: Any, field: Any, ids: set[Any]) -> set[Any]:
    """By the relation table, which is always up to date; unsaved records by the cache."""
    cache = env._data[field]
    result = {id_ for id_, value in cache.items() if not id_ and not ids.isdisjoint(value)}
    stored = [id_ for id_ in ids if id_]
    if stored:
        relation = env.registry.table(field.relation)
        mine, other = relation.c[field.column1], relation.c[field.column2]
        result.update(id_ for (id_,) in env.cr.execute(sa.select(mine).where(in_ids(other, stored))))
    return result

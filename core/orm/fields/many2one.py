"""Many2one: a link to one record. Reference: a link to one record of any model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from core.bounds import is_integer
from core.exceptions import ValidationError
from core.orm.fields.base import Field
from core.orm.types import NewId

_new = object.__new__


class PrefetchMany2one:
    """The ids that a many2one of all records of a prefetch set points to, looked up only when needed."""

    __slots__ = ("cache", "record")

    def __init__(self, record: Any, cache: dict[Any, Any]) -> None:
        self.record = record
        self.cache = cache

    def __iter__(self) -> Iterator[Any]:
        cache = self.cache
        for id_ in self.record._prefetch_ids:
            value = cache.get(id_)
            if value is not None:
                yield value


def _is_unsaved(records: Any) -> bool:
    """Whether `records` are unsaved ones; what is about to be created is not."""
    return bool(records._ids) and not all(records._ids)


class Many2one(Field):
    """A link to one record of `comodel_name`.

    ``ondelete``: what happens to this record when that one is deleted: ``set null`` (the default), ``restrict``
    (the default of required fields) or ``cascade``. ``foreign_key=False`` leaves out the database's own check.
    ``check_company=True``: only a record of the same company, or of none (see `core.orm.companies`).
    """

    type = "many2one"
    relational = True
    ondelete: str = ""
    delegate = False
    foreign_key = True

    def __init__(self, comodel_name: str | None = None, string: str | None = None, **args: Any) -> None:
        if comodel_name is not None:
            args["comodel_name"] = comodel_name
        super().__init__(string, **args)

    def setup(self, model_class: Any) -> None:
        super().setup(model_class)
        if not self.ondelete:
            self.ondelete = "restrict" if self.required else "set null"

    def setup_comodel(self, registry: Any) -> None:
        """Resolve the comodel; called when all models exist."""
        if self.comodel_name not in registry.models:
            raise ValidationError(f"{self}: there is no model {self.comodel_name!r}")
        self.comodel_class = registry.models[self.comodel_name]

    def related_attributes(self) -> tuple[str, ...]:
        return ("comodel_name", "domain", "context")

    def sql_type(self) -> Any:
        return sa.BigInteger().with_variant(sa.Integer, "sqlite")

    def column_args(self) -> tuple[Any, ...]:
        comodel = self.comodel_class
        if not self.foreign_key or comodel._transient or not comodel._auto or self.company_dependent:
            return ()
        action = {"set null": "SET NULL", "cascade": "CASCADE"}.get(self.ondelete)
        name = f"{self.table_name}_{self.name}_fkey"[:63]
        reference = sa.ForeignKey(
            f"{comodel._table}.id", name=name, ondelete=action, deferrable=True, initially="DEFERRED"
        )
        return (reference,)

    # -- conversions -----------------------------------------------------------------------------------------------

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        kind = value.__class__
        if kind is int:
            if not 0 <= value < 2**63:
                raise self.bad_value(value, record, "the id of a record is expected")
            return value or None
        if value is None or value is False:
            return None
        if hasattr(value, "_ids"):
            if validate and value._name != self.comodel_name:
                raise self.bad_value(value, record, f"a record of {self.comodel_name} is expected")
            if len(value._ids) > 1:
                raise self.bad_value(value, record, "one record is expected, not several")
            value = value._ids[0] if value._ids else None
            return self.checked_unsaved(value, record) if validate and isinstance(value, NewId) else value
        if kind is NewId:
            return self.checked_unsaved(value, record) if validate else value
        if kind in (tuple, list) and value and value[0].__class__ not in (tuple, list):
            return self.convert_to_cache(value[0], record, validate)
        if kind is dict and _is_unsaved(record):
            return record.env[self.comodel_name].new(value)._ids[0]
        if kind is str and is_integer(value):
            return int(value)
        raise self.bad_value(value, record, "the id of a record is expected")

    def checked_unsaved(self, value: NewId, record: Any) -> Any:
        """What a link to an unsaved record is: itself on another unsaved one, else the stored record behind it."""
        if _is_unsaved(record):
            return value
        if value.origin:
            return value.origin
        raise self.bad_value(value, record, "that record must be saved first")

    def __get__(self, record: Any, owner: Any = None) -> Any:
        # Links are read more than anything else: `Field.__get__` with what it calls written out.
        if record is None:
            return self
        env = record.env
        ids = record._ids
        if len(ids) != 1:
            return self.get_many(record)
        id_ = ids[0]
        if self.stored_compute:
            pending = env._tocompute.get(self)
            if pending and id_ in pending and not self.is_protected(env, id_):
                self.recompute(record)
        cache = self.cache_of(env) if self.context_keys else env._data[self]
        try:
            value = cache[id_]
        except KeyError:
            value = self.miss(record, cache)
        target = _new(self.comodel_class)
        target.env = env
        if value is None:
            target._ids = target._prefetch_ids = ()
        else:
            target._ids = (value,)
            target._prefetch_ids = PrefetchMany2one(record, cache)
        return target

    def convert_to_record(self, value: Any, record: Any) -> Any:
        comodel = self.comodel_class
        if value is None:
            return comodel._browse(record.env, (), ())
        return comodel._browse(record.env, (value,), PrefetchMany2one(record, self.cache_of(record.env)))

    def get_many(self, records: Any) -> Any:
        """The records that any of `records` points to, each once, in order."""
        return self.joined(records, self.cached_values(records))

    def joined(self, records: Any, values: Iterable[Any]) -> Any:
        """The records in `values`, the cached values of `records`; they share the prefetch set of ``records.link``."""
        ids = tuple(id_ for id_ in dict.fromkeys(values) if id_ is not None)
        return self.comodel_class._browse(records.env, ids, PrefetchMany2one(records, self.cache_of(records.env)))

    def convert_to_read(self, value: Any, record: Any) -> Any:
        return (value.id, value.sudo().display_name) if value else False

    def read_values(self, records: Any) -> list[Any]:
        """(id, name) or False for each of `records`; each name is looked up once."""
        found = self.cached_values(records)
        targets = self.joined(records, found).sudo()
        names = dict(zip(targets._ids, targets._fields["display_name"].read_values(targets), strict=True))
        return [(id_, names[id_]) if id_ is not None else False for id_ in found]

    def convert_to_write(self, value: Any, record: Any) -> Any:
        return value.id if value else False

    def convert_to_display(self, value: Any, record: Any) -> str:
        return value.sudo().display_name if value else ""

    def convert_to_export(self, value: Any, record: Any) -> Any:
        return self.convert_to_display(value, record)

    # -- writing ---------------------------------------------------------------------------------------------------

    def assign(self, records: Any, value: Any) -> None:
        if not self.inverses:
            super().assign(records, value)
            return
        cache = self.cache_of(records.env)
        before = {id_: cache.get(id_) for id_ in records._ids}
        modified = records._modified_links(self)
        if modified:
            records._modified([self], before=True)
        super().assign(records, value)
        self.relink_to(records.env, {id_: old for id_, old in before.items() if old != value}, value)
        if modified:
            records._modified([self])

    def update_cache(self, record: Any, value: Any) -> None:
        cache = self.cache_of(record.env)
        id_ = record._ids[0]
        old = cache.get(id_)
        cache[id_] = value
        if old != value:
            self.relink(record.env, id_, old, value)

    def relink(self, env: Any, id_: Any, old: Any, new: Any) -> None:
        """Keep the cached lines of the other side in step with one changed link."""
        for inverse in self.inverses:
            cache = inverse.cache_of(env)
            if old is not None and old in cache:
                cache[old] = tuple(line for line in cache[old] if line != id_)
            if new is not None and new in cache and id_ not in cache[new] and (id_ or not new):
                # an unsaved line is no line of a stored record until it is saved
                cache[new] = (*cache[new], id_)

    def relink_to(self, env: Any, links: dict[Any, Any], new: Any) -> None:
        """`relink` for many records (id -> target before) with one new target, in one pass over the lines of each."""
        if len(links) == 1:
            (id_, old), *_ = links.items()
            self.relink(env, id_, old, new)
            return
        left: dict[Any, set[Any]] = {}
        for id_, old in links.items():
            if old is not None:
                left.setdefault(old, set()).add(id_)
        for inverse in self.inverses:
            cache = inverse.cache_of(env)
            for old, ids in left.items():
                if old in cache:
                    cache[old] = tuple(line for line in cache[old] if line not in ids)
            if new is not None and new in cache:
                present = set(cache[new])
                cache[new] += tuple(id_ for id_ in links if id_ not in present and (id_ or not new))

    def relink_many(self, env: Any, links: dict[Any, list[Any]]) -> None:
        """Append new lines (target id -> ids of records just created) to the cached other side."""
        for inverse in self.inverses:
            cache = inverse.cache_of(env)
            for target, ids in links.items():
                if target in cache:
                    cache[target] = cache[target] + tuple(ids)


class Reference(Field):
    """A link to one record of any model, stored as ``model,id``."""

    type = "reference"
    selection: Any = ()

    def __init__(self, selection: Any = None, string: str | None = None, **args: Any) -> None:
        if selection is not None:
            args["selection"] = selection
        super().__init__(string, **args)

    def sql_type(self) -> Any:
        return sa.Text()

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        if not value:
            return None
        if hasattr(value, "_ids"):
            value.ensure_one()
            return f"{value._name},{value.id}"
        model, _, id_ = str(value).partition(",")
        if model not in record.env.registry.models or not is_integer(id_):
            raise self.bad_value(value, record, "'model,id' is expected")
        return value

    def convert_to_record(self, value: Any, record: Any) -> Any:
        if not value:
            return False
        model, _, id_ = value.partition(",")
        if model not in record.env.registry.models:
            return False
        return record.env[model].browse(int(id_))

    def convert_to_read(self, value: Any, record: Any) -> Any:
        return f"{value._name},{value.id}" if value else False

    convert_to_write = convert_to_read

    def convert_to_display(self, value: Any, record: Any) -> str:
        return value.sudo().display_name if value and value.exists() else ""

    def convert_to_export(self, value: Any, record: Any) -> Any:
        return self.convert_to_read(value, record) or ""

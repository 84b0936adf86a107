"""One2many and Many2many: lists of records, changed by commands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from core.db.sqltools import bulk_link, in_ids
from core.exceptions import ValidationError
from core.orm import flush, keeping
from core.orm.commands import Command
from core.orm.domain import Domain
from core.orm.fields.base import Field
from core.orm.types import NewId

EAGER_MAX = 10
_new = object.__new__


class PrefetchX2many:
    """The ids of all lines of a prefetch set, looked up only when needed."""

    __slots__ = ("cache", "record")

    def __init__(self, record: Any, cache: dict[Any, Any]) -> None:
        self.record = record
        self.cache = cache

    def __iter__(self) -> Iterator[Any]:
        cache = self.cache
        for id_ in self.record._prefetch_ids:
            yield from cache.get(id_, ())


class _X2many(Field):
    relational = True
    null = ()
    copy = False
    prefetch = False

    def setup(self, model_class: Any) -> None:
        super().setup(model_class)
        self.column_backed = False

    def setup_comodel(self, registry: Any) -> None:
        """Resolve the comodel; called when all models exist."""
        if self.comodel_name not in registry.models:
            raise ValidationError(f"{self}: there is no model {self.comodel_name!r}")
        self.comodel_class = registry.models[self.comodel_name]
        self.filter_active = self.comodel_class._active_name is not None

    def has_column(self) -> bool:
        return False

    def related_attributes(self) -> tuple[str, ...]:
        return ("comodel_name", "domain", "context")

    # -- conversions -----------------------------------------------------------------------------------------------

    def convert_to_cache(self, value: Any, record: Any, validate: bool = True) -> Any:
        if value is None or value is False:
            return ()
        if hasattr(value, "_ids"):
            if validate and value._name != self.comodel_name:
                raise self.bad_value(value, record, f"records of {self.comodel_name} are expected")
            return value._ids
        if isinstance(value, list | tuple):
            if value and isinstance(value[0], list | tuple):
                return self.apply_commands(record, value)
            return tuple(value)
        raise self.bad_value(value, record, "a list of commands or ids is expected")

    def convert_to_record(self, value: Any, record: Any) -> Any:
        prefetch = PrefetchX2many(record, self.cache_of(record.env))
        return self.without_archived(self.comodel_class._browse(record.env, value or (), prefetch))

    def __get__(self, record: Any, owner: Any = None) -> Any:
        # Lines are read for every document of a batch: `Field.__get__` with what it calls written out.
        if record is None:
            return self
        env = record.env
        ids = record._ids
        if len(ids) != 1:
            return self.get_many(record)
        if self.computed:
            return super().__get__(record, owner)
        cache = self.cache_of(env) if self.context_keys else env._data[self]
        try:
            value = cache[ids[0]]
        except KeyError:
            value = self.miss(record, cache)
        lines = _new(self.comodel_class)
        lines.env = env
        lines._ids = value or ()
        lines._prefetch_ids = PrefetchX2many(record, cache)
        return self.without_archived(lines)

    def without_archived(self, lines: Any) -> Any:
        """Those of `lines` that the context shows: not the archived ones, unless it says so."""
        if self.filter_active and lines._ids and lines.env.context.get("active_test", True):
            # whether a line is archived is no secret; whether it may be read is asked by who shows it
            return lines.sudo().filtered(self.comodel_class._active_name).with_env(lines.env)
        return lines

    def get_many(self, records: Any) -> Any:
        """The lines of all of `records`, each once, in order."""
        found: dict[Any, None] = {}
        for value in self.cached_values(records):
            if value:
                found.update(dict.fromkeys(value))
        ids = tuple(found)
        return self.without_archived(self.comodel_class._browse(records.env, ids, ids))

    def convert_to_read(self, value: Any, record: Any) -> Any:
        return list(value.ids) if value.env.su else list(value._filtered_access("read").ids)

    def read_values(self, records: Any) -> list[Any]:
        """The ids of the lines of each of `records`; which of them the user may read is asked once for all."""
        lines = [self.convert_to_record(value, records) for value in self.cached_values(records)]
        if records.env.su:
            return [found.ids for found in lines]
        ids = tuple(dict.fromkeys(id_ for found in lines for id_ in found._ids))
        allowed = set(self.comodel_class._browse(records.env, ids, ids)._filtered_access("read")._ids)
        return [[id_ for id_ in found.ids if id_ in allowed] for found in lines]

    def convert_to_write(self, value: Any, record: Any) -> Any:
        return [Command.set(value.ids)]

    def convert_to_display(self, value: Any, record: Any) -> str:
        return ", ".join(value.sudo().mapped("display_name"))

    def convert_to_export(self, value: Any, record: Any) -> Any:
        return ",".join(value._filtered_access("read").mapped("display_name"))

    def miss(self, record: Any, cache: dict[Any, Any]) -> Any:
        if not record._ids[0] or (self.computed and not self.stored_compute):
            return super().miss(record, cache)
        record._check_readable()
        self.read_lines(record._with_ids(record._prefetch_missing(cache)), cache)
        return cache.setdefault(record._ids[0], ())

    def miss_new(self, record: Any, cache: dict[Any, Any]) -> Any:
        id_ = record._ids[0]
        if self.computed or not (isinstance(id_, NewId) and id_.origin):
            return super().miss_new(record, cache)
        # of all copies beside it too: what their lines link to is read together then
        beside = [x for x in record._prefetch_ids if isinstance(x, NewId) and x.origin and x not in cache]
        copies = list(dict.fromkeys([id_, *beside]))
        stored = record.browse([x.origin for x in copies]).with_context(active_test=False)
        inverse = self.comodel_class._fields.get(self.inverse_name) if self.type == "one2many" else None
        for copy, origin in zip(copies, stored, strict=True):
            cache[copy] = lines = tuple(NewId(origin=line) for line in self.__get__(origin)._ids)
            if inverse is not None and inverse.type == "many2one":
                inverse_cache = inverse.cache_of(record.env)
                for line in lines:
                    inverse_cache.setdefault(line, copy)
        return cache[id_]

    def read_lines(self, records: Any, cache: dict[Any, Any]) -> None:
        """Load the lines of `records` into `cache`."""
        raise NotImplementedError

    def line_domain(self, model: Any) -> Domain:
        """The field's own domain, if it is one that the database can answer."""
        domain = self.domain(model) if callable(self.domain) else self.domain
        return Domain(domain) if isinstance(domain, list) and domain else Domain.TRUE

    # -- writing ---------------------------------------------------------------------------------------------------

    def normalise(self, value: Any, record: Any) -> list[tuple[Any, ...]]:
        """A written value (commands, recordset, ids or falsy) as a list of commands.

        Raises ValidationError, naming `record`, for anything else.
        """
        if value is None or value is False:
            return [Command.clear()]
        if hasattr(value, "_ids"):
            return [Command.set(value._ids)]
        if isinstance(value, dict):
            return [Command.create(value)]
        if not isinstance(value, list | tuple | set | frozenset):
            raise self.bad_value(value, record, "a list of commands or ids is expected")
        commands: list[tuple[Any, ...]] = []
        plain: list[Any] = []
        for item in value:
            if isinstance(item, list | tuple):
                commands.append((*item, 0, 0)[:3])
            elif isinstance(item, dict):
                commands.append(Command.create(item))
            else:
                plain.append(item)
        if plain:
            commands.insert(0, Command.set(plain))
        for command in commands:
            if not _well_formed(*command):
                raise self.bad_value(value, record, f"{command!r} is neither a command nor a list of ids")
        return commands

    def write(self, records: Any, value: Any) -> None:
        if not self.store or (self.computed and not self.stored_compute):
            self.assign(records, self.convert_to_cache(value, records))
            return
        commands = self.normalise(value, records)
        self.write_commands([(record, commands) for record in records])

    def write_new(self, records: Any, value: Any) -> None:
        records._modified([self], before=True)
        for record in records:
            self.update_cache(record, self.convert_to_cache(value, record))
        records._modified([self])

    def assign(self, records: Any, value: Any) -> None:
        if self.stored_compute and any(records._ids):
            self.write_commands([(record, [Command.set(value)]) for record in records])
            return
        cache = self.cache_of(records.env)
        for id_ in records._ids:
            cache[id_] = value

    def write_commands(self, pairs: list[tuple[Any, list[tuple[Any, ...]]]]) -> None:
        """Carry out commands for real records, batched over all of them."""
        raise NotImplementedError

    def save_line(self, line: Any, values: Mapping[str, Any]) -> None:
        """Write `values` on a line; a ValidationError on the way is annotated with the line."""
        try:
            line.write(values)
        except ValidationError as error:
            error.note_lines(self.name, self.comodel_name, id=line.id)
            raise

    def make_lines(self, comodel: Any, vals_list: list[dict[str, Any]]) -> Any:
        """Create lines; a ValidationError on the way is annotated with the line, where only one is created."""
        try:
            return comodel.create(vals_list)
        except ValidationError as error:
            error.note_lines(self.name, self.comodel_name, place=0 if len(vals_list) == 1 else None)
            raise

    def shown(self, comodel: Any) -> dict[str, Any]:
        """The default of the active field for unsaved lines, where archived lines are filtered out; else nothing."""
        return comodel.default_get([comodel._active_name]) if self.filter_active else {}

    def apply_commands(self, record: Any, commands: Iterable[Any]) -> tuple[Any, ...]:
        """The ids that an unsaved record shows after `commands`; creates and changes unsaved lines."""
        comodel = record.env[self.comodel_name]
        record_id = record._ids[0] if record._ids else None
        cache = self.cache_of(record.env)
        if record_id not in cache and isinstance(record_id, NewId) and record_id.origin and not self.computed:
            self.miss_new(record, cache)  # commands say what changes about the lines that there are
        ids = list(cache[record_id]) if record_id in cache else []
        has_inverse = self.type == "one2many" and self.inverse_name in comodel._fields
        extra = {self.inverse_name: record_id} if has_inverse and record_id is not None else {}
        linked = comodel._fields[self.inverse_name].cache_of(record.env) if extra else None
        known: set[Any] = set()
        for command in self.normalise(commands, record):
            kind, id_, values = command
            if kind == Command.CREATE:
                ids.append(comodel.new(self.shown(comodel) | values | extra, ref=id_ or None)._ids[0])
            elif kind == Command.UPDATE:
                line_id = id_ if isinstance(id_, NewId) else NewId(origin=id_) if not record_id else id_
                line = comodel.browse(next((x for x in ids if x == line_id or x == id_), line_id))
                if line._ids[0] not in ids:
                    ids.append(line._ids[0])
                line._update_cache(values | extra)
            elif kind in (Command.DELETE, Command.UNLINK):
                ids = [x for x in ids if x != id_ and not (isinstance(x, NewId) and x.origin == id_)]
                known = set()
            elif kind == Command.LINK:
                line_id = NewId(origin=id_) if not record_id and isinstance(id_, int) else id_
                if len(known) != len(ids):
                    known = set(ids)
                if line_id not in known:
                    ids.append(line_id)
                    known.add(line_id)
                elif linked is not None and linked.get(line_id) == record_id:
                    continue  # nothing changes: a form sends all lines that stay
                if extra:
                    comodel.browse(line_id)._update_cache(extra)
            elif kind == Command.CLEAR:
                ids, known = [], set()
            elif kind == Command.SET:
                ids = [NewId(origin=x) if not record_id and isinstance(x, int) else x for x in values]
                known = set()
        return tuple(ids)


def _well_formed(kind: Any, id_: Any, values: Any) -> bool:
    """Whether a command has what it needs: values, the id of a record, or ids."""
    if kind == Command.CREATE:
        return isinstance(values, Mapping)
    if kind == Command.UPDATE:
        return _is_id(id_) and isinstance(values, Mapping)
    if kind == Command.SET:
        return isinstance(values, list | tuple | set | frozenset) and all(map(_is_id, values))
    return kind == Command.CLEAR or (kind in (Command.DELETE, Command.UNLINK, Command.LINK) and _is_id(id_))


def _is_id(value: Any) -> bool:
    return (value.__class__ is int and 0 < value < 2**63) or isinstance(value, NewId)


class One2many(_X2many):
    """The records of `comodel_name` whose many2one `inverse_name` points to this record."""

    type = "one2many"
    inverse_name: str = ""
    deciding: tuple[Field, ...] = ()  # computed fields of the lines that decide whose lines they are

    def __init__(
        self, comodel_name: str | None = None, inverse_name: str | None = None, string: str | None = None, **args: Any
    ) -> None:
        if comodel_name is not None:
            args["comodel_name"] = comodel_name
        if inverse_name is not None:
            args["inverse_name"] = inverse_name
        super().__init__(string, **args)

    def setup_comodel(self, registry: Any) -> None:
        super().setup_comodel(registry)
        if not self.inverse_name or self.computed:
            return
        inverse = self.comodel_class._fields.get(self.inverse_name)
        if inverse is None:
            raise ValidationError(f"{self}: {self.comodel_name} has no field {self.inverse_name!r}")
        if inverse.type == "many2one" and not self.domain:
            inverse.inverses.append(self)
        elif self.domain:
            # which lines belong is for the database to say: nothing is kept in step, the cache is dropped
            for name in {self.inverse_name, *self.domain_names()}:
                if name in self.comodel_class._fields:
                    self.comodel_class._fields[name].filters.append(self)
        names = [self.inverse_name, *(self.domain_names() if isinstance(self.domain, list) else ())]
        known = [self.comodel_class._fields[name] for name in names if name in self.comodel_class._fields]
        self.deciding = tuple(dict.fromkeys(f for f in known if f.stored_compute))

    def domain_names(self) -> list[str]:
        """The fields of the lines that a static domain asks for."""
        if not isinstance(self.domain, list):
            return list(self.comodel_class._fields)
        return [leaf[0].partition(".")[0] for leaf in self.domain if isinstance(leaf, list | tuple)]

    def __get__(self, record: Any, owner: Any = None) -> Any:
        if record is not None and self.deciding:
            self.settle(record.env)
        return super().__get__(record, owner)

    def cached_values(self, records: Any) -> list[Any]:
        if self.deciding:
            self.settle(records.env)
        return super().cached_values(records)

    def settle(self, env: Any) -> None:
        """Compute what is pending of the fields that decide whose lines the lines are."""
        for field in self.deciding:
            if env._tocompute.get(field):
                flush.recompute_field(env, field)

    def related_attributes(self) -> tuple[str, ...]:
        return (*super().related_attributes(), "inverse_name")

    def read_lines(self, records: Any, cache: dict[Any, Any]) -> None:
        inverse = self.inverse_name
        inverse_field = self.comodel_class._fields[inverse]
        comodel = records.env[self.comodel_name].sudo().with_context(active_test=False)
        domain = Domain(inverse, "in", list(records._ids)) & self.line_domain(comodel)
        groups: dict[Any, list[Any]] = {id_: [] for id_ in records._ids}
        # few records: their lines are read next; many: perhaps only counted
        fields = [f.name for f in comodel._prefetch_fields] if len(records) <= EAGER_MAX else []
        lines = comodel.search_fetch(domain, {inverse, *fields})
        values = inverse_field.cache_of(comodel.env)
        for line in lines._ids:
            owner = values.get(line)
            if owner in groups:
                groups[owner].append(line)
        for id_, line_ids in groups.items():
            cache[id_] = tuple(line_ids)

    def write_commands(self, pairs: list[tuple[Any, list[tuple[Any, ...]]]]) -> None:
        comodel = pairs[0][0].env[self.comodel_name]
        inverse = self.inverse_name
        field = self.comodel_class._fields[inverse]
        created: list[dict[str, Any]] = []
        deleted: list[int] = []
        linked: dict[int, list[int]] = defaultdict(list)
        for record, commands in pairs:
            for kind, id_, values in commands:
                if kind == Command.CREATE:
                    created.append(values | {inverse: record.id})
                elif kind == Command.UPDATE:
                    self.save_line(comodel.browse(id_), values)
                elif kind == Command.DELETE:
                    deleted.append(id_)
                elif kind == Command.UNLINK:
                    line = comodel.browse(id_)
                    if field.type != "many2one" or line.sudo()[inverse] == record:  # else it has moved on
                        self.detach(line, field)
                elif kind == Command.LINK:
                    linked[record.id].append(id_)
                elif kind in (Command.CLEAR, Command.SET):
                    keep = list(values) if kind == Command.SET else []
                    lines = record.with_context(active_test=False)[self.name]
                    self.detach(lines.filtered(lambda line, keep=keep: line.id not in keep), field)
                    linked[record.id].extend(x for x in keep if x not in lines._ids)
        if deleted:
            comodel.browse(deleted).unlink()
        for owner, ids in linked.items():
            if ids:
                comodel.browse(ids).write({inverse: owner})
        if created:
            self.make_lines(comodel, created)

    def write_new(self, records: Any, value: Any) -> None:
        super().write_new(records, value)
        inverse = self.comodel_class._fields[self.inverse_name] if self.inverse_name else None
        if inverse is None or inverse.type != "many2one":  # computed lines belong to no record
            return
        lines, owners = self.cache_of(records.env), inverse.cache_of(records.env)
        for id_ in records._ids:
            moved = [line for line in lines[id_] if not line and owners.get(line) != id_]
            if moved:
                owners.update(dict.fromkeys(moved, id_))
                records.env[self.comodel_name]._with_ids(moved)._modified([inverse])

    def detach(self, lines: Any, field: Field) -> None:
        """Take lines from their record: deleted when they cannot live without it."""
        if not lines:
            return
        if field.required or getattr(field, "ondelete", "") == "cascade":
            lines.unlink()
        else:
            lines.write({field.name: False})

    def description(self, env: Any) -> dict[str, Any]:
        return super().description(env) | {"relation_field": self.inverse_name}


class Many2many(_X2many):
    """A list of records of `comodel_name`, through the table ``relation`` (``column1``: this record, ``column2``)."""

    type = "many2many"
    copy = True
    relation: str = ""
    column1: str = ""
    column2: str = ""
    ondelete: str = "cascade"

    def __init__(
        self,
        comodel_name: str | None = None,
        relation: str | None = None,
        column1: str | None = None,
        column2: str | None = None,
        string: str | None = None,
        **args: Any,
    ) -> None:
        given = {"comodel_name": comodel_name, "relation": relation, "column1": column1, "column2": column2}
        super().__init__(string, **({key: value for key, value in given.items() if value is not None} | args))

    def setup_comodel(self, registry: Any) -> None:
        super().setup_comodel(registry)
        if not self.store or (self.computed and not self.stored_compute):
            return
        mine, other = registry.models[self.model_name]._table, self.comodel_class._table
        self.relation = self.relation or "_".join(sorted((mine, other))) + "_rel"
        self.column1 = self.column1 or f"{mine}_id"
        self.column2 = self.column2 or (f"{other}_id" if mine != other else f"other_{other}_id")
        for field in registry.relations[self.relation]:
            if field.column1 == self.column2 and field.column2 == self.column1 and field is not self:
                field.inverses.append(self)
                self.inverses.append(field)
        registry.relations[self.relation].append(self)

    def related_attributes(self) -> tuple[str, ...]:
        return ("comodel_name", "domain", "context")

    def read_lines(self, records: Any, cache: dict[Any, Any]) -> None:
        links = keeping.read_links(self, records)
        cache.update(self.find_links(records) if links is None else links)

    def find_links(self, records: Any) -> dict[Any, tuple[Any, ...]]:
        """Record id -> linked ids in the order of the linked model, from the database."""
        env = records.env
        comodel = env[self.comodel_name].sudo().with_context(active_test=False)
        relation = env.registry.table(self.relation)
        mine, other = relation.c[self.column1], relation.c[self.column2]
        comodel._flush_for_order()
        table = comodel._sql_table()
        statement = (
            sa.select(mine, other)
            .select_from(relation.join(table, table.c.id == other))
            .where(in_ids(mine, list(records._ids)))
            .order_by(*comodel._order_by())
        )
        env.registry.flush_new_rows(env, self.comodel_name)
        groups: dict[Any, list[Any]] = {id_: [] for id_ in records._ids}
        for owner, line in env.cr.execute(statement):
            groups[owner].append(line)
        return {id_: tuple(lines) for id_, lines in groups.items()}

    def write_commands(self, pairs: list[tuple[Any, list[tuple[Any, ...]]]]) -> None:
        env = pairs[0][0].env
        comodel = env[self.comodel_name]
        created: list[tuple[Any, dict[str, Any]]] = []
        wanted: dict[Any, dict[Any, None]] = {}
        before: dict[Any, tuple[Any, ...]] = {}
        for record, commands in pairs:
            before[record.id] = record.with_context(active_test=False)[self.name]._ids
            now = dict.fromkeys(before[record.id])
            for kind, id_, values in commands:
                if kind == Command.CREATE:
                    created.append((record.id, values))
                elif kind == Command.UPDATE:
                    self.save_line(comodel.browse(id_), values)
                elif kind == Command.DELETE:
                    comodel.browse(id_).unlink()
                    now.pop(id_, None)
                elif kind == Command.UNLINK:
                    now.pop(id_, None)
                elif kind == Command.LINK:
                    now[id_] = None
                elif kind == Command.CLEAR:
                    now = {}
                elif kind == Command.SET:
                    now = dict.fromkeys(values)
            wanted[record.id] = now
        if created:
            lines = self.make_lines(comodel, [values for _, values in created])
            for (owner, _), line in zip(created, lines._ids, strict=True):
                wanted[owner][line] = None
        self.store_links(env, before, wanted)

    def store_links(self, env: Any, before: dict[Any, tuple[Any, ...]], wanted: dict[Any, dict[Any, None]]) -> None:
        """Bring the relation table from `before` to `wanted` with at most one DELETE and one INSERT."""
        added, removed = [], []
        cache = self.cache_of(env)
        for owner, lines in wanted.items():
            old = set(before[owner])
            added.extend((owner, line) for line in lines if line not in old)
            removed.extend((owner, line) for line in before[owner] if line not in lines)
            cache[owner] = tuple(lines)
        relation = env.registry.table(self.relation)
        if removed:
            mine, other = relation.c[self.column1], relation.c[self.column2]
            condition = (
                sa.tuple_(mine, other).in_(removed)
                if len(removed) > 1
                else ((mine == removed[0][0]) & (other == removed[0][1]))
            )
            env.cr.execute(sa.delete(relation).where(condition))
        if added:
            bulk_link(env.cr, relation, (self.column1, self.column2), added)
        if added or removed:
            keeping.forget(env, self.model_name, self.comodel_name)
        for inverse in self.inverses:
            inverse_cache = inverse.cache_of(env)
            left: dict[Any, set[Any]] = {}
            for owner, line in removed:
                if line in inverse_cache:
                    left.setdefault(line, set()).add(owner)
            for line, gone in left.items():
                inverse_cache[line] = tuple(id_ for id_ in inverse_cache[line] if id_ not in gone)
            owners: dict[Any, dict[Any, None]] = {}
            for owner, line in added:
                if line in inverse_cache:
                    owners.setdefault(line, {})[owner] = None
            for line, ids in owners.items():
                inverse_cache[line] = tuple(dict.fromkeys((*inverse_cache[line], *ids)))

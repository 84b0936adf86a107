"""Create and write: the steps by which records change (see `deletion` and `copying` for the others).

    create   chosen defaults -> rights -> split by delegation -> defaults -> ids -> cache -> lines -> inverses -> checks
             -> on_create
    write    rights -> cache, links and inverses -> what depends on it is marked -> rules -> checks -> on_write

Nothing is sent to the database before a flush, except deletions and the links of many2many fields.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

from core.db.sqltools import next_ids
from core.exceptions import ValidationError
from core.orm import triggers
from core.orm.argument_types import Values, ValuesList
from core.orm.commands import Command
from core.orm.decorators import model as model_method
from core.orm.decorators import public
from core.orm.defaults import LOG_FIELDS
from core.orm.fields.base import Field
from core.orm.types import NewId


class Crud:
    """Changing records; a part of every model."""

    __slots__ = ()

    # -- create ----------------------------------------------------------------------------------------------------

    @public(any_user=True)
    @model_method
    def create(self, vals_list: ValuesList) -> Self:
        """Create a record for each dictionary of values (one dictionary creates one) and return them in order.

        Raises AccessError without the right to create, ValidationError for unknown fields, values of the wrong
        type, missing required values or broken constraints; all problems found are in one message.
        """
        if isinstance(vals_list, Mapping):
            vals_list = [vals_list]
        vals_list = [dict(vals) for vals in vals_list]
        if not vals_list:
            return self.browse()
        self._check_model_access("create")
        self._check_known(vals_list)
        self._add_chosen_defaults(vals_list)
        if not self.env.su:
            self._drop_log_fields(vals_list)
            self._check_field_groups({name for vals in vals_list for name in vals}, "write")
            self._check_not_computed({name for vals in vals_list for name in vals} - self._settled)
            self._check_links(vals_list)
        before = {name: len(ids) for name, ids in self.env._new_rows.items() if ids}
        try:
            self._create_parents(vals_list)
            self._add_defaults(vals_list)
            records = self._create_rows(vals_list)
            self.env._transaction.note_settled(self._name, records._ids)
            if self._parent_store:
                records._parent_store_create()  # before the lines: they may be children
            with _given_values_stand(records, vals_list):
                self._create_lines(records, vals_list)
                self._create_inverses(records, vals_list)
            if not self.env.su:
                records._check_rounded_away(vals_list)
            records._check_access_of("create")
            if self._check_company_auto:
                records._check_company({name for vals in vals_list for name in vals if name != "company_id"})
            records._validate({name for vals in vals_list for name in vals}, creating=True)
        except Exception:
            self._discard_new(before)
            raise
        hooks = self.env.hooks
        if hooks is not None and hooks.has("on_create", self._name):
            with self.env._transaction.by_hand(self._name):
                hooks.on_create(env=self.env, records=records)
        return records

    def _discard_new(self, before: dict[str, int]) -> None:
        """Take back rows that a failed creation left in the buffer, so that a caller who goes on does not save them."""
        for name, ids in self.env._new_rows.items():
            gone = list(ids)[before.get(name, 0) :]
            for id_ in gone:
                del ids[id_]
            if gone:
                records = self.env[name]._with_ids(gone)
                if self.env.cr.is_usable:  # else its rollback takes the links back
                    records._forget_links()
                records._forget_pending()
                records._forget_deleted(set(gone))

    def _forget_links(self) -> None:
        """Take back the many2many links of records that will not be saved; links are written at once."""
        for field in self._x2many_fields:
            cache = field.cache_of(self.env)
            if field.type == "many2many" and any(cache.get(id_) for id_ in self._ids):
                field.store_links(
                    self.env, {id_: cache.get(id_, ()) for id_ in self._ids}, {id_: {} for id_ in self._ids}
                )

    def _forget_pending(self) -> None:
        for field in self._fields.values():
            self.env._tocompute.get(field, set()).difference_update(self._ids)
            self.env._transaction.dirty.get(field, set()).difference_update(self._ids)

    def _check_known(self, vals_list: list[dict[str, Any]]) -> None:
        fields = self._fields
        for vals in vals_list:
            for name in vals:
                if name not in fields:
                    known = self._similar_field(name)
                    raise ValidationError(
                        f"{self._description} ({self._name}) has no field {name!r}.{known}", fields=[name]
                    )
            vals.pop("id", None)

    def _drop_log_fields(self, vals_list: Iterable[dict[str, Any]]) -> None:
        """Leave out what the server notes itself: who changed a record and when, and its place in a tree."""
        for vals in vals_list:
            for name in LOG_FIELDS:
                vals.pop(name, None)

    def _check_not_computed(self, names: Iterable[str]) -> None:
        """Refuse values for stored fields that are computed and cannot be entered: totals, say."""
        fields = [] if self._may_settle() else [self._fields[name] for name in names]
        refused = [field for field in fields if field.stored_compute and field.readonly and not field.inverse]
        if refused:
            raise ValidationError(
                self.env._(
                    "%(model)s: %(fields)s cannot be entered; it is computed.",
                    model=self._described() if self else self._description,
                    fields=", ".join(f"{field.string} ({field.name})" for field in refused),
                ),
                fields=[field.name for field in refused],
                code="computed_field",
            )

    def _drop_computed(self, vals: dict[str, Any]) -> None:
        """Leave out values of computed fields that the records have already, and refuse others."""
        for name in list(vals):
            field = self._fields[name]
            if field.stored_compute and field.readonly and not field.inverse and name not in self._settled:
                value = field.convert_to_cache(vals.pop(name), self[:1])
                if any(value != held for held in field.cached_values(self.sudo())):
                    self._check_not_computed([name])

    def _similar_field(self, name: str) -> str:
        match = difflib.get_close_matches(name, self._fields, n=1)
        return f" Did you mean {match[0]!r}?" if match else ""

    def _create_parents(self, vals_list: list[dict[str, Any]]) -> None:
        """Create or update the records that this model delegates to, and link them."""
        for parent_name, link in self._inherits.items():
            names = self._delegated[parent_name]
            creating: list[tuple[dict[str, Any], dict[str, Any]]] = []
            for vals in vals_list:
                parent_vals = {name: vals.pop(name) for name in names if name in vals}
                if vals.get(link):
                    if parent_vals:
                        self.env[parent_name].browse(vals[link]).write(parent_vals)
                else:
                    creating.append((vals, parent_vals))
            if creating:
                parents = self.env[parent_name].create([parent_vals for _, parent_vals in creating])
                for (vals, _), parent_id in zip(creating, parents._ids, strict=True):
                    vals[link] = parent_id

    def _create_rows(self, vals_list: list[dict[str, Any]]) -> Self:
        """Give the records their ids and put their column values into the cache, to be inserted at the next flush."""
        env = self.env
        transaction = env._transaction
        ids = next_ids(env.cr, env.registry.table(self._name), len(vals_list))
        records = self._with_ids(ids)
        given: set[str] = set()
        for vals in vals_list:
            given.update(vals)
        transaction.new_rows[self._name].update(dict.fromkeys(ids))
        log = {
            "create_uid": env.uid,
            "write_uid": env.uid,
            "create_date": transaction.now,
            "write_date": transaction.now,
        }
        for field in self._column_fields:
            name = field.name
            cache = field.cache_of(env)
            if name in given:
                convert = field.convert_to_cache
                null = field.null
                pending = []
                for id_, vals in zip(ids, vals_list, strict=True):
                    if name in vals:
                        cache[id_] = convert(vals[name], self)
                    elif field.stored_compute:
                        pending.append(id_)
                    else:
                        cache[id_] = null
                if pending:
                    transaction.tocompute[field].update(pending)
                if field.inverses and field.type == "many2one":
                    links: dict[Any, list[Any]] = defaultdict(list)
                    for id_ in ids:
                        if cache.get(id_):
                            links[cache[id_]].append(id_)
                    if links:
                        field.relink_many(env, links)
            elif name in log and self._log_access:
                cache.update(dict.fromkeys(ids, log[name]))
            elif field.stored_compute:
                transaction.tocompute[field].update(ids)
            else:
                cache.update(dict.fromkeys(ids, field.null))
        for field in self._x2many_fields:
            if not (field.type == "one2many" and field.domain):
                env._data[field].update(dict.fromkeys(ids, ()))
            if field.stored_compute:
                transaction.tocompute[field].update(ids)
        for field in self._column_fields:
            if field.filters:
                field.forget_filtered(env)
        paths = env.registry.triggers.on_create[self._name]
        if paths:
            triggers.mark(env, paths, ids)
        return records

    def _create_lines(self, records: Self, vals_list: list[dict[str, Any]]) -> None:
        """Carry out the commands of x2many fields, each field once for all records."""
        for field in self._x2many_fields:
            pairs = []
            for record, vals in zip(records, vals_list, strict=True):
                if vals.get(field.name):
                    commands = field.normalise(vals[field.name], self.browse())
                    pairs.append((record, [command for command in commands if command[0] != Command.CLEAR]))
            if pairs:
                field.write_commands(pairs)
                triggers.mark(self.env, self.env.registry.triggers.by_field.get(field, {}), records._ids)

    def _create_inverses(self, records: Self, vals_list: list[dict[str, Any]]) -> None:
        """Hand the values given for computed fields to their inverse methods."""
        for field in self._inverse_fields:
            chosen = [(record, vals) for record, vals in zip(records, vals_list, strict=True) if field.name in vals]
            if chosen:
                self._run_inverse(field, [(record, vals[field.name]) for record, vals in chosen])

    def _run_inverse(self, field: Field, pairs: list[tuple[Self, Any]]) -> None:
        if field.related and field.inverse == field._inverse_related:
            field.write_through(pairs)
            return
        records = self._with_ids(record._ids[0] for record, _ in pairs)
        with self.env._transaction.protecting([field], records._ids):
            cache = field.cache_of(records.env)
            for record, value in pairs:
                cache[record._ids[0]] = field.convert_to_cache(value, record)
            inverse = field.inverse
            if callable(inverse):
                inverse(records)
            else:
                getattr(records, inverse)()

    # -- write -----------------------------------------------------------------------------------------------------

    @public(any_user=True)
    def write(self, vals: Values) -> bool:
        """Write the same values on all records; returns True.

        Raises AccessError, MissingError or ValidationError as `create` does.
        """
        if not self._ids or not vals:
            return True
        vals = dict(vals)
        self._check_known([vals])
        if not self.env.su:
            self._check_access_of("write")
            self._drop_log_fields([vals])
            self._check_field_groups(vals, "write")
            self._check_links([vals])
            self._drop_computed(vals)
        self._check_settled(vals)
        if not all(self._ids):
            self._update_cache(vals)
            return True
        self._write_values(vals)
        if not self.env.su:
            self._check_rounded_away([vals] * len(self))
            self._check_changed(vals)
        if self._check_company_auto:
            self._check_company(vals)
        self._validate(vals)
        hooks = self.env.hooks
        if hooks is not None and hooks.has("on_write", self._name):
            with self.env._transaction.by_hand(self._name):
                hooks.on_write(env=self.env, records=self, names=set(vals))
        return True

    def _write_multi(self, vals_list: Sequence[Mapping[str, Any]]) -> None:
        """Write on each record its own values.

        Records that get the same values share one call of `write`. Where a service writes what it has settled, no addon
        extends `write` of the model, and the values are those of plain columns, all records are written in one go
        instead: constraints, stored values and `on_write` then see them once, together. Either way nothing is sent to
        the database before the flush.

        Args:
            vals_list: a dictionary for each of these records, in their order, as `write` takes them; an empty one
                leaves its record alone.
        """
        groups: defaultdict[tuple[str, ...], list[tuple[int, Mapping[str, Any]]]] = defaultdict(list)
        for id_, vals in zip(self._ids, vals_list, strict=True):
            if vals:
                groups[tuple(vals)].append((id_, vals))
        for names, pairs in groups.items():
            records = self._with_ids(id_ for id_, _vals in pairs)
            if records._may_write_at_once(names):
                records._write_at_once(names, [vals for _id, vals in pairs])
            else:
                records._write_by_value(names, [vals for _id, vals in pairs])

    def _may_write_at_once(self, names: Iterable[str]) -> bool:
        if not self._is_settling() or self._is_extended("write") or not self.env.su or not all(self._ids):
            return False
        fields = [self._fields.get(name) for name in names]
        return all(
            field is not None and field.column_backed and not field.inverse and name != self._parent_name
            for name, field in zip(names, fields, strict=True)
        )

    def _write_by_value(self, names: tuple[str, ...], vals_list: Iterable[Mapping[str, Any]]) -> None:
        """`_write_multi` by calls of `write`, one for each distinct set of values."""
        self._check_known([dict(vals) for vals in vals_list])
        convert = [self._fields[name].convert_to_cache for name in names]
        equal: dict[Any, tuple[Mapping[str, Any], list[int]]] = {}
        for id_, vals in zip(self._ids, vals_list, strict=True):
            key = tuple(to_cache(vals[name], self) for name, to_cache in zip(names, convert, strict=True))
            equal.setdefault(key, (vals, []))[1].append(id_)
        for vals, ids in equal.values():
            self._with_ids(ids).write(dict(vals))

    def _write_at_once(self, names: tuple[str, ...], vals_list: list[Mapping[str, Any]]) -> None:
        """`_write_multi` for columns, without a call of `write`."""
        env = self.env
        fields = [self._fields[name] for name in names]
        for vals in vals_list:
            self._check_settled(vals)
        self._before_write(fields)
        given = [field for field in fields if field.stored_compute]
        for field in given:
            env._tocompute[field].difference_update(self._ids)
        for name, field in zip(names, fields, strict=True):
            equal: defaultdict[Any, list[int]] = defaultdict(list)
            for id_, vals in zip(self._ids, vals_list, strict=True):
                equal[field.convert_to_cache(vals[name], self)].append(id_)
            with env._transaction.protecting([field], self._ids):
                for cached, ids in equal.items():
                    field.write_cached(self._with_ids(ids), cached)
        with env._transaction.protecting(given, self._ids):
            self._modified(fields)
        for field in given:
            env._tocompute[field].difference_update(self._ids)
        if self._check_company_auto:
            self._check_company(dict.fromkeys(names))
        self._validate(names)
        hooks = env.hooks
        if hooks is not None and hooks.has("on_write", self._name):
            with env._transaction.by_hand(self._name):
                hooks.on_write(env=env, records=self, names=set(names))

    def update(self, values: Mapping[str, Any]) -> None:
        """Assign each of `values` in turn, as ``record.name = value`` does; also on unsaved records."""
        for name, value in values.items():
            self[name] = value

    def _write_values(self, vals: dict[str, Any]) -> None:
        env = self.env
        tocompute = env._tocompute
        fields = [self._fields[name] for name in vals]
        plain = [field for field in fields if field.column_backed]
        self._before_write(plain)
        given = [field for field in fields if field.stored_compute and (field.column_backed or not field.inverse)]
        for field in given:
            tocompute[field].difference_update(self._ids)
        for field in plain:
            with env._transaction.protecting([field], self._ids):
                field.write(self, vals[field.name])
        with env._transaction.protecting(given, self._ids):  # a written value is not computed over
            self._modified(plain)
        for field in fields:
            if field.type in ("one2many", "many2many") and not field.inverse:
                if field in env.registry.triggers.links:
                    self._modified([field], before=True)
                field.write(self, vals[field.name])
                self._modified([field])
            elif field.inverse:
                self._modified([field])
                self._run_inverse(field, [(record, vals[field.name]) for record in self])
        for field in given:  # what the lines and inverse methods changed does not count either
            tocompute[field].difference_update(self._ids)
        if self._parent_store and self._parent_name in vals:
            self._parent_store_update()

    def _before_write(self, fields: list[Field]) -> None:
        """Have old values at hand where the history or a moving link needs them."""
        links = self.env.registry.triggers.links
        needed = [field for field in fields if field.tracking or field.inverses or field in links]
        if needed:
            new = self.env._new_rows_of(self._name)
            stored = [id_ for id_ in self._ids if id_ not in new]
            if stored:
                self._with_ids(stored).sudo()._fetch([f for f in needed if f.column_backed], check=False)
            moving = [field for field in needed if field in links]
            if moving:
                self._modified(moving, before=True)

    def _modified(self, fields: Iterable[Field], before: bool = False) -> None:
        """Mark what depends on `fields` of these records; ``before`` a link changes, those it links to until now."""
        graph = self.env.registry.triggers.by_field
        paths: dict[Any, list[Any]] = {}
        for field in fields:
            found = graph.get(field)
            if found:
                for path, dependants in found.items():
                    if before and not path:
                        continue
                    known = paths.setdefault(path, [])
                    known.extend(d for d in dependants if d not in known)
        if paths:
            triggers.mark(self.env, paths, self._ids)

    def _modified_links(self, field: Field) -> bool:
        return field in self.env.registry.triggers.links

    def _update_cache(self, vals: Mapping[str, Any]) -> None:
        """Assign values on unsaved records."""
        for name, value in vals.items():
            self._fields[name].write_new(self, value)

    # -- unsaved records -------------------------------------------------------------------------------------------

    @model_method
    def new(self, values: Mapping[str, Any] | None = None, origin: Any = None, ref: Any = None) -> Self:
        """An unsaved record with `values`; ``origin`` is the stored record that it is a changed copy of."""
        id_ = NewId(origin=origin.id if origin else None, ref=ref)
        record = self.browse(id_)
        for name, value in (values or {}).items():
            if name in self._fields and name != "id":
                field = self._fields[name]
                field.update_cache(record, field.convert_to_cache(value, record, validate=False))
                self.env._transaction.edited[field].add(id_)
        return record


@contextmanager
def _given_values_stand(records: Any, vals_list: Sequence[Mapping[str, Any]]) -> Iterator[None]:
    """Within, nothing is computed over the values given to `create`, for each of these records its own."""
    given: dict[Field, set[Any]] = {}
    for name in dict.fromkeys(name for vals in vals_list for name in vals):
        field = records._fields[name]
        if field.stored_compute and not field.inverse:
            given[field] = {id_ for id_, vals in zip(records._ids, vals_list, strict=True) if name in vals}
            records.env._tocompute[field].difference_update(given[field])
    with records.env._transaction.keeping(given):
        yield
    for field, ids in given.items():  # what lines and inverse methods changed does not count either
        records.env._tocompute[field].difference_update(ids)

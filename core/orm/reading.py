"""Loading what is known of records: from the database into the cache, and out of it as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import sqlalchemy as sa

from core.db.sqltools import in_ids
from core.exceptions import MissingError, ValidationError
from core.orm import flush, keeping
from core.orm.argument_types import FieldNames, Text
from core.orm.decorators import public, readonly
from core.orm.domain import Domain, optimize, to_sql
from core.orm.fields.base import Field
from core.orm.triggers import caches
from core.orm.types import real_ids


class Reading:
    """Fetching, locking, forgetting and reading records; a part of every model."""

    __slots__ = ()

    # -- fetch -----------------------------------------------------------------------------------------------------

    def fetch(self, field_names: Iterable[str]) -> None:
        """Load the named stored fields of all records in one statement."""
        self._fetch([f for name in field_names if (f := self._fields[name]).column_backed and name != "id"])

    def _fetch_prefetched(self, field: Field) -> None:
        """Load `field`, and the others that are usually read with it, for the whole prefetch set."""
        fields = self._prefetch_fields if field.prefetch and not field.company_dependent else [field]
        if field not in fields:
            fields = [field]
        ids = self._prefetch_missing(field.cache_of(self.env), self.env._new_rows_of(self._name))
        self._with_ids(ids)._fetch(fields)
        if self._ids[0] not in field.cache_of(self.env):
            self._explain_missing()

    def _fetch(self, fields: list[Field], check: bool = True) -> None:
        """Load `fields` into the cache; values that are cached already (and may be newer) stay."""
        if not fields:
            return
        new = self.env._new_rows_of(self._name)
        data = self.env._data
        first = [field for field in fields if not field.context_keys]
        ids = [id_ for id_ in self._ids if id_ and id_ not in new]
        if first:
            wanted = set(ids)
            lacking = set().union(*(wanted.difference(data[field]) for field in first))
            ids = [id_ for id_ in ids if id_ in lacking]
        if not ids:
            return
        rules = Domain.TRUE
        if check and not self.env.su:
            self._check_model_access("read")
            rules = optimize(self._rule_domain("read"), self.sudo())
        if self._kept and rules == Domain.TRUE and self.env.registry.shared is not None:
            fields_kept = self._prefetch_fields
            if all(field in fields_kept for field in fields):
                found = keeping.read_rows(self, ids)
                self._fill_cache(found, fields_kept, list(found.values()))
                return
        table = self._sql_table()
        statement = self.env.registry.select_statement(self._name, fields).where(in_ids(table.c.id, ids))
        if rules != Domain.TRUE:
            self._flush_for(rules, (), "")
            statement = statement.where(to_sql(rules, self, table))
        rows = self.env.cr.execute(statement).all()
        self._fill_cache([row[0] for row in rows], fields, rows)

    def _fill_cache(self, ids: Iterable[int], fields: list[Field], rows: list[Any]) -> None:
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        for field, values in zip(fields, columns[1:], strict=True):
            cache = field.cache_of(self.env)
            if field.company_dependent:
                values = self._company_values(field, values)
            if cache:
                for id_, value in zip(ids, values, strict=True):
                    cache.setdefault(id_, value)
            else:
                cache.update(zip(ids, values, strict=True))

    def _company_values(self, field: Field, values: Iterable[Any]) -> list[Any]:
        """What the company at work has in each of `values`; a link to a record that is gone is unset."""
        company = self.env.company
        key = str(company.id if company is not None else None)
        members = [(value or {}).get(key) for value in values]
        found = [field.null if m is None else field.convert_to_cache(m, self, validate=False) for m in members]
        if field.type != "many2one":
            return found
        linked = self.env[field.comodel_name].browse([id_ for id_ in dict.fromkeys(found) if id_])
        present = set(linked.exists()._ids)
        return [id_ if id_ in present else None for id_ in found]

    def _explain_missing(self) -> None:
        """Say why a record could not be read: it is gone, or rules forbid it."""
        if not self.env.su and self.sudo().exists():
            raise self.env.registry.access.refuse_records(self, "read")
        raise self._missing()

    def _missing(self) -> MissingError:
        """The error for records that are gone."""
        return MissingError(
            self.env._("This %(model)s no longer exists; it may have been deleted meanwhile.", model=self._description)
        )

    @public(access="read")
    @readonly
    def exists(self) -> Self:
        """Those of the records that are in the database (or created in this transaction)."""
        new = self.env._new_rows_of(self._name)
        stored = [id_ for id_ in self._ids if id_ and id_ not in new]
        found = set(new)
        if stored:
            table = self._sql_table()
            found.update(self.env.cr.execute(sa.select(table.c.id).where(in_ids(table.c.id, stored))).scalars())
        return self._with_ids(id_ for id_ in self._ids if id_ in found or not id_)

    def _written(self) -> Self:
        """Those of the records that are in the database; what this transaction has made may still wait for a flush."""
        new = self.env._new_rows_of(self._name)
        return self._with_ids(id_ for id_ in self._ids if id_ and id_ not in new)

    def _is_locked(self) -> bool:
        """Whether this transaction has locked all of these rows by `lock_for_update`."""
        locked: set[int] = self.env.cr.memory.get(("orm.locked", self._name), set())
        return locked.issuperset(real_ids(self._ids))

    def lock_for_update(self) -> Self:
        """Lock the rows against other transactions, in order of id, and forget what was cached of them.

        What is pending of the model is written first, so a value that the database refuses is refused before the action
        begins. What this transaction has locked already is not locked and read again: no other can have changed it
        since. On SQLite a write transaction is alone from its start; only PostgreSQL needs the lock.
        """
        if not self._ids:
            return self
        flush.flush_model(self.env, self._name)
        locked: set[int] = self.env.cr.memory.setdefault(("orm.locked", self._name), set())
        ids = sorted(set(real_ids(self._ids)) - locked)
        if ids and self.env.cr.dialect == "postgresql":
            table = self._sql_table()
            self.env.cr.execute(
                sa.select(table.c.id).where(in_ids(table.c.id, ids)).order_by(table.c.id).with_for_update()
            )
            locked.update(ids)
            self.env.cr.after_rollback(lambda: locked.difference_update(ids))
            self._with_ids(ids).invalidate_recordset()
            keeping.forget(self.env, self._name)
        return self

    def invalidate_recordset(self, field_names: Iterable[str] | None = None) -> None:
        """Write what is pending and forget the cached values of these records."""
        flush.flush_model(self.env, self._name)
        names = self._fields if field_names is None else field_names
        for name in names:
            for cache in caches(self.env, self._fields[name]):
                for id_ in self._ids:
                    cache.pop(id_, None)

    def invalidate_model(self, field_names: Iterable[str] | None = None) -> None:
        """Write what is pending and forget the cached values of all records of the model."""
        flush.flush_model(self.env, self._name)
        for name in self._fields if field_names is None else field_names:
            for cache in caches(self.env, self._fields[name]):
                cache.clear()

    def flush_model(self, field_names: Iterable[str] | None = None) -> None:
        """Compute and write what is pending of this model."""
        flush.flush_model(self.env, self._name, field_names)

    def flush_recordset(self, field_names: Iterable[str] | None = None) -> None:
        """Compute and write what is pending of this model (all records: rows go out together)."""
        flush.flush_model(self.env, self._name, field_names)

    # -- read ------------------------------------------------------------------------------------------------------

    def _readable_names(self, names: Iterable[str] | None) -> list[str]:
        if names:
            names = list(names)
            unknown = [name for name in names if name not in self._fields]
            if unknown:
                raise ValidationError(
                    f"{self._description} ({self._name}) has no field {unknown[0]!r}.{self._similar_field(unknown[0])}",
                    fields=unknown,
                )
            return names
        return [name for name, field in self._fields.items() if self._field_allowed(field)]

    @public(any_user=True)
    @readonly
    def read(self, fields: FieldNames | None = None, load: Text | None = "_classic_read") -> list[dict[str, Any]]:
        """The values of each record: links as (id, name), or plain ids if `load` is another; lines as ids.

        Raises AccessError when a record or field may not be read, MissingError when a record is gone.
        """
        names = self._readable_names(fields)
        if not self.env.su:
            self._check_access_of("read")
            self._check_field_groups(names, "read")
        return self._read_values(names, links_as_ids=load != "_classic_read")

    def _read_values(self, names: list[str], links_as_ids: bool = False) -> list[dict[str, Any]]:
        """`read` without the checks: for records that a search of this user has just found."""
        fields = [self._fields[name] for name in names if name != "id"]
        self._fetch([field for field in fields if field.column_backed and not field.stored_compute])
        if not links_as_ids:
            self._load_names_of_links(fields)
        columns = [
            [False if id_ is None else id_ for id_ in field.cached_values(self)]
            if links_as_ids and field.type == "many2one"
            else field.read_values(self)
            for field in fields
        ]
        keys = ["id", *(field.name for field in fields)]
        return [dict(zip(keys, row, strict=True)) for row in zip(self._ids, *columns, strict=True)]

    def _load_names_of_links(self, fields: list[Field]) -> None:
        """Load the names that several many2one fields need of one model together."""
        links: dict[str, list[Field]] = {}
        for field in fields:
            if field.type == "many2one":
                links.setdefault(field.comodel_name, []).append(field)
        for model_name, same in links.items():
            if len(same) > 1:
                ids = dict.fromkeys(id_ for field in same for id_ in field.cached_values(self) if id_)
                self.env(su=True)[model_name]._with_ids(ids).mapped("display_name")

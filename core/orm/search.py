"""Reading from the database: search, fetch, read, group.

A search flushes only what it reads: the fields of its domain and order (`fields_used`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import sqlalchemy as sa

from core.db.sqltools import in_ids
from core.exceptions import MissingError, ValidationError
from core.orm import flush, keeping
from core.orm.decorators import model as model_method
from core.orm.domain import Domain, fields_used, optimize, to_sql
from core.orm.fields.base import Field
from core.orm.recordset import parse_order
from core.orm.triggers import caches
from core.orm.types import real_ids


class Search:
    """Finding and loading records; a part of every model."""

    __slots__ = ()

    # -- search ----------------------------------------------------------------------------------------------------

    @model_method
    def search(self, domain: Any = (), offset: int = 0, limit: int | None = None, order: str | None = None) -> Self:
        """The records that match `domain` and that the user may read, in `order` (default: the model's).

        Archived records are left out unless the domain mentions ``active`` or the context has ``active_test=False``.
        A limit of 0 is none, here and in all methods that search.
        """
        if self._eager:
            return self._search_fields(self._prefetch_fields, domain, offset, limit, order)
        if self._kept and self.env.registry.shared is not None:
            self._check_model_access("read")
            effective = self._effective_domain(domain)
            found = keeping.search(self, effective, offset, limit or None, order or self._order)
            if found is not None:
                return self._with_ids(found)
        return self._with_ids(self._find_ids(domain, offset, limit, order))

    def _find_ids(self, domain: Any, offset: int, limit: int | None, order: str | None) -> tuple[int, ...]:
        """The ids of the records that match, from the database."""
        statement, _ = self._select((), domain, offset, limit, order)
        return tuple(self.env.cr.execute(statement).scalars()) if statement is not None else ()

    @model_method
    def search_fetch(
        self,
        domain: Any = (),
        field_names: Iterable[str] = (),
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
    ) -> Self:
        """`search`, loading in the same statement the named stored fields, and the links of named related fields."""
        fields: dict[Field, None] = {}
        for name in field_names:
            field = self._fields[name]
            if field.related and not field.store:
                field = self._fields[field.related[0]]
            if field.column_backed and field.name != "id":
                fields[field] = None
        return self._search_fields(list(fields), domain, offset, limit, order)

    def _search_fields(
        self, fields: list[Field], domain: Any, offset: int, limit: int | None, order: str | None
    ) -> Self:
        statement, fields = self._select(fields, domain, offset, limit, order)
        if statement is None:
            return self.browse()
        rows = self.env.cr.execute(statement).all()
        ids = tuple(row[0] for row in rows)
        self._fill_cache(ids, fields, rows)
        return self._with_ids(ids)

    @model_method
    def search_count(self, domain: Any = (), limit: int | None = None) -> int:
        """How many records `search` would find (counting stops at `limit`)."""
        statement, _ = self._select((), domain, 0, limit, "")
        if statement is None:
            return 0
        if not limit:
            statement = statement.with_only_columns(sa.func.count(), maintain_column_froms=True)
            return self.env.cr.execute(statement).scalar_one()
        return self.env.cr.execute(sa.select(sa.func.count()).select_from(statement.subquery())).scalar_one()

    @model_method
    def search_read(
        self,
        domain: Any = (),
        fields: Iterable[str] | None = None,
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
    ) -> list[dict[str, Any]]:
        """`search` and `read` in one."""
        names = self._readable_names(fields)
        if not self.env.su:
            self._check_field_groups(names, "read")
        return self.search_fetch(domain, names, offset, limit, order)._read_values(names)

    def _select(
        self, fields: Iterable[Field], domain: Any, offset: int, limit: int | None, order: str | None
    ) -> tuple[Any, list[Field]]:
        """The SELECT for a search (None when nothing can match) and the fields it loads."""
        self._check_model_access("read")
        domain = self._effective_domain(domain)
        if domain == Domain.FALSE:
            return None, []
        if order is False:  # remote clients that cannot send None
            order = None
        fields = list(fields)
        self._flush_for(domain, fields, order)
        table = self._sql_table()
        statement = self.env.registry.select_statement(self._name, fields)
        if domain != Domain.TRUE:
            statement = statement.where(to_sql(domain, self, table))
        if order != "":
            statement = statement.order_by(*self._order_by(table, order))
        if limit:
            statement = statement.limit(limit)
        if offset:
            statement = statement.offset(offset)
        return statement, fields

    def _effective_domain(self, domain: Any) -> Domain:
        """`domain` with the filter on archived records and the record rules of the user."""
        domain = Domain(domain) if domain else Domain.TRUE
        active = self._active_name
        if active and self.env.context.get("active_test", True) and not mentions(domain, active):
            domain &= Domain(active, "=", True)
        if not self.env.su:
            domain &= optimize(self._rule_domain("read"), self.sudo())
        return domain

    def _flush_for(self, domain: Domain, fields: Iterable[Field], order: str | None) -> None:
        """Write what the query is about to read."""
        transaction = self.env._transaction
        if not (transaction.dirty or transaction.tocompute or transaction.new_rows):
            return
        used = fields_used(domain, self) if domain != Domain.TRUE else {}
        names = set(used.get(self._name, ()))
        names.update(field.name for field in fields)
        names.update(name for name, _ in parse_order(self._order if order is None else order))
        for model_name, model_fields in {**used, self._name: names}.items():
            if model_name in self.env.registry.models:
                flush.flush_model(self.env, model_name, model_fields)
        if order != "":
            self._flush_linked_order(self._order if order is None else order, {self._name})

    def _flush_for_order(self) -> None:
        """Write what sorting by the model's order reads, and new rows."""
        flush.flush_model(self.env, self._name, [name for name, _ in parse_order(self._order)])
        self._flush_linked_order(self._order, {self._name})

    def _flush_linked_order(self, order: str, done: set[str]) -> None:
        """Write what decides the order of the records that the links in `order` point to."""
        for name, _ in parse_order(order):
            field = self._fields.get(name)
            if field is not None and field.related and not field.store:
                field = self._fields[field.related[0]]
            if field is not None and field.type == "many2one" and field.comodel_name not in done:
                done.add(field.comodel_name)
                comodel = self.env[field.comodel_name]
                flush.flush_model(self.env, comodel._name, [key for key, _ in parse_order(comodel._order)])
                comodel._flush_linked_order(comodel._order, done)

    def _sql_table(self) -> sa.Table:
        return self.env.registry.table(self._name)

    def _order_by(self, table: Any, order: str | None = None) -> list[Any]:
        """ORDER BY terms; unset values are the greatest on both databases. Raises ValidationError for unknown names."""
        names = parse_order(self._order if order is None else order)
        if order is not None and not self.env.su:
            self._check_field_groups((name for name, _ in names if name in self._fields), "read")
        terms = []
        for name, reverse in names:
            for column, nullable, descending in self._order_columns(table, name, frozenset()):
                term = column.desc() if descending != reverse else column.asc()
                if nullable:
                    term = term.nulls_first() if descending != reverse else term.nulls_last()
                terms.append(term)
        return terms

    def _order_columns(self, table: Any, name: str, within: frozenset[Any]) -> list[tuple[Any, bool, bool]]:
        """(column, nullable, descending) to order by a field; a link orders as the linked model does.

        ``within`` are the links that led here: one of them is not followed again, its ids decide then.
        """
        field = self._fields.get(name)
        if name == "id":
            return [(table.c.id, False, False)]
        if field is not None and field.type == "many2one" and field.column_backed and not field.company_dependent:
            if field in within:
                return [(table.c[name], True, False)]
            comodel = self.env[field.comodel_name]
            other = comodel._sql_table().alias()
            return [
                (sa.select(column).where(other.c.id == table.c[name]).scalar_subquery(), True, descending != reverse)
                for key, reverse in parse_order(comodel._order)
                for column, _, descending in comodel._order_columns(other, key, within | {field})
            ]
        if field is not None and field.column_backed:
            return [(table.c[name], table.c[name].nullable, False)]
        if field is not None and field.related:
            link = self._fields[field.related[0]]
            comodel = self.env[link.comodel_name]
            other = comodel._sql_table().alias()
            rest = ".".join(field.related[1:])
            return [
                (sa.select(column).where(other.c.id == table.c[link.name]).scalar_subquery(), True, descending)
                for column, _, descending in comodel._order_columns(other, rest, within)
            ]
        raise ValidationError(f"{self._description} ({self._name}) cannot be ordered by {name!r}")

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

    def exists(self) -> Self:
        """Those of the records that are in the database (or created in this transaction)."""
        new = self.env._new_rows_of(self._name)
        stored = [id_ for id_ in self._ids if id_ and id_ not in new]
        found = set(new)
        if stored:
            table = self._sql_table()
            found.update(self.env.cr.execute(sa.select(table.c.id).where(in_ids(table.c.id, stored))).scalars())
        return self._with_ids(id_ for id_ in self._ids if id_ in found or not id_)

    def lock_for_update(self) -> Self:
        """Lock the rows against other transactions, in order of id, and forget what was cached of them.

        On SQLite a write transaction is alone from its start; only PostgreSQL needs the lock.
        """
        if not self._ids:
            return self
        flush.flush_model(self.env, self._name)
        if self.env.cr.dialect == "postgresql":
            table = self._sql_table()
            ids = sorted(real_ids(self._ids))
            self.env.cr.execute(
                sa.select(table.c.id).where(in_ids(table.c.id, ids)).order_by(table.c.id).with_for_update()
            )
            self.invalidate_recordset()
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

    def read(self, fields: Iterable[str] | None = None, load: str | None = "_classic_read") -> list[dict[str, Any]]:
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

    # -- names -----------------------------------------------------------------------------------------------------

    @model_method
    def name_search(
        self, name: str = "", domain: Any = None, operator: str = "ilike", limit: int | None = 100, args: Any = None
    ) -> list[tuple[int, str]]:
        """(id, display name) of the records whose name matches; `_name_search_domain` is the seam."""
        condition = Domain(domain or args or [])
        if name:
            condition &= self._name_search_domain(name, operator)
        return [(record.id, record.display_name) for record in self.search(condition, limit=limit).sudo()]

    def _name_search_domain(self, name: str, operator: str) -> Domain:
        names = self._rec_names_search or ([self._rec_name] if self._rec_name else [])
        if not names:
            return Domain.TRUE
        leaves = [Domain(field, operator, name) for field in names]
        negative = operator == "!=" or operator.startswith("not ")
        return Domain.AND(leaves) if negative else Domain.OR(leaves)

    @model_method
    def name_create(self, name: str) -> tuple[int, str]:
        """Create a record from its name alone."""
        record = self.create({self._rec_name: name})
        return record.id, record.display_name


def mentions(domain: Any, name: str) -> bool:
    """Whether a condition of `domain` is about the field `name`."""
    return any(isinstance(leaf, tuple) and leaf[0] == name for leaf in domain)

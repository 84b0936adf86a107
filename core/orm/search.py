"""Finding records in the database, by conditions or by name, in an order.

A search flushes only what it reads: the fields of its domain and order (`fields_used`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import sqlalchemy as sa

from core.exceptions import ValidationError
from core.orm import flush, keeping
from core.orm.argument_types import Count, DomainLike, FieldNames, Name, Operator, Order, Text
from core.orm.decorators import model as model_method
from core.orm.decorators import public, readonly
from core.orm.domain import Domain, fields_used, optimize, to_sql
from core.orm.fields.base import Field
from core.orm.recordset import parse_order


class Search:
    """Finding records; a part of every model."""

    __slots__ = ()

    # -- search ----------------------------------------------------------------------------------------------------

    @public(any_user=True)
    @readonly
    @model_method
    def search(
        self, domain: DomainLike = (), offset: Count = 0, limit: Count | None = None, order: Order | None = None
    ) -> Self:
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

    @public(any_user=True)
    @readonly
    @model_method
    def search_fetch(
        self,
        domain: DomainLike = (),
        field_names: FieldNames = (),
        offset: Count = 0,
        limit: Count | None = None,
        order: Order | None = None,
    ) -> Self:
        """`search`, loading in the same statement the named stored fields, and the links of named related fields."""
        fields: dict[Field, None] = {}
        for name in self._readable_names(field_names) if field_names else ():
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

    @public(any_user=True)
    @readonly
    @model_method
    def search_count(self, domain: DomainLike = (), limit: Count | None = None) -> int:
        """How many records `search` would find (counting stops at `limit`)."""
        statement, _ = self._select((), domain, 0, limit, "")
        if statement is None:
            return 0
        if not limit:
            statement = statement.with_only_columns(sa.func.count(), maintain_column_froms=True)
            return self.env.cr.execute(statement).scalar_one()
        return self.env.cr.execute(sa.select(sa.func.count()).select_from(statement.subquery())).scalar_one()

    @public(any_user=True)
    @readonly
    @model_method
    def search_read(
        self,
        domain: DomainLike = (),
        fields: FieldNames | None = None,
        offset: Count = 0,
        limit: Count | None = None,
        order: Order | None = None,
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
        domain = optimize(self._effective_domain(domain), self)  # once: search methods may cost statements
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
            statement = statement.order_by(*self._order_by(order))
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

    def _order_by(self, order: str | None = None) -> list[Any]:
        """ORDER BY terms for the model's table; unset values are the greatest on both databases.

        Raises ValidationError for unknown names.
        """
        names = parse_order(self._order if order is None else order)
        if order is not None and not self.env.su:
            self._check_field_groups((name for name, _ in names if name in self._fields), "read")
        return self.env.registry.order_terms(
            self._name, self._order if order is None else order, lambda: self._order_terms(names)
        )

    def _order_terms(self, names: list[tuple[str, bool]]) -> list[Any]:
        table = self._sql_table()
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

    # -- names -----------------------------------------------------------------------------------------------------

    @public(any_user=True)
    @readonly
    @model_method
    def name_search(
        self,
        name: Text = "",
        domain: DomainLike | None = None,
        operator: Operator = "ilike",
        limit: Count | None = 100,
        args: DomainLike | None = None,
    ) -> list[tuple[int, str]]:
        """(id, display name) of the records whose name matches; `_name_search_domain` is the seam."""
        condition = Domain(domain or args or [])
        if name:
            condition &= self._name_search_domain(name, operator)
        return [(record.id, record.display_name) for record in self.search(condition, limit=limit).sudo()]

    def _name_search_domain(self, name: str, operator: str) -> Domain:
        known = self._rec_names_search or ([self._rec_name] if self._rec_name else [])
        if not known:
            return Domain.TRUE
        # What the user may not read is no way to find a record either.
        names = [each for each in known if each not in self._fields or self._field_allowed(self._fields[each])]
        leaves = [Domain(field, operator, name) for field in names]
        negative = operator == "!=" or operator.startswith("not ")
        return Domain.AND(leaves) if negative else Domain.OR(leaves)

    def _can_name_create(self) -> bool:
        """Whether the user may make a record from its name, with the default values of the context."""
        return bool(self._rec_name and not self._transient and self.check_access_rights("create", False))

    @public(any_user=True)
    @model_method
    def name_create(self, name: Name) -> tuple[int, str]:
        """Create a record from its name alone. Raises ValidationError for a model whose records have none."""
        named = self._fields.get(self._rec_name)
        if named is None or named.type not in ("char", "text"):
            raise ValidationError(
                self.env._("%(model)s records have no name to be created from.", model=self._description)
            )
        record = self.create({self._rec_name: name})
        return record.id, record.display_name


def mentions(domain: Any, name: str) -> bool:
    """Whether a condition of `domain` is about the field `name`."""
    return any(isinstance(leaf, tuple) and leaf[0] == name for leaf in domain)

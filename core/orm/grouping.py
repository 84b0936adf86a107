"""`_read_group`: sums and counts by group, in one statement."""

from __future__ import annotations

import operator as op
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from core.db.types import ExactNumeric
from core.exceptions import ValidationError
from core.orm import flush
from core.orm.decorators import model as model_method
from core.orm.domain import Domain, optimize, to_sql
from core.orm.domain.sql import column_of
from core.orm.fields.base import Field
from core.orm.recordset import parse_order

_HAVING = {"=": op.eq, "!=": op.ne, "<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}
#: The types of field that an aggregate is of; the others are of all.
_NUMBERS = ("integer", "float", "quantity", "monetary")
_ORDERED = (*_NUMBERS, "char", "text", "selection", "date", "datetime", "many2one")
_SUMMED = {
    "sum": _NUMBERS,
    "avg": _NUMBERS,
    "min": _ORDERED,
    "max": _ORDERED,
    "bool_or": ("boolean",),
    "bool_and": ("boolean",),
}
GRANULARITIES = ("hour", "day", "week", "month", "quarter", "year")


class Sources:
    """The tables that a grouping reads: the model's own, and joined to it those that related fields lead to."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.table = model._sql_table()
        self.joined = self.table
        self._reached: dict[tuple[Field, ...], Any] = {(): self.table}

    def column(self, name: str) -> Any:
        """The column of a field of the model, written to the database before.

        Raises ValidationError for a field without one, AccessError for a field of other groups.
        """
        field = self.model._fields.get(name)
        path = column_path(self.model, field) if field is not None else ()
        if not path:
            text = f"{self.model._description} ({self.model._name}) cannot be grouped or summed by {name!r}"
            raise ValidationError(text, fields=[name])
        self.model._check_field_groups([name], "read")
        env = self.model.env
        for step in path:
            flush.flush_model(env, step.model_name, [step.name])
        end = path[-1]
        if end.type == "many2many":
            return self._reach(path).c[end.column2]
        return column_of(env[end.model_name], self._reach(path[:-1]), end)

    def _reach(self, path: tuple[Field, ...]) -> Any:
        """The table at the end of a path of links, joined once."""
        if path in self._reached:
            return self._reached[path]
        link, before = path[-1], self._reach(path[:-1])
        env = self.model.env
        if link.type == "many2many":
            table = env.registry.alias(link.relation, path)
            condition = table.c[link.column1] == before.c.id
            if not env.su:
                lines = env[link.comodel_name].with_context(active_test=False)
                visible = lines._select((), [], 0, None, "")[0]
                condition &= table.c[link.column2].in_(visible) if visible is not None else sa.false()
        else:
            table = env.registry.alias(link.comodel_name, path)
            condition = table.c.id == column_of(env[link.model_name], before, link)
        self.joined = self.joined.outerjoin(table, condition)
        self._reached[path] = table
        return table


def column_path(model: Any, field: Field) -> tuple[Field, ...]:
    """The fields with columns or links that lead to the value of `field`, the last of them; () where none do."""
    if field.column_backed or (field.type == "many2many" and field.relation and field.store):
        return (field,)
    if not field.related or field.store:
        return ()
    path: tuple[Field, ...] = ()
    for name in field.related:
        found = column_path(model, model._fields[name])
        if not found or (path and path[-1].type != "many2one"):
            return ()
        path += found
        if found[-1].relational:
            model = model.env[found[-1].comodel_name]
    return path


class Grouping:
    """Aggregation; a part of every model."""

    __slots__ = ()

    @model_method
    def _read_group(
        self,
        domain: Any = (),
        groupby: tuple[str, ...] | list[str] = (),
        aggregates: tuple[str, ...] | list[str] = ("__count",),
        having: Any = (),
        offset: int = 0,
        limit: int | None = None,
        order: str | None = None,
    ) -> list[tuple[Any, ...]]:
        """One tuple per group: the values of `groupby` (records for links), then the `aggregates`.

        Args:
            groupby: names of stored fields or of related fields that lead to one; dates take a granularity:
                ``date:month`` (the first moment of the period). By a many2many field, a record is in the group of
                each of its links.
            aggregates: ``__count`` or ``field:`` with sum, avg, min, max, count, count_distinct, array_agg, recordset,
                bool_or or bool_and.
            having: conditions on aggregates, all of which a group must meet: ``[("amount:sum", ">", 0)]``.
            order: names from `groupby` and `aggregates` with ``desc``; by default the groups in order.
        """
        self._check_model_access("read")
        domain = optimize(self._effective_domain(domain), self)
        if domain == Domain.FALSE:
            return [] if groupby else [tuple(self._empty_aggregate(spec) for spec in aggregates)]
        self._flush_for(domain, (), "")
        sources = Sources(self)
        groups = [self._group_column(sources, spec).label(spec.replace(":", "__")) for spec in groupby]
        values = [self._aggregate(sources, spec).label(f"agg_{i}") for i, spec in enumerate(aggregates)]
        conditions = [self._having(sources, condition) for condition in having]
        # without groups and aggregates all records are one group, of which nothing is asked
        columns = [*groups, *values] or [sa.func.count()]
        statement = sa.select(*columns).select_from(sources.joined).having(*conditions)
        if domain != Domain.TRUE:
            statement = statement.where(to_sql(domain, self, sources.table))
        if groups:
            statement = statement.group_by(*groups)
        statement = self._order_groups(statement, groupby, aggregates, groups, values, order)
        if limit:
            statement = statement.limit(limit)
        if offset:
            statement = statement.offset(offset)
        rows = self.env.cr.execute(statement).all()
        return self._group_results(rows, groupby, aggregates)

    def _having(self, sources: Sources, condition: Any) -> Any:
        if not isinstance(condition, list | tuple) or len(condition) != 3 or condition[1] not in _HAVING:
            raise ValidationError(f"{condition!r}: groups are chosen by (aggregate, {' or '.join(_HAVING)}, value)")
        spec, operator, value = condition
        return _HAVING[operator](self._aggregate(sources, spec), value)

    def _group_column(self, sources: Sources, spec: str) -> Any:
        name, _, granularity = spec.partition(":")
        column = sources.column(name)
        if not granularity:
            return column
        if granularity not in GRANULARITIES or self._fields[name].type not in ("date", "datetime"):
            raise ValidationError(f"{spec!r}: groups of dates are {', '.join(GRANULARITIES)}")
        return period_start(column, granularity, self.env.cr.dialect)

    def _aggregate(self, sources: Sources, spec: str) -> Any:
        if spec == "__count":
            return sa.func.count()
        name, _, function = spec.partition(":")
        column = sources.column(name)
        kind = column.type
        function = function or self._fields[name].aggregator or ""
        if self._fields[name].type not in _SUMMED.get(function, (self._fields[name].type,)):
            text = f"{self._description}: there is no {function} of {self._fields[name].string} ({name})"
            raise ValidationError(text, fields=[name])
        match function:
            case "sum":
                total = sa.func.sum(column, type_=kind)
                # PostgreSQL adds whole numbers up to a NUMERIC
                return sa.cast(total, kind) if isinstance(kind, sa.Integer) else total
            case "avg":
                return self._average(column)
            case "min":
                return sa.func.min(column, type_=kind)
            case "max":
                return sa.func.max(column, type_=kind)
            case "count":
                return sa.func.count(column)
            case "count_distinct":
                return sa.func.count(sa.distinct(column))
            case "array_agg" | "recordset":
                if self.env.cr.dialect == "postgresql":
                    return sa.func.array_agg(aggregate_order_by(column, sources.table.c.id))
                return sa.func.json_group_array(column, type_=sa.JSON)
            case "bool_or":
                return sa.func.max(sa.cast(column, sa.Integer))
            case "bool_and":
                return sa.func.min(sa.cast(column, sa.Integer))
        raise ValidationError(f"{spec!r}: this aggregate is not known")

    def _average(self, column: Any) -> Any:
        """The mean of exact numbers is exact to their decimals: an integer division of scaled integers would not be."""
        if isinstance(column.type, ExactNumeric) and self.env.cr.dialect == "sqlite":
            total = sa.cast(sa.func.sum(column), sa.Integer)
            return sa.type_coerce((total * 2 + sa.func.count(column)) // (sa.func.count(column) * 2), column.type)
        if isinstance(column.type, ExactNumeric):
            return sa.func.round(sa.func.avg(column), column.type.scale, type_=column.type)
        return sa.func.avg(column, type_=sa.Double)

    def _order_groups(
        self, statement: Any, groupby: Any, aggregates: Any, groups: list[Any], values: list[Any], order: str | None
    ) -> Any:
        if order is None:
            return statement.order_by(*(group.asc().nulls_last() for group in groups)) if groups else statement
        by_name = dict(zip((*groupby, *aggregates), (*groups, *values), strict=True))
        for name, descending in parse_order(order):
            if name not in by_name:
                raise ValidationError(f"Groups cannot be ordered by {name!r}; known are {', '.join(by_name)}")
            term = by_name[name]
            statement = statement.order_by(term.desc().nulls_first() if descending else term.asc().nulls_last())
        return statement

    def _group_results(self, rows: list[Any], groupby: Any, aggregates: Any) -> list[tuple[Any, ...]]:
        columns: list[list[Any]] = []
        for position, spec in enumerate(groupby):
            columns.append(self._group_values(spec.partition(":")[0], [row[position] for row in rows]))
        for position, spec in enumerate(aggregates, start=len(groupby)):
            values = [row[position] for row in rows]
            columns.append([self._aggregate_value(spec, value) for value in values])
        return list(zip(*columns, strict=True)) if columns else [() for _ in rows]

    def _group_values(self, name: str, values: list[Any]) -> list[Any]:
        field = self._fields[name]
        if field.relational:
            ids = tuple(value for value in values if value is not None)
            model = self.env[field.comodel_name]
            return [model._browse(self.env, (value,) if value is not None else (), ids) for value in values]
        empty = self.browse()
        return [field.convert_to_record(value, empty) for value in values]

    def _aggregate_value(self, spec: str, value: Any) -> Any:
        name, _, function = spec.partition(":")
        if function == "recordset":
            ids = sorted(id_ for id_ in value or () if id_ is not None)
            model = self if name == "id" else self.env[self._fields[name].comodel_name]
            return model.browse(dict.fromkeys(ids))
        if function in ("bool_or", "bool_and"):
            return bool(value)
        if function == "array_agg":
            return [self._plain_value(name, item) for item in value or ()]
        if value is None:
            return self._empty_aggregate(spec)
        return value

    def _plain_value(self, name: str, item: Any) -> Any:
        """An item of an array: SQLite's, being JSON, holds what is stored and not what it stands for."""
        dialect = self.env.cr.engine.dialect
        if dialect.name != "sqlite" or item is None or name == "id":
            return item
        process = self._fields[name].db_type.dialect_impl(dialect).result_processor(dialect, None)
        return process(item) if process else item

    def _empty_aggregate(self, spec: str) -> Any:
        name, _, function = spec.partition(":")
        if spec == "__count" or function in ("count", "count_distinct"):
            return 0
        if function == "recordset":
            return self.browse() if name == "id" else self.env[self._fields[name].comodel_name]
        if function == "array_agg":
            return []
        field = self._fields[name]
        return field.convert_to_record(field.null, self.browse())


def period_end(start: date, granularity: str) -> date:
    """The first moment after the period of one of GRANULARITIES that begins at `start`, of the same type."""
    try:
        if granularity == "hour":
            return start + timedelta(hours=1)
        if granularity in ("day", "week"):
            return start + timedelta(days=7 if granularity == "week" else 1)
        months = start.year * 12 + start.month - 1 + {"month": 1, "quarter": 3, "year": 12}[granularity]
        return start.replace(year=months // 12, month=months % 12 + 1)
    except (OverflowError, ValueError):  # the last period of the calendar, in data from before the bounds
        return type(start).max


def period_start(column: Any, granularity: str, dialect: str) -> Any:
    """SQL for the first moment of the period that a date or moment lies in."""
    if dialect == "postgresql":
        return sa.cast(sa.func.date_trunc(granularity, column), column.type)
    if granularity == "hour":
        return sa.func.strftime("%Y-%m-%d %H:00:00.000000", column, type_=column.type)
    kind = column.type
    suffix = " 00:00:00.000000" if not isinstance(kind, sa.Date) else ""
    modifiers: dict[str, tuple[str, ...]] = {
        "day": (),
        "week": ("weekday 0", "-6 days"),
        "month": ("start of month",),
        "year": ("start of year",),
    }
    if granularity == "quarter":
        month = (sa.cast(sa.func.strftime("%m", column), sa.Integer) - 1) % 3
        back = sa.literal("-") + sa.cast(month, sa.Text) + sa.literal(" months")
        return sa.type_coerce(sa.func.date(column, "start of month", back) + suffix, kind)
    return sa.type_coerce(sa.func.date(column, *modifiers[granularity]) + suffix, kind)

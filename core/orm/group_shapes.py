"""Groups as Odoo's clients know them: dictionaries with names, labels of periods, and the domain of each group.

`Grouping._read_group` does the work, in one statement; the names of links take one more for each model.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from babel.core import UnknownLocaleError
from babel.dates import format_datetime

from core.exceptions import ValidationError
from core.orm.argument_types import Count, DomainLike, FieldNames, Name, Order
from core.orm.decorators import model as model_method
from core.orm.decorators import public, readonly
from core.orm.domain import Domain
from core.orm.fields.base import Field
from core.orm.grouping import period_end
from core.orm.recordset import parse_order

#: How a period is shown, in the notation of Unicode's locale data.
_PATTERNS = {
    "hour": "HH:00 dd MMM yyyy",
    "day": "dd MMM yyyy",
    "week": "'W'w YYYY",
    "month": "MMMM yyyy",
    "quarter": "QQQ yyyy",
    "year": "yyyy",
}
_MEASURE = re.compile(r"(?P<alias>\w+)(?::(?P<function>\w+)(?:\((?P<name>\w+)\))?)?")


class GroupShapes:
    """The external calls for groups; a part of every model."""

    __slots__ = ()

    @public(any_user=True)
    @readonly
    @model_method
    def formatted_read_group(
        self,
        domain: DomainLike,
        groupby: FieldNames = (),
        aggregates: FieldNames = (),
        having: DomainLike = (),
        offset: Count = 0,
        limit: Count | None = None,
        order: Order | None = None,
    ) -> list[dict[str, Any]]:
        """One dictionary per group: each of `groupby` and `aggregates` by its name, and ``__extra_domain``.

        A link is (id, name), a period of a date (its first moment as text, a label in the user's language), what is
        unset False; dates without a period are grouped by month. Periods are those of UTC. ``recordset`` aggregates are
        lists of ids. ``__extra_domain`` finds the records of the group among those of `domain`. The arguments are
        those of `_read_group`.

        Raises:
            ValidationError: for a field that cannot be grouped by or summed.
            AccessError: for a model or field that the user may not read.
        """
        groupby, aggregates = list(groupby), list(aggregates)
        specs = [self._with_period(spec) for spec in groupby]
        order = _named_order(order, specs, aggregates)
        rows = self._read_group(domain, specs, aggregates, having, offset, limit, order)
        self._load_group_names(specs, rows)
        result = []
        for row in rows:
            entry: dict[str, Any] = {}
            extra: list[Any] = []
            for asked, spec, value in zip(groupby, specs, row, strict=False):
                entry[asked] = self._shown_group(spec, value)
                extra += self._group_domain(spec, value)
            for spec, value in zip(aggregates, row[len(specs) :], strict=True):
                entry[spec] = value.ids if hasattr(value, "_ids") else value
            result.append(entry | {"__extra_domain": extra})
        return result

    @public(any_user=True)
    @readonly
    @model_method
    def read_group(
        self,
        domain: DomainLike,
        fields: FieldNames | None,
        groupby: Name | FieldNames | None,
        offset: Count = 0,
        limit: Count | None = None,
        orderby: Order | None = None,
        lazy: bool = True,
    ) -> list[dict[str, Any]]:
        """Groups in the shape of Odoo's older external call; `formatted_read_group` is the newer one.

        Args:
            fields: what to add up: ``field``, ``field:function`` or ``alias:function(field)``; all numbers where it is
                empty. Fields that have no sum are left out.
            groupby: names of fields, dates with a period (by default the month).
            lazy: group by the first of `groupby` only; ``__context`` has the rest, and the number of records is called
                ``<field>_count`` instead of ``__count``.

        Returns:
            one dictionary per group: its values by the names in `groupby` and `fields`, the number of records,
            ``__domain`` (`domain` and the group's), and for dates ``__range`` (``from`` and ``to`` by name).
        """
        every = [groupby] if isinstance(groupby, str) else list(groupby or ())
        asked = every[:1] if lazy else every
        specs = [self._with_period(spec) for spec in asked]
        measures = self._measures(fields, {spec.partition(":")[0] for spec in asked})
        aggregates = [*measures.values(), "__count"]
        order = _named_order(orderby or None, specs, aggregates)
        rows = self._read_group(domain, specs, aggregates, offset=offset, limit=limit, order=order)
        self._load_group_names(specs, rows)
        counted = f"{asked[0].partition(':')[0]}_count" if lazy and asked else "__count"
        result = []
        for row in rows:
            entry: dict[str, Any] = dict(zip(measures, row[len(specs) : -1], strict=True))
            ranges: dict[str, Any] = {}
            extra: list[Any] = []
            for name, spec, value in zip(asked, specs, row, strict=False):
                leaves = self._group_domain(spec, value)
                extra += leaves
                entry[name] = self._shown_group(spec, value)
                if ":" in spec:
                    entry[name] = entry[name] and entry[name][1]
                    ranges[name] = value and {"from": leaves[0][2], "to": leaves[1][2]}
            entry |= {counted: row[-1], "__domain": list(Domain(domain or ()) & Domain(extra))}
            entry |= {"__range": ranges} if ranges else {}
            entry |= {"__context": {"group_by": every[1:]}} if lazy and len(every) > 1 else {}
            result.append(entry)
        return result

    # -- the parts -------------------------------------------------------------------------------------------------

    def _with_period(self, spec: str) -> str:
        field = self._fields.get(spec)
        return f"{spec}:month" if field is not None and field.type in ("date", "datetime") else spec

    def _measures(self, fields: Any, grouped: set[str]) -> dict[str, str]:
        """Name in the result -> aggregate; without names, of all numbers that add up."""
        if not fields:
            fields = [
                name
                for name, field in self._fields.items()
                if field.aggregator and field.column_backed and name != "id" and self._field_allowed(field)
            ]
        result = {}
        for spec in fields:
            match = _MEASURE.fullmatch(spec)
            if match is None or (match["name"] or match["alias"]) not in self._fields:
                if spec == "__count":
                    continue
                raise ValidationError(f"{self._description} ({self._name}) cannot add up {spec!r}", fields=[spec])
            name = match["name"] or match["alias"]
            function = match["function"] or self._fields[name].aggregator
            if function and name not in grouped:
                result[match["alias"]] = f"{name}:{function}"
        return result

    def _load_group_names(self, specs: list[str], rows: list[Any]) -> None:
        """Load the names of all links of the groups together; what a group is called is no secret to who sees it."""
        for position, spec in enumerate(specs):
            field = self._fields[spec.partition(":")[0]]
            if field.relational:
                ids = dict.fromkeys(id_ for row in rows for id_ in row[position].ids)
                self.env(su=True)[field.comodel_name].browse(list(ids)).mapped("display_name")

    def _shown_group(self, spec: str, value: Any) -> Any:
        name, _, granularity = spec.partition(":")
        field = self._fields[name]
        if field.relational:
            return (value.id, value.sudo().display_name) if value else False
        if granularity and value:
            return field.to_string(value), _period_label(value, granularity, self.env.lang)
        return field.convert_to_read(value, self)

    def _group_domain(self, spec: str, value: Any) -> list[Any]:
        """The conditions, all of which the records of a group meet."""
        name, _, granularity = spec.partition(":")
        field: Field = self._fields[name]
        if granularity and value:
            bounds = field.to_string(value), field.to_string(period_end(value, granularity))
            return [(name, ">=", bounds[0]), (name, "<", bounds[1])]
        return [(name, "=", (value.id or False) if field.relational else value)]


def _named_order(order: str | None, specs: list[str], aggregates: list[str]) -> str | None:
    """`order`, in which a field may stand for its group or else its aggregate."""
    if not order:
        return None
    known = [*specs, *aggregates]
    terms = []
    for name, descending in parse_order(order):
        spec = name if name in known else next((each for each in known if each.partition(":")[0] == name), name)
        terms.append(f"{spec} desc" if descending else spec)
    return ", ".join(terms)


def _period_label(start: date, granularity: str, lang: str | None) -> str:
    for locale in (lang or "en_US", "en_US"):  # the second for a language that Babel does not know
        try:
            return format_datetime(start, _PATTERNS[granularity], locale=locale)
        except (UnknownLocaleError, ValueError, OverflowError):
            continue
    return start.isoformat()[:10]  # the last week of the calendar, in data from before the bounds

"""Related fields: a value at the end of a path of links, computed, written and searched along that path."""

from __future__ import annotations

from typing import Any

from core.exceptions import ValidationError
from core.orm.domain import Domain


class RelatedPath:
    """The part of a field that follows ``related="order_id.partner_id.name"``."""

    args: dict[str, Any]
    name: str
    type: Any
    related: Any
    model_name: str
    relational: Any
    assign: Any
    cache_of: Any
    store: Any
    groups: str | None

    def setup_related(self, env: Any) -> None:
        """Complete a related field from the field at the end of its path."""
        target = self.related_field(env)
        if target.type != self.type and not (self.type == "char" and target.type in ("text", "selection")):
            raise ValidationError(f"{self}: the related field {target} is of type {target.type}, not {self.type}")
        for key in ("string", "help", *self.related_attributes()):
            if key not in self.args:
                setattr(self, key, getattr(target, key))
        if "groups" not in self.args:
            self.groups = target.related_groups(env)

    def related_groups(self, env: Any) -> str | None:
        """The groups that may see this field: its own, or else those of the field that it is taken from."""
        if not self.related or "groups" in self.args:
            return self.groups
        return str(found) if (found := self.related_field(env).related_groups(env)) else None

    def related_attributes(self) -> tuple[str, ...]:
        """The attributes that a related field of this type takes over from its target."""
        return ()

    def related_field(self, env: Any) -> Any:
        """The field at the end of the related path."""
        model = env[self.model_name]
        for name in self.related[:-1]:
            model = env[model._fields[name].comodel_name]
        return model._fields[self.related[-1]]

    def _compute_related(self, records: Any) -> None:
        """Follow the path and take over the value at its end, for all records in step as long as links are simple."""
        ends, model = list(records._ids), records
        for name in self.related[:-1]:
            link = model._fields[name]
            if link.type != "many2one":
                self._compute_related_singly(records)
                return
            found = dict(zip(model._ids, link.cached_values(model), strict=True))
            ends = [found.get(id_) for id_ in ends]
            model = link.joined(model, ends)
        target = model._fields[self.related[-1]]
        if target.type != self.type or target.type in ("one2many", "many2many"):
            self._compute_related_singly(records)
            return
        values = dict(zip(model._ids, target.cached_values(model), strict=True))
        values[None] = target.null
        if not self.store:
            self.cache_of(records.env).update((id_, values[end]) for id_, end in zip(records._ids, ends, strict=True))
            return
        for record, end in zip(records, ends, strict=True):
            self.assign(record, values[end])

    def _compute_related_singly(self, records: Any) -> None:
        """The same record by record: where a path leads through lines, or the types differ."""
        for record in records:
            target = record
            for step in self.related[:-1]:
                target = target[step][:1]
            self.__set__(record, target[self.related[-1]])

    def _inverse_related(self, records: Any) -> None:
        """Write the value of each record at the end of its path."""
        self.write_through([(record, record[self.name]) for record in records])

    def write_through(self, pairs: list[tuple[Any, Any]]) -> None:
        """Write values (write format) at the end of the path of each record, with the user's own rights.

        The same value goes to all its targets at once, and to each target once: lines are not made twice for two
        records that share one.
        """
        groups: dict[int, tuple[Any, Any]] = {}
        for record, value in pairs:
            target = record.sudo()
            for step in self.related[:-1]:
                target = target[step][:1]
            if target:
                target = target.with_env(record.env)
                known = groups.get(id(value))
                groups[id(value)] = (known[0] | target if known else target, value)
        for targets, value in groups.values():
            targets.write({self.related[-1]: value})

    def _search_related(self, model: Any, operator: str, value: Any) -> Domain:
        return Domain(".".join(self.related), operator, value)

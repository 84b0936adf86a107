"""`web_read` and its relatives: records, what their links lead to and their lines, as one specification asks.

A specification names fields; a link or lines may say in turn what of them is wanted::

    {"name": {}, "partner_id": {"fields": {"display_name": {}}}, "line_ids": {"fields": {"quantity": {}}, "limit": 40}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.exceptions import ValidationError
from core.orm.argument_types import Count, DomainLike, Id, Order, Specification, Values
from core.orm.decorators import model as model_method
from core.orm.decorators import public, readonly
from core.orm.fields.base import Field

#: What the part of a specification that is about one field may say.
_MEMBERS = frozenset({"fields", "limit", "order", "context"})


class Specified:
    """Reading and saving by specification; a part of every model."""

    __slots__ = ()

    @public(any_user=True)
    @readonly
    def web_read(self, specification: Specification) -> list[dict[str, Any]]:
        """The fields of each record that `specification` names, and ``id``.

        A link is its id, or with ``fields`` a dictionary of these (``id`` among them); False where it is unset. Lines
        are ids, or with ``fields`` dictionaries, in ``order`` (several names at once, as in `search`); beyond ``limit``
        only their ids are given. ``context`` is added to that in which a link or the lines are read.
        The number of statements does not grow with that of the records.

        Raises:
            AccessError: for a record or field that may not be read. The name of what a link leads to is always shown.
            ValidationError: for a field that there is not, or a specification of another shape.
        """
        specification = self._checked_specification(specification)
        # without any name, `read` would give all fields
        rows = self.read([*specification] or ["id"], load=None)
        for name, wanted in specification.items():
            field = self._fields[name]
            if "fields" not in wanted:
                continue
            if field.type == "many2one":
                self._specify_links(field, wanted, rows)
            elif field.relational:
                self._specify_lines(field, wanted, rows)
        return rows

    @public(any_user=True)
    @readonly
    @model_method
    def web_search_read(
        self,
        domain: DomainLike,
        specification: Specification,
        offset: Count = 0,
        limit: Count | None = None,
        order: Order | None = None,
        count_limit: Count | None = None,
    ) -> dict[str, Any]:
        """``records``, one page of those that match `domain` as `web_read` gives them, and ``length``, how many match.

        Counting stops at `count_limit` (but never before the end of the page).
        """
        names = [*self._checked_specification(specification)]
        self._check_field_groups(names, "read")
        page = self.search_fetch(domain, names, offset, limit, order)
        length = offset + len(page)
        if (limit and len(page) >= limit) or (offset and not page):
            length = self.search_count(domain, limit=max(count_limit, length) if count_limit else None)
        return {"length": length, "records": page.web_read(specification)}

    @public(any_user=True)
    def web_save(self, vals: Values, specification: Specification, next_id: Id | None = None) -> list[dict[str, Any]]:
        """Write `vals` on the records, or create one of them where there are none; then `web_read` the result.

        Args:
            next_id: read this record instead of the saved ones.
        """
        saved = self
        if self:
            self.write(dict(vals))
        else:
            saved = self.create(dict(vals))
        return (self.browse(next_id) if next_id else saved).web_read(specification)

    # -- the parts -------------------------------------------------------------------------------------------------

    def _checked_specification(self, specification: Any) -> dict[str, Mapping[str, Any]]:
        if not isinstance(specification, Mapping):
            raise ValidationError("A specification is a dictionary from names of fields to what is wanted of them.")
        result: dict[str, Mapping[str, Any]] = {}
        for name in self._readable_names(specification) if specification else ():
            wanted = specification[name] or {}
            if not isinstance(wanted, Mapping) or wanted.keys() - _MEMBERS:
                known = ", ".join(sorted(_MEMBERS))
                raise ValidationError(f"{self._description}: of {name!r} a specification says {known}", fields=[name])
            parts = [wanted[member] for member in ("fields", "context") if member in wanted]
            if not all(isinstance(part, Mapping) for part in parts):
                raise ValidationError(f"{name!r}: what a specification asks is a dictionary", fields=[name])
            result[name] = wanted
        return result

    def _specify_links(self, field: Field, wanted: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
        """Put dictionaries in place of the ids of a link, all linked records read together."""
        ids = dict.fromkeys(row[field.name] for row in rows if row[field.name])
        linked = self._linked(field, ids, wanted)
        inner = {name: part for name, part in wanted["fields"].items() if name not in ("id", "display_name")}
        # who sees the link sees its name, as in `read`; the rest takes the right to read the linked record
        found = (
            {values["id"]: values for values in linked.web_read(inner)} if inner else {id_: {"id": id_} for id_ in ids}
        )
        if "display_name" in wanted["fields"]:
            for record in linked.sudo():
                found[record.id]["display_name"] = record.display_name
        for row in rows:
            row[field.name] = dict(found[row[field.name]]) if row[field.name] else False

    def _specify_lines(self, field: Field, wanted: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
        """Put dictionaries in place of the ids of lines, the shown lines of all records read together."""
        if wanted.get("order"):
            ids = dict.fromkeys(id_ for row in rows for id_ in row[field.name])
            sorted_ids = self._linked(field, ids, wanted).with_context(active_test=False)
            order = sorted_ids.search([("id", "in", list(ids))], order=wanted["order"])
            rank = {id_: position for position, id_ in enumerate(order.ids)}
            for row in rows:
                row[field.name] = sorted((id_ for id_ in row[field.name] if id_ in rank), key=rank.__getitem__)
        limit = wanted.get("limit") or None
        shown = dict.fromkeys(id_ for row in rows for id_ in row[field.name][:limit])
        found = {values["id"]: values for values in self._linked(field, shown, wanted).web_read(wanted["fields"])}
        for row in rows:
            first, rest = row[field.name][:limit], row[field.name][limit:] if limit else []
            row[field.name] = [*(dict(found[id_]) for id_ in first), *({"id": id_} for id_ in rest)]

    def _linked(self, field: Field, ids: Any, wanted: Mapping[str, Any]) -> Any:
        """The records of these ids that `field` leads to, with the context that is asked for."""
        return self.env[field.comodel_name].with_context(**wanted.get("context") or {}).browse(list(ids))

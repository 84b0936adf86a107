"""What the models ask of access control: rights per model, rules per record, groups per field.

The answers come from ``registry.access``, which core's base addon provides; without it everything is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Self, get_args

from core.exceptions import AccessError, MissingError
from core.orm.argument_types import Operation
from core.orm.commands import Command
from core.orm.decorators import model as model_method
from core.orm.decorators import public, readonly
from core.orm.domain import Domain, to_predicate
from core.orm.fields.base import Field


class OpenAccess:
    """The access control of a registry without users: everything is allowed."""

    def check(self, env: Any, model_name: str, operation: str) -> None:
        """Never refuses."""

    def allowed(self, env: Any, model_name: str, operation: str) -> bool:
        """Always True."""
        return True

    def rule_domain(self, env: Any, model_name: str, operation: str) -> Domain:
        """No rules."""
        return Domain.TRUE

    def field_groups_allowed(self, env: Any, field: Field) -> bool:
        """Always True."""
        return True

    def refuse_records(self, records: Any, operation: str) -> AccessError:
        """The error for records that a rule forbids."""
        return AccessError(records.env._("%(records)s: a record rule forbids this.", records=records._described()))

    def refuse_change(self, records: Any) -> AccessError:
        """The error for a change after which a rule forbids changing the records."""
        return self.refuse_records(records, "write")


class Rights:
    """Access checks; a part of every model."""

    __slots__ = ()

    def check_access(self, operation: str) -> None:
        """Raise AccessError unless the user may ``read``, ``write``, ``create`` or ``unlink`` all these records."""
        self._check_access_of(operation)

    @public(any_user=True)
    @readonly
    def has_access(self, operation: Operation) -> bool:
        """Whether `check_access` would pass."""
        if self.env.su:
            return True
        if not self.env.registry.access.allowed(self.env, self._name, operation):
            return False
        return len(self._filtered_access(operation)) == len(self)

    @public(any_user=True)
    @readonly
    @model_method
    def check_access_rights(self, operation: Operation, raise_exception: bool = True) -> bool:
        """Whether the user has the right `operation` on the model as such."""
        if raise_exception:
            self._check_model_access(operation)
            return True
        return self.env.su or self.env.registry.access.allowed(self.env, self._name, operation)

    def _check_model_access(self, operation: str) -> None:
        if not self.env.su:
            self.env.registry.access.check(self.env, self._name, operation)

    def _rule_domain(self, operation: str) -> Domain:
        if self._transient:
            return Domain("create_uid", "=", self.env.uid)
        return self.env.registry.access.rule_domain(self.env, self._name, operation)

    def _filtered_access(self, operation: str) -> Self:
        """Those of the records that the user may work on with `operation`."""
        if self.env.su or not self:
            return self
        if not self.env.registry.access.allowed(self.env, self._name, operation):
            return self.browse()
        return self._filtered_by_rules(operation)

    def _filtered_by_rules(self, operation: str) -> Self:
        """Those of the records on which the rules allow `operation`; whether the model is allowed is not asked."""
        rules = self._rule_domain(operation)
        if rules == Domain.TRUE:
            return self
        matches = to_predicate(rules, self.sudo().browse())
        return self._keep(record for record in self if not record._ids[0] or matches(record.sudo()))

    def _check_changed(self, names: Iterable[str]) -> None:
        """Raise AccessError when the fields `names`, just written, took records out of what the user may change.

        Rules are asked again only where one of them may read what was written.
        """
        rules = self._rule_domain("write")
        if rules == Domain.TRUE:
            return
        asked = set(_fields_asked(rules, self))
        written = {self._fields[name] for name in names}
        if (
            asked.isdisjoint(written)
            and not any(field.inverse or field.type in ("one2many", "many2many") for field in written)
            and not any(map(self.env._tocompute.get, asked))
        ):
            return
        refused = self - self._filtered_by_rules("write")
        if refused:
            raise self.env.registry.access.refuse_change(refused)

    def _check_links(self, vals_list: Iterable[dict[str, Any]]) -> None:
        """Raise AccessError when values link to records that rules hide from the user; links kept may stay.

        A user who may link to a record reads its name. A model without rules hides nothing.
        """
        for name in dict.fromkeys(name for vals in vals_list for name in vals):
            field = self._fields[name]
            if field.type not in ("many2one", "many2many") or field.inherited:
                continue
            targets = self.env[field.comodel_name]
            if targets._transient or targets._rule_domain("read") == Domain.TRUE:
                continue
            ids = dict.fromkeys(
                id_ for vals in vals_list if vals.get(name) for id_ in _linked_ids(field, vals[name], self.browse())
            )
            targets = targets._with_ids(ids)
            try:
                hidden = targets - targets._filtered_by_rules("read")
            except MissingError:  # a link to nothing is refused by the database
                targets = targets.exists()
                hidden = targets - targets._filtered_by_rules("read")
            if hidden and self:
                hidden -= self.sudo().with_context(active_test=False).mapped(name)
            if hidden:
                reason = self.env.registry.access.refuse_records(hidden, "read")
                message = self.env._(
                    "%(model)s: %(field)s (%(name)s) cannot be a record that is hidden from you.\n%(reason)s",
                    model=self._description,
                    field=field.string,
                    name=name,
                    reason=reason.message,
                )
                raise AccessError(message, data=reason.data | {"field": name})

    def _check_access_of(self, operation: str) -> None:
        if self.env.su:
            return
        self._check_model_access(operation)
        if self._rule_domain(operation) == Domain.TRUE:
            return
        refused = self - self._filtered_access(operation)
        if refused:
            raise self.env.registry.access.refuse_records(refused, operation)

    def _check_any_right(self) -> None:
        """Raise AccessError for a model that the user may neither read, write, create nor delete records of."""
        access = self.env.registry.access
        if not self.env.su and not any(access.allowed(self.env, self._name, each) for each in get_args(Operation)):
            access.check(self.env, self._name, "read")

    def _check_readable(self) -> None:
        if not self.env.su:
            self._check_model_access("read")

    def _field_allowed(self, field: Field) -> bool:
        return not field.groups or self.env.su or self.env.registry.access.field_groups_allowed(self.env, field)

    def _field_shown(self, field: Field) -> bool:
        """Whether views have a place for the field: some records may let a user see more than the model does."""
        return self._field_allowed(field)

    def _check_field_groups(self, names: Iterable[str], operation: str) -> None:
        refused = [name for name in names if not self._field_allowed(self._fields[name])]
        if refused:
            raise AccessError(
                self.env._(
                    "%(model)s: you are not allowed to %(operation)s the field(s) %(fields)s.",
                    model=self._description,
                    operation=operation,
                    fields=", ".join(refused),
                )
            )


def _fields_asked(domain: Domain, model: Any) -> Iterator[Field]:
    """The fields that a domain of `model` reads, those along its paths and in its sub-domains included."""
    for leaf in domain.iter_conditions():
        end = model
        for name in leaf.field_expr.split("."):
            field = end._fields.get(name)
            if field is None:  # a part of a value, such as the month of a date
                break
            yield field
            end = end.env[field.comodel_name] if field.relational else end
        if isinstance(leaf.value, Domain):
            yield from _fields_asked(leaf.value, end)


def _linked_ids(field: Field, value: Any, model: Any) -> list[int]:
    """The ids of the stored records that a written value of a many2one or many2many links to."""
    if field.type == "many2one":
        id_ = field.convert_to_cache(value, model)
        return [id_] if id_.__class__ is int else []
    found: list[int] = []
    for kind, id_, values in field.normalise(value, model):  # type: ignore[attr-defined]
        found += [id_] if kind == Command.LINK else list(values) if kind == Command.SET else []
    return [id_ for id_ in found if id_.__class__ is int]

"""What the models ask of access control: rights per model, rules per record, groups per field.

The answers come from ``registry.access``, which core's base addon provides; without it everything is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from core.exceptions import AccessError
from core.orm.decorators import model as model_method
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


class Rights:
    """Access checks; a part of every model."""

    __slots__ = ()

    def check_access(self, operation: str) -> None:
        """Raise AccessError unless the user may ``read``, ``write``, ``create`` or ``unlink`` all these records."""
        self._check_access_of(operation)

    def has_access(self, operation: str) -> bool:
        """Whether `check_access` would pass."""
        if self.env.su:
            return True
        if not self.env.registry.access.allowed(self.env, self._name, operation):
            return False
        return len(self._filtered_access(operation)) == len(self)

    @model_method
    def check_access_rights(self, operation: str, raise_exception: bool = True) -> bool:
        """Whether the user has the right `operation` on the model as such."""
        if raise_exception:
            self._check_model_access(operation)
            return True
        return self.env.su or self.env.registry.access.allowed(self.env, self._name, operation)

    def _check_model_access(self, operation: str) -> None:
        if not self.env.su and not self._transient:
            self.env.registry.access.check(self.env, self._name, operation)

    def _rule_domain(self, operation: str) -> Domain:
        if self._transient:
            return Domain("create_uid", "=", self.env.uid)
        return self.env.registry.access.rule_domain(self.env, self._name, operation)

    def _filtered_access(self, operation: str) -> Self:
        """Those of the records that the user may work on with `operation`."""
        if self.env.su or not self:
            return self
        if not self._transient and not self.env.registry.access.allowed(self.env, self._name, operation):
            return self.browse()
        rules = self._rule_domain(operation)
        if rules == Domain.TRUE:
            return self
        matches = to_predicate(rules, self.sudo().browse())
        return self._keep(record for record in self if not record._ids[0] or matches(record.sudo()))

    def _check_access_of(self, operation: str) -> None:
        if self.env.su:
            return
        self._check_model_access(operation)
        if self._rule_domain(operation) == Domain.TRUE:
            return
        refused = self - self._filtered_access(operation)
        if refused:
            raise self.env.registry.access.refuse_records(refused, operation)

    def _check_readable(self) -> None:
        if not self.env.su:
            self._check_model_access("read")

    def _field_allowed(self, field: Field) -> bool:
        return not field.groups or self.env.su or self.env.registry.access.field_groups_allowed(self.env, field)

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

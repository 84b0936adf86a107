"""Defaults: what new records have where their values say nothing.

The ``default_...`` of the context come first, then ir.default for the user, the company or all, then the fields' own.
"""

from __future__ import annotations

from typing import Any

from core.orm.fields.base import Field

#: What the server notes of a record itself; values for them count for superuser code only.
LOG_FIELDS = ("create_uid", "create_date", "write_uid", "write_date", "parent_path")

_NOT_SENT = object()


class Defaults:
    """The defaults of `create`; a part of every model."""

    __slots__ = ()

    def _add_chosen_defaults(self, vals_list: list[dict[str, Any]]) -> None:
        """Add the defaults that users or code chose; they pass the same checks as values."""
        for name, value in self._chosen_defaults().items():
            if name in self._settled and self._may_settle():
                continue  # the values of a service say the state, or the field's own default
            for vals in vals_list:
                vals.setdefault(name, value)
        if self._settled and not self._may_settle():
            self._check_first_values(vals_list)

    def _chosen_defaults(self) -> dict[str, Any]:
        """The ``default_...`` of the context, and of ir.default: what `create` takes of them, by field name.

        Nothing of fields that the user may not write, nor of computed ones. What a client sent along is no way to let
        superuser code do what its user may not: there it counts only where the user may create such records, and lines
        never.
        """
        context = {key[8:]: value for key, value in self.env.context.items() if key.startswith("default_")}
        chosen = self._user_defaults() | context
        if not chosen:
            return {}
        skipped = {*self._delegated_names, *self._inherits.values(), *LOG_FIELDS}
        user, sent = self.sudo(False), self.env._transaction.client_defaults
        lifted = self.env.su and not user.env.su  # the superuser's own calls are not
        may_create = not lifted or user.check_access_rights("create", False)
        result = {}
        for name, value in chosen.items():
            field = self._fields.get(name)
            if field is None or name in skipped:
                continue
            by_code = self.env.su and name in context and sent.get(f"default_{name}", _NOT_SENT) != value
            lines = lifted and field.type in ("one2many", "many2many")
            if by_code or (may_create and not lines and user._takes_default(field)):
                result[name] = value
        return result

    def _takes_default(self, field: Field) -> bool:
        """Whether the user may choose what new records have of `field`."""
        if field.stored_compute and field.readonly and not field.inverse and field.name not in self._settled:
            return False
        return self._field_allowed(field)

    def _add_defaults(self, vals_list: list[dict[str, Any]]) -> None:
        """Add the defaults of the fields themselves."""
        for name, field in self._default_fields.items():
            if field.constant_default:
                value = field.default
                for vals in vals_list:
                    if name not in vals:
                        vals[name] = value
            else:
                for vals in vals_list:
                    if name not in vals:
                        vals[name] = field.default_value(self)

    def _user_defaults(self) -> dict[str, Any]:
        """The defaults that are set for this model, if the database keeps such.

        Superuser code takes those that users set for themselves only where they may create such records.
        """
        if "ir.default" not in self.env.registry.models:
            return {}
        own = not self.env.su or self.sudo(False).check_access_rights("create", False)
        return self.env["ir.default"]._get_model_defaults(self._name, own=own)

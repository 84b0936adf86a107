"""System parameters: settings of the database that programs look up by key."""

from __future__ import annotations

import secrets
from typing import Any

from core import api, fields, models
from core.api import Domain, _
from core.base.services.caching import cached
from core.exceptions import AccessError, ValidationError

#: Made on first use, never the same in two databases.
SECRET_KEYS = {
    "database.secret": lambda: secrets.token_hex(32),
    "database.uuid": lambda: secrets.token_hex(16),
    "web.secret": lambda: secrets.token_urlsafe(48),
}
#: What sessions and forms are signed with: for the program alone. A reader of them could make valid ones.
HIDDEN = frozenset({"database.secret", "web.secret"})


class IrConfigParameter(models.Model):
    """A key with a text value."""

    _name = "ir.config_parameter"
    _inherit = ["cached.mixin"]
    _description = "System Parameter"
    _order = "key"
    _rec_name = "key"

    key = fields.Char(required=True)
    value = fields.Text(required=True)

    _key_unique = models.UniqueIndex("(key)", "There is already a parameter with this key.")

    @api.public(any_user=True)
    @api.model
    def get_param(self, key: str, default: Any = False) -> Any:
        """Return the value of a parameter as text, or `default`. Needs the right to read parameters."""
        self.env.registry.access.check(self.env, self._name, "read")
        if key in HIDDEN and not self.env.su:
            raise AccessError(
                _("The parameter %(key)s is for the program alone.", key=key),
                code="base.parameter_hidden",
                data={"key": key},
            )
        found = cached(self.env, "parameters", "", self._read_all).get(key)
        if found is None and key in SECRET_KEYS and not self.env.cr.readonly:
            found = SECRET_KEYS[key]()
            self.sudo().create({"key": key, "value": found})
        return default if found is None else found

    @api.model
    def _make_secrets(self) -> None:
        """Make the keys of `SECRET_KEYS` that are missing; called at install, so that reading them never writes."""
        for key in SECRET_KEYS:
            self.get_param(key)

    def _read_all(self) -> dict[str, str]:
        return {row.key: row.value for row in self.env.cr.execute("SELECT key, value FROM ir_config_parameter")}

    @api.public(any_user=True)
    @api.model
    def set_param(self, key: str, value: Any) -> str | bool:
        """Set a parameter and return its previous value, or False; an empty value removes it.

        Args:
            key: e.g. "inventory.default_policy".
            value: kept as text; False and None remove the parameter.
        """
        row = self.search([("key", "=", key)])
        old = row.value
        if value is None or value is False or value == "":
            row.unlink()
        elif not row:
            self.create({"key": key, "value": str(value)})
        elif old != str(value):
            row.value = str(value)
        return old

    def _rule_domain(self, operation: str) -> Domain:
        # No record rule, which an administrator could switch off.
        return super()._rule_domain(operation) & Domain("key", "not in", sorted(HIDDEN))

    @api.constrains("key")
    def _check_key(self) -> None:
        for row in self:
            if row.key != row.key.strip() or not row.key:
                raise ValidationError(_("A key cannot be empty or start or end with a space."), fields=["key"])

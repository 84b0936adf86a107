"""Access rights: which group may do what with the records of a model."""

from __future__ import annotations

from typing import Any

from core import api, fields, models
from core.base.services.caching import invalidate


class IrModelAccess(models.Model):
    """Grants operations on a model to a group, or to everyone when no group is set. What is not granted is refused."""

    _name = "ir.model.access"
    _description = "Access Right"
    _order = "model_id, group_id, name, id"

    name = fields.Char(required=True, index=True)
    active = fields.Boolean(default=True)
    model_id = fields.Many2one("ir.model", string="Model", required=True, ondelete="cascade", index=True)
    group_id = fields.Many2one(
        "res.groups", string="Group", ondelete="restrict", index=True, help="Empty: everyone, visitors included"
    )
    perm_read = fields.Boolean(string="Read Access")
    perm_write = fields.Boolean(string="Write Access")
    perm_create = fields.Boolean(string="Create Access")
    perm_unlink = fields.Boolean(string="Delete Access")

    @api.model
    def check(self, model: str, mode: str = "read", raise_exception: bool = True) -> bool:
        """Return whether the user may perform `mode` on `model`; with `raise_exception`, refuse in plain words."""
        access = self.env.registry.access
        if raise_exception:
            access.check(self.env, model, mode)
        return access.allowed(self.env, model, mode)

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> IrModelAccess:
        """Grant rights; they count at once in this transaction, elsewhere from the commit on."""
        records = super().create(vals_list)
        invalidate(self.env)
        return records

    def write(self, vals: dict[str, Any]) -> bool:
        """Change rights; see `create`."""
        result = super().write(vals)
        invalidate(self.env)
        return result

    def unlink(self) -> bool:
        """Withdraw rights; see `create`."""
        result = super().unlink()
        invalidate(self.env)
        return result

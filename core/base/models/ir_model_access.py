"""Access rights: which group may do what with the records of a model."""

from __future__ import annotations

from core import api, fields, models


class IrModelAccess(models.Model):
    """Grants operations on a model to a group, or to everyone when no group is set. What is not granted is refused."""

    _name = "ir.model.access"
    _inherit = ["cached.mixin"]
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

    @api.public(any_user=True)
    @api.readonly
    @api.model
    def check(self, model: api.Name, mode: api.Operation = "read", raise_exception: bool = True) -> bool:
        """Return whether the user may perform `mode` on `model`; with `raise_exception`, refuse in plain words."""
        access = self.env.registry.access
        if raise_exception:
            access.check(self.env, model, mode)
        return access.allowed(self.env, model, mode)

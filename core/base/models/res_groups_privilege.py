"""Privileges: groups of one field of work, of which a user normally has one (User, Administrator)."""

from __future__ import annotations

from core import fields, models


class ResGroupsPrivilege(models.Model):
    """A choice on the user's form: "Inventory: User / Administrator"."""

    _name = "res.groups.privilege"
    _description = "Privilege"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Text(translate=True)
    placeholder = fields.Char(default="No", translate=True, help="Shown when the user has none of the groups")
    sequence = fields.Integer(default=100)
    category_id = fields.Many2one("ir.module.category", string="Category", ondelete="set null", index=True)
    group_ids = fields.One2many("res.groups", "privilege_id", string="Groups")

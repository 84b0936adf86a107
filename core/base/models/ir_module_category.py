"""Categories: the headings under which addons and their groups are shown."""

from __future__ import annotations

from core import fields, models


class IrModuleCategory(models.Model):
    """A heading such as "Inventory" or "Administration"."""

    _name = "ir.module.category"
    _description = "Application Category"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Text(translate=True)
    sequence = fields.Integer(default=10)
    visible = fields.Boolean(default=True)
    parent_id = fields.Many2one("ir.module.category", string="Parent Category", ondelete="restrict")
    child_ids = fields.One2many("ir.module.category", "parent_id", string="Child Categories")
    privilege_ids = fields.One2many("res.groups.privilege", "category_id", string="Privileges")

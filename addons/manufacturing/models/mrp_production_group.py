"""The family of a manufacturing order: the order and everything that was split off it."""

from __future__ import annotations

from core import api, fields, models


class MrpProductionGroup(models.Model):
    """All parts of what began as one order. The name is that of the undivided order, which the parts number on."""

    _name = "mrp.production.group"
    _description = "Production Group"
    _order = "id"

    name = fields.Char("Name", required=True, index=True)
    production_ids = fields.One2many("mrp.production", "production_group_id", "Manufacturing Orders")
    parent_ids = fields.Many2many("mrp.production.group", string="Parents", compute="_compute_relatives")
    child_ids = fields.Many2many("mrp.production.group", string="Children", compute="_compute_relatives")

    @api.depends("production_ids")
    def _compute_relatives(self) -> None:
        """The families that this one makes components for, and those that make its components."""
        for group in self:
            group.parent_ids = group.production_ids._get_sources().production_group_id
            group.child_ids = group.production_ids._get_children().production_group_id

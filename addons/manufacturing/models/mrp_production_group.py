"""The family of a manufacturing order: the order and everything that was split off it."""

from __future__ import annotations

from core import fields, models


class MrpProductionGroup(models.Model):
    """All parts of what began as one order. The name is that of the undivided order, which the parts number on."""

    _name = "mrp.production.group"
    _description = "Production Group"
    _order = "id"

    name = fields.Char("Name", required=True, index=True)
    production_ids = fields.One2many("mrp.production", "production_group_id", "Manufacturing Orders")

"""References of manufacturing orders."""

from __future__ import annotations

from core import fields, models


class StockReference(models.Model):
    """What ties moves together ties their orders together as well."""

    _inherit = "stock.reference"

    production_ids = fields.Many2many("mrp.production", string="Manufacturing Orders")

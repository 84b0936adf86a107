"""Reordering rules for products that are made."""

from __future__ import annotations

from core import fields, models


class StockWarehouseOrderpoint(models.Model):
    """A reordering rule may say which bill its orders follow."""

    _inherit = "stock.warehouse.orderpoint"

    bom_id = fields.Many2one("mrp.bom", "Bill of Materials", help="Empty: the first one that applies.")
    production_ids = fields.One2many("mrp.production", "orderpoint_id", "Manufacturing Orders")

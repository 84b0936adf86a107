"""One component in the consumption warning."""

from __future__ import annotations

from core import fields, models


class MrpConsumptionWarningLine(models.TransientModel):
    """A component: how much was expected, how much is consumed."""

    _name = "mrp.consumption.warning.line"
    _description = "Consumption Warning Line"

    mrp_consumption_warning_id = fields.Many2one(
        "mrp.consumption.warning", "Consumption Warning", required=True, ondelete="cascade"
    )
    mrp_production_id = fields.Many2one("mrp.production", "Manufacturing Order", required=True, ondelete="cascade")
    consumption = fields.Selection(related="mrp_production_id.consumption")
    product_id = fields.Many2one("product.product", "Product", required=True)
    product_uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    product_expected_qty_uom = fields.Quantity("To Consume")
    product_consumed_qty_uom = fields.Quantity("Consumed")

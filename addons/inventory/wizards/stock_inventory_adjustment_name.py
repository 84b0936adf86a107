"""The question why stock is adjusted."""

from __future__ import annotations

from core import api, fields, models


class StockInventoryAdjustmentName(models.TransientModel):
    """A reason for counted differences; it stays on the movements."""

    _name = "stock.inventory.adjustment.name"
    _description = "Inventory Adjustment Reference / Reason"

    quant_ids = fields.Many2many("stock.quant", "stock_adjustment_quant_rel", "wizard_id", "quant_id", "Counts")
    inventory_adjustment_name = fields.Char("Reason", default="Physical Inventory", required=True)

    @api.public(access="write")
    def action_apply(self):
        """Apply the counts with this reason; stock that has moved since is asked about as always."""
        return self.quant_ids.action_apply_inventory(answers={"reason": self.inventory_adjustment_name})

"""The question which figure holds when stock has moved since it was counted."""

from __future__ import annotations

from core import api, fields, models


class StockInventoryConflict(models.TransientModel):
    """Asked before a count is applied that the books have overtaken."""

    _name = "stock.inventory.conflict"
    _description = "Conflict in Inventory"

    quant_ids = fields.Many2many("stock.quant", "stock_conflict_quant_rel", "wizard_id", "quant_id", "Counts")
    quant_to_fix_ids = fields.Many2many("stock.quant", "stock_conflict_fix_rel", "wizard_id", "quant_id", "Moved Since")
    reason = fields.Char("Reason", help="What the movements keep, where it was given before")

    @api.public(access="write")
    def action_keep_counted_quantity(self):
        """What was counted is there now."""
        return self._answer("counted")

    @api.public(access="write")
    def action_keep_difference(self):
        """What was counted was there then: the difference found is booked on what is there now."""
        return self._answer("difference")

    def _answer(self, answer):
        answers = {row.id: answer for row in self.quant_to_fix_ids}
        given = {"conflict": answers, "reason": self.reason or ""}
        return self.quant_ids.exists().action_apply_inventory(answers=given)

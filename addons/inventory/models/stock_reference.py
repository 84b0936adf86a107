"""References: what ties together all the movements that one order or production has set off."""

from __future__ import annotations

from core import fields, models


class StockReference(models.Model):
    """A common name for moves that belong together, whatever documents they are in."""

    _name = "stock.reference"
    _description = "Reference between stock documents"
    _order = "id desc"

    name = fields.Char("Reference", required=True, index=True)
    move_ids = fields.Many2many("stock.move", "stock_reference_move_rel", "reference_id", "move_id", "Moves")
    picking_ids = fields.Many2many("stock.picking", compute="_compute_picking_ids", string="Transfers")

    def _compute_picking_ids(self):
        for reference in self:
            reference.picking_ids = reference.move_ids.picking_id

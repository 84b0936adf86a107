"""One product of a return."""

from __future__ import annotations

from decimal import Decimal

from addons.inventory.services import returns
from core import api, fields, models


class StockReturnPickingLine(models.TransientModel):
    """How much of one move comes back, in the product's unit."""

    _name = "stock.return.picking.line"
    _description = "Return Picking Line"

    wizard_id = fields.Many2one("stock.return.picking", "Return", required=True, ondelete="cascade")
    move_id = fields.Many2one("stock.move", "Move", ondelete="cascade")
    product_id = fields.Many2one("product.product", "Product", required=True, ondelete="cascade")
    uom_id = fields.Many2one("uom.uom", related="product_id.uom_id", string="Unit")
    quantity = fields.Quantity("Quantity", default=Decimal(0))
    move_quantity = fields.Quantity("Can Come Back", compute="_compute_move_quantity")
    to_refund = fields.Boolean("Update Quantities on Order", default=True)

    @api.depends("move_id")
    def _compute_move_quantity(self):
        for line in self:
            line.move_quantity = returns.returnable(line.move_id) if line.move_id else Decimal(0)

    @api.seam("return", order=30)
    def _prepare_move_default_values(self, new_picking):
        """The values of the move that brings back what this line says.

        When:
            once for each line of a return that says how much comes back.
        Called by:
            ``inventory.services.returns.create_return``.
        Args:
            new_picking: the transfer that brings it back.
        Returns:
            values for `create` of stock.move.
        Transaction:
            that of the return; it only reads.
        Override:
            add values to those of ``super()``.
        Example::

            class StockReturnPickingLine(models.TransientModel):
                _inherit = "stock.return.picking.line"

                def _prepare_move_default_values(self, new_picking):
                    return super()._prepare_move_default_values(new_picking) | {"priority": "1"}
        """
        self.ensure_one()
        return returns.move_values(self.move_id, new_picking, self.quantity, self.to_refund)

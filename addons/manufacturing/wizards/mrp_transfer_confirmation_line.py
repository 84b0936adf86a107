"""One component that a transfer has not brought yet."""

from __future__ import annotations

from decimal import Decimal

from core import api, fields, models


class MrpTransferConfirmationLine(models.TransientModel):
    """A component: what is consumed of it that a transfer is still to bring, and what there is to bring."""

    _name = "mrp.transfer.confirmation.line"
    _description = "Component Not Transferred Yet"

    wizard_id = fields.Many2one("mrp.transfer.confirmation", "Question", required=True, ondelete="cascade")
    mrp_production_id = fields.Many2one("mrp.production", "Manufacturing Order", required=True, ondelete="cascade")
    move_id = fields.Many2one("stock.move", "Transfer Move", required=True, ondelete="cascade")
    picking_id = fields.Many2one(related="move_id.picking_id", string="Transfer")
    product_id = fields.Many2one("product.product", "Component", required=True)
    product_uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    quantity = fields.Quantity(
        "To Transfer", help="What is consumed now and has not been brought, in the product's unit."
    )
    location_id = fields.Many2one(related="move_id.location_id", string="From")
    available_qty = fields.Quantity(
        "Available", compute="_compute_available_qty", help="Free there, or held by the transfer."
    )

    @api.depends("move_id", "product_id")
    def _compute_available_qty(self) -> None:
        for place, lines in self.grouped("location_id").items():
            products = lines.product_id.with_context(location=place.id)
            free = dict(zip(products.ids, products.mapped("free_qty"), strict=True)) if place else {}
            for line in lines:
                held = line.move_id._in_product_unit(line.move_id.quantity)
                line.available_qty = max(free.get(line.product_id.id, Decimal(0)), Decimal(0)) + held

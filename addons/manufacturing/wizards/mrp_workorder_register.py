"""Register Production: how many a work order has produced."""

from __future__ import annotations

from addons.manufacturing.services import completion_messages
from core import api, fields, models
from core.exceptions import ValidationError


class MrpWorkorderRegister(models.TransientModel):
    """The quantity that was produced at a work order, of the quantity that remains."""

    _name = "mrp.workorder.register"
    _description = "Register Production"

    workorder_id = fields.Many2one("mrp.workorder", "Work Order", required=True, ondelete="cascade")
    qty_producing = fields.Quantity("Quantity")
    qty_remaining = fields.Quantity(related="workorder_id.qty_remaining", string="To Produce")
    product_uom_id = fields.Many2one(related="workorder_id.product_uom_id")

    @api.public(access="write")
    def action_validate(self) -> None:
        """Validate: the order produces so many now."""
        self.ensure_one()
        if self.qty_producing <= 0:
            raise ValidationError(
                self.env._(
                    "Enter how many %(product)s were produced, more than zero.",
                    product=self.workorder_id.product_id.display_name,
                ),
                fields=["qty_producing"],
                code="manufacturing.quantity_not_positive",
            )
        self.workorder_id.qty_producing = self.qty_producing
        if self.qty_producing > self.qty_remaining:
            completion_messages.notify_exceeded(self.workorder_id)

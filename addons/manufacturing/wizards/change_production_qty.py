"""Change how many an order makes."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services import order_changes
from core import api, fields, models


class ChangeProductionQty(models.TransientModel):
    """A new quantity for one order."""

    _name = "change.production.qty"
    _description = "Change Production Quantity"

    mo_id = fields.Many2one("mrp.production", "Manufacturing Order", required=True, ondelete="cascade")
    product_qty = fields.Quantity("Quantity To Produce", required=True)

    @api.public(access="write")
    def change_prod_qty(self) -> Any:
        """Approve: components, reservations and work orders follow the new quantity."""
        for wizard in self:
            order_changes.lock(wizard.mo_id)
            wizard.mo_id._check_transition("action_change_quantity")
            order_changes.change_quantity(wizard.mo_id, wizard.product_qty)
        return None

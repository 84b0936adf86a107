"""The dialog by which clients of the external API create invoices; the web client has buttons."""

from __future__ import annotations

from typing import Any

from core import api, fields, models


class SaleAdvancePaymentInv(models.TransientModel):
    """Draft invoices over all that is to be invoiced of sales orders. Down payments do not exist."""

    _name = "sale.advance.payment.inv"
    _description = "Create Invoices"

    sale_order_ids = fields.Many2many(
        "sale.order",
        "sale_advance_payment_inv_order",
        "wizard_id",
        "order_id",
        "Orders",
        required=True,
        default=lambda self: self._default_orders(),
    )
    advance_payment_method = fields.Selection(
        [("delivered", "Regular Invoice")], "Create Invoice", default="delivered", required=True
    )
    consolidated_billing = fields.Boolean(
        "One Invoice per Customer", default=True, help="Otherwise each order has an invoice of its own"
    )

    @api.model
    def _default_orders(self) -> Any:
        """The orders from which the dialog was opened."""
        return self._active_ids("sale.order")

    @api.public(access="write")
    def create_invoices(self) -> Any:
        """Create the drafts; they are returned."""
        invoices = self.sale_order_ids._create_invoices(grouped=not self.consolidated_billing, final=True)
        self.env.notify(self.env._("Created:"), records=invoices)
        return invoices

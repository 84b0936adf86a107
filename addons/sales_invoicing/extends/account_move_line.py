"""Invoice lines know the order lines that they charge."""

from __future__ import annotations

from typing import Any

from core import fields, models


class AccountMoveLine(models.Model):
    """The order lines and released transfers of an invoice line; a credit note carries them along."""

    _inherit = "account.move.line"

    sale_line_ids = fields.Many2many(
        "sale.order.line", "sale_order_line_invoice_rel", "invoice_line_id", "order_line_id", "Order Lines", copy=False
    )

    release_picking_ids = fields.Many2many(
        "stock.picking",
        "account_move_line_release_picking_rel",
        "invoice_line_id",
        "picking_id",
        "Released Transfers",
        copy=False,
        help="The backorders that this line was created for by Release Backorders",
    )

    def _reversal_values(self) -> dict[str, Any]:
        return super()._reversal_values() | {
            "sale_line_ids": [(6, 0, self.sale_line_ids.ids)],
            "release_picking_ids": [(6, 0, self.release_picking_ids.ids)],
        }

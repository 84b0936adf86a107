"""Invoices know their orders."""

from __future__ import annotations

from typing import Any

from core import api, fields, models


class AccountMove(models.Model):
    """The sales orders that an invoice charges."""

    _inherit = "account.move"

    sale_order_count = fields.Integer("Sale Order Count", compute="_compute_sale_order_count")

    @api.depends("invoice_line_ids.sale_line_ids")
    def _compute_sale_order_count(self) -> None:
        for move in self:
            move.sale_order_count = len(move.sudo().invoice_line_ids.sale_line_ids.order_id)

    @api.public(access="read")
    def action_view_source_sale_orders(self) -> Any:
        """The orders that the invoices charge."""
        return self.sudo().invoice_line_ids.sale_line_ids.order_id.with_env(self.env)

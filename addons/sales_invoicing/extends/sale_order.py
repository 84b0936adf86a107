"""Orders know their invoices, and how far they are invoiced."""

from __future__ import annotations

from typing import Any

from addons.sales_invoicing.services import invoicing, quantities
from core import api, fields, models


class SaleOrder(models.Model):
    """Invoices of an order."""

    _inherit = "sale.order"

    invoice_ids = fields.Many2many("account.move", string="Invoices", compute="_compute_invoice_ids")
    invoice_count = fields.Integer("Invoice Count", compute="_compute_invoice_ids", search=fields.SearchByValue())
    invoice_status = fields.Selection(
        quantities.STATUS, "Invoice Status", compute="_compute_invoice_status", store=True, copy=False, index=True
    )

    @api.depends("order_line.invoice_lines.move_id")
    def _compute_invoice_ids(self) -> None:
        for order in self:
            order.invoice_ids = order.order_line.sudo().invoice_lines.move_id
            order.invoice_count = len(order.invoice_ids)

    @api.depends("state", "order_line.invoice_status", "order_line.display_type")
    def _compute_invoice_status(self) -> None:
        for order in self:
            order.invoice_status = quantities.status_of_order(order)

    @api.public(access="read")
    def action_create_invoices(self) -> Any:
        """Create draft invoices over all that is to be invoiced, and credit notes where more is invoiced than due.

        Raises NothingToInvoice, which says line by line why.
        """
        invoices = self._create_invoices(final=True)
        self.env.notify(self.env._("Created:"), records=invoices)
        return invoices

    @api.public(access="read")
    def action_view_invoice(self) -> Any:
        """The invoices of the orders."""
        return self.invoice_ids

    def _create_invoices(self, grouped: bool = False, final: bool = False, date: Any = None) -> Any:
        """Create draft invoices over what is to be invoiced of the orders; they are returned.

        Args:
            grouped: an invoice for each order; else orders of one company, invoice address and currency share one.
            final: take what is to be credited into account; a document whose total is negative is a credit note.
            date: the date of the invoices; if empty, they get it when they are posted.
        """
        invoicing.lock(self)
        parts = {line: invoicing.Part(line.qty_to_invoice) for line in self._get_invoiceable_lines(final)}
        return invoicing.create(self, parts, grouped=grouped, date=date)

    def _get_invoiceable_lines(self, final: bool = False) -> Any:
        """The lines to be invoiced; with `final` also those to be credited."""
        return self.order_line.filtered(
            lambda line: not line.display_type and (line.qty_to_invoice > 0 or (final and line.qty_to_invoice < 0))
        )

    def _invoice_grouping_key(self) -> tuple[int, ...]:
        """What orders that share an invoice have in common."""
        partner = self.partner_invoice_id or self.partner_id
        return (self.company_id.id, partner.id, self.currency_id.id)

    def _prepare_invoice(self) -> dict[str, Any]:
        """The values of an invoice over these orders, without its lines; addons add what theirs carry."""
        first = self[:1]
        references = [order.client_order_ref for order in self if order.client_order_ref]
        return {
            "partner_id": (first.partner_invoice_id or first.partner_id).id,
            "company_id": first.company_id.id,
            "invoice_user_id": first.user_id.id,
            "invoice_origin": ", ".join(self.mapped("name")),
            "ref": ", ".join(references) or False,
            "narration": first.note,
        }

"""The question of Release Backorders: ship or invoice."""

from __future__ import annotations

from typing import Any

from addons.inventory.services import message_texts
from addons.sales_invoicing.services import release
from core import api, fields, models
from core.rounding import format_number


class SaleReleaseBackorders(models.TransientModel):
    """Asked before backorders are released. It says what each answer will do."""

    _name = "sale.release.backorders"
    _inherit = ["question.mixin"]
    _description = "Release Backorders"
    _question = "release"
    _documents_field = "order_ids"

    order_ids = fields.Many2many(
        "sale.order", "sale_release_backorders_order", "wizard_id", "order_id", "Orders", required=True
    )
    method = fields.Char(default="action_release_backorders")
    ship_text = fields.Text("Ship does this", compute="_compute_texts")
    invoice_text = fields.Text("Invoice does this", compute="_compute_texts")

    @api.depends("order_ids")
    def _compute_texts(self) -> None:
        for wizard in self:
            found = release.outlook(wizard.order_ids)
            ships = [wizard._ship_text(line, found[line]) for line in found if found[line].waiting]
            wizard.ship_text = "\n".join(ships) or self.env._("Nothing is on backorder.")
            charges = [wizard._invoice_text(line, found[line]) for line in found]
            wizard.invoice_text = "\n".join(charges) or self.env._("Nothing is on backorder.")

    def _ship_text(self, line: Any, outlook: release.Outlook) -> str:
        return self.env._(
            "%(product)s: %(available)s of %(waiting)s %(unit)s can be shipped.",
            product=line.product_id.display_name,
            available=format_number(outlook.available),
            waiting=format_number(outlook.waiting),
            unit=line.product_uom_id.name,
        )

    def _invoice_text(self, line: Any, outlook: release.Outlook) -> str:
        if not outlook.charged:
            return release.reason(line, outlook)
        return self.env._(
            "%(product)s: a draft over %(qty)s %(unit)s.",
            product=line.product_id.display_name,
            qty=format_number(outlook.charged),
            unit=line.product_uom_id.name,
        )

    @api.public(access="write")
    def action_ship(self) -> Any:
        """Ship: reserve what is available; the transfers are returned."""
        return self._answer("ship")

    @api.public(access="write")
    def action_invoice(self) -> Any:
        """Invoice: reserve what is available and create draft invoices; they are returned."""
        released = release.invoice(self.order_ids, self._answers_with("ship"))
        self._notify_invoices(released.invoices)
        return released.invoices

    @api.public(access="write")
    def action_ship_and_invoice(self) -> Any:
        """Ship and Invoice: the same, and the transfers are returned; they are released without an invoice as well."""
        released = release.invoice(self.order_ids, self._answers_with("ship"), ship_anyway=True)
        if released.invoices:
            self._notify_invoices(released.invoices)
        else:
            self._notify_reasons()
        return released.pickings or released.invoices

    def _notify_reasons(self) -> None:
        reasons = list(release.reasons(self.order_ids).values())
        text = self.env._("Nothing to invoice. %(reasons)s", reasons=message_texts.first_of(self.env, reasons, " "))
        self.env.notify(text, "warning")

    def _notify_invoices(self, invoices: Any) -> None:
        self.env.notify(self.env._("Created:"), records=invoices)

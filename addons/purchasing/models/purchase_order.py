"""Requests for quotation and purchase orders."""

from __future__ import annotations

from typing import Any

from addons.inventory.services import on_backorder, order_batch, order_guards, order_lines
from addons.purchasing.services import ordering
from core import api, fields, models
from core.api import _, ngettext
from core.exceptions import UserError


class PurchaseOrder(models.Model):
    """An inquiry to a vendor that becomes an order when it is confirmed; a receipt follows from its lines."""

    _name = "purchase.order"
    _description = "Purchase Order"
    _inherit = ["order.mixin"]

    _late_fields = ("date_planned", "state", "receipt_status")

    STATES = [("draft", "RFQ"), ("sent", "RFQ Sent"), ("purchase", "Purchase Order"), ("cancel", "Cancelled")]
    TRANSITIONS = {
        "action_rfq_send": ({"draft"}, "sent"),
        "button_confirm": ({"draft", "sent"}, "purchase"),
        "button_cancel": ({"draft", "sent", "purchase"}, "cancel"),
        "button_draft": ({"cancel", "sent"}, "draft"),
    }
    STATE_REFUSALS = {
        "draft": _("%(record)s is already a draft."),
        "sent": _("%(record)s is already marked as sent."),
        "purchase": _("%(record)s is already confirmed."),
        ("purchase", "button_draft"): _("%(record)s is confirmed. Cancel it first, then set it to draft."),
        "cancel": _("%(record)s is cancelled. Set it to draft first."),
        ("cancel", "button_cancel"): _("%(record)s is already cancelled."),
    }

    state = fields.Selection(STATES)
    partner_id = fields.Many2one(string="Vendor")
    partner_ref = fields.Char("Vendor Reference", copy=False)
    date_order = fields.Datetime("Order Deadline")
    date_approve = fields.Datetime("Confirmation Date", readonly=True, copy=False)
    date_planned = fields.Datetime(
        "Expected Arrival",
        compute="_compute_date_planned",
        inverse="_inverse_date_planned",
        store=True,
        copy=False,
        help="The earliest of the lines. A date entered here is that of all lines.",
    )
    effective_date = fields.Datetime("Arrival", compute="_compute_receipt_status", store=True, copy=False)
    user_id = fields.Many2one(string="Buyer")
    picking_type_id = fields.Many2one(
        "stock.picking.type",
        "Deliver To",
        compute="_compute_picking_type_id",
        store=True,
        readonly=False,
        index=False,
        check_company=True,
    )
    order_line = fields.One2many("purchase.order.line", "order_id", "Order Lines", copy=True)
    notes = fields.Text("Terms and Conditions")
    picking_ids = fields.One2many("stock.picking", "purchase_id", "Receipts", copy=False)
    incoming_picking_count = fields.Integer("Receipt Count", compute="_compute_incoming_picking_count")
    receipt_status = fields.Selection(
        [("pending", "Not Received"), ("partial", "Partially Received"), ("full", "Fully Received")],
        "Receipt Status",
        compute="_compute_receipt_status",
        store=True,
        copy=False,
    )

    @api.depends("company_id")
    def _compute_picking_type_id(self) -> None:
        first = self._first_warehouses()
        none = self.env["stock.warehouse"]
        for order in self:
            order.picking_type_id = first.get(order.company_id.id, none).in_type_id

    @api.depends("order_line.date_planned")
    def _compute_date_planned(self) -> None:
        for order in self:
            order.date_planned = min(filter(None, order.order_line.mapped("date_planned")), default=False)

    def _inverse_date_planned(self) -> None:
        for order in self:
            if order.date_planned:
                order.order_line.filtered(lambda line: not line.display_type).write(
                    {"date_planned": order.date_planned}
                )

    def _late_domain(self) -> list[Any]:
        """Confirmed orders with something left to receive after the expected arrival."""
        return [
            ("state", "=", "purchase"),
            ("receipt_status", "in", ("pending", "partial")),
            ("date_planned", "<", on_backorder.start_of_today(self.env)),
        ]

    @api.depends("picking_ids")
    def _compute_incoming_picking_count(self) -> None:
        for order in self:
            order.incoming_picking_count = len(order.picking_ids)

    @api.depends("picking_ids.state", "picking_ids.date_done")
    def _compute_receipt_status(self) -> None:
        for order in self:
            order.receipt_status = order_lines.progress(order.picking_ids)
            came = order.picking_ids.filtered(lambda picking: picking.state == "done" and not picking.return_id)
            order.effective_date = min(filter(None, came.mapped("date_done")), default=False)

    def _counted(self) -> str:
        if len(self) <= 100 and all(order.state in ("draft", "sent") for order in self):
            return self.env._(ngettext("request for quotation", "%(number)s requests for quotation", len(self)))
        return self.env._(ngettext("purchase order", "%(number)s purchase orders", len(self)))

    @api.ondelete()
    def _refuse_unless_cancelled(self) -> None:
        kept = self.filtered(lambda order: order.state != "cancel")
        if kept:
            raise UserError(
                self.env._("%(orders)s cannot be deleted. Cancel it first.", orders=kept._described()),
                code="purchasing.order_confirmed",
                data={"orders": kept.mapped("name")},
            )

    # -- actions

    @api.public(access="write")
    @api.transition
    def action_rfq_send(self) -> None:
        """Note that the vendor has the request."""
        order_guards.set_state(self, "action_rfq_send", "sent")

    @api.seam("confirm", order=5)
    @api.public(access="write")
    @api.transition
    def button_confirm(self) -> None:
        """Order: receipts of what the lines say are expected from now on.

        When:
            once for all orders that are confirmed together.
        Called by:
            the button "Confirm Order" and clients.
        Raises:
            NothingToBuy: an order has no lines.
        Transaction:
            that of the action. The orders are locked.
        Override:
            check or complete the orders before ``super()``, act on their receipts after it. To answer the confirmation,
            implement the hook `on_confirm`.
        Example::

            class PurchaseOrder(models.Model):
                _inherit = "purchase.order"

                def button_confirm(self):
                    result = super().button_confirm()
                    self.picking_ids.write({"priority": "1"})
                    return result
        """
        ordering.confirm(self)

    @api.public(access="write")
    def action_confirm_selected(self) -> None:
        """Confirm the requests that can be, by `button_confirm`; say which cannot, and why."""
        order_batch.confirm_possible(self.sorted("id"), "button_confirm", ordering.check)

    @api.seam("confirm", order=6)
    @api.private
    def button_approve(self, force: bool = False) -> None:
        """What confirming requests does once they are found to be complete: they are orders, and receipts expected.

        When:
            once for all orders that are confirmed together.
        Called by:
            ``purchasing.services.ordering.confirm``.
        Args:
            force: approve also what an addon keeps for a second approval; nothing is kept here.
        Transaction:
            that of the confirmation. The orders are locked.
        Override:
            act on the orders before or after ``super()``. An addon with a second approval calls ``super()`` for those
            orders that have it, and again when the others get it.
        Example::

            class PurchaseOrder(models.Model):
                _inherit = "purchase.order"

                def button_approve(self, force=False):
                    result = super().button_approve(force=force)
                    self.write({"partner_ref": "By phone"})
                    return result
        """
        self._settle({"state": "purchase", "date_approve": fields.Datetime.now()})
        self._create_picking()

    @api.seam("confirm", order=7)
    def _create_picking(self) -> None:
        """Expect what orders say: moves that go into one receipt per order.

        When:
            once for all orders that are confirmed together.
        Called by:
            ``purchase.order.button_approve``.
        Transaction:
            that of the confirmation. The orders are in the state *Purchase Order*.
        Override:
            leave out orders that the addon receives itself, or act on the receipts after ``super()``.
        Example::

            class PurchaseOrder(models.Model):
                _inherit = "purchase.order"

                def _create_picking(self):
                    result = super()._create_picking()
                    self.picking_ids.write({"printed": False})
                    return result
        """
        self.order_line._launch()

    @api.seam("cancel", order=5)
    @api.public(access="write")
    @api.transition
    def button_cancel(self) -> None:
        """Cancel the orders and their open receipts.

        When:
            once for all orders that are cancelled together.
        Called by:
            the button "Cancel" and clients.
        Raises:
            AlreadyReceived: goods came in.
            OrderLocked: an order is locked.
        Transaction:
            that of the action. The orders are locked.
        Override:
            refuse by raising, or act on the orders after ``super()``. To answer the cancellation, implement the hook
            `on_cancel`.
        Example::

            class PurchaseOrder(models.Model):
                _inherit = "purchase.order"

                def button_cancel(self):
                    result = super().button_cancel()
                    self.write({"partner_ref": False})
                    return result
        """
        ordering.cancel(self)

    @api.public(access="write")
    @api.transition
    def button_draft(self) -> None:
        """Make cancelled orders requests again."""
        order_guards.set_state(self, "button_draft", "draft")

    @api.public(access="write")
    def button_lock(self) -> None:
        """Keep what was agreed: lines are not changed, added or removed, and the order is not cancelled."""
        self.write({"locked": True})

    @api.public(access="write")
    def button_unlock(self) -> None:
        """Allow changes again."""
        self.write({"locked": False})

    @api.public(access="read")
    def action_view_picking(self) -> Any:
        """The receipts of the orders."""
        return self.picking_ids

"""Quotations and sales orders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from addons.inventory.services import move_states, on_backorder, on_hold, order_batch, order_guards
from addons.sales.services import confirmation, delivery
from core import api, fields, models
from core.api import _, ngettext
from core.exceptions import UserError

ZERO = Decimal(0)


class SaleOrder(models.Model):
    """An offer to a customer that becomes an order when it is confirmed; deliveries follow from its lines."""

    _name = "sale.order"
    _description = "Sales Order"
    _inherit = ["order.mixin"]

    _late_fields = ("expected_date", "state", "delivery_status")

    STATES = [("draft", "Quotation"), ("sent", "Quotation Sent"), ("sale", "Sales Order"), ("cancel", "Cancelled")]
    TRANSITIONS = {
        "action_quotation_sent": ({"draft"}, "sent"),
        "action_confirm": ({"draft", "sent"}, "sale"),
        "action_cancel": ({"draft", "sent", "sale"}, "cancel"),
        "action_draft": ({"cancel", "sent"}, "draft"),
    }
    STATE_REFUSALS = {
        "draft": _("%(record)s is already a quotation."),
        "sent": _("%(record)s is already marked as sent."),
        "sale": _("%(record)s is already confirmed."),
        ("sale", "action_draft"): _("%(record)s is confirmed. Cancel it first, then set it to a quotation."),
        "cancel": _("%(record)s is cancelled. Set it to a quotation first."),
        ("cancel", "action_cancel"): _("%(record)s is already cancelled."),
    }

    state = fields.Selection(STATES)
    partner_id = fields.Many2one(string="Customer")
    partner_invoice_id = fields.Many2one(
        "res.partner",
        "Invoice Address",
        compute="_compute_partner_invoice_id",
        store=True,
        readonly=False,
        index=False,
        check_company=True,
    )
    partner_shipping_id = fields.Many2one(
        "res.partner",
        "Delivery Address",
        compute="_compute_partner_shipping_id",
        store=True,
        readonly=False,
        index=False,
        check_company=True,
    )
    client_order_ref = fields.Char("Customer Reference", copy=False)
    validity_date = fields.Date("Expiration", copy=False)
    commitment_date = fields.Datetime(
        "Delivery Date", copy=False, tracking=True, help="The date promised to the customer"
    )
    expected_date = fields.Datetime(
        "Expected Date",
        compute="_compute_expected_date",
        store=True,
        copy=False,
        help="The date promised to the customer, or else the order date and the longest lead time of the lines",
    )
    effective_date = fields.Datetime("Effective Date", compute="_compute_delivery", store=True, copy=False)
    user_id = fields.Many2one(string="Salesperson")
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        "Warehouse",
        compute="_compute_warehouse_id",
        store=True,
        readonly=False,
        index=False,
        check_company=True,
    )
    picking_policy = fields.Selection(
        [("direct", "As soon as possible"), ("one", "When all products are ready")],
        "Shipping Policy",
        compute="_compute_picking_policy",
        store=True,
        readonly=False,
        help="As soon as possible: what is there goes out, the rest follows as a backorder.",
    )
    order_line = fields.One2many("sale.order.line", "order_id", "Order Lines", copy=True)
    has_descriptions = fields.Boolean("Has Texts or Custom Items", compute="_compute_has_descriptions")
    amount_total = fields.Monetary(tracking=True)
    note = fields.Text("Terms and Conditions")
    stock_reference_ids = fields.Many2many(
        "stock.reference", "stock_reference_sale_rel", "sale_id", "reference_id", "References", copy=False
    )
    picking_ids = fields.One2many("stock.picking", "sale_id", "Transfers", copy=False)
    delivery_count = fields.Integer(
        "Delivery Orders",
        compute="_compute_delivery_count",
        search=fields.SearchByValue([("picking_ids", "!=", False)]),
    )
    backorder_count = fields.Integer(
        "Backorders",
        compute="_compute_delivery_count",
        search=fields.SearchByValue([("picking_ids.state", "not in", move_states.CLOSED)]),
    )
    has_releasable = fields.Boolean(
        "Can Release Backorders",
        compute="_compute_has_releasable",
        help="Something is left over or on hold, or stock is free for what is not reserved.",
    )
    delivery_status = fields.Selection(
        [
            ("pending", "Not Delivered"),
            ("started", "Started"),
            ("partial", "Partially Delivered"),
            ("full", "Fully Delivered"),
        ],
        "Delivery Status",
        compute="_compute_delivery",
        store=True,
        copy=False,
        index=True,
    )
    shortage_text = fields.Text(
        "Not Enough in Stock",
        compute="_compute_shortage_text",
        help="The lines of a quotation that stock does not cover",
    )
    hold_text = fields.Text("Quantities on Hold", compute="_compute_hold_text", help="What its transfers hold back")
    closed_short = fields.Char(
        "Delivered Short",
        compute="_compute_closed_short",
        search=fields.SearchByValue([("delivery_status", "in", ("partial", "full"))]),
        help="Ordered quantities that were cancelled",
    )

    @api.depends("partner_id")
    def _compute_partner_invoice_id(self) -> None:
        for order in self:
            order.partner_invoice_id = order.partner_id

    @api.depends("partner_id")
    def _compute_partner_shipping_id(self) -> None:
        for order in self:
            order.partner_shipping_id = order.partner_id

    @api.depends("company_id")
    def _compute_warehouse_id(self) -> None:
        first = self._first_warehouses()
        for order in self:
            order.warehouse_id = first.get(order.company_id.id, self.env["stock.warehouse"])

    @api.depends("warehouse_id")
    def _compute_picking_policy(self) -> None:
        for order in self:
            order.picking_policy = order.warehouse_id.out_type_id.move_type or "direct"

    @api.depends("has_texts", "order_line.product_id.is_custom")
    def _compute_has_descriptions(self) -> None:
        for order in self:
            order.has_descriptions = order.has_texts or any(line.product_id.is_custom for line in order.order_line)

    @api.depends("order_line.customer_lead", "date_order", "commitment_date", "state")
    def _compute_expected_date(self) -> None:
        for order in self:
            leads = [line.customer_lead for line in order.order_line if line.product_id]
            order.expected_date = order.commitment_date or (
                order.date_order + timedelta(days=max(leads)) if leads and order.date_order else False
            )

    def _late_domain(self) -> list[Any]:
        """Confirmed orders with something left to deliver after the expected date."""
        return [
            ("state", "=", "sale"),
            ("delivery_status", "in", ("pending", "started", "partial")),
            ("expected_date", "<", on_backorder.start_of_today(self.env)),
        ]

    @api.depends("picking_ids.state", "picking_ids.backorder_id", "picking_ids.on_hold")
    def _compute_delivery_count(self) -> None:
        for order in self:
            order.delivery_count = len(order.picking_ids)
            backorders = order.picking_ids.filtered(lambda picking: picking.backorder_id or picking.on_hold)
            order.backorder_count = len(backorders.filtered(lambda picking: picking.state not in move_states.CLOSED))

    @api.depends("backorder_count", "order_line.shortage_status")
    def _compute_has_releasable(self) -> None:
        for order in self:
            order.has_releasable = bool(order.backorder_count) or delivery.lacks_free_stock(order)

    @api.depends("picking_ids.state", "picking_ids.date_done", "order_line.qty_delivered")
    def _compute_delivery(self) -> None:
        for order in self:
            order.delivery_status = delivery.status(order)
            went = order.picking_ids.filtered(lambda p: p.state == "done" and delivery.reaches_customer(p))
            order.effective_date = min(filter(None, went.mapped("date_done")), default=False)

    def _compute_hold_text(self) -> None:
        for order in self:
            text = on_hold.in_words(order.sudo().picking_ids.move_ids)
            order.hold_text = text and self.env._("%(text)s Release the backorders to resume.", text=text)

    @api.depends(
        "order_line.qty_delivered", "order_line.qty_to_deliver", "order_line.product_uom_qty", "delivery_status"
    )
    def _compute_closed_short(self) -> None:
        for order in self:
            order.closed_short = delivery.closed_short(order)

    @api.depends(
        "state", "warehouse_id", "order_line.product_id", "order_line.product_uom_qty", "order_line.product_uom_id"
    )
    def _compute_shortage_text(self) -> None:
        for order in self:
            order.shortage_text = (
                delivery.shortage_text(order.order_line) if order.state in ("draft", "sent") else False
            )

    @api.onchange("commitment_date")
    def _onchange_commitment_date(self) -> dict[str, Any] | None:
        """Warn of a delivery date in the past."""
        if not self.commitment_date or self.commitment_date >= on_backorder.start_of_today(self.env):
            return None
        text = self.env._("The delivery date is in the past. Promise a day that is still to come.")
        return {"warning": {"title": self.env._("Delivery Date"), "message": text}}

    def write(self, vals: dict[str, Any]) -> bool:
        """A new date or address of a confirmed order reaches the deliveries that are still open."""
        result = super().write(vals)
        confirmed = self.filtered(lambda order: order.state == "sale")
        if confirmed and "commitment_date" in vals:
            confirmation.reschedule(confirmed)
        if confirmed and "partner_shipping_id" in vals:
            confirmation.redirect(confirmed)
        return result

    def _counted(self) -> str:
        if len(self) <= 100 and all(order.state in ("draft", "sent") for order in self):
            return self.env._(ngettext("quotation", "%(number)s quotations", len(self)))
        return self.env._(ngettext("sales order", "%(number)s sales orders", len(self)))

    @api.ondelete()
    def _refuse_sent_or_confirmed(self) -> None:
        kept = self.filtered(lambda order: order.state not in ("draft", "cancel"))
        if kept:
            raise UserError(
                self.env._(
                    "%(orders)s cannot be deleted: the customer knows of it. Cancel it first.", orders=kept._described()
                ),
                code="sales.order_confirmed",
                data={"orders": kept.mapped("name")},
            )

    # -- actions

    @api.public(access="write")
    @api.transition
    def action_quotation_sent(self) -> None:
        """Note that the customer has the quotation."""
        order_guards.set_state(self, "action_quotation_sent", "sent")

    @api.seam("confirm", order=5)
    @api.public(access="write")
    @api.transition
    def action_confirm(self) -> None:
        """Turn quotations into orders: what they need is procured, which makes the deliveries.

        When:
            once for all orders that are confirmed together.
        Called by:
            the button "Confirm" and clients.
        Raises:
            NothingToSell: names every order without lines and every line that cannot be sold.
        Transaction:
            that of the action. The orders are locked.
        Override:
            check or complete the orders before ``super()``, act on their deliveries after it. To answer the
            confirmation, implement the hook `on_confirm`.
        Example::

            class SaleOrder(models.Model):
                _inherit = "sale.order"

                def action_confirm(self):
                    result = super().action_confirm()
                    self.picking_ids.write({"priority": "1"})
                    return result
        """
        confirmation.confirm(self)

    @api.public(access="write")
    def action_confirm_selected(self) -> None:
        """Confirm the quotations that can be, by `action_confirm`; say which cannot, and why."""
        order_batch.confirm_possible(self.sorted("id"), "action_confirm", confirmation.check)

    @api.seam("confirm", order=6)
    def _prepare_confirmation_values(self) -> dict[str, Any]:
        """The values that quotations get when they become orders.

        When:
            once for all orders that are confirmed together.
        Called by:
            ``sales.services.confirmation.confirm``.
        Returns:
            values for `write`: state and order date.
        Transaction:
            that of the confirmation; it only reads.
        Override:
            add values to those of ``super()``; they are the same for all orders.
        Example::

            class SaleOrder(models.Model):
                _inherit = "sale.order"

                def _prepare_confirmation_values(self):
                    return super()._prepare_confirmation_values() | {"client_order_ref": "By phone"}
        """
        return {"state": "sale", "date_order": fields.Datetime.now()}

    @api.seam("confirm", order=7)
    def _action_confirm(self) -> None:
        """What confirming orders does after their states are written: their lines are procured.

        When:
            once for all orders that are confirmed together.
        Called by:
            ``sales.services.confirmation.confirm``.
        Transaction:
            that of the confirmation. The orders are locked and in the state *Sales Order*.
        Override:
            act on the orders before their deliveries are made, or after ``super()`` on both.
        Example::

            class SaleOrder(models.Model):
                _inherit = "sale.order"

                def _action_confirm(self):
                    result = super()._action_confirm()
                    self.picking_ids.write({"printed": False})
                    return result
        """
        self.order_line._action_launch_stock_rule()

    @api.seam("cancel", order=5)
    @api.public(access="write")
    @api.transition
    def action_cancel(self) -> None:
        """Cancel the orders and what of their deliveries is still open; what was delivered stays delivered.

        When:
            once for all orders that are cancelled together.
        Called by:
            the button "Cancel" and clients.
        Raises:
            OrderLocked: an order is locked.
        Transaction:
            that of the action. The orders are locked.
        Override:
            refuse by raising, or act on the orders after ``super()``. To answer the cancellation, implement the hook
            `on_cancel`.
        Example::

            class SaleOrder(models.Model):
                _inherit = "sale.order"

                def action_cancel(self):
                    result = super().action_cancel()
                    self.write({"commitment_date": False})
                    return result
        """
        confirmation.cancel(self)

    @api.seam("cancel", order=12)
    def _action_cancel(self) -> None:
        """What cancelling orders does after it was found to be allowed: their open transfers and they are cancelled.

        When:
            once for all orders that are cancelled together.
        Called by:
            ``sales.services.confirmation.cancel``.
        Transaction:
            that of the action.
        Override:
            act on the orders before or after ``super()``.
        Example::

            class SaleOrder(models.Model):
                _inherit = "sale.order"

                def _action_cancel(self):
                    result = super()._action_cancel()
                    self.write({"origin": False})
                    return result
        """
        self._cancel_with_transfers()

    @api.public(access="write")
    @api.transition
    def action_draft(self) -> None:
        """Make cancelled orders quotations again."""
        order_guards.set_state(self, "action_draft", "draft")

    @api.public(access="write")
    def action_lock(self) -> None:
        """Keep what was agreed: lines are not changed, added or removed, and the order is not cancelled."""
        self.write({"locked": True})

    @api.public(access="write")
    def action_unlock(self) -> None:
        """Allow changes again."""
        self.write({"locked": False})

    @api.public(access="read")
    def action_view_delivery(self) -> Any:
        """The transfers of the orders."""
        return self.picking_ids

    @api.public(access="read")
    def action_release_backorders(self, answers: Mapping[str, Any] | None = None) -> Any:
        """Reserve what has become available for the open backorders, and end what is held back by hand.

        An addon may ask first what is to be done with it (hook `choose_release`); `{"release": "ship"}` answers that.

        Returns the transfers that are ready to ship; if none is, those that were on hold and wait for stock now.
        Raises NothingToRelease, which says what is still missing (OneCRM's *Release Backorders*, seed 3).
        """
        question = self.env.hooks.choose_release(env=self.env, orders=self, answers=dict(answers or {}))
        return question or delivery.release(self)

"""Lines of sales orders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from addons.inventory.services import document_messages, move_figures, move_states, order_guards, order_lines
from addons.sales.exceptions import AlreadyDelivered
from addons.sales.services import backorders, confirmation, delivery
from core import api, fields, models
from core.api import _
from core.exceptions import ValidationError
from core.rounding import format_number

ZERO = Decimal(0)
NOT_OPEN = ("draft", *move_states.CLOSED)


class SaleOrderLine(models.Model):
    """A product, how much of it, at what price; after confirmation also how much of it the customer has."""

    _name = "sale.order.line"
    _description = "Sales Order Line"
    _inherit = ["order.line.mixin", "stock.shortage.mixin"]

    _kind = order_lines.OrderKind(
        addon="sales",
        order="sale.order",
        line="sale.order.line",
        link="sale_line_id",
        demand="product_uom_qty",
        fulfilled="qty_delivered",
        method="qty_delivered_method",
        by_moves="stock_move",
        drafts=("draft", "sent"),
        confirmed="sale",
        confirm="Confirm",
    )
    _refusals = {
        "negative": order_lines.Refusal(
            _(
                "%(product)s: the ordered quantity cannot be negative (%(quantity)s). "
                "To take goods back, return the delivery."
            ),
            code="sales.negative_quantity",
        ),
        "entered": order_lines.Refusal(
            _(
                "The delivered quantity of %(product)s on %(order)s is computed from its deliveries."
                " Validate the delivery."
            ),
            code="sales.quantity_of_transfers",
        ),
        "discount": order_lines.Refusal(order_guards.DISCOUNT, code="sales.discount"),
        "below": order_lines.Refusal(
            _("%(product)s: %(delivered)s were delivered, so %(ordered)s cannot be ordered. Return goods first."),
            error=AlreadyDelivered,
        ),
    }

    order_id = fields.Many2one("sale.order")
    product_uom_qty = fields.Quantity("Quantity", default=Decimal(1), required=True, uom_field="product_uom_id")
    price_unit = fields.Monetary(
        "Unit Price", compute="_compute_price_unit", store=True, readonly=False, groups="inventory.group_product_prices"
    )
    customer_lead = fields.Integer(
        "Lead Time", compute="_compute_customer_lead", store=True, readonly=False, help="Days"
    )
    order_partner_id = fields.Many2one("res.partner", related="order_id.partner_id", string="Customer")
    move_ids = fields.One2many("stock.move", "sale_line_id", "Stock Moves")
    warehouse_id = fields.Many2one("stock.warehouse", related="order_id.warehouse_id")
    product_template_id = fields.Many2one("product.template", related="product_id.product_tmpl_id")
    is_storable = fields.Boolean(related="product_id.is_storable")
    qty_delivered_method = fields.Selection(
        [("manual", "Manual"), ("stock_move", "Stock Moves")],
        "How Delivery Is Counted",
        compute="_compute_qty_delivered_method",
        store=True,
        help="What is delivered of goods follows from their transfers; of services it is entered.",
    )
    qty_delivered = fields.Quantity(
        "Delivered", compute="_compute_qty_delivered", store=True, readonly=False, copy=False
    )
    qty_to_deliver = fields.Quantity(
        "To Deliver", compute="_compute_qty_to_deliver", search=fields.SearchByValue("_undelivered_candidates")
    )
    qty_backorder = fields.Quantity(
        "Backorder",
        compute="_compute_qty_backorder",
        search=fields.SearchByValue("_backorder_candidates"),
        inverse="_inverse_qty_backorder",
        help="Still to come, beyond what is reserved. Enter more to hold that much back until you release it, "
        "or 0 to hold nothing back.",
    )
    qty_short = fields.Quantity("Backorder (Product Unit)")
    qty_to_hold = fields.Quantity(
        "To Put on Backorder", copy=False, help="What is held back as soon as the order is confirmed"
    )
    qty_available_today = fields.Quantity(
        "On Hand",
        compute="_compute_availability",
        search=move_figures.SearchStock("order_id.warehouse_id", "qty_available"),
    )
    free_qty_today = fields.Quantity(
        "Free to Use",
        compute="_compute_availability",
        search=move_figures.SearchStock("order_id.warehouse_id", "free_qty"),
    )
    display_qty_widget = fields.Boolean("Show Availability", compute="_compute_display_qty_widget")
    product_updatable = fields.Boolean("Can Change the Product", compute="_compute_product_updatable")
    route_ids = fields.Many2many("stock.route", string="Routes", domain=[("sale_selectable", "=", True)])

    @api.depends("product_id")
    def _compute_customer_lead(self) -> None:
        for line in self:
            line.customer_lead = line.product_id.sale_delay if line.product_id else 0

    @api.depends("product_id", "product_uom_id")
    def _compute_price_unit(self) -> None:
        for line in self:
            product = line.product_id
            line.price_unit = product.uom_id._compute_price(product.lst_price, line.product_uom_id)

    @api.depends("product_id.type")
    def _compute_qty_delivered_method(self) -> None:
        for line in self:
            line.qty_delivered_method = "stock_move" if line.product_id.type == "consu" else "manual"

    @api.depends(
        "qty_delivered_method",
        "move_ids.state",
        "move_ids.quantity",
        "move_ids.product_uom",
        "move_ids.to_refund",
        "product_uom_id",
    )
    def _compute_qty_delivered(self) -> None:
        goods = self.filtered(lambda line: line.qty_delivered_method == "stock_move")
        shipped = goods._shipped()
        for line in goods:
            line.qty_delivered = shipped[line.id]
        for line in self - goods:
            line.qty_delivered = line.qty_delivered or ZERO  # what was entered stays

    def _shipped(self, net: bool = True) -> dict[Any, Decimal]:
        """What the customer got: line id -> how much in the unit of the line, from done moves; `net` of what came back.

        Addons whose moves are over something else than the line's product override it, and `_reduce_demand` with it.
        """
        return {line.id: delivery.shipped(line, net) for line in self}

    def _reduce_demand(self, quantities: Mapping[int, Decimal]) -> None:
        """Take `quantities` (line id -> how much, in the unit of the line) from the open moves of these lines."""
        confirmation.reduce(
            confirmation.Reduction(line.order_id, line.move_ids, line._in_product_unit(quantities[line.id]))
            for line in self
        )

    @api.model
    def _shortage_candidates(self) -> Any:
        return api.Domain("move_ids", "any!", [("state", "not in", NOT_OPEN)])

    @api.model
    def _undelivered_candidates(self) -> Any:
        """The domain of the lines of which something may be to deliver: the moves of all others are closed."""
        unplanned = api.Domain("state", "!=", "sale") | api.Domain("move_ids", "=", False)
        return unplanned | self._shortage_candidates()

    @api.model
    def _backorder_candidates(self) -> Any:
        """The domain of the lines of which something may be on backorder."""
        return api.Domain("qty_to_hold", "!=", 0) | self._shortage_candidates()

    def _demand_moves(self) -> Any:
        """The first steps of what is still to go to the customer: later steps are over what has been picked."""
        return self.move_ids.filtered(lambda move: move.state not in NOT_OPEN and not move.origin_returned_move_id)

    @api.depends("product_uom_qty", "qty_delivered", "state", "move_ids.state", "move_ids.product_uom_qty")
    def _compute_qty_to_deliver(self) -> None:
        """What was cancelled of a confirmed line will not be delivered; before, all of it is still to be."""
        planned = self.filtered(backorders.is_planned)
        found = backorders.figures(planned)
        for line in self:
            quantity = max(line.product_uom_qty - line.qty_delivered, ZERO)
            if line in planned:
                quantity = min(quantity, line._from_product_unit(found[line.id].open))
            line.qty_to_deliver = ZERO if line.state == "cancel" else quantity

    @api.depends(
        "state",
        "qty_to_hold",
        "product_uom_id",
        "move_ids.state",
        "move_ids.quantity",
        "move_ids.product_uom_qty",
    )
    def _compute_qty_backorder(self) -> None:
        waiting = backorders.waiting(self)
        for line in self:
            line.qty_backorder = waiting[line.id]

    def _inverse_qty_backorder(self) -> None:
        backorders.enter(self, {line.id: line.qty_backorder for line in self})

    def _in_parts(self, quantities: Mapping[int, Decimal]) -> dict[int, dict[Any, Decimal]]:
        """Line id -> product -> how much of it `quantities` of the lines are, both in the unit of the product.

        Addons whose moves are over something else than the line's product override it, and `_from_parts` with it.
        """
        return {line.id: {line.product_id: quantities[line.id]} for line in self}

    def _from_parts(self, parts: Mapping[int, Mapping[Any, Decimal]]) -> dict[int, Decimal]:
        """Line id -> how much of the line lacks something while so much of each product is lacking."""
        return {line.id: parts[line.id].get(line.product_id, ZERO) for line in self}

    @api.depends("qty_to_deliver", "product_id", "product_uom_id", "state")
    def _compute_display_qty_widget(self) -> None:
        for line in self:
            line.display_qty_widget = bool(line.is_storable and line.product_uom_id and line.qty_to_deliver > 0)

    @api.depends("state", "order_id.locked")
    def _compute_product_updatable(self) -> None:
        for line in self:
            line.product_updatable = line.state not in ("sale", "cancel") and not line.order_id.locked

    @api.depends("product_id", "order_id.warehouse_id")
    def _compute_availability(self) -> None:
        for warehouse, lines in self.grouped(lambda line: line.order_id.warehouse_id).items():
            products = lines.product_id.with_context(warehouse_id=warehouse.id)
            figures = {product.id: (product.qty_available, product.free_qty) for product in products}
            for line in lines:
                line.qty_available_today, line.free_qty_today = figures.get(line.product_id.id, (ZERO, ZERO))

    @api.constrains("product_uom_qty", "qty_to_hold")
    def _check_qty_to_hold(self) -> None:
        for line in self:
            if line.qty_to_hold and line.qty_to_hold > line.product_uom_qty:
                raise ValidationError(
                    self.env._(
                        "%(product)s: %(quantity)s cannot be put on backorder of %(ordered)s that are ordered.",
                        product=line.product_id.display_name,
                        quantity=format_number(line.qty_to_hold),
                        ordered=format_number(line.product_uom_qty),
                    ),
                    fields=["qty_backorder"],
                    code="sales.backorder_refused",
                )

    def write(self, vals: dict[str, Any]) -> bool:
        """Write the other values first: the quantity on backorder is limited by the quantity to deliver."""
        with document_messages.announced(self.env):
            if "qty_backorder" in vals and len(vals) > 1 and self.move_ids:
                super().write({name: value for name, value in vals.items() if name != "qty_backorder"})
                vals = {"qty_backorder": vals["qty_backorder"]}
            return super().write(vals)

    def _launch(self, before: Mapping[int, Decimal] | None = None) -> None:
        self._action_launch_stock_rule(previous_product_uom_qty=before or False)

    @api.seam("confirm", order=8)
    def _action_launch_stock_rule(
        self, *, previous_product_uom_qty: Mapping[int, Decimal] | Literal[False] = False
    ) -> None:
        """Procure what lines need: their deliveries, and what these need in turn.

        When:
            once for all lines of all orders that are confirmed together, for all lines that are added to confirmed
            orders, and for all confirmed lines of which more is ordered.
        Called by:
            ``sale.order._action_confirm``, ``sale.order.line._launch``.
        Args:
            previous_product_uom_qty: line id -> what was ordered before, in the unit of the line; False where nothing
                was. What was delivered already is not procured again.
        Transaction:
            that of the action.
        Override:
            leave out lines that the addon delivers itself, or act on the moves of the lines after ``super()``.
        Example::

            class SaleOrderLine(models.Model):
                _inherit = "sale.order.line"

                def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
                    goods = self.filtered(lambda line: line.product_id.default_code != "DIGITAL")
                    return super(SaleOrderLine, goods)._action_launch_stock_rule(
                        previous_product_uom_qty=previous_product_uom_qty
                    )
        """
        confirmation.launch(self, previous_product_uom_qty or {})

    @api.seam("confirm", order=9)
    def _prepare_procurement_values(self) -> dict[str, Any]:
        """What the need of a line carries along to the moves and documents that answer it.

        When:
            once for each line that is procured; `self` is the line.
        Called by:
            ``sales.services.confirmation._procurement``.
        Returns:
            the `values` of the need: dates, warehouse, customer, references, routes, the line, the shipping policy.
        Transaction:
            that of the action; it only reads.
        Override:
            add values to those of ``super()``. `stock.rule._get_custom_move_fields` names those that moves take over.
        Example::

            class SaleOrderLine(models.Model):
                _inherit = "sale.order.line"

                def _prepare_procurement_values(self):
                    return super()._prepare_procurement_values() | {"priority": "1"}
        """
        self.ensure_one()
        return confirmation.procurement_values(self)

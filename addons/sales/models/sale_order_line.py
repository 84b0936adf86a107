"""Lines of sales orders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from addons.inventory.services import document_messages, move_figures, order_guards, order_lines
from addons.sales.services import backorders, confirmation, delivery
from core import api, fields, models
from core.exceptions import UserError, ValidationError
from core.rounding import format_number

ZERO = Decimal(0)
#: What is agreed with the customer, and stays when the order is locked.
AGREED = frozenset({"product_id", "name", "product_uom_qty", "product_uom_id", "price_unit", "discount"})
CLOSED = ("draft", "done", "cancel")


class SaleOrderLine(models.Model):
    """A product, how much of it, at what price; after confirmation also how much of it the customer has."""

    _name = "sale.order.line"
    _description = "Sales Order Line"
    _check_company_auto = True
    _inherit = ["stock.shortage.mixin"]
    _order = "order_id, sequence, id"
    _rec_name = "name"

    order_id = fields.Many2one("sale.order", "Order", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    display_type = fields.Selection(
        [("line_section", "Section"), ("line_subsection", "Subsection"), ("line_note", "Note")],
        "Kind",
        help="Empty for a product; a section or a note has only a text",
    )
    product_id = fields.Many2one("product.product", "Product", ondelete="restrict", index=True, check_company=True)
    name = fields.Text("Description", compute="_compute_name", store=True, readonly=False)
    product_uom_qty = fields.Quantity("Quantity", default=Decimal(1), required=True, uom_field="product_uom_id")
    product_uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        compute="_compute_product_uom_id",
        store=True,
        readonly=False,
        ondelete="restrict",
        index=False,
    )
    price_unit = fields.Monetary(
        "Unit Price", compute="_compute_price_unit", store=True, readonly=False, groups="inventory.group_product_prices"
    )
    discount = fields.Quantity("Discount (%)", digits=2, groups="inventory.group_product_prices")
    price_subtotal = fields.Monetary(
        "Amount", compute="_compute_price_subtotal", store=True, groups="inventory.group_product_prices"
    )
    price_total = fields.Monetary(
        "Total", compute="_compute_price_subtotal", store=True, groups="inventory.group_product_prices"
    )
    currency_id = fields.Many2one("res.currency", related="order_id.currency_id")
    customer_lead = fields.Integer(
        "Lead Time", compute="_compute_customer_lead", store=True, readonly=False, help="Days"
    )
    state = fields.Selection(related="order_id.state", string="Order Status")
    company_id = fields.Many2one("res.company", related="order_id.company_id")
    order_partner_id = fields.Many2one("res.partner", related="order_id.partner_id", string="Customer")
    move_ids = fields.One2many("stock.move", "sale_line_id", "Stock Moves")
    warehouse_id = fields.Many2one("stock.warehouse", related="order_id.warehouse_id")
    product_template_id = fields.Many2one("product.template", related="product_id.product_tmpl_id")
    product_type = fields.Selection(related="product_id.type", string="Product Type")
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

    # Each has a method of its own: what is given for one of them is kept when the others are computed.
    @api.depends("product_id")
    def _compute_name(self) -> None:
        for line in self:
            product = line.product_id
            if product:
                line.name = "\n".join(filter(None, (product.display_name, product.description_sale)))
            elif not line.display_type:
                line.name = False

    @api.depends("product_id")
    def _compute_product_uom_id(self) -> None:
        for line in self:
            line.product_uom_id = line.product_id.uom_id

    @api.depends("product_id")
    def _compute_customer_lead(self) -> None:
        for line in self:
            line.customer_lead = line.product_id.sale_delay if line.product_id else 0

    @api.depends("product_id", "product_uom_id")
    def _compute_price_unit(self) -> None:
        for line in self:
            product, unit = line.product_id, line.product_uom_id
            price = product.lst_price if product else ZERO
            if product and unit and unit != product.uom_id:
                price = price * unit._compute_quantity(Decimal(1), product.uom_id, round=False)
            line.price_unit = price

    @api.depends("product_uom_qty", "price_unit", "discount")
    def _compute_price_subtotal(self) -> None:
        for line in self:
            amount = line.product_uom_qty * line.price_unit * (100 - line.discount) / 100
            line.price_subtotal = line.currency_id.round(amount) if line.currency_id else amount
            line.price_total = line.price_subtotal

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
        for line in self:
            own = line.product_uom_id._convert(quantities[line.id], line.product_id.uom_id)
            confirmation.reduce(line.move_ids, own, line.order_id)

    @api.model
    def _shortage_candidates(self) -> Any:
        return api.Domain("move_ids", "any!", [("state", "not in", CLOSED)])

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
        return self.move_ids.filtered(lambda move: move.state not in CLOSED and not move.origin_returned_move_id)

    @api.depends("product_uom_qty", "qty_delivered", "state", "move_ids.state", "move_ids.product_uom_qty")
    def _compute_qty_to_deliver(self) -> None:
        """What was cancelled of a confirmed line will not be delivered; before, all of it is still to be."""
        planned = self.filtered(backorders.is_planned)
        found = backorders.figures(planned)
        for line in self:
            quantity = max(line.product_uom_qty - line.qty_delivered, ZERO)
            if line in planned:
                still_open = order_lines.in_unit(found[line.id].open, line.product_id, line.product_uom_id)
                quantity = min(quantity, still_open)
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

    @api.constrains("product_uom_qty", "qty_to_hold", "discount")
    def _check_numbers(self) -> None:
        for line in self:
            if line.qty_to_hold and line.qty_to_hold > line.product_uom_qty:
                raise ValidationError(
                    self.env._(
                        "%(product)s: %(hold)s cannot be put on backorder of %(qty)s that are ordered.",
                        product=line.product_id.display_name,
                        hold=format_number(line.qty_to_hold),
                        qty=format_number(line.product_uom_qty),
                    ),
                    fields=["qty_backorder"],
                    code="sales_backorder_refused",
                    data={
                        "product": line.product_id.display_name,
                        "quantity": format_number(line.qty_to_hold),
                        "ordered": format_number(line.product_uom_qty),
                    },
                )
            if line.product_uom_qty < 0:
                raise ValidationError(
                    self.env._(
                        "%(product)s: the ordered quantity cannot be negative (%(qty)s). "
                        "To take goods back, return the delivery.",
                        product=line.product_id.display_name,
                        qty=format_number(line.product_uom_qty),
                    ),
                    fields=["product_uom_qty"],
                    code="sales_negative_quantity",
                    data={
                        "product": line.product_id.display_name,
                        "quantity": format_number(line.product_uom_qty),
                    },
                )
        order_guards.check_discount(self, code="sales_discount")

    @api.constrains("display_type", "product_id", "product_uom_qty", "price_unit", "name")
    def _check_kind(self) -> None:
        order_guards.check_kind(self, "product_uom_qty")

    @api.constrains("product_uom_id", "product_id")
    def _check_unit(self) -> None:
        order_guards.check_unit(self)

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> SaleOrderLine:
        lines = super().create(
            [{"product_uom_qty": ZERO, **vals} if vals.get("display_type") else vals for vals in vals_list]
        )
        order_guards.refuse_locked(lines.order_id)
        lines.filtered(lambda line: line.qty_delivered and not line.move_ids)._refuse_entered_delivery()
        confirmed = lines.filtered(lambda line: line.state == "sale")
        if confirmed:
            with document_messages.announced(self.env):
                confirmation.launch(confirmed)
        return lines

    def write(self, vals: dict[str, Any]) -> bool:
        """Deliveries follow the new quantities of confirmed lines, and a message names them."""
        with document_messages.announced(self.env):
            return self._write_and_follow(vals)

    def _write_and_follow(self, vals: dict[str, Any]) -> bool:
        if AGREED & vals.keys():
            order_guards.refuse_locked(self.order_id)
        if "qty_delivered" in vals:
            self._refuse_entered_delivery()
        order_guards.refuse_exchange(self, "sale", vals)
        if "qty_backorder" in vals and len(vals) > 1 and self.move_ids:
            # What is to be delivered comes first: so much of that waits.
            self.write({name: value for name, value in vals.items() if name != "qty_backorder"})
            return self.write({"qty_backorder": vals["qty_backorder"]})
        if "product_uom_qty" in vals:
            confirmed = self.filtered(lambda line: line.state == "sale")
            before = {line.id: line.product_uom_qty for line in confirmed}
            result = super().write(vals)
            if confirmed:
                confirmation.change_quantities(confirmed, before)
            return result
        return super().write(vals)

    def _refuse_entered_delivery(self) -> None:
        """Refuse a delivered quantity for goods: it follows from their transfers."""
        goods = self.filtered(lambda line: line.qty_delivered_method == "stock_move")
        if goods:
            raise UserError(
                self.env._(
                    "%(product)s on %(order)s: what is delivered follows from the transfers. Validate the delivery.",
                    product=goods[0].product_id.display_name,
                    order=goods[0].order_id.name,
                ),
                code="sales_quantity_of_transfers",
                data={
                    "product": goods[0].product_id.display_name,
                    "order": goods[0].order_id.name,
                },
            )

    @api.ondelete()
    def _refuse_locked_or_confirmed(self) -> None:
        order_guards.refuse_deletion(self, "sale")

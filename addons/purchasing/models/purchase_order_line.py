"""Lines of purchase orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.inventory.services import document_messages, move_figures, order_guards
from addons.inventory.services.procurement import Procurement
from addons.purchasing.services import ordering, receiving, vendors
from core import api, fields, models
from core.exceptions import UserError, ValidationError
from core.rounding import format_number

ZERO = Decimal(0)
#: What is agreed with the vendor, and stays when the order is locked.
AGREED = frozenset({"product_id", "name", "product_qty", "product_uom_id", "price_unit", "discount"})


class PurchaseOrderLine(models.Model):
    """A product, how much of it, at what price, by when; after confirmation also how much of it came in.

    The price follows the vendor's terms as long as no other one was entered and the order is not confirmed.
    """

    _name = "purchase.order.line"
    _description = "Purchase Order Line"
    _check_company_auto = True
    _order = "order_id, sequence, id"
    _rec_name = "name"

    order_id = fields.Many2one("purchase.order", "Order", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    display_type = fields.Selection(
        [("line_section", "Section"), ("line_subsection", "Subsection"), ("line_note", "Note")],
        "Kind",
        help="Empty for a product; a section or a note has only a text",
    )
    product_id = fields.Many2one("product.product", "Product", ondelete="restrict", index=True, check_company=True)
    name = fields.Text("Description", compute="_compute_name", store=True, readonly=False)
    product_qty = fields.Quantity("Quantity", required=True, default=Decimal(1), uom_field="product_uom_id")
    product_uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        compute="_compute_product_uom_id",
        store=True,
        readonly=False,
        ondelete="restrict",
        index=False,
    )
    product_uom_qty = fields.Quantity(
        "Total Quantity",
        compute="_compute_product_uom_qty",
        search=move_figures.SearchInProductUnit("product_uom_qty", "product_qty", "product_uom_id"),
        help="In the product's unit",
    )
    price_unit = fields.Monetary(
        "Unit Price", compute="_compute_terms", store=True, readonly=False, groups="inventory.group_product_prices"
    )
    discount = fields.Quantity(
        "Discount (%)",
        digits=2,
        compute="_compute_terms",
        store=True,
        readonly=False,
        groups="inventory.group_product_prices",
    )
    technical_price_unit = fields.Monetary(
        "Vendor's Price", compute="_compute_terms", store=True, groups="inventory.group_product_prices"
    )
    technical_discount = fields.Quantity(
        "Vendor's Discount (%)", digits=2, compute="_compute_terms", store=True, groups="inventory.group_product_prices"
    )
    price_subtotal = fields.Monetary(
        "Amount", compute="_compute_price_subtotal", store=True, groups="inventory.group_product_prices"
    )
    price_total = fields.Monetary(
        "Total", compute="_compute_price_subtotal", store=True, groups="inventory.group_product_prices"
    )
    currency_id = fields.Many2one("res.currency", related="order_id.currency_id")
    date_planned = fields.Datetime("Expected Arrival", compute="_compute_date_planned", store=True, readonly=False)
    state = fields.Selection(related="order_id.state", string="Order Status")
    partner_id = fields.Many2one("res.partner", related="order_id.partner_id", string="Vendor")
    company_id = fields.Many2one("res.company", related="order_id.company_id")
    product_type = fields.Selection(related="product_id.type", string="Product Type")
    move_ids = fields.One2many("stock.move", "purchase_line_id", "Stock Moves")
    move_dest_ids = fields.Many2many(
        "stock.move", "purchase_line_move_dest_rel", "line_id", "move_id", "Downstream Moves", copy=False
    )
    propagate_cancel = fields.Boolean(
        "Propagate Cancellation", default=True, help="What waits for these goods is cancelled with their receipt"
    )
    orderpoint_id = fields.Many2one(
        "stock.warehouse.orderpoint", "Reordering Rule", index=True, copy=False, ondelete="set null"
    )
    qty_received_method = fields.Selection(
        [("manual", "Manual"), ("stock_moves", "Stock Moves")],
        "How Receipt Is Counted",
        compute="_compute_qty_received_method",
        store=True,
        help="What came in of goods follows from their receipts; of services it is entered.",
    )
    qty_received = fields.Quantity("Received", compute="_compute_qty_received", store=True, readonly=False, copy=False)

    # ---------------------------------------------------------------- computed
    @api.depends("product_id")
    def _compute_name(self) -> None:
        for line in self:
            if line.product_id:
                line.name = vendors.description(line)
            elif not line.display_type:
                line.name = False

    @api.depends("product_id")
    def _compute_product_uom_id(self) -> None:
        for line in self:
            line.product_uom_id = vendors.unit_for(line) if line.product_id else False

    @api.depends("product_qty", "product_uom_id", "product_id")
    def _compute_product_uom_qty(self) -> None:
        for line in self:
            line.product_uom_qty = line._in_product_unit(line.product_qty)

    @api.depends("product_id", "product_qty", "product_uom_id", "order_id.partner_id")
    def _compute_terms(self) -> None:
        for line in self:
            price, discount = vendors.terms(line)
            ordered = line.state == "purchase"
            # What a user entered differs from what the vendor's terms said before, and stays.
            entered = ordered or line.price_unit != line.technical_price_unit
            line.price_unit = line.price_unit if entered else price
            entered = ordered or line.discount != line.technical_discount
            line.discount = line.discount if entered else discount
            line.technical_price_unit, line.technical_discount = price, discount

    @api.depends("product_id", "order_id.date_order", "order_id.partner_id")
    def _compute_date_planned(self) -> None:
        for line in self:
            line.date_planned = False if line.display_type else vendors.arrival(line)

    @api.depends("product_qty", "price_unit", "discount")
    def _compute_price_subtotal(self) -> None:
        for line in self:
            amount = line.product_qty * line._net_price()
            line.price_subtotal = line.currency_id.round(amount) if line.currency_id else amount
            line.price_total = line.price_subtotal

    @api.depends("product_id.type")
    def _compute_qty_received_method(self) -> None:
        for line in self:
            line.qty_received_method = "stock_moves" if line.product_id.type == "consu" else "manual"

    @api.depends(
        "qty_received_method",
        "move_ids.state",
        "move_ids.quantity",
        "move_ids.product_uom",
        "move_ids.to_refund",
        "product_uom_id",
    )
    def _compute_qty_received(self) -> None:
        for line in self:
            if line.qty_received_method == "stock_moves":
                line.qty_received = receiving.received(line)
            else:
                line.qty_received = line.qty_received or ZERO  # what was entered stays

    # ---------------------------------------------------------------- what a line must be
    @api.constrains("product_qty", "discount")
    def _check_numbers(self) -> None:
        for line in self:
            if line.product_qty < 0:
                raise ValidationError(
                    self.env._(
                        "%(product)s: the quantity to buy cannot be negative (%(qty)s). "
                        "To send goods back, return the receipt.",
                        product=line.product_id.display_name,
                        qty=format_number(line.product_qty),
                    ),
                    fields=["product_qty"],
                    code="purchasing_negative_quantity",
                    data={
                        "product": line.product_id.display_name,
                        "quantity": format_number(line.product_qty),
                    },
                )
        order_guards.check_discount(self, code="purchasing_discount")

    @api.constrains("product_uom_id", "product_id")
    def _check_unit(self) -> None:
        order_guards.check_unit(self)

    @api.constrains("display_type", "product_id", "product_qty", "price_unit", "name")
    def _check_kind(self) -> None:
        order_guards.check_kind(self, "product_qty")

    # ---------------------------------------------------------------- needs and receipts
    @api.seam("procure", order=26)
    @api.model
    def _prepare_purchase_order_line_from_procurement(
        self,
        product_id: Any,
        product_qty: Decimal,
        product_uom: Any,
        location_dest_id: Any,
        name: str,
        origin: str,
        company_id: Any,
        values: dict[str, Any],
        po: Any,
    ) -> dict[str, Any]:
        """The values of the order line by which a need is bought.

        When:
            once for each need that is bought.
        Called by:
            ``purchasing.services.ordering._add``.
        Args:
            product_id: the product.
            product_qty: how much is needed, in `product_uom`.
            product_uom: the unit.
            location_dest_id: the place in need.
            name: the words for it on documents.
            origin: the document that it comes from.
            company_id: for which company.
            values: all that is carried along; `supplier` is the vendor price that was chosen.
            po: the request that the line is put on.
        Returns:
            values for `create` of purchase.order.line, in the vendor's unit. A need for stock joins a line of the same
            product, unit and reordering rule where there is one: quantity and date are taken over then.
        Transaction:
            that of the run; it only reads.
        Override:
            add values to those of ``super()``.
        Example::

            class PurchaseOrderLine(models.Model):
                _inherit = "purchase.order.line"

                @api.model
                def _prepare_purchase_order_line_from_procurement(
                    self, product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values, po
                ):
                    row = super()._prepare_purchase_order_line_from_procurement(
                        product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values, po
                    )
                    return row | {"sequence": 5} if product_id.default_code == "URGENT" else row
        """
        need = Procurement(product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values)
        return ordering.line_values(need, po)

    # ---------------------------------------------------------------- create, write, unlink
    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> PurchaseOrderLine:
        lines = super().create(
            [{"product_qty": ZERO, **vals} if vals.get("display_type") else vals for vals in vals_list]
        )
        order_guards.refuse_locked(lines.order_id)
        lines.filtered(lambda line: line.qty_received and not line.move_ids)._refuse_entered_receipt()
        confirmed = lines.filtered(lambda line: line.state == "purchase")
        if confirmed:
            with document_messages.announced(self.env):
                ordering.expect(confirmed)
        return lines

    def write(self, vals: dict[str, Any]) -> bool:
        """Changes of a confirmed line reach what has not come in yet: quantity, date and price."""
        if AGREED & vals.keys():
            order_guards.refuse_locked(self.order_id)
        if "qty_received" in vals:
            self._refuse_entered_receipt()
        order_guards.refuse_exchange(self, "purchase", vals)
        confirmed = self.filtered(lambda line: line.state == "purchase")
        before = {line.id: line.product_qty for line in confirmed}
        result = super().write(vals)
        if confirmed and "product_qty" in vals:
            with document_messages.announced(self.env):
                ordering.change_quantities(confirmed, before)
        if confirmed and vals.keys() & {"date_planned", "price_unit", "discount"}:
            ordering.reschedule(confirmed)
        return result

    def _in_product_unit(self, quantity: Decimal) -> Decimal:
        return self.product_uom_id._convert(quantity, self.product_id.uom_id)

    def _net_price(self) -> Decimal:
        """The price of one unit of the line, less the discount."""
        self.ensure_one()
        return self.price_unit * (100 - self.discount) / 100

    def _refuse_entered_receipt(self) -> None:
        """Refuse a received quantity for goods: it follows from their receipts."""
        goods = self.filtered(lambda line: line.qty_received_method == "stock_moves")
        if goods:
            raise UserError(
                self.env._(
                    "%(product)s on %(order)s: what came in follows from the receipts. Validate the receipt.",
                    product=goods[0].product_id.display_name,
                    order=goods[0].order_id.name,
                ),
                code="purchasing_quantity_of_receipts",
                data={
                    "product": goods[0].product_id.display_name,
                    "order": goods[0].order_id.name,
                },
            )

    @api.ondelete()
    def _refuse_locked_or_confirmed(self) -> None:
        order_guards.refuse_deletion(self, "purchase")

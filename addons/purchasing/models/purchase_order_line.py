"""Lines of purchase orders."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

from addons.inventory.services import move_figures, order_guards, order_lines
from addons.inventory.services.procurement import Procurement
from addons.purchasing.exceptions import AlreadyReceived
from addons.purchasing.services import ordering, receiving, vendors
from core import api, fields, models
from core.api import _

ZERO = Decimal(0)


class PurchaseOrderLine(models.Model):
    """A product, how much of it, at what price, by when; after confirmation also how much of it came in.

    The price follows the vendor's terms as long as no other one was entered and the order is not confirmed.
    """

    _name = "purchase.order.line"
    _description = "Purchase Order Line"
    _inherit = ["order.line.mixin"]

    _kind = order_lines.OrderKind(
        addon="purchasing",
        order="purchase.order",
        line="purchase.order.line",
        link="purchase_line_id",
        demand="product_qty",
        fulfilled="qty_received",
        method="qty_received_method",
        by_moves="stock_moves",
        drafts=("draft", "sent"),
        confirmed="purchase",
        confirm="Confirm Order",
    )
    _refusals = {
        "negative": order_lines.Refusal(
            _(
                "%(product)s: the quantity to buy cannot be negative (%(quantity)s). "
                "To send goods back, return the receipt."
            ),
            code="purchasing.negative_quantity",
        ),
        "entered": order_lines.Refusal(
            _("The received quantity of %(product)s on %(order)s is computed from its receipts. Validate the receipt."),
            code="purchasing.quantity_of_receipts",
        ),
        "discount": order_lines.Refusal(order_guards.DISCOUNT, code="purchasing.discount"),
        "below": order_lines.Refusal(
            _("%(product)s: %(received)s came in, so %(ordered)s cannot be ordered. Return goods first."),
            error=AlreadyReceived,
        ),
    }

    order_id = fields.Many2one("purchase.order")
    product_qty = fields.Quantity("Quantity", required=True, default=Decimal(1), uom_field="product_uom_id")
    product_uom_qty = fields.Quantity(
        "Total Quantity",
        compute="_compute_product_uom_qty",
        search=move_figures.SearchInProductUnit("product_uom_qty", "product_qty", "product_uom_id"),
        help="In the product's unit",
    )
    price_unit = fields.Monetary(
        "Unit Price", compute="_compute_terms", store=True, readonly=False, groups="inventory.group_product_prices"
    )
    discount = fields.Quantity(compute="_compute_terms", store=True, readonly=False)
    technical_price_unit = fields.Monetary(
        "Vendor's Price", compute="_compute_terms", store=True, groups="inventory.group_product_prices"
    )
    technical_discount = fields.Quantity(
        "Vendor's Discount (%)", digits=2, compute="_compute_terms", store=True, groups="inventory.group_product_prices"
    )
    date_planned = fields.Datetime("Expected Arrival", compute="_compute_date_planned", store=True, readonly=False)
    partner_id = fields.Many2one("res.partner", related="order_id.partner_id", string="Vendor")
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
    def _product_description(self) -> str:
        return vendors.description(self)

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

    @api.seam("confirm", order=8)
    def _prepare_stock_moves(
        self, picking: Any, previous_product_qty: Mapping[int, Decimal] | Literal[False] = False
    ) -> list[dict[str, Any]]:
        """The values of the moves that receive lines.

        When:
            once for all lines of all orders that are confirmed together, for all lines that are added to confirmed
            orders, and for all confirmed lines of which more is ordered.
        Called by:
            ``purchasing.services.ordering.create_receipts``.
        Args:
            picking: the receipt that the moves go into; empty where they join an open receipt of their order, or get a
                new one, when they are confirmed.
            previous_product_qty: line id -> what was ordered before, in the unit of the line; False where nothing was.
                What was received already is not received again.
        Returns:
            a list of values for `create` of stock.move; `purchase_line_id` says of which line each is.
        Transaction:
            that of the action. It creates the references of orders that have no receipt, and only reads otherwise.
        Override:
            change the values of ``super()``, or split them into more moves.
        Example::

            class PurchaseOrderLine(models.Model):
                _inherit = "purchase.order.line"

                def _prepare_stock_moves(self, picking, previous_product_qty=False):
                    rows = super()._prepare_stock_moves(picking, previous_product_qty)
                    return [row | {"priority": "1"} for row in rows]
        """
        return ordering.receipt_values(self, picking, previous_product_qty or {})

    def _launch(self, before: Mapping[int, Decimal] | None = None) -> None:
        ordering.create_receipts(self, before or False)

    def _reduce_demand(self, quantities: Mapping[int, Decimal]) -> None:
        # The steps after follow when the goods come.
        order_lines.take_back(
            (ordering.open_receipts(line), line._in_product_unit(quantities[line.id])) for line in self
        )

    def write(self, vals: dict[str, Any]) -> bool:
        """Dates and prices of confirmed lines reach what has not come in yet."""
        result = super().write(vals)
        if vals.keys() & {"date_planned", "price_unit", "discount"}:
            ordering.reschedule(self.filtered(lambda line: line.state == self._kind.confirmed))
        return result

    def _net_price(self) -> Decimal:
        """The price of one unit of the line, less the discount."""
        self.ensure_one()
        return self.price_unit * (100 - self.discount) / 100

"""Moves as demand of customers: what Stock Detail shows of them beside the shortage."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.inventory.services import backorder_supply, move_figures, on_backorder, promise, quants, supply_links
from core import api, fields, models


class StockMoveDemand(models.Model):
    """Whether a customer waits for it, what was ordered, its stock and when it is expected; a part of `stock.move`."""

    _inherit = "stock.move"

    split_root_id = fields.Many2one(
        "stock.move",
        "Split From",
        index=True,
        copy=False,
        ondelete="set null",
        help="The move whose supply links count for this one too",
    )
    supply_link_ids = fields.One2many(
        "stock.supply.link", "demand_move_id", "Supply Links", help="What was ordered for this demand"
    )
    is_customer_demand = fields.Boolean(
        "Customer Demand",
        compute="_compute_is_customer_demand",
        search="_search_is_customer_demand",
        help="It is open and takes stock for a customer.",
    )
    is_on_backorder = fields.Boolean(
        "On Backorder",
        compute="_compute_is_customer_demand",
        search="_search_is_on_backorder",
        help="A customer ordered it and not all of it is reserved.",
    )
    is_late = fields.Boolean(
        "Late",
        compute="_compute_is_late",
        search="_search_is_late",
        help="The promised date is over, or it is expected after that date.",
    )
    availability = fields.Quantity(
        "Forecasted Quantity",
        compute="_compute_availability",
        search=move_figures.SearchUnlessDone("availability", "product_qty"),
    )
    forecast_availability = fields.Quantity(
        "Forecast Availability",
        compute="_compute_forecast",
        search=move_figures.SearchUnlessDone("forecast_availability", "product_qty"),
    )
    forecast_expected_date = fields.Datetime(
        "Expected Date",
        compute="_compute_forecast",
        search=move_figures.SearchUnlessDone("forecast_expected_date", "date"),
    )
    ordered_qty = fields.Quantity(
        "Ordered",
        compute="_compute_ordered_qty",
        search="_search_ordered_qty",
        help="What the order says, in the product's unit",
    )
    product_uom_name = fields.Char("Product Unit", related="product_id.uom_id.name")
    stock_on_hand = fields.Quantity(
        "On Hand",
        compute="_compute_stock",
        search=move_figures.SearchStock("location_id.warehouse_id", "qty_available"),
        help="In the warehouse that delivers it",
    )
    stock_free = fields.Quantity(
        "Free",
        compute="_compute_stock",
        search=move_figures.SearchStock("location_id.warehouse_id", "free_qty"),
        help="On hand and not reserved",
    )
    stock_incoming = fields.Quantity(
        "Incoming",
        compute="_compute_stock",
        search=move_figures.SearchStock("location_id.warehouse_id", "incoming_qty"),
    )
    stock_forecast = fields.Quantity(
        "Forecast",
        compute="_compute_stock",
        search=move_figures.SearchStock("location_id.warehouse_id", "virtual_available"),
        help="On hand, plus what comes in, less what is to go out",
    )

    @api.depends("state", "quantity", "product_uom_qty")
    def _compute_is_customer_demand(self) -> None:
        for move in self:
            move.is_customer_demand = on_backorder.is_demand(move)
            move.is_on_backorder = move.is_customer_demand and move.state in on_backorder.UNRESERVED

    def _search_is_customer_demand(self, operator: str, value: Any) -> Any:
        return on_backorder.matching(on_backorder.DEMAND, operator, value)

    def _search_is_on_backorder(self, operator: str, value: Any) -> Any:
        return on_backorder.matching(on_backorder.DOMAIN, operator, value)

    @api.depends("state", "quantity", "product_uom_qty", "date_deadline")
    def _compute_is_late(self) -> None:
        promised = self.filtered(lambda move: move.date_deadline and move.state in on_backorder.OPEN)
        promised.mapped("forecast_expected_date")
        for move in self:
            move.is_late = move in promised and on_backorder.is_late(
                self.env, move.date_deadline, move.forecast_expected_date
            )

    def _search_is_late(self, operator: str, value: Any) -> Any:
        return on_backorder.matching(on_backorder.late_domain(self), operator, value)

    def _compute_ordered_qty(self) -> None:
        ordered = self._ordered_quantities()
        for move in self:
            move.ordered_qty = ordered[move.id]

    @api.model
    def _search_ordered_qty(self, operator: str, value: Any) -> Any:
        """The domain of moves by what is ordered; addons that override `_ordered_quantities` override it with it."""
        return api.Domain("product_qty", operator, value)

    def _ordered_quantities(self) -> dict[int, Decimal]:
        """Id -> what the document that asks for it says, in the product's unit; addons answer for their orders."""
        return {move.id: move.product_qty for move in self}

    @api.ondelete(at_uninstall=False)
    def _pass_on_supply_links(self) -> None:
        supply_links.follow_deletion(self)

    def _supply_record(self) -> Any:
        """What supply links refer to for a planned move: itself, or the line of the request that it receives."""
        self.ensure_one()
        return self

    def _supply_documents(self) -> dict[int, list[Any]]:
        """Id -> the open documents that bring the goods of just this move; addons add their requests."""
        return backorder_supply.supply_of_moves(self)

    def _compute_stock(self) -> None:
        for warehouse, moves in self.grouped(lambda move: move.location_id.warehouse_id).items():
            products = moves.product_id.with_context(warehouse_id=warehouse.id or False)
            by_id = {product.id: product for product in products}
            for move in moves:
                product = by_id.get(move.product_id.id, move.product_id)
                move.stock_on_hand = product.qty_available
                move.stock_free = product.free_qty
                move.stock_incoming = product.incoming_qty
                move.stock_forecast = product.virtual_available

    @api.depends("state", "product_qty", "quantity")
    def _compute_availability(self) -> None:
        limited = self.filtered(
            lambda move: move.state != "done" and move.location_id and not move._should_bypass_reservation()
        )
        free = quants.free_at(self.env, [(move.product_id, move.location_id) for move in limited])
        for move in self:
            most = free[move.product_id.id, move.location_id.id] if move in limited else move.product_qty
            move.availability = min(move.product_qty, max(most, Decimal(0)))

    @api.depends("state", "quantity", "product_uom_qty")
    def _compute_forecast(self) -> None:
        expected = promise.expected(self)
        for move in self:
            answer = expected[move.id]
            move.forecast_availability = answer.quantity
            move.forecast_expected_date = answer.date or False

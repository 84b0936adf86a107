"""What a manufacturing order shows of itself: times, availability, related documents, the buttons that make sense."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.manufacturing.services import availability, progress, transfers
from core import api, fields, models

OPEN = progress.OPEN
#: The orders whose components other documents bring, and those whose products others take on.
FED = api.Domain("move_raw_ids", "any!", [("move_orig_ids", "!=", False)])
FEEDS = api.Domain("move_finished_ids", "any!", [("move_dest_ids", "!=", False)])


class MrpProductionFigures(models.Model):
    """Fields for reading, derived from what the order is and has; a part of `mrp.production`."""

    _inherit = "mrp.production"

    move_byproduct_ids = fields.One2many("stock.move", string="By-products", compute="_compute_move_byproduct_ids")
    finished_move_line_ids = fields.One2many(
        "stock.move.line", string="Finished Product Lines", compute="_compute_finished_move_line_ids"
    )
    duration_expected = fields.Quantity(
        "Expected Duration (minutes)",
        digits=4,
        compute="_compute_durations",
        search=fields.SearchByValue([("workorder_ids", "!=", False)]),
    )
    duration = fields.Quantity(
        "Actual Duration (minutes)",
        digits=4,
        compute="_compute_durations",
        search=fields.SearchByValue([("workorder_ids", "!=", False)]),
    )
    components_availability = fields.Char(
        "Component Status",
        compute="_compute_components_availability",
        search=fields.SearchByValue([("state", "in", availability.OPEN)]),
    )
    components_availability_state = fields.Selection(
        [("available", "Available"), ("expected", "Expected"), ("late", "Late"), ("unavailable", "Not Available")],
        "Components Availability State",
        compute="_compute_components_availability",
        search=fields.SearchByValue([("state", "in", availability.OPEN)]),
    )
    picking_ids = fields.Many2many("stock.picking", string="Transfers", compute="_compute_picking_ids")
    delivery_count = fields.Integer(
        "Transfer Count", compute="_compute_picking_ids", search=fields.SearchByValue(FED | FEEDS)
    )
    mrp_production_backorder_count = fields.Integer(
        "Backorders", compute="_compute_backorder_count", search=fields.SearchByValue()
    )
    mrp_production_child_count = fields.Integer(
        "Child Orders", compute="_compute_relatives", search=fields.SearchByValue(FED)
    )
    mrp_production_source_count = fields.Integer(
        "Source Orders", compute="_compute_relatives", search=fields.SearchByValue(FEEDS)
    )
    scrap_count = fields.Integer(
        "Scraps",
        compute="_compute_scrap_count",
        search=fields.SearchByValue(["|", ("scrap_ids", "!=", False), ("unbuild_ids", "!=", False)]),
    )
    unbuild_count = fields.Integer(
        "Unbuilds",
        compute="_compute_scrap_count",
        search=fields.SearchByValue(["|", ("scrap_ids", "!=", False), ("unbuild_ids", "!=", False)]),
    )
    is_delayed = fields.Boolean("Late", compute="_compute_is_delayed", search="_search_is_delayed")
    reserve_visible = fields.Boolean("Reservation Allowed", compute="_compute_visible")
    unreserve_visible = fields.Boolean("Unreservation Allowed", compute="_compute_visible")
    show_produce = fields.Boolean("Show Validate", compute="_compute_visible")
    show_produce_all = fields.Boolean("Show Produce All", compute="_compute_visible")
    show_lot_ids = fields.Boolean("Show Lots", compute="_compute_visible")
    show_generate_bom = fields.Boolean("Show Generate BoM", compute="_compute_visible")
    serial_numbers_count = fields.Integer("Count of Serial Numbers", compute="_compute_serial_numbers_count")
    show_make_transfer = fields.Boolean("Show Make Transfer", compute="_compute_visible")

    @api.depends("move_finished_ids", "product_id")
    def _compute_move_byproduct_ids(self) -> None:
        for production in self:
            production.move_byproduct_ids = production.move_finished_ids.filtered(
                lambda move, product=production.product_id: move.product_id != product
            )

    @api.depends("move_finished_ids.move_line_ids")
    def _compute_finished_move_line_ids(self) -> None:
        for production in self:
            production.finished_move_line_ids = production.move_finished_ids.move_line_ids

    @api.depends("workorder_ids.duration", "workorder_ids.duration_expected")
    def _compute_durations(self) -> None:
        for production in self:
            production.duration_expected = sum(production.workorder_ids.mapped("duration_expected"), Decimal(0))
            production.duration = sum(production.workorder_ids.mapped("duration"), Decimal(0))

    @api.depends("move_raw_ids.state", "move_raw_ids.quantity", "state")
    def _compute_components_availability(self) -> None:
        statuses = availability.of_components(self)
        for production in self:
            production.components_availability_state, production.components_availability = statuses[production]

    @api.depends("move_raw_ids.move_orig_ids.picking_id", "move_finished_ids.move_dest_ids.picking_id")
    def _compute_picking_ids(self) -> None:
        for production in self:
            pickings = production.move_raw_ids.move_orig_ids.picking_id
            production.picking_ids = pickings | production.move_finished_ids.move_dest_ids.picking_id
            production.delivery_count = len(production.picking_ids)

    @api.depends("production_group_id.production_ids")
    def _compute_backorder_count(self) -> None:
        for production in self:
            production.mrp_production_backorder_count = len(production.production_group_id.production_ids)

    @api.depends(
        "move_raw_ids.move_orig_ids.production_id", "move_finished_ids.move_dest_ids.raw_material_production_id"
    )
    def _compute_relatives(self) -> None:
        for production in self:
            production.mrp_production_child_count = len(production._get_children())
            production.mrp_production_source_count = len(production._get_sources())

    @api.depends("scrap_ids", "unbuild_ids")
    def _compute_scrap_count(self) -> None:
        for production in self:
            production.scrap_count = len(production.scrap_ids)
            production.unbuild_count = len(production.unbuild_ids)

    @api.depends("lot_producing_ids")
    def _compute_serial_numbers_count(self) -> None:
        for production in self:
            production.serial_numbers_count = len(production.lot_producing_ids)

    @api.depends("state", "date_deadline", "date_start")
    def _compute_is_delayed(self) -> None:
        now = fields.Datetime.now()
        for production in self:
            due = production.date_deadline or production.date_start
            production.is_delayed = bool(production.state in OPEN and due and due < now)

    def _search_is_delayed(self, operator: str, value: Any) -> list[Any]:
        now = fields.Datetime.now()
        late = [("state", "in", list(OPEN)), "|", ("date_deadline", "<", now)]
        late += ["&", ("date_deadline", "=", False), ("date_start", "<", now)]
        return late if (operator in ("=", "in")) == bool(value) else ["!", "&", *late]

    @api.depends(
        "state",
        "reservation_state",
        "move_raw_ids.quantity",
        "move_raw_ids.move_orig_ids.state",
        "qty_producing",
        "product_tracking",
    )
    def _compute_visible(self) -> None:
        for production in self:
            is_open = production.state in OPEN
            raw = production.move_raw_ids.filtered(lambda move: move.state not in ("done", "cancel"))
            production.reserve_visible = is_open and any(move.state != "assigned" for move in raw)
            production.unreserve_visible = is_open and any(move.quantity for move in raw)
            production.show_produce = is_open
            production.show_produce_all = is_open and production.qty_producing in (
                Decimal(0),
                production._remaining(),
            )
            production.show_lot_ids = production.state != "draft" and production.product_tracking in ("lot", "serial")
            production.show_generate_bom = (
                not production.bom_id and production.state not in ("draft", "cancel") and bool(production.move_raw_ids)
            )
            production.show_make_transfer = is_open and transfers.can_transfer(production)

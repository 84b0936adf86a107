"""Manufacturing order: make a quantity of a product, in one go or in parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal

from addons.inventory.services import move_states, on_backorder, on_hold
from addons.inventory.services.product_lock import locks_products
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import (
    availability,
    bills,
    closed_plans,
    component_transfers,
    confirmation,
    consumption,
    merging,
    order_changes,
    order_defaults,
    output,
    plan_preview,
    planning,
    producing,
    production_states,
    progress,
    questions,
    splitting,
    tracking,
    transfers,
)
from core import api, fields, models
from core.api import _, ngettext
from core.exceptions import ValidationError
from core.rounding import format_number

OPEN = {*production_states.OPEN}
#: The orders whose components other documents bring, and those whose products others take on.
FED = api.Domain("move_raw_ids", "any!", [("move_orig_ids", "!=", False)])
FEEDS = api.Domain("move_finished_ids", "any!", [("move_dest_ids", "!=", False)])


class MrpProduction(models.Model):
    """An order to make `product_qty` of a product from the components of its bill of materials.

    What is made in parts becomes a family: WH/MO/00001 turns into WH/MO/00001-001 (made) and WH/MO/00001-002 (still
    to make), and so on, all in one `production_group_id`.
    """

    _name = "mrp.production"
    _inherit = ["document.mixin", "stock.underdelivery.mixin", "stock.tolerated.mixin"]
    _description = "Manufacturing Order"
    _check_company_auto = True
    _order = "priority desc, date_start, id"
    _validate_method = "button_mark_done"

    STATES = [
        ("draft", "Draft"),
        ("confirmed", "Confirmed"),
        ("progress", "In Progress"),
        ("to_close", "To Close"),
        ("done", "Done"),
        ("cancel", "Cancelled"),
    ]
    TRANSITIONS = {
        "action_confirm": ({"draft"}, "confirmed"),
        "action_start": ({"confirmed"}, "progress"),
        "button_mark_done": (OPEN, "done"),
        "action_cancel": ({"draft", *OPEN}, "cancel"),
        "action_assign": (OPEN, None),
        "do_unreserve": (OPEN, None),
        "set_qty_producing": (OPEN, None),
        "action_generate_serial": (OPEN, None),
        "action_clear_lot_producing_ids": (OPEN, None),
        "action_split": ({"draft", *OPEN}, None),
        "action_merge": ({"draft", "confirmed"}, None),
        "action_make_transfer": (OPEN, None),
        "action_back_flush": (OPEN, None),
        "action_change_quantity": ({"draft", *OPEN}, None),
        "action_update_bom": ({"draft", "confirmed"}, None),
        "action_unbuild": ({"done"}, None),
    }

    STATE_REFUSALS = {
        "draft": _("%(record)s is a draft. Confirm it first."),
        ("draft", "action_unbuild"): _("%(record)s has not produced anything yet."),
        "confirmed": _("%(record)s is already confirmed."),
        ("confirmed", "action_unbuild"): _("%(record)s is not done yet. Produce it first."),
        "progress": _("%(record)s is already in progress."),
        ("progress", "action_merge"): _("%(record)s is in progress. Only orders that have not begun can be merged."),
        ("progress", "action_update_bom"): _("%(record)s is in progress and keeps its components."),
        ("progress", "action_unbuild"): _("%(record)s is not done yet. Produce it first."),
        "to_close": _("%(record)s is already in progress. It is ready to be closed."),
        ("to_close", "action_merge"): _("%(record)s is to be closed. Only orders that have not begun can be merged."),
        ("to_close", "action_update_bom"): _("%(record)s is to be closed and keeps its components."),
        ("to_close", "action_unbuild"): _("%(record)s is not done yet. Close it first."),
        "done": _("%(record)s is already done."),
        ("done", "action_cancel"): _("%(record)s is already done. Unbuild what it made instead."),
        "cancel": _("%(record)s is cancelled. Duplicate it to make the products after all."),
        ("cancel", "action_cancel"): _("%(record)s is already cancelled."),
    }

    name = fields.Char("Reference", default="New", readonly=True, copy=False, index=True)
    state = fields.Selection(STATES, "Status", default="draft", readonly=True, copy=False, index=True, tracking=True)
    priority = fields.Selection([("0", "Normal"), ("1", "Urgent")], "Priority", default="0")
    origin = fields.Char("Source", copy=False)
    user_id = fields.Many2one("res.users", "Responsible", default=lambda self: self.env.user)
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company)

    product_id = fields.Many2one(
        "product.product", required=True, index=True, domain=[("type", "=", "consu")], tracking=True, check_company=True
    )
    product_tmpl_id = fields.Many2one(related="product_id.product_tmpl_id")
    product_tracking = fields.Selection(related="product_id.tracking", string="Product Tracking")
    product_qty = fields.Quantity(
        "Quantity To Produce", default=Decimal(1), required=True, tracking=True, uom_field="product_uom_id"
    )
    product_uom_id = fields.Many2one(
        "uom.uom", "Unit", required=True, compute="_compute_product_uom_id", store=True, readonly=False
    )
    product_uom_qty = fields.Quantity("Total Quantity", compute="_compute_product_uom_qty", store=True)
    qty_producing = fields.Quantity(
        "Quantity Producing", copy=False, help="How many are made now; nothing typed means all that remain."
    )
    qty_produced = fields.Quantity(
        "Quantity Produced",
        compute="_compute_qty_produced",
        search=fields.SearchByValue(api.Domain("move_finished_ids", "any!", [("state", "=", "done")])),
    )
    bom_id = fields.Many2one(
        "mrp.bom",
        "Bill of Materials",
        index=True,
        compute="_compute_bom_id",
        store=True,
        readonly=False,
        domain=[("type", "=", "normal")],
        check_company=True,
    )
    consumption = fields.Selection(
        [("flexible", "Allowed"), ("warning", "Allowed with warning"), ("strict", "Blocked")],
        "Consumption",
        compute="_compute_consumption",
        store=True,
        readonly=False,
        required=True,
    )
    explode_subassemblies = fields.Boolean(
        "Explode Sub-Assemblies",
        help="List the components of sub-assemblies instead of the sub-assemblies, which otherwise come from stock.",
    )
    picking_type_id = fields.Many2one(
        "stock.picking.type",
        "Operation Type",
        required=True,
        index=True,
        default=lambda self: order_defaults.default_picking_type(self.env),
        domain=[("code", "=", "mrp_operation")],
        check_company=True,
    )
    warehouse_id = fields.Many2one(related="picking_type_id.warehouse_id")
    location_src_id = fields.Many2one(
        "stock.location",
        "Components Location", required=True, compute="_compute_location_src_id", store=True, readonly=False,
        domain=[("usage", "=", "internal")],
        help="Where components are consumed. Make Transfer brings them there from the stock.",
        check_company=True,
    )  # fmt: skip
    location_dest_id = fields.Many2one(
        "stock.location",
        "Finished Products Location",
        required=True,
        compute="_compute_location_dest_id", store=True, readonly=False,
        domain=[("usage", "=", "internal")],
        help="Where finished products are stored before they are shipped.",
        check_company=True,
    )  # fmt: skip
    location_final_id = fields.Many2one(
        "stock.location",
        "Final Location",
        compute="_compute_location_final_id", store=True, readonly=False,
        help="Where the product comes to rest, in however many steps it gets there.",
        check_company=True,
    )  # fmt: skip
    production_location_id = fields.Many2one(
        "stock.location", "Production Location", compute="_compute_production_location_id", store=True
    )
    date_start = fields.Datetime("Start", default=fields.Datetime.now, required=True)
    _queue_index = models.Index("(priority DESC, date_start, id)")  # lists come in this order
    date_finished = fields.Datetime(
        "End",
        compute="_compute_date_finished",
        store=True,
        readonly=False,
        copy=False,
        help="When the order is expected to be finished; once it is done, when it was.",
    )
    date_deadline = fields.Datetime("Deadline", copy=False)

    move_raw_ids = fields.One2many("stock.move", "raw_material_production_id", "Components", copy=False)
    planned_component_ids = fields.One2many(
        "stock.move",
        compute="_compute_planned",
        string="Planned Components",
        help="Of an order that is not saved yet: what it will consume",
    )
    planned_workorder_ids = fields.One2many(
        "mrp.workorder",
        compute="_compute_planned",
        string="Planned Work Orders",
        help="Of an order that is not saved yet: the operations it will have",
    )
    move_finished_ids = fields.One2many("stock.move", "production_id", "Finished Products", copy=False)
    move_dest_ids = fields.One2many("stock.move", "created_production_id", "Demands This Order Answers", copy=False)
    allow_workorder_dependencies = fields.Boolean(related="bom_id.allow_operation_dependencies")
    workorder_ids = fields.One2many("mrp.workorder", "production_id", "Work Orders", copy=False)
    scrap_ids = fields.One2many("stock.scrap", "production_id", "Scraps", copy=False)
    unbuild_ids = fields.One2many("mrp.unbuild", "mo_id", "Unbuilds", copy=False)
    orderpoint_id = fields.Many2one("stock.warehouse.orderpoint", "Reordering Rule", copy=False, index=True)
    plan_id = fields.Many2one(
        "mrp.production.plan", "Production Plan", copy=False, readonly=True, index=True, ondelete="set null"
    )
    reference_ids = fields.Many2many("stock.reference", string="References", copy=False)
    propagate_cancel = fields.Boolean("Propagate cancel")
    has_removed_components = fields.Boolean("Components Were Removed", copy=False)
    is_outdated_bom = fields.Boolean(
        "Outdated BoM", copy=False, help="The bill of materials has changed since the order was planned by it."
    )
    is_locked = fields.Boolean("Is Locked", default=True, copy=False)
    is_planned = fields.Boolean("Planned", copy=False)
    backorder_sequence = fields.Integer(
        "Backorder Sequence", copy=False, help="The place of this order among the parts of the one it came from."
    )
    production_group_id = fields.Many2one("mrp.production.group", "Production Group", copy=False, index=True)
    reservation_state = fields.Selection(
        [("confirmed", "Waiting"), ("assigned", "Ready"), ("waiting", "Waiting Another Operation")],
        "Readiness",
        compute="_compute_reservation_state",
        store=True,
        index=True,
    )

    # for reading: derived from what the order is and has
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
        search=fields.SearchByValue([("state", "in", production_states.UNFINISHED)]),
    )
    components_availability_state = fields.Selection(
        [("available", "Available"), ("expected", "Expected"), ("late", "Late"), ("unavailable", "Not Available")],
        "Components Availability State",
        compute="_compute_components_availability",
        search=fields.SearchByValue([("state", "in", production_states.UNFINISHED)]),
    )
    picking_ids = fields.Many2many("stock.picking", string="Transfers", compute="_compute_picking_ids")
    delivery_count = fields.Integer(
        "Transfer Count", compute="_compute_picking_ids", search=fields.SearchByValue(FED | FEEDS)
    )
    mrp_production_backorder_count = fields.Integer(
        "Orders of the Demand", compute="_compute_backorder_count", search=fields.SearchByValue()
    )
    other_backorder_count = fields.Integer(
        "Backorders",
        compute="_compute_backorder_count",
        search=fields.SearchByValue(),
        help="The other orders that this one was split into or from",
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

    lot_producing_ids = fields.Many2many(
        "stock.lot",
        "mrp_production_lot_rel",
        "production_id",
        "lot_id",
        "Lots/Serial Numbers",
        copy=False,
        check_company=True,
    )
    lot_producing_id = fields.Many2one(
        "stock.lot",
        "Lot/Serial Number",
        compute="_compute_lot_producing_id",
        inverse="_inverse_lot_producing_id",
        search="_search_lot_producing_id",
    )

    _qty_producing_not_negative = models.Constraint(
        "CHECK (qty_producing >= 0)", "The quantity produced cannot be negative. Enter how many were made, or 0."
    )

    # -- what follows from the product, the bill and the operation type ------------------------------------------

    @api.depends("product_id", "picking_type_id", "company_id")
    def _compute_bom_id(self) -> None:
        order_defaults.find_boms(self)

    @api.depends("bom_id", "product_id")
    def _compute_product_uom_id(self) -> None:
        for production in self:
            production.product_uom_id = production.bom_id.product_uom_id or production.product_id.uom_id

    @api.depends("product_qty", "product_uom_id", "product_id")
    def _compute_product_uom_qty(self) -> None:
        for production in self:
            production.product_uom_qty = production._in_product_unit(production.product_qty)

    @api.depends("bom_id")
    def _compute_consumption(self) -> None:
        for production in self:
            production.consumption = production.bom_id.consumption or "flexible"

    # Each place has a method of its own: choosing one of them leaves the other as it was chosen.
    @api.depends("picking_type_id")
    def _compute_location_src_id(self) -> None:
        for production in self:
            kind = production.picking_type_id
            production.location_src_id = kind.default_location_src_id or kind.warehouse_id.lot_stock_id

    @api.depends("picking_type_id")
    def _compute_location_dest_id(self) -> None:
        for production in self:
            kind = production.picking_type_id
            production.location_dest_id = kind.default_location_dest_id or kind.warehouse_id.lot_stock_id

    @api.depends("location_dest_id", "picking_type_id")
    def _compute_location_final_id(self) -> None:
        for production in self:
            warehouse = production.picking_type_id.warehouse_id
            stored = production.location_dest_id == warehouse.sam_loc_id
            production.location_final_id = warehouse.lot_stock_id if stored else production.location_dest_id

    @api.depends("date_start", "bom_id", "workorder_ids.duration_expected")
    def _compute_date_finished(self) -> None:
        for production in self:
            if production.state in production_states.CLOSED or production.is_planned:
                production.date_finished = production.date_finished
            else:
                production.date_finished = progress.expected_end(production)

    @api.depends("product_id", "company_id")
    def _compute_production_location_id(self) -> None:
        order_defaults.find_production_locations(self)

    @api.depends("move_finished_ids.state", "move_finished_ids.quantity", "product_id", "product_uom_id")
    def _compute_qty_produced(self) -> None:
        for production in self:
            done = production._product_moves().filtered(lambda move: move.state == "done")
            made = (move.product_uom._compute_quantity(move.quantity, production.product_uom_id) for move in done)
            production.qty_produced = sum(made, Decimal(0))

    @api.depends("move_raw_ids.state", "state", "bom_id.ready_to_produce")
    def _compute_reservation_state(self) -> None:
        for production in self:
            production.reservation_state = progress.reservation_state(production)

    @api.depends("bom_id", "product_id", "product_qty", "product_uom_id", "explode_subassemblies", "picking_type_id")
    def _compute_planned(self) -> None:
        for production in self:
            moves, workorders = self.env["stock.move"], self.env["mrp.workorder"]
            if not production._origin:
                for values in plan_preview.components(production):
                    moves |= moves.new(values)
                for values in plan_preview.operations(production):
                    workorders |= workorders.new(values)
            production.planned_component_ids = moves
            production.planned_workorder_ids = workorders

    @api.onchange("qty_producing", "product_qty")
    def _onchange_qty_producing(self) -> dict[str, Any] | None:
        remaining = self.product_qty - self.qty_produced
        if self.qty_producing <= remaining:
            return None
        message = self.env._(
            "%(made)s %(unit)s are more than the %(remaining)s that remain to be produced. "
            "The order will close with more than demanded, and its components are consumed in proportion.",
            made=format_number(self.qty_producing),
            unit=self.product_uom_id.name,
            remaining=format_number(remaining),
        )
        return {"warning": {"title": self.env._("More than demanded"), "message": message}}

    @api.constrains("product_qty")
    def _check_product_qty(self) -> None:
        for production in self:
            if production.product_qty <= 0:
                raise ValidationError(
                    self.env._(
                        "%(order)s: the quantity of %(product)s to produce must be greater than zero, "
                        "not %(quantity)s.",
                        order=production.name,
                        product=production.product_id.display_name,
                        quantity=format_number(production.product_qty),
                    ),
                    fields=["product_qty"],
                    code="manufacturing.quantity_not_positive",
                )

    @api.constrains("bom_id", "product_id")
    def _check_bom(self) -> None:
        for production in self:
            bom = production.bom_id
            if bom and (bom.product_id or production.product_id) != production.product_id:
                order_defaults.refuse_foreign_bom(production)
            if bom and bom.product_tmpl_id != production.product_id.product_tmpl_id:
                order_defaults.refuse_foreign_bom(production)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open(self) -> None:
        kept = self.filtered(lambda production: production.state not in ("draft", "cancel"))
        if kept:
            raise ManufacturingError(
                self.env._(
                    "%(orders)s cannot be deleted: cancel it first, or keep it as a record of what was made.",
                    orders=kept.mapped("name"),
                ),
                code="manufacturing.order_confirmed",
            )

    # -- figures: times, availability, related documents, visible buttons ----------------------------------------------

    @api.depends("move_finished_ids", "product_id")
    def _compute_move_byproduct_ids(self) -> None:
        for production in self:
            production.move_byproduct_ids = production.move_finished_ids - production._product_moves()

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
            parts = production.production_group_id.production_ids
            production.mrp_production_backorder_count = len(parts)
            production.other_backorder_count = len(parts - production)

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
        delayed = self.filtered_domain(self._delayed_domain())
        for production in self:
            production.is_delayed = production in delayed

    def _search_is_delayed(self, operator: str, value: Any) -> Any:
        return on_backorder.matching(self._delayed_domain(), operator, value)

    def _delayed_domain(self) -> Any:
        now = fields.Datetime.now()
        due = api.Domain("date_deadline", "<", now)
        due |= api.Domain([("date_deadline", "=", False), ("date_start", "<", now)])
        return api.Domain("state", "in", production_states.OPEN) & due

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
            raw = move_states.unfinished(production.move_raw_ids)
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

    # -- lots: one for a lot-tracked product, one for each unit of a serial-tracked product ----------------------------

    @api.depends("lot_producing_ids")
    def _compute_lot_producing_id(self) -> None:
        for production in self:
            production.lot_producing_id = production.lot_producing_ids[:1]

    def _inverse_lot_producing_id(self) -> None:
        for production in self:
            production.lot_producing_ids = production.lot_producing_id

    def _search_lot_producing_id(self, operator: str, value: Any) -> list[Any]:
        return [("lot_producing_ids", operator, value)]

    @api.onchange("lot_producing_ids", "lot_producing_id")
    def _onchange_lot_producing(self) -> None:
        """As many units are produced as serial numbers are given."""
        count = len(self.lot_producing_ids) or len(self.lot_producing_id)
        if self.product_tracking == "serial" and count and self.state != "draft":
            self.qty_producing = self.product_id.uom_id._require_exact(count, self.product_uom_id)

    @api.public(access="write")
    @api.transition
    def action_generate_serial(self) -> Any:
        """Give the order the next lot or serial number; for several units, return the dialog that numbers them all."""
        return tracking.generate(self)

    @api.public(access="write")
    @api.transition
    def action_clear_lot_producing_ids(self) -> None:
        """Take the lots and serial numbers off again."""
        self.write({"lot_producing_ids": [api.Command.clear()], "qty_producing": 0})

    # -- create and write -------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Number the orders, start their families, and plan what they move (unless the values bring the moves).

        Raises:
            ManufacturingError: a user enters a production plan that is done.
        """
        rows = order_defaults.prepare(self.env, vals_list)
        byproducts = [row.pop("move_byproduct_ids", None) for row in rows]
        productions = super().create(rows)
        closed_plans.check_entered(productions)
        unplanned = [
            production.id
            for production, vals in zip(productions, vals_list, strict=True)
            if "move_finished_ids" not in vals
        ]
        planning.plan(self.browse(unplanned))
        for production, commands in zip(productions, byproducts, strict=True):
            if commands:
                production.move_finished_ids = commands
        return productions

    def write(self, vals: dict[str, Any]) -> bool:
        """A draft is planned anew for what has changed, and a confirmed order follows a new quantity, bill or date.

        A quantity typed in as produced moves an open order on or back.

        Raises:
            ManufacturingError: an order that is no draft is to make another product, or has begun and is to follow
                another bill of materials; or a closed order is to produce.
        """
        if "move_byproduct_ids" in vals:
            vals = {**vals, "move_finished_ids": vals["move_byproduct_ids"]}
            del vals["move_byproduct_ids"]
        if self._is_settling():
            return super().write(vals)
        if order_changes.LOCKING & vals.keys():
            order_changes.lock(self)
        if "qty_producing" in vals:
            progress.refuse_closed(self)
        if "plan_id" in vals:
            closed_plans.check_orders(self, vals["plan_id"])
        drafts = self.filtered(lambda production: production.state == "draft")
        changed = order_changes.shape_changes(self - drafts, vals)
        order_changes.before_write(changed, vals)
        result = super().write(vals)
        order_changes.after_write(changed)
        if drafts and not order_changes.SHAPES.isdisjoint(vals):
            order_changes.replan(drafts, vals)
        if "date_start" in vals or "date_finished" in vals:
            order_changes.reschedule(self)
        if "qty_producing" in vals:
            progress.refresh(self)
        return result

    def copy_data(self, default: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """A copy starts as a new order: no name, no family; of the same components as long as it makes the same."""
        given = {"backorder_sequence": 0, **(default or {})}
        rows = super().copy_data(given)
        if order_changes.SHAPES.isdisjoint(given) and "move_raw_ids" not in given:
            for production, row in zip(self, rows, strict=True):
                row["move_raw_ids"] = planning.copied_components(production)
        return rows

    def _moves_to_lock(self) -> Any:
        return self.move_raw_ids | self.move_finished_ids

    def _product_moves(self) -> Any:
        """The moves that bring in the product of this order, without those of by-products."""
        product = self.product_id
        return self.move_finished_ids.filtered(lambda move: move.product_id == product)

    def _remaining(self) -> Decimal:
        """How many are still to be made, in the order's unit; never negative."""
        return max(self.product_qty - self.qty_produced, Decimal(0))

    def _in_product_unit(self, quantity: Decimal) -> Decimal:
        """A quantity of the order's unit in the product's own unit."""
        if not self.product_uom_id or self.product_uom_id == self.product_id.uom_id:
            return quantity
        return self.product_uom_id._compute_quantity(quantity, self.product_id.uom_id)

    # -- buttons -------------------------------------------------------------------------------------------------------

    @api.seam("confirm", order=10)
    @api.public(access="write")
    @api.transition
    def action_confirm(self) -> None:
        """Plan work orders, demand the components, and reserve them when the operation type does so at confirmation.

        When:
            once for all orders that are confirmed together: by a person, or all those that answer the needs of one run.
        Called by:
            the button "Confirm", ``manufacturing.services.supply.manufacture``.
        Raises:
            NoBillOfMaterials: an order has nothing to consume.
        Transaction:
            that of the action. The orders are locked.
        Override:
            complete the orders before ``super()``, act on them after it. To answer the confirmation, implement the hook
            `on_confirm`.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def action_confirm(self):
                    self.filtered(lambda order: not order.origin).write({"origin": "by hand"})
                    return super().action_confirm()
        """
        confirmation.confirm(self)

    @api.public(access="write")
    @api.transition
    def action_assign(self) -> None:
        """Reserve components, as far as there are any."""
        on_hold.release(self.move_raw_ids)
        self.move_raw_ids._action_assign()

    @api.public(access="write")
    @api.transition
    def do_unreserve(self) -> None:
        """Give back the components reserved for these orders."""
        self.check_access("write")
        move_states.unfinished(self.move_raw_ids)._do_unreserve()

    @api.public(access="write")
    @api.transition
    def action_start(self) -> None:
        """Begin: the orders are in progress."""
        self.lock_for_update()
        self._check_transition("action_start")
        self._settle({"state": "progress", "date_start": fields.Datetime.now()})

    @api.public(access="write")
    @api.transition
    @locks_products
    def set_qty_producing(self) -> None:
        """Fill in all that remains where no quantity is given, and state what is consumed for the quantity.

        Components hold just what the quantity takes, and are marked as consumed; those whose consumption was entered
        by hand stay as they are.
        """
        progress.produce_all(self)
        self._set_qty_producing()

    @api.seam("produce", order=5)
    @api.public(access="write")
    @api.transition
    @locks_products
    def button_mark_done(self, answers: dict[str, Any] | None = None) -> Any:
        """Close the orders with what `qty_producing` says, or with all that remains where it says nothing.

        When:
            once for all orders that are closed together; again after each question, with its answer.
        Called by:
            the button "Produce All", ``mrp.production.button_produce_all``, ``mrp.workorder.action_close_production``,
            the buttons of the dialogs that it returns (`question.mixin`),
            ``manufacturing.services.transfers.back_flush``.
        Args:
            answers: what was answered before, by question: `{"backorder": {id: bool}}` (make the rest later, or not at
                all), `{"consumption": {id: bool}}` (a deviation is right), `{"serials": {id: [name]}}`, `{"transfer":
                {id: "make" or "anyway"}}` (components that an open transfer has not brought are transferred first, or
                consumed where they are booked).
        Returns:
            a wizard to show when something must be asked first: `mrp.batch.produce`, `mrp.consumption.warning`,
            `mrp.production.backorder` or `mrp.transfer.confirmation`; nothing has changed then. The first order of the
            split when serial numbers split it. None otherwise.
        Transaction:
            one of its own. The orders and the products of their moves are locked.
        Override:
            check or complete the orders before ``super()``; after it, a returned wizard means that nothing has been
            made yet. To refuse or to ask, answer the hook `on_validate`; to act on what is done, the hook `on_done` or
            `_post_inventory`.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def button_mark_done(self, answers=None):
                    self.filtered(lambda order: not order.user_id).write({"user_id": self.env.uid})
                    return super().button_mark_done(answers)
        """
        return producing.mark_done(self, answers or {})

    @api.public(access="write")
    def button_produce_all(self) -> Any:
        """Close the orders with all that remains, whatever was typed."""
        self.filtered("qty_producing").write({"qty_producing": Decimal(0)})
        return self.button_mark_done()

    @api.seam("cancel", order=10)
    @api.public(access="write")
    @api.transition
    @locks_products
    def action_cancel(self) -> None:
        """Cancel the orders, free their components and cancel what was moved only for them.

        When:
            once for all orders that are cancelled together.
        Called by:
            the button "Cancel" and clients.
        Transaction:
            that of the action. The products of the moves are locked.
        Override:
            refuse by raising, or act on the orders after ``super()``. To answer the cancellation, implement the hook
            `on_cancel`.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def action_cancel(self):
                    result = super().action_cancel()
                    self.write({"priority": "0"})
                    return result
        """
        confirmation.cancel(self)

    @api.public(access="read")
    @api.transition
    def action_split(self) -> Any:
        """Return the dialog that divides one order into several."""
        self.ensure_one()
        return self.env["mrp.production.split"].create({"production_id": self.id})

    @api.public(access="write")
    @api.transition
    @locks_products
    def action_merge(self) -> Any:
        """Join orders for the same product and bill into one new order, which is returned."""
        return merging.merge(self)

    @api.public(access="read")
    @api.transition
    def action_change_quantity(self) -> Any:
        """Return the dialog that changes how many are to be made."""
        self.ensure_one()
        return self.env["change.production.qty"].create({"mo_id": self.id, "product_qty": self.product_qty})

    @api.public(access="write")
    @api.transition
    def action_update_bom(self) -> None:
        """Plan the orders anew from their bill of materials as it is now."""
        order_changes.update_from_bom(self)

    @api.public(access="write")
    def action_generate_bom(self) -> Any:
        """Generate BoM: a bill of materials of what an order without one consumes and makes, which it then follows."""
        self.ensure_one()
        return bills.generate_bom(self)

    @api.public(access="read")
    @api.transition
    def action_make_transfer(self) -> Any:
        """Bring the components to the work-in-progress location; returns the transfers."""
        return transfers.make_transfer(self)

    @api.public(access="write")
    @api.transition
    @locks_products
    def action_back_flush(self, answers: dict[str, Any] | None = None) -> Any:
        """Consume components for `qty_producing` (or for all) and take the finished product in, keeping one order.

        Args:
            answers: what was answered before, by question; see `button_mark_done`.

        Returns:
            A wizard to show when something must be asked first: `mrp.transfer.confirmation`, or what closing an
            order asks. None otherwise.
        """
        return transfers.back_flush(self, answers or {})

    @api.public(access="read")
    @api.transition
    def action_unbuild(self) -> Any:
        """Return a new unbuild order for what this order made."""
        self.ensure_one()
        return self.env["mrp.unbuild"].create({"mo_id": self.id, "product_qty": self.qty_produced})

    @api.public(access="read")
    def button_unbuild(self) -> Any:
        """The same under its other name."""
        return self.action_unbuild()

    @api.public(access="read")
    def button_scrap(self) -> Any:
        """Return a new scrap: of a component while the order is open, of what it made when it is done."""
        self.ensure_one()
        product = self.product_id if self.state == "done" else self.move_raw_ids[:1].product_id or self.product_id
        return self.env["stock.scrap"].create({"production_id": self.id, "product_id": product.id})

    @api.public(access="write")
    def button_plan(self) -> None:
        """Confirm drafts, and put the work orders on the calendar, one after the other from the start of the order."""
        self.filtered(lambda production: production.state == "draft").action_confirm()
        progress.plan_workorders(self)

    @api.public(access="write")
    def button_unplan(self) -> None:
        """Take the work orders that have not begun off the calendar again."""
        progress.unplan_workorders(self)

    # -- smart buttons: the documents around the order -----------------------------------------------------------------

    @api.public(access="read")
    def action_view_mrp_production_backorders(self) -> Any:
        """All parts of the order that this one belongs to."""
        return self.search(
            [("production_group_id", "in", self.production_group_id.ids)], order="backorder_sequence, id"
        )

    @api.public(access="read")
    def action_view_mrp_production_childs(self) -> Any:
        """The orders that make the components."""
        return self._get_children()

    @api.public(access="read")
    def action_view_mrp_production_sources(self) -> Any:
        """The orders that wait for the product."""
        return self._get_sources()

    @api.public(access="read")
    def action_view_mo_delivery(self) -> Any:
        """The transfers that bring components and take the product away."""
        return self.picking_ids

    @api.public(access="read")
    def action_see_move_scrap(self) -> Any:
        """What was scrapped during this order."""
        return self.scrap_ids

    @api.public(access="read")
    def action_view_unbuilds(self) -> Any:
        """The unbuild orders of what this order made."""
        return self.unbuild_ids

    # -- seams ---------------------------------------------------------------------------------------------------------

    def _get_quantity_to_backorder(self) -> Decimal:
        """What this order leaves for later, in its unit; 0 where that is within the rounding of the unit."""
        self.ensure_one()
        return output.of(self)[self].rest

    @api.seam("produce", order=10)
    def _set_qty_producing(self) -> None:
        """Let the components hold what `qty_producing` takes, and mark them as consumed.

        When:
            once for all orders whose quantity being produced is entered.
        Called by:
            ``mrp.production.set_qty_producing``.
        Transaction:
            that of the action. The products of the components are locked.
        Override:
            change what is consumed after ``super()``; consumption entered by hand is kept by it.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _set_qty_producing(self):
                    result = super()._set_qty_producing()
                    self.filtered(lambda order: not order.user_id).write({"user_id": self.env.uid})
                    return result
        """
        producing.state_consumption(self)

    @api.seam("produce", order=70)
    @locks_products
    def _post_inventory(self, cancel_backorder: bool = False, wanted: dict[Any, Decimal] | None = None) -> None:
        """Consume the components for what is made now and take the product in; the orders stay open.

        When:
            once for all orders that are closed together, or that register a production.
        Called by:
            ``manufacturing.services.producing.post``, ``manufacturing.services.transfers._flush``.
        Args:
            cancel_backorder: nothing is made later; what remains of components and product is cancelled.
            wanted: component -> what is consumed of it, in the unit of its move, where that is decided already.
        Transaction:
            that of the action. The products of the moves are locked.
        Override:
            check or complete the orders before ``super()``; their moves are done after it.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _post_inventory(self, cancel_backorder=False, wanted=None):
                    result = super()._post_inventory(cancel_backorder=cancel_backorder, wanted=wanted)
                    made = self.move_finished_ids.filtered(lambda move: move.state == "done")
                    made.write({"description_picking": "made"})
                    return result
        """
        producing.post_inventory(self, cancel_backorder, wanted)

    @api.seam("produce", order=50)
    def _transfer_components(self, wanted: dict[Any, Decimal]) -> Any:
        """Validate open transfers with what these orders consume now.

        When:
            once for all orders for which the question about transfers was answered with making them.
        Called by:
            ``manufacturing.services.producing.make_transfers``.
        Args:
            wanted: component -> what is consumed of it, in the unit of its move.
        Returns:
            None, or the question that validating a transfer needs answered first.
        Transaction:
            that of the button.
        Override:
            change which components are brought, or bring them by documents of the addon.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _transfer_components(self, wanted):
                    consumed = {move: quantity for move, quantity in wanted.items() if quantity}
                    return super()._transfer_components(consumed)
        """
        return component_transfers.bring(component_transfers.lacking(wanted))

    @api.seam("produce", order=80)
    def _draw_components(self, wanted: dict[Any, Decimal]) -> dict[Any, Decimal]:
        """Take what open transfers have not brought from where it is booked.

        When:
            once for all orders that are posted together.
        Called by:
            ``manufacturing.services.producing.finish``.
        Args:
            wanted: component -> what is consumed of it, in the unit of its move.
        Returns:
            the same with the components as they are consumed now; the transfers bring that much less.
        Transaction:
            that of the action. The products of the components are locked.
        Override:
            decide what is taken from elsewhere; what is returned is consumed exactly.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _draw_components(self, wanted):
                    consumed = {move: quantity for move, quantity in wanted.items() if quantity}
                    return super()._draw_components(consumed)
        """
        return component_transfers.draw(wanted)

    @api.seam("produce", order=12)
    def _button_mark_done_sanity_checks(self) -> None:
        """Check the orders before anything is asked or done.

        When:
            once for all orders that are closed together, at each attempt: after the states are checked, before the hook
            `on_validate`.
        Called by:
            ``manufacturing.services.producing.mark_done``.
        Raises:
            ManufacturingError: an order has nothing to produce.
        Transaction:
            that of the button. The orders and the products of their moves are locked.
        Override:
            raise a UserError for what must not be closed. To ask instead, implement the hook `on_validate`.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _button_mark_done_sanity_checks(self):
                    result = super()._button_mark_done_sanity_checks()
                    self.filtered(lambda order: not order.user_id).write({"user_id": self.env.uid})
                    return result
        """
        producing.check_quantities(self)

    @api.seam("produce", order=25)
    def _get_underdelivery_tolerance(self) -> dict[int, Decimal]:
        """The percentage of what remains to be made up to which the rest of each order is closed, not made later.

        When:
            for all orders that make less than remains: when they are marked as done (once, from the question about
            backorders to the end), and when Back Flush or the Shop Floor finds out whether something is left. Not where
            an order is split.
        Called by:
            ``inventory.services.remaining.tolerated_ids``.
        Returns:
            order id -> percentage, a Decimal; 0 or no entry: every rest counts. A rest within the rounding of the
            order's unit is none in any case.
        Transaction:
            that of the action; it only reads.
        Override:
            put the percentage of the addon's document before those of ``super()``, which are that of the order, the
            product category, the operation type or the company. Read for all orders at once.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _get_underdelivery_tolerance(self):
                    urgent = self.filtered(lambda production: production.priority == "1")
                    return super()._get_underdelivery_tolerance() | dict.fromkeys(urgent.ids, Decimal(0))
        """
        return output.tolerances(self)

    @api.seam("produce", order=18)
    def _get_consumption_issues(self) -> list[consumption.Issue]:
        """Where the consumption entered differs from what the bill of materials says.

        When:
            once for all orders that are closed together, at each attempt: before the question about consumption, and
            again after each other question. Orders for which a deviation was confirmed are left out, unless their bill
            must be followed exactly.
        Called by:
            ``manufacturing.services.questions._ask_consumption``, ``manufacturing.services.transfers._flush``.
        Returns:
            order, component, and what is consumed and expected of it, in the unit of the component.
        Transaction:
            that of the button; it only reads.
        Override:
            leave out deviations that are allowed, or add others.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _get_consumption_issues(self):
                    issues = super()._get_consumption_issues()
                    return [issue for issue in issues if issue.product.default_code != "GLUE"]
        """
        return consumption.issues(self)

    @api.seam("confirm", order=15)
    def _get_move_raw_values(self, product: Any, quantity: Decimal, unit: Any, **extra: Any) -> dict[str, Any]:
        """The values of a component's move.

        When:
            once for each component that a bill of materials or a change of the order demands.
        Called by:
            ``manufacturing.services.planning.moves_raw_values``.
        Args:
            product: the component.
            quantity: how many, in `unit`.
            unit: the unit of measure.
            extra: further values, such as `bom_line_id`.
        Returns:
            values for `create` of stock.move.
        Transaction:
            that of the action; it only reads.
        Override:
            add values to those of ``super()``; `self` is one order.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _get_move_raw_values(self, product, quantity, unit, **extra):
                    values = super()._get_move_raw_values(product, quantity, unit, **extra)
                    return values | {"priority": self.priority}
        """
        return planning.raw_values(self, product, quantity, unit) | extra

    @api.seam("confirm", order=13)
    def _get_move_finished_values(self, product: Any, quantity: Decimal, unit: Any, **extra: Any) -> dict[str, Any]:
        """The values of the move of a finished product or by-product.

        When:
            once for the product and for each by-product of an order.
        Called by:
            ``manufacturing.services.planning.moves_finished_values``,
            ``manufacturing.services.planning.byproduct_rows``.
        Args:
            product: the product or by-product.
            quantity: how many, in `unit`.
            unit: the unit of measure.
            extra: further values, such as `byproduct_id`.
        Returns:
            values for `create` of stock.move.
        Transaction:
            that of the action; it only reads.
        Override:
            add values to those of ``super()``; `self` is one order.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _get_move_finished_values(self, product, quantity, unit, **extra):
                    values = super()._get_move_finished_values(product, quantity, unit, **extra)
                    return values | {"origin": self.origin}
        """
        return planning.finished_values(self, product, quantity, unit) | extra

    @api.seam("confirm", order=14)
    def _get_moves_raw_values(self) -> list[dict[str, Any]]:
        """The values of the moves by which the components of these orders are consumed, as their bills say.

        When:
            once for all drafts that are planned together: created, planned anew, or brought in line with their bills.
        Called by:
            ``manufacturing.services.planning.plan``.
        Returns:
            values for `create` of stock.move, order by order. Orders whose components are given have none.
        Transaction:
            that of the action; it only reads.
        Override:
            add components to those of ``super()``, or leave some out. What one component is made of is in
            `_get_move_raw_values`.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _get_moves_raw_values(self):
                    values = super()._get_moves_raw_values()
                    return [row for row in values if row["product_uom_qty"]]
        """
        return planning.moves_raw_values(self)

    @api.seam("confirm", order=12)
    def _get_moves_finished_values(self) -> list[dict[str, Any]]:
        """The values of the moves of what these orders make: their products and by-products.

        When:
            once for all drafts that are planned together: created, planned anew, or brought in line with their bills.
        Called by:
            ``manufacturing.services.planning.plan``.
        Returns:
            values for `create` of stock.move, order by order.
        Transaction:
            that of the action; it only reads.
        Override:
            add by-products to those of ``super()``, or leave some out; the product itself stays.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _get_moves_finished_values(self):
                    values = super()._get_moves_finished_values()
                    return [row for row in values if row["product_uom_qty"]]
        """
        return planning.moves_finished_values(self)

    @api.seam("procure", order=60)
    @api.model
    def _postpone_without_bom(self, needs: Iterable[Any]) -> set[Any]:
        """The needs whose orders are made later, when a bill of materials is there; all others are refused.

        When:
            once for all needs of a run that are to be made, and once before needs of a plan or of backorders are
            ordered: with those that lack a bill of materials, or components in it; with an empty list where none does.
        Called by:
            ``manufacturing.services.supply.manufacture``, ``manufacturing.services.supply.refusals``.
        Args:
            needs: the needs.
        Returns:
            a set of them.
        Transaction:
            that of the run; it only reads.
        Override:
            add needs to those of ``super()``. The addon has to order them once the bill is there.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                @api.model
                def _postpone_without_bom(self, needs):
                    drafts = {need for need in needs if need.product_id.default_code == "PROTOTYPE"}
                    return super()._postpone_without_bom(needs) | drafts
        """
        return set()

    @api.seam("split", order=15)
    def _get_backorder_mo_vals(self) -> dict[str, Any]:
        """The values that a part split off takes over from its order.

        When:
            once for each order that is split.
        Called by:
            ``manufacturing.services.splitting._create_parts``.
        Returns:
            values for `create` of mrp.production: the stored fields that a duplicate takes over, those of addons too,
            and what else belongs to the whole. Name and quantity are set by the split.
        Transaction:
            that of the action; it only reads.
        Override:
            add the fields of the addon that a part shares with its order and a duplicate does not; `self` is one
            order.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _get_backorder_mo_vals(self):
                    return super()._get_backorder_mo_vals() | {"origin": self.name}
        """
        return splitting.part_values(self)

    @api.seam("split", order=10)
    @api.seam("produce", order=60)
    @locks_products
    def _split_productions(
        self,
        amounts: Mapping[Any, Iterable[Any]] | Literal[False] = False,
        cancel_remaining_qty: bool = False,
        set_consumed_qty: bool = False,
    ) -> Any:
        """Divide each order into parts; components, work orders and reservations follow by identity.

        When:
            once for all orders that are split together: in the dialog, when they are closed in part, when work is
            finished in part; and once for all that are split by serial numbers.
        Called by:
            ``mrp.production.split.action_split``, ``manufacturing.services.producing.post``,
            ``manufacturing.services.tracking.split_by_numbers``, ``manufacturing.services.shopfloor.mark_as_done``.
        Args:
            amounts: order -> the quantities of its parts, in its unit, the first of them for the order itself; what
                they leave of the order becomes one more part. When left out, what is produced now and the rest.
                Services hand a `Part` of ``manufacturing.services.splitting`` where a part has values of its own or
                takes particular components.
            cancel_remaining_qty: cancel what the parts leave of an order, instead of making a part of it.
            set_consumed_qty: mark the reserved components of all parts as consumed.
        Returns:
            all parts of all orders, each order before those that were split off it.
        Raises:
            ManufacturingError: a part is not above zero, or the parts add up to more than remains.
        Transaction:
            that of the action. The orders are locked. A split never procures again.
        Override:
            act on the parts after ``super()``. What a part takes over is in `_get_backorder_mo_vals`. Pass the
            arguments on.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _split_productions(self, *args, **kwargs):
                    parts = super()._split_productions(*args, **kwargs)
                    (parts - self).write({"priority": "1"})
                    return parts
        """
        if not amounts:
            amounts = {production: [output.amount(production)] for production in self}
        return splitting.split(amounts, cancel_rest=cancel_remaining_qty, consume=set_consumed_qty)

    @api.seam("produce", order=20)
    def _action_generate_consumption_wizard(
        self, issues: list[consumption.Issue], answers: dict[str, Any] | None = None
    ) -> Any:
        """The question whether consumption that deviates from the bill of materials is right.

        When:
            once for all orders that are closed together, when one of them deviates and its bill asks.
        Called by:
            ``manufacturing.services.questions._ask_consumption``.
        Args:
            issues: where the consumption differs: order, component, expected and entered quantity.
            answers: the answers given so far; handed to the dialog, which adds its own and calls again.
        Returns:
            the wizard that asks.
        Transaction:
            that of the button; nothing is posted yet.
        Override:
            add values to the wizard of ``super()``, or return another dialog.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _action_generate_consumption_wizard(self, issues, answers=None):
                    issues = [issue for issue in issues if issue.product.default_code != "GLUE"] or issues
                    return super()._action_generate_consumption_wizard(issues, answers)
        """
        return questions.consumption_wizard(self, issues, answers or {})

    @api.seam("produce", order=40)
    def _action_generate_backorder_wizard(self, short: Any, answers: dict[str, Any] | None = None) -> Any:
        """Create the backorder confirmation of orders that are produced in part and whose backorder policy is to ask.

        When:
            once for all orders that are closed together, when the policy of some of them is to ask.
        Called by:
            ``manufacturing.services.questions._ask_backorder``.
        Args:
            short: the orders of which something is left.
            answers: the answers given so far.
        Returns:
            the wizard that asks.
        Transaction:
            that of the button; nothing is posted yet.
        Override:
            add values to the wizard of ``super()``, or return another dialog. To decide without a question, answer the
            hook `choose_backorder_policy`.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _action_generate_backorder_wizard(self, short, answers=None):
                    return super()._action_generate_backorder_wizard(short.sorted("date_deadline"), answers)
        """
        return questions.backorder_wizard(self, short, answers or {})

    @api.seam("produce", order=30)
    def _action_generate_transfer_wizard(
        self,
        lacks: list[component_transfers.Lack],
        answers: dict[str, Any] | None = None,
        method: str = "button_mark_done",
    ) -> Any:
        """The question about components that open transfers have not brought.

        When:
            once for all orders that are closed together, when components are still in transfers.
        Called by:
            ``manufacturing.services.questions.ask_transfer``.
        Args:
            lacks: what is missing of which component, and the move of a transfer that is to bring it.
            answers: the answers given so far.
            method: of these orders, called with all answers afterwards.
        Returns:
            the wizard that asks.
        Transaction:
            that of the button; nothing is posted yet.
        Override:
            add values to the wizard of ``super()``, or return another dialog.
        Example::

            class MrpProduction(models.Model):
                _inherit = "mrp.production"

                def _action_generate_transfer_wizard(self, lacks, *args, **kwargs):
                    lacks = [lack for lack in lacks if lack.component.product_id.default_code != "GLUE"] or lacks
                    return super()._action_generate_transfer_wizard(lacks, *args, **kwargs)
        """
        return questions.transfer_wizard(self, lacks, answers or {}, method)

    def _counted(self) -> str:
        return self.env._(ngettext("manufacturing order", "%(number)s manufacturing orders", len(self)))

    def _get_children(self) -> Any:
        """The orders that make this order's components."""
        return self.move_raw_ids.move_orig_ids.production_id

    def _get_sources(self) -> Any:
        """The orders that wait for what this order makes."""
        return self.move_finished_ids.move_dest_ids.raw_material_production_id

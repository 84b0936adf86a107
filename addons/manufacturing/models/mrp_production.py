"""Manufacturing order: make a quantity of a product, in one go or in parts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import changing, closed_plans, plan_preview, planning, progress
from core import api, fields, models
from core.exceptions import ValidationError
from core.rounding import format_number

OPEN = {"confirmed", "progress", "to_close"}


class MrpProduction(models.Model):
    """An order to make `product_qty` of a product from the components of its bill of materials.

    What is made in parts becomes a family: WH/MO/00001 turns into WH/MO/00001-001 (made) and WH/MO/00001-002 (still
    to make), and so on, all in one `production_group_id`.

    This file says what an order is and how it takes changes. What its buttons do is in `mrp_production_life`, its lots
    in `mrp_production_lots`, what it shows in `mrp_production_figures`, its smart buttons in `mrp_production_links`.
    """

    _name = "mrp.production"
    _inherit = ["mrp.production.links", "document.mixin"]
    _description = "Manufacturing Order"
    _check_company_auto = True
    _order = "priority desc, date_start, id"

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

    name = fields.Char("Reference", default="New", readonly=True, copy=False, index=True)
    state = fields.Selection(STATES, "State", default="draft", readonly=True, copy=False, index=True, tracking=True)
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
        default=lambda self: planning.default_picking_type(self.env),
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

    _qty_producing_not_negative = models.Constraint(
        "CHECK (qty_producing >= 0)", "The quantity produced cannot be negative. Enter how many were made, or 0."
    )

    # -- what follows from the product, the bill and the operation type ------------------------------------------

    @api.depends("product_id", "picking_type_id", "company_id")
    def _compute_bom_id(self) -> None:
        planning.find_boms(self)

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
            if production.state in ("done", "cancel") or production.is_planned:
                production.date_finished = production.date_finished
            else:
                production.date_finished = progress.expected_end(production)

    @api.depends("product_id", "company_id")
    def _compute_production_location_id(self) -> None:
        planning.find_production_locations(self)

    @api.depends("move_finished_ids.state", "move_finished_ids.quantity", "product_id", "product_uom_id")
    def _compute_qty_produced(self) -> None:
        for production in self:
            made = Decimal(0)
            for move in production.move_finished_ids:
                if move.state == "done" and move.product_id == production.product_id:
                    made += move.product_uom._compute_quantity(move.quantity, production.product_uom_id)
            production.qty_produced = made

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
            made=self.qty_producing.normalize(),
            unit=self.product_uom_id.name,
            remaining=remaining.normalize(),
        )
        return {"warning": {"title": self.env._("More than demanded"), "message": message}}

    @api.constrains("product_qty")
    def _check_product_qty(self) -> None:
        for production in self:
            if production.product_qty <= 0:
                raise ValidationError(
                    self.env._(
                        "%(order)s: the quantity of %(product)s to produce must be greater than zero, not %(qty)s.",
                        order=production.name,
                        product=production.product_id.display_name,
                        qty=production.product_qty.normalize(),
                    ),
                    fields=["product_qty"],
                    code="manufacturing.quantity_not_positive",
                    data={
                        "order": production.name,
                        "product": production.product_id.display_name,
                        "quantity": format_number(production.product_qty),
                    },
                )

    @api.constrains("bom_id", "product_id")
    def _check_bom(self) -> None:
        for production in self:
            bom = production.bom_id
            if bom and (bom.product_id or production.product_id) != production.product_id:
                planning.refuse_foreign_bom(production)
            if bom and bom.product_tmpl_id != production.product_id.product_tmpl_id:
                planning.refuse_foreign_bom(production)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_open(self) -> None:
        kept = self.filtered(lambda production: production.state not in ("draft", "cancel"))
        if kept:
            raise ManufacturingError(
                self.env._(
                    "%(orders)s cannot be deleted: cancel it first, or keep it as a record of what was made.",
                    orders=", ".join(kept.mapped("name")),
                ),
                code="manufacturing.order_confirmed",
                data={"orders": kept.mapped("name")},
            )

    # -- create and write -------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Number the orders, start their families, and plan what they move (unless the values bring the moves).

        Raises:
            ManufacturingError: a user enters a production plan that is done.
        """
        rows = planning.prepare(self.env, vals_list)
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
        if "state" in vals:
            return super().write(vals)
        if "qty_producing" in vals:
            progress.refuse_closed(self)
        if "plan_id" in vals:
            closed_plans.check_orders(self, vals["plan_id"])
        drafts = self.filtered(lambda production: production.state == "draft")
        changed = changing.shape_changes(self - drafts, vals)
        changing.before_write(changed, vals)
        result = super().write(vals)
        changing.after_write(changed)
        if drafts and not planning.SHAPES.isdisjoint(vals):
            planning.replan(drafts, vals)
        if "date_start" in vals or "date_finished" in vals:
            planning.reschedule(self)
        if "qty_producing" in vals:
            progress.refresh(self)
        return result

    def _rearrange(self, vals: dict[str, Any]) -> None:
        """Write values as part of a larger rearrangement: nothing is planned anew for them."""
        super().write(vals)

    def copy_data(self, default: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """A copy starts as a new order: no name, no family; of the same components as long as it makes the same."""
        given = {"backorder_sequence": 0, **(default or {})}
        rows = super().copy_data(given)
        if planning.SHAPES.isdisjoint(given) and "move_raw_ids" not in given:
            for production, row in zip(self, rows, strict=True):
                row["move_raw_ids"] = planning.copied_components(production)
        return rows

    def _remaining(self) -> Decimal:
        """How many are still to be made, in the order's unit; never negative."""
        return max(self.product_qty - self.qty_produced, Decimal(0))

    def _in_product_unit(self, quantity: Decimal) -> Decimal:
        """A quantity of the order's unit in the product's own unit."""
        if not self.product_uom_id or self.product_uom_id == self.product_id.uom_id:
            return quantity
        return self.product_uom_id._compute_quantity(quantity, self.product_id.uom_id)

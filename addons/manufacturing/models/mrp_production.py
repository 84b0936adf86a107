"""Manufacturing order: make a quantity of a product, in one go or in parts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import (
    bills,
    changing,
    consumption,
    merging,
    planning,
    producing,
    progress,
    questions,
    splitting,
    transfers,
)
from core import api, fields, models
from core.exceptions import ValidationError

OPEN = {"confirmed", "progress", "to_close"}


class MrpProduction(models.Model):
    """An order to make `product_qty` of a product from the components of its bill of materials.

    What is made in parts becomes a family: WH/MO/00001 turns into WH/MO/00001-001 (made) and WH/MO/00001-002 (still
    to make), and so on, all in one `production_group_id`.
    """

    _name = "mrp.production"
    _inherit = ["mrp.production.links", "document.mixin"]
    _description = "Manufacturing Order"
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
        "product.product", "Product", required=True, index=True, domain=[("type", "=", "consu")], tracking=True
    )
    product_tmpl_id = fields.Many2one(related="product_id.product_tmpl_id")
    product_tracking = fields.Selection(related="product_id.tracking", string="Product Tracking")
    product_qty = fields.Quantity("Quantity To Produce", default=Decimal(1), required=True, tracking=True)
    product_uom_id = fields.Many2one(
        "uom.uom", "Unit", required=True, compute="_compute_product_uom_id", store=True, readonly=False
    )
    product_uom_qty = fields.Quantity("Total Quantity", compute="_compute_product_uom_qty", store=True)
    qty_producing = fields.Quantity(
        "Quantity Producing", copy=False, help="How many are made now; nothing typed means all that remain."
    )
    qty_produced = fields.Quantity("Quantity Produced", compute="_compute_qty_produced")
    bom_id = fields.Many2one(
        "mrp.bom",
        "Bill of Materials",
        index=True,
        compute="_compute_bom_id",
        store=True,
        readonly=False,
        domain=[("type", "=", "normal")],
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
    )
    warehouse_id = fields.Many2one(related="picking_type_id.warehouse_id")
    location_src_id = fields.Many2one(
        "stock.location",
        "Components Location",
        required=True,
        compute="_compute_locations",
        store=True,
        readonly=False,
        help="Where components are taken from: the work-in-progress location, or the stock.",
    )
    location_dest_id = fields.Many2one(
        "stock.location",
        "Finished Products Location",
        required=True,
        compute="_compute_locations",
        store=True,
        readonly=False,
    )
    location_final_id = fields.Many2one(
        "stock.location",
        "Final Location",
        compute="_compute_locations",
        store=True,
        readonly=False,
        help="Where the product comes to rest, in however many steps it gets there.",
    )
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
    move_finished_ids = fields.One2many("stock.move", "production_id", "Finished Products", copy=False)
    move_dest_ids = fields.One2many("stock.move", "created_production_id", "Demands This Order Answers", copy=False)
    allow_workorder_dependencies = fields.Boolean(related="bom_id.allow_operation_dependencies")
    workorder_ids = fields.One2many("mrp.workorder", "production_id", "Work Orders", copy=False)
    scrap_ids = fields.One2many("stock.scrap", "production_id", "Scraps", copy=False)
    unbuild_ids = fields.One2many("mrp.unbuild", "mo_id", "Unbuilds", copy=False)
    orderpoint_id = fields.Many2one("stock.warehouse.orderpoint", "Reordering Rule", copy=False, index=True)
    reference_ids = fields.Many2many("stock.reference", string="References", copy=False)
    propagate_cancel = fields.Boolean("Propagate cancel")
    has_removed_components = fields.Boolean("Components Were Removed", copy=False)
    is_outdated_bom = fields.Boolean(
        "Outdated BoM", copy=False, help="The bill of materials has changed since the order was planned by it."
    )
    is_locked = fields.Boolean("Is Locked", default=True, copy=False)
    is_planned = fields.Boolean("Is Planned", copy=False)
    backorder_sequence = fields.Integer(
        "Backorder Sequence", copy=False, help="The place of this order among the parts of the one it came from."
    )
    production_group_id = fields.Many2one("mrp.production.group", "Production Group", copy=False, index=True)
    reservation_state = fields.Selection(
        [("confirmed", "Waiting"), ("assigned", "Ready"), ("waiting", "Waiting Another Operation")],
        "MO Readiness",
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

    @api.depends("picking_type_id")
    def _compute_locations(self) -> None:
        for production in self:
            stock = production.picking_type_id.warehouse_id.lot_stock_id
            production.location_src_id = production.picking_type_id.default_location_src_id or stock
            production.location_dest_id = production.picking_type_id.default_location_dest_id or stock
            stored = production.location_dest_id == production.warehouse_id.sam_loc_id
            production.location_final_id = stock if stored else production.location_dest_id

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
                )
            )

    # -- create and write -------------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """Number the orders, start their families, and plan what they move (unless the values bring the moves)."""
        rows = planning.prepare(self.env, vals_list)
        byproducts = [row.pop("move_byproduct_ids", None) for row in rows]
        productions = super().create(rows)
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

    # -- the life of an order -----------------------------------------------------------------------------------------

    @api.transition
    def action_confirm(self) -> None:
        """Plan work orders, demand the components, and reserve them when the operation type does so at confirmation.

        Raises:
            NoBillOfMaterials: an order has nothing to consume.
        """
        planning.confirm(self)

    @api.transition
    def action_assign(self) -> None:
        """Reserve components, as far as there are any."""
        self.move_raw_ids._action_assign()

    @api.transition
    def do_unreserve(self) -> None:
        """Give back the components reserved for these orders."""
        self.move_raw_ids.filtered(lambda move: move.state not in ("done", "cancel"))._do_unreserve()

    @api.transition
    def action_start(self) -> None:
        """Begin: the orders are in progress."""
        self.write({"state": "progress", "date_start": fields.Datetime.now()})

    @api.transition
    def set_qty_producing(self) -> None:
        """Fill in all that remains where no quantity is given, and state what is consumed for the quantity.

        Components hold just what the quantity takes, and are marked as consumed; those whose consumption was entered
        by hand stay as they are.
        """
        progress.produce_all(self)
        self._set_qty_producing()

    @api.transition
    def button_mark_done(self, answers: dict[str, Any] | None = None) -> Any:
        """Close the orders with what `qty_producing` says, or with all that remains where it says nothing.

        Args:
            answers: what was answered before, by question: `{"backorder": {id: bool}}` (make the rest later, or
                not at all), `{"consumption": {id: bool}}` (a deviation is right), `{"serials": {id: [name]}}`.

        Returns:
            A wizard to show when something must be asked first: `mrp.batch.produce`, `mrp.consumption.warning` or
            `mrp.production.backorder`; nothing has changed then. The first order of the split when serial numbers
            split it. None otherwise.
        """
        return producing.mark_done(self, answers or {})

    def button_produce_all(self) -> Any:
        """Close the orders with all that remains, whatever was typed."""
        self.filtered("qty_producing").write({"qty_producing": Decimal(0)})
        return self.button_mark_done()

    @api.transition
    def action_cancel(self) -> None:
        """Cancel the orders, free their components and cancel what was moved only for them."""
        planning.cancel(self)

    @api.transition
    def action_split(self) -> Any:
        """Return the dialog that divides one order into several."""
        self.ensure_one()
        return self.env["mrp.production.split"].create({"production_id": self.id})

    @api.transition
    def action_merge(self) -> Any:
        """Join orders for the same product and bill into one new order, which is returned."""
        return merging.merge(self)

    @api.transition
    def action_change_quantity(self) -> Any:
        """Return the dialog that changes how many are to be made."""
        self.ensure_one()
        return self.env["change.production.qty"].create({"mo_id": self.id, "product_qty": self.product_qty})

    @api.transition
    def action_update_bom(self) -> None:
        """Plan the orders anew from their bill of materials as it is now."""
        planning.update_from_bom(self)

    def action_generate_bom(self) -> Any:
        """Generate BoM: a bill of materials of what an order without one consumes and makes, which it then follows."""
        self.ensure_one()
        return bills.generate_bom(self)

    @api.transition
    def action_make_transfer(self) -> Any:
        """Bring the components to the work-in-progress location; returns the transfers."""
        return transfers.make_transfer(self)

    @api.transition
    def action_back_flush(self) -> Any:
        """Consume components for `qty_producing` (or for all) and take the finished product in, keeping one order."""
        return transfers.back_flush(self)

    @api.transition
    def action_unbuild(self) -> Any:
        """Return a new unbuild order for what this order made."""
        self.ensure_one()
        return self.env["mrp.unbuild"].create({"mo_id": self.id, "product_qty": self.qty_produced})

    def button_unbuild(self) -> Any:
        """The same under its other name."""
        return self.action_unbuild()

    def button_scrap(self) -> Any:
        """Return a new scrap: of a component while the order is open, of what it made when it is done."""
        self.ensure_one()
        product = self.product_id if self.state == "done" else self.move_raw_ids[:1].product_id or self.product_id
        return self.env["stock.scrap"].create({"production_id": self.id, "product_id": product.id})

    def button_plan(self) -> None:
        """Confirm drafts, and put the work orders on the calendar, one after the other from the start of the order."""
        self.filtered(lambda production: production.state == "draft").action_confirm()
        progress.plan_workorders(self)

    def button_unplan(self) -> None:
        """Take the work orders that nobody has begun off the calendar again."""
        progress.unplan_workorders(self)

    # -- seams ---------------------------------------------------------------------------------------------------------

    def _remaining(self) -> Decimal:
        """How many are still to be made, in the order's unit; never negative."""
        return max(self.product_qty - self.qty_produced, Decimal(0))

    def _in_product_unit(self, quantity: Decimal) -> Decimal:
        """A quantity of the order's unit in the product's own unit."""
        if not self.product_uom_id or self.product_uom_id == self.product_id.uom_id:
            return quantity
        return self.product_uom_id._compute_quantity(quantity, self.product_id.uom_id)

    def _get_quantity_to_backorder(self) -> Decimal:
        """What this order leaves for later, in its unit."""
        self.ensure_one()
        return max(self._remaining() - (self.qty_producing or self._remaining()), Decimal(0))

    def _set_qty_producing(self) -> None:
        """Let the components hold what `qty_producing` takes; see `set_qty_producing`."""
        producing.state_consumption(self)

    def _post_inventory(self, cancel_backorder: bool = False, wanted: dict[Any, Decimal] | None = None) -> None:
        """Consume the components for what is made now and take the product in; the orders stay open.

        Args:
            cancel_backorder: nothing is made later; what remains of components and product is cancelled.
            wanted: component -> what is consumed of it, in the unit of its move, where that is decided already.
        """
        producing.post_inventory(self, cancel_backorder, wanted)

    def _get_consumption_issues(self) -> list[consumption.Issue]:
        """Where the consumption entered differs from what the bill of materials says."""
        return consumption.issues(self)

    def _get_move_raw_values(self, product: Any, quantity: Decimal, unit: Any, **extra: Any) -> dict[str, Any]:
        """The values of a component's move; addons add theirs here."""
        return planning.raw_values(self, product, quantity, unit) | extra

    def _get_move_finished_values(self, product: Any, quantity: Decimal, unit: Any, **extra: Any) -> dict[str, Any]:
        """The values of a finished product's or by-product's move; addons add theirs here."""
        return planning.finished_values(self, product, quantity, unit) | extra

    def _get_backorder_values(self) -> dict[str, Any]:
        """The values that a part split off takes over from this order; addons add theirs here."""
        return splitting.part_values(self)

    def _split_productions(self, amounts: dict[Any, Iterable[Decimal]] | None = None) -> Any:
        """Divide each order into parts of the given quantities; see `services.splitting.split`.

        Args:
            amounts: order -> the quantities of its parts; when left out, what is produced now and the rest.

        Returns:
            All parts of all orders, each order before those that were split off it.
        """
        if amounts is None:
            amounts = {production: [consumption.amount(production)] for production in self}
        return self.browse([part.id for family in splitting.split(amounts).values() for part in family])

    def _action_generate_consumption_wizard(
        self, issues: list[consumption.Issue], answers: dict[str, Any] | None = None
    ) -> Any:
        """The question whether consumption that deviates is right; addons add to it here."""
        return questions.consumption_wizard(self, issues, answers or {})

    def _action_generate_backorder_wizard(self, short: Any, answers: dict[str, Any] | None = None) -> Any:
        """The question what becomes of the rest of the `short` orders among these; addons add to it here."""
        return questions.backorder_wizard(self, short, answers or {})

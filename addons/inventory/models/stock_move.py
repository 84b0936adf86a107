"""Stock moves: so many of a product from one place to another, planned, reserved, done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from addons.inventory.exceptions import InventoryError
from addons.inventory.services import (
    backorder_supply,
    copied_fields,
    ledger,
    move_figures,
    move_split,
    move_states,
    moves,
    on_backorder,
    on_hold,
    operations,
    posting,
    procurement,
    product_lock,
    promise,
    quants,
    remaining,
    reservation,
    supply_links,
    tolerance_history,
    why,
)
from core import api, fields, models
from core.rounding import to_decimal

#: Changes of these have an effect on reservations, or are refused once the move is done.
LOCKING = ledger.OF_MOVES | {"quantity", "lot_ids", "restrict_partner_id"}


class StockMove(models.Model):
    """A demand for a product to move. Its lines say what exactly is reserved, picked and finally done.

    draft ─> confirmed / waiting ─> partially_available ─> assigned ─> done
                                                                any of them ─> cancel
    """

    _name = "stock.move"
    _description = "Stock Move"
    _check_company_auto = True
    _inherit = ["stock.shortage.mixin"]
    _order = "sequence, id"
    _rec_name = "reference"

    _settled_fields = frozenset({"state", "hold_date", "hold_user_id"})
    _settled_strictly = True
    _first_states = frozenset({"draft", "waiting", "confirmed"})
    STATES = [
        ("draft", "New"),
        ("waiting", "Waiting Another Move"),
        ("confirmed", "Waiting Availability"),
        ("partially_available", "Partially Available"),
        ("assigned", "Available"),
        ("done", "Done"),
        ("cancel", "Cancelled"),
    ]

    sequence = fields.Integer(default=10)
    priority = fields.Selection([("0", "Normal"), ("1", "Urgent")], "Priority", default="0")
    date = fields.Datetime("Date Scheduled", default=fields.Datetime.now, required=True)
    date_deadline = fields.Datetime("Deadline", copy=False)
    reservation_date = fields.Date("Date to Reserve", copy=False)
    company_id = fields.Many2one("res.company", "Company", default=lambda self: self.env.company, required=True)
    product_id = fields.Many2one("product.product", "Product", required=True, ondelete="restrict", check_company=True)
    description_picking = fields.Text("Description of Picking")
    name = fields.Char("Description", compute="_compute_name", inverse="_inverse_name")
    product_uom_qty = fields.Quantity("Demand", required=True, uom_field="product_uom")
    product_uom = fields.Many2one(
        "uom.uom",
        "Unit",
        required=True,
        ondelete="restrict",
        compute="_compute_product_uom",
        store=True,
        readonly=False,
    )
    product_qty = fields.Quantity(
        "Real Quantity",
        compute="_compute_product_qty",
        search=move_figures.SearchInProductUnit("product_qty", "product_uom_qty", "product_uom"),
        help="The demand in the product's unit",
    )
    quantity = fields.Quantity(
        "Quantity",
        compute="_compute_quantity",
        inverse="_inverse_quantity",
        store=True,
        copy=False,
        help="What is reserved or done, in the unit of the move. Typing a quantity says what really moves.",
    )
    picked = fields.Boolean("Picked", copy=False)
    state = fields.Selection(STATES, "Status", default="draft", readonly=True, copy=False, required=True)
    location_id = fields.Many2one("stock.location", "Source Location", required=True, check_company=True)
    location_dest_id = fields.Many2one("stock.location", "Destination Location", required=True, check_company=True)
    location_final_id = fields.Many2one("stock.location", "Final Location", check_company=True)
    partner_id = fields.Many2one("res.partner", "Destination Address")
    restrict_partner_id = fields.Many2one("res.partner", "Owner", check_company=True)
    picking_id = fields.Many2one("stock.picking", "Transfer", index=True, copy=False, check_company=True)
    picking_type_id = fields.Many2one("stock.picking.type", "Operation Type", check_company=True)
    warehouse_id = fields.Many2one("stock.warehouse", "Warehouse")
    procure_method = fields.Selection(
        [("make_to_stock", "Default: Take From Stock"), ("make_to_order", "Advanced: Apply Procurement Rules")],
        "Supply Method",
        default="make_to_stock",
        required=True,
        copy=False,
    )
    rule_id = fields.Many2one("stock.rule", "Stock Rule", ondelete="set null", check_company=True)
    orderpoint_id = fields.Many2one("stock.warehouse.orderpoint", "Original Reordering Rule", ondelete="set null")
    propagate_cancel = fields.Boolean("Propagate Cancel", default=True)
    origin = fields.Char("Source")
    origin_returned_move_id = fields.Many2one("stock.move", "Origin Return Move", copy=False, index=True)
    returned_move_ids = fields.One2many("stock.move", "origin_returned_move_id", "Returned Moves")
    to_refund = fields.Boolean("Update Quantities on Order", default=True)
    price_unit = fields.Monetary("Unit Price", copy=False, groups="inventory.group_product_prices")
    is_inventory = fields.Boolean("Inventory")
    inventory_name = fields.Char("Reason")
    additional = fields.Boolean("Added Later", copy=False)
    scrap_id = fields.Many2one("stock.scrap", "Scrap Operation", copy=False, check_company=True)
    shortfall_id = fields.Many2one("stock.backorder", "Backorder Entry", index=True, copy=False)
    move_line_ids = fields.One2many("stock.move.line", "move_id", "Operations")
    move_orig_ids = fields.Many2many(
        "stock.move", "stock_move_move_rel", "move_dest_id", "move_orig_id", "Original Moves", copy=False
    )
    move_dest_ids = fields.Many2many(
        "stock.move", "stock_move_move_rel", "move_orig_id", "move_dest_id", "Destination Moves", copy=False
    )
    reference_ids = fields.Many2many(
        "stock.reference", "stock_reference_move_rel", "move_id", "reference_id", "References"
    )
    route_ids = fields.Many2many("stock.route", "stock_route_move", "move_id", "route_id", "Preferred Routes")
    reference = fields.Char("Reference", compute="_compute_reference", search="_search_reference")
    lot_ids = fields.Many2many(
        "stock.lot", compute="_compute_lot_ids", inverse="_inverse_lot_ids", string="Serial Numbers"
    )
    has_tracking = fields.Selection(related="product_id.tracking", string="Product With Tracking")
    is_storable = fields.Boolean(related="product_id.is_storable")
    product_tmpl_id = fields.Many2one("product.template", related="product_id.product_tmpl_id")
    picking_code = fields.Selection(related="picking_type_id.code", string="Type of Operation")
    use_create_lots = fields.Boolean(related="picking_type_id.use_create_lots")
    backorder_id = fields.Many2one("stock.picking", related="picking_id.backorder_id", string="Back Order of")
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
    hold_date = fields.Datetime(
        "On Hold Since",
        copy=False,
        readonly=True,
        help="A user put this demand on hold; nothing is reserved until it is released.",
    )
    hold_user_id = fields.Many2one("res.users", "Put on Hold By", copy=False, readonly=True, ondelete="set null")

    _product_state = models.Index("(product_id, state)")
    _demand_not_negative = models.Constraint(
        "CHECK (product_uom_qty >= 0 OR state NOT IN ('assigned', 'done'))",
        "The demand of a move cannot be below zero.",
    )

    # ------------------------------------------------------------------ computed
    @api.depends("product_id")
    def _compute_product_uom(self):
        for move in self:
            move.product_uom = move.product_id.uom_id

    @api.depends("product_uom_qty", "product_uom", "product_id")
    def _compute_product_qty(self):
        for move in self:
            move.product_qty = move._in_product_unit(move.product_uom_qty)

    @api.depends("move_line_ids.quantity_product_uom", "product_uom")
    def _compute_quantity(self):
        zero = Decimal(0)
        for move in self:
            total = sum((line.quantity_product_uom for line in move.move_line_ids), zero)
            unit = move.product_uom
            own = move.product_id.uom_id
            move.quantity = total if not total or unit == own else own._compute_quantity(total, unit, round=False)

    def _inverse_quantity(self):
        operations.set_each({move: move.quantity for move in self})

    @api.depends("description_picking", "product_id")
    def _compute_name(self):
        for move in self:
            move.name = move.description_picking or move.product_id.display_name

    def _inverse_name(self):
        for move in self:
            move.description_picking = move.name

    @api.depends("picking_id.name", "origin", "inventory_name")
    def _compute_reference(self):
        for move in self:
            move.reference = move._document_name()

    def _search_reference(self, operator, value):
        return move_figures.search_reference(self, self._reference_paths(), operator, value)

    @api.model
    def _reference_paths(self):
        """The fields that `_document_name` takes, the first that is set; addons that override it put theirs before."""
        return ["picking_id.name", "origin", "inventory_name"]

    @api.depends("move_line_ids.lot_id")
    def _compute_lot_ids(self):
        for move in self:
            move.lot_ids = move.move_line_ids.lot_id

    def _inverse_lot_ids(self):
        for move, lots in {move: move.lot_ids for move in self}.items():  # the lock forgets what is not written yet
            operations.set_lots(move, lots)

    @api.model
    def _shortage_candidates(self):
        return [("state", "in", move_states.OPEN)]

    def _demand_moves(self):
        return self

    def _requested_from(self) -> dict[int, list[str]]:
        """Id -> the documents that ask for the goods of a move and are not confirmed yet; addons add theirs."""
        return {}

    @api.depends("state", "quantity", "product_uom_qty")
    def _compute_waiting_reason(self):
        super()._compute_waiting_reason()

    # ------------------------------------------------------------------ customer demand: order, stock and expected date
    @api.depends("state", "quantity", "product_uom_qty")
    def _compute_is_customer_demand(self) -> None:
        for move in self:
            move.is_customer_demand = on_backorder.is_demand(move)
            move.is_on_backorder = move.is_customer_demand and move.state in move_states.LACKING

    def _search_is_customer_demand(self, operator: str, value: Any) -> Any:
        return on_backorder.matching(on_backorder.DEMAND, operator, value)

    def _search_is_on_backorder(self, operator: str, value: Any) -> Any:
        return on_backorder.matching(on_backorder.DOMAIN, operator, value)

    @api.depends("state", "quantity", "product_uom_qty", "date_deadline")
    def _compute_is_late(self) -> None:
        promised = self.filtered(lambda move: move.date_deadline and move.state in move_states.OPEN)
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
        for warehouse, located in self.grouped(lambda move: move.location_id.warehouse_id).items():
            products = located.product_id.with_context(warehouse_id=warehouse.id or False)
            by_id = {product.id: product for product in products}
            for move in located:
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

    # ------------------------------------------------------------------ words
    @api.seam("display", order=10)
    def _document_name(self) -> str:
        """The document that a person knows this move by.

        When:
            for each move that a message, a report or a computed reference names.
        Called by:
            ``inventory.services.move_split._figures``, ``inventory.services.moves.cancel``.
        Returns:
            text: the transfer's number, or what stands for it.
        Transaction:
            that of the action; it only reads.
        Override:
            name the addon's document where the move belongs to one, else ``super()``. It is asked for one move at a
            time.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _document_name(self):
                    return self.scrap_id.name if self.scrap_id else super()._document_name()
        """
        self.ensure_one()
        if self.picking_id:
            return self.picking_id.name
        return (
            self.origin
            or self.inventory_name
            or self.env._("Stock move of %(product)s", product=self.product_id.display_name)
        )

    @api.seam("reserve", order=30)
    def _should_bypass_reservation(self) -> bool:
        """Say whether the move needs no reservation: its source keeps no stock, or the product is not storable.

        When:
            for each move that is reserved, on which a person enters more than is reserved, or whose owner changes, and
            when its availability is computed.
        Called by:
            ``inventory.services.reservation._sorted_out``, ``inventory.services.reservation.owner_changed``,
            ``inventory.services.operations._take_more``.
        Returns:
            bool.
        Transaction:
            that of the action; it only reads.
        Override:
            answer True for moves that are always available, else ``super()``. It is asked for one move at a time, so
            read only what is read together for all of them: fields of the move.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _should_bypass_reservation(self):
                    return super()._should_bypass_reservation() or self.product_id.default_code == "WATER"
        """
        self.ensure_one()
        return self.location_id.should_bypass_reservation() or not self.product_id.is_storable

    def _moves_to_lock(self):
        """The moves whose products an action on these records locks; see `services.product_lock`."""
        return self

    def _document(self):
        """The record that holds this move: a transfer, or with other addons a manufacturing order."""
        self.ensure_one()
        return self.picking_id or self

    def _in_product_unit(self, quantity: Decimal) -> Decimal:
        """A quantity of the move's unit in the product's own unit."""
        return self.product_uom._convert(quantity, self.product_id.uom_id)

    # ------------------------------------------------------------------ create, write, unlink
    @api.model_create_multi
    def create(self, vals_list):
        """Create moves; what their transfer and product already say need not be given.

        Raises LedgerClosed for a closed transfer, InventoryError for a demand below zero.
        """
        if not self._is_settling():
            ledger.check_document(self, vals_list)
            moves.check_demands(self.env, vals_list)
        return super().create([moves.completed(self.env, vals) for vals in vals_list])

    def write(self, vals):
        """Done moves keep their figures. A new demand, place, pick or quantity has its effect on what is reserved."""
        if self._is_settling():
            return super().write(vals)
        if LOCKING & vals.keys():
            product_lock.lock_moves(self, whole="quantity" in vals)
        if "quantity" in vals:
            self.check_access("write")
            vals = dict(vals)
            typed = vals.pop("quantity")
            self.write(vals)
            operations.set_quantities(self, typed)
            return True
        ledger.check_open(self, vals, ledger.OF_MOVES)
        moves.check_changeable(self, vals)
        result = super().write(vals)
        if "product_uom_qty" in vals:
            self._demand_entered(vals)
        moves.follow_changes(self, vals)
        return result

    @api.seam("records", order=5)
    def _demand_entered(self, vals: dict[str, Any]) -> None:
        """Note that demand was changed by hand; reservations and backorder entries follow it afterwards.

        When:
            once for all moves that get the same demand in a form, by a client or by code of an addon; not when a
            service settles demand, as a split does, nor when demand follows the quantity of an order line or of a
            manufacturing order.
        Called by:
            ``stock.move.write``.
        Args:
            vals: the values that were written, ``product_uom_qty`` among them.
        Transaction:
            that of the change. The moves have their new demand.
        Override:
            note or refuse the change; write further values by `_settle`. Overriding this instead of ``write`` leaves
            services their fast way to write settled values of many moves at once.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _demand_entered(self, vals):
                    super()._demand_entered(vals)
                    self._settle({"additional": True})
        """

    @api.ondelete()
    def _unlink_if_draft(self):
        ledger.check_moves_not_deleted(self)

    def copy_data(self, default=None):
        """A copy is a new demand in the same document, unless it is given another."""
        default = dict(default or {})
        default.setdefault("picking_id", self[:1].picking_id.id if len(self.picking_id) <= 1 else False)
        return super().copy_data(default)

    @api.constrains("product_uom", "product_id")
    def _check_unit(self):
        for move in self:
            own = move.product_id.uom_id
            if move.product_uom != own:
                move.product_uom._check_same_family(own)

    @api.onchange("product_id")
    def _onchange_product_id(self):
        self.description_picking = self.product_id.description_picking or False

    @api.onchange("quantity")
    def _onchange_quantity(self):
        return moves.over_demand(self)

    # ------------------------------------------------------------------ the seams that addons override or call
    @api.seam("confirm", order=20)
    @product_lock.locks_products
    def _action_confirm(self, merge=True, merge_into=False):
        """Confirm draft moves: put them into transfers, merge them, procure what is made to order, reserve.

        When:
            once for all moves that an action confirms together: those of the transfers, of the needs that one rule
            action answers, of a return, of the productions. Moves that are confirmed already may be among them.
        Called by:
            ``stock.picking.action_confirm``, ``inventory.services.procurement.pull``,
            ``inventory.services.push.send_on``, ``inventory.services.returns.create_return``,
            ``manufacturing.services.confirmation.launch``, ``purchasing.services.ordering.create_receipts``.
        Args:
            merge: whether moves of a transfer that agree in `_prepare_merge_moves_distinct_fields` become one.
            merge_into: further moves to merge with; False for none.
        Returns:
            the moves that remain: merged ones are replaced by those they merged into.
        Transaction:
            that of the action. The products of the moves are locked.
        Override:
            change the drafts before ``super()`` (values, or more moves: pass the larger recordset on); act on what
            remains after it. Pass `merge` on: a caller that says False needs its moves one by one.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _action_confirm(self, merge=True, merge_into=False):
                    self.filtered(lambda move: move.partner_id.name == "Deco Addict").write({"priority": "1"})
                    return super()._action_confirm(merge=merge, merge_into=merge_into)
        """
        return moves.confirm(self, merge=merge, merge_into=merge_into)

    @api.seam("reserve", order=20)
    @api.seam("confirm", order=70)
    @product_lock.locks_products
    def _action_assign(self) -> None:
        """Reserve what is free for these moves, best rank first; what is on hold stays on hold.

        When:
            once for all moves of the documents for which availability is checked, or that are confirmed together; once
            for all moves that wait for what an action brought or left free, and for what is left of the moves that it
            did. A hold has ended before where a person asks (`stock.picking.action_assign`).
        Called by:
            ``stock.picking.action_assign``, ``mrp.production.action_assign``,
            ``inventory.services.moves._reserve_at_once``, ``inventory.services.moves.demand_changed``,
            ``inventory.services.posting.finish``, ``inventory.services.shortage.release``,
            ``inventory.services.reservation.assign_waiting``, ``inventory.services.transfers._confirm_drafts``,
            ``manufacturing.services.producing.reserve``, ``manufacturing.services.producing.reserve_again``.
        Transaction:
            that of the action. The products of the moves are locked, and the stock rows that they take from.
        Override:
            leave moves out by calling ``super()`` on fewer of them, or act on the lines that were made. Who gets scarce
            stock is decided by the hook `rank_demand`, not here.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _action_assign(self):
                    credit = self.filtered(lambda move: move.partner_id.comment == "stop")
                    return super(StockMove, self - credit)._action_assign()
        """
        reservation.assign(self)

    @api.seam("reserve", order=70)
    def _prepare_move_line_vals(self, quantity=None, reserved_quant=None):
        """The values of an open line of this move: what it reserves, or what is entered on the move.

        When:
            for each line that a service adds to a move: by reserving, by a quantity that a person enters on the move,
            for a part split off, a return, a scrap or a count, and for what is produced or unbuilt. Not for lines that
            people add themselves.
        Called by:
            ``inventory.services.reservation.line_values``, where an addon extends it,
            ``manufacturing.services.producing.line_values``.
        Args:
            quantity: how many, in the product's unit; 0 if None.
            reserved_quant: the row of stock (`stock.quant`) that the line takes; None where there is none, or where it
                is not known.
        Returns:
            values for `create` of stock.move.line.
        Transaction:
            that of the action; it only reads.
        Override:
            add the addon's fields to those of ``super()``. Quantity, unit, and the stock that the line takes (location,
            lot, package, owner) are decided by the service. It is asked for one line at a time, so read only what is
            read together for all of them: fields of the move and of the row.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _prepare_move_line_vals(self, quantity=None, reserved_quant=None):
                    values = super()._prepare_move_line_vals(quantity=quantity, reserved_quant=reserved_quant)
                    return values | {"lot_name": self.origin}
        """
        self.ensure_one()
        values = reservation.prepare_line(self, to_decimal(quantity or 0))
        if reserved_quant:
            key = quants.key_of(reserved_quant)
            return reservation.with_stock(values, key, whole=reserved_quant.quantity == quantity)
        return values

    @api.seam("reserve", order=80)
    @product_lock.locks_products
    def _do_unreserve(self) -> None:
        """Give back what is reserved for these moves; other demand for the same stock is served next.

        When:
            once for all moves of the documents that are unreserved, for moves that wait on goods which are returned,
            and for moves that get another owner or another source.
        Called by:
            ``stock.picking.do_unreserve``, ``mrp.production.do_unreserve``,
            ``inventory.services.moves.follow_changes``, ``inventory.services.reservation.owner_changed``,
            ``inventory.services.returns.create_return``, ``manufacturing.services.unbuilding._take_products``.
        Transaction:
            that of the action. The products of the moves are locked.
        Override:
            keep reservations by calling ``super()`` on fewer moves, or raise to refuse. The lines are gone afterwards.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _do_unreserve(self):
                    printed = self.filtered(lambda move: move.picking_id.printed)
                    return super(StockMove, self - printed)._do_unreserve()
        """
        reservation.unreserve(self)

    @api.seam("cancel", order=20)
    @product_lock.locks_products
    def _action_cancel(self) -> None:
        """Cancel open moves, give back what is reserved for them, and cancel moves that were planned only for them.

        When:
            once for all moves that an action cancels, then once for the moves that were fed only by these.
        Called by:
            ``stock.picking.action_cancel``,
            ``inventory.services.posting.finish``, ``inventory.services.order_lines.take_back``,
            ``manufacturing.services.producing.finish``.
        Raises:
            LedgerClosed: a move is done.
        Transaction:
            that of the action. The products of the moves are locked.
        Override:
            refuse by raising before ``super()``, or act on the cancelled moves after it. A move that is left out stays
            open in a document that its caller takes for cancelled.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _action_cancel(self):
                    result = super()._action_cancel()
                    self.filtered("scrap_id").write({"description_picking": "not scrapped after all"})
                    return result
        """
        moves.cancel(self)

    @api.seam("done", order=40)
    @product_lock.locks_products
    def _action_done(self, cancel_backorder=False):
        """Do the moves with what is picked, or with all that is reserved; the rest is split off or cancelled.

        What is left of a transfer goes into its backorder, and a transfer of which something is done is done. Drafts
        are confirmed before, each as the move that it is. Once a move of a transfer is picked, only what is picked of
        the transfer goes, whichever of its moves are passed.

        When:
            once for all moves that are done together: those of the transfers of a validation, components and products
            of productions, of an unbuilding, a scrap or a count.
        Called by:
            ``inventory.services.transfers.done``, ``manufacturing.services.producing.finish``,
            ``manufacturing.services.unbuilding.unbuild``, ``stock.scrap._post``, ``inventory.services.counting.post``.
        Args:
            cancel_backorder: cancel what is left of the moves and of their transfers, instead of keeping it open.
        Returns:
            the moves that are done.
        Raises:
            LotRequired, SerialTaken, InsufficientStock: each names every line concerned.
        Transaction:
            that of the action. The products of the moves and the stock rows that change are locked.
        Override:
            refuse by raising before ``super()``; act on the done moves after it. Done moves and lines are the ledger:
            their quantities, places, lots and dates no longer change.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _action_done(self, cancel_backorder=False):
                    done = super()._action_done(cancel_backorder=cancel_backorder)
                    done.filtered("scrap_id").write({"description_picking": "scrapped"})
                    return done
        """
        return posting.finish(self, cancel_rest=cancel_backorder)

    @api.seam("done", order=45)
    def _get_underdelivery_tolerance(self):
        """The percentage of its demand up to which the rest of each move is closed instead of becoming a backorder.

        When:
            for all moves of which something goes and something remains: when their transfers are validated, or when
            they are done without that; in the question about backorders. A validation asks once for each move, and goes
            by that answer to its end. Not where a transfer is split by hand.
        Called by:
            ``inventory.services.remaining.tolerated_ids``.
        Returns:
            move id -> percentage of the demand, a Decimal; 0 or no entry: every rest counts. A rest within the rounding
            of the product's unit is none in any case.
        Transaction:
            that of the validation; it only reads.
        Override:
            put the percentage of the addon's document before those of ``super()``, which are that of the contact, the
            product category, the operation type or the company. Read for all moves at once.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _get_underdelivery_tolerance(self):
                    urgent = self.filtered(lambda move: move.priority == "1")
                    return super()._get_underdelivery_tolerance() | dict.fromkeys(urgent.ids, Decimal(0))
        """
        return remaining.tolerances(self)

    @api.seam("done", order=47)
    def _tolerated_documents(self) -> dict[int, list[Any]]:
        """The documents whose history names what is closed of each move within the underdelivery tolerance.

        When:
            once for all moves of which something is closed within the tolerance, when they are done.
        Called by:
            ``inventory.services.tolerance_history.note_parts``.
        Returns:
            move id -> the documents, each a single record of a model that inherits `stock.tolerated.mixin`.
        Transaction:
            that of the validation. It only reads.
        Override:
            add the addon's document behind the moves to those of ``super()``. Read for all moves at once.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _tolerated_documents(self):
                    found = super()._tolerated_documents()
                    for move in self.filtered("picking_id.backorder_id"):
                        found[move.id].append(move.picking_id.backorder_id)
                    return found
        """
        return tolerance_history.transfers(self)

    def _contacts(self) -> list[Any]:
        """The contacts that this move delivers to or receives from, the more particular one first; some may be empty.

        A list, as records that are joined are no longer read together with those of other moves.
        """
        return [self.picking_id.partner_id or self.partner_id]

    @api.seam("split", order=20)
    @product_lock.locks_products
    def _split(self, qty, restrict_partner_id=False):
        """Split off part of each move; the parts add up to the whole, to the last digit.

        When:
            once for all moves that an action splits: transfers validated in part, or split by hand; productions closed
            in part, or split; components at several places; demand that is put on hold or taken off in part; an order
            line that is lowered.
        Called by:
            ``inventory.services.posting._split_off_rests``, ``inventory.services.transfers.split``,
            ``inventory.services.on_hold._parts``, ``inventory.services.order_lines.take_back``,
            ``manufacturing.services.splitting.split_moves``,
            ``manufacturing.services.component_transfers._relocate``,
            ``manufacturing.services.net_requirements.split_to_order``.
        Args:
            qty: how many to split off, in the product's unit: by move (or its id), a list in the order of the
                moves, or one number for one move. A list of numbers for a move splits off several parts. Services
                hand a `Part` or `Division` of ``inventory.services.move_split`` where a part has values of its own or
                takes particular reserved lines.
            restrict_partner_id: the owner of the goods that the new moves are restricted to; False for the same as
                before.
        Returns:
            the new moves in the order of the moves and parts, without those of which nothing is split off. They exist:
            reserved lines, links and the backorder entry follow by identity, which values to create later could not
            say.
        Raises:
            InventoryError: a part is below zero, the parts are the whole demand or more, or a move is closed.
        Transaction:
            that of the action. The products of the moves are locked. A split never procures again.
        Override:
            act on the new moves after ``super()``. The quantities are decided: pass them on as they are. Values that
            a part gets from the beginning belong into `_prepare_move_split_vals`.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _split(self, qty, restrict_partner_id=False):
                    parts = super()._split(qty, restrict_partner_id=restrict_partner_id)
                    parts.write({"priority": "1"})
                    return parts
        """
        quantities = qty if isinstance(qty, Mapping | list | tuple) else {self: qty}
        parts = move_split.split(self, quantities)
        if restrict_partner_id:
            parts.write({"restrict_partner_id": restrict_partner_id})
        return parts

    @api.seam("split", order=26)
    def _prepare_move_split_vals(self, qty: Decimal) -> dict[str, Any]:
        """The values of a part that is split off the move.

        When:
            for each part that a split creates.
        Called by:
            ``inventory.services.move_split._create_parts``.
        Args:
            qty: the demand of the part, in the unit in which the split states it: that of the move where all parts are
                exact in it, else the product's.
        Returns:
            values for `create` of stock.move. The service sets demand, unit and state, and what the action that splits
            says of the part, such as its transfer.
        Transaction:
            that of the action; it only reads.
        Override:
            add values to those of ``super()``; `self` is the move that is split. It is asked for one part at a time, so
            read only fields of the move.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _prepare_move_split_vals(self, qty):
                    return super()._prepare_move_split_vals(qty) | {"priority": "1"}
        """
        return {**move_split.part_values(self)[0], "product_uom_qty": qty}

    @api.seam("split", order=24)
    def _split_field_names(self) -> list[str]:
        """The stored fields that a part split off takes over from the whole.

        When:
            once for all moves that an action splits, returns or exchanges.
        Called by:
            ``inventory.services.move_split.split``, ``inventory.services.move_split.part_values``,
            ``inventory.services.returns.create_return``, ``inventory.services.returns.create_exchange``,
            ``inventory.services.returns._copied_values``.
        Returns:
            a list of field names; stored fields that are copied are in it, those of addons too.
        Transaction:
            that of the action; it only reads.
        Override:
            add stored fields that a duplicate does not take over and a part does, or take out what belongs to one part
            only. Quantities, states and links are settled by the split and are not to be named.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _split_field_names(self):
                    return [name for name in super()._split_field_names() if name != "description_picking"]
        """
        return copied_fields.stored_columns(self)

    @api.seam("merge", order=5)
    @api.seam("confirm", order=48)
    @product_lock.locks_products
    def _merge_moves(self, merge_into: Any = False) -> Any:
        """Merge open moves of one transfer that agree in all of `_prepare_merge_moves_distinct_fields`.

        When:
            once for all moves that are confirmed together, before what they need is procured; once for demand that is
            put on hold beside other demand on hold, and for demand that goes back to where it was split off.
        Called by:
            ``inventory.services.moves.confirm``, ``inventory.services.on_hold._join_held``,
            ``inventory.services.on_hold.take_back``.
        Args:
            merge_into: further moves to merge with; the other moves of the transfers are candidates anyway. False for
                none.
        Returns:
            the moves that remain: merged ones are replaced by those they merged into. A demand below zero that nothing
            absorbs turns around and brings goods back.
        Transaction:
            that of the action. The products of the moves are locked.
        Override:
            leave moves out by calling ``super()`` on fewer of them and returning these as well; act on what remains. To
            keep moves apart by a field of the addon, override `_prepare_merge_moves_distinct_fields`.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _merge_moves(self, merge_into=False):
                    urgent = self.filtered(lambda move: move.priority == "1")
                    return urgent | super(StockMove, self - urgent)._merge_moves(merge_into)
        """
        return moves.merge(self, merge_into)

    @api.seam("merge", order=10)
    @api.seam("confirm", order=50)
    def _prepare_merge_moves_distinct_fields(self) -> list[str]:
        """The fields in which two moves of a transfer must agree to be merged into one.

        When:
            once for each merge: of the moves that are confirmed together, of demand that is put on hold or taken off.
        Called by:
            ``inventory.services.moves.merge``.
        Returns:
            a list of field names.
        Transaction:
            that of the confirmation; it only reads.
        Override:
            add the stored fields of the addon that keep moves apart. Taking a name out loses what the merged move said
            in it.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _prepare_merge_moves_distinct_fields(self):
                    return [*super()._prepare_merge_moves_distinct_fields(), "priority"]
        """
        return [
            "product_id",
            "product_uom",
            "location_id",
            "location_dest_id",
            "location_final_id",
            "procure_method",
            "description_picking",
            "partner_id",
            "restrict_partner_id",
            "origin_returned_move_id",
            "propagate_cancel",
            "price_unit",
            "date_deadline",
            "scrap_id",
            "shortfall_id",
            "hold_date",
            "additional",
            "to_refund",
            "orderpoint_id",
        ]

    def _recompute_state(self):
        """Bring the states of open moves in line with what their lines hold."""
        move_states.recompute(self)

    @api.seam("confirm", order=30)
    def _should_be_assigned(self) -> bool:
        """Say whether the move goes into a transfer when it is confirmed.

        When:
            for each draft that is being confirmed.
        Called by:
            ``inventory.services.moves._assign_pickings``.
        Returns:
            bool; True for a move with an operation type and without a transfer.
        Transaction:
            that of the confirmation; it only reads.
        Override:
            answer False for moves that another document of the addon holds, else ``super()``. It is asked for one move
            at a time, so read only what is read together for all of them: fields of the move.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _should_be_assigned(self):
                    return super()._should_be_assigned() and not self.scrap_id
        """
        return bool(self.picking_type_id and not self.picking_id)

    @api.seam("confirm", order=40)
    def _get_new_picking_values(self) -> dict[str, Any]:
        """The values of a new transfer for moves.

        When:
            once for each transfer that a confirmation creates; `self` is the first of the moves that go into it.
        Called by:
            ``inventory.services.moves._assign_pickings``.
        Returns:
            the values for `create` of stock.picking.
        Transaction:
            that of the confirmation; it only reads.
        Override:
            add values to those of ``super()``. Moves whose transfers must differ in them need another `_picking_key`
            too.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _get_new_picking_values(self):
                    return super()._get_new_picking_values() | {"note": self.partner_id.comment}
        """
        return moves.picking_values(self)

    @api.seam("confirm", order=60)
    def _prepare_procurement_values(self) -> dict[str, Any]:
        """What the need of a move that is made to order carries along to what answers it.

        When:
            once for each move whose supply is ordered.
        Called by:
            ``inventory.services.procurement.for_move``.
        Returns:
            the `values` of the need: dates, warehouse, the move that waits, references and routes.
        Transaction:
            that of the confirmation; it only reads.
        Override:
            add values to those of ``super()``; `self` is one move. `stock.rule._get_custom_move_fields` names those
            that the move of the next rule takes over.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _prepare_procurement_values(self):
                    return super()._prepare_procurement_values() | {"priority": "1"}
        """
        self.ensure_one()
        return procurement.values_of_move(self)

    @api.seam("confirm", order=61)
    def _prepare_procurement_origin(self) -> str:
        """The source document that is named on what answers the need of a move, and on the steps that follow it.

        When:
            once for each move whose supply is ordered, or whose goods a push rule sends on.
        Called by:
            ``inventory.services.procurement.for_move``, ``inventory.services.push.values``.
        Returns:
            a name: the source document of the move, or else its own document.
        Transaction:
            that of the action; it only reads.
        Override:
            change the name; `self` is one move.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _prepare_procurement_origin(self):
                    return f"{super()._prepare_procurement_origin()} {self.partner_id.name or ''}".strip()
        """
        self.ensure_one()
        return self.origin or self._document_name()

    @api.seam("confirm", order=35)
    def _picking_key(self) -> tuple[Any, ...]:
        """What moves must have in common to go into the same transfer.

        When:
            once for each draft that goes into a transfer when it is confirmed.
        Called by:
            ``inventory.services.moves._assign_pickings``.
        Returns:
            a tuple that can be a key of a dictionary: operation type, places, partner, source document. An open
            transfer is joined where the first four, and a reference, are the same.
        Transaction:
            that of the confirmation; it only reads.
        Override:
            add values at the end of the tuple of ``super()``. It is asked for one move at a time.
        Example::

            class StockMove(models.Model):
                _inherit = "stock.move"

                def _picking_key(self):
                    return (*super()._picking_key(), self.priority)
        """
        return (
            self.picking_type_id.id,
            self.location_id.id,
            self.location_dest_id.id,
            self.partner_id.id,
            self.origin or "",
        )

    @api.model
    def _assign_waiting(self, products=None, locations=None, exclude=None):
        """Reserve waiting demand (of products, at and above locations) in the order of `rank_demand`."""
        reservation.assign_waiting(self.env, products, locations, exclude)

    def _reservation_day(self, scheduled):
        """The day from which the move may be reserved, by its operation type; None for now."""
        kind = self.picking_type_id
        if kind.reservation_method != "by_date":
            return None
        return (scheduled - timedelta(days=kind.reservation_days_before)).date()

    # ------------------------------------------------------------------ on hold
    @product_lock.locks_products
    def _put_on_hold(self, quantities: Mapping[Any, Decimal] | None = None) -> Any:
        """Hold `quantities` back (in the product's unit, by move; by default all that is not picked).

        Returns the moves that are on hold now, in transfers of their own. Raises CannotHold.
        """
        return on_hold.put(self, quantities)

    @product_lock.locks_products
    def _take_off_hold(self, quantities: Mapping[Any, Decimal] | None = None) -> Any:
        """Let `quantities` (in the product's unit, by move; by default all) take part in reservations again.

        They go back to the transfer that they were split from while that is open. Returns the moves that hold them.
        """
        return on_hold.take_back(self, quantities)

    # ------------------------------------------------------------------ buttons
    @api.public(access="read")
    def action_show_details(self):
        """The detailed operations of one move."""
        self.ensure_one()
        return self

    @api.public(access="write")
    def action_clear_quantity(self):
        """Type nothing: give back what is reserved."""
        self.check_access("write")
        self.write({"picked": False})
        self._do_unreserve()

    @api.public(access="write")
    @product_lock.locks_products
    def action_generate_lot_names(self, first_lot: api.Name, count: operations.LotCount):
        """Give the lines of one incoming move `count` lot names from `first_lot` on."""
        self.check_access("write")
        self.ensure_one()
        if self.state in move_states.CLOSED:
            raise InventoryError(
                self.env._("%(document)s is closed.", document=self._document_name()), code="inventory.move_closed"
            )
        operations.name_lots(self, self.env["stock.lot"].generate_lot_names(first_lot, count))

    @api.public(access="read")
    def get_waiting_reason(self):
        """Why the moves are waiting: move id -> the chain of causes in sentences."""
        return why.explain(self)

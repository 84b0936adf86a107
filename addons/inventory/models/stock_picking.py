"""Transfers: the documents by which goods are received, moved and delivered."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from addons.inventory.exceptions import InventoryError, NothingToMove
from addons.inventory.services import (
    copied_fields,
    ledger,
    move_states,
    on_backorder,
    on_hold,
    operations,
    product_lock,
    promise,
    scheduling,
    transfers,
    validation_messages,
    why,
)
from core import api, fields, models
from core.api import _
from core.rounding import format_number

OPEN_STATES = {"draft", "waiting", "confirmed", "assigned"}
REFUSALS: dict[Any, str] = {
    **dict.fromkeys(OPEN_STATES, _("%(record)s is not done yet. Validate it first.")),
    "done": _("%(record)s is already done."),
    ("done", "action_cancel"): _("%(record)s is already done. Return it instead."),
    "cancel": _("%(record)s is cancelled. Duplicate it to move the products after all."),
    ("cancel", "action_return"): _("%(record)s is cancelled: nothing was moved that could be returned."),
}


#: What the open moves of a transfer follow, and with them what is reserved.
FOLLOWED_BY_MOVES = frozenset({"location_id", "location_dest_id", "owner_id", "scheduled_date", "move_ids"})
#: Figures of open transfers only: those that are searched by value look at no others.
WHILE_OPEN = [("state", "not in", move_states.CLOSED)]


class StockPicking(models.Model):
    """A transfer. Its state follows from its moves and from whether it ships all at once.

    draft ─> waiting (for other moves) / confirmed ("Waiting") ─> assigned ("Ready") ─> done;  cancel
    """

    _name = "stock.picking"
    _inherit = ["document.mixin", "stock.tolerated.mixin"]
    _description = "Transfer"
    _check_company_auto = True
    _order = "priority desc, scheduled_date asc, id desc"

    _settled_strictly = True
    _first_states = frozenset({"draft"})
    STATES = [
        ("draft", "Draft"),
        ("waiting", "Waiting Another Operation"),
        ("confirmed", "Waiting"),
        ("assigned", "Ready"),
        ("done", "Done"),
        ("cancel", "Cancelled"),
    ]
    TRANSITIONS = {
        "action_confirm": (OPEN_STATES, "confirmed"),
        "action_assign": (OPEN_STATES, None),
        "do_unreserve": (OPEN_STATES, None),
        "button_validate": (OPEN_STATES, "done"),
        "action_cancel": (OPEN_STATES | {"cancel"}, "cancel"),
        "action_split_transfer": (OPEN_STATES, None),
        "action_put_in_pack": (OPEN_STATES, None),
        "action_return": ({"done"}, None),
    }
    STATE_REFUSALS = REFUSALS

    name = fields.Char("Reference", default="/", copy=False, index=True, readonly=True)
    state = fields.Selection(
        STATES, "Status", compute="_compute_state", store=True, readonly=True, copy=False, tracking=True
    )
    priority = fields.Selection([("0", "Normal"), ("1", "Urgent")], "Priority", default="0", required=True)
    origin = fields.Char("Source Document", index=True)
    note = fields.Text("Notes")
    partner_id = fields.Many2one("res.partner", "Contact", index=True, tracking=True, check_company=True)
    user_id = fields.Many2one("res.users", "Responsible", copy=False, tracking=True)
    owner_id = fields.Many2one("res.partner", "Assign Owner", check_company=True)
    company_id = fields.Many2one("res.company", "Company", required=True)
    picking_type_id = fields.Many2one(
        "stock.picking.type", "Operation Type", required=True, index=True, check_company=True
    )
    picking_type_code = fields.Selection(related="picking_type_id.code", string="Type of Operation")
    use_create_lots = fields.Boolean(related="picking_type_id.use_create_lots")
    use_existing_lots = fields.Boolean(related="picking_type_id.use_existing_lots")
    location_id = fields.Many2one("stock.location", "Source Location", required=True, check_company=True)
    location_dest_id = fields.Many2one("stock.location", "Destination Location", required=True, check_company=True)
    move_type = fields.Selection(
        [("direct", "As soon as possible"), ("one", "When all products are ready")],
        "Shipping Policy",
        default="direct",
        required=True,
    )
    date_done = fields.Datetime("Date of Transfer", copy=False, readonly=True)
    printed = fields.Boolean(copy=False)
    is_locked = fields.Boolean(default=True, copy=False)
    # Lists of one status in their order, and counts of what is open by operation type.
    _state_index = models.Index("(state, priority DESC, scheduled_date, id DESC, picking_type_id)")
    _queue_index = models.Index("(priority DESC, scheduled_date, id DESC)")  # lists come in this order
    backorder_id = fields.Many2one(
        "stock.picking", "Back Order of", copy=False, index="btree_not_null", readonly=True, check_company=True
    )
    backorder_ids = fields.One2many("stock.picking", "backorder_id", "Back Orders")
    backorder_count = fields.Integer(
        "# Back Orders", compute="_compute_counts", search=fields.SearchByValue([("backorder_ids", "!=", False)])
    )
    return_id = fields.Many2one(
        "stock.picking", "Return of", copy=False, index="btree_not_null", readonly=True, check_company=True
    )
    return_ids = fields.One2many("stock.picking", "return_id", "Returns")
    return_count = fields.Integer(
        "# Returns", compute="_compute_counts", search=fields.SearchByValue([("return_ids", "!=", False)])
    )
    move_ids = fields.One2many("stock.move", "picking_id", "Stock Moves", copy=True)
    move_line_ids = fields.One2many("stock.move.line", "picking_id", "Operations")
    product_id = fields.Many2one("product.product", related="move_ids.product_id", string="Product")
    lot_id = fields.Many2one("stock.lot", related="move_line_ids.lot_id", string="Lot/Serial Number")
    reference_ids = fields.Many2many("stock.reference", compute="_compute_reference_ids", string="References")
    has_tracking = fields.Boolean(compute="_compute_has_tracking")
    show_check_availability = fields.Boolean(compute="_compute_show_check_availability")
    products_availability = fields.Char(
        "Product Availability", compute="_compute_products_availability", search=fields.SearchByValue(WHILE_OPEN)
    )
    products_availability_state = fields.Selection(
        [("available", "Available"), ("expected", "Expected"), ("late", "Late")],
        compute="_compute_products_availability",
        search=fields.SearchByValue(WHILE_OPEN),
    )
    waiting_reason = fields.Text(
        "Why It Is Waiting", compute="_compute_waiting_reason", search=fields.SearchByValue(WHILE_OPEN)
    )
    scrap_ids = fields.One2many("stock.scrap", "picking_id", "Scraps")
    has_backorder = fields.Boolean(
        "On Backorder",
        compute="_compute_backorder",
        search="_search_has_backorder",
        help="A customer ordered it and not all of it is reserved.",
    )
    backorder_summary = fields.Char(
        "On Backorder",
        compute="_compute_backorder",
        search=fields.SearchByValue(api.Domain("move_ids", "any!", on_backorder.DOMAIN)),
        help="What customers ordered and no stock is reserved for",
    )
    scheduled_date = fields.Datetime(
        "Scheduled Date",
        compute="_compute_scheduled_date",
        inverse="_inverse_scheduled_date",
        store=True,
        index=True,
        required=True,
        help="When the first product is to be moved; the last one where all are shipped at once. "
        "A date entered here is that of all products.",
    )
    date_deadline = fields.Datetime(
        "Deadline", compute="_compute_date_deadline", store=True, help="What was promised, by the same rule"
    )
    has_deadline_issue = fields.Boolean(
        "Is Late", compute="_compute_has_deadline_issue", store=True, help="Scheduled for later than promised"
    )
    on_hold = fields.Boolean("On Hold", compute="_compute_on_hold", search="_search_on_hold")
    hold_text = fields.Text(
        "Quantities on Hold", compute="_compute_hold_text", help="What was split off this transfer to be held back"
    )

    # ------------------------------------------------------------------ computed
    @api.depends("move_ids.state", "move_type")
    def _compute_state(self):
        for picking in self:
            picking.state = move_states.of_transfer([move.state for move in picking.move_ids], picking.move_type)

    @api.depends("backorder_ids", "return_ids")
    def _compute_counts(self):
        for picking in self:
            picking.backorder_count = len(picking.backorder_ids)
            picking.return_count = len(picking.return_ids)

    @api.depends("move_ids.reference_ids")
    def _compute_reference_ids(self):
        for picking in self:
            picking.reference_ids = picking.move_ids.reference_ids

    @api.depends("move_ids.has_tracking")
    def _compute_has_tracking(self):
        for picking in self:
            picking.has_tracking = any(move.has_tracking != "none" for move in picking.move_ids)

    @api.depends("state", "move_ids.state")
    def _compute_show_check_availability(self):
        for picking in self:
            open_moves = picking.move_ids.filtered(lambda move: move.state in move_states.LACKING)
            picking.show_check_availability = picking.state in ("waiting", "confirmed", "assigned") and bool(open_moves)

    @api.depends("state", "scheduled_date", "move_ids.forecast_availability", "move_ids.forecast_expected_date")
    def _compute_products_availability(self):
        moves = self.move_ids.filtered(lambda move: move.state in move_states.OPEN)
        expected = promise.expected(moves)
        for picking in self:
            answers = [expected[move.id] for move in picking.move_ids if move.id in expected]
            picking.products_availability, picking.products_availability_state = promise.in_words(
                picking, answers, picking.state in ("waiting", "confirmed", "assigned")
            )

    @api.depends("move_ids.waiting_reason")
    def _compute_waiting_reason(self):
        for picking, text in why.in_short(self).items():
            picking.waiting_reason = text

    # ------------------------------------------------------------------ products on backorder
    def _compute_backorder(self) -> None:
        for picking, products in on_backorder.of_pickings(self).items():
            picking.has_backorder = bool(products)
            picking.backorder_summary = ", ".join(
                f"{format_number(quantity)} {product.uom_id.name} {product.display_name}"
                for product, quantity in products.items()
            )

    def _search_has_backorder(self, operator: str, value: Any) -> Any:
        return on_backorder.matching([("move_ids", "any", on_backorder.DOMAIN)], operator, value)

    # ------------------------------------------------------------------ dates of the moves
    @api.depends("move_ids.state", "move_ids.date", "move_type")
    def _compute_scheduled_date(self):
        """What is done or cancelled counts no more; a transfer without open moves keeps its date."""
        for picking in self:
            due = scheduling.due(scheduling.open_dates(picking), picking.move_type)
            picking.scheduled_date = due or picking.scheduled_date or fields.Datetime.now()

    def _inverse_scheduled_date(self):
        scheduling.pass_on(self)

    @api.depends("move_ids.date_deadline", "move_type")
    def _compute_date_deadline(self):
        for picking in self:
            dates = [move.date_deadline for move in picking.move_ids]
            picking.date_deadline = scheduling.due(dates, picking.move_type) or False

    @api.depends("date_deadline", "scheduled_date")
    def _compute_has_deadline_issue(self):
        for picking in self:
            promised, due = picking.date_deadline, picking.scheduled_date
            picking.has_deadline_issue = bool(promised and due and promised < due)

    # ------------------------------------------------------------------ on hold
    @api.depends("move_ids.hold_date", "move_ids.state")
    def _compute_on_hold(self) -> None:
        for picking in self:
            picking.on_hold = on_hold.is_on_hold(picking)

    def _compute_hold_text(self) -> None:
        for picking in self:
            text = on_hold.in_words(picking.sudo().backorder_ids.move_ids)
            picking.hold_text = text and self.env._("%(text)s Open it and check availability to resume.", text=text)

    def _search_on_hold(self, operator: str, value: Any) -> Any:
        return on_backorder.matching(on_hold.domain(), operator, value)

    # ------------------------------------------------------------------ create, write, unlink
    @api.model
    def default_get(self, fields_list):
        """Places follow from the operation type that the context gives."""
        values = super().default_get(fields_list)
        if values.get("picking_type_id"):
            values = {**self._places_of(values["picking_type_id"], values), **values}
        return {name: value for name, value in values.items() if name in fields_list}

    @api.model
    def _places_of(self, type_id, vals):
        kind = self.env["stock.picking.type"].browse(type_id)
        source, destination = kind.default_location_src_id, kind.default_location_dest_id
        partner = self.env["res.partner"].browse(vals.get("partner_id") or ())
        if kind.code == "outgoing" and partner.property_stock_customer:
            destination = partner.property_stock_customer
        if kind.code == "incoming" and partner.property_stock_supplier:
            source = partner.property_stock_supplier
        return {
            "location_id": source.id,
            "location_dest_id": destination.id,
            "company_id": kind.company_id.id,
            "move_type": kind.move_type,
        }

    @api.model_create_multi
    def create(self, vals_list):
        """Give transfers their numbers, and what their operation type says where nothing else does.

        Without a date, it follows from the moves.
        Raises ValidationError for one without an operation type.
        """
        by_type: defaultdict[int, list[int]] = defaultdict(list)
        rows = []
        for position, vals in enumerate(vals_list):
            row = {name: value for name, value in vals.items() if value or name != "scheduled_date"}
            kind = row.get("picking_type_id") or self.env.context.get("default_picking_type_id")
            if not kind:
                raise transfers.missing_operation_type_error(self.env)
            for name, value in self._places_of(kind, row).items():
                if not row.get(name):
                    row[name] = value
            if row.get("name", "/") == "/":
                by_type[kind].append(position)
            rows.append(row)
        for kind, positions in by_type.items():
            sequence = self.env["stock.picking.type"].sudo().browse(kind).sequence_id
            for position, name in zip(positions, sequence.next_many(len(positions)) if sequence else ()):
                rows[position]["name"] = name
        return super().create(rows)

    def write(self, vals):
        """New places, partner, owner, date or priority hold for the open moves too; done transfers keep their places.

        A date holds for all open moves, but for those whose lines come with one of their own. Products that are added
        to a transfer that is under way are confirmed at once.
        """
        if FOLLOWED_BY_MOVES & vals.keys():
            product_lock.lock_moves(self.move_ids)
        vals = scheduling.checked(self, vals)
        if "scheduled_date" in vals and "move_ids" in vals:
            super().write({"scheduled_date": vals.pop("scheduled_date")})
        ledger.check_places_stay(self, vals)
        if "picking_type_id" in vals:
            self._retype(vals)
        underway = (
            self.filtered(lambda picking: picking.state in OPEN_STATES - {"draft"})
            if "move_ids" in vals
            else self.browse()
        )
        result = super().write(vals)
        passed = {
            name: vals[name] for name in ("location_id", "location_dest_id", "partner_id", "priority") if name in vals
        }
        if "owner_id" in vals:
            passed["restrict_partner_id"] = vals["owner_id"]
        if passed:
            moves = self.move_ids.filtered(lambda move: move.state not in move_states.CLOSED)
            if moves:
                moves.write(passed)
        underway._autoconfirm_picking()
        return result

    def _retype(self, vals):
        """Drafts that get another operation type get its numbers and places, and so do their moves."""
        for picking, values in transfers.operation_type_values(self, vals).items():
            super(StockPicking, picking).write(values)
            places = {name: values[name] for name in ("location_id", "location_dest_id") if name in values}
            picking.move_ids.write({**places, "picking_type_id": vals["picking_type_id"]})

    @api.ondelete()
    def _unlink_if_unmoved(self):
        moved = self.filtered(lambda picking: any(move.state not in ("draft", "cancel") for move in picking.move_ids))
        if moved:
            raise InventoryError(
                self.env._("%(documents)s cannot be deleted. Cancel it first.", documents=moved.mapped("name")),
                code="inventory.transfer_moved",
            )

    def unlink(self):
        """Delete transfers with their moves."""
        self._unlink_if_unmoved()
        self.move_ids.unlink()
        return super().unlink()

    def onchange(self, values, field_names, fields_spec=None):
        """See the base. A date that the form shows stays while its lines are edited: saved, it is that of them all."""
        answer = super().onchange(values, field_names, fields_spec)
        if field_names and "scheduled_date" in values:
            answer["value"].pop("scheduled_date", None)
        return answer

    @api.onchange("picking_type_id", "partner_id")
    def _onchange_picking_type(self):
        if self.picking_type_id and self.state == "draft":
            places = self._places_of(self.picking_type_id.id, {"partner_id": self.partner_id.id})
            for name, value in places.items():
                self[name] = value

    # ------------------------------------------------------------------ buttons
    @api.seam("confirm", order=10)
    @api.public(access="write")
    @api.transition
    def action_confirm(self):
        """Mark the transfers as to do; reserve what their operation type reserves at once.

        When:
            once for all transfers that a person or a client confirms. Transfers that rules create are confirmed by
            their moves.
        Called by:
            the button "Mark as To Do", ``stock.picking.action_assign``, ``stock.picking._autoconfirm_picking``,
            ``inventory.services.returns.create_exchange``.
        Returns:
            True.
        Raises:
            NothingToMove: a transfer has no products.
        Transaction:
            that of the action.
        Override:
            refuse by raising, add moves before ``super()``, act on the transfers after it. The hook `on_confirm` is
            called for those that were drafts, however they were confirmed.
        Example::

            class StockPicking(models.Model):
                _inherit = "stock.picking"

                def action_confirm(self):
                    result = super().action_confirm()
                    self.filtered(lambda picking: picking.priority == "1").action_assign()
                    return result
        """
        self.check_access("write")
        transfers.check_have_moves(self)
        drafts = self.filtered(lambda picking: picking.state == "draft")
        self.move_ids.filtered(lambda move: move.state == "draft")._action_confirm()
        drafts._notify("on_confirm")
        return True

    @api.seam("reserve", order=10)
    @api.public(access="write")
    @api.transition
    def action_assign(self):
        """Reserve what is there for these transfers; asking for them ends their being on hold.

        When:
            once for all transfers for which availability is checked.
        Called by:
            the button "Check Availability" and clients.
        Returns:
            True.
        Raises:
            NothingToMove: nothing is open in the transfers.
        Transaction:
            that of the action. The products of the moves are locked by `stock.move._action_assign`.
        Override:
            leave transfers out, or act after ``super()``. What is reserved without a person asking for it does not come
            through here but through `stock.move._action_assign`.
        Example::

            class StockPicking(models.Model):
                _inherit = "stock.picking"

                def action_assign(self):
                    result = super().action_assign()
                    self.filtered(lambda picking: picking.state == "assigned").write({"note": "Ready"})
                    return result
        """
        self.check_access("write")
        drafts = self.filtered(lambda picking: picking.state == "draft")
        if drafts:
            drafts.action_confirm()
        moves = self.move_ids.filtered(lambda move: move.state in move_states.OPEN)
        if not moves:
            raise NothingToMove(self.env._("There is nothing to check the availability of."))
        on_hold.release(moves)
        moves._action_assign()
        return True

    @api.public(access="write")
    @api.transition
    def do_unreserve(self):
        """Give back what is reserved for these transfers."""
        self.check_access("write")
        self.move_ids._do_unreserve()

    @api.seam("done", order=10)
    @api.public(access="write")
    @api.transition
    @product_lock.locks_products
    def button_validate(self, answers: dict[str, Any] | None = None) -> Any:
        """Ship, receive or move what the transfers say, once.

        When:
            once for all transfers that are validated together; again after each question, with its answer.
        Called by:
            the button "Validate", the buttons of the dialogs that it returns (`question.mixin`),
            ``manufacturing.services.component_transfers.bring``.
        Args:
            answers: `{"backorder": {transfer id: True or False}}`, whether a backorder is made of what is left.
        Returns:
            the wizard that asks, or None when the transfers are done.
        Raises:
            AlreadyDone: one of them is closed.
            NotReady, NothingToMove: what the transfers wait for.
        Transaction:
            one of its own. The products of the moves are locked first, then the transfers.
        Override:
            check or complete the transfers before ``super()``; after it, a returned wizard means that nothing has moved
            yet. To refuse or to ask, answer the hook `on_validate`; to act on what is done, the hook `on_done` or
            `_action_done`.
        Example::

            class StockPicking(models.Model):
                _inherit = "stock.picking"

                def button_validate(self, answers=None):
                    self.filtered(lambda picking: not picking.origin).write({"origin": "by hand"})
                    return super().button_validate(answers)
        """
        return transfers.validate(self, answers or {})

    @api.seam("done", order=20)
    @product_lock.locks_products
    def _action_done(self, cancel_backorder=False):
        """Do the transfers without any question; what is left of each becomes its backorder, or is cancelled.

        When:
            once for all transfers of a validation whose rest is kept, and once for all whose rest is cancelled (those
            first).
        Called by:
            ``inventory.services.transfers._carry_out``, and addons that post transfers without asking.
        Args:
            cancel_backorder: cancel what is left, instead of making backorders of it.
        Returns:
            the backorders.
        Raises:
            LotRequired, SerialTaken, InsufficientStock: each names every line concerned.
        Transaction:
            that of the caller. The products of the moves and the transfers are locked.
        Override:
            act on the transfers before or after ``super()``.
        Example::

            class StockPicking(models.Model):
                _inherit = "stock.picking"

                def _action_done(self, cancel_backorder=False):
                    backorders = super()._action_done(cancel_backorder=cancel_backorder)
                    backorders.write({"priority": "1"})
                    return backorders
        """
        return transfers.done(self, cancel_backorder)

    @api.seam("split", order=30)
    @api.seam("done", order=60)
    def _create_backorder(self, backorder_moves=None):
        """Make the transfers that what is left of these goes into.

        When:
            once for all transfers of which something is left, after it was split off and before anything is posted;
            and when transfers are split by hand or a part of them is put on hold.
        Called by:
            ``inventory.services.posting._create_backorders``, ``inventory.services.transfers.split``,
            ``inventory.services.on_hold._set_apart``.
        Args:
            backorder_moves: the moves that go into the backorders, with their lines; all that is open by default.
        Returns:
            the backorders, one for each transfer, in their order.
        Transaction:
            that of the action. The products of the moves are locked.
        Override:
            act on the backorders after ``super()``. The moves belong to the transfers that they are in: none is added.
        Example::

            class StockPicking(models.Model):
                _inherit = "stock.picking"

                def _create_backorder(self, backorder_moves=None):
                    backorders = super()._create_backorder(backorder_moves)
                    backorders.write({"priority": "1"})
                    return backorders
        """
        return transfers.create_backorders(self, backorder_moves)

    @api.seam("split", order=35)
    @api.seam("done", order=65)
    def _prepare_backorder_vals(self) -> dict[str, Any]:
        """The values of the transfer for what is left of this one.

        When:
            once for each backorder; `self` is the transfer that it continues.
        Called by:
            ``inventory.services.transfers.create_backorders``.
        Returns:
            values for `create` of stock.picking; moves and number follow.
        Transaction:
            that of the action; it only reads, and only what is read together for all transfers.
        Override:
            add values to those of ``super()``.
        Example::

            class StockPicking(models.Model):
                _inherit = "stock.picking"

                def _prepare_backorder_vals(self):
                    return super()._prepare_backorder_vals() | {"priority": "1"}
        """
        self.ensure_one()
        return transfers.backorder_values(self)

    @api.seam("cancel", order=15)
    @api.public(access="write")
    @api.transition
    def action_cancel(self):
        """Cancel the transfers and give back what is reserved.

        When:
            once for all transfers that are cancelled together: by a person, or with their orders.
        Called by:
            the button "Cancel", ``order.mixin._cancel_with_transfers``.
        Returns:
            True.
        Transaction:
            that of the action. The products of the moves are locked.
        Override:
            refuse by raising, or act on the transfers after ``super()``. To answer the cancellation, implement the hook
            `on_cancel`.
        Example::

            class StockPicking(models.Model):
                _inherit = "stock.picking"

                def action_cancel(self):
                    result = super().action_cancel()
                    self.write({"priority": "0"})
                    return result
        """
        self.check_access("write")
        todo = self.filtered(lambda picking: picking.state != "cancel")
        moves = todo.move_ids.filtered(lambda move: move.state != "cancel")
        moves._action_cancel()
        todo.write({"is_locked": True})
        todo._notify("on_cancel")
        return True

    @api.public(access="write")
    @api.transition
    @product_lock.locks_products
    def action_split_transfer(self):
        """Leave what is picked (or typed) in this transfer and put the rest into a backorder, without validating."""
        self.check_access("write")
        return transfers.split(self)

    @api.public(access="write")
    @api.transition
    @product_lock.locks_products
    def action_put_in_pack(self):
        """Pack what is picked (or all that is reserved) and not packed yet; returns the package."""
        self.check_access("write")
        self.ensure_one()
        transfers.check_open(self)
        return operations.put_in_pack(self)

    @api.public(access="read")
    @api.transition
    def action_return(self):
        """The dialog that sends goods of a done transfer back."""
        self.ensure_one()
        return self.env["stock.return.picking"].create({"picking_id": self.id})

    @api.public(access="read")
    def action_scrap(self):
        """The form that scraps products of this transfer."""
        self.ensure_one()
        return self.env["stock.scrap"].create({"picking_id": self.id, "product_id": self.move_ids[:1].product_id.id})

    @api.public(access="read")
    def action_see_backorders(self):
        """The transfers that continue these."""
        return self.backorder_ids

    @api.public(access="read")
    def action_see_returns(self):
        """The transfers that bring back goods of these."""
        return self.return_ids

    @api.public(access="write")
    def action_set_quantities_to_demand(self):
        """Type the demand as the quantity of every open move."""
        self.check_access("write")
        moves = self.move_ids.filtered(lambda move: move.state not in move_states.CLOSED)
        operations.set_each({move: move.product_uom_qty for move in moves})

    @api.public(access="write")
    def action_print(self):
        """Note that the transfer was printed: nothing is added to it from now on."""
        self.write({"printed": True})

    # ------------------------------------------------------------------ seams
    def _counted(self):
        kinds = set(self.mapped("picking_type_code")) if len(self) <= 100 else set()
        return self.env._(validation_messages.counted(kinds.pop() if len(kinds) == 1 else "internal", len(self)))

    def _moves_to_lock(self):
        return self.move_ids

    def _autoconfirm_picking(self):
        """Confirm what is still a draft in these transfers."""
        drafts = self.filtered(lambda picking: picking.state == "draft" and picking.move_ids)
        if drafts:
            drafts.action_confirm()

    @api.seam("split", order=33)
    def _backorder_field_names(self) -> list[str]:
        """The stored fields that a backorder takes over from the transfer it continues.

        When:
            once for all backorders that an action creates; `self` are the transfers that they continue.
        Called by:
            ``inventory.services.transfers.create_backorders``, ``inventory.services.transfers.backorder_values``.
        Returns:
            a list of field names; stored fields that are copied are in it, those of addons too.
        Transaction:
            that of the validation; it only reads.
        Override:
            add stored fields that a duplicate does not take over and a backorder does, or take out what belongs to the
            first shipment only.
        Example::

            class StockPicking(models.Model):
                _inherit = "stock.picking"

                def _backorder_field_names(self):
                    return [name for name in super()._backorder_field_names() if name != "note"]
        """
        return copied_fields.stored_columns(self)

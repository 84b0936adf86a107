"""Move lines: which stock exactly. An open line is a reservation, a done line is an entry of the ledger."""

from __future__ import annotations

from addons.inventory.exceptions import InventoryError
from addons.inventory.services import ledger, move_states, operations, posting, product_lock, slips
from core import api, fields, models

WHAT = {"product_id", "lot_id", "lot_name", "location_id", "package_id", "owner_id", "quantity", "product_uom_id"}


class StockMoveLine(models.Model):
    """So many of a product, of one lot, from one place to another.

    While `state` is "assigned" the line reserves that much at its source. Once it is "done" it is history: the
    stock on hand is the sum of the done lines, and a correction is a new movement.
    """

    _name = "stock.move.line"
    _description = "Product Moves (Stock Move Line)"
    _check_company_auto = True
    _order = "id"
    _settled_fields = frozenset({"state"})
    _settled_strictly = True
    _rec_name = "product_id"

    move_id = fields.Many2one("stock.move", "Stock Operation", index=True, ondelete="cascade", check_company=True)
    picking_id = fields.Many2one("stock.picking", "Transfer", index=True, check_company=True)
    company_id = fields.Many2one("res.company", "Company", required=True, default=lambda self: self.env.company)
    product_id = fields.Many2one("product.product", "Product", required=True, ondelete="restrict", check_company=True)
    product_uom_id = fields.Many2one("uom.uom", "Unit", required=True, ondelete="restrict")
    quantity = fields.Quantity("Quantity", copy=False, uom_field="product_uom_id")
    quantity_product_uom = fields.Quantity(
        "Quantity in Product Unit", compute="_compute_quantity_product_uom", store=True, copy=False, readonly=True
    )
    picked = fields.Boolean("Picked", copy=False)
    state = fields.Selection(
        [("assigned", "Reserved"), ("done", "Done")],
        "Status",
        default="assigned",
        readonly=True,
        copy=False,
        required=True,
    )
    date = fields.Datetime("Date", default=fields.Datetime.now, required=True, copy=False)
    lot_id = fields.Many2one("stock.lot", "Lot/Serial Number", index=True, ondelete="restrict", check_company=True)
    lot_name = fields.Char("New Lot/Serial Number")
    location_id = fields.Many2one("stock.location", "From", required=True, check_company=True)
    location_dest_id = fields.Many2one("stock.location", "To", required=True, check_company=True)
    package_id = fields.Many2one("stock.package", "Source Package", ondelete="restrict", check_company=True)
    result_package_id = fields.Many2one(
        "stock.package", "Destination Package", index=True, ondelete="restrict", check_company=True
    )
    owner_id = fields.Many2one("res.partner", "From Owner", check_company=True)
    consume_line_ids = fields.Many2many(
        "stock.move.line",
        "stock_move_line_consume_rel",
        "produce_line_id",
        "consume_line_id",
        "Consumed Lines",
        copy=False,
    )
    produce_line_ids = fields.Many2many(
        "stock.move.line",
        "stock_move_line_consume_rel",
        "consume_line_id",
        "produce_line_id",
        "Produced Lines",
        copy=False,
    )
    tracking = fields.Selection(related="product_id.tracking", string="Tracking")
    reference = fields.Char("Reference", compute="_compute_reference")
    origin = fields.Char(related="move_id.origin", string="Source")
    picking_type_id = fields.Many2one("stock.picking.type", related="move_id.picking_type_id", string="Operation Type")
    use_create_lots = fields.Boolean(related="move_id.use_create_lots")
    picking_code = fields.Selection(related="move_id.picking_type_id.code", string="Type of Operation")
    picking_partner_id = fields.Many2one("res.partner", related="picking_id.partner_id", string="Contact")
    is_inventory = fields.Boolean(related="move_id.is_inventory")

    _product_state = models.Index("(product_id, state)")
    _history_index = models.Index("(date DESC, id DESC)")  # Moves History comes in this order
    _not_negative = models.Constraint(
        "CHECK (quantity >= 0)", "A quantity cannot be below zero. To send goods back, make a return."
    )

    @api.depends("quantity", "product_uom_id", "product_id")
    def _compute_quantity_product_uom(self):
        for line in self:
            line.quantity_product_uom = line.product_uom_id._convert(line.quantity, line.product_id.uom_id)

    @api.depends("move_id.reference", "picking_id.name")
    def _compute_reference(self):
        for line in self:
            line.reference = line.move_id._document_name() if line.move_id else line.picking_id.name or ""

    @api.seam("records", order=10)
    @api.model_create_multi
    def create(self, vals_list):
        """Create open lines: each is a reservation, and its move follows.

        When:
            once for all lines that are added at a time, by a form or client or, settled, by a service: lines that
            reserve, lines of a part split off, lines of what is produced, received or counted.
        Called by:
            forms and clients, and services by `_settle_create`.
        Args:
            vals_list: the values of each line; what its move says need not be given, unless the lines are settled.
        Returns:
            the lines, in order.
        Raises:
            InsufficientStock: more is entered than is free.
        Transaction:
            that of the action. The products of the moves are locked.
        Override:
            add values before ``super()``, act on the lines after it. Quantities, places and lots are the caller's.
            Where `_is_settling` says True, the service checks the stock and writes the states of the moves.
        Example::

            class StockMoveLine(models.Model):
                _inherit = "stock.move.line"

                @api.model_create_multi
                def create(self, vals_list):
                    return super().create([{"lot_name": False, **vals} for vals in vals_list])
        """
        if self._is_settling():
            product_lock.require_moves(self.env["stock.move"].browse({vals["move_id"] for vals in vals_list}))
            return super().create(vals_list)
        ledger.check_document(self, vals_list)
        lines = super().create(operations.completed_lines(self.env, vals_list))
        operations.check_lines(lines)
        operations.lines_changed(lines.move_id)
        return lines

    @api.seam("records", order=20)
    def write(self, vals):
        """Change open lines as far as the stock allows it; done lines stay as they are.

        When:
            once for all lines that get the same values, by a form or client or, settled, by a service. Where a service
            gives lines values of their own (`_settle_multi`), once for each set of values.
        Called by:
            forms and clients, and services by `_settle` and `_settle_multi`.
        Args:
            vals: the new values.
        Returns:
            True.
        Raises:
            LedgerClosed: a line is done and what was moved would change.
            InsufficientStock: more is entered than is free.
        Transaction:
            that of the action. The products of the moves are locked.
        Override:
            refuse by raising, add values, or act on the lines after ``super()``. Where `_is_settling` says True, the
            service has decided what the lines hold; ``"state": "done"`` among the values posts them.
        Example::

            class StockMoveLine(models.Model):
                _inherit = "stock.move.line"

                def write(self, vals):
                    if "lot_name" in vals and vals["lot_name"]:
                        vals = {**vals, "lot_name": vals["lot_name"].strip().upper()}
                    return super().write(vals)
        """
        if self._is_settling():
            product_lock.require_moves(self.move_id)
            return super().write(vals)
        product_lock.lock_moves(self.move_id)
        ledger.check_open(self, vals, ledger.OF_LINES)
        if WHAT & vals.keys():
            if vals.get("lot_name") and "lot_id" not in vals:
                vals = {**vals, "lot_id": False}
            if "quantity" in vals:
                operations.check_typed(self, vals["quantity"])
        before = self.move_id
        result = super().write(vals)
        if WHAT & vals.keys():
            operations.check_lines(self)
            operations.lines_changed(before | self.move_id)
        elif "picked" in vals:
            operations.follow_picks(self.move_id)
        return result

    def _write_multi(self, vals_list):
        """See the base. Both ways of it pass here, so the lock of the products is checked for both."""
        if self._is_settling():
            product_lock.require_moves(self.move_id)
        super()._write_multi(vals_list)

    @api.seam("records", order=30)
    def unlink(self):
        """Delete open lines: what they reserve is given back.

        When:
            once for all lines that are deleted together, by a form or client or, settled, by a service.
        Called by:
            forms and clients, and services by `_settle_unlink`.
        Returns:
            True.
        Raises:
            LedgerClosed: a line is done.
        Transaction:
            that of the action. The products of the moves are locked.
        Override:
            refuse by raising, or act before the lines are gone. A line that is left out stays reserved.
        Example::

            class StockMoveLine(models.Model):
                _inherit = "stock.move.line"

                def unlink(self):
                    self.move_id.picking_id.write({"printed": False})
                    return super().unlink()
        """
        if self._is_settling():
            product_lock.require_moves(self.move_id)
            return super().unlink()
        product_lock.lock_moves(self.move_id)
        ledger.check_not_deleted(self)
        affected = self.move_id
        result = super().unlink()
        affected.filtered(lambda move: move.state in move_states.RESERVED)._recompute_state()
        return result

    @api.seam("done", order=70)
    @product_lock.locks_products
    def _action_done(self) -> None:
        """Post the lines: the stock on hand changes by exactly their sum, and they become entries of the ledger.

        When:
            once for all lines of the moves that are done together; lines that do not go are gone by then.
        Called by:
            ``inventory.services.posting._post_lines``.
        Raises:
            LotRequired, SerialTaken, InsufficientStock: each names every line concerned.
        Transaction:
            that of the action. The products are locked, and the stock rows are from here on.
        Override:
            refuse by raising, or complete open lines (lots, packages) before ``super()``. What is done stays.
        Example::

            class StockMoveLine(models.Model):
                _inherit = "stock.move.line"

                def _action_done(self):
                    self.filtered(lambda line: not line.lot_name)._settle({"lot_name": False})
                    return super()._action_done()
        """
        posting.post(self)

    def _moves_to_lock(self):
        return self.move_id

    def _get_aggregated_product_quantities(self, strict=False):
        """What a delivery slip lists: the lines summed up by product, description and unit.

        Args:
            strict: only what these lines hold; otherwise what their transfers hold of products without any line too.
        Returns a dictionary of dictionaries: product, name, description, product_uom, `quantity` (what goes, in that
        unit) and `qty_ordered` (what this transfer and its backorders were asked for).
        """
        return slips.aggregated(self, strict)

    def copy_data(self, default=None):
        """Lines follow from their moves and are not copied on their own."""
        if not (default or {}).get("move_id"):
            raise InventoryError(
                self.env._("A line cannot be copied without a move to belong to."), code="inventory.line_without_move"
            )
        return super().copy_data(default)

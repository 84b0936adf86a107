"""Backorders: what is owed, as a thing of its own with one identity, a reason, dates and a history."""

from __future__ import annotations

from datetime import timedelta

from addons.inventory.services import move_states, on_backorder, promise
from addons.inventory.services.quants import STOCKED
from core import api, fields, models


class StockBackorder(models.Model):
    """So many of a product that a document fell short of. It stays one record until it is delivered or cancelled."""

    _name = "stock.backorder"
    _description = "Backorder"
    _inherit = ["stock.shortage.mixin"]
    _order = "state desc, date_promised, id"
    _settled_fields = frozenset(
        {"state", "quantity", "quantity_done", "quantity_cancelled", "quantity_owed", "date_closed"}
    )

    product_id = fields.Many2one("product.product", "Product", required=True, index=True, ondelete="restrict")
    product_uom_id = fields.Many2one("uom.uom", related="product_id.uom_id", string="Unit")
    quantity = fields.Quantity("Short", required=True, help="How much was missing when the backorder arose")
    quantity_done = fields.Quantity("Delivered Since")
    quantity_cancelled = fields.Quantity("Cancelled")
    quantity_owed = fields.Quantity("Outstanding", help="Neither delivered nor cancelled yet")
    quantity_ready = fields.Quantity("Ready", compute="_compute_ready")
    state = fields.Selection(
        [("open", "Outstanding"), ("done", "Delivered"), ("cancel", "Cancelled")],
        "Status",
        default="open",
        required=True,
        index=True,
    )
    reason = fields.Char("Reason Code", default="no_stock", index=True)
    reason_text = fields.Char("Reason", compute="_compute_reason_text")
    origin = fields.Char("Original Transfer", index=True, help="Transfer that was short")
    source = fields.Char("Order")
    res_model = fields.Char("Document Model")
    res_id = fields.Integer("Document Id")
    partner_id = fields.Many2one("res.partner", "Contact", index=True)
    picking_code = fields.Selection(related="move_ids.picking_code", string="Type of Operation")
    company_id = fields.Many2one("res.company", "Company")
    priority = fields.Selection([("0", "Normal"), ("1", "Urgent")], "Priority", default="0")
    date_promised = fields.Datetime("Promised")
    date_expected = fields.Datetime("Expected", compute="_compute_date_expected")
    is_late = fields.Boolean(
        "Late", compute="_compute_date_expected", help="The promised date is over, or it is expected after that date."
    )
    date_closed = fields.Datetime("Closed")
    age = fields.Integer("Age (days)", compute="_compute_age")
    move_ids = fields.One2many("stock.move", "shortfall_id", "Moves")
    picking_ids = fields.Many2many("stock.picking", compute="_compute_picking_ids", string="Transfers")
    event_ids = fields.One2many("stock.backorder.event", "backorder_id", "History")

    @api.depends("product_id", "origin")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = f"{entry.product_id.display_name} ({entry.origin})"

    def _compute_ready(self):
        for entry in self:
            entry.quantity_ready = sum(entry._demand_moves().move_line_ids.mapped("quantity_product_uom"))

    @api.depends("reason")
    def _compute_reason_text(self):
        names = {reason.code: reason.name for reason in self.env["stock.backorder.reason"].sudo().search([])}
        for entry in self:
            entry.reason_text = names.get(entry.reason, entry.reason)

    def _compute_date_expected(self):
        """What vendors still have to send is expected when its receipt is scheduled."""
        expected = promise.expected(self._demand_moves())
        for entry in self:
            dates = [
                expected[move.id].date if move.location_id.usage in STOCKED else move.date
                for move in entry.move_ids
                if move.id in expected
            ]
            entry.date_expected = max(dates) if dates and all(dates) else False
            promised = entry.date_promised if entry.state == "open" else False
            entry.is_late = bool(promised) and on_backorder.is_late(self.env, promised, entry.date_expected)

    @api.depends("date_closed")
    def _compute_age(self):
        now = fields.Datetime.now()
        for entry in self:
            entry.age = max((entry.date_closed or now) - (entry.create_date or now), timedelta(0)).days

    def _compute_picking_ids(self):
        for entry in self:
            entry.picking_ids = entry.move_ids.picking_id

    @api.model
    def _shortage_candidates(self):
        return api.Domain("move_ids", "any!", [("state", "not in", move_states.CLOSED)])

    def _demand_moves(self):
        return self.move_ids.filtered(lambda move: move.state not in move_states.CLOSED)

    @api.public(access="read")
    def action_view_document(self):
        """The document that fell short."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id).exists()

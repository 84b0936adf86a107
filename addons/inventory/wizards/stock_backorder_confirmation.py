"""The question what becomes of what is not shipped."""

from __future__ import annotations

from addons.inventory.services import backorder_policy, promise, remaining
from core import api, fields, models


class StockBackorderConfirmation(models.TransientModel):
    """Asked before a transfer is validated with less than demanded. It says what each answer will do."""

    _name = "stock.backorder.confirmation"
    _inherit = ["question.mixin"]
    _description = "Backorder Confirmation"
    _question = backorder_policy.QUESTION
    _documents_field = "pick_ids"

    pick_ids = fields.Many2many("stock.picking", "stock_picking_backorder_rel", "wizard_id", "picking_id", "Transfers")
    show_transfers = fields.Boolean(compute="_compute_show_transfers")
    show_details = fields.Boolean(compute="_compute_show_details")
    backorder_confirmation_line_ids = fields.One2many(
        "stock.backorder.confirmation.line", "backorder_confirmation_id", "Backorder per Transfer"
    )
    detail_ids = fields.One2many("stock.backorder.confirmation.detail", "wizard_id", "Quantities")
    create_text = fields.Text("Create Backorder does this", compute="_compute_texts")
    cancel_text = fields.Text("No Backorder does this", compute="_compute_texts")

    @api.model_create_multi
    def create(self, vals_list):
        """A client may give `pick_ids` only: every transfer gets a line, and the quantities are worked out."""
        wizards = super().create(vals_list)
        for wizard in wizards:
            missing = wizard.pick_ids - wizard.backorder_confirmation_line_ids.picking_id
            self.env["stock.backorder.confirmation.line"].create(
                [{"backorder_confirmation_id": wizard.id, "picking_id": picking.id} for picking in missing]
            )
            wizard._write_details()
        return wizards

    def _write_details(self):
        found = remaining.plans(self.pick_ids)
        parts = [part for plan in found.values() if plan.short for part in plan.parts if part.going or part.rest]
        expected = promise.expected(self.env["stock.move"].browse([part.move.id for part in parts]))
        self.env["stock.backorder.confirmation.detail"].create(
            [
                {
                    "wizard_id": self.id,
                    "move_id": part.move.id,
                    "quantity_now": part.going,
                    "quantity_rest": part.rest,
                    "date_expected": expected[part.move.id].date or False,
                }
                for part in parts
            ]
        )

    @api.depends("pick_ids")
    def _compute_show_transfers(self):
        for wizard in self:
            wizard.show_transfers = len(wizard.pick_ids) > 1

    @api.depends("detail_ids")
    def _compute_show_details(self):
        for wizard in self:
            wizard.show_details = len(wizard.detail_ids) > 1

    @api.depends("pick_ids", "detail_ids")
    def _compute_texts(self):
        for wizard in self:
            kept, dropped = [], []
            following = _Numbers()
            for picking in wizard.pick_ids:
                details = wizard.detail_ids.filtered(lambda detail, picking=picking: detail.picking_id == picking)
                if details:
                    kept.append(wizard._kept_text(picking, details, following.after(picking)))
                    dropped.append(wizard._dropped_text(picking, details))
            wizard.create_text = "\n".join(kept)
            wizard.cancel_text = "\n".join(dropped)

    def _kept_text(self, picking, details, name):
        words = {**self._words(picking, details, dates=True), "name": name}
        if picking.picking_type_id.code == "incoming":
            return self.env._(
                "%(picking)s: %(now)s will be received now. A backorder (next number %(name)s) keeps %(rest)s.", **words
            )
        if picking.picking_type_id.code == "outgoing":
            return self.env._(
                "%(picking)s: %(now)s will be delivered now. A backorder (next number %(name)s) keeps %(rest)s.",
                **words,
            )
        return self.env._(
            "%(picking)s: %(now)s will be moved now. A backorder (next number %(name)s) keeps %(rest)s.", **words
        )

    def _dropped_text(self, picking, details):
        words = self._words(picking, details)
        if picking.picking_type_id.code == "incoming":
            return self.env._("%(picking)s: %(now)s will be received now; %(rest)s will be cancelled.", **words)
        if picking.picking_type_id.code == "outgoing":
            return self.env._("%(picking)s: %(now)s will be delivered now; %(rest)s will be cancelled.", **words)
        return self.env._("%(picking)s: %(now)s will be moved now; %(rest)s will be cancelled.", **words)

    def _words(self, picking, details, dates=False):
        return {
            "picking": picking.name,
            "now": details._listed("quantity_now"),
            "rest": details._listed("quantity_rest", dates=dates),
        }

    @api.public(access="write")
    def process(self):
        """Create Backorder: validate; the rest becomes a backorder, except where a line says no."""
        chosen = {line.picking_id.id: line.to_backorder for line in self.backorder_confirmation_line_ids}
        return self._answer({picking.id: chosen.get(picking.id, True) for picking in self.pick_ids})

    @api.public(access="write")
    def process_cancel_backorder(self):
        """No Backorder: validate; the rest is cancelled."""
        return self._answer(False)


class _Numbers:
    """The numbers that the next transfers of each type are going to get, if no other transaction is faster."""

    def __init__(self):
        self.taken = {}

    def after(self, picking):
        """The number of the next transfer of the same type."""
        sequence = picking.picking_type_id.sequence_id.sudo()
        if not sequence:
            return "/"
        ahead = self.taken.get(sequence.id, 0)
        self.taken[sequence.id] = ahead + 1
        number = sequence.number_next_actual + ahead * sequence.number_increment
        return f"{sequence.prefix or ''}{number:0{sequence.padding}d}{sequence.suffix or ''}"

"""Backorder confirmation of transfers."""

from __future__ import annotations

from addons.inventory.services import backorder_policy, message_texts, promise, remaining
from core import api, fields, models
from core.api import _

#: What Create Backorder does, by the kind of transfer.
KEPT = {
    "incoming": _("%(picking)s: %(now)s will be received now. A backorder (next number %(name)s) keeps %(rest)s."),
    "outgoing": _("%(picking)s: %(now)s will be delivered now. A backorder (next number %(name)s) keeps %(rest)s."),
    "internal": _("%(picking)s: %(now)s will be moved now. A backorder (next number %(name)s) keeps %(rest)s."),
}
#: What No Backorder does.
DROPPED = {
    "incoming": _("%(picking)s: %(now)s will be received now; %(rest)s will be cancelled."),
    "outgoing": _("%(picking)s: %(now)s will be delivered now; %(rest)s will be cancelled."),
    "internal": _("%(picking)s: %(now)s will be moved now; %(rest)s will be cancelled."),
}


class StockBackorderConfirmation(models.TransientModel):
    """Confirmation before transfers are validated with less than demanded; it states what each answer does.

    `pick_ids` are all transfers that are validated together. Lines, quantities, texts and answers are about those
    with a remaining quantity whose policy is to ask (`about_ids`), or about all where a client gives `pick_ids` only.
    """

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
        """Create the wizards; add a line for each transfer asked about that has none, and compute the quantities."""
        wizards = super().create(vals_list)
        for wizard in wizards:
            missing = wizard._about() - wizard.backorder_confirmation_line_ids.picking_id
            self.env["stock.backorder.confirmation.line"].create(
                [{"backorder_confirmation_id": wizard.id, "picking_id": picking.id} for picking in missing]
            )
            wizard._write_details()
        return wizards

    def _write_details(self):
        found = remaining.transfer_plans(self._about())
        parts = [part for plan in found.values() if plan.short for part in plan.parts if part.going or part.rest]
        expected = promise.expected(self.env["stock.move"].browse([part.move.id for part in parts]))
        self.env["stock.backorder.confirmation.detail"].create(
            [
                {
                    "wizard_id": self.id,
                    "move_id": part.move.id,
                    "quantity_now": part.going,
                    "quantity_rest": part.rest,
                    "date_expected": (part.rest and expected[part.move.id].date) or False,
                }
                for part in parts
            ]
        )

    @api.depends("pick_ids", "about_ids")
    def _compute_show_transfers(self):
        for wizard in self:
            wizard.show_transfers = len(wizard._about()) > 1

    @api.depends("detail_ids")
    def _compute_show_details(self):
        for wizard in self:
            wizard.show_details = len(wizard.detail_ids) > 1

    @api.depends("pick_ids", "about_ids", "answers", "detail_ids", "backorder_confirmation_line_ids.to_backorder")
    def _compute_texts(self):
        for wizard in self:
            kept, dropped = [], []
            following = _Numbers()
            pickings = wizard.pick_ids._origin.sorted("id")  # the order in which their backorders are numbered
            lines = wizard.backorder_confirmation_line_ids
            unticked = lines.filtered(lambda line: not line.to_backorder).picking_id
            complete, decided = wizard._others(pickings)
            for picking in pickings:
                if picking in decided:
                    following.after(picking)
                details = wizard.detail_ids.filtered(lambda detail, picking=picking: detail.picking_id == picking)
                if not details:
                    continue
                cancelled = wizard._dropped_text(picking, details)
                dropped.append(cancelled)
                if picking in unticked:
                    kept.append(cancelled)
                else:
                    kept.append(wizard._kept_text(picking, details, following.after(picking)))
            if complete:
                names = message_texts.first_records(complete)
                also = self.env._("Complete, will be validated too: %(pickings)s.", pickings=names)
                kept.append(also)
                dropped.append(also)
            wizard.create_text = "\n".join(kept)
            wizard.cancel_text = "\n".join(dropped)

    def _others(self, pickings):
        """Those of the transfers that the question is not about: the complete ones, and those with a backorder anyway.

        A backorder is made whatever the answer where the policy or an earlier answer says so.
        """
        others = pickings - self.detail_ids.picking_id
        if not others:
            return others, others
        found = remaining.transfer_plans(others)
        short = others.filtered(lambda picking: found[picking.id].short)
        return others - short, backorder_policy.with_backorder(short, self.answers or {})

    def _kept_text(self, picking, details, name):
        words = {**self._words(picking, details, dates=True), "name": name}
        return self.env._(KEPT.get(picking.picking_type_id.code, KEPT["internal"]), **words)

    def _dropped_text(self, picking, details):
        words = self._words(picking, details)
        return self.env._(DROPPED.get(picking.picking_type_id.code, DROPPED["internal"]), **words)

    def _words(self, picking, details, dates=False):
        return {
            "picking": picking.name,
            "now": details._listed("quantity_now"),
            "rest": details._listed("quantity_rest", dates=dates),
        }

    @api.public(access="write")
    def process(self):
        """Create Backorder: validate; create backorders for the transfers asked about, except where unticked."""
        chosen = {line.picking_id.id: line.to_backorder for line in self.backorder_confirmation_line_ids}
        return self._answer({picking.id: chosen.get(picking.id, True) for picking in self._about()})

    @api.public(access="write")
    def process_cancel_backorder(self):
        """No Backorder: validate; cancel the remaining quantities of the transfers asked about."""
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

"""Components are still to be transferred: transfer them first, or consume them where they are booked."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services import component_transfers
from core import api, fields, models
from core.api import ngettext


class MrpTransferConfirmation(models.TransientModel):
    """Asked before an order consumes components that an open transfer has not brought to the place of work.

    It says what each answer will do. Both leave the same stock: what was consumed is gone from where it was booked.
    """

    _name = "mrp.transfer.confirmation"
    _inherit = ["question.mixin"]
    _description = "Components Not Transferred Yet"
    _question = "transfer"
    _documents_field = "mrp_production_ids"

    mrp_production_ids = fields.Many2many("mrp.production", string="Manufacturing Orders")
    line_ids = fields.One2many("mrp.transfer.confirmation.line", "wizard_id", "Components")
    show_orders = fields.Boolean("Show Orders", compute="_compute_show_orders")
    transfer_text = fields.Text("Make Transfer and Back Flush", compute="_compute_texts")
    anyway_text = fields.Text("Back Flush Anyway", compute="_compute_texts")

    @api.depends("mrp_production_ids")
    def _compute_show_orders(self) -> None:
        for wizard in self:
            wizard.show_orders = len(wizard.mrp_production_ids) > 1

    @api.depends("line_ids.move_id", "line_ids.quantity")
    def _compute_texts(self) -> None:
        for wizard in self:
            moves = wizard.line_ids.move_id
            needs = {move: sum(lines.mapped("quantity")) for move, lines in wizard.line_ids.grouped("move_id").items()}
            left = component_transfers.left_over(moves.picking_id, needs)
            places = {
                "stock": ", ".join(moves.location_id.mapped("complete_name")),
                "place": ", ".join(moves.location_dest_id.mapped("complete_name")),
            }
            wizard.transfer_text = "\n".join(wizard._transfer_sentences(moves.picking_id, left, places))
            wizard.anyway_text = "\n".join(wizard._anyway_sentences(moves.picking_id, left, places))

    def _transfer_sentences(self, transfers: Any, left: Any, places: dict[str, str]) -> list[str]:
        """What Make Transfer and Back Flush does.

        Args:
            left: those of the transfers that have something left to bring.
            places: names of the locations, as `stock` (from where) and `place` (to where).
        """
        moved = ngettext(
            "%(transfers)s moves them from %(stock)s to %(place)s; they are consumed there.",
            "%(transfers)s move them from %(stock)s to %(place)s; they are consumed there.",
            len(transfers),
            transfers=_names(transfers),
            **places,
        )
        rest = ngettext(
            "A backorder of %(transfers)s keeps what is left to bring.",
            "Backorders of %(transfers)s keep what is left to bring.",
            len(left),
            transfers=_names(left),
        )
        return [self.env._(text) for text in ([moved, rest] if left else [moved])]

    def _anyway_sentences(self, transfers: Any, left: Any, places: dict[str, str]) -> list[str]:
        """What Back Flush Anyway does; the arguments are those of `_transfer_sentences`."""
        empty = transfers - left
        stays = ngettext(
            "%(transfers)s stays open for what is left to bring.",
            "%(transfers)s stay open for what is left to bring.",
            len(left),
            transfers=_names(left),
        )
        cancelled = ngettext(
            "%(transfers)s is cancelled: nothing is left to bring.",
            "%(transfers)s are cancelled: nothing is left to bring.",
            len(empty),
            transfers=_names(empty),
        )
        follows = [text for text, about in ((stays, left), (cancelled, empty)) if about]
        consumed = self.env._(
            "They are consumed from what is free in %(place)s, and otherwise from %(stock)s.", **places
        )
        return [consumed, *(self.env._(text) for text in follows)]

    @api.public(access="write")
    def action_make_transfer(self) -> Any:
        """Make Transfer and Back Flush: the transfers bring what is consumed now, then the orders go on."""
        return self._answer(component_transfers.MAKE)

    @api.public(access="write")
    def action_anyway(self) -> Any:
        """Back Flush Anyway: consume where the components are booked; the transfers bring that much less."""
        return self._answer(component_transfers.ANYWAY)

    def _about(self) -> Any:
        return self.line_ids.mrp_production_id or self.mrp_production_ids


def _names(transfers: Any) -> str:
    return ", ".join(transfers.mapped("name"))

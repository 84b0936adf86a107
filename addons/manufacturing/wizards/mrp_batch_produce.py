"""Batch Production: number every unit of an order, and produce them now or later."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

from addons.inventory.services import backorder_policy, product_lock
from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import completion_messages, producing, questions, tracking
from addons.manufacturing.services.tracking import Entry
from core import api, fields, models
from core.exceptions import UserError, ValidationError
from core.rounding import to_decimal


class MrpBatchProduce(models.TransientModel):
    """Divides an order into one order per line of a text.

    A line is a serial number (or lots with quantities), and after it, if wanted, the lots of each tracked component:
    `SN001`, `SN001|LEG-7,LEG-8` or `LOT-A;3,LOT-B;2|GLUE-1`, with the separators below.
    """

    _name = "mrp.batch.produce"
    _inherit = ["question.mixin"]
    _description = "Batch Production"
    _question = "serials"
    _documents_field = "production_id"

    production_id = fields.Many2one("mrp.production", "Production", required=True, ondelete="cascade")
    production_text = fields.Text("Serial Numbers", help="One line for each order that is split off.")
    lot_name = fields.Char("First Lot/SN")
    lot_qty = fields.Integer("Number of SN")
    component_separator = fields.Char("Component separator", default="|")
    lots_separator = fields.Char("Lot/SN separator", default=",")
    lots_quantity_separator = fields.Char("Quantity separator", default=";")
    rest_explanation = fields.Char("Remaining", compute="_compute_rest_explanation")

    @api.depends("production_id", "production_text", "component_separator", "lots_separator", "lots_quantity_separator")
    def _compute_rest_explanation(self) -> None:
        """While the list cannot be read, nothing is known of the rest; Produce says why."""
        for wizard in self:
            wizard.rest_explanation = ""
            with suppress(UserError):
                entries = wizard._entries()
                if entries and wizard.production_id:
                    wizard.rest_explanation = questions.rest_explanation(wizard.production_id, entries, wizard.answers)

    @api.public(access="write")
    def action_generate_production_text(self) -> Any:
        """Generate: list the first number and those that follow it; the dialog stays open."""
        self.ensure_one()
        if not self.lot_name:
            raise ValidationError(
                self.env._("Enter the first lot or serial number to count from."),
                fields=["lot_name"],
                code="manufacturing.first_number_missing",
            )
        if self.lot_qty < 1:
            raise ValidationError(
                self.env._("Enter how many serial numbers to generate, at least 1."),
                fields=["lot_qty"],
                code="manufacturing.number_count",
            )
        names = self.env["stock.lot"].generate_lot_names(self.lot_name, self.lot_qty)
        self.production_text = "\n".join(row["lot_name"] for row in names)
        return self

    @api.public(access="write")
    def action_prepare(self) -> Any:
        """Prepare MO: one open order per line, each with its number; returns the first of them."""
        name = self.production_id.name
        parts, rests = self._divide()
        completion_messages.notify_divided(name, parts.union(*rests.values()))
        return parts[:1]

    @api.public(access="write")
    def action_done(self) -> Any:
        """Produce: one order per line, all closed; returns what is still asked. The answers given hold for each.

        What the lines leave of the order goes into a backorder, unless the policy or an answer says that there is none:
        then it is cancelled. The dialog says so before, so it does not ask. While something else is asked, e.g. about
        consumption, the rest stays open: the answer may be that nothing is produced.
        """
        order = self.production_id
        given = {question: order._answers_to(question, self.answers) for question in self.answers or ()}
        parts, rests = self._divide()
        answers = {question: dict.fromkeys(parts.ids, found[order]) for question, found in given.items() if found}
        answers[backorder_policy.QUESTION] = dict.fromkeys(parts.ids, True)
        question = self._call_again(parts, answers)
        if question:
            completion_messages.notify_rests(order.browse().union(*rests.values()), order.browse())
        else:
            producing.settle_rests(rests, self.answers or {})
        return question

    def _divide(self) -> tuple[Any, dict[Any, Any]]:
        self.ensure_one()
        production = self.production_id
        product_lock.lock_moves(production._moves_to_lock())
        production.lock_for_update()
        production._check_transition("button_mark_done")
        entries = self._entries()
        if not entries:
            raise ManufacturingError(
                self.env._(
                    "List the serial numbers of %(order)s, one in each line. Generate fills the list in.",
                    order=production.name,
                ),
                code="manufacturing.numbers_missing",
            )
        production.qty_producing = Decimal(0)
        return tracking.split_by_numbers({production: entries})

    def _entries(self) -> list[Entry]:
        return [self._entry(line) for line in (self.production_text or "").splitlines() if line.strip()]

    def _entry(self, line: str) -> Entry:
        made, *components = line.split(self.component_separator or "|")
        return Entry(self._lots(made), tuple(self._lots(component) for component in components))

    def _lots(self, text: str) -> tuple[tuple[str, Decimal], ...]:
        """The (name, quantity) pairs of one column; a quantity that is not given is 0."""
        result = []
        for part in text.split(self.lots_separator or ","):
            name, _separator, quantity = part.strip().partition(self.lots_quantity_separator or ";")
            if name.strip():
                result.append((name.strip(), self._quantity(quantity, part)))
        return tuple(result)

    def _quantity(self, text: str, part: str) -> Decimal:
        if not text.strip():
            return Decimal(0)
        try:
            return to_decimal(text)
        except ValueError:
            raise ValidationError(
                self.env._("“%(part)s”: %(text)s is not a quantity.", part=part.strip(), text=text.strip()),
                fields=["production_text"],
                code="manufacturing.not_a_quantity",
            ) from None

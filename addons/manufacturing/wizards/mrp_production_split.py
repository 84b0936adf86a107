"""Split an order into several on demand."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Any

from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import completion_messages
from core import api, fields, models
from core.rounding import format_number
from core.rounding import split as share_out


class MrpProductionSplit(models.TransientModel):
    """How one order is divided: into equal parts, parts of a size, or parts typed in."""

    _name = "mrp.production.split"
    _description = "Split Production"

    production_id = fields.Many2one("mrp.production", "Manufacturing Order", required=True, ondelete="cascade")
    product_id = fields.Many2one(related="production_id.product_id")
    product_uom_id = fields.Many2one(related="production_id.product_uom_id")
    product_qty = fields.Quantity("Total Quantity", compute="_compute_product_qty")
    max_batch_size = fields.Quantity("Maximum Batch Size", help="No part is larger than this.")
    num_splits = fields.Integer("# Splits", compute="_compute_num_splits", store=True, readonly=False)
    production_detailed_vals_ids = fields.One2many(
        "mrp.production.split.line", "mrp_production_split_id", "Split Details"
    )
    valid_details = fields.Boolean("Valid", compute="_compute_valid_details")

    @api.depends("production_id")
    def _compute_product_qty(self) -> None:
        for wizard in self:
            wizard.product_qty = wizard.production_id._remaining()

    @api.depends("max_batch_size", "production_id")
    def _compute_num_splits(self) -> None:
        for wizard in self:
            if wizard.max_batch_size > 0:
                batches = wizard.product_qty / wizard.max_batch_size
                wizard.num_splits = int(batches.to_integral_value(ROUND_CEILING))
            else:
                wizard.num_splits = wizard.num_splits or 2

    @api.depends("production_detailed_vals_ids.quantity", "production_id")
    def _compute_valid_details(self) -> None:
        for wizard in self:
            total = sum(wizard.production_detailed_vals_ids.mapped("quantity"), Decimal(0))
            wizard.valid_details = bool(total) and total == wizard.product_qty

    @api.onchange("max_batch_size", "num_splits")
    def _onchange_parts(self) -> None:
        self.production_detailed_vals_ids = self._proposed_lines()

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """A wizard without parts proposes some."""
        wizards = super().create(vals_list)
        for wizard in wizards:
            if not wizard.production_detailed_vals_ids:
                wizard.production_detailed_vals_ids = wizard._proposed_lines()
        return wizards

    def _proposed_lines(self) -> list[Any]:
        date = self.production_id.date_start
        lines = [(0, 0, {"quantity": quantity, "date": date}) for quantity in self._proposal()]
        return [(5, 0, 0), *lines]

    def _proposal(self) -> list[Decimal]:
        """Parts that add up to the order: of the batch size, or as many as asked for."""
        total, step = self.product_qty, self.product_uom_id.rounding
        if not total:
            return []
        if self.max_batch_size > 0:
            full = [self.max_batch_size] * (self.num_splits - 1)
            return [*full, total - sum(full, Decimal(0))]
        return [part for part in share_out(total, [1] * max(self.num_splits, 1), step) if part]

    @api.public(access="write")
    def action_prepare_split(self) -> Any:
        """Propose the parts again; the dialog stays open."""
        self.production_detailed_vals_ids = self._proposed_lines()
        return self

    @api.public(access="write")
    def action_split(self) -> Any:
        """Split: the order becomes the parts listed, in their order; returns all of them."""
        self.ensure_one()
        parts = self.production_detailed_vals_ids
        amounts = [part.quantity for part in parts] or self._proposal()
        if sum(amounts, Decimal(0)) != self.product_qty:
            raise ManufacturingError(
                self.env._(
                    "The parts of %(order)s add up to %(total)s, not to its %(quantity)s %(unit)s. "
                    "Correct the quantities.",
                    order=self.production_id.name,
                    total=format_number(sum(amounts, Decimal(0))),
                    quantity=format_number(self.product_qty),
                    unit=self.product_uom_id.name,
                ),
                code="manufacturing.parts_differ_from_order",
            )
        self.production_id.lock_for_update()
        self.production_id._check_transition("action_split")
        name = self.production_id.name
        family = self.production_id._split_productions({self.production_id: amounts})
        completion_messages.notify_divided(name, family)
        for production, part in zip(family, parts, strict=False):
            values = {"date_start": part.date} if part.date else {}
            if part.user_id:
                values["user_id"] = part.user_id.id
            if values:
                production.write(values)
        return family

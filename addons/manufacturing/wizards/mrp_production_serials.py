"""Assign serial numbers: the batch dialog under the names of the newest clients."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.exceptions import ManufacturingError
from addons.manufacturing.services import tracking
from core import api, fields, models
from core.exceptions import ValidationError


class MrpProductionSerials(models.TransientModel):
    """Gives an order a serial number per unit, as one order with many numbers or as one order per number."""

    _name = "mrp.production.serials"
    _description = "Assign Serial Numbers"

    production_id = fields.Many2one("mrp.production", "Production", required=True, ondelete="cascade")
    workorder_id = fields.Many2one("mrp.workorder", "Work Order", ondelete="cascade")
    lot_name = fields.Char("First Lot/SN")
    lot_quantity = fields.Integer("Number of SN")
    serial_numbers = fields.Text("Serial Numbers", help="One in each line.")

    @api.public(access="write")
    def action_generate_serial_numbers(self) -> Any:
        """Generate: list the first number and those that follow it; the dialog stays open."""
        self.ensure_one()
        if not self.lot_name or self.lot_quantity < 1:
            raise ValidationError(
                self.env._("Enter the first serial number, and how many to generate."),
                fields=["lot_name"],
                code="manufacturing.first_number_missing",
            )
        names = self.env["stock.lot"].generate_lot_names(self.lot_name, self.lot_quantity)
        self.serial_numbers = "\n".join(row["lot_name"] for row in names)
        return self

    @api.public(access="write")
    def action_apply(self) -> None:
        """Apply: the order keeps all its units and gets these numbers."""
        names = self._names()
        production = self.production_id
        tracking.assign(production, names)
        if production.product_tracking == "serial":
            production.qty_producing = production.product_id.uom_id._require_exact(
                len(names), production.product_uom_id
            )

    @api.public(access="write")
    def action_split_and_assign_serials(self) -> Any:
        """Split & Assign: one open order per number; returns the first of them."""
        entries = [tracking.Entry(((name, tracking.NOT_GIVEN),)) for name in self._names()]
        parts, _rests = tracking.split_by_numbers({self.production_id: entries})
        return parts[:1]

    def _names(self) -> list[str]:
        self.ensure_one()
        names = [line.strip() for line in (self.serial_numbers or "").splitlines() if line.strip()]
        if not names:
            raise ManufacturingError(
                self.env._("List the serial numbers of %(order)s, one in each line.", order=self.production_id.name),
                code="manufacturing.numbers_missing",
            )
        return names

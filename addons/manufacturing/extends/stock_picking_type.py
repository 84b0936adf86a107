"""The operation type *Manufacturing*."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services import production_states
from core import api, fields, models


class StockPickingType(models.Model):
    """Orders, too, have an operation type: it numbers them, places them, and says when components are reserved."""

    _inherit = "stock.picking.type"

    code = fields.Selection(selection_add=[("mrp_operation", "Manufacturing")], ondelete={"mrp_operation": "cascade"})
    use_create_components_lots = fields.Boolean(
        "Create New Lots/Serial Numbers for Components", help="Also for components, while an order is being closed."
    )
    count_mo_todo = fields.Integer("Manufacturing Orders to Process", compute="_compute_mo_counts")
    count_mo_waiting = fields.Integer("Manufacturing Orders Waiting", compute="_compute_mo_counts")
    count_mo_late = fields.Integer("Manufacturing Orders Late", compute="_compute_mo_counts")
    count_mo_in_progress = fields.Integer("Manufacturing Orders in Progress", compute="_compute_mo_counts")
    count_mo_to_close = fields.Integer("Manufacturing Orders to Close", compute="_compute_mo_counts")

    def _compute_mo_counts(self) -> None:
        base = [("picking_type_id", "in", self.ids)]
        figures = {
            "count_mo_todo": [("state", "in", production_states.OPEN)],
            "count_mo_waiting": [
                ("state", "in", production_states.OPEN),
                ("reservation_state", "in", ["waiting", "confirmed"]),
            ],
            "count_mo_late": [("state", "in", production_states.OPEN), ("date_start", "<", fields.Datetime.now())],
            "count_mo_in_progress": [("state", "=", "progress")],
            "count_mo_to_close": [("state", "=", "to_close")],
        }
        orders = self.env["mrp.production"]
        readable = orders.has_access("read")
        for name, domain in figures.items():
            groups = orders._read_group(base + domain, ["picking_type_id"], ["__count"]) if readable else []
            counts = {kind.id: count for kind, count in groups}
            for kind in self:
                kind[name] = counts.get(kind.id, 0)

    @api.public(access="read")
    def action_view_manufacturing_orders(self) -> Any:
        """The open orders of this type."""
        return self.env["mrp.production"].search(
            [("picking_type_id", "in", self.ids), ("state", "in", production_states.OPEN)]
        )

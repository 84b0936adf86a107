"""Production plans for sales orders."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services import net_requirements
from core import api, fields, models


class MrpProductionPlan(models.Model):
    """A plan may be for chosen sales orders instead of all demand."""

    _inherit = "mrp.production.plan"

    demand_source = fields.Selection(
        selection_add=[("sale", "Sales orders")], ondelete={"sale": "set default"}, default="sale"
    )
    sale_ids = fields.Many2many(
        "sale.order",
        "mrp_production_plan_sale_rel",
        "plan_id",
        "sale_id",
        "Sales Orders",
        domain=[("state", "=", "sale")],
        help="Empty: all confirmed sales orders",
    )

    def _demand_moves(self) -> Any:
        if self.demand_source != "sale":
            return super()._demand_moves()
        orders = self.sudo().sale_ids or self.env["sale.order"].sudo().search(
            [("state", "=", "sale"), ("warehouse_id", "=", self.warehouse_id.id)]
        )
        moves = orders.order_line._demand_moves()
        inside = moves.filtered(lambda move: move.location_id.warehouse_id == self.warehouse_id)
        return net_requirements.open_demand(inside.filtered(self._is_in_time))

    @api.onchange("demand_source")
    def _onchange_demand_source(self) -> None:
        if self.demand_source != "sale":
            self.sale_ids = False

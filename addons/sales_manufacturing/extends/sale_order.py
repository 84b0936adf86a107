"""Orders know what is made for them."""

from __future__ import annotations

from typing import Any

from core import api, fields, models


class SaleOrder(models.Model):
    """The manufacturing orders that share the order's reference: made to order, with all their parts."""

    _inherit = "sale.order"

    mrp_production_ids = fields.Many2many(
        "mrp.production", string="Manufacturing Orders", compute="_compute_mrp_production_ids"
    )
    mrp_production_count = fields.Integer(
        "Count of MO Generated", compute="_compute_mrp_production_ids", search=fields.SearchByValue()
    )

    @api.depends("stock_reference_ids.production_ids")
    def _compute_mrp_production_ids(self) -> None:
        for order in self:
            order.mrp_production_ids = order.stock_reference_ids.sudo().production_ids
            order.mrp_production_count = len(order.mrp_production_ids)

    @api.public(access="read")
    def action_plan_production(self) -> Any:
        """Plan Production: a production plan for these orders."""
        self.check_access("read")
        plan = self.env["mrp.production.plan"].create({"demand_source": "sale", "sale_ids": [(6, 0, self.ids)]})
        plan.action_get_items()
        return plan

    @api.public(access="read")
    def action_view_mrp_production(self) -> Any:
        """What is made for the orders."""
        return self.mrp_production_ids

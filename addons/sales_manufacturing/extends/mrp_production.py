"""Manufacturing orders know for whom they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from addons.sales_manufacturing.services import custom_items
from core import api, fields, models


class MrpProduction(models.Model):
    """The sales orders that a manufacturing order was made for."""

    _inherit = "mrp.production"

    sale_order_count = fields.Integer(
        "Count of Source SO", compute="_compute_sale_order_count", search=fields.SearchByValue()
    )
    sale_line_id = fields.Many2one("sale.order.line", "Origin Sale Order Line", compute="_compute_sale_line_id")

    @api.depends("reference_ids.sale_ids")
    def _compute_sale_order_count(self) -> None:
        for production in self:
            production.sale_order_count = len(production.reference_ids.sudo().sale_ids)

    @api.depends("move_finished_ids.move_dest_ids.sale_line_id")
    def _compute_sale_line_id(self) -> None:
        for production in self:
            moves = seen = production.sudo().move_finished_ids
            while moves and not moves.sale_line_id:
                moves = moves.move_dest_ids - seen  # storing, picking and packing come before the delivery
                seen |= moves
            production.sale_line_id = moves.sale_line_id[:1]

    @api.model
    def _postpone_without_bom(self, needs: Iterable[Any]) -> set[Any]:
        needs = list(needs)
        return super()._postpone_without_bom(needs) | custom_items.postponed(needs)

    @api.public(access="read")
    def action_view_sale_orders(self) -> Any:
        """The sales orders that these are made for."""
        return self.reference_ids.sudo().sale_ids.with_env(self.env)

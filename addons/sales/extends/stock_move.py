"""A move knows the line of the sales order that it delivers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from addons.inventory.services import move_figures
from addons.sales.services import delivery
from core import api, fields, models


class StockMove(models.Model):
    """`sale_line_id` of moves; a split, a return and a transfer made of them carry it along."""

    _inherit = "stock.move"

    sale_line_id = fields.Many2one("sale.order.line", "Sales Order Line", index=True, ondelete="set null")

    sale_id = fields.Many2one("sale.order", related="sale_line_id.order_id", string="Sales Order")

    def _ordered_quantities(self) -> dict[int, Decimal]:
        """See the base. An order's quantity is that of its line; of a kit, that of all moves of the component."""
        result = super()._ordered_quantities()
        for move in self.sudo():
            line = move.sale_line_id
            if line.product_id == move.product_id:
                result[move.id] = line._in_product_unit(line.product_uom_qty)
            elif line:
                delivering = line.move_ids.filtered(lambda other: delivery.towards_customer(other) > 0)
                same = [other.product_qty for other in delivering if other.product_id == move.product_id]
                result[move.id] = sum(same, Decimal(0)) or result[move.id]
        return result

    @api.model
    def _search_ordered_qty(self, operator: str, value: Any) -> Any:
        """See the base. The quantities of lines are asked of their columns; only kits and other units are computed."""
        of_line = api.Domain("sale_line_id", "!=", False)
        as_stated = api.Domain("sale_line_id", "any!", move_figures.in_own_unit(self.env, "product_uom_id"))
        as_stated &= api.Domain("sale_line_id", "not in", delivery.lines_of_parts(self.env))
        stated = api.Domain("sale_line_id", "any!", [("product_uom_qty", operator, value)])
        converted = of_line & ~as_stated
        found = fields.SearchByValue(converted).find("ordered_qty", self, operator, value)
        without_line = ~of_line & super()._search_ordered_qty(operator, value)
        return without_line | (as_stated & stated) | (converted & found)

    @api.public(access="read")
    def action_view_sale_order(self) -> Any:
        """The sales orders that the moves deliver."""
        return self.sale_line_id.order_id or self.picking_id.sale_id

    def _sale_order(self) -> Any:
        """The sales order that this move delivers, or prepares the delivery of."""
        return self.sale_line_id.order_id or self.picking_id.sale_id

    def _get_underdelivery_tolerance(self) -> dict[int, Decimal]:
        """See the base. An order that sets a tolerance decides."""
        own = {move.id: move._sale_order()._own_underdelivery_tolerance() for move in self.sudo()}
        result = super()._get_underdelivery_tolerance()
        return result | {id_: percent for id_, percent in own.items() if percent is not None}

    def _tolerated_documents(self) -> dict[int, list[Any]]:
        """See the base. The order behind a delivery names it too."""
        found = super()._tolerated_documents()
        return {move.id: [*found[move.id], *move._sale_order()] for move in self}

    def _contacts(self) -> list[Any]:
        """See the base. Goods may go to the address of another contact than the customer."""
        return [*super()._contacts(), self._sale_order().partner_id]

    def _prepare_merge_moves_distinct_fields(self) -> list[str]:
        # Two lines over the same product are delivered, changed and counted each for itself.
        return [*super()._prepare_merge_moves_distinct_fields(), "sale_line_id"]

    def _get_new_picking_values(self) -> dict[str, Any]:
        order = self.sale_line_id.order_id
        warehouse = self.picking_type_id.warehouse_id
        if not order and self.picking_type_id in warehouse.pick_type_id | warehouse.pack_type_id:
            order = self.move_dest_ids.picking_id.sale_id[:1]  # picking and packing are steps of the order's delivery
        return super()._get_new_picking_values() | {"sale_id": order.id}

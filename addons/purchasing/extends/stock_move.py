"""A move knows the line of the purchase order that it receives."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core import fields, models


class StockMove(models.Model):
    """`purchase_line_id` of moves; a split, a return and a receipt made of them carry it along.

    `created_purchase_line_ids` is the other way: what was bought for the move.
    """

    _inherit = "stock.move"

    purchase_line_id = fields.Many2one("purchase.order.line", "Purchase Order Line", index=True, ondelete="set null")

    created_purchase_line_ids = fields.Many2many(
        "purchase.order.line",
        "purchase_line_move_dest_rel",
        "move_id",
        "line_id",
        "Created Purchase Order Lines",
        copy=False,
    )

    def _get_underdelivery_tolerance(self) -> dict[int, Decimal]:
        """See the base. An order that sets a tolerance decides."""
        own = {}
        for move in self.sudo():
            own[move.id] = move._purchase_order()._own_underdelivery_tolerance()
        result = super()._get_underdelivery_tolerance()
        return result | {id_: percent for id_, percent in own.items() if percent is not None}

    def _purchase_order(self) -> Any:
        """The purchase order that this move receives."""
        return self.purchase_line_id.order_id or self.picking_id.purchase_id

    def _tolerated_documents(self) -> dict[int, list[Any]]:
        """See the base. The order behind a receipt names it too."""
        found = super()._tolerated_documents()
        return {move.id: [*found[move.id], *move._purchase_order()] for move in self}

    def _prepare_merge_moves_distinct_fields(self) -> list[str]:
        # Two lines over the same product are received, changed and counted each for itself.
        return [*super()._prepare_merge_moves_distinct_fields(), "purchase_line_id"]

    def _requested_from(self) -> dict[int, list[str]]:
        result = super()._requested_from()
        open_request = [("order_id.state", "in", ("draft", "sent")), ("product_id", "in", self.sudo().product_id.ids)]
        asked = self.env["purchase.order.line"].sudo().search(open_request).product_id
        # Few products are asked for; the links of the others need not be followed.
        for move in self.sudo().filtered(lambda move: move.product_id in asked):
            lines = move.created_purchase_line_ids | move.split_root_id.supply_link_ids.purchase_line_id
            requests = lines.order_id.filtered(lambda order: order.state in ("draft", "sent"))
            if requests:
                result.setdefault(move.id, []).extend(requests.mapped("name"))
        return result

    def _supply_record(self) -> Any:
        return self.purchase_line_id or super()._supply_record()

    def _supply_documents(self) -> dict[int, list[Any]]:
        result = super()._supply_documents()
        for move in self:
            requests = move.sudo().created_purchase_line_ids.order_id
            result[move.id] = [*result[move.id], *(r for r in requests if r.state in ("draft", "sent"))]
        return result

    def _get_new_picking_values(self) -> dict[str, Any]:
        values = super()._get_new_picking_values()
        order = self.purchase_line_id.order_id
        return values | {"purchase_id": order.id} if order else values

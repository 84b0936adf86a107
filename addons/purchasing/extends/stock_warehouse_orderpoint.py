"""Reordering rules know what vendors are asked for."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from core import models


class StockWarehouseOrderpoint(models.Model):
    """What is on an open request counts as on its way, so that the next run does not ask for it again."""

    _inherit = "stock.warehouse.orderpoint"

    def _quantity_in_progress(self) -> dict[int, Decimal]:
        result: defaultdict[int, Decimal] = defaultdict(Decimal, super()._quantity_in_progress())
        rows = (
            self.env["purchase.order.line"]
            .sudo()
            ._read_group(
                [("orderpoint_id", "in", self.ids), ("order_id.state", "in", ("draft", "sent"))],
                ["orderpoint_id", "product_uom_id"],
                ["product_qty:sum"],
            )
        )
        for point, unit, quantity in rows:
            result[point.id] += unit._compute_quantity(quantity, point.product_id.uom_id, rounding_method="HALF-UP")
        return result

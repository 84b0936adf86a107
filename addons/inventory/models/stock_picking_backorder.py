"""What of a transfer is on backorder."""

from __future__ import annotations

from typing import Any

from addons.inventory.services import on_backorder
from core import api, fields, models
from core.rounding import format_number


class StockPickingBackorder(models.Model):
    """The products that customers wait for; a part of `stock.picking`."""

    _inherit = "stock.picking"

    has_backorder = fields.Boolean(
        "On Backorder",
        compute="_compute_backorder",
        search="_search_has_backorder",
        help="A customer ordered it and not all of it is reserved.",
    )
    backorder_summary = fields.Char(
        "On Backorder",
        compute="_compute_backorder",
        search=fields.SearchByValue(api.Domain("move_ids", "any!", on_backorder.DOMAIN)),
        help="What customers ordered and no stock is reserved for",
    )

    def _compute_backorder(self) -> None:
        for picking, products in on_backorder.of_pickings(self).items():
            picking.has_backorder = bool(products)
            picking.backorder_summary = ", ".join(
                f"{format_number(quantity)} {product.uom_id.name} {product.display_name}"
                for product, quantity in products.items()
            )

    def _search_has_backorder(self, operator: str, value: Any) -> Any:
        return on_backorder.matching([("move_ids", "any", on_backorder.DOMAIN)], operator, value)

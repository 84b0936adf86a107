"""Needs of sales orders reach their moves with the order line, on every step."""

from __future__ import annotations

from typing import Any

from core import models


class StockRule(models.Model):
    """Rules carry `sale_line_id` along."""

    _inherit = "stock.rule"

    def _move_values(self, need: Any) -> dict[str, Any]:
        return super()._move_values(need) | {"sale_line_id": need.values.get("sale_line_id") or False}

    def _push_values(self, move: Any, quantity: Any) -> dict[str, Any]:
        return super()._push_values(move, quantity) | {"sale_line_id": move.sale_line_id.id}

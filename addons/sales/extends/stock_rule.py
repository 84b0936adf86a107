"""Needs of sales orders reach their moves with the order line."""

from __future__ import annotations

from typing import Any

from core import models


class StockRule(models.Model):
    """Pull rules copy `sale_line_id`."""

    _inherit = "stock.rule"

    def _move_values(self, need: Any) -> dict[str, Any]:
        return super()._move_values(need) | {"sale_line_id": need.values.get("sale_line_id") or False}

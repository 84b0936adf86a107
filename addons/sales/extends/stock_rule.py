"""Needs of sales orders reach their moves with the order line, on every step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core import models


class StockRule(models.Model):
    """Rules carry `sale_line_id` along."""

    _inherit = "stock.rule"

    def _get_custom_move_fields(self) -> list[str]:
        return [*super()._get_custom_move_fields(), "sale_line_id"]

    def _push_prepare_move_copy_values(self, move_to_copy: Any, new_date: datetime) -> dict[str, Any]:
        values: dict[str, Any] = super()._push_prepare_move_copy_values(move_to_copy, new_date)
        return values | {"sale_line_id": move_to_copy.sale_line_id.id}

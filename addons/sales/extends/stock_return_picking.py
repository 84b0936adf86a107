"""A return belongs to the sales order of the transfer that it takes back."""

from __future__ import annotations

from typing import Any

from core import models


class StockReturnPicking(models.TransientModel):
    """Returns carry `sale_id` along."""

    _inherit = "stock.return.picking"

    def _prepare_picking_default_values(self) -> dict[str, Any]:
        return super()._prepare_picking_default_values() | {"sale_id": self.picking_id.sale_id.id}

"""The history of a lot, for external clients."""

from __future__ import annotations

from typing import Any

from core import api, fields, models


class StockTraceabilityReport(models.TransientModel):
    """The door by which external clients read the history of a lot."""

    _name = "stock.traceability.report"
    _description = "Traceability Report"

    lot_id = fields.Many2one("stock.lot", "Lot/Serial Number", required=True, ondelete="cascade")

    @api.public(access="read")
    @api.readonly
    def get_lines(self) -> list[dict[str, Any]]:
        """The history of the lot, upstream and downstream."""
        return self.lot_id.get_traceability()

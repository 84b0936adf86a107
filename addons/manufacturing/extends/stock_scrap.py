"""Scrap during production."""

from __future__ import annotations

from typing import Any

from core import fields, models


class StockScrap(models.Model):
    """What was scrapped while an order was made."""

    _inherit = "stock.scrap"

    production_id = fields.Many2one("mrp.production", "Manufacturing Order", index=True, check_company=True)
    workorder_id = fields.Many2one("mrp.workorder", "Work Order", index=True)

    def _completed(self, row: dict[str, Any]) -> dict[str, Any]:
        """During an order a component is scrapped where the order takes it, its product where the order puts it."""
        order = self.env["mrp.production"].browse(row.get("production_id") or ())
        if not order and row.get("workorder_id"):
            order = self.env["mrp.workorder"].browse(row["workorder_id"]).production_id
            row["production_id"] = order.id
        if order:
            made = row.get("product_id") in order.move_finished_ids.product_id.ids
            row.setdefault("location_id", (order.location_dest_id if made else order.location_src_id).id)
            row.setdefault("company_id", order.company_id.id)
            row.setdefault("origin", order.name)
        return super()._completed(row)

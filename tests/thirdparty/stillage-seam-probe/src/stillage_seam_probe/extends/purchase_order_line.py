"""Lines say for what they are bought."""

from core import api, fields, models

from ..calls import counted


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    probe_text = fields.Char(copy=False)

    @api.model
    @counted
    def _prepare_purchase_order_line_from_procurement(
        self, product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values, po
    ):
        row = super()._prepare_purchase_order_line_from_procurement(
            product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values, po
        )
        return row | {"probe_text": values["probe_text"]}

    @counted
    def _prepare_stock_moves(self, picking, previous_product_qty=False):
        rows = super()._prepare_stock_moves(picking, previous_product_qty)
        return [row | {"probe_text": "expected"} for row in rows]

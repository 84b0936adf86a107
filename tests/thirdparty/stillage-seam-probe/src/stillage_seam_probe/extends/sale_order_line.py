"""Lines tell their needs about themselves; what is digital is not delivered."""

from core import models

from ..calls import counted


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @counted
    def _action_launch_stock_rule(self, *, previous_product_uom_qty=False):
        delivered = self.filtered(lambda line: line.product_id.default_code != "PROBE-DIGITAL")
        return super(SaleOrderLine, delivered)._action_launch_stock_rule(
            previous_product_uom_qty=previous_product_uom_qty
        )

    @counted
    def _prepare_procurement_values(self):
        return super()._prepare_procurement_values() | {"probe_lane": f"lane of {self.order_id.name}"}

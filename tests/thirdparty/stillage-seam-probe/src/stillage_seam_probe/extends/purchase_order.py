"""Orders note that they were confirmed or cancelled."""

from core import fields, models

from ..calls import counted


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    probe_confirmed = fields.Boolean(copy=False)
    probe_cancelled = fields.Boolean(copy=False)

    @counted
    def button_confirm(self):
        result = super().button_confirm()
        self.write({"probe_confirmed": True})
        return result

    @counted
    def button_cancel(self):
        result = super().button_cancel()
        self.write({"probe_cancelled": True})
        return result

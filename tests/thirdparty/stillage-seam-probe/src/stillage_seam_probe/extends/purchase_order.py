"""Orders note that they were confirmed or cancelled."""

from core import fields, models

from ..calls import counted


class PurchaseOrder(models.Model):
    _inherit = "purchase.order"

    probe_confirmed = fields.Boolean(copy=False)
    probe_cancelled = fields.Boolean(copy=False)
    probe_approved = fields.Boolean(copy=False)
    probe_expected = fields.Boolean(copy=False)

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

    @counted
    def button_approve(self, force=False):
        result = super().button_approve(force=force)
        self.write({"probe_approved": True})
        return result

    @counted
    def _create_picking(self):
        result = super()._create_picking()
        self.write({"probe_expected": True})
        return result

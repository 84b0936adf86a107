"""Orders note that they were confirmed or cancelled."""

from core import fields, models

from ..calls import counted


class SaleOrder(models.Model):
    _inherit = "sale.order"

    probe_confirmed = fields.Boolean(copy=False)
    probe_cancelled = fields.Boolean(copy=False)
    probe_ordered = fields.Boolean(copy=False)
    probe_planned = fields.Boolean(copy=False)
    probe_ended = fields.Boolean(copy=False)

    @counted
    def action_confirm(self):
        result = super().action_confirm()
        self.write({"probe_confirmed": True})
        return result

    @counted
    def action_cancel(self):
        result = super().action_cancel()
        self.write({"probe_cancelled": True})
        return result

    @counted
    def _prepare_confirmation_values(self):
        return super()._prepare_confirmation_values() | {"probe_ordered": True}

    @counted
    def _action_confirm(self):
        result = super()._action_confirm()
        self.write({"probe_planned": True})
        return result

    @counted
    def _action_cancel(self):
        result = super()._action_cancel()
        self.write({"probe_ended": True})
        return result

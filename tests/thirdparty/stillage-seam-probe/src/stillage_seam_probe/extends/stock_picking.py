"""Transfers say for whom they are, and what was done to them."""

from core import fields, models

from ..calls import counted


class StockPicking(models.Model):
    _inherit = "stock.picking"

    probe_note = fields.Char()
    probe_secret = fields.Char(help="Belongs to one shipment: a backorder does not copy it")
    probe_rest_of = fields.Char(copy=False)
    probe_lines_dropped = fields.Boolean(copy=False)
    probe_confirmed = fields.Boolean(copy=False)
    probe_checked = fields.Boolean(copy=False)
    probe_validated = fields.Boolean(copy=False)
    probe_closed = fields.Boolean(copy=False)

    @counted
    def action_confirm(self):
        self.write({"probe_confirmed": True})
        return super().action_confirm()

    @counted
    def action_assign(self):
        self.write({"probe_checked": True})
        return super().action_assign()

    @counted
    def action_cancel(self):
        result = super().action_cancel()
        self.write({"probe_note": "cancelled"})
        return result

    @counted
    def button_validate(self, answers=None):
        self.write({"probe_validated": True})
        return super().button_validate(answers)

    @counted
    def _action_done(self, cancel_backorder=False):
        result = super()._action_done(cancel_backorder=cancel_backorder)
        self.write({"probe_closed": True})
        return result

    @counted
    def _create_backorder(self, backorder_moves=None):
        backorders = super()._create_backorder(backorder_moves)
        backorders.write({"probe_note": "backorder"})
        return backorders

    @counted
    def _prepare_backorder_vals(self):
        return super()._prepare_backorder_vals() | {"probe_rest_of": self.name}

    @counted
    def _backorder_field_names(self):
        return [name for name in super()._backorder_field_names() if name != "probe_secret"]

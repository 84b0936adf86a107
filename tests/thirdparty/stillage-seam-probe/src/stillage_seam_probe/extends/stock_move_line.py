"""Lines carry a tag from the moment they are created, however they are."""

from core import api, fields, models

from ..calls import counted


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    probe_tag = fields.Char(help="Given to every new line")
    probe_done = fields.Boolean()
    probe_prepared = fields.Boolean(help="A service made its values")
    probe_stock = fields.Char(help="The name of the stock that it takes")
    probe_posted = fields.Boolean(help="The line's state was written to done")

    @api.model_create_multi
    @counted
    def create(self, vals_list):
        return super().create([{"probe_tag": "tagged", **vals} for vals in vals_list])

    @counted
    def write(self, vals):
        if vals.get("state") == "done":
            vals = {**vals, "probe_posted": True}
        return super().write(vals)

    @counted
    def _action_done(self):
        result = super()._action_done()
        super().write({"probe_done": True})  # beside our own override, which counts the writes of services
        return result

    @counted
    def unlink(self):
        self.move_id.picking_id.probe_lines_dropped = True
        return super().unlink()

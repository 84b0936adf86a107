"""Rules pass a text on to the moves that they make."""

from core import api, fields, models

from ..calls import counted


class StockRoute(models.Model):
    _inherit = "stock.route"

    probe_for_all = fields.Boolean(help="Any move goes on along its push rules")


class StockRule(models.Model):
    _inherit = "stock.rule"

    @api.model
    @counted
    def run(self, procurements, raise_user_error=True):
        for need in procurements:
            need.values["probe_text"] = f"from {need.origin}"
        return super().run(procurements, raise_user_error=raise_user_error)

    @counted
    def _run_pull(self, needs):
        for need in needs:
            need.values["probe_text"] = f"{need.values.get('probe_text', '')}, pulled"
        return super()._run_pull(needs)

    @counted
    def _move_values(self, need):
        return super()._move_values(need) | {"probe_text": need.values.get("probe_text")}

    @counted
    def _push_values(self, move, quantity):
        return super()._push_values(move, quantity) | {"probe_text": "pushed"}

    @counted
    def _lead_days(self, needs):
        return [days + 1 for days in super()._lead_days(needs)]

    @api.model
    @counted
    def _refusals(self, needs):
        ours = {id(need): "not ours" for need in needs if need.product_id.default_code == "PROBE-REFUSED"}
        return super()._refusals(needs) | ours

    @api.model
    @counted
    def _push_routes(self, move):
        return super()._push_routes(move) | self.env["stock.route"].search([("probe_for_all", "=", True)])

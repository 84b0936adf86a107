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
    def _run_pull(self, procurements):
        for need, _rule in procurements:
            need.values["probe_text"] = f"{need.values.get('probe_text', '')}, pulled"
        return super()._run_pull(procurements)

    @counted
    def _run_buy(self, procurements):
        for need, _rule in procurements:
            need.values["probe_text"] = "bought"
        return super()._run_buy(procurements)

    @counted
    def _run_manufacture(self, procurements):
        for need, _rule in procurements:
            need.values["priority"] = "1"
        return super()._run_manufacture(procurements)

    @counted
    def _prepare_purchase_order(self, company_id, origins, values):
        row = super()._prepare_purchase_order(company_id, origins, values)
        return row | {"notes": f"{values[0]['supplier'].partner_id.name}: {', '.join(origins)}"}

    @counted
    def _get_custom_move_fields(self):
        return [*super()._get_custom_move_fields(), "probe_text", "probe_lane"]

    @counted
    def _get_stock_move_values(
        self, product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values
    ):
        row = super()._get_stock_move_values(
            product_id, product_qty, product_uom, location_dest_id, name, origin, company_id, values
        )
        return row | {"probe_document": f"for {origin}"}

    @api.model
    @counted
    def _run_push(self, steps):
        onward = super()._run_push(steps)
        onward.write({"probe_document": "pushed"})
        return onward

    @counted
    def _push_prepare_move_copy_values(self, move_to_copy, new_date):
        return super()._push_prepare_move_copy_values(move_to_copy, new_date) | {"probe_text": "pushed"}

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

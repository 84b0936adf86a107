"""Orders note what was done to them."""

from decimal import Decimal

from core import api, fields, models

from ..calls import counted


class MrpProduction(models.Model):
    _inherit = "mrp.production"

    probe_confirmed = fields.Boolean(copy=False)
    probe_pressed = fields.Boolean(copy=False)
    probe_checked = fields.Boolean(copy=False)
    probe_cancelled = fields.Boolean(copy=False)
    probe_stated = fields.Boolean(copy=False)
    probe_fetched = fields.Boolean(copy=False)
    probe_drawn = fields.Boolean(copy=False)
    probe_posted = fields.Boolean(copy=False)
    probe_split_off = fields.Boolean(copy=False)
    probe_parent = fields.Char(copy=False)
    probe_lane = fields.Char(help="A duplicate takes it over, and so does a part")

    @counted
    def action_confirm(self):
        self.write({"probe_confirmed": True})
        return super().action_confirm()

    @counted
    def button_mark_done(self, answers=None):
        self.write({"probe_pressed": True})
        return super().button_mark_done(answers)

    @counted
    def _button_mark_done_sanity_checks(self):
        self.write({"probe_checked": True})
        return super()._button_mark_done_sanity_checks()

    @counted
    def _get_consumption_issues(self):
        issues = super()._get_consumption_issues()
        return [issue for issue in issues if issue.product.default_code != "PROBE-GLUE"]

    @counted
    def _get_underdelivery_tolerance(self):
        loose = self.filtered(lambda order: order.product_id.default_code == "PROBE-LOOSE")
        return super()._get_underdelivery_tolerance() | dict.fromkeys(loose.ids, Decimal(50))

    @counted
    def action_cancel(self):
        result = super().action_cancel()
        self.write({"probe_cancelled": True})
        return result

    @api.model
    @counted
    def _postpone_without_bom(self, needs):
        needs = list(needs)
        ours = {need for need in needs if need.product_id.default_code == "PROBE-LATER"}
        return super()._postpone_without_bom(needs) | ours

    @counted
    def _get_move_raw_values(self, product, quantity, unit, **extra):
        return super()._get_move_raw_values(product, quantity, unit, **extra) | {"probe_text": "component"}

    @counted
    def _get_move_finished_values(self, product, quantity, unit, **extra):
        return super()._get_move_finished_values(product, quantity, unit, **extra) | {"probe_text": "product"}

    @counted
    def _get_moves_raw_values(self):
        return [row | {"description_picking": "planned"} for row in super()._get_moves_raw_values()]

    @counted
    def _get_moves_finished_values(self):
        return [row | {"description_picking": "planned"} for row in super()._get_moves_finished_values()]

    @counted
    def _set_qty_producing(self):
        self.write({"probe_stated": True})
        return super()._set_qty_producing()

    @counted
    def _action_generate_consumption_wizard(self, issues, answers=None):
        wizard = super()._action_generate_consumption_wizard(issues, answers)
        wizard.probe_note = "consumption"
        return wizard

    @counted
    def _action_generate_transfer_wizard(self, lacks, *args, **kwargs):
        wizard = super()._action_generate_transfer_wizard(lacks, *args, **kwargs)
        wizard.probe_note = "transfer"
        return wizard

    @counted
    def _action_generate_backorder_wizard(self, short, answers=None):
        wizard = super()._action_generate_backorder_wizard(short, answers)
        wizard.probe_note = "backorder"
        return wizard

    @counted
    def _transfer_components(self, wanted):
        self.write({"probe_fetched": True})
        return super()._transfer_components(wanted)

    @counted
    def _split_productions(self, amounts=False, cancel_remaining_qty=False, set_consumed_qty=False):
        parts = super()._split_productions(amounts, cancel_remaining_qty, set_consumed_qty)
        (parts - self).write({"probe_split_off": True})
        return parts

    @counted
    def _get_backorder_mo_vals(self):
        return super()._get_backorder_mo_vals() | {"probe_parent": self.name}

    @counted
    def _post_inventory(self, cancel_backorder=False, wanted=None):
        self.write({"probe_posted": True})
        return super()._post_inventory(cancel_backorder=cancel_backorder, wanted=wanted)

    @counted
    def _draw_components(self, wanted):
        self.write({"probe_drawn": True})
        return super()._draw_components(wanted)

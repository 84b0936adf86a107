"""Moves note what was done to them, and stay apart by lane."""

from decimal import Decimal

from core import fields, models

from ..calls import counted


class StockMove(models.Model):
    _inherit = "stock.move"

    probe_lane = fields.Char(help="Moves of different lanes are not merged")
    probe_secret = fields.Char(help="Belongs to one part: a split does not copy it")
    probe_text = fields.Char(help="Comes from the rule that made the move")
    probe_document = fields.Char(help="The name of a document of ours that holds the move")
    probe_alone = fields.Boolean(help="Goes into no transfer")
    probe_keeps = fields.Boolean(help="Keeps its reservation")
    probe_confirmed = fields.Boolean(copy=False)
    probe_assigned = fields.Boolean(copy=False)
    probe_split_off = fields.Boolean(copy=False)
    probe_entered = fields.Char(copy=False, help="The demand that was entered by hand")
    probe_part = fields.Char(copy=False, help="How many were split off")
    probe_stock_changes = fields.Integer(help="So many rows of stock changed when it was posted", copy=False)
    probe_merged = fields.Boolean(copy=False)
    probe_done = fields.Boolean(copy=False)
    probe_cancelled = fields.Boolean(copy=False)

    @counted
    def _action_confirm(self, merge=True, merge_into=False):
        self.write({"probe_confirmed": True})
        return super()._action_confirm(merge=merge, merge_into=merge_into)

    @counted
    def _should_be_assigned(self):
        return super()._should_be_assigned() and not self.probe_alone

    @counted
    def _picking_key(self):
        return (*super()._picking_key(), self.probe_lane)

    @counted
    def _get_new_picking_values(self):
        return super()._get_new_picking_values() | {"probe_note": f"for {self.partner_id.name}"}

    @counted
    def _prepare_procurement_values(self):
        return super()._prepare_procurement_values() | {"priority": "1"}

    @counted
    def _prepare_procurement_origin(self):
        return f"{super()._prepare_procurement_origin()}/PROBE"

    @counted
    def _merge_moves(self, merge_into=False):
        kept = super()._merge_moves(merge_into)
        kept.write({"probe_merged": True})
        return kept

    @counted
    def _prepare_merge_moves_distinct_fields(self):
        return [*super()._prepare_merge_moves_distinct_fields(), "probe_lane"]

    @counted
    def _action_assign(self):
        self.write({"probe_assigned": True})
        return super()._action_assign()

    @counted
    def _should_bypass_reservation(self):
        return super()._should_bypass_reservation() or self.product_id.default_code == "PROBE-FREE"

    @counted
    def _prepare_move_line_vals(self, quantity=None, reserved_quant=None):
        values = super()._prepare_move_line_vals(quantity=quantity, reserved_quant=reserved_quant)
        return values | {
            "probe_stock": reserved_quant.display_name if reserved_quant else False,
            "probe_prepared": True,
        }

    @counted
    def _do_unreserve(self):
        return super(StockMove, self.filtered(lambda move: not move.probe_keeps))._do_unreserve()

    @counted
    def _get_underdelivery_tolerance(self):
        loose = self.filtered(lambda move: move.probe_lane == "loose")
        return super()._get_underdelivery_tolerance() | dict.fromkeys(loose.ids, Decimal(50))

    @counted
    def _tolerated_documents(self):
        quiet = self.filtered(lambda move: move.product_id.default_code == "PROBE-QUIET")
        return super()._tolerated_documents() | {move.id: [] for move in quiet}

    @counted
    def _split(self, qty, restrict_partner_id=False):
        parts = super()._split(qty, restrict_partner_id=restrict_partner_id)
        parts.write({"probe_split_off": True})
        return parts

    @counted
    def _demand_entered(self, vals):
        super()._demand_entered(vals)
        self._settle({"probe_entered": f"{vals['product_uom_qty']} entered"})

    @counted
    def _prepare_move_split_vals(self, qty):
        return super()._prepare_move_split_vals(qty) | {"probe_part": f"{qty.normalize():f} split off"}

    @counted
    def _prepare_phantom_move_values(self, bom_line, product_qty, quantity_done):
        values = super()._prepare_phantom_move_values(bom_line, product_qty, quantity_done)
        return values | {"probe_text": f"{product_qty.normalize():f} of a kit"}

    @counted
    def _split_field_names(self):
        return [name for name in super()._split_field_names() if name != "probe_secret"]

    @counted
    def _action_done(self, cancel_backorder=False):
        done = super()._action_done(cancel_backorder=cancel_backorder)
        done.write({"probe_done": True})
        return done

    @counted
    def _action_cancel(self):
        result = super()._action_cancel()
        self.write({"probe_cancelled": True})
        return result

    @counted
    def _document_name(self):
        return self.probe_document or super()._document_name()

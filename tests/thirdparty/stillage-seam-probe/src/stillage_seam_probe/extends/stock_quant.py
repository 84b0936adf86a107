"""Stock that must not go out, and rows that know how they came about."""

from decimal import Decimal

from core import api, fields, models
from core.exceptions import ValidationError
from core.rounding import format_number

from ..calls import counted


class StockQuant(models.Model):
    _inherit = "stock.quant"

    probe_created = fields.Boolean()
    probe_changed = fields.Boolean(help="The quantity was written")

    @api.model_create_multi
    @counted
    def create(self, vals_list):
        return super().create([{**vals, "probe_created": True} for vals in vals_list])

    @counted
    def write(self, vals):
        if "quantity" in vals:
            vals = {**vals, "probe_changed": True}
        return super().write(vals)

    @counted
    def unlink(self):
        for product, rows in self.grouped("product_id").items():
            product.probe_rows_gone += len(rows)
        return super().unlink()

    @counted
    def _apply_inventory(self, date=None):
        products = self.product_id
        result = super()._apply_inventory(date)
        for product in products:
            product.probe_counted += 1
        return result

    @counted
    def _get_inventory_move_values(self, qty, *args, **kwargs):
        return super()._get_inventory_move_values(qty, *args, **kwargs) | {"probe_text": "counted"}

    @api.constrains("quantity")
    def _check_room(self):
        for row in self:
            room = row.product_id.probe_room
            if room and row.quantity > room and row.location_id.usage == "internal":
                raise ValidationError(f"There is room for {format_number(room)} of {row.product_id.name} only.")

    @api.model
    @counted
    def _gather(self, product_id, location_id, *args, **kwargs):
        rows = super()._gather(product_id, location_id, *args, **kwargs)
        return rows.filtered(lambda row: not row.lot_id.probe_blocked)

    @api.model
    @counted
    def _get_available_quantity(self, product_id, location_id, *args, **kwargs):
        if product_id.default_code == "PROBE-BLOCKED":
            return Decimal(0)
        return super()._get_available_quantity(product_id, location_id, *args, **kwargs)

    @api.model
    @counted
    def _update_available_quantities(self, changes, in_date, move_lines=None):
        after = super()._update_available_quantities(changes, in_date, move_lines)
        if move_lines:
            move_lines.move_id.write({"probe_stock_changes": len(changes)})
        return after

    @api.model
    @counted
    def _update_available_quantity(self, product_id, location_id, quantity, *args, **kwargs):
        product_id.probe_adjusted += 1
        return super()._update_available_quantity(product_id, location_id, quantity, *args, **kwargs)

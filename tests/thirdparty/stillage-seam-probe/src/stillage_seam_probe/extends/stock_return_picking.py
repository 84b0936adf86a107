"""Returns say where they come from."""

from core import models

from ..calls import counted


class StockReturnPicking(models.TransientModel):
    _inherit = "stock.return.picking"

    @counted
    def _create_return(self):
        back = super()._create_return()
        back.write({"priority": "1"})
        return back

    @counted
    def _prepare_picking_default_values(self):
        return super()._prepare_picking_default_values() | {"probe_note": f"back from {self.picking_id.name}"}


class StockReturnPickingLine(models.TransientModel):
    _inherit = "stock.return.picking.line"

    @counted
    def _prepare_move_default_values(self, new_picking):
        return super()._prepare_move_default_values(new_picking) | {"probe_text": "returned"}

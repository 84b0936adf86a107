"""The dialog that sends goods of a done transfer back."""

from __future__ import annotations

from addons.inventory.exceptions import InventoryError
from addons.inventory.services import returns
from core import api, fields, models


class StockReturnPicking(models.TransientModel):
    """What comes back of a transfer. Nothing is returned unless a quantity is entered or Return All is pressed."""

    _name = "stock.return.picking"
    _description = "Return Picking"

    picking_id = fields.Many2one(
        "stock.picking",
        "Transfer",
        required=True,
        ondelete="cascade",
        default=lambda self: self._default_picking(),
    )
    product_return_moves = fields.One2many("stock.return.picking.line", "wizard_id", "Moves")
    company_id = fields.Many2one("res.company", related="picking_id.company_id", string="Company")
    picking_type_code = fields.Selection(related="picking_id.picking_type_id.code", string="Type of Operation")

    @api.model
    def _default_picking(self):
        """The transfer from which the dialog was opened."""
        context = self.env.context
        if context.get("active_model") != "stock.picking":
            return False
        return context.get("active_id") or (context.get("active_ids") or [False])[0]

    @api.model_create_multi
    def create(self, vals_list):
        """Every done move of the transfer gets a line; lines given say how much."""
        wizards = super().create(vals_list)
        for wizard in wizards:
            if wizard.picking_id.state != "done":
                raise InventoryError(
                    self.env._(
                        "%(document)s is not done yet: there is nothing to return.", document=wizard.picking_id.name
                    ),
                    code="inventory.nothing_to_return",
                )
            known = wizard.product_return_moves.move_id
            self.env["stock.return.picking.line"].create(
                [
                    {"wizard_id": wizard.id, "move_id": move.id, "product_id": move.product_id.id, "quantity": 0}
                    for move in wizard.picking_id.move_ids
                    if move.state == "done" and move not in known and not move.scrap_id
                ]
            )
        return wizards

    def _wanted(self):
        wanted = []
        for line in self.product_return_moves:
            move = (
                line.move_id
                or self.picking_id.move_ids.filtered(
                    lambda move, line=line: move.product_id == line.product_id and move.state == "done"
                )[:1]
            )
            if not move:
                raise InventoryError(
                    self.env._(
                        "%(product)s was not in %(document)s.",
                        product=line.product_id.display_name,
                        document=self.picking_id.name,
                    ),
                    code="inventory.return_of_other_product",
                )
            wanted.append((move, line.quantity, line.to_refund))
        return wanted

    @api.public(access="write")
    def action_create_returns(self):
        """Create the transfer that brings back what was entered; it is returned."""
        self.ensure_one()
        return returns.create_return(self.picking_id, self._wanted())

    @api.public(access="write")
    def action_create_returns_all(self):
        """Create the transfer that brings everything back."""
        self.ensure_one()
        for line in self.product_return_moves:
            line.quantity = returns.returnable(line.move_id)
        return self.action_create_returns()

    @api.public(access="write")
    def action_create_exchanges(self):
        """Bring back what was entered, and send the same out again; both transfers are returned."""
        self.ensure_one()
        wanted = self._wanted()
        back = returns.create_return(self.picking_id, wanted)
        again = returns.create_exchange(self.picking_id, wanted)
        return back | again

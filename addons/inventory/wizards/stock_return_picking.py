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
        return next(iter(self._active_ids("stock.picking")), False)

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

    @api.public(access="write")
    def action_create_returns(self):
        """Create the transfer that brings back what was entered; it is returned."""
        return self._create_return()

    @api.seam("return", order=10)
    def _create_return(self):
        """Create the confirmed transfer that brings back what the lines say.

        When:
            once for each return; `self` is one dialog.
        Called by:
            the buttons "Return", "Return All" and "Return for Exchange" of the dialog.
        Returns:
            the new stock.picking, confirmed.
        Raises:
            InventoryError: nothing comes back, or more than went.
        Transaction:
            that of the action.
        Override:
            check the lines before ``super()``, act on the transfer that it returns.
        Example::

            class StockReturnPicking(models.TransientModel):
                _inherit = "stock.return.picking"

                def _create_return(self):
                    back = super()._create_return()
                    back.write({"priority": "1"})
                    return back
        """
        self.ensure_one()
        return returns.create_return(self)

    @api.seam("return", order=20)
    def _prepare_picking_default_values(self):
        """The values of a transfer that brings goods of the dialog's transfer back.

        When:
            once for each return; `self` is one dialog.
        Called by:
            ``inventory.services.returns.create_return``.
        Returns:
            values for `create` of stock.picking.
        Transaction:
            that of the return; it only reads.
        Override:
            add values to those of ``super()``, such as the order that the goods belong to.
        Example::

            class StockReturnPicking(models.TransientModel):
                _inherit = "stock.return.picking"

                def _prepare_picking_default_values(self):
                    return super()._prepare_picking_default_values() | {"note": self.picking_id.note}
        """
        self.ensure_one()
        return returns.picking_values(self.picking_id)

    @api.public(access="write")
    def action_create_returns_all(self):
        """Create the transfer that brings everything back."""
        self.ensure_one()
        returns.lock(self)
        for line in self.product_return_moves:
            line.quantity = returns.returnable(line.move_id)
        return self._create_return()

    @api.public(access="write")
    def action_create_exchanges(self):
        """Bring back what was entered, and send the same out again; both transfers are returned."""
        back = self._create_return()
        return back | returns.create_exchange(self)

"""Settings of Inventory."""

from __future__ import annotations

from core import fields, models


class ResConfigSettings(models.TransientModel):
    """Adds the shipping policy and the optional parts of Inventory."""

    _inherit = "res.config.settings"

    picking_policy = fields.Selection(
        [
            ("direct", "Ship products as soon as available, with backorders"),
            ("one", "Ship all products at once"),
        ],
        "Picking Policy",
        config_parameter="inventory.default_picking_policy",
        default="direct",
        required=True,
        help="Holds for new orders and transfers; each one can be changed",
    )

    def execute(self):
        """Save; a new picking policy becomes that of the delivery types, too."""
        self.ensure_one()
        before = self.env["stock.picking.type"]._default_move_type()
        result = super().execute()
        policy = self.env["stock.picking.type"]._default_move_type()
        if policy != before:
            kinds = self.env["stock.picking.type"].sudo().search([("code", "in", ("outgoing", "internal"))])
            kinds.write({"move_type": policy})
        return result

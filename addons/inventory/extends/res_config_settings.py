"""Settings of Inventory."""

from __future__ import annotations

from addons.inventory.exceptions import TrackingInUse
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
        help="Applies to new orders and transfers; each one can be changed",
    )
    horizon_days = fields.Integer(related="company_id.horizon_days", readonly=False)
    underdelivery_tolerance = fields.Quantity(related="company_id.underdelivery_tolerance", readonly=False)
    group_stock_production_lot = fields.Boolean(
        "Lots & Serial Numbers",
        implied_group="inventory.group_production_lot",
        help="Track products by lot or serial number, from receipt to delivery",
    )
    group_stock_tracking_lot = fields.Boolean(
        "Packages",
        implied_group="inventory.group_tracking_lot",
        help="Put products into packages and move the packages",
    )
    group_stock_multi_locations = fields.Boolean(
        "Storage Locations",
        implied_group="inventory.group_stock_multi_locations",
        help="Track where in the warehouse products are stored",
    )
    group_uom = fields.Boolean(
        "Units of Measure & Packagings",
        implied_group="inventory.group_uom",
        help="Sell, buy and move products in other units than their own",
    )

    def execute(self):
        """Save; a new picking policy becomes that of the delivery types, too.

        Raises:
            TrackingInUse: lots and serial numbers are switched off while products are tracked by them.
        """
        self.ensure_one()
        if not self.group_stock_production_lot:
            self._refuse_to_hide_lots_in_use()
        before = self.env["stock.picking.type"]._default_move_type()
        result = super().execute()
        policy = self.env["stock.picking.type"]._default_move_type()
        if policy != before:
            kinds = self.env["stock.picking.type"].sudo().search([("code", "in", ("outgoing", "internal"))])
            kinds.write({"move_type": policy})
        return result

    def _refuse_to_hide_lots_in_use(self):
        """Nobody could enter the numbers that a tracked product cannot move without."""
        tracked = self.env["product.template"].sudo().search([("tracking", "!=", "none")], order="name, id", limit=4)
        if tracked:
            names = ", ".join(tracked[:3].mapped("display_name")) + (", …" if len(tracked) > 3 else "")
            raise TrackingInUse(
                self.env._(
                    "Lots & Serial Numbers cannot be switched off while products are tracked by them: %(products)s. "
                    "Set these to By Quantity, or archive them, first.",
                    products=names,
                ),
                data={"products": tracked[:3].mapped("display_name")},
            )

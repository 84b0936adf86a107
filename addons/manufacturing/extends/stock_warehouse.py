"""How a warehouse manufactures: in one, two or three steps."""

from __future__ import annotations

from typing import Any

from addons.manufacturing.services import warehouses
from core import api, fields, models


class StockWarehouse(models.Model):
    """A warehouse may fetch components before, and store products after, they are worked on."""

    _inherit = "stock.warehouse"

    manufacture_to_resupply = fields.Boolean(
        "Manufacture to Resupply", default=True, help="Products with the route Manufacture are made in this warehouse."
    )
    manufacture_steps = fields.Selection(
        [
            ("mrp_one_step", "Manufacture (1 step)"),
            ("pbm", "Pick components then manufacture (2 steps)"),
            ("pbm_sam", "Pick components, manufacture, then store products (3 steps)"),
        ],
        "Manufacture",
        default="mrp_one_step",
        required=True,
    )
    manu_type_id = fields.Many2one("stock.picking.type", "Manufacturing Operation Type", copy=False, check_company=True)
    pbm_type_id = fields.Many2one(
        "stock.picking.type", "Picking Before Manufacturing Operation Type", copy=False, check_company=True
    )
    sam_type_id = fields.Many2one(
        "stock.picking.type", "Stock After Manufacturing Operation Type", copy=False, check_company=True
    )
    pbm_loc_id = fields.Many2one("stock.location", "Work in Progress Location", copy=False, check_company=True)
    sam_loc_id = fields.Many2one("stock.location", "Location after Manufacturing", copy=False, check_company=True)
    pbm_route_id = fields.Many2one("stock.route", "Picking Before Manufacturing Route", copy=False)
    manufacture_pull_id = fields.Many2one("stock.rule", "Manufacture Rule", copy=False)
    manufacture_mto_pull_id = fields.Many2one("stock.rule", "Manufacture MTO Rule", copy=False)
    pbm_mto_pull_id = fields.Many2one("stock.rule", "Picking Before Manufacturing MTO Rule", copy=False)
    sam_rule_id = fields.Many2one("stock.rule", "Stock After Manufacturing Rule", copy=False)

    @api.model_create_multi
    def create(self, vals_list: list[dict[str, Any]]) -> Any:
        """New warehouses can manufacture."""
        created = super().create(vals_list)
        warehouses.equip(created)
        return created

    def write(self, vals: dict[str, Any]) -> bool:
        """Another number of steps changes places and rules; orders under way keep theirs."""
        result = super().write(vals)
        if {"manufacture_steps", "manufacture_to_resupply"} & vals.keys():
            warehouses.equip(self)
        return result

    @api.model
    def _equip_for_manufacturing(self) -> None:
        """Give the warehouses that exist when the addon comes what they need, and the first one's parts their names."""
        existing = self.with_context(active_test=False).search([])
        warehouses.equip(existing)
        warehouses.register_external_ids(self.env.ref("inventory.warehouse0"))

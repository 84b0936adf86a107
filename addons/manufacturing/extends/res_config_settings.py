"""Settings of Manufacturing."""

from __future__ import annotations

from core import fields, models


class ResConfigSettings(models.TransientModel):
    """Adds the optional parts of Manufacturing."""

    _inherit = "res.config.settings"

    group_mrp_routings = fields.Boolean(
        "Work Orders",
        implied_group="manufacturing.group_mrp_routings",
        help="Plan operations at work centers and process them on the shop floor",
    )
    require_bom = fields.Boolean(related="company_id.require_bom", readonly=False)
    group_mrp_byproducts = fields.Boolean(
        "By-Products",
        implied_group="manufacturing.group_mrp_byproducts",
        help="List on bills of materials what is produced along with the product",
    )

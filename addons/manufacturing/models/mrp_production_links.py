"""From a manufacturing order to the documents around it: the smart buttons."""

from __future__ import annotations

from typing import Any

from core import api, models
from core.api import ngettext


class MrpProductionLinks(models.AbstractModel):
    """What the smart buttons of an order show; a part of `mrp.production`."""

    _name = "mrp.production.links"
    _description = "Links of a Manufacturing Order"

    def _counted(self) -> str:
        return self.env._(ngettext("manufacturing order", "%(number)s manufacturing orders", len(self)))

    def _get_children(self) -> Any:
        """The orders that make this order's components."""
        return self.move_raw_ids.move_orig_ids.production_id

    def _get_sources(self) -> Any:
        """The orders that wait for what this order makes."""
        return self.move_finished_ids.move_dest_ids.raw_material_production_id

    @api.public(access="read")
    def action_view_mrp_production_backorders(self) -> Any:
        """All parts of the order that this one belongs to."""
        return self.search(
            [("production_group_id", "in", self.production_group_id.ids)], order="backorder_sequence, id"
        )

    @api.public(access="read")
    def action_view_mrp_production_childs(self) -> Any:
        """The orders that make the components."""
        return self._get_children()

    @api.public(access="read")
    def action_view_mrp_production_sources(self) -> Any:
        """The orders that wait for the product."""
        return self._get_sources()

    @api.public(access="read")
    def action_view_mo_delivery(self) -> Any:
        """The transfers that bring components and take the product away."""
        return self.picking_ids

    @api.public(access="read")
    def action_see_move_scrap(self) -> Any:
        """What was scrapped during this order."""
        return self.scrap_ids

    @api.public(access="read")
    def action_view_unbuilds(self) -> Any:
        """The unbuild orders of what this order made."""
        return self.unbuild_ids

"""The rule *Manufacture*."""

from __future__ import annotations

from typing import Any

from addons.inventory.services import procurement
from addons.manufacturing.services import supply
from core import api, fields, models


class StockRule(models.Model):
    """A need may be answered by making the product."""

    _inherit = "stock.rule"

    action = fields.Selection(selection_add=[("manufacture", "Manufacture")], ondelete={"manufacture": "cascade"})

    @api.model
    def _refusals(self, needs: list[Any]) -> dict[int, str]:
        """See the base. Nothing is made that has no bill of materials."""
        return super()._refusals(needs) | supply.refusals(self.env, needs)

    @api.model
    def _push_routes(self, move: Any) -> Any:
        """What an order made is stored by its warehouse's rules, whatever the routes of its product."""
        routes = super()._push_routes(move)
        return routes | move.production_id.warehouse_id.sam_rule_id.route_id if move.production_id else routes

    @api.seam("procure", order=25)
    def _run_manufacture(self, procurements: list[Any]) -> None:
        """Answer needs by confirmed manufacturing orders.

        When:
            once for all needs of a run whose rules say *Manufacture*.
        Called by:
            ``inventory.services.procurement._answer``.
        Args:
            procurements: needs with their `rule`; each can be taken apart into procurement and rule.
        Returns:
            None. `supply_document` in the values of a need is its order afterwards, where there is one already.
        Raises:
            NoBillOfMaterials: a product has none, and its company requires one.
        Transaction:
            that of the run.
        Override:
            change the needs before ``super()``, or leave out those that the addon answers itself.
        Example::

            class StockRule(models.Model):
                _inherit = "stock.rule"

                def _run_manufacture(self, procurements):
                    for need in procurements:
                        need.values.setdefault("priority", "1")
                    return super()._run_manufacture(procurements)
        """
        procurement.note_documents(self.env, supply.manufacture(self.env, procurements))

    def _get_custom_move_fields(self) -> list[str]:
        """See the base. Where what is made reaches the stock in steps, the move says which plan asked for it."""
        return [*super()._get_custom_move_fields(), "production_plan_id"]

    def _lead_days(self, needs: list[Any]) -> list[int]:
        """See the base. Making takes the bill's lead time, after the days it gives to get ready for it."""
        days: list[int] = super()._lead_days(needs)
        if self.action != "manufacture":
            return days
        boms = [(bom or self.env["mrp.bom"]).sudo() for bom in supply.bills(self.env, needs)]
        return [own + bom.produce_delay + bom.days_to_prepare_mo for own, bom in zip(days, boms, strict=True)]

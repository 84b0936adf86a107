"""The rule *Buy*."""

from __future__ import annotations

from typing import Any

from addons.inventory.services import procurement
from addons.purchasing.services import ordering, vendors
from core import api, fields, models


class StockRule(models.Model):
    """A need may be answered by buying the product."""

    _inherit = "stock.rule"

    action = fields.Selection(selection_add=[("buy", "Buy")], ondelete={"buy": "cascade"})

    @api.seam("procure", order=22)
    def _run_buy(self, procurements: list[Any]) -> None:
        """Answer needs by lines on requests to vendors.

        When:
            once for all needs of a run whose rules say *Buy*.
        Called by:
            ``inventory.services.procurement._answer``.
        Args:
            procurements: needs with their `rule`; each can be taken apart into procurement and rule.
        Returns:
            None. `supply_document` in the values of a need is its request afterwards.
        Raises:
            NoVendor: names every product without a vendor.
        Transaction:
            that of the run.
        Override:
            change the needs before ``super()``, or leave out those that the addon answers itself.
        Example::

            class StockRule(models.Model):
                _inherit = "stock.rule"

                def _run_buy(self, procurements):
                    return super()._run_buy(sorted(procurements, key=lambda need: need.product_id.id))
        """
        procurement.note_documents(self.env, ordering.buy(self.env, procurements))

    @api.seam("procure", order=24)
    def _prepare_purchase_order(
        self, company_id: Any, origins: list[str], values: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """The values of a new request to a vendor.

        When:
            once for each request that a run creates; `self` is the rule of the first need that is on it.
        Called by:
            ``purchasing.services.ordering._open_requests``.
        Args:
            company_id: the company that buys.
            origins: the source documents of the needs, each once.
            values: of the needs that are put on the request; `supplier` in each is the vendor price that was chosen.
        Returns:
            values for `create` of purchase.order, without lines.
        Transaction:
            that of the run; it only reads.
        Override:
            add values to those of ``super()``. Needs of one vendor, company and operation type share a request.
        Example::

            class StockRule(models.Model):
                _inherit = "stock.rule"

                def _prepare_purchase_order(self, company_id, origins, values):
                    row = super()._prepare_purchase_order(company_id, origins, values)
                    return row | {"notes": values[0]["supplier"].partner_id.comment}
        """
        self.ensure_one()
        return ordering.order_values(self, company_id, origins, values)

    @api.model
    def _refusals(self, needs: list[Any]) -> dict[int, str]:
        """See the base. Nothing is bought that has no vendor."""
        return super()._refusals(needs) | ordering.refusals(self.env, needs)

    def _lead_days(self, needs: list[Any]) -> list[int]:
        """See the base. Buying takes as long as the vendor says who is asked first."""
        days: list[int] = super()._lead_days(needs)
        if self.action != "buy":
            return days
        sellers = [vendors.present(need.product_id, need.company_id) for need in needs]
        return [own + (seller.delay or 0) for own, seller in zip(days, sellers, strict=True)]

"""Supply links: which demand a request, an order or a transfer was ordered for, and how much of it ("pegging")."""

from __future__ import annotations

from addons.inventory.services import supply_links
from core import api, fields, models


class StockSupplyLink(models.Model):
    """So much of a supply was ordered for a demand.

    Links decide what is still to be ordered for a demand, never who gets the goods: what arrives is reserved by
    `rank_demand`. A link refers to the moves by their `split_root_id`, so that it holds for all parts of them.
    """

    _name = "stock.supply.link"
    _description = "Supply Link"
    _order = "id"

    demand_move_id = fields.Many2one("stock.move", "Demand", required=True, index=True, ondelete="cascade")
    supply_move_id = fields.Many2one("stock.move", "Incoming Move", index=True, ondelete="cascade")
    quantity = fields.Quantity("Quantity", required=True, help="In the product's unit")
    done_before = fields.Quantity("Received Before", help="What of the supply had come in when the link was made")
    company_id = fields.Many2one("res.company", related="demand_move_id.company_id", store=True, index=True)

    @api.model
    def _supply_fields(self) -> dict[str, str]:
        """Model of a supply -> the field that refers to it; addons add the lines of their requests."""
        return {"stock.move": "supply_move_id"}

    def _supply_sources(self) -> dict[int, supply_links.Source]:
        """Link id -> its supply, one object for all links to it; addons answer for their fields."""
        return supply_links.sources_of_moves(self.filtered("supply_move_id"))

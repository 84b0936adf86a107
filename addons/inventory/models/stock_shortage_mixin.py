"""What is short: for everything that has open moves of one product (moves, backorders, lines of orders)."""

from __future__ import annotations

from addons.inventory.services import backorder_supply, on_hold, shortage, why
from core import api, fields, models

#: Records without open moves have no shortage.
WHERE_OPEN = fields.SearchByValue("_shortage_candidates")

#: Where what is short could come from.
SHORTAGE_STATUS = [
    ("ready", "Reserved"),
    ("here", "Available"),
    ("elsewhere", "At Another Location"),
    ("none", "Not in Stock"),
]


class StockShortageMixin(models.AbstractModel):
    """What is missing and where it could come from ("Stock Detail"), why it waits, and the buttons that help.

    A model says by `_demand_moves` whose moves it is about.
    """

    _name = "stock.shortage.mixin"
    _description = "Shortage"

    qty_short = fields.Quantity(
        "Backorder",
        compute="_compute_shortage",
        search=WHERE_OPEN,
        help="Still to come, beyond what is reserved; in the product's unit",
    )
    qty_reserved = fields.Quantity("Reserved", compute="_compute_shortage", search=WHERE_OPEN)
    qty_here = fields.Quantity(
        "Free Here", compute="_compute_shortage", search=WHERE_OPEN, help="Free where it is to be taken from"
    )
    qty_elsewhere = fields.Quantity(
        "Other Locations",
        compute="_compute_shortage",
        search=WHERE_OPEN,
        help="Free at other locations and in other warehouses",
    )
    shortage_status = fields.Selection(SHORTAGE_STATUS, "Stock", compute="_compute_shortage", search=WHERE_OPEN)
    stock_status = fields.Selection(
        [*SHORTAGE_STATUS, ("on_hold", "On Hold")],
        "Stock Status",
        compute="_compute_shortage",
        search=WHERE_OPEN,
        help="As in Stock, but On Hold where all that is still to come is held back",
    )
    shortage_hint = fields.Char("Where", compute="_compute_shortage", search=WHERE_OPEN)
    waiting_reason = fields.Text("Why It Is Waiting", compute="_compute_waiting_reason", search=WHERE_OPEN)

    @api.model
    def _shortage_candidates(self):
        """The domain of the records that may have open moves; the others have no shortage. See `SearchByValue`."""
        return []

    def _demand_moves(self):
        """The moves that a record is about, all of one product."""
        raise NotImplementedError

    def _compute_shortage(self):
        found = shortage.look({record: record._demand_moves() for record in self})
        for record in self:
            figures = found[record]
            record.qty_short = figures.short
            record.qty_reserved = figures.ready
            record.qty_here = figures.here
            record.qty_elsewhere = figures.elsewhere
            record.shortage_status = figures.status
            record.stock_status = figures.status_or_hold
            record.shortage_hint = shortage.in_words(self.env, figures)

    def _compute_waiting_reason(self):
        moves = {record: record._demand_moves() for record in self}
        chains = why.explain(self._all_demand_moves())
        for record in self:
            record.waiting_reason = "\n".join(line for move in moves[record] for line in chains.get(move.id, ()))

    def _all_demand_moves(self):
        return self.env["stock.move"].union(*(record._demand_moves() for record in self))

    @api.public(access="write")
    def action_release(self):
        """Reserve what has become available and return the transfers that are ready ("Release Backorders")."""
        self.check_access("write")
        return shortage.release(self._all_demand_moves())

    @api.public(access="write")
    def action_put_on_hold(self):
        """Hold back what is not reserved, until it is released; where all is reserved, all that is not picked.

        What was reserved others get. Notifies the user of what is on hold and where. Raises CannotHold when there is
        nothing to hold.
        """
        self.check_access("write")
        on_hold.put_missing(self._all_demand_moves())

    @api.public(access="write")
    def action_order_missing(self):
        """Buy, make or fetch what neither stock nor anything planned covers, by the routes of the products.

        Notifies the user of what was ordered, and of the rows for which nothing was. Raises NoRule (or what addons
        raise) when none of it can be ordered.
        """
        self._order_missing()

    def _order_missing(self, route=None):
        """Order what is missing by `route` (by default that of each product), and notify the user of it."""
        self.check_access("write")
        backorder_supply.report(self.env, backorder_supply.order(self._all_demand_moves(), route))

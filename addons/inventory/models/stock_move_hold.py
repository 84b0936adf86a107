"""Moves on hold: what a user has put on backorder by hand, although it could go."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from addons.inventory.services import on_hold
from core import fields, models


class StockMoveHold(models.Model):
    """Being on hold; a part of `stock.move`. A move on hold is reserved only when a user asks for it."""

    _inherit = "stock.move"

    hold_date = fields.Datetime(
        "On Hold Since",
        copy=False,
        readonly=True,
        help="Somebody holds this demand back: nothing is reserved for it until it is released.",
    )
    hold_user_id = fields.Many2one("res.users", "Put on Hold By", copy=False, readonly=True, ondelete="set null")

    def _put_on_hold(self, quantities: Mapping[Any, Decimal] | None = None) -> Any:
        """Hold `quantities` back (in the product's unit, by move; by default all that is not picked).

        Returns the moves that are on hold now, in transfers of their own. Raises CannotHold.
        """
        return on_hold.put(self, quantities)

    def _take_off_hold(self, quantities: Mapping[Any, Decimal] | None = None) -> Any:
        """Let `quantities` (in the product's unit, by move; by default all) take part in reservations again.

        They go back to the transfer that they were split from while that is open. Returns the moves that hold them.
        """
        return on_hold.take_back(self, quantities)

"""Random lives of an order: what was ordered is delivered, open or given up, after every step."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.inventory.testing import assert_stock_laws
from addons.sales.exceptions import AlreadyDelivered
from core.testing.databases import rolled_back
from tests.addons.sales.desk import CLOSED, Desk, open_demand, open_transfers, ship
from tests.random_runs import Tally, run_settings, seeded

ADDONS = ("sales",)

QUANTITY = st.decimals(min_value="0.5", max_value="30", places=1)
PART = st.decimals(min_value="0.5", max_value="8", places=1)
STEP = st.one_of(
    st.tuples(st.just("ship"), PART, st.booleans()),
    st.tuples(st.just("change"), st.just(Decimal(0)) | QUANTITY),
    st.tuples(st.just("cancel_or_restart")),
)


class Life:
    """One order over one product, and what must be true of it."""

    def __init__(self, env: Any, ordered: Decimal) -> None:
        self.desk = Desk(env)
        self.order = self.desk.quotation((self.desk.product("Drawer", 40), ordered))
        self.order.action_confirm()
        self.ordered = self.open = ordered
        self.delivered = Decimal(0)

    def ship(self, quantity: Decimal, backorder: bool) -> bool:
        """Part of what is open goes (or of what is added when nothing is); the rest waits or is given up."""
        if self.order.state == "sale" and not self.open:
            self.change(self.ordered + quantity)
        pickings = open_transfers(self.order)
        for picking in pickings:
            # What is owed from before and what was added later are moves of their own.
            demands = picking.move_ids.filtered(lambda move: move.state not in CLOSED).mapped("product_uom_qty")
            part = min(quantity, *demands, self.open)
            ship(picking, part, backorder)
            self.delivered += part * len(demands)
            self.open = self.open - part * len(demands) if backorder else Decimal(0)
        return bool(pickings)

    def change(self, quantity: Decimal) -> None:
        """The customer wants more or less."""
        if self.order.state == "sale" and quantity < min(self.delivered, self.ordered):
            with self.desk.env.savepoint():
                self.order.order_line.product_uom_qty = quantity
            raise AssertionError("less than delivered was accepted")
        self.order.order_line.product_uom_qty = quantity
        if self.order.state == "sale":
            extra = quantity - max(self.ordered, self.delivered)
            self.open += extra if quantity > self.ordered and extra > 0 else min(quantity - self.ordered, Decimal(0))
            self.open = max(self.open, Decimal(0))
        self.ordered = quantity

    def cancel_or_restart(self) -> bool:
        """The customer changes his mind, and once more."""
        if self.order.state != "cancel":
            self.order.action_cancel()
            self.open = Decimal(0)
        elif self.ordered:
            self.order.action_draft()
            self.order.action_confirm()
            self.open = max(self.ordered - self.delivered, Decimal(0))
        else:
            return False
        return True

    def check(self) -> None:
        """The line says what the moves say, and both say what happened."""
        line = self.order.order_line
        assert (line.product_uom_qty, line.qty_delivered) == (self.ordered, self.delivered)
        assert open_demand(self.order) == self.open
        given_up = self.ordered - self.delivered - self.open
        assert given_up >= 0 or self.order.state == "cancel" or self.delivered > self.ordered
        if self.order.delivery_status == "full":
            assert self.open == 0 and bool(self.order.closed_short) == (given_up > 0)


@pytest.mark.slow
def test_ordered_is_delivered_open_or_given_up(db: Any, chance: random.Random, even_clock: None) -> None:
    tally = Tally()

    @run_settings(20)
    @given(ordered=QUANTITY, steps=st.lists(STEP, min_size=6, max_size=10))
    def live(ordered: Decimal, steps: list[tuple[Any, ...]]) -> None:
        with rolled_back(db) as env:
            life = Life(env, ordered)
            life.check()
            for name, *values in steps:
                tally.attempt(name, getattr(life, name), *values, refusals=[AlreadyDelivered])
                life.check()
            assert_stock_laws(env)

    seeded(live, chance)()
    tally.assert_acted({"ship", "change", "cancel_or_restart"}, 0.6)

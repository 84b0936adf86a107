"""Random lives of a warehouse: after every step the stock laws hold, and the books agree with a plain count."""

from __future__ import annotations

import os
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from addons.inventory.testing import assert_stock_laws
from core.exceptions import UserError
from core.testing.databases import rolled_back
from tests.addons.inventory.playground import Stock

ADDONS = ["inventory"]
pytestmark = pytest.mark.both_dialects("sql")

QUANTITIES = st.decimals(min_value="0.01", max_value="60", places=2) | st.integers(1, 30).map(Decimal)
WHICH = st.integers(0, 1000)
# Shrinking a life of a warehouse takes long; STILLAGE_SHRINK=1 has hypothesis do it.
PHASES = [Phase.explicit, Phase.generate] + ([Phase.shrink] if os.environ.get("STILLAGE_SHRINK") else [])
OPEN = ("assigned", "confirmed", "waiting")


class Warehouse(RuleBasedStateMachine):
    """Receipts, deliveries, reservations, splits, returns, counts and scraps in any order."""

    database = None

    def __init__(self):
        super().__init__()
        self.context = rolled_back(self.database)
        self.env = self.context.__enter__()
        self.expected = {}

    def teardown(self):
        self.context.__exit__(None, None, None)

    @initialize()
    def build(self):
        self.stock = stock = Stock(self.env)
        places = self.env["stock.location"].create(
            [{"name": name, "location_id": stock.stock.id} for name in ("Shelf A", "Shelf B")]
        )
        self.places = [stock.stock, *places]
        self.products = [stock.product("Loose"), stock.product("Lotted", tracking="lot"), stock.product("Chained")]
        self.expected = {product.id: Decimal(0) for product in self.products}
        self.names = 0

    def pick(self, records, which):
        return records[which % len(records)]

    def transfers(self, code, states=OPEN):
        found = self.env["stock.picking"].search(
            [("picking_type_id.code", "=", code), ("state", "in", states)], order="id"
        )
        return list(found)

    def done_quantity(self, picking):
        total = {}
        for line in picking.move_ids.move_line_ids:
            if line.state == "done":
                total[line.product_id.id] = total.get(line.product_id.id, 0) + line.quantity_product_uom
        return total

    def validate(self, picking, keep, sign):
        for line in picking.move_line_ids:
            if picking.picking_type_id.code == "incoming" and line.product_id.tracking == "lot" and not line.lot_id:
                self.names += 1
                line.lot_name = f"L{self.names % 4}"
        try:
            question = picking.button_validate(answers={"backorder": {picking.id: keep}})
        except UserError:
            return
        assert not question
        for product_id, quantity in self.done_quantity(picking).items():
            self.expected[product_id] += sign * quantity

    # ------------------------------------------------------------------ steps
    @rule(which=WHICH, place=WHICH, quantity=QUANTITIES, dozen=st.booleans())
    def receive(self, which, place, quantity, dozen):
        product = self.pick(self.products, which)
        unit = (self.stock.dozen,) if dozen else ()
        picking = self.stock.receipt((product, quantity, *unit), location_dest_id=self.pick(self.places, place).id)
        self.validate(picking, True, 1)

    @rule(
        which=WHICH, other=WHICH, quantity=QUANTITIES, dozen=st.booleans(), urgent=st.booleans(), together=st.booleans()
    )
    def order(self, which, other, quantity, dozen, urgent, together):
        demands = [(self.pick(self.products, which), quantity, *((self.stock.dozen,) if dozen else ()))]
        if other % 2:
            demands.append((self.pick(self.products, other), quantity))
        picking = self.stock.delivery(*demands, confirm=False, move_type="one" if together else "direct")
        picking.priority = "1" if urgent else "0"
        picking.action_confirm()

    @rule(which=WHICH, steps=st.sampled_from(["pick_ship", "pick_pack_ship", "ship_only"]), quantity=QUANTITIES)
    def order_through_rules(self, which, steps, quantity):
        product = self.pick(self.products, which)
        if self.stock.warehouse.delivery_steps != steps:
            self.stock.warehouse.delivery_steps = steps
        procurement = self.env["stock.rule"].Procurement
        values = {"warehouse_id": self.stock.warehouse}
        self.env["stock.rule"].run(
            [procurement(product, quantity, product.uom_id, self.stock.customers, "", "S", self.env.company, values)]
        )

    @rule(which=WHICH, keep=st.booleans())
    def ship(self, which, keep):
        ready = self.transfers("outgoing")
        if ready:
            self.validate(self.pick(ready, which), keep, -1)

    @rule(which=WHICH, keep=st.booleans())
    def move_inside(self, which, keep):
        ready = self.transfers("internal")
        if ready:
            self.validate(self.pick(ready, which), keep, 0)

    @rule(which=WHICH, part=QUANTITIES, picked=st.booleans())
    def type_quantity(self, which, part, picked):
        ready = self.transfers("outgoing") + self.transfers("internal")
        if ready:
            move = self.pick(ready, which).move_ids[0]
            if move.state not in ("done", "cancel") and part <= move.product_uom_qty:
                try:
                    move.quantity = part
                except UserError:
                    return
                move.picked = picked

    @rule(which=WHICH)
    def unreserve(self, which):
        ready = self.transfers("outgoing")
        if ready:
            self.pick(ready, which).do_unreserve()

    @rule(which=WHICH)
    def reserve(self, which):
        ready = self.transfers("outgoing")
        if ready:
            self.pick(ready, which).action_assign()

    def open_demand(self, product):
        """All that is still to be moved of a product."""
        moves = self.env["stock.move"].search(
            [("product_id", "=", product.id), ("state", "not in", ("done", "cancel"))]
        )
        return sum(moves.mapped("product_qty"))

    @rule(which=WHICH, part=QUANTITIES)
    def put_on_hold(self, which, part):
        ready = self.transfers("outgoing") + self.transfers("internal")
        if ready:
            move = self.pick(ready, which).move_ids[0]
            before = self.open_demand(move.product_id)
            try:
                move._put_on_hold({move: part})
            except UserError:
                return
            assert self.open_demand(move.product_id) == before

    @rule(which=WHICH, part=QUANTITIES, ask=st.booleans())
    def release(self, which, part, ask):
        held = self.env["stock.move"].search([("hold_date", "!=", False), ("state", "in", OPEN)], order="id")
        if held:
            move = self.pick(held, which)
            product = move.product_id
            before = self.open_demand(product)
            if ask:
                move.action_release()
            else:
                move._take_off_hold({move: part})
            assert self.open_demand(product) == before

    @rule(which=WHICH)
    def cancel(self, which):
        ready = self.transfers("outgoing") + self.transfers("internal")
        if ready:
            self.pick(ready, which).action_cancel()

    @rule(which=WHICH)
    def split(self, which):
        ready = self.transfers("outgoing")
        if ready:
            try:
                self.pick(ready, which).action_split_transfer()
            except UserError:
                pass

    @rule(which=WHICH, part=QUANTITIES)
    def split_move(self, which, part):
        ready = self.transfers("outgoing")
        if ready:
            move = self.pick(ready, which).move_ids[0]
            before = move.product_qty
            if move.state in ("done", "cancel") or part > before:
                return
            new = move._split({move: part})
            assert move.product_qty + new.product_qty == before

    @rule(which=WHICH, quantity=QUANTITIES)
    def change_demand(self, which, quantity):
        ready = self.transfers("outgoing")
        if ready:
            move = self.pick(ready, which).move_ids[0]
            if move.state not in ("done", "cancel"):
                move.product_uom_qty = quantity

    @rule(which=WHICH)
    def send_back(self, which):
        gone = self.transfers("outgoing", ("done",))
        if gone:
            try:
                back = self.pick(gone, which).action_return().action_create_returns_all()
            except UserError:
                return
            self.validate(back, True, 1)

    @rule(which=WHICH, counted=QUANTITIES)
    def count(self, which, counted):
        rows = self.env["stock.quant"].search([("location_id.usage", "=", "internal")], order="id")
        if rows:
            row = self.pick(rows, which)
            self.expected[row.product_id.id] += counted - row.quantity
            row.inventory_quantity = counted
            assert row.action_apply_inventory() is None

    @rule(which=WHICH, quantity=QUANTITIES)
    def scrap(self, which, quantity):
        rows = self.env["stock.quant"].search([("location_id.usage", "=", "internal")], order="id")
        if rows:
            row = self.pick(rows, which)
            scrap = self.env["stock.scrap"].create(
                {
                    "product_id": row.product_id.id, "scrap_qty": quantity, "lot_id": row.lot_id.id,
                    "location_id": row.location_id.id,
                }
            )  # fmt: skip
            try:
                scrap.action_validate()
            except UserError:
                return
            self.expected[row.product_id.id] -= quantity

    # ------------------------------------------------------------------ laws
    @invariant()
    @precondition(lambda self: self.expected)
    def laws(self):
        assert_stock_laws(self.env)
        for product in self.products:
            assert product.qty_available == self.expected[product.id]

    @invariant()
    def what_is_on_hold_has_transfers_of_its_own(self):
        for picking in self.env["stock.picking"].search([("state", "in", OPEN)]):
            todo = picking.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
            assert picking.on_hold == any(move.hold_date for move in todo)


@pytest.mark.slow
def test_random_lives(db):
    machine = type("Machine", (Warehouse,), {"database": db})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=int(os.environ.get("STILLAGE_EXAMPLES", "25")),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )

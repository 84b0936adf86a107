"""Random lives of a warehouse: after every step the stock laws hold, and the books agree with a plain count."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from addons.inventory.exceptions import CannotHold, InsufficientStock, LotRequired, NothingToMove, NotReady
from addons.inventory.testing import assert_stock_laws
from core.testing.databases import rolled_back
from tests.addons.inventory.playground import Stock
from tests.random_runs import Tally, counted, counted_steps, run_settings, seeded

ADDONS = ["inventory"]
pytestmark = pytest.mark.both_dialects("sql")

QUANTITIES = st.decimals(min_value="0.01", max_value="60", places=2) | st.integers(1, 30).map(Decimal)
WHICH = st.integers(0, 1000)
OPEN = ("assigned", "confirmed", "waiting")
CLOSED = ("done", "cancel")


class Warehouse(RuleBasedStateMachine):
    """Receipts, deliveries, reservations, splits, returns, counts and scraps in any order."""

    database = None
    tally = None

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
        # Goods and demand to begin with, so that every step has something to act on from the first.
        for product in self.products:
            for place in self.places:
                receipt = stock.receipt((product, 20), location_dest_id=place.id)
                self.validate(receipt, True, 1)
            self.validate(stock.delivery((product, 5)), True, -1)
            stock.delivery((product, 12))
        on_hold = stock.delivery((self.products[0], 3)).move_ids
        on_hold._put_on_hold({on_hold: Decimal(3)})
        for product in self.products:
            self.procure(product, "pick_ship", Decimal(7))

    def pick(self, records, which):
        return records[which % len(records)]

    def transfers(self, *codes, states=OPEN):
        found = self.env["stock.picking"].search(
            [("picking_type_id.code", "in", codes), ("state", "in", states)], order="id"
        )
        return list(found)

    def ready(self, *codes):
        """The transfers with something reserved or entered, or all open ones where there are none."""
        found = self.transfers(*codes)
        return [picking for picking in found if any(picking.move_line_ids.mapped("quantity"))] or found

    def moves(self, *codes):
        """The open moves of the open transfers."""
        return [move for picking in self.transfers(*codes) for move in picking.move_ids if move.state not in CLOSED]

    def gone(self):
        """The deliveries that are done and did not come back."""
        done = self.transfers("outgoing", states=("done",))
        return [picking for picking in done if not picking.move_ids.returned_move_ids]

    def held(self):
        return list(self.env["stock.move"].search([("hold_date", "!=", False), ("state", "in", OPEN)], order="id"))

    def rows(self):
        return list(self.env["stock.quant"].search([("location_id.usage", "=", "internal")], order="id"))

    def stocked_rows(self):
        return [row for row in self.rows() if row.quantity > 0]

    def open_demand(self, product):
        """All that is still to be moved of a product."""
        moves = self.env["stock.move"].search([("product_id", "=", product.id), ("state", "not in", CLOSED)])
        return sum(moves.mapped("product_qty"))

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
        assert not picking.button_validate(answers={"backorder": {picking.id: keep}})
        for product_id, quantity in self.done_quantity(picking).items():
            self.expected[product_id] += sign * quantity

    def procure(self, product, steps, quantity):
        if self.stock.warehouse.delivery_steps != steps:
            self.stock.warehouse.delivery_steps = steps
        procurement = self.env["stock.rule"].Procurement
        values = {"warehouse_id": self.stock.warehouse}
        self.env["stock.rule"].run(
            [procurement(product, quantity, product.uom_id, self.stock.customers, "", "S", self.env.company, values)]
        )

    # ------------------------------------------------------------------ steps
    @rule(which=WHICH, place=WHICH, quantity=QUANTITIES, dozen=st.booleans())
    @counted()
    def receive(self, which, place, quantity, dozen):
        product = self.pick(self.products, which)
        unit = (self.stock.dozen,) if dozen else ()
        picking = self.stock.receipt((product, quantity, *unit), location_dest_id=self.pick(self.places, place).id)
        self.validate(picking, True, 1)

    @rule(
        which=WHICH, other=WHICH, quantity=QUANTITIES, dozen=st.booleans(), urgent=st.booleans(), together=st.booleans()
    )
    @counted()
    def order(self, which, other, quantity, dozen, urgent, together):
        demands = [(self.pick(self.products, which), quantity, *((self.stock.dozen,) if dozen else ()))]
        if other % 2:
            demands.append((self.pick(self.products, other), quantity))
        picking = self.stock.delivery(*demands, confirm=False, move_type="one" if together else "direct")
        picking.priority = "1" if urgent else "0"
        picking.action_confirm()

    @rule(which=WHICH, steps=st.sampled_from(["pick_ship", "pick_pack_ship", "ship_only"]), quantity=QUANTITIES)
    @counted()
    def order_through_rules(self, which, steps, quantity):
        self.procure(self.pick(self.products, which), steps, quantity)

    @precondition(lambda self: self.transfers("outgoing"))
    @rule(which=WHICH, keep=st.booleans())
    @counted(LotRequired, NotReady, NothingToMove)
    def ship(self, which, keep):
        self.validate(self.pick(self.ready("outgoing"), which), keep, -1)

    @precondition(lambda self: self.transfers("internal"))
    @rule(which=WHICH, keep=st.booleans())
    @counted(LotRequired, NothingToMove)
    def move_inside(self, which, keep):
        self.validate(self.pick(self.ready("internal"), which), keep, 0)

    @precondition(lambda self: self.moves("outgoing", "internal"))
    @rule(which=WHICH, part=QUANTITIES, picked=st.booleans())
    @counted()
    def type_quantity(self, which, part, picked):
        move = self.pick(self.moves("outgoing", "internal"), which)
        move.quantity = min(part, move.product_uom_qty)
        move.picked = picked

    @precondition(lambda self: self.transfers("outgoing", "internal"))
    @rule(which=WHICH)
    @counted()
    def unreserve(self, which):
        picking = self.pick(self.ready("outgoing", "internal"), which)
        before = picking.move_ids.mapped("quantity")
        picking.do_unreserve()
        return picking.move_ids.mapped("quantity") != before

    @precondition(lambda self: self.transfers("outgoing", "internal"))
    @rule(which=WHICH)
    @counted()
    def reserve(self, which):
        picking = self.pick(self.transfers("outgoing", "internal"), which)
        picking.do_unreserve()
        before = picking.move_ids.mapped("quantity")
        picking.action_assign()
        return picking.move_ids.mapped("quantity") != before

    @precondition(lambda self: self.moves("outgoing", "internal"))
    @rule(which=WHICH, part=QUANTITIES)
    @counted(CannotHold)
    def put_on_hold(self, which, part):
        move = self.pick(self.moves("outgoing", "internal"), which)
        before = self.open_demand(move.product_id)
        move._put_on_hold({move: min(part, move.product_qty)})
        assert self.open_demand(move.product_id) == before

    @precondition(lambda self: self.moves("outgoing", "internal"))
    @rule(which=WHICH, part=QUANTITIES, ask=st.booleans())
    @counted(CannotHold)
    def release(self, which, part, ask):
        if not self.held():
            move = self.pick(self.moves("outgoing", "internal"), which)
            move._put_on_hold({move: min(part, move.product_qty)})
        move = self.pick(self.held(), which)
        product = move.product_id
        before = self.open_demand(product)
        if ask:
            move.action_release()
        else:
            move._take_off_hold({move: part})
        assert self.open_demand(product) == before

    @precondition(lambda self: len(self.transfers("outgoing", "internal")) > 3)
    @rule(which=WHICH)
    @counted()
    def cancel(self, which):
        self.pick(self.transfers("outgoing", "internal"), which).action_cancel()

    @precondition(lambda self: self.moves("outgoing"))
    @rule(which=WHICH, part=QUANTITIES)
    @counted(NothingToMove)
    def split(self, which, part):
        move = self.pick(self.moves("outgoing"), which)
        move.quantity = min(part, round(move.product_uom_qty / 2, 2))
        move.picking_id.action_split_transfer()

    @precondition(lambda self: self.moves("outgoing"))
    @rule(which=WHICH, part=QUANTITIES)
    @counted()
    def split_move(self, which, part):
        move = self.pick(self.moves("outgoing"), which)
        before = move.product_qty
        part = min(part, round(before / 2, 2))
        if not part:
            return False
        new = move._split({move: part})
        assert move.product_qty + new.product_qty == before

    @precondition(lambda self: self.moves("outgoing"))
    @rule(which=WHICH, quantity=QUANTITIES)
    @counted()
    def change_demand(self, which, quantity):
        self.pick(self.moves("outgoing"), which).product_uom_qty = quantity

    @precondition(lambda self: self.gone())
    @rule(which=WHICH)
    @counted()
    def send_back(self, which):
        gone = self.pick(self.gone(), which)
        self.validate(gone.action_return().action_create_returns_all(), True, 1)

    @precondition(lambda self: self.rows())
    @rule(which=WHICH, found=QUANTITIES)
    @counted()
    def count(self, which, found):
        row = self.pick(self.rows(), which)
        self.expected[row.product_id.id] += found - row.quantity
        row.inventory_quantity = found
        assert row.action_apply_inventory() is None

    @precondition(lambda self: self.stocked_rows())
    @rule(which=WHICH, quantity=QUANTITIES, within=st.booleans())
    @counted(InsufficientStock)
    def scrap(self, which, quantity, within):
        row = self.pick(self.stocked_rows(), which)
        product = row.product_id
        if within:
            quantity = min(quantity, row.quantity)
        scrap = self.env["stock.scrap"].create(
            {
                "product_id": product.id, "scrap_qty": quantity, "lot_id": row.lot_id.id,
                "location_id": row.location_id.id,
            }
        )  # fmt: skip
        scrap.action_validate()
        self.expected[product.id] -= quantity

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
            todo = picking.move_ids.filtered(lambda move: move.state not in CLOSED)
            assert picking.on_hold == any(move.hold_date for move in todo)


@pytest.mark.slow
def test_stock_laws_hold_after_any_steps(db, chance, even_clock):
    machine = type("Machine", (Warehouse,), {"database": db, "tally": Tally()})
    run_state_machine_as_test(seeded(machine, chance), settings=run_settings(8, stateful_step_count=30))
    machine.tally.assert_acted(counted_steps(Warehouse), 0.6)

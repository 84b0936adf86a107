"""Random lives of orders: whatever happens in whatever order, the laws of stock hold and splits conserve."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.inventory.testing import assert_stock_laws, put_stock
from core.exceptions import UserError
from tests.addons.manufacturing.workshop import D, Workshop, bill, product
from tests.random_runs import Tally, run_settings, seeded

ADDONS = ["manufacturing"]

STEPS = (
    *("produce", "close", "split", "unreserve", "assign", "supply", "cancel", "new", "flush", "merge"),
    *("state", "change", "unbuild", "register"),
)
#: Of a warehouse whose components are transferred to the place of work first; there few orders hold anything.
STEPS_OF_TWO = (*(step for step in STEPS if step not in ("unreserve", "assign")), "transfer")


def lists_of(steps):
    """Lists of (step, number, amount)."""
    return st.lists(st.tuples(st.sampled_from(steps), st.integers(0, 5), st.integers(1, 9)), min_size=5, max_size=12)


class _RollBack(Exception):
    """Ends an example and takes it back."""


class Life:
    """Orders for tables of whole tops, legs by the dozen, and glue by weight, which leave offcuts; in one operation."""

    def __init__(self, env):
        self.env = env
        self.shop = Workshop(env, tops=12, legs=50)
        self.glue = product(env, "Glue", uom_id=env.ref("inventory.product_uom_kgm").id)
        put_stock(self.glue, "1.37")
        self.offcuts = product(env, "Offcuts", uom_id=env.ref("inventory.product_uom_gram").id)
        dozen, kilogram = env.ref("inventory.product_uom_dozen"), env.ref("inventory.product_uom_kgm")
        bench = env["mrp.workcenter"].create({"name": "Bench"})
        self.shop.bom.write(
            {
                "bom_line_ids": [
                    (1, self.shop.bom.bom_line_ids[1].id, {"product_qty": "0.34", "product_uom_id": dozen.id}),
                    (0, 0, {"product_id": self.glue.id, "product_qty": "0.0953"}),
                ],
                "byproduct_ids": [
                    (0, 0, {"product_id": self.offcuts.id, "product_qty": "0.33", "product_uom_id": kilogram.id})
                ],
                "operation_ids": [(0, 0, {"name": "Join", "workcenter_id": bench.id, "time_cycle_manual": 7})],
            }
        )
        self.unbuilt = D(0)
        self.orders = self.shop.order(7)
        self.demanded = D(7)
        self.glue_demand = self.glue_of(self.orders)

    def glue_of(self, orders) -> Decimal:
        """All the glue that the orders' components ask for, done or not."""
        moves = orders.move_raw_ids.filtered(lambda move: move.product_id == self.glue)
        return sum(moves.mapped("product_uom_qty"), D(0))

    def open(self, number):
        """One of the open orders."""
        found = self.orders.filtered(lambda order: order.state in ("confirmed", "progress", "to_close"))
        return found[number % len(found)] if found else found

    def done(self):
        """The orders that have produced something and are closed."""
        return self.orders.filtered(lambda order: order.state == "done" and order.qty_produced)

    def family(self):
        """Take in what splits have added."""
        self.orders |= self.orders.production_group_id.production_ids

    def do(self, step, number, amount):
        """Do a step; returns False when there was nothing to act on."""
        order = self.open(number)
        acted = True
        if step == "new":
            self.new(D(amount))
        elif step == "supply":
            put_stock((self.shop.top, self.shop.leg, self.glue)[number % 3], amount * 5)
        elif step == "unbuild":
            if order and not self.done():
                self.produce(order, D(amount))
            acted = self.unbuild(number, D(amount) / 2)
        elif step == "merge":
            self.merge(D(amount))
        else:
            acted = getattr(self, step)(order, D(amount) / 2) if order else False
        self.family()
        return acted

    def new(self, amount):
        new = self.shop.order(amount)
        self.orders |= new
        self.demanded += amount
        self.glue_demand += self.glue_of(new)

    def produce(self, order, amount):
        order.qty_producing = min(amount, order._remaining())
        order.button_mark_done({"backorder": {"*": True}, "consumption": {"*": True}, "transfer": self.choice(order)})

    def close(self, order, amount):
        order.qty_producing = min(amount, order._remaining())
        order.button_mark_done({"backorder": {"*": False}, "consumption": {"*": True}, "transfer": self.choice(order)})

    def split(self, order, amount):
        if amount >= order._remaining():
            return False
        order._split_productions({order: [amount]})
        return True

    def state(self, order, amount):
        order.qty_producing = min(amount, order._remaining())
        order.set_qty_producing()

    def change(self, order, amount):
        """Raised or lowered; what was demanded and the glue for it change with it."""
        wanted = order.qty_produced + amount
        self.demanded += wanted - order.product_qty
        self.glue_demand -= self.glue_of(order)
        order.product_qty = wanted
        self.glue_demand += self.glue_of(order)

    def register(self, order, amount):
        """On the shop floor."""
        work = order.workorder_ids.filtered(lambda work: work.state in ("ready", "progress"))
        if not work:
            return False
        work.qty_producing = min(amount, order._remaining())
        work.do_finish()
        return True

    def unbuild(self, number, amount):
        done = self.done()
        if not done:
            return False
        order = done[number % len(done)]
        gone = sum(order.unbuild_ids.filtered(lambda each: each.state == "done").mapped("product_qty"), D(0))
        part = min(amount, order.qty_produced - gone)
        if part <= 0:
            return False
        self.env["mrp.unbuild"].create({"mo_id": order.id, "product_qty": part}).action_validate()
        self.unbuilt += part
        return True

    def unreserve(self, order, _amount):
        before = order.move_raw_ids.mapped("quantity")
        order.do_unreserve()
        return order.move_raw_ids.mapped("quantity") != before

    def assign(self, order, _amount):
        if order.reservation_state == "assigned":
            order.do_unreserve()
        before = order.move_raw_ids.mapped("quantity")
        order.action_assign()
        return order.move_raw_ids.mapped("quantity") != before

    def cancel(self, order, _amount):
        order.action_cancel()

    def flush(self, order, amount):
        order.qty_producing = min(amount, order._remaining())
        order.action_back_flush({"consumption": {"*": True}, "transfer": self.choice(order)})

    def choice(self, order):
        """Make open transfers first, or not: by turns of the orders."""
        return ("make", "anyway")[order.id % 2]

    def transfer(self, order, amount):
        """A part of what an open transfer brings, or all of it."""
        moves = order.move_raw_ids.move_orig_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        if not moves:
            return False
        picking = moves[0].picking_id
        for move in picking.move_ids:
            move.quantity = (
                move.product_uom_qty
                if amount > 3
                else move.product_uom._compute_quantity(move.product_uom_qty / 2, move.product_uom)
            )
        picking.move_ids.picked = True
        picking.button_validate({"backorder": {"*": True}})
        return True

    def merge(self, amount):
        for _new in range(2 - len(self.alike())):
            self.new(amount)
        merged = self.alike().action_merge()
        self.demanded += merged.product_qty  # the old orders keep what they asked for
        self.orders |= merged

    def alike(self):
        """The orders of which nothing is produced."""
        return self.orders.filtered(lambda other: other.state == "confirmed" and not other.qty_produced)

    def in_grams(self, move):
        return move.product_uom._compute_quantity(move.quantity, self.offcuts.uom_id)

    def check(self):
        assert_stock_laws(self.env)
        assert sum(self.orders.mapped("product_qty"), D(0)) == self.demanded
        made = sum(self.orders.mapped("qty_produced"), D(0))
        self.env.invalidate_all()
        assert self.shop.table.qty_available == made - self.unbuilt
        came = self.orders.move_byproduct_ids.filtered(lambda move: move.state == "done")
        assert self.offcuts.qty_available == sum(map(self.in_grams, came), D(0))
        for order in self.orders:
            assert all(move.product_uom_qty >= 0 and move.quantity >= 0 for move in order.move_raw_ids)
            if order.state == "done":
                assert not order.move_raw_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        assert self.glue_of(self.orders) == self.glue_demand
        self.check_transfers()

    def check_transfers(self):
        """None is open that brings components for nothing."""
        transfers = self.env["stock.move"].search(
            [("picking_id", "!=", False), ("state", "not in", ("draft", "done", "cancel"))]
        )
        for move in transfers.filtered(lambda move: move.picking_id.picking_type_id.sequence_code == "PC"):
            assert move.move_dest_ids.filtered(lambda target: target.state not in ("done", "cancel")), (
                move.picking_id.name
            )


@pytest.mark.slow
@pytest.mark.parametrize(("warehouse_steps", "names"), [("mrp_one_step", STEPS), ("pbm", STEPS_OF_TWO)], ids=["1", "2"])
def test_stock_laws_hold_after_any_steps(env, chance, even_clock, warehouse_steps, names):
    env.ref("inventory.warehouse0").manufacture_steps = warehouse_steps
    tally = Tally()

    @run_settings(12)
    @given(lists_of(names))
    def live(steps):
        with suppress(_RollBack), env.savepoint():
            life = Life(env)
            life.check()
            for step, number, amount in steps:
                tally.attempt(step, life.do, step, number, amount)
                life.check()
            raise _RollBack

    seeded(live, chance)()
    tally.assert_acted(names, 0.6)


@pytest.mark.parametrize("tracking", ["none", "lot", "serial"])
@pytest.mark.parametrize("component", ["none", "lot", "serial"])
@pytest.mark.parametrize("steps_of_warehouse", ["mrp_one_step", "pbm", "pbm_sam"])
def test_every_kind_of_order_splits_and_finishes(env, tracking, component, steps_of_warehouse):
    """Partial production x tracking of the product x tracking of the component x steps: nothing is lost or doubled."""
    warehouse = env.ref("inventory.warehouse0")
    warehouse.manufacture_steps = steps_of_warehouse
    made, part = product(env, "Made", tracking=tracking), product(env, "Part", tracking=component)
    if component == "serial":
        names = [f"P{number}" for number in range(8)]
        for lot in env["stock.lot"].create([{"name": name, "product_id": part.id} for name in names]):
            put_stock(part, 1, lot=lot)
    elif component == "lot":
        put_stock(part, 8, lot=env["stock.lot"].create({"name": "P", "product_id": part.id}))
    else:
        put_stock(part, 8)
    bill(env, made, {part: 2})
    order = env["mrp.production"].create({"product_id": made.id, "product_qty": 4})
    order.action_confirm()
    if order.picking_ids:
        order.picking_ids.button_validate()
    assert order.reservation_state == "assigned"
    if tracking == "serial":
        dialog = order.button_mark_done()
        dialog.production_text = "S1\nS2\nS3"
        dialog.action_done()
    else:
        order.qty_producing = 3
        order.button_mark_done().action_backorder()
    family = order.production_group_id.production_ids
    rest = family.filtered(lambda each: each.state != "done")
    assert (rest.product_qty, rest.move_raw_ids.quantity, rest.reservation_state) == (1, 2, "assigned")
    rest.button_mark_done()
    family = order.production_group_id.production_ids
    assert sum(family.move_raw_ids.mapped("quantity")) == 8
    assert sum(family.mapped("qty_produced")) == 4
    env.invalidate_all()
    assert (made.qty_available, part.qty_available) == (4, 0)
    assert_stock_laws(env)


def test_a_serial_component_cannot_go_into_two_units(env):
    part, made = product(env, "Part", tracking="serial"), product(env, "Made", tracking="serial")
    put_stock(part, 1, lot=env["stock.lot"].create({"name": "ONLY", "product_id": part.id}))
    bill(env, made, {part: 1})
    orders = env["mrp.production"].create([{"product_id": made.id, "product_qty": 1}] * 2)
    orders.action_confirm()
    orders[0].button_mark_done()
    with pytest.raises(UserError, match="Part"):
        orders[1].button_mark_done()

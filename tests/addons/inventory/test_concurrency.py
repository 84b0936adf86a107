"""Several processes on one database: nothing is oversold, nothing is done twice, and a killed one leaves no trace."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from addons.inventory.exceptions import AlreadyDone, LedgerClosed, NothingToMove
from addons.inventory.testing import assert_stock_laws, put_stock
from core.exceptions import UserError
from tests.addons.inventory.delivery_worker import ship
from tests.overlap import overtake, together
from tests.random_runs import Tally
from tests.workers import worker_process

ADDONS = ["inventory"]
pytestmark = pytest.mark.both_dialects("locking")


def prepare(db, on_hand):
    def work(env):
        product = env["product.product"].create({"name": "Last Units", "is_storable": True})
        if on_hand:
            put_stock(product, on_hand)
        return product.id

    return db.run(work)


def shipping_worker(db, product_id, count):
    """A process that is about to ship `count` units one by one."""
    return worker_process(ship, db.url, product_id, count)


def go(*workers):
    """Have all processes begin at the same time, when the last one has started."""
    for worker in workers:
        assert worker.receive() == "ready"
    for worker in workers:
        worker.send("go")


def left(db, product_id):
    def read(env):
        assert_stock_laws(env)
        product = env["product.product"].browse(product_id)
        done = env["stock.picking"].search_count([("state", "=", "done")])
        return product.qty_available, done

    return db.run(read)


@pytest.mark.slow
def test_eight_workers_never_oversell(db):
    product_id = prepare(db, 125)
    with ExitStack() as stack:
        workers = [stack.enter_context(shipping_worker(db, product_id, 25)) for _n in range(8)]
        go(*workers)
        messages = [message for worker in workers for message in worker.drain()]
    assert (messages.count("delivered"), messages.count("waiting")) == (125, 75)
    assert left(db, product_id) == (0, 125)


@pytest.mark.slow
def test_killed_workers_leave_the_laws_intact(db, chance):
    product_id = prepare(db, 1000)
    shipped = 0
    for _kill in range(6):
        with shipping_worker(db, product_id, 1000) as worker:
            go(worker)
            for _order in range(chance.randint(1, 8)):
                assert worker.receive() == "delivered"
                shipped += 1
            # In the middle of one of the next transactions.
            time.sleep(chance.uniform(0, 0.05))
            worker.kill()
            shipped += worker.drain().count("delivered")
            assert worker.was_killed
        on_hand, done = left(db, product_id)
        assert on_hand + done == 1000
        # What was reported is there; a delivery may have been committed and not reported yet.
        assert shipped <= done <= shipped + 1
        shipped = done


def delivery(db, product_id, quantity):
    """A confirmed delivery; its id."""

    def work(env):
        picking = env["stock.picking"].create({"picking_type_id": env.ref("inventory.picking_type_out").id})
        env["stock.move"].create({"picking_id": picking.id, "product_id": product_id, "product_uom_qty": quantity})
        picking.action_confirm()
        return picking.id

    return db.run(work)


def test_transfer_is_validated_once_by_overlapping_transactions(db, dialect):
    product_id = prepare(db, 5)
    picking_id = delivery(db, product_id, 5)

    def read(env):
        picking = env["stock.picking"].browse(picking_id)
        return picking.state, picking.move_line_ids.mapped("quantity")

    def validate(env):
        env["stock.picking"].browse(picking_id).button_validate()

    results = together(db, *[validate] * 4, before=read)
    assert results.count(None) == 1
    # PostgreSQL: the state is Ready when they begin and Done when they hold the lock. SQLite: it is Done when it is
    # their turn, and the method is not for that state.
    refusal = AlreadyDone if dialect == "postgresql" else UserError
    assert [type(result) for result in results if result is not None] == [refusal] * 3
    assert left(db, product_id) == (0, 1)


def test_first_stock_of_a_product_arrives_in_overlapping_transactions(db):
    product_id = prepare(db, 0)

    def receive(env):
        picking = env["stock.picking"].create({"picking_type_id": env.ref("inventory.picking_type_in").id})
        env["stock.move"].create({"picking_id": picking.id, "product_id": product_id, "product_uom_qty": 3})
        picking.action_confirm()
        picking.button_validate()

    def read(env):
        return env["product.product"].browse(product_id).qty_available

    assert together(db, *[receive] * 6, before=read) == [None] * 6
    assert left(db, product_id) == (18, 6)


def test_demand_is_reserved_once_by_overlapping_transactions(db):
    product_id = prepare(db, 20)

    def order(env):
        env.ref("inventory.picking_type_out").reservation_method = "manual"
        pickings = env["stock.picking"].create([{"picking_type_id": env.ref("inventory.picking_type_out").id}] * 2)
        env["stock.move"].create(
            [{"picking_id": picking.id, "product_id": product_id, "product_uom_qty": 5} for picking in pickings]
        )
        pickings.action_confirm()
        return pickings.ids

    ids = db.run(order)

    def read(env):
        return [(move.state, move.quantity) for move in env["stock.picking"].browse(ids).move_ids]

    def reserve(env):
        env["stock.picking"].browse(ids).action_assign()

    assert together(db, reserve, reserve, before=read) == [None, None]

    def reserved(env):
        assert_stock_laws(env)
        return env["stock.picking"].browse(ids).move_line_ids.mapped("quantity")

    assert db.run(reserved) == [5, 5]


def test_products_confirmed_in_opposite_order_are_a_deadlock_that_is_retried(db, dialect):
    products = prepare(db, 3), prepare(db, 3)
    attempts = []

    def confirm(product_id):
        def work(env):
            attempts.append(product_id)
            picking = env["stock.picking"].create({"picking_type_id": env.ref("inventory.picking_type_out").id})
            env["stock.move"].create({"picking_id": picking.id, "product_id": product_id, "product_uom_qty": 1})
            picking.action_confirm()
            env.flush_all()

        return work

    first, second = map(confirm, products)
    for _round in range(2):
        assert together(db, second, first, before=[first, second]) == [None, None]
    if dialect == "postgresql":
        assert len(attempts) > 8, "nothing was done again, so there was no deadlock"

    def read(env):
        assert_stock_laws(env)
        moves = env["stock.move"].search([("product_id", "in", products), ("picking_id", "!=", False)])
        return sorted(moves.mapped("state")), set(env["product.product"].browse(products).mapped("free_qty"))

    assert db.run(read) == (["assigned"] * 6 + ["confirmed"] * 2, {0})


# ---------------------------------------------------------------------------- read before the lock, changed meanwhile
def everything(picking_id):
    """Read all that an action on a transfer could have read before another transaction validates it."""

    def read(env):
        picking = env["stock.picking"].browse(picking_id)
        moves = picking.move_ids
        moves.mapped("returned_move_ids.state")
        env["stock.quant"].search([("product_id", "in", moves.product_id.ids)]).mapped("quantity")
        return picking.state, moves.mapped("state"), picking.move_line_ids.mapped("location_dest_id.usage")

    return read


def validating(picking_id):
    def validate(env):
        env["stock.picking"].browse(picking_id).button_validate()

    return validate


def pick_part(db, picking_id):
    def pick(env):
        env["stock.picking"].browse(picking_id).move_ids.write({"quantity": 3, "picked": True})

    db.run(pick)


def test_transfer_that_was_validated_meanwhile_is_not_split(db):
    picking_id = delivery(db, prepare(db, 5), 5)
    pick_part(db, picking_id)

    def validate(env):
        env["stock.picking"].browse(picking_id).button_validate(answers={"backorder": {"*": True}})

    def split(env):
        env["stock.picking"].browse(picking_id).action_split_transfer()

    assert isinstance(overtake(db, everything(picking_id), split, validate), UserError)

    def check(env):
        assert_stock_laws(env)
        picking = env["stock.picking"].browse(picking_id)
        assert [(move.state, move.quantity) for move in picking.move_ids] == [("done", 3)]
        assert [(move.state, move.quantity) for move in picking.backorder_ids.move_ids] == [("assigned", 2)]

    db.run(check)


@pytest.mark.parametrize(
    "change",
    [
        lambda env, picking: picking.move_ids.write({"product_uom_qty": 2}),
        lambda env, picking: picking.move_ids.write({"quantity": 2}),
        lambda env, picking: picking.move_ids.write({"picked": False}),
        lambda env, picking: picking.write({"location_dest_id": env.ref("inventory.stock_location_suppliers").id}),
        lambda env, picking: picking.action_put_in_pack(),
    ],
    ids=["demand", "quantity", "picked", "destination", "package"],
)
def test_transfer_that_was_validated_meanwhile_keeps_its_history(db, change):
    picking_id = delivery(db, prepare(db, 5), 5)

    def work(env):
        change(env, env["stock.picking"].browse(picking_id))

    assert isinstance(overtake(db, everything(picking_id), work, validating(picking_id)), UserError)

    def check(env):
        assert_stock_laws(env)
        picking = env["stock.picking"].browse(picking_id)
        move, line = picking.move_ids, picking.move_line_ids
        assert (picking.state, move.state, move.product_uom_qty, move.quantity) == ("done", "done", 5, 5)
        assert picking.location_dest_id.usage == line.location_dest_id.usage == "customer"
        assert not line.result_package_id

    db.run(check)


def test_goods_are_returned_once_by_two_users(db):
    picking_id = delivery(db, prepare(db, 5), 5)
    db.run(validating(picking_id))

    def send_back(env):
        wizard = env["stock.return.picking"].create({"picking_id": picking_id})
        wizard.product_return_moves.quantity = 4
        wizard.action_create_returns()

    refusal = overtake(db, everything(picking_id), send_back, send_back)
    assert refusal.code == "inventory.return_quantity"

    def check(env):
        assert env["stock.picking"].browse(picking_id).return_ids.move_ids.mapped("product_uom_qty") == [4]

    db.run(check)


def counted(db, product_id, quantity):
    """Count the stock of a product; the id of its row."""

    def count(env):
        row = env["stock.quant"].search([("product_id", "=", product_id), ("location_id.usage", "=", "internal")])
        row.inventory_quantity = quantity
        return row.id

    return db.run(count)


def reading_count(row_id):
    def read(env):
        row = env["stock.quant"].browse(row_id)
        return row.quantity, row.inventory_quantity_set, row.is_outdated

    return read


def test_counted_quantity_holds_although_goods_are_shipped_meanwhile(db):
    product_id = prepare(db, 10)
    picking_id = delivery(db, product_id, 4)
    row_id = counted(db, product_id, 12)

    def apply(env):
        env["stock.quant"].browse(row_id)._apply_inventory()

    assert overtake(db, reading_count(row_id), apply, validating(picking_id)) is None
    assert left(db, product_id) == (12, 1)


def test_count_with_a_reason_is_asked_about_where_goods_are_shipped_meanwhile(db):
    product_id = prepare(db, 10)
    picking_id = delivery(db, product_id, 4)
    row_id = counted(db, product_id, 12)

    def apply(env):
        name = env["stock.inventory.adjustment.name"]
        return name.create({"quant_ids": [(6, 0, [row_id])], "inventory_adjustment_name": "Year end"}).action_apply()

    assert overtake(db, reading_count(row_id), apply, validating(picking_id))._name == "stock.inventory.conflict"
    assert left(db, product_id) == (6, 1)


def test_count_is_applied_once_by_two_users(db):
    product_id = prepare(db, 10)
    row_id = counted(db, product_id, 12)

    def apply(env):
        return env["stock.quant"].browse(row_id).action_apply_inventory()

    assert overtake(db, reading_count(row_id), apply, apply).code == "inventory.nothing_counted"
    assert left(db, product_id) == (12, 0)


class Hand:
    """Somebody who does what comes to mind to transfers and stock, whatever the others are doing."""

    def __init__(self, chance, products, tally):
        self.chance = chance
        self.products = products
        self.tally = tally

    def some(self, env, most=3):
        found = env["stock.picking"].search([("state", "not in", ("done", "cancel"))], limit=30).ids
        return env["stock.picking"].browse(self.chance.sample(found, min(len(found), self.chance.randint(1, most))))

    def order(self, env):
        kind = env.ref(f"inventory.picking_type_{self.chance.choice(['out', 'out', 'in'])}")
        picking = env["stock.picking"].create({"picking_type_id": kind.id, "priority": self.chance.choice("01")})
        chosen = self.chance.sample(self.products, 2)
        env["stock.move"].create(
            [
                {"picking_id": picking.id, "product_id": id_, "product_uom_qty": self.chance.randint(1, 6)}
                for id_ in chosen
            ]
        )
        picking.action_confirm()

    def reserve(self, env):
        pickings = self.some(env)
        pickings.action_assign()
        return bool(pickings)

    def unreserve(self, env):
        pickings = self.some(env)
        pickings.do_unreserve()
        return bool(pickings)

    def cancel(self, env):
        pickings = self.some(env, 1)
        pickings.action_cancel()
        return bool(pickings)

    def validate(self, env):
        pickings = self.some(env)
        pickings.button_validate(answers={"backorder": {"*": self.chance.random() < 0.7}})
        return bool(pickings.filtered(lambda picking: picking.state == "done"))

    def type(self, env):
        moves = self.some(env, 1).move_ids
        for move in moves:
            move.quantity = self.chance.randint(0, 4)
        return bool(moves)

    def count(self, env):
        rows = env["stock.quant"].search([("product_id", "in", self.products), ("location_id.usage", "=", "internal")])
        row = rows.browse(self.chance.choice(rows.ids))
        row.inventory_quantity = self.chance.randint(0, 30)
        row.action_apply_inventory()

    def work(self, db, steps):
        for _step in range(steps):
            name = self.chance.choice(STEPS)
            state = self.chance.getstate()

            def once(env, name=name, state=state):
                self.chance.setstate(state)  # a unit of work that is done again decides the same
                return getattr(self, name)(env)

            refusals = {*REFUSALS.get(name, ()), *(OVERTAKEN if db.engine.dialect.name == "postgresql" else ())}
            self.tally.attempt(name, db.run, once, refusals=refusals)


STEPS = ("order", "order", "reserve", "unreserve", "cancel", "validate", "validate", "type", "count")
#: Why a step may be refused: nothing to do it with, or others were quicker.
REFUSALS = {
    "reserve": [NothingToMove],
    "validate": [NothingToMove, AlreadyDone],
    "cancel": [LedgerClosed],
    "type": [LedgerClosed],
}
#: What was open when it was searched may be closed when it is locked. On SQLite one transaction writes at a time.
OVERTAKEN = {"wrong_state"}


@pytest.mark.slow
def test_random_concurrent_steps_leave_the_laws_intact(db, chance):
    products = [prepare(db, 20) for _n in range(4)]
    hands = [Hand(random.Random(chance.random()), products, Tally()) for _hand in range(4)]
    for hand in hands:
        for _transfer in range(5):  # enough for every kind of step, in whatever order the hands come to it
            db.run(hand.order)
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(hand.work, db, 25) for hand in hands]:
            done.result()
    db.run(assert_stock_laws)
    sum((hand.tally for hand in hands), Tally()).assert_acted(STEPS, 0.4)

"""Several processes on one database: nothing is oversold, nothing is done twice, and a killed one leaves no trace."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from addons.inventory.testing import assert_stock_laws, put_stock
from core.api import hookimpl
from core.exceptions import ConcurrencyError, UserError

ADDONS = ["inventory"]
pytestmark = pytest.mark.both_dialects("locking")
WORKER = Path(__file__).with_name("delivery_worker.py")
ROOT = Path(__file__).parents[3]


def prepare(db, on_hand):
    def work(env):
        product = env["product.product"].create({"name": "Last Units", "is_storable": True})
        if on_hand:
            put_stock(product, on_hand)
        return product.id

    return db.run(work)


def start(db, product_id, count):
    return subprocess.Popen(
        [sys.executable, str(WORKER), db.url, str(product_id), str(count)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "PYTHONWARNINGS": "ignore"},
    )


def left(db, product_id):
    def read(env):
        assert_stock_laws(env)
        product = env["product.product"].browse(product_id)
        done = env["stock.picking"].search_count([("state", "=", "done")])
        return product.qty_available, done

    return db.run(read)


@pytest.mark.slow
def test_eight_workers_never_oversell(db):
    product_id = prepare(db, 250)
    workers = [start(db, product_id, 50) for _n in range(8)]
    results = [worker.communicate(timeout=600) for worker in workers]
    errors = [error for (_output, error), worker in zip(results, workers) if worker.returncode]
    assert not errors, errors[0]
    lines = [line for output, _error in results for line in output.split()]
    assert (lines.count("delivered"), lines.count("waiting")) == (250, 150)
    assert left(db, product_id) == (0, 250)


@pytest.mark.slow
def test_killed_workers_leave_the_laws_intact(db):
    product_id = prepare(db, 1000)
    chance = random.Random(7)
    for _kill in range(10):
        worker = start(db, product_id, 1000)
        worker.stdout.readline()  # it is at work
        time.sleep(chance.uniform(0, 0.2))
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        on_hand, done = left(db, product_id)
        assert on_hand + done == 1000


def test_two_connections_validate_once(db):
    product_id = prepare(db, 5)

    def order(env):
        picking = env["stock.picking"].create({"picking_type_id": env.ref("inventory.picking_type_out").id})
        env["stock.move"].create({"picking_id": picking.id, "product_id": product_id, "product_uom_qty": 5})
        picking.action_confirm()
        return picking.id

    picking_id = db.run(order)
    db.run(lambda env: env["stock.picking"].browse(picking_id).button_validate() and None)
    with pytest.raises(UserError, match="WH/OUT/"):
        db.run(lambda env: env["stock.picking"].browse(picking_id).button_validate() and None)
    assert left(db, product_id) == (0, 1)


def together(*works):
    """Run the works at the same time, each in a thread and a transaction of its own; results and errors in order."""
    barrier = threading.Barrier(len(works))

    def begin(work):
        barrier.wait()
        try:
            return work()
        except UserError as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


def test_validated_at_the_same_moment(db):
    product_id = prepare(db, 5)

    def order(env):
        picking = env["stock.picking"].create({"picking_type_id": env.ref("inventory.picking_type_out").id})
        env["stock.move"].create({"picking_id": picking.id, "product_id": product_id, "product_uom_qty": 5})
        picking.action_confirm()
        return picking.id

    picking_id = db.run(order)

    def validate():
        return db.run(lambda env: env["stock.picking"].browse(picking_id).button_validate() and None)

    results = together(*[validate] * 4)
    refused = [result for result in results if isinstance(result, UserError)]
    assert len(refused) == 3 and all("WH/OUT/" in error.message for error in refused)
    assert left(db, product_id) == (0, 1)


def test_the_first_stock_of_a_product_arrives_several_times_at_once(db):
    product_id = prepare(db, 0)

    def receive():
        def work(env):
            picking = env["stock.picking"].create({"picking_type_id": env.ref("inventory.picking_type_in").id})
            env["stock.move"].create({"picking_id": picking.id, "product_id": product_id, "product_uom_qty": 3})
            picking.action_confirm()
            picking.button_validate()

        return db.run(work)

    assert together(*[receive] * 6) == [None] * 6
    assert left(db, product_id) == (18, 6)


class SlowRank:
    """An addon that takes its time to rank demand, so that both transactions have read the moves by then."""

    @staticmethod
    @hookimpl(tryfirst=True)
    def rank_demand(env, moves):
        time.sleep(0.3)


def test_one_demand_is_not_reserved_twice_by_two_who_check_at_the_same_moment(db):
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
    with db.hooks.extended("guest", SlowRank):
        together(*[lambda: db.run(lambda env: env["stock.picking"].browse(ids).action_assign() and None)] * 2)

    def reserved(env):
        assert_stock_laws(env)
        return env["stock.picking"].browse(ids).move_line_ids.mapped("quantity")

    assert db.run(reserved) == [5, 5]


def test_two_who_confirm_the_same_products_in_opposite_order_both_get_through(db):
    products = prepare(db, 6), prepare(db, 6)

    def confirm(order):
        def work(env):
            for product_id in order:
                picking = env["stock.picking"].create({"picking_type_id": env.ref("inventory.picking_type_out").id})
                env["stock.move"].create({"picking_id": picking.id, "product_id": product_id, "product_uom_qty": 1})
                picking.action_confirm()
                env.flush_all()

        for _n in range(5):
            db.run(work)

    assert together(lambda: confirm(products), lambda: confirm(products[::-1])) == [None, None]

    def read(env):
        assert_stock_laws(env)
        moves = env["stock.move"].search([("product_id", "in", products), ("picking_id", "!=", False)])
        return sorted(moves.mapped("state")), set(env["product.product"].browse(products).mapped("free_qty"))

    assert db.run(read) == (["assigned"] * 12 + ["confirmed"] * 8, {0})


class Hand:
    """Somebody who does what comes to mind to transfers and stock, whatever the others are doing."""

    def __init__(self, seed, products):
        self.chance = random.Random(seed)
        self.products = products

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
        self.some(env).action_assign()

    def unreserve(self, env):
        self.some(env).do_unreserve()

    def cancel(self, env):
        self.some(env, 1).action_cancel()

    def validate(self, env):
        self.some(env).button_validate(answers={"backorder": {"*": self.chance.random() < 0.7}})

    def type(self, env):
        for move in self.some(env, 1).move_ids:
            move.quantity = self.chance.randint(0, 4)

    def count(self, env):
        rows = env["stock.quant"].search([("product_id", "in", self.products), ("location_id.usage", "=", "internal")])
        row = rows.browse(self.chance.choice(rows.ids))
        row.inventory_quantity = self.chance.randint(0, 30)
        row.action_apply_inventory()

    def work(self, db, steps):
        names = ("order", "order", "reserve", "unreserve", "cancel", "validate", "validate", "type", "count")
        for _step in range(steps):
            name, state = self.chance.choice(names), self.chance.getstate()

            def once(env, name=name, state=state):
                self.chance.setstate(state)  # a unit of work that is done again decides the same
                getattr(self, name)(env)

            try:
                db.run(once)
            except ConcurrencyError:
                raise
            except UserError:
                pass  # refused in words: nothing to move, done by somebody else


@pytest.mark.slow
def test_many_hands_at_random_leave_the_laws_intact(db):
    products = [prepare(db, 20) for _n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(Hand(seed, products).work, db, 25) for seed in range(4)]:
            done.result()
    db.run(assert_stock_laws)

"""The stock laws on a broken database: everything broken is named, and repaired only when asked."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa
from click.testing import CliRunner

from addons.inventory.commands import doctor as command
from addons.inventory.services import doctor
from addons.inventory.testing import assert_stock_laws, put_stock
from tests.addons.inventory.playground import Stock

ADDONS = ["inventory"]


def break_it(env):
    """Damage the figures behind the back of the ORM, as a bug or a person with SQL would."""
    stock = Stock(env)
    stock.stock.allow_negative_stock = False
    stock.out.create_backorder = "always"
    lost, reserved, owed = stock.product("Lost", 10), stock.product("Reserved", 10), stock.product("Owed", 10)
    stock.delivery((reserved, 8))
    picking = stock.delivery((owed, 15))
    picking.button_validate()
    env.flush_all()
    quant, backorder, move = (env.registry.table(name) for name in ("stock.quant", "stock.backorder", "stock.move"))
    for product, quantity in ((lost, 7), (reserved, 3)):
        env.execute(sa.update(quant).where(quant.c.product_id == product.id).values(quantity=Decimal(quantity)))
    env.execute(sa.update(backorder).values(quantity_owed=Decimal(99)))
    waiting = picking.backorder_ids.move_ids
    env.execute(sa.update(move).where(move.c.id == waiting.id).values(state="assigned"))
    env.invalidate_all()


def test_everything_broken_is_named_and_repaired(env):
    assert doctor.check_laws(env) == []
    break_it(env)
    problems = doctor.check_laws(env)
    texts = "\n".join(f"{problem.law}: {problem.text}" for problem in problems)
    assert "1: Lost / WH/Stock: 7 on hand, but the movements add up to 10" in texts
    assert "1: Reserved / WH/Stock: 3 on hand, but the movements add up to 10" in texts
    assert "2: Reserved / WH/Stock: 8 reserved of 3 on hand" in texts
    assert "owes 99, its moves 5" in texts
    assert "is assigned, its lines make it confirmed" in texts
    assert len(problems) == 5
    assert doctor.check_laws(env) == problems  # looking changes nothing
    doctor.repair(env, problems)
    assert_stock_laws(env)


def test_command(db):
    class Session:
        def open(self):
            return db

    def run(*arguments, answer=None):
        return CliRunner().invoke(command, arguments, obj=Session(), input=answer)

    assert run().exit_code == 0
    db.run(break_it)
    found = run()
    assert found.exit_code == 1
    assert "law 1: Lost / WH/Stock" in found.output and "Nothing was changed" in found.output
    declined = run("--repair", answer="n\n")
    assert declined.exit_code == 1 and "set the quantity on hand to 10" in declined.output
    assert run().exit_code == 1
    repaired = run("--repair", "--yes")
    assert repaired.exit_code == 0 and "Repaired: all laws hold." in repaired.output
    assert run().exit_code == 0


def test_laws_in_a_healthy_life(stock):
    product = stock.product(on_hand=3)
    put_stock(product, 8)
    stock.delivery((product, 5)).button_validate()
    stock.laws()


def test_entries_and_moves_that_contradict_themselves_are_named_and_repaired(env):
    stock = Stock(env)
    stock.out.create_backorder = "always"
    short = stock.delivery((stock.product("Case", 4), 10))
    short.button_validate()
    entry = short.backorder_ids.move_ids.shortfall_id
    held = stock.delivery((stock.product("Tray", 9), 5))
    env.flush_all()
    for damage, words in (
        (f"UPDATE stock_backorder SET state = 'done' WHERE id = {entry.id}", "is done and owes 6"),
        (f"UPDATE stock_backorder SET quantity_done = quantity WHERE id = {entry.id}", "cancelled make 12"),
        (f"UPDATE stock_move SET quantity = 0 WHERE picking_id = {held.id}", "says 0, its lines say 5"),
    ):
        env.cr.execute(damage)
        env.invalidate_all()
        problems = doctor.check_laws(env)
        assert [words in problem.text for problem in problems] == [True]
        doctor.repair(env, problems)
        env.invalidate_all()
        assert_stock_laws(env)


def test_a_demand_on_backorder_that_is_changed_is_owed_as_changed(stock):
    stock.out.create_backorder = "always"
    delivery = stock.delivery((stock.product("Case", 4), 10))
    delivery.button_validate()
    rest = delivery.backorder_ids.move_ids
    entry = rest.shortfall_id
    rest.product_uom_qty = 8
    assert (entry.quantity, entry.quantity_owed) == (8, 8)
    rest.product_uom_qty = 3
    assert (entry.quantity_owed, entry.quantity_cancelled, entry.state) == (3, 5, "open")
    assert entry.event_ids.mapped("kind") == ["opened", "raised", "cancelled"]

"""The stock laws on a broken database: everything broken is named, and repaired only when asked."""

from __future__ import annotations

from decimal import Decimal

import pytest
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


@pytest.mark.both_dialects("sql")
def test_everything_broken_is_named_and_repaired(env, messages):
    assert doctor.check_laws(env) == []
    break_it(env)
    problems = doctor.check_laws(env)
    texts = "\n".join(f"{problem.law}: {problem.text}" for problem in problems)
    messages.check(texts)
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


def test_entries_and_moves_that_contradict_themselves_are_named_and_repaired(env, messages):
    stock = Stock(env)
    stock.out.create_backorder = "always"
    short = stock.delivery((stock.product("Case", 4), 10))
    short.button_validate()
    entry = short.backorder_ids.move_ids.shortfall_id
    held = stock.delivery((stock.product("Tray", 9), 5))
    env.flush_all()
    for damage in (
        f"UPDATE stock_backorder SET state = 'done' WHERE id = {entry.id}",
        f"UPDATE stock_backorder SET quantity_done = quantity WHERE id = {entry.id}",
        f"UPDATE stock_move SET quantity = 0 WHERE picking_id = {held.id}",
    ):
        env.cr.execute(damage)
        env.invalidate_all()
        problems = doctor.check_laws(env)
        (problem,) = problems
        messages.check(problem.text)
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


class Damaged:
    """A delivery of 10 of which 4 went (the rest is on backorder), one that holds 5 of 9, and ways to damage them."""

    def __init__(self, env):
        stock = Stock(env)
        stock.stock.allow_negative_stock = False
        stock.out.create_backorder = "always"
        self.env = env
        self.gone = stock.delivery((stock.product("Case", 4), 10))
        self.gone.button_validate()
        self.rest = self.gone.backorder_ids.move_ids
        self.held = stock.delivery((stock.product("Tray", 9), 5))
        self.row = self.held.move_ids.product_id.stock_quant_ids.filtered(lambda row: row.location_id == stock.stock)

    def damage(self, records, **values):
        """Change stored values behind the back of the ORM."""
        table = self.env.registry.table(records._name)
        self.env.flush_all()
        self.env.execute(sa.update(table).where(table.c.id.in_(records.ids)).values(**values))
        self.env.invalidate_all()

    def damage_unchecked(self, records, **values):
        """The same in a database that has lost the table's constraints, as one that was put together by hand."""
        cr = self.env.cr
        self.env.flush_all()
        if cr.dialect == "sqlite":
            cr.execute("PRAGMA ignore_check_constraints = ON")
            self.damage(records, **values)
            cr.execute("PRAGMA ignore_check_constraints = OFF")
            return
        table = self.env.registry.table(records._name)
        cr.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for constraint in table.constraints:
            if isinstance(constraint, sa.CheckConstraint) and "not_negative" in str(constraint.name):
                cr.execute(f"ALTER TABLE {table.name} DROP CONSTRAINT {constraint.name}")
        self.damage(records, **values)

    def lose(self, record):
        """Delete a row behind the back of the ORM."""
        table = self.env.registry.table(record._name)
        self.env.flush_all()
        self.env.execute(sa.delete(table).where(table.c.id == record.id))
        self.env.invalidate_all()


DAMAGE = {
    "other quantity": (1, lambda d: d.damage(d.row, quantity=Decimal(7))),
    "row lost": (1, lambda d: d.lose(d.row)),
    "less than reserved": (2, lambda d: d.damage(d.row, quantity=Decimal(2))),
    "more reserved": (
        2,
        lambda d: d.damage(d.held.move_line_ids, quantity_product_uom=Decimal(20), quantity=Decimal(20)),
    ),
    "negative line": (
        2,
        lambda d: d.damage_unchecked(d.held.move_line_ids, quantity_product_uom=Decimal(-2), quantity=Decimal(-2)),
    ),
    "closed move reserves": (2, lambda d: d.damage(d.held.move_ids, state="cancel")),
    "other than its lines": (3, lambda d: d.damage(d.held.move_ids, quantity=Decimal(1))),
    "negative demand": (3, lambda d: d.damage_unchecked(d.held.move_ids, product_uom_qty=Decimal(-5))),
    "move state": (3, lambda d: d.damage(d.held.move_ids, state="confirmed")),
    "transfer done": (3, lambda d: d.damage(d.held, state="done")),
    "transfer waiting": (3, lambda d: d.damage(d.gone, state="waiting")),
    "owed": (3, lambda d: d.damage(d.rest.shortfall_id, quantity_owed=Decimal(9))),
    "backorder quantity": (3, lambda d: d.damage(d.rest.shortfall_id, quantity=Decimal(50))),
    "backorder cancelled": (3, lambda d: d.damage(d.rest.shortfall_id, state="cancel")),
    "backorder move state": (3, lambda d: d.damage(d.rest, state="assigned")),
}


@pytest.mark.both_dialects("sql")
@pytest.mark.parametrize("damage", DAMAGE)
def test_every_kind_of_damage_is_named_and_repaired(env, damage, messages):
    law, how = DAMAGE[damage]
    damaged = Damaged(env)
    assert_stock_laws(env)
    how(damaged)
    problems = doctor.check_laws(env)
    assert law in {problem.law for problem in problems}
    messages.check("\n".join(f"{problem.law}: {problem.text}" for problem in problems))
    env.invalidate_all()
    doctor.repair(env, problems)
    env.flush_all()
    env.invalidate_all()
    assert_stock_laws(env)

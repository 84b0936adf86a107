"""The stock laws on a broken database: everything broken is named, and repaired only when asked."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
import sqlalchemy as sa

from addons.inventory.services import doctor
from addons.inventory.testing import assert_stock_laws, put_stock
from core.doctor import carry_out
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


def listing(problems) -> str:
    """What is wrong and what a repair does, without ids: these depend on what was made in the database before."""
    lines = [f"{problem.check}: {problem.text}\n  {problem.repair}" for problem in problems]
    return re.sub(r"\b(Transfer|Backorder) \d+ \(", r"\1 (", "\n".join(lines))


@pytest.mark.both_dialects("sql")
def test_everything_broken_is_named_and_repaired(env, messages):
    assert doctor.check_laws(env) == []
    break_it(env)
    problems = doctor.check_laws(env)
    messages.check(listing(problems))
    assert len(problems) == 6
    assert doctor.check_laws(env) == problems  # looking changes nothing
    carry_out(env, doctor.checks())
    assert_stock_laws(env)


def test_laws_in_a_healthy_life(stock):
    product = stock.product(on_hand=3)
    put_stock(product, 8)
    stock.delivery((product, 5)).button_validate()
    stock.laws()


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


DAMAGE = {
    "negative line": lambda d: d.damage_unchecked(
        d.held.move_line_ids, quantity_product_uom=Decimal(-2), quantity=Decimal(-2)
    ),
    "negative demand": lambda d: d.damage_unchecked(d.held.move_ids, product_uom_qty=Decimal(-5)),
    "less than reserved": lambda d: d.damage(d.row, quantity=Decimal(2)),
    "transfer waiting": lambda d: d.damage(d.gone, state="waiting"),
    "backorder cancelled": lambda d: d.damage(d.rest.shortfall_id, state="cancel"),
    "backorder move state": lambda d: d.damage(d.rest, state="assigned"),
}


@pytest.mark.both_dialects("sql")
@pytest.mark.parametrize("damage", DAMAGE)
def test_what_no_constraint_lets_in_is_named_and_repaired(env, damage, messages):
    damaged = Damaged(env)
    assert_stock_laws(env)
    DAMAGE[damage](damaged)
    problems = doctor.check_laws(env)
    messages.check(listing(problems))
    carry_out(env, doctor.checks())
    assert_stock_laws(env)

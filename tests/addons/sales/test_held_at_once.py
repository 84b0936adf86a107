"""Two people at one order at the same moment: what is held back is held back once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws
from addons.sales.exceptions import BackorderRefused
from tests.addons.sales.desk import Desk
from tests.overlap import together

ADDONS = ("sales",)
pytestmark = pytest.mark.both_dialects("locking")


def ordered(db: Any) -> int:
    """An order over ten, all in stock; the id of its line."""

    def work(env: Any) -> int:
        desk = Desk(env)
        return desk.order((desk.product(on_hand=10), 10)).order_line.id

    return db.run(work)


def held(db: Any, line_id: int) -> tuple[Decimal, Decimal, Decimal]:
    """On backorder, held and delivered."""

    def read(env: Any) -> tuple[Decimal, Decimal, Decimal]:
        assert_stock_laws(env)
        line = env["sale.order.line"].browse(line_id)
        moves = line.move_ids.filtered(lambda move: move.hold_date and move.state not in ("done", "cancel"))
        return line.qty_backorder, sum(moves.mapped("product_qty"), Decimal(0)), line.qty_delivered

    return db.run(read)


def read(line_id: int) -> Callable[[Any], Any]:
    """What both see before either changes it."""
    return lambda env: env["sale.order.line"].browse(line_id).move_ids.mapped("product_uom_qty")


def test_two_sellers_type_the_same(db: Any) -> None:
    line_id = ordered(db)

    def hold(env: Any) -> None:
        env["sale.order.line"].browse(line_id).qty_backorder = 4

    assert together(db, hold, hold, before=read(line_id)) == [None, None]
    assert held(db, line_id) == (4, 4, 0)


def test_the_warehouse_ships_while_the_seller_holds(db: Any) -> None:
    line_id = ordered(db)

    def hold(env: Any) -> None:
        env["sale.order.line"].browse(line_id).qty_backorder = 4

    def ship(env: Any) -> None:
        picking = env["sale.order.line"].browse(line_id).order_id.picking_ids.sorted("id")[0]
        picking.button_validate(answers={"backorder": {picking.id: True}})

    refused, shipped = together(db, hold, ship, before=read(line_id))
    assert shipped is None
    if refused:
        assert type(refused) is BackorderRefused
        (problem,) = refused.data["problems"]
        assert (problem["reason"], problem["most"]) == ("exceeds_open", "0")
        assert held(db, line_id) == (0, 0, 10)
    else:
        assert held(db, line_id) == (4, 4, 6)

"""Two people at one order at the same moment: what is held back is held back once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws
from core.exceptions import UserError
from tests.addons.sales.desk import Desk

ADDONS = ("sales",)
pytestmark = pytest.mark.both_dialects("locking")


def ordered(db: Any) -> int:
    """An order over ten, all in stock; the id of its line."""

    def work(env: Any) -> int:
        desk = Desk(env)
        return desk.order((desk.product(on_hand=10), 10)).order_line.id

    return db.run(work)


def together(db: Any, *works: Callable[[Any], Any]) -> list[Any]:
    """Run the works at the same time, each in a transaction of its own; results and refusals in order."""
    barrier = threading.Barrier(len(works))

    def begin(work: Callable[[Any], Any]) -> Any:
        barrier.wait()
        try:
            return db.run(work)
        except UserError as error:
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


def held(db: Any, line_id: int) -> tuple[Decimal, Decimal, Decimal]:
    """On backorder, held and delivered."""

    def read(env: Any) -> tuple[Decimal, Decimal, Decimal]:
        assert_stock_laws(env)
        line = env["sale.order.line"].browse(line_id)
        moves = line.move_ids.filtered(lambda move: move.hold_date and move.state not in ("done", "cancel"))
        return line.qty_backorder, sum(moves.mapped("product_qty"), Decimal(0)), line.qty_delivered

    return db.run(read)


@pytest.mark.parametrize("attempt", range(3))
def test_two_sellers_type_the_same(db: Any, attempt: int) -> None:
    line_id = ordered(db)

    def hold(env: Any) -> None:
        env["sale.order.line"].browse(line_id).qty_backorder = 4

    assert together(db, hold, hold) == [None, None]
    assert held(db, line_id) == (4, 4, 0)


@pytest.mark.parametrize("attempt", range(3))
def test_the_warehouse_ships_while_the_seller_holds(db: Any, attempt: int) -> None:
    line_id = ordered(db)

    def hold(env: Any) -> None:
        env["sale.order.line"].browse(line_id).qty_backorder = 4

    def ship(env: Any) -> None:
        picking = env["sale.order.line"].browse(line_id).order_id.picking_ids.sorted("id")[0]
        picking.button_validate(answers={"backorder": {picking.id: True}})

    refused, _shipped = together(db, hold, ship)
    if refused:
        (problem,) = refused.data["problems"]
        assert (problem["reason"], problem["most"]) == ("exceeds_open", "0")
        assert held(db, line_id) == (0, 0, 10)
    else:
        assert held(db, line_id) == (4, 4, 6)

"""On backorder is one figure: whatever happened, every list that shows it for a product shows the same."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from addons.inventory.services import on_backorder
from addons.inventory.testing import put_stock
from core.exceptions import UserError
from core.fields import Datetime
from core.testing.queries import max_queries
from tests.addons.sales.desk import Desk, open_transfers, send_back, ship

ADDONS = ("sales",)
ZERO = Decimal(0)


def in_days(days: int) -> datetime:
    """So many days from now."""
    return Datetime.now() + timedelta(days=days)


def shown(desk: Desk, product: Any) -> dict[str, Decimal]:
    """List -> what is on backorder of a product, added up over its rows."""
    env = desk.env
    env.flush_all()
    env.invalidate_all()
    detail = env["stock.move"].search([("is_on_backorder", "=", True), ("product_id", "=", product.id)])
    lines = env["sale.order.line"].search([("order_id.state", "=", "sale"), ("product_id", "=", product.id)])
    transfers = env["stock.picking"].search([("has_backorder", "=", True)])
    named = [part for transfer in transfers for part in transfer.backorder_summary.split(", ")]
    return {
        "Stock Detail": sum(detail.mapped("qty_short"), ZERO),
        "Order Lines": sum(lines.mapped("qty_backorder"), ZERO),
        "Backorder Transfers": sum((Decimal(part.split()[0]) for part in named if part.endswith(product.name)), ZERO),
        "Stock": product.backordered_qty,
    }


def agreed(desk: Desk, product: Any) -> Decimal:
    """What all lists show. The entries that deliveries left behind, reserved again or not, are never more than owed."""
    figures = shown(desk, product)
    assert len(set(figures.values())) == 1, figures
    lines = desk.env["sale.order.line"].search([("order_id.state", "=", "sale"), ("product_id", "=", product.id)])
    assert figures["Stock Detail"] <= sum(lines.mapped("qty_to_deliver"), ZERO)
    return figures["Stock Detail"]


def test_all_lists_agree_after_each_step_of_the_seed_flows(desk: Desk) -> None:
    tray = desk.product("Letter Tray", on_hand=10)
    first, second, third = desk.order((tray, 20)), desk.order((tray, 6)), desk.order((tray, 7))
    assert agreed(desk, tray) == 23
    rest = ship(open_transfers(first))
    assert agreed(desk, tray) == 23, "ten were delivered of what was reserved"
    second.order_line.move_ids._put_on_hold()
    assert agreed(desk, tray) == 23
    put_stock(tray, 30)
    desk.env["stock.move"]._assign_waiting()
    assert agreed(desk, tray) == 6, "what is on hold stays on backorder"
    second.action_release_backorders()
    assert agreed(desk, tray) == 0
    rest.button_validate()
    ship(open_transfers(third), 3, backorder=False)
    assert (agreed(desk, tray), third.order_line.qty_to_deliver, third.delivery_status) == (0, 0, "full")


@pytest.mark.parametrize("policy", ["always", "never"])
def test_nothing_is_left_to_deliver_of_what_never_cancelled(desk: Desk, policy: str) -> None:
    board = desk.product("Magnetic Board", on_hand=10)
    desk.deliveries.create_backorder = policy
    order = desk.order((board, 15))
    order.picking_ids.button_validate()
    left = 5 if policy == "always" else 0
    assert (order.order_line.qty_to_deliver, agreed(desk, board)) == (left, left)


@pytest.mark.parametrize("steps", ["ship_only", "pick_ship", "pick_pack_ship"])
def test_all_lists_agree_whatever_people_do(desk: Desk, steps: str) -> None:
    """A hundred random steps: orders, counts, shipments with and without the rest, holds, releases, returns."""
    desk.warehouse.delivery_steps = steps
    chance = random.Random(steps)
    tray = desk.product("Letter Tray", on_hand=5)
    orders: list[Any] = []
    done = 0

    def act() -> None:
        what = chance.choice("order count ship ship cancel hold release change".split())
        if what == "order" or not orders:
            orders.append(desk.order((tray, chance.randint(1, 12))))
            return
        order = chance.choice(orders)
        if what == "count":
            put_stock(tray, chance.randint(1, 9))
            desk.env["stock.move"]._assign_waiting(tray)
        elif what == "ship":
            ship(open_transfers(order)[:1], backorder=chance.random() < 0.7)
        elif what == "cancel":
            order.action_cancel()
        elif what == "hold":
            order.order_line.qty_backorder = chance.randint(0, 5)
        elif what == "release":
            order.action_release_backorders()
        else:
            order.order_line.product_uom_qty = chance.randint(1, 12)

    for _step in range(60):
        try:
            with desk.env.savepoint():
                act()
            done += 1
        except (UserError, ValueError):
            continue
        agreed(desk, tray)
    assert done > 25 and len(orders) > 3


def test_what_comes_back_is_not_waited_for(desk: Desk) -> None:
    tray = desk.product("Letter Tray", on_hand=10)
    order = desk.order((tray, 10))
    ship(order.picking_ids)
    send_back(order.picking_ids, 4)
    assert agreed(desk, tray) == 0


def test_what_the_order_says_is_what_was_ordered(desk: Desk) -> None:
    tray = desk.product("Letter Tray", on_hand=10)
    order = desk.order((tray, 2, {"product_uom_id": desk.dozen.id}))
    ship(open_transfers(order))
    rest = order.order_line.move_ids.filtered("is_on_backorder")
    assert (rest.product_qty, rest.ordered_qty, rest.sale_id) == (14, 24, order)


def test_late_is_what_was_promised_before_today_or_comes_after_its_promise(desk: Desk) -> None:
    tray = desk.product("Letter Tray")
    orders = {days: desk.order((tray, 1), commitment_date=in_days(days)) for days in (-3, 2, 9)}
    receipt = desk.env["stock.picking"].create(
        {"picking_type_id": desk.env.ref("inventory.picking_type_in").id, "scheduled_date": in_days(5)}
    )
    desk.env["stock.move"].create({"picking_id": receipt.id, "product_id": tray.id, "product_uom_qty": 3})
    receipt.action_confirm()
    desk.env.invalidate_all()
    late = desk.env["stock.move"].search([("is_customer_demand", "=", True), ("is_late", "=", True)])
    assert late.sale_id == orders[-3] | orders[2], "the third comes in time"


def test_searching_what_is_late_loads_no_move_that_nothing_can_delay(desk: Desk) -> None:
    tray = desk.product("Letter Tray")
    for _number in range(3):
        desk.order((tray, 1), commitment_date=in_days(2))
    desk.env.invalidate_all()
    with max_queries(desk.env, 2):
        assert not desk.env["stock.move"].search([("is_late", "=", True)])


def test_it_comes_too_late_by_the_days_of_the_user(desk: Desk) -> None:
    """Promised for this evening in Tokyo, which began yesterday by the clock of the server."""
    env = desk.env(context={**desk.env.context, "tz": "Asia/Tokyo"})
    promised = on_backorder.start_of_today(env) + timedelta(hours=1)
    assert not on_backorder.is_late(env, promised, promised + timedelta(hours=22))
    assert on_backorder.is_late(env, promised, promised + timedelta(hours=23))


def test_products_count_the_companies_worked_for(desk: Desk) -> None:
    tray = desk.product("Letter Tray", on_hand=3)
    desk.order((tray, 5))
    other = desk.env["res.company"].create({"name": "Wood & Corner"})
    desk.env.user.company_ids |= other
    alone = tray.with_context(allowed_company_ids=other.ids)
    both = tray.with_context(allowed_company_ids=[desk.env.company.id, other.id])
    assert (both.backordered_qty, both.qty_available, both.has_backorder) == (2, 3, True)
    assert (alone.backordered_qty, alone.qty_available, alone.has_backorder) == (0, 0, False)
    assert not alone.search([("has_backorder", "=", True)])


def test_a_promise_of_today_is_not_late_before_the_day_is_over(desk: Desk) -> None:
    order = desk.order((desk.product("Letter Tray"), 1), commitment_date=on_backorder.start_of_today(desk.env))
    desk.env.invalidate_all()
    (move,) = order.order_line.move_ids
    assert (order.is_late, move.is_late) == (False, False)
    early = on_backorder.start_of_today(desk.env(context={**desk.env.context, "tz": "Asia/Tokyo"}))
    assert early - on_backorder.start_of_today(desk.env) in (timedelta(hours=-9), timedelta(hours=15))

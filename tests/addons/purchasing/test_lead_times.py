"""How long buying takes: what vendors and rules say, what reordering rules look at, and when goods are expected."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws
from core.testing.queries import max_queries

ADDONS = ("purchasing",)
SOON = timedelta(hours=1)


@pytest.fixture
def vendor(env: Any) -> Any:
    return env["res.partner"].create({"name": "Wood Corner"})


def bought(vendor: Any, name: str = "Board", **terms: Any) -> Any:
    """A product that is bought from the vendor, in three days if nothing else is said."""
    seller = {"partner_id": vendor.id, "price": 7, "delay": 3, **terms}
    return vendor.env["product.product"].create(
        {
            "name": name,
            "is_storable": True,
            "seller_ids": [(0, 0, seller)],
            "route_ids": [(6, 0, vendor.env.ref("purchasing.route_warehouse0_buy").ids)],
        }
    )


def rule(product: Any, **values: Any) -> Any:
    """A reordering rule that keeps ten."""
    return product.env["stock.warehouse.orderpoint"].create(
        {"product_id": product.id, "product_min_qty": 0, "product_max_qty": 0, **values}
    )


def in_days(days: int) -> datetime:
    return datetime.now() + timedelta(days=days)


def delivery(product: Any, quantity: Any, days: int) -> Any:
    """A confirmed delivery that leaves in so many days."""
    env = product.env
    line = {"product_id": product.id, "product_uom_qty": quantity}
    picking = env["stock.picking"].create(
        {
            "picking_type_id": env.ref("inventory.picking_type_out").id,
            "scheduled_date": in_days(days),
            "move_ids": [(0, 0, line)],
        }
    )
    picking.action_confirm()
    return picking


def lines_of(product: Any) -> Any:
    return product.env["purchase.order.line"].search([("product_id", "=", product.id)])


def is_about(date: datetime, expected: datetime) -> bool:
    return abs(date - expected) < SOON


def test_the_lead_days_of_a_rule_are_those_of_the_vendor_who_is_asked(env: Any, vendor: Any) -> None:
    board = bought(vendor)
    past = {"partner_id": vendor.id, "delay": 30, "date_end": "2001-01-01", "sequence": 0}
    board.seller_ids = [(0, 0, past)]
    point = rule(board)
    assert (point.lead_days, point.lead_horizon_date) == (3, in_days(3).date())
    point.company_id.horizon_days = 4
    assert point.lead_horizon_date == in_days(7).date()
    assert rule(env["product.product"].create({"name": "Orphan", "is_storable": True})).lead_days == 0


def test_the_rules_on_the_way_take_their_time_too(env: Any, vendor: Any) -> None:
    """A shop shelf is filled from the stock, which is filled by buying to order."""
    warehouse = env.ref("inventory.warehouse0")
    shelf = env["stock.location"].create({"name": "Shop", "location_id": warehouse.view_location_id.id})
    route = env["stock.route"].create({"name": "Refill the shop"})
    pull = env["stock.rule"].create(
        {
            "name": "Stock → Shop", "route_id": route.id, "action": "pull", "delay": 2,
            "location_src_id": warehouse.lot_stock_id.id, "location_dest_id": shelf.id,
            "picking_type_id": warehouse.int_type_id.id, "procure_method": "make_to_order",
        }
    )  # fmt: skip
    board = bought(vendor)
    board.route_ids |= route
    point = rule(board, location_id=shelf.id, product_min_qty=4, product_max_qty=4)
    assert point.lead_days == 5
    point.action_replenish()
    line = lines_of(board)
    assert is_about(line.date_planned, in_days(3)) and is_about(line.order_id.date_order, in_days(0))
    assert is_about(line.move_dest_ids.date, in_days(3)), "the shelf is filled two days before it must be full"
    pull.procure_method = "make_to_stock"
    env.invalidate_all()
    assert point.lead_days == 2


def test_goods_are_ordered_just_in_time(env: Any, vendor: Any) -> None:
    board = bought(vendor)
    point = rule(board)
    delivery(board, 5, days=10)
    env["stock.rule"].run_scheduler()
    assert (point.qty_forecast, point.qty_to_order, len(lines_of(board))) == (0, 0, 0)
    delivery(board, 2, days=2)
    env["stock.rule"].run_scheduler()
    env.invalidate_all()
    assert lines_of(board).product_qty == 2
    assert (point.qty_forecast, point.qty_to_order) == (0, 0)
    point.company_id.horizon_days = 7
    env.invalidate_all()
    assert (point.qty_forecast, point.qty_to_order) == (-5, 5)


def test_a_vendor_who_is_late_is_not_asked_again(env: Any, vendor: Any) -> None:
    board = bought(vendor)
    point = rule(board, product_min_qty=5, product_max_qty=5)
    env["stock.rule"].run_scheduler()
    order = lines_of(board).order_id
    order.button_confirm()
    order.date_planned = in_days(40)
    env.invalidate_all()
    assert (point.qty_forecast, point.qty_to_order) == (5, 0)
    env["stock.rule"].run_scheduler()
    assert len(lines_of(board)) == 1


def test_what_is_bought_for_a_later_delivery_hides_no_shortage_before(env: Any, vendor: Any) -> None:
    board = bought(vendor)
    delivery(board, 8, days=30)
    order = env["purchase.order"].create(
        {
            "partner_id": vendor.id,
            "order_line": [(0, 0, {"product_id": board.id, "product_qty": 8, "date_planned": in_days(28)})],
        }
    )
    order.button_confirm()
    point = rule(board, product_min_qty=2, product_max_qty=2)
    assert (point.qty_forecast, point.qty_to_order) == (0, 2)
    delivery(board, 1, days=1)
    assert (point.qty_forecast, point.qty_to_order) == (-1, 3)


def test_a_purchase_is_expected_where_its_line_says_and_by_who_waits_for_it(env: Any, vendor: Any) -> None:
    board = bought(vendor)
    waiting = delivery(board, 5, days=1)
    rule(board).action_replenish()
    line = lines_of(board)
    assert is_about(line.date_planned, in_days(3)), "no sooner than the vendor can"
    assert not waiting.move_ids.forecast_expected_date, "nothing is promised by a request"
    line.order_id.button_confirm()
    env.invalidate_all()
    receipt = line.order_id.picking_ids
    assert receipt.scheduled_date == receipt.date_deadline == line.date_planned
    assert waiting.move_ids.forecast_expected_date == line.date_planned
    assert waiting.products_availability_state == "late"
    line.date_planned = in_days(20)
    env.invalidate_all()
    assert receipt.scheduled_date == waiting.move_ids.forecast_expected_date == line.date_planned
    assert_stock_laws(env)


def test_an_earlier_need_brings_the_line_and_the_order_forward_and_no_other_line(env: Any, vendor: Any) -> None:
    board, beam = bought(vendor), bought(vendor, "Beam")
    run, procurement = env["stock.rule"].run, env["stock.rule"].Procurement
    stock = env.ref("inventory.stock_location_stock")

    def need(product: Any, quantity: int, days: int) -> None:
        values = {"date_planned": in_days(days)}
        run([procurement(product, Decimal(quantity), product.uom_id, stock, product.name, "S1", env.company, values)])

    need(board, 2, 20)
    need(beam, 1, 30)
    order = lines_of(board).order_id
    assert is_about(order.date_order, in_days(17))
    need(board, 3, 9)
    assert lines_of(board).product_qty == 5
    assert is_about(lines_of(board).date_planned, in_days(9))
    assert is_about(order.date_order, in_days(6))
    assert is_about(lines_of(beam).date_planned, in_days(30))
    need(board, 1, 25)
    assert is_about(lines_of(board).date_planned, in_days(9))


def test_figures_of_many_rules_cost_as_much_as_those_of_one(env: Any, vendor: Any) -> None:
    points = env["stock.warehouse.orderpoint"]
    for number in range(25):
        board = bought(vendor, f"Board {number}", delay=number)
        points |= rule(board, product_min_qty=1, product_max_qty=1)
        delivery(board, 1, days=number)
    env.flush_all()
    env.invalidate_all()
    with max_queries(env, 40):
        assert points.mapped("lead_days") == list(range(25))
        assert set(points.mapped("qty_to_order")) == {2}

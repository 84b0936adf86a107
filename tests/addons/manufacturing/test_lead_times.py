"""How long making takes: when orders are begun and finished, what reordering rules reckon with, what is promised."""

from __future__ import annotations

from datetime import datetime, timedelta

from addons.inventory.testing import assert_stock_laws
from tests.addons.manufacturing.workshop import Workshop, bill

ADDONS = ["manufacturing"]


def in_days(days):
    return datetime.now() + timedelta(days=days)


def is_about(date, expected):
    return abs(date - expected) < timedelta(hours=2)


def made(env, **values):
    """A workshop whose tables are made on demand, in four days."""
    shop = Workshop(env)
    shop.bom.write({"produce_delay": 4, **values})
    shop.table.product_tmpl_id.route_ids = env.ref("manufacturing.route_warehouse0_manufacture")
    return shop


def rule(shop, **values):
    return shop.env["stock.warehouse.orderpoint"].create(
        {"product_id": shop.table.id, "product_min_qty": 0, "product_max_qty": 0, **values}
    )


def orders(shop):
    return shop.env["mrp.production"].search([("product_id", "=", shop.table.id)])


def delivery(shop, quantity, days):
    picking = shop.env["stock.picking"].create(
        {
            "picking_type_id": shop.env.ref("inventory.picking_type_out").id,
            "scheduled_date": in_days(days),
            "move_ids": [(0, 0, {"product_id": shop.table.id, "product_uom_qty": quantity})],
        }
    )
    picking.action_confirm()
    return picking


def test_the_lead_days_are_those_of_the_bill_and_of_getting_ready_for_it(env):
    shop = made(env, days_to_prepare_mo=2)
    point = rule(shop, product_min_qty=5, product_max_qty=5)
    assert (point.lead_days, point.lead_horizon_date) == (6, in_days(6).date())
    point.action_replenish()
    order = orders(shop)
    assert is_about(order.date_start, in_days(2)) and is_about(order.date_finished, in_days(6))
    assert order.move_raw_ids.mapped("date") == [order.date_start] * 2
    assert order.move_finished_ids.date == order.date_finished


def test_what_is_wanted_later_is_made_later(env):
    shop = made(env)
    point = rule(shop)
    delivery(shop, 3, days=9)
    env["stock.rule"].run_scheduler()
    assert not orders(shop)
    delivery(shop, 2, days=3)
    env["stock.rule"].run_scheduler()
    assert orders(shop).product_qty == 2
    assert point.qty_to_order == 0


def test_what_is_wanted_at_once_is_begun_now_and_promised_for_when_it_can_be_done(env):
    shop = made(env)
    waiting = delivery(shop, 2, days=0)
    waiting.move_ids.action_make_missing()
    order = orders(shop)
    assert is_about(order.date_start, in_days(0)) and is_about(order.date_finished, in_days(4))
    env.invalidate_all()
    assert waiting.move_ids.forecast_expected_date == order.date_finished
    assert waiting.products_availability_state == "late"
    order.date_start = in_days(10)
    env.invalidate_all()
    assert is_about(waiting.move_ids.forecast_expected_date, in_days(14))
    assert_stock_laws(env)


def test_a_rule_follows_the_bill_that_it_names(env):
    shop = made(env)
    other = bill(env, shop.table, {shop.top: 2}, sequence=50, produce_delay=1)
    point = rule(shop, product_min_qty=1, product_max_qty=1, bom_id=other.id)
    assert point.lead_days == 1
    point.action_replenish()
    assert orders(shop).bom_id == other

"""Rules, reordering, forecasts, expected dates, and why something is waiting."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from addons.inventory.exceptions import LedgerClosed, NoRule
from addons.inventory.services import demand_cover
from addons.inventory.testing import put_stock
from core.api import format_day

ADDONS = ["inventory"]


def need(stock, product, quantity, location=None, **values):
    rule = stock.env["stock.rule"]
    return rule.Procurement(
        product, Decimal(quantity), product.uom_id, location or stock.customers, product.name, "S00001",
        stock.env.company, {"warehouse_id": stock.warehouse, **values},
    )  # fmt: skip


def test_pull_from_stock(stock):
    product = stock.product(on_hand=5)
    stock.env["stock.rule"].run([need(stock, product, 5), need(stock, product, 2)])
    picking = stock.env["stock.picking"].search([("origin", "=", "S00001")])
    assert (picking.state, picking.picking_type_id) == ("assigned", stock.out)
    assert picking.move_ids.product_uom_qty == 7  # equal demands of one order are one move


@pytest.mark.parametrize("quantity", [5, -2])
def test_addons_put_no_moves_of_rules_into_closed_transfers(stock, monkeypatch, quantity):
    product = stock.product(on_hand=10)
    closed = stock.delivery((product, 1))
    closed.button_validate()
    rules = type(stock.env["stock.rule"])
    below = rules._get_stock_move_values
    monkeypatch.setattr(
        rules, "_get_stock_move_values", lambda rule, *need: {**below(rule, *need), "picking_id": closed.id}
    )
    with pytest.raises(LedgerClosed), stock.env.savepoint():
        stock.env["stock.rule"].run([need(stock, product, quantity)])
    assert len(closed.move_ids) == 1


def test_picking_policy_travels_with_the_need(stock):
    product = stock.product(on_hand=5)
    stock.env["stock.rule"].run([need(stock, product, 7, picking_policy="one")])
    picking = stock.env["stock.picking"].search([("origin", "=", "S00001")])
    assert (picking.move_type, picking.state) == ("one", "confirmed")


def test_no_rule_is_a_clear_error(stock, refused):
    product = stock.product("Statue")
    place = stock.env["stock.location"].create({"name": "Nowhere"})
    unmet = {"product": "Statue", "quantity": "3", "unit": "Units", "location": "Nowhere", "origin": "S00001"}
    with refused(NoRule, data={"needs": [unmet]}):
        stock.env["stock.rule"].run([need(stock, product, 3, place)])


def test_negative_need_reduces_open_demand(stock):
    product = stock.product(on_hand=9)
    reference = stock.env["stock.reference"].create({"name": "S00001"})
    run = stock.env["stock.rule"].run
    run([need(stock, product, 9, reference_ids=reference)])
    picking = stock.env["stock.picking"].search([("origin", "=", "S00001")])
    run([need(stock, product, -4, reference_ids=reference)])
    assert picking.move_ids.product_uom_qty == 5
    assert picking.move_ids.quantity == 5


def test_make_to_order_through_another_warehouse_place(stock):
    shelf = stock.env["stock.location"].create({"name": "Shop", "location_id": stock.warehouse.view_location_id.id})
    route = stock.env["stock.route"].create({"name": "Refill shop"})
    stock.env["stock.rule"].create(
        {
            "name": "Stock → Shop", "route_id": route.id, "action": "pull", "location_src_id": stock.stock.id,
            "location_dest_id": shelf.id, "picking_type_id": stock.internal.id,
        }
    )  # fmt: skip
    product = stock.product(on_hand=20)
    product.route_ids = route
    point = stock.env["stock.warehouse.orderpoint"].create(
        {
            "product_id": product.id,
            "location_id": shelf.id,
            "product_min_qty": 5,
            "product_max_qty": 12,
            "qty_multiple": 5,
        }
    )
    assert (point.qty_on_hand, point.qty_to_order) == (0, 15)
    point.action_replenish()
    assert (point.qty_forecast, point.qty_to_order) == (15, 0)
    picking = stock.env["stock.picking"].search([("origin", "=", point.name)])
    picking.button_validate()
    assert product.with_context(location=shelf.id).qty_available == 15
    stock.env["stock.rule"].run_scheduler()
    assert len(stock.env["stock.picking"].search([("origin", "=", point.name)])) == 1


def test_forecast_figures(stock):
    product = stock.product(on_hand=10)
    stock.delivery((product, 4))
    stock.receipt((product, 7), scheduled_date=datetime.now() + timedelta(days=5))
    figures = ("qty_available", "free_qty", "incoming_qty", "outgoing_qty", "virtual_available")
    assert [product[name] for name in figures] == [10, 6, 7, 4, 13]
    soon = product.with_context(to_date=datetime.now() + timedelta(days=1))
    assert (soon.incoming_qty, soon.virtual_available) == (0, 6)
    assert product.with_context(warehouse_id=stock.warehouse.id).qty_available == 10
    assert product.with_context(location=stock.customers.id).qty_available == 0
    found = stock.env["product.product"].search([("qty_available", ">=", 10), ("id", "=", product.id)])
    assert found == product
    assert not stock.env["product.product"].search([("free_qty", "<", 0), ("id", "=", product.id)])
    assert stock.env["product.template"].search([("incoming_qty", "=", 7)]) == product.product_tmpl_id


def test_stock_at_a_past_date(stock):
    product = stock.product(on_hand=10)
    past = datetime.now() - timedelta(days=1)
    stock.env["stock.move.line"].search([("product_id", "=", product.id)])._settle({"date": past - timedelta(days=1)})
    stock.delivery((product, 4)).button_validate()
    assert product.with_context(to_date=past).qty_available == 10
    assert product.qty_available == 6


def test_expected_dates_of_the_whole_queue(stock, messages):
    product = stock.product()
    first, second, third = (stock.delivery((product, 10)) for _n in range(3))
    soon, later = datetime(2031, 3, 1), datetime(2031, 4, 1)
    stock.receipt((product, 15), scheduled_date=soon)
    stock.receipt((product, 5), scheduled_date=later)
    assert [picking.move_ids.forecast_expected_date for picking in (first, second, third)] == [soon, later, False]
    messages.check(first.products_availability)
    messages.check(third.products_availability)


def test_an_overdue_receipt_has_not_arrived(stock, messages):
    """Its goods are expected, late, on the day for which they were planned; what lies on the shelf is taken first."""
    product = stock.product(on_hand=4)
    planned = datetime(2021, 3, 1)
    stock.receipt((product, 10), scheduled_date=planned)
    covered, waiting = stock.delivery((product, 4)), stock.delivery((product, 10))
    assert (covered.products_availability_state, covered.move_ids.forecast_expected_date > planned) == (
        "available",
        True,
    )
    assert (waiting.products_availability_state, waiting.move_ids.forecast_expected_date) == ("late", planned)
    messages.check(waiting.products_availability)


def test_a_receipt_of_today_is_not_late_before_the_day_is_over(stock):
    product = stock.product()
    stock.receipt((product, 10), scheduled_date=datetime.now() - timedelta(seconds=1))
    waiting = stock.delivery((product, 10), scheduled_date=datetime.now())
    assert waiting.products_availability_state == "expected"


def test_the_question_says_when_the_rest_is_expected(stock, messages):
    product = stock.product("Case", 5)
    stock.receipt((product, 20), scheduled_date=datetime(2031, 3, 1))
    question = stock.delivery((product, 12)).button_validate()
    messages.check(question.create_text)


def test_why_it_is_waiting(stock, messages):
    product = stock.product("Case", 5)
    holder = stock.delivery((product, 5))
    picking = stock.delivery((product, 4))
    receipt = stock.receipt((product, 3), scheduled_date=datetime(2031, 3, 1))
    assert holder.name in picking.waiting_reason and receipt.name in picking.waiting_reason
    messages.check(picking.waiting_reason)
    other = stock.delivery((stock.product("Rare"), 1))
    messages.check(other.waiting_reason)


def test_of_a_long_transfer_the_first_lines_are_explained_and_the_rest_is_counted(stock, messages):
    picking = stock.delivery(*((stock.product(f"Part {n}"), 1) for n in range(12)))
    assert "Part 4" in picking.waiting_reason and "Part 5" not in picking.waiting_reason
    messages.check(picking.waiting_reason)
    messages.check(picking.move_ids[-1].waiting_reason)


def test_why_follows_the_chain(stock, messages):
    product = stock.product("Case")
    stock.pulled_in_two_steps(product)
    stock.env["stock.rule"].run([need(stock, product, 2)])
    moves = stock.env["stock.move"].search([("product_id", "=", product.id)])
    ship = moves.filtered(lambda move: move.location_dest_id == stock.customers)
    before = ship.move_orig_ids
    assert before.picking_id.name in ship.waiting_reason
    messages.check(ship.waiting_reason, replace={format_day(before.date.date()): "<date>"})


def test_reservation_methods(stock):
    product = stock.product(on_hand=10)
    stock.out.reservation_method = "manual"
    picking = stock.delivery((product, 3))
    assert picking.state == "confirmed"
    picking.action_assign()
    assert picking.state == "assigned"
    picking.do_unreserve()
    stock.out.write({"reservation_method": "by_date", "reservation_days_before": 2})
    later = stock.delivery((product, 3), scheduled_date=datetime.now() + timedelta(days=10))
    soon = stock.delivery((product, 3), scheduled_date=datetime.now() + timedelta(days=1))
    assert (later.state, soon.state) == ("confirmed", "assigned")


def test_default_policy_is_a_setting(stock):
    settings = stock.env["res.config.settings"].create({"picking_policy": "one"})
    settings.execute()
    assert stock.out.move_type == "one"
    product = stock.product(on_hand=5)
    stock.env["stock.rule"].run([need(stock, product, 7)])
    assert stock.env["stock.picking"].search([("origin", "=", "S00001")]).move_type == "one"


def test_backorder_figures_on_the_product(stock, messages):
    stock.out.create_backorder = "always"
    product = stock.product(on_hand=4)
    picking = stock.delivery((product, 10))
    picking.button_validate()
    assert product.backordered_qty == 6
    entry = picking.backorder_ids.move_ids.shortfall_id
    assert (entry.reason, entry.reason_text, entry.state) == ("no_stock", "Not in stock", "open")
    messages.check(entry.waiting_reason)
    put_stock(product, 6)
    assert entry.quantity_ready == 6
    assert entry.action_release() == picking.backorder_ids


def test_every_company_has_a_warehouse(stock):
    """A new one gets its own, with everything that a delivery needs."""
    company = stock.env["res.company"].create({"name": "Wood & Corner"})
    warehouse = stock.env["stock.warehouse"].search([("company_id", "=", company.id)])
    assert (warehouse.name, warehouse.code) == ("Wood & Corner", "WOODC")
    assert warehouse.out_type_id.default_location_src_id == warehouse.lot_stock_id
    stock.env["stock.warehouse"]._provide_for()
    assert stock.env["stock.warehouse"].search_count([("company_id", "=", company.id)]) == 1


def test_a_backorder_of_this_moment_is_no_day_old(stock):
    delivery = stock.delivery((stock.product(on_hand=4), 10))
    delivery.button_validate(answers={"backorder": {"*": True}})
    assert delivery.backorder_ids.move_ids.shortfall_id.age == 0


def test_goods_on_their_way_to_scrap_are_not_promised(stock):
    scrap = stock.env["stock.location"].create(
        {"name": "Shredder", "usage": "inventory", "location_id": stock.warehouse.view_location_id.id}
    )
    product = stock.product(on_hand=10)
    away = stock.transfer(stock.internal, (product, 6), location_dest_id=scrap.id)
    assert (away.state, away.move_ids.location_dest_id, scrap.warehouse_id) == ("assigned", scrap, stock.warehouse)
    delivery = stock.delivery((product, 8))
    assert (delivery.move_ids.forecast_availability, delivery.move_ids.quantity) == (4, 4)
    assert demand_cover.of_moves(delivery.move_ids).by_move[delivery.move_ids.id].missing == 4


def test_nothing_is_missing_where_no_stock_is_kept(stock):
    """What a vendor has not sent yet is expected from there; no shortage of the vendor's stock is reported."""
    receipt = stock.receipt((stock.product("Bolt"), 100))
    receipt.move_ids.quantity = 60
    assert receipt.move_ids.state == "partially_available"
    assert not receipt.waiting_reason and not receipt.move_ids.waiting_reason

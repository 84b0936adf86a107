"""A third party shares scarce stock out fairly, by the hook `limit_reservation`: whichever way stock is reserved."""

from __future__ import annotations

from decimal import Decimal

import pytest

from addons.inventory.testing import put_lots
from core.testing.queries import max_queries

ADDONS = ("inventory", "fair_share")

pytestmark = pytest.mark.slow


def waiting(stock, product, *quantities, confirm=True):
    """Deliveries of so many each, confirmed together."""
    pickings = stock.env["stock.picking"]
    for quantity in quantities:
        pickings |= stock.delivery((product, quantity), confirm=False)
    if confirm:
        pickings.action_confirm()
    return pickings


def reserved(pickings):
    """What is reserved for each of them."""
    return [picking.move_ids.quantity for picking in pickings]


def test_deliveries_confirmed_together_share(stock):
    product = stock.product(on_hand=50)
    pickings = waiting(stock, product, 10, 30, 60)
    assert reserved(pickings) == [5, 15, 30]
    assert set(pickings.mapped("state")) == {"assigned"}
    assert set(pickings.move_ids.mapped("state")) == {"partially_available"}


def test_a_check_of_availability_shares(stock):
    stock.out.reservation_method = "manual"
    product = stock.product(on_hand=50)
    pickings = waiting(stock, product, 10, 30, 60)
    assert reserved(pickings) == [0, 0, 0]
    pickings.action_assign()
    assert reserved(pickings) == [5, 15, 30]


def test_a_receipt_serves_all_who_wait(stock):
    product = stock.product()
    pickings = waiting(stock, product, 10, 30, 60)
    stock.receive(product, 50)
    assert reserved(pickings) == [5, 15, 30]
    stock.receive(product, 20)
    assert reserved(pickings) == [7, 21, 42]
    stock.receive(product, 100)
    assert reserved(pickings) == [10, 30, 60]
    assert set(pickings.move_ids.mapped("state")) == {"assigned"}


def test_whole_units_stay_whole_and_none_is_lost(stock):
    product = stock.product(on_hand=50)
    pickings = waiting(stock, product, 7, 7, 7, 100)
    assert sum(reserved(pickings)) == 50
    assert all(quantity == quantity.to_integral_value() for quantity in reserved(pickings))


def test_parts_of_units_add_up_too(stock):
    product = stock.product(on_hand=10)
    pickings = waiting(stock, product, "3.5", "3.5", "3.5")
    assert sum(reserved(pickings)) == 10
    assert max(reserved(pickings)) - min(reserved(pickings)) <= Decimal("0.01")


def test_serial_numbers_are_shared(stock):
    product = stock.product(tracking="serial")
    serials = stock.env["stock.lot"].create([{"name": f"S{number}", "product_id": product.id} for number in range(5)])
    put_lots(product, dict.fromkeys(serials, 1))
    pickings = waiting(stock, product, 2, 3, 5)
    assert reserved(pickings) == [1, 2, 2] or reserved(pickings) == [1, 1, 3]
    assert len(pickings.move_line_ids.lot_id) == 5


def test_enough_for_all_is_shared_without_limit(stock):
    pickings = waiting(stock, stock.product(on_hand=100), 10, 30, 60)
    assert reserved(pickings) == [10, 30, 60]


def test_what_a_person_enters_has_no_limit(stock):
    product = stock.product(on_hand=50)
    first, _second = waiting(stock, product, 60, 60)
    _second.do_unreserve()
    first.move_ids.quantity = 40
    assert first.move_ids.quantity == 40


def test_goods_brought_for_a_delivery_are_not_shared(stock):
    output = stock.warehouse.wh_output_stock_loc_id
    output.active = True
    product = stock.product(on_hand=50)
    shipping = waiting(stock, product, 10, 30, confirm=False)
    shipping.move_ids.location_id = output
    picking = stock.transfer(stock.internal, (product, 20), confirm=False)
    picking.move_ids.write({"location_dest_id": output.id, "move_dest_ids": [(6, 0, shipping.move_ids.ids)]})
    (picking | shipping).action_confirm()
    picking.button_validate()
    assert reserved(shipping) == [10, 10], "in order: it was picked for both"


def test_sharing_costs_no_statement(stock):
    counts = []
    for number in (3, 3, 30):
        product = stock.product(on_hand=number)
        pickings = waiting(stock, product, *[2] * number, confirm=False)
        stock.env.flush_all()
        with max_queries(stock.env, 10_000) as statements:
            pickings.action_confirm()
            stock.env.flush_all()
        counts.append(len(statements))
        assert sum(reserved(pickings)) == number
    assert counts[1] == counts[2]

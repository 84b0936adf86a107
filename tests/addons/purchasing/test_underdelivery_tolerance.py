"""Purchase orders that are complete although the vendor sent a little less."""

from __future__ import annotations

from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws

ADDONS = ("purchasing",)
pytestmark = pytest.mark.both_dialects("scenario")


@pytest.fixture
def purchase(env: Any) -> Any:
    """A confirmed order for 100 screws."""
    vendor = env["res.partner"].create({"name": "Wood Corner"})
    screw = env["product.product"].create({"name": "Screw", "is_storable": True})
    lines = [(0, 0, {"product_id": screw.id, "product_qty": 100})]
    order = env["purchase.order"].create({"partner_id": vendor.id, "order_line": lines})
    order.button_confirm()
    return order


def receive(purchase: Any, quantity: Any) -> Any:
    """Validate the receipt with this quantity; returns the question, if there is one."""
    purchase.picking_ids.move_ids.quantity = quantity
    return purchase.picking_ids.button_validate()


def test_receipt_of_98_of_100_completes_the_order(env, purchase):
    purchase.underdelivery_tolerance = 2
    assert receive(purchase, 98) is None
    assert not purchase.picking_ids.backorder_ids
    assert (purchase.order_line.qty_received, purchase.receipt_status) == (98, "full")
    assert purchase.closed_within_tolerance == f"2 Units of Screw ({purchase.picking_ids.name})"
    assert_stock_laws(env)


def test_receipt_of_97_of_100_asks(env, purchase):
    purchase.underdelivery_tolerance = 2
    assert receive(purchase, 97)._name == "stock.backorder.confirmation"


def test_order_decides_before_its_vendor(env, purchase):
    purchase.partner_id.underdelivery_tolerance = 2
    move = purchase.picking_ids.move_ids
    assert move._get_underdelivery_tolerance() == {move.id: 2}
    purchase.write({"use_underdelivery_tolerance": True, "underdelivery_tolerance": 0})
    assert receive(purchase, 99)._name == "stock.backorder.confirmation"


def test_more_that_is_ordered_later_does_not_bring_back_what_was_closed(env, purchase):
    purchase.underdelivery_tolerance = 2
    receive(purchase, 98)
    purchase.order_line.product_qty = 105
    open_moves = purchase.picking_ids.filtered(lambda picking: picking.state != "done").move_ids
    assert open_moves.product_uom_qty == 5
    assert_stock_laws(env)

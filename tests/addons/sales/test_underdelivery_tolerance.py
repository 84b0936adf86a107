"""Orders that are complete although a little is missing: the underdelivery tolerance of customers and orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.testing.queries import max_queries
from tests.addons.sales.desk import ship

ADDONS = ["sales"]
pytestmark = pytest.mark.both_dialects("scenario")


def test_line_is_complete_after_98_of_100(desk, messages):
    order = desk.order((desk.product("Screw", 98), 100), underdelivery_tolerance=2)
    assert order.use_underdelivery_tolerance
    line = order.order_line
    assert (line.qty_to_deliver, order.delivery_status) == (100, "pending")
    assert order.picking_ids.button_validate() is None
    assert not order.picking_ids.backorder_ids
    assert (line.qty_delivered, line.qty_to_deliver, line.qty_backorder) == (98, 0, 0)
    assert (order.delivery_status, order.backorder_count, order.has_releasable) == ("full", 0, False)
    assert line not in desk.env["sale.order.line"].search([("qty_to_deliver", ">", 0)])
    messages.check(order.closed_short)


def test_history_of_the_order_names_every_part_that_was_closed(desk):
    screw = desk.product("Screw", 49)
    order = desk.order((screw, 50), (desk.product("Nut", 99), 100), underdelivery_tolerance=2)
    picking = order.picking_ids
    desk.env.flush_all()
    picking.button_validate()
    assert order.closed_within_tolerance == f"1 Units of Screw ({picking.name}), 1 Units of Nut ({picking.name})"
    desk.env.flush_all()
    assert order.closed_within_tolerance in order.history().mapped("new_display")


def test_more_that_is_ordered_later_does_not_bring_back_what_was_closed(desk):
    order = desk.order((desk.product("Screw", 98), 100), underdelivery_tolerance=2)
    order.picking_ids.button_validate()
    order.order_line.product_uom_qty = 105
    more = order.picking_ids.filtered(lambda picking: picking.state != "done")
    assert more.move_ids.product_uom_qty == 5
    assert (order.order_line.qty_to_deliver, order.delivery_status) == (5, "partial")


def test_backorder_is_closed_once_enough_has_come(desk):
    order = desk.order((desk.product("Screw", 50), 100), underdelivery_tolerance=2)
    backorder = ship(order.picking_ids)
    assert order.delivery_status == "partial"
    desk.env["stock.quant"]._update_available_quantity(
        order.order_line.product_id, desk.warehouse.lot_stock_id, Decimal(49)
    )
    backorder.action_assign()
    assert backorder.button_validate() is None
    assert (order.order_line.qty_delivered, order.order_line.qty_to_deliver) == (99, 0)
    assert order.delivery_status == "full"


def test_order_decides_before_its_customer(desk):
    desk.env.company.underdelivery_tolerance = 1
    company = desk.env["res.partner"].create({"name": "Gemini", "is_company": True, "underdelivery_tolerance": 2})
    address = desk.env["res.partner"].create({"name": "Dock", "parent_id": company.id, "type": "delivery"})
    order = desk.order((desk.product("Screw", 98), 100), partner_id=company.id, partner_shipping_id=address.id)
    move = order.picking_ids.move_ids
    assert move._get_underdelivery_tolerance() == {move.id: 2}
    order.underdelivery_tolerance = 3
    assert move._get_underdelivery_tolerance() == {move.id: 3}
    order.underdelivery_tolerance = 0
    assert move._get_underdelivery_tolerance() == {move.id: 0}
    order.use_underdelivery_tolerance = False
    assert move._get_underdelivery_tolerance() == {move.id: 2}


def test_goods_sent_to_another_address_keep_the_tolerance_of_the_customer(desk):
    desk.customer.underdelivery_tolerance = 2
    other = desk.env["res.partner"].create({"name": "A friend of the customer"})
    order = desk.order((desk.product("Screw", 98), 100), partner_shipping_id=other.id)
    move = order.picking_ids.move_ids
    assert move._get_underdelivery_tolerance() == {move.id: 2}
    other.underdelivery_tolerance = 5
    assert move._get_underdelivery_tolerance() == {move.id: 5}


def test_earlier_step_has_the_tolerance_of_the_order(desk):
    desk.warehouse.delivery_steps = "pick_ship"
    order = desk.order((desk.product("Screw", 98), 100), underdelivery_tolerance=2)
    pick = order.picking_ids.filtered(lambda picking: picking.state == "assigned")
    assert pick.picking_type_id == desk.warehouse.pick_type_id
    assert pick.button_validate() is None
    ship_ = order.picking_ids - pick
    assert ship_.button_validate() is None
    assert (order.order_line.qty_delivered, order.order_line.qty_to_deliver) == (98, 0)
    assert order.delivery_status == "full"


def test_duplicate_keeps_the_tolerance(desk):
    order = desk.quotation((desk.product("Screw"), 1), use_underdelivery_tolerance=True)
    copy = order.copy()
    assert (copy.use_underdelivery_tolerance, copy.underdelivery_tolerance) == (True, 0)


def test_statements_do_not_grow_with_the_orders(desk):
    def statements(count: int) -> int:
        moves: Any = desk.env["stock.move"]
        for number in range(count):
            customer = desk.env["res.partner"].create({"name": f"Customer {number} of {count}"})
            moves |= desk.order((desk.product(on_hand=98), 100), partner_id=customer.id).picking_ids.move_ids
        ids = moves.ids
        desk.env.flush_all()
        desk.env.invalidate_all()
        with max_queries(desk.env, 20) as asked:
            desk.env["stock.move"].browse(ids)._get_underdelivery_tolerance()
        return len(asked)

    statements(2)  # what is read once by a process is read
    assert statements(2) == statements(50)

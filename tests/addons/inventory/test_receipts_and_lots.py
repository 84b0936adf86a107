"""Receipts, lots and serial numbers, two and three steps in, traceability."""

from __future__ import annotations

import pytest

from addons.inventory.exceptions import InventoryError, LedgerClosed, LotRequired, SerialTaken
from addons.inventory.testing import put_stock
from core.exceptions import UserError

ADDONS = ["inventory"]


def test_receipt_of_untracked_goods(stock):
    product = stock.product()
    picking = stock.receipt((product, 8))
    assert picking.state == "assigned"
    assert picking.name.startswith("WH/IN/")
    assert product.incoming_qty == 8
    picking.button_validate()
    assert (stock.on_hand(product), product.incoming_qty) == (8, 0)


def test_tracked_goods_need_their_lot(stock, refused):
    product = stock.product("Lamp", tracking="lot")
    picking = stock.receipt((product, 8))
    with refused(LotRequired, data={"missing": [{"document": picking.name, "product": "Lamp"}]}):
        picking.button_validate()
    picking.move_line_ids.lot_name = "L-1"
    picking.button_validate()
    lot = stock.env["stock.lot"].search([("product_id", "=", product.id)])
    assert (lot.name, lot.product_qty, lot.location_id) == ("L-1", 8, stock.stock)


def test_missing_lots_are_refused_before_the_backorder_question(stock, refused):
    """They are entered in the detailed operations, which lie behind the dialog."""
    picking = stock.receipt((stock.product("Chair", tracking="serial"), 3))
    picking.move_line_ids[2:].unlink()
    with refused(LotRequired, data={"missing": [{"document": picking.name, "product": "Chair"}]}):
        picking.button_validate()
    picking.move_line_ids[0].lot_name = "SN1"
    picking.move_line_ids[1].write({"lot_name": "SN2", "quantity": 2})
    with refused(SerialTaken, data={"document": picking.name, "quantity": "2"}):
        picking.button_validate()
    picking.move_line_ids[1].quantity = 1
    dialog = picking.button_validate()
    assert dialog._name == "stock.backorder.confirmation"
    assert dialog.process() is None
    assert (picking.state, picking.backorder_ids.move_ids.product_uom_qty) == ("done", 1)


def test_serial_numbers_one_per_unit(stock, refused):
    product = stock.product("Chair", tracking="serial")
    picking = stock.receipt((product, 3))
    assert picking.move_line_ids.mapped("quantity") == [1, 1, 1]
    picking.move_ids.action_generate_lot_names("SN009", 3)
    assert picking.move_line_ids.mapped("lot_name") == ["SN009", "SN010", "SN011"]
    picking.button_validate()
    assert stock.on_hand(product) == 3
    again = stock.receipt((product, 1))
    again.move_line_ids.lot_name = "SN010"
    with refused(SerialTaken, data={"lot": "SN010", "product": "Chair", "location": "WH/Stock"}):
        again.button_validate()
    again.move_line_ids.lot_name = "SN012"
    again.button_validate()


def test_same_serial_twice_in_one_receipt(stock, refused):
    product = stock.product("Chair", tracking="serial")
    picking = stock.receipt((product, 2))
    picking.move_line_ids.lot_name = "SN1"
    with refused(SerialTaken, data={"lot": "SN1"}):
        picking.button_validate()


def test_lot_of_another_product_is_refused(stock, refused):
    lamp, chair = stock.product("Lamp", tracking="lot"), stock.product("Chair", tracking="lot")
    lot = stock.env["stock.lot"].create({"name": "L", "product_id": chair.id})
    put_stock(lamp, 5, lot=stock.env["stock.lot"].create({"name": "L", "product_id": lamp.id}))
    picking = stock.delivery((lamp, 1))
    with (
        refused(LotRequired, data={"lot": "L", "lot_product": "Chair", "product": "Lamp"}),
        stock.env.savepoint(),
    ):
        picking.move_line_ids.lot_id = lot


def test_next_names_pass_over_names_in_use(stock):
    product = stock.product("Chair", tracking="serial", serial_prefix_format="CH")
    assert product.next_serial == "CH0000001"
    lots = stock.env["stock.lot"]
    lots.create({"name": "CH0000002", "product_id": product.id})
    assert lots._next_names(product, 2) == ["CH0000001", "CH0000003"]
    assert product.next_serial == "CH0000004"


@pytest.mark.parametrize(("steps", "stops"), [("two_steps", 1), ("three_steps", 2)])
def test_steps_in(stock, steps, stops):
    stock.warehouse.reception_steps = steps
    product = stock.product()
    picking = stock.receipt((product, 5))
    assert picking.location_dest_id.name == "Input"
    picking.button_validate()
    for _stop in range(stops):
        move = stock.env["stock.move"].search([("product_id", "=", product.id), ("state", "=", "assigned")])
        assert len(move) == 1 and move.move_orig_ids
        move.picking_id.button_validate()
    assert stock.on_hand(product) == 5


def test_waiting_demand_is_served_by_rank_when_goods_arrive(stock):
    product = stock.product()
    late = stock.delivery((product, 5), scheduled_date="2030-01-02")
    early = stock.delivery((product, 5), scheduled_date="2030-01-01")
    urgent = stock.delivery((product, 5), scheduled_date="2030-01-03", priority="1")
    urgent.move_ids.priority = "1"
    late.move_ids.date, early.move_ids.date = late.scheduled_date, early.scheduled_date
    stock.receive(product, 7)
    assert [picking.move_ids.quantity for picking in (urgent, early, late)] == [5, 2, 0]
    early.do_unreserve()  # what it gives back goes to the next in the queue
    assert [picking.move_ids.quantity for picking in (urgent, early, late)] == [5, 0, 2]


def test_done_lines_are_history(stock, refused):
    product = stock.product()
    picking = stock.receive(product, 5)
    with refused(LedgerClosed, data={"document": picking.name}):
        picking.move_line_ids.quantity = 6
    with refused(LedgerClosed, data={"document": picking.name}):
        picking.move_line_ids.unlink()
    with refused(LedgerClosed):
        picking.move_ids.product_uom_qty = 6
    with refused(LedgerClosed):
        picking.move_ids.quantity = 6
    with refused(UserError, code="wrong_state", data={"ids": picking.ids, "method": "action_cancel"}):
        picking.action_cancel()


def test_traceability(stock):
    product = stock.product("Lamp", tracking="lot")
    receipt = stock.receipt((product, 8))
    receipt.move_line_ids.lot_name = "L-1"
    receipt.button_validate()
    delivery = stock.delivery((product, 3))
    delivery.button_validate()
    lot = receipt.move_line_ids.lot_id
    rows = lot.get_traceability()
    assert [(row["reference"], row["quantity"]) for row in rows] == [(receipt.name, 8), (delivery.name, 3)]
    assert lot.delivery_ids == delivery
    report = stock.env["stock.traceability.report"].create({"lot_id": lot.id})
    assert report.get_lines() == rows


def test_removal_strategies(stock):
    product = stock.product("Milk", tracking="lot")
    lots = stock.env["stock.lot"]
    first = lots.create({"name": "A", "product_id": product.id, "expiration_date": "2031-01-01 00:00:00"})
    second = lots.create({"name": "B", "product_id": product.id, "expiration_date": "2030-01-01 00:00:00"})
    rows = put_stock(product, 5, lot=first) | put_stock(product, 5, lot=second)
    rows[0]._settle({"in_date": "2026-01-01 00:00:00"})
    rows[1]._settle({"in_date": "2026-02-01 00:00:00"})
    category = stock.env["product.category"].create({"name": "Fresh"})
    product.categ_id = category
    for method, expected in (("fifo", first), ("lifo", second), ("fefo", second)):
        category.removal_strategy_id = stock.env.ref(f"inventory.removal_{method}")
        picking = stock.delivery((product, 2))
        assert picking.move_line_ids.lot_id == expected, method
        picking.action_cancel()


def test_nothing_lies_in_a_view(stock, refused):
    product = stock.product()
    picking = stock.receipt((product, 1), location_dest_id=stock.warehouse.view_location_id.id)
    data = {"document": picking.name, "location": "WH"}
    with refused(InventoryError, code="inventory.view_location", data=data):
        picking.button_validate()


def test_places_belong_to_the_warehouse_around_them(stock):
    shelf = stock.env["stock.location"].create({"name": "Shelf", "location_id": stock.stock.id})
    assert (shelf.warehouse_id, shelf.complete_name) == (stock.warehouse, "WH/Stock/Shelf")
    product = stock.product()
    picking = stock.receipt((product, 4), location_dest_id=shelf.id)
    picking.button_validate()
    delivery = stock.delivery((product, 3))
    assert delivery.move_line_ids.location_id == shelf
    delivery.button_validate()
    assert product.with_context(location=shelf.id).qty_available == 1


def test_an_operation_type_may_take_existing_lots_only(stock, refused):
    product = stock.product("Lamp", tracking="lot")
    stock.into.use_create_lots = False
    picking = stock.receipt((product, 2))
    picking.move_line_ids.lot_name = "L1"
    with refused(LotRequired, data={"lot": "L1", "product": "Lamp"}), stock.env.savepoint():
        picking.button_validate()
    lot = stock.env["stock.lot"].create({"name": "L1", "product_id": product.id})
    picking.button_validate()
    assert lot.product_qty == 2


def test_an_operation_type_may_know_of_no_lots(stock):
    product = stock.product("Lamp", tracking="lot")
    stock.into.write({"use_create_lots": False, "use_existing_lots": False})
    stock.receive(product, 2)
    assert stock.on_hand(product) == 2


def test_half_a_serial_number_is_neither_reserved_nor_moved(stock, refused):
    product = stock.product("Chair", tracking="serial")
    lot = stock.env["stock.lot"].create({"name": "S1", "product_id": product.id})
    put_stock(product, 1, lot=lot)
    picking = stock.delivery((product, "0.5"))
    assert picking.move_ids.quantity == 0
    with refused(SerialTaken, data={"lot": "S1", "quantity": "0.5"}), stock.env.savepoint():
        picking.write({"move_line_ids": [(0, 0, {"product_id": product.id, "lot_id": lot.id, "quantity": 0.5})]})
    receipt = stock.receipt((product, "1.5"))
    receipt.move_line_ids.lot_name = "S2"
    with refused(SerialTaken, data={"product": "Chair", "quantity": "1.5"}), stock.env.savepoint():
        receipt.button_validate()

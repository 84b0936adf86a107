"""Counting, returns, scrap, cancelling: how the books are brought back to what is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from addons.inventory.exceptions import InsufficientStock, InventoryError, LedgerClosed, NothingToMove
from addons.inventory.testing import put_stock
from core.exceptions import UserError, ValidationError

ADDONS = ["inventory"]


def row_of(stock, product):
    return stock.env["stock.quant"].search([("product_id", "=", product.id), ("location_id", "=", stock.stock.id)])


def test_a_new_row_is_for_the_warehouses_stock_unless_a_place_is_given(stock, refused):
    product, shelf = stock.product(), stock.stock.create({"name": "Shelf", "location_id": stock.stock.id})
    quants = stock.env["stock.quant"]
    assert quants.default_get(["location_id"]) == {"location_id": stock.stock.id}
    rows = quants.create(
        [
            {"product_id": product.id, "inventory_quantity": 4},
            {"product_id": product.id, "location_id": shelf.id, "inventory_quantity": 3},
        ]
    )
    assert rows.location_id == stock.stock | shelf
    with refused(InventoryError, code="inventory.count_incomplete", data={"field": "location_id"}):
        quants.create({"product_id": product.id, "location_id": False})


def test_counting(stock):
    product = stock.product(on_hand=10)
    row = row_of(stock, product)
    row.inventory_quantity = 12
    assert (row.inventory_quantity_set, row.inventory_diff_quantity, row.quantity) == (True, 2, 10)
    assert row.action_apply_inventory() is None
    assert (row.quantity, row.inventory_quantity_set) == (12, False)
    move = stock.env["stock.move"].search([("product_id", "=", product.id)], order="id desc", limit=1)
    assert (move.is_inventory, move.location_id.usage, move.quantity) == (True, "inventory", 2)


def test_count_with_a_reason(stock):
    product = stock.product(on_hand=10)
    row = row_of(stock, product)
    row.inventory_quantity = 9
    wizard = row.action_inventory_reason()
    wizard.inventory_adjustment_name = "Broken on the shelf"
    wizard.action_apply()
    move = stock.env["stock.move"].search([("product_id", "=", product.id)], order="id desc", limit=1)
    assert (move.inventory_name, stock.on_hand(product)) == ("Broken on the shelf", 9)


@pytest.mark.parametrize(("choice", "result"), [("action_keep_counted_quantity", 11), ("action_keep_difference", 8)])
def test_conflict_when_stock_moved_since(stock, choice, result):
    product = stock.product(on_hand=10)
    row = row_of(stock, product)
    row.inventory_quantity = 11  # one more than booked
    stock.delivery((product, 3)).button_validate()
    assert row.is_outdated
    question = row.action_apply_inventory()
    assert question._name == "stock.inventory.conflict"
    assert row.quantity == 7
    assert getattr(question, choice)() is None
    assert row.quantity == result


def test_reason_of_a_count_outlives_the_question_which_figure_holds(stock):
    product = stock.product(on_hand=10)
    row = row_of(stock, product)
    row.inventory_quantity = 11
    stock.delivery((product, 3)).button_validate()
    wizard = row.action_inventory_reason()
    wizard.inventory_adjustment_name = "Found behind the shelf"
    question = wizard.action_apply()
    assert question._name == "stock.inventory.conflict"
    question.action_keep_difference()
    move = stock.env["stock.move"].search([("product_id", "=", product.id)], order="id desc", limit=1)
    assert (move.inventory_name, stock.on_hand(product)) == ("Found behind the shelf", 8)


def test_stock_is_not_written_but_counted(stock, refused):
    product = stock.product()
    row = stock.env["stock.quant"].create({"product_id": product.id, "location_id": stock.stock.id, "quantity": 5})
    assert stock.on_hand(product) == 5
    with refused(InventoryError, code="inventory.quantity_of_ledger"):
        row.quantity = 7
    row.inventory_quantity_auto_apply = 7
    assert stock.on_hand(product) == 7
    with refused(InventoryError, code="inventory.stock_on_hand"):
        row.unlink()
    again = stock.env["stock.quant"].create(
        {"product_id": product.id, "location_id": stock.stock.id, "inventory_quantity": 6}
    )
    assert again == row and row.inventory_quantity == 6


@pytest.mark.parametrize("typed", [-1, "-0.5"])
def test_negative_counts_are_refused(stock, typed, refused):
    product = stock.product(on_hand=10)
    with refused(InventoryError, code="inventory.negative_count", data={"quantity": str(typed)}):
        row_of(stock, product).inventory_quantity = typed


def test_return(stock, refused):
    product = stock.product(on_hand=10)
    picking = stock.delivery((product, 8))
    picking.button_validate()
    wizard = picking.action_return()
    assert wizard.product_return_moves.move_quantity == 8
    wizard.product_return_moves.quantity = 3
    back = wizard.action_create_returns()
    assert (back.return_id, back.state, back.location_dest_id) == (picking, "assigned", stock.stock)
    back.button_validate()
    assert stock.on_hand(product) == 5
    wizard = picking.action_return()
    assert wizard.product_return_moves.move_quantity == 5
    wizard.product_return_moves.quantity = 6
    with refused(InventoryError, code="inventory.return_quantity", data={"quantity": "6", "most": "5"}):
        wizard.action_create_returns()


def test_returned_goods_serve_waiting_demand(stock):
    product = stock.product(on_hand=5)
    picking = stock.delivery((product, 5))
    picking.button_validate()
    waiting = stock.delivery((product, 2))
    picking.action_return().action_create_returns_all().button_validate()
    assert waiting.state == "assigned"


def test_return_brings_back_the_same_lots(stock):
    product = stock.product(tracking="lot")
    lots = stock.env["stock.lot"].create([{"name": name, "product_id": product.id} for name in "AB"])
    for lot in lots:
        put_stock(product, 5, lot=lot)
    picking = stock.delivery((product, 7))
    picking.button_validate()
    back = picking.action_return().action_create_returns_all()
    assert sorted((line.lot_id.name, line.quantity) for line in back.move_line_ids) == [("A", 5), ("B", 2)]
    back.button_validate()
    assert [lot.product_qty for lot in lots] == [5, 5]


def test_exchange(stock):
    product = stock.product(on_hand=10)
    picking = stock.delivery((product, 4))
    picking.button_validate()
    wizard = picking.action_return()
    wizard.product_return_moves.quantity = 4
    back, again = wizard.action_create_exchanges()
    assert (back.return_id, again.state) == (picking, "assigned")


def test_scrap(stock, refused):
    product = stock.product("Vase", 5)
    scrap = stock.env["stock.scrap"].create({"product_id": product.id, "scrap_qty": 2})
    scrap.action_validate()
    assert (scrap.state, stock.on_hand(product)) == ("done", 3)
    assert scrap.name.startswith("SP/")
    much = stock.env["stock.scrap"].create({"product_id": product.id, "scrap_qty": 9})
    with refused(InsufficientStock, data={"product": "Vase", "quantity": "9", "location": "WH/Stock", "on_hand": "3"}):
        much.action_validate()


def test_scrapped_stock_is_not_reserved_any_more(stock):
    product = stock.product("Vase", 5)
    picking = stock.delivery((product, 5))
    stock.env["stock.scrap"].create({"product_id": product.id, "scrap_qty": 2}).action_validate()
    assert (picking.move_ids.quantity, picking.move_ids.state) == (3, "partially_available")


def test_cancel_gives_stock_to_the_next(stock):
    product = stock.product(on_hand=5)
    first, second = stock.delivery((product, 5)), stock.delivery((product, 5))
    assert second.state == "confirmed"
    first.action_cancel()
    assert (first.state, second.state) == ("cancel", "assigned")


def test_shipping_what_the_books_do_not_know_of(stock):
    product = stock.product("Box", 5)
    other = stock.delivery((product, 3))
    picking = stock.delivery((product, 10))
    picking.move_ids.quantity = 10
    assert picking.button_validate() is None
    assert stock.on_hand(product) == -5
    assert other.move_ids.quantity == 0  # its stock has gone: the reservation went with it


def test_negative_stock_refused_where_the_location_says_so(stock, refused):
    stock.stock.allow_negative_stock = False
    product = stock.product("Box", 5)
    other = stock.delivery((product, 3))
    picking = stock.delivery((product, 10))
    data = {"quantity": "10", "location": "WH/Stock", "on_hand": "5", "reserved_by": {other.name: "3"}}
    with refused(InsufficientStock, data=data):
        picking.move_ids.quantity = 10


def test_bad_quantities(stock, refused):
    product = stock.product("Box", 5)
    picking = stock.delivery((product, 3))
    for bad in (-1, "-2"):
        with pytest.raises(InventoryError):
            picking.move_ids.quantity = bad
        with refused(InventoryError, code="inventory.negative_quantity", data={"product": "Box", "quantity": str(bad)}):
            picking.move_ids.product_uom_qty = bad
    for bad in ("three", "1e400000", "NaN"):
        with pytest.raises(ValidationError):
            picking.move_ids.quantity = bad
    empty = stock.delivery(confirm=False)
    with refused(NothingToMove, data={"documents": [empty.name]}):
        empty.action_confirm()
    assert picking.move_ids.quantity == 3


@pytest.mark.parametrize("complete", [False, True], ids=["by the transfer", "with all values"])
def test_demand_below_zero_is_refused_whatever_is_given_with_it(stock, complete, refused):
    product = stock.product("Box", 5)
    picking = stock.delivery(confirm=False)
    values = {"product_id": product.id, "product_uom_qty": -1, "picking_id": picking.id}
    if complete:
        values |= {
            "product_uom": product.uom_id.id,
            "location_id": picking.location_id.id,
            "location_dest_id": picking.location_dest_id.id,
            "company_id": picking.company_id.id,
            "date": picking.scheduled_date,
        }
    with refused(InventoryError, code="inventory.negative_quantity", data={"product": "Box", "quantity": "-1"}):
        stock.env["stock.move"].create(values)


def test_demand_changed_after_confirmation(stock):
    product = stock.product(on_hand=10)
    picking = stock.delivery((product, 6))
    move = picking.move_ids
    move.product_uom_qty = 8
    assert (move.quantity, move.state) == (8, "assigned")
    move.product_uom_qty = 3
    assert (move.quantity, move.state) == (3, "assigned")
    move.product_uom_qty = 12
    assert (move.quantity, move.state) == (10, "partially_available")


def test_split_transfer_on_demand(stock):
    product = stock.product(on_hand=10)
    picking = stock.delivery((product, 10))
    picking.move_ids.quantity = 4
    rest = picking.action_split_transfer()
    assert (picking.move_ids.product_uom_qty, picking.state) == (4, "assigned")
    assert (rest.backorder_id, rest.move_ids.product_uom_qty) == (picking, Decimal(6))


def test_put_in_pack(stock):
    product = stock.product(on_hand=10)
    picking = stock.delivery((product, 4))
    package = picking.action_put_in_pack()
    assert package.name.startswith("PACK")
    picking.button_validate()
    assert picking.move_line_ids.result_package_id == package


def test_zero_quantity_line_is_cancelled(stock):
    one, two = stock.product("One", 5), stock.product("Two", 5)
    stock.out.create_backorder = "never"
    picking = stock.delivery((one, 5), (two, 5))
    picking.move_ids[1].quantity = 0
    picking.button_validate()
    assert [move.state for move in picking.move_ids] == ["done", "cancel"]
    assert stock.on_hand(two) == 5


# ---------------------------------------------------------------------------- returns and exchanges within a chain
def ship_in_two_steps(stock, product, quantity):
    """The pick and the ship of a delivery of which shipping asks picking."""
    stock.pulled_in_two_steps(product)
    rule = stock.env["stock.rule"]
    values = {"warehouse_id": stock.warehouse}
    company = stock.env.company
    rule.run([rule.Procurement(product, quantity, stock.unit, stock.customers, "Order", "S1", company, values)])
    moves = stock.env["stock.move"].search([("product_id", "=", product.id), ("origin", "=", "S1")])
    ship = moves.filtered(lambda move: move.location_dest_id == stock.customers)
    return (moves - ship).picking_id, ship.picking_id


def test_what_was_picked_goes_back_although_the_next_step_has_it_reserved(stock):
    pick, ship = ship_in_two_steps(stock, stock.product(on_hand=10), 5)
    pick.button_validate()
    assert ship.state == "assigned"
    wizard = pick.action_return()
    wizard.product_return_moves.quantity = 2
    back = wizard.action_create_returns()
    assert (back.state, back.move_ids.quantity, ship.move_ids.quantity) == ("assigned", 2, 3)
    back.button_validate()
    assert ship.move_ids.quantity == 3


def test_an_exchange_is_brought_from_stock_again(stock):
    product = stock.product(on_hand=10)
    pick, ship = ship_in_two_steps(stock, product, 5)
    pick.button_validate()
    ship.button_validate()
    wizard = ship.action_return()
    wizard.product_return_moves.quantity = 2
    _back, again = wizard.action_create_exchanges()
    assert (again.state, again.move_ids.move_orig_ids.state) == ("waiting", "assigned")
    again.move_ids.move_orig_ids.picking_id.button_validate()
    assert again.state == "assigned"


def test_a_client_opens_the_return_from_the_transfer(stock):
    picking = stock.delivery((stock.product(on_hand=5), 5))
    picking.button_validate()
    context = {"active_model": "stock.picking", "active_id": picking.id, "active_ids": picking.ids}
    wizard = stock.env["stock.return.picking"].with_context(**context).create({})
    assert (wizard.picking_id, wizard.product_return_moves.move_quantity) == (picking, 5)


# ---------------------------------------------------------------------------- scrap
def scrap(stock, product, quantity=1, **values):
    """A scrap that waits to be validated."""
    return stock.env["stock.scrap"].create({"product_id": product.id, "scrap_qty": quantity, **values})


def test_scrap_is_taken_from_where_it_lies_free_stock_first(stock, refused):
    product = stock.product("Vase", 2)
    shelf = stock.env["stock.location"].create({"name": "Shelf", "usage": "internal", "location_id": stock.stock.id})
    put_stock(product, 4, shelf)
    picking = stock.delivery((product, 1))
    first, second = scrap(stock, product, 3), scrap(stock, product, 2)
    (first | second).action_validate()
    assert (stock.on_hand(product, shelf), stock.on_hand(product), picking.move_ids.quantity) == (0, 1, 1)
    with refused(InsufficientStock, data={"product": "Vase", "quantity": "2", "on_hand": "1"}):
        scrap(stock, product, 2).action_validate()


def test_the_place_of_a_scrapped_serial_number_follows(stock, messages):
    product = stock.product("Chair", tracking="serial")
    lot = stock.env["stock.lot"].create({"name": "S1", "product_id": product.id})
    packing = stock.env.ref("inventory.location_pack_zone")
    put_stock(product, 1, packing, lot=lot)
    found = scrap(stock, product, lot_id=lot.id)
    messages.check(found._onchange_serial_number()["warning"]["message"])
    assert found.location_id == packing
    found.action_validate()
    assert lot.product_qty == 0


def test_scrap_of_a_foreign_lot_is_refused(stock, refused):
    product, other = stock.product("Lamp", tracking="lot"), stock.product("Vase", tracking="lot")
    lot = stock.env["stock.lot"].create({"name": "L1", "product_id": other.id})
    data = {"lot": "L1", "lot_product": "Vase", "product": "Lamp"}
    with refused(InventoryError, code="inventory.lot_of_other_product", data=data):
        scrap(stock, product, lot_id=lot.id).action_validate()


def test_a_done_scrap_stays(stock, refused):
    done = scrap(stock, stock.product("Vase", 5))
    done.action_validate()
    with pytest.raises(LedgerClosed):
        done.write({"scrap_qty": 3})
    with pytest.raises(UserError) as refusal:
        done.write({"state": "draft"})
    assert refusal.value.code == "settled_field"
    with refused(LedgerClosed, data={"documents": [done.name]}):
        done.unlink()


def test_a_package_is_at_one_place(stock, refused):
    product = stock.product(on_hand=10)
    shelf = stock.env["stock.location"].create({"name": "Shelf", "usage": "internal", "location_id": stock.stock.id})
    inside = stock.transfer(stock.internal, (product, 4), location_dest_id=shelf.id)
    package = inside.action_put_in_pack()
    inside.button_validate()
    more = stock.transfer(stock.internal, (product, 1), location_dest_id=stock.stock.id)
    more.move_line_ids.result_package_id = package
    data = {"package": package.name}
    with refused(InventoryError, code="inventory.package_at_two_places", data=data), stock.env.savepoint():
        more.button_validate()


def test_what_is_taken_out_of_a_package_leaves_it(stock):
    product, other = stock.product("One"), stock.product("Other")
    package = stock.env["stock.package"].create({})
    shelf = stock.env["stock.location"].create({"name": "Shelf", "usage": "internal", "location_id": stock.stock.id})
    quant = stock.env["stock.quant"]
    quant._update_available_quantity(product, stock.stock, 5, package_id=package)
    quant._update_available_quantity(other, stock.stock, 5, package_id=package)
    part = stock.transfer(stock.internal, (product, 5), location_dest_id=shelf.id)
    part.button_validate()
    assert (part.move_line_ids.result_package_id.ids, package.location_id) == ([], stock.stock)
    rest = stock.transfer(stock.internal, (other, 5), location_dest_id=shelf.id)
    rest.button_validate()
    assert (rest.move_line_ids.result_package_id, package.location_id) == (package, shelf)


def test_reserved_stock_follows_at_once(stock):
    product = stock.product(on_hand=5)
    row = row_of(stock, product)
    picking = stock.delivery((product, 2))
    assert (row.reserved_quantity, row.available_quantity) == (2, 3)
    picking.do_unreserve()
    assert (row.reserved_quantity, row.available_quantity) == (0, 5)


def test_goods_of_another_company_stay_out(stock, refused):
    company = stock.env["res.company"].create({"name": "Second"})
    theirs = stock.product("Theirs", company_id=company.id)
    data = {"field": "product_id", "linked": "Theirs", "linked_company": "Second"}
    with refused(ValidationError, code="company_mismatch", data=data):
        stock.delivery((theirs, 1))


def test_a_transfer_has_no_status_to_write(stock, refused):
    picking = stock.delivery((stock.product(), 5))
    with refused(UserError, code="settled_field", data={"value": "done"}):
        picking.state = "done"


def test_the_forecast_follows_a_new_date(stock):
    product = stock.product(on_hand=10)
    picking = stock.delivery((product, 3), scheduled_date="2030-01-01 00:00:00")
    then = product.with_context(to_date="2030-06-01")
    assert then.virtual_available == 7
    picking.move_ids.date = "2031-01-01 00:00:00"
    assert then.virtual_available == 10

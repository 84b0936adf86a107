"""How much is there, how much is free, and which of it goes out first."""

from __future__ import annotations

from datetime import datetime

import pytest

from addons.inventory.exceptions import InsufficientStock

ADDONS = ["inventory"]
OLD, OLDER = datetime(2021, 1, 1), datetime(2020, 1, 1)


@pytest.fixture
def quant(stock):
    """The stock rows."""
    return stock.env["stock.quant"]


@pytest.fixture
def shelves(stock):
    """Two shelves in the stock."""
    return stock.env["stock.location"].create(
        [{"name": name, "usage": "internal", "location_id": stock.stock.id} for name in ("Shelf 1", "Shelf 2")]
    )


def lots(product, *names):
    """Lots of a product."""
    return product.env["stock.lot"].create([{"name": name, "product_id": product.id} for name in names])


def move(stock, product, quantity, source, destination):
    """A movement that is done at once."""
    made = stock.env["stock.move"].create(
        {
            "product_id": product.id,
            "product_uom_qty": quantity,
            "location_id": source.id,
            "location_dest_id": destination.id,
        }
    )
    made._action_confirm()
    made._action_assign()
    return made._action_done()


def test_nothing_free_is_zero_and_what_is_missing_is_told_when_asked(stock, quant):
    product = stock.product(on_hand=3)
    assert quant._update_available_quantity(product, stock.stock, -5)[0] == -2
    assert quant._get_available_quantity(product, stock.stock) == 0
    assert quant._get_available_quantity(product, stock.stock, allow_negative=True) == -2
    unknown = stock.product("Unknown to the books")
    stock.delivery((unknown, 4)).move_ids.quantity = 4
    assert quant._get_available_quantity(unknown, stock.stock, allow_negative=True) == -4


def test_a_lot_that_is_missing_does_not_reduce_the_others(stock, quant):
    product = stock.product("Lamp", tracking="lot")
    first, second = lots(product, "A", "B")
    quant._update_available_quantity(product, stock.stock, 5, lot_id=first)
    quant._update_available_quantity(product, stock.stock, -2, lot_id=second)
    assert quant._get_available_quantity(product, stock.stock) == 5
    assert quant._get_available_quantity(product, stock.stock, allow_negative=True) == 3


def test_stock_without_a_lot_answers_for_any_lot_and_goes_last(stock, quant):
    product = stock.product("Lamp", tracking="lot")
    first, second = lots(product, "A", "B")
    quant._update_available_quantity(product, stock.stock, 2, in_date=OLDER)
    quant._update_available_quantity(product, stock.stock, 5, lot_id=first)
    quant._update_available_quantity(product, stock.stock, 3, lot_id=second)
    assert quant._get_available_quantity(product, stock.stock, lot_id=first) == 7
    assert quant._get_available_quantity(product, stock.stock, lot_id=first, strict=True) == 5
    assert quant._get_available_quantity(product, stock.stock, strict=True) == 2
    assert quant._gather(product, stock.stock, lot_id=first).lot_id == first
    assert [row.lot_id.name or "" for row in quant._gather(product, stock.stock)] == ["A", "B", ""]


def test_packages_and_owners_are_asked_for_exactly(stock, quant):
    product = stock.product()
    package = stock.env["stock.package"].create({})
    owner = stock.env["res.partner"].create({"name": "Deco Addict"})
    quant._update_available_quantity(product, stock.stock, 5, package_id=package)
    quant._update_available_quantity(product, stock.stock, 3, owner_id=owner)
    quant._update_available_quantity(product, stock.stock, 2)
    assert quant._get_available_quantity(product, stock.stock) == 10
    assert quant._get_available_quantity(product, stock.stock, package_id=package) == 5
    assert quant._get_available_quantity(product, stock.stock, owner_id=owner) == 3
    assert quant._get_available_quantity(product, stock.stock, strict=True) == 2


def test_what_customers_have_is_told_by_the_ledger(stock, quant):
    product = stock.product(on_hand=10)
    picking = stock.delivery((product, 4))
    picking.button_validate()
    assert quant._get_available_quantity(product, stock.customers) == 4
    assert quant._get_available_quantity(product, stock.suppliers) == 0
    wizard = picking.action_return()
    wizard.product_return_moves.quantity = 1
    wizard.action_create_returns().button_validate()
    assert quant._get_available_quantity(product, stock.customers) == 3


@pytest.mark.parametrize(("method", "first"), [("fifo", "Shelf 2"), ("lifo", "Shelf 1"), ("closest", "Shelf 1")])
def test_rows_come_in_the_order_in_which_they_go_out(stock, quant, shelves, method, first):
    product = stock.product()
    product.categ_id = stock.env["product.category"].create(
        {"name": "Strategic", "removal_strategy_id": stock.env.ref(f"inventory.removal_{method}").id}
    )
    quant._update_available_quantity(product, shelves[0], 1, in_date=OLD)
    quant._update_available_quantity(product, shelves[1], 1, in_date=OLDER)
    assert quant._gather(product, stock.stock)[0].location_id.name == first
    assert stock.delivery((product, 1)).move_line_ids.location_id.name == first


def test_stock_does_not_get_younger_by_moving_within_the_house(stock, quant, shelves):
    product = stock.product()
    quant._update_available_quantity(product, shelves[0], 2, in_date=OLDER)
    quant._update_available_quantity(product, stock.stock, 2, in_date=OLD)
    move(stock, product, 2, shelves[0], shelves[1])
    assert quant._gather(product, shelves[1]).in_date == OLDER
    assert stock.delivery((product, 1)).move_line_ids.location_id == shelves[1]


def test_a_row_that_was_empty_starts_anew_and_one_that_was_not_keeps_its_date(stock, quant):
    product = stock.product()
    quant._update_available_quantity(product, stock.stock, 1, in_date=OLDER)
    stock.receive(product, 1)
    assert quant._gather(product, stock.stock).in_date == OLDER
    move(stock, product, 2, stock.stock, stock.customers)
    stock.receive(product, 1)
    assert quant._gather(product, stock.stock).in_date > OLD


def test_empty_rows_of_lots_are_deleted_and_others_stay(stock, quant):
    plain, tracked = stock.product(on_hand=2), stock.product("Lamp", tracking="lot")
    (lot,) = lots(tracked, "A")
    quant._update_available_quantity(tracked, stock.stock, 2, lot_id=lot)
    stock.delivery((plain, 2), (tracked, 2)).button_validate()
    left = quant.search([("location_id", "=", stock.stock.id), ("product_id", "in", [plain.id, tracked.id])])
    assert [(row.product_id, row.quantity) for row in left] == [(plain, 0)]


def test_a_refusal_says_what_was_there_before_it(stock, quant, refused):
    product = stock.product(on_hand=5)
    stock.stock.allow_negative_stock = False
    with refused(InsufficientStock, data={"location": "WH/Stock", "on_hand": "5"}), stock.env.savepoint():
        quant._update_available_quantity(product, stock.stock, -6)


def test_a_serial_number_held_by_another_document_is_named(stock, quant, refused):
    product = stock.product("Chair", tracking="serial")
    first, second = lots(product, "S1", "S2")
    for lot in (first, second):
        quant._update_available_quantity(product, stock.stock, 1, lot_id=lot)
    holder, other = stock.delivery((product, 1)), stock.delivery((product, 1))
    data = {"product": "Chair", "lot": "S1", "reserved_by": {holder.name: "1"}}
    with refused(InsufficientStock, data=data):
        other.move_line_ids.lot_id = first

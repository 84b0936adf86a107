"""What other systems get wrong, each from a real complaint."""

from __future__ import annotations

from decimal import Decimal

from addons.inventory.exceptions import UnitMismatch
from addons.inventory.testing import put_stock

ADDONS = ["inventory"]


def test_exact_remainders(stock):
    """3140 - 3106.4 leaves 33.6, and all of it can be reserved."""
    product = stock.product(on_hand="3140")
    first = stock.delivery((product, "3106.4"))
    assert product.free_qty == Decimal("33.6")
    second = stock.delivery((product, "33.6"))
    assert (first.move_ids.state, second.move_ids.state) == ("assigned", "assigned")
    assert product.free_qty == 0


def test_exact_differences(stock):
    """5.95 - 5.5 is 0.45 everywhere: on hand, free, in the backorder, and in the sums."""
    stock.out.create_backorder = "always"
    product = stock.product(on_hand="5.5")
    picking = stock.delivery((product, "5.95"))
    picking.button_validate()
    rest = picking.backorder_ids
    assert rest.move_ids.product_uom_qty == Decimal("0.45")
    assert rest.move_ids.shortfall_id.quantity_owed == Decimal("0.45")
    assert product.outgoing_qty == Decimal("0.45")
    assert product.virtual_available == Decimal("-0.45")
    stock.receive(product, "0.45")
    assert rest.state == "assigned"
    rest.button_validate()
    assert stock.on_hand(product) == 0


def test_backorder_of_a_small_part_is_reserved(stock):
    """A backorder over 0.28 with ample stock reserves 0.28."""
    stock.out.create_backorder = "always"
    product = stock.product(on_hand=100)
    picking = stock.delivery((product, "1.28"))
    picking.move_ids.quantity = Decimal(1)
    picking.button_validate()
    rest = picking.backorder_ids
    assert (rest.state, rest.move_ids.quantity) == ("assigned", Decimal("0.28"))


def test_unreserving_never_fails(stock):
    """Whatever happened to the stock in between, a reservation can be given back."""
    product = stock.product(on_hand=10)
    picking = stock.delivery((product, 10))
    put_stock(product, 3)  # a count finds less than is reserved
    assert picking.move_ids.quantity == 3
    picking.do_unreserve()
    assert picking.move_ids.quantity == 0
    picking.do_unreserve()
    assert product.free_qty == 3


def test_stocktake_while_stock_is_reserved(stock):
    """Counting is possible while stock is reserved; only what is gone is taken from the lowest rank."""
    product = stock.product(on_hand=10)
    urgent = stock.delivery((product, 4), priority="1")
    urgent.move_ids.priority = "1"
    normal = stock.delivery((product, 6))
    row = stock.env["stock.quant"].search([("product_id", "=", product.id)])
    row.inventory_quantity = 5
    assert row.inventory_diff_quantity == -5
    row.action_apply_inventory()
    assert stock.on_hand(product) == 5
    assert (urgent.move_ids.quantity, normal.move_ids.quantity) == (4, 1)
    assert normal.move_ids.state == "partially_available"


def test_a_lot_reserved_in_part_by_two_orders_blocks_neither(stock):
    product = stock.product(tracking="lot")
    lot = stock.env["stock.lot"].create({"name": "L1", "product_id": product.id})
    put_stock(product, 10, lot=lot)
    first, second = stock.delivery((product, 4)), stock.delivery((product, 6))
    assert first.move_line_ids.lot_id == second.move_line_ids.lot_id == lot
    second.button_validate()
    first.button_validate()
    assert (first.state, second.state, lot.product_qty) == ("done", "done", 0)


def test_a_backorder_to_order_never_orders_again(stock):
    """Splitting a make-to-order delivery leaves the order behind it as it was."""
    env = stock.env
    stock.warehouse.out_type_id.create_backorder = "always"
    stock.warehouse.pick_type_id.create_backorder = "always"
    product = stock.product(on_hand=10)
    stock.pulled_in_two_steps(product)
    rule = env["stock.rule"]
    rule.run(
        [
            rule.Procurement(
                product,
                Decimal(10),
                stock.unit,
                stock.customers,
                "",
                "S1",
                env.company,
                {"warehouse_id": stock.warehouse},
            )
        ]
    )
    moves = env["stock.move"].search([("product_id", "=", product.id)]).filtered(lambda move: not move.is_inventory)
    pick = moves.filtered(lambda move: move.location_id == stock.stock)
    ship = pick.move_dest_ids
    pick.quantity = 6
    pick.picking_id.button_validate()
    assert ship.quantity == 6
    ship.picking_id.button_validate()
    rest = ship.picking_id.backorder_ids
    assert rest.move_ids.product_uom_qty == 4
    assert rest.move_ids.state == "waiting"
    ordered = env["stock.move"].search([("product_id", "=", product.id), ("location_id", "=", stock.stock.id)])
    assert sum(ordered.filtered(lambda move: move.state != "cancel").mapped("product_uom_qty")) == 10
    open_pick = ordered.filtered(lambda move: move.state != "done")
    assert open_pick.move_dest_ids == rest.move_ids | ship
    open_pick.picking_id.button_validate()
    assert rest.state == "assigned"


def test_units_convert_exactly(stock, refused):
    unit, dozen = stock.unit, stock.dozen
    gram, kilo = stock.env.ref("inventory.product_uom_gram"), stock.env.ref("inventory.product_uom_kgm")
    assert dozen._compute_quantity(Decimal(3), unit) == 36
    assert unit._compute_quantity(Decimal(6), dozen) == Decimal("0.5")
    assert kilo._compute_quantity(Decimal("0.1"), gram) == 100
    assert gram._compute_quantity(Decimal("1"), kilo, round=False) == Decimal("0.001")
    third = unit._compute_quantity(Decimal(4), dozen, round=False)
    assert dozen._compute_quantity(third, unit, rounding_method="HALF-UP") == 4
    assert unit._convert_exactly(Decimal(1), dozen) is None
    with refused(UnitMismatch, data={"quantity": "1", "unit": "Units", "other": "Dozens"}):
        unit._require_exact(Decimal(1), dozen)
    with refused(UnitMismatch, data={"unit": "Units", "other": "kg"}):
        unit._compute_quantity(Decimal(1), kilo)


def test_a_split_that_is_no_exact_number_of_the_unit_is_stated_in_the_products_own(stock):
    stock.out.create_backorder = "always"
    product = stock.product(on_hand=7)
    picking = stock.delivery((product, 10, stock.dozen))
    picking.button_validate()
    rest = picking.backorder_ids
    assert (rest.move_ids.product_uom_qty, rest.move_ids.product_uom) == (113, stock.unit)
    done = picking.move_ids
    assert (done.product_uom_qty, done.product_uom, done.quantity) == (7, stock.unit, 7)


def test_units_round_and_compare_by_their_own_precision(stock):
    stock.unit.rounding = "0.01"
    assert stock.unit.round(Decimal("0.125")) == Decimal("0.13")
    assert stock.unit.round(Decimal("0.121"), rounding_method="UP") == Decimal("0.13")
    assert stock.unit.compare(Decimal("1.004"), 1) == 0 and stock.unit.compare(2, 1) == 1
    assert stock.unit.is_zero(Decimal("0.004")) and not stock.unit.is_zero(Decimal("0.005"))


def test_five_grams_leave_a_kilogram_as_five_grams(stock):
    """Kilograms are rounded to 0.01 where they have to be; a demand that is exact in them is not rounded."""
    gram, kilo = stock.env.ref("inventory.product_uom_gram"), stock.env.ref("inventory.product_uom_kgm")
    product = stock.product("Saffron", 1, uom_id=kilo.id)
    for quantity, left in ((5, "0.995"), (4, "0.991")):
        picking = stock.delivery((product, quantity, gram))
        assert (picking.state, picking.move_ids.quantity) == ("assigned", quantity)
        picking.button_validate()
        assert picking.state == "done"
        assert stock.on_hand(product) == Decimal(left)
    stock.laws()


def test_what_is_typed_in_grams_on_a_line_comes_in_as_grams(stock):
    gram, kilo = stock.env.ref("inventory.product_uom_gram"), stock.env.ref("inventory.product_uom_kgm")
    product = stock.product("Saffron", uom_id=kilo.id)
    receipt = stock.receipt((product, 5, gram))
    assert product.incoming_qty == Decimal("0.005")
    receipt.move_ids.move_line_ids.write({"product_uom_id": gram.id, "quantity": 4})
    receipt.button_validate(answers={"backorder": {receipt.id: False}})
    assert stock.on_hand(product) == Decimal("0.004")
    stock.laws()


def test_a_part_of_a_dozen_that_had_to_be_rounded_is_still_so_many_units(stock):
    """7 of 12 is 0.583333 dozens, as far as they can be written down: not 6.999996 units."""
    product = stock.product(on_hand=10)
    picking = stock.delivery((product, "0.583333", stock.dozen))
    assert (picking.state, picking.move_ids.product_qty) == ("assigned", 7)
    picking.button_validate()
    assert stock.on_hand(product) == 3
    stock.laws()

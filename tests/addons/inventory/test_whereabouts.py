"""Where goods are once they have left the house: at customers, at vendors, at a past date, by lot and package."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from addons.inventory.testing import put_stock
from core.exceptions import ValidationError
from core.testing.queries import max_queries

ADDONS = ["inventory"]
FIGURES = ("qty_available", "free_qty", "incoming_qty", "outgoing_qty", "virtual_available")


def figures(product, **context):
    """All figures of a product, read afresh at the place and date of the context."""
    product.env.invalidate_all()
    return [product.with_context(**context)[name] for name in FIGURES]


def send_back(picking, quantity):
    wizard = picking.action_return()
    wizard.product_return_moves.quantity = quantity
    back = wizard.action_create_returns()
    back.button_validate()
    return back


def lot_of(product, name, quantity):
    """A lot with stock."""
    lot = product.env["stock.lot"].create({"name": name, "product_id": product.id})
    put_stock(product, quantity, lot=lot)
    return lot


@pytest.mark.parametrize(
    ("model", "parent"),
    [("stock.location", "location_id"), ("product.category", "parent_id"), ("uom.uom", "relative_uom_id")],
)
def test_no_tree_is_tied_into_a_loop(stock, model, parent):
    top = stock.env[model].create({"name": "Top"})
    below = stock.env[model].create({"name": "Below", parent: top.id})
    for under in (top, below):
        with pytest.raises(ValidationError) as refused, stock.env.savepoint():
            top[parent] = under
        assert (refused.value.code, refused.value.fields) == ("below_itself", [parent])


def test_at_customers_there_is_what_went_to_them_and_did_not_come_back(stock):
    product = stock.product(on_hand=10)
    picking = stock.delivery((product, 6))
    picking.button_validate()
    send_back(picking, 2)
    stock.delivery((product, 3))
    assert figures(product, location=stock.customers.id) == [4, 4, 3, 0, 7]
    assert figures(product, location=stock.stock.id) == [6, 3, 0, 3, 3]
    everywhere = [stock.stock.id, stock.customers.id]
    assert figures(product, location=everywhere) == [10, 7, 0, 0, 10]
    assert stock.env["product.product"].with_context(location=stock.customers.id).search(
        [("qty_available", "=", 4)]
    ) == product  # fmt: skip


def test_vendors_lack_what_came_from_them_and_nothing_of_theirs_is_reserved(stock):
    product = stock.product()
    stock.receive(product, 8)
    stock.receipt((product, 5))
    assert figures(product, location=stock.suppliers.id) == [-8, -8, 0, 5, -13]


def test_what_is_not_kept_in_stock_is_nowhere(stock):
    screws = stock.product("Screws", is_storable=False)
    stock.delivery((screws, 5)).button_validate()
    assert figures(screws, location=stock.customers.id) == [0] * 5
    assert figures(screws, to_date=datetime.now() - timedelta(days=1))[0] == 0


def test_stock_at_a_past_date_outside_and_across_the_border(stock):
    product = stock.product(on_hand=10)
    first = stock.delivery((product, 4))
    first.button_validate()
    day = timedelta(days=1)
    now = datetime.now()
    for line in stock.env["stock.move.line"].search([("product_id", "=", product.id)]):
        line._settle({"date": now - (5 * day if line.picking_id != first else 3 * day)})
    stock.delivery((product, 1)).button_validate()
    send_back(first, 2)
    at = {
        days: [figures(product, location=place, to_date=now - days * day)[0] for place in (
            stock.stock.id, stock.customers.id, [stock.stock.id, stock.customers.id]
        )]
        for days in (6, 4, 2)
    }  # fmt: skip
    assert at == {6: [0, 0, 0], 4: [10, 0, 10], 2: [6, 4, 10]}
    assert figures(product, location=stock.stock.id)[0] == 7
    assert figures(product, location=stock.customers.id)[0] == 3


def test_a_lot_is_where_it_was_sent_and_where_it_came_back_to(stock):
    product = stock.product("Lamp", tracking="lot")
    lot = lot_of(product, "L1", 5)
    assert (lot.location_id, lot.product_qty) == (stock.stock, 5)
    picking = stock.delivery((product, 5))
    picking.button_validate()
    stock.env.invalidate_all()
    assert (lot.location_id, lot.product_qty) == (stock.customers, 0)
    assert figures(product, location=stock.customers.id, lot_id=lot.id)[0] == 5
    send_back(picking, 2)
    stock.env.invalidate_all()
    assert (lot.location_id, lot.product_qty) == (stock.stock, 2), "what is in the house is looked for there"
    shelf = stock.env["stock.location"].create({"name": "Shelf", "location_id": stock.stock.id})
    put_stock(product, 1, shelf, lot)
    stock.env.invalidate_all()
    assert not lot.location_id


def test_lots_are_found_by_where_they_are(stock):
    product = stock.product("Lamp", tracking="lot")
    here, gone, scrapped = (lot_of(product, name, 1) for name in ("HERE", "GONE", "SCRAP"))
    unused = stock.env["stock.lot"].create({"name": "UNUSED", "product_id": product.id})
    picking = stock.delivery((product, 1), confirm=False)
    stock.env["stock.move.line"].create(
        {"move_id": picking.move_ids.id, "picking_id": picking.id, "product_id": product.id, "lot_id": gone.id,
         "quantity": 1}
    )  # fmt: skip
    picking.button_validate()
    scrap = stock.env["stock.scrap"].create({"product_id": product.id, "lot_id": scrapped.id, "scrap_qty": 1})
    scrap.action_validate()
    lots = stock.env["stock.lot"]
    mine = [("product_id", "=", product.id)]

    def found(*condition):
        return lots.search([*mine, ("location_id", *condition)])

    assert found("=", stock.customers.id) == found("ilike", "customers") == gone
    assert found("=", stock.stock.id) == found("child_of", stock.warehouse.view_location_id.id) == here
    assert found("in", [stock.customers.id, scrap.scrap_location_id.id]) == gone | scrapped
    assert found("!=", stock.customers.id) == here | scrapped | unused
    assert found("=", False) == unused
    assert found("!=", False) == here | gone | scrapped
    assert lots.search([*mine, ("location_id.usage", "=", "customer")]) == gone
    assert lots.search([*mine, ("location_id", "in", [False, stock.stock.id])]) == here | unused


def test_a_package_is_at_the_customer_with_what_was_in_it(stock):
    lamp, desk = stock.product("Lamp", 5), stock.product("Desk", 5)
    picking = stock.delivery((lamp, 2), (desk, 1))
    package = picking.action_put_in_pack()
    assert not package.location_id
    picking.button_validate()
    stock.env.invalidate_all()
    assert (package.location_id, package.content_description) == (stock.customers, "2 Lamp, 1 Desk")
    assert stock.env["stock.package"].search([("location_id", "=", stock.customers.id)]) == package


@pytest.mark.dialects("sqlite")
def test_the_places_of_many_lots_cost_as_much_as_that_of_one(stock):
    product = stock.product("Lamp", tracking="lot")
    lots = stock.env["stock.lot"].browse()
    for number in range(20):
        lots |= lot_of(product, f"L{number:02}", 1)
    stock.delivery((product, 12)).button_validate()
    stock.env.flush_all()
    stock.env.invalidate_all()
    with max_queries(stock.env, 8):
        places = lots.mapped(lambda lot: lot.location_id.id)
    assert (places.count(stock.customers.id), places.count(stock.stock.id)) == (12, 8)

"""Every combination of what a delivery can be: policy, shipping, tracking, reservation, steps and unit."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest

from addons.inventory.exceptions import NothingToMove, NotReady
from addons.inventory.testing import put_lots, put_stock

ADDONS = ["inventory"]

POLICIES = ("ask", "always", "never")
SHIPPING = ("direct", "one")
TRACKING = ("none", "lot", "serial")
RESERVED = (True, False)
STEPS = ("ship_only", "pick_ship", "pick_pack_ship")
UNITS = ("unit", "dozen")

DEMAND = 24
ON_HAND = 15  # a dozen and a quarter: no whole number of dozens


def supplied(stock, tracking):
    product = stock.product(f"Chair {tracking}", tracking=tracking)
    lots = stock.env["stock.lot"]
    if tracking == "none":
        put_stock(product, ON_HAND)
    elif tracking == "lot":
        put_lots(
            product, {lots.create({"name": name, "product_id": product.id}): n for name, n in (("A", 9), ("B", 6))}
        )
    else:
        serials = lots.create([{"name": f"SN{n:03}", "product_id": product.id} for n in range(ON_HAND)])
        put_lots(product, dict.fromkeys(serials, 1))
    return product


def ship(picking):
    """Validate, whatever is asked: a backorder, please."""
    question = picking.button_validate()
    if question:
        question.process()


def first_move(stock, product, steps, unit):
    """Order the product through the warehouse's own rules; the move off the shelf."""
    stock.warehouse.delivery_steps = steps
    quantity = Decimal(DEMAND) if unit == "unit" else Decimal(DEMAND) / 12
    rule = stock.env["stock.rule"]
    reference = stock.env["stock.reference"].create({"name": "S00001"})
    rule.run(
        [
            rule.Procurement(
                product, quantity, getattr(stock, unit), stock.customers, product.name, "S00001", stock.env.company,
                {"warehouse_id": stock.warehouse, "reference_ids": reference},
            )
        ]
    )  # fmt: skip
    return stock.env["stock.move"].search([("product_id", "=", product.id), ("location_id", "=", stock.stock.id)])


@pytest.mark.slow
@pytest.mark.parametrize("tracking", TRACKING)
@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("unit", UNITS)
def test_matrix(stock, tracking, steps, unit):
    kinds = (stock.warehouse.out_type_id, stock.warehouse.pick_type_id, stock.warehouse.pack_type_id)
    for policy, shipping, reserved in itertools.product(POLICIES, SHIPPING, RESERVED):
        product = supplied(stock, tracking)
        for kind in kinds:
            kind.write({"create_backorder": policy, "move_type": shipping})
        move = first_move(stock, product, steps, unit)
        picking = move.picking_id
        if not reserved:
            picking.do_unreserve()
            assert not picking.move_line_ids
            with pytest.raises(NotReady if shipping == "one" else NothingToMove):
                picking.button_validate()
            stock.laws()
            picking.action_cancel()
            stock.laws()
            put_stock_back(stock, product)
            continue
        assert sum(picking.move_line_ids.mapped("quantity_product_uom")) == ON_HAND
        if shipping == "one":
            assert picking.state == "confirmed"
            with pytest.raises(NotReady) as refusal:
                picking.button_validate()
            (missing,) = refusal.value.data["missing"]
            assert (missing["quantity"], missing["unit"]) == ("9", "Units")
            picking.action_cancel()
            stock.laws()
            put_stock_back(stock, product)
            continue
        check_partial(stock, picking, policy, product)
        for _step in range(STEPS.index(steps)):
            move = move.move_dest_ids
            check_follower(move)
        assert move.location_dest_id == stock.customers and not move.move_dest_ids
        stock.laws()


def check_partial(stock, picking, policy, product):
    question = picking.button_validate()
    assert bool(question) == (policy == "ask")
    if question:
        question.process()
    assert picking.state == "done"
    done = picking.move_ids.filtered(lambda move: move.state == "done")
    assert sum(done.move_line_ids.mapped("quantity_product_uom")) == ON_HAND
    assert stock.on_hand(product) == 0
    rest = picking.backorder_ids
    assert bool(rest) == (policy != "never")
    if rest:
        assert rest.move_ids.product_qty == DEMAND - ON_HAND
        assert done.product_qty == ON_HAND
        assert rest.state == "confirmed"


def check_follower(move):
    """The next transfer is over what the one before brought, and no more."""
    ready = move.picking_id
    assert move.product_qty == ON_HAND and ready.state == "assigned"
    assert sum(ready.move_line_ids.mapped("quantity_product_uom")) == ON_HAND
    ship(ready)
    assert ready.state == "done"


def put_stock_back(stock, product):
    """Nothing has moved: all is on the shelf and free."""
    assert stock.on_hand(product) == ON_HAND
    assert product.with_context(location=stock.stock.id).free_qty == ON_HAND

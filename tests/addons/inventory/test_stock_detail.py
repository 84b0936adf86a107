"""Stock Detail: everything that customers wait for, where it could come from, and the buttons that help."""

from __future__ import annotations

import ast
from datetime import datetime

import pytest

from addons.inventory.exceptions import NoRule
from addons.inventory.testing import put_stock
from core.testing.queries import max_queries

ADDONS = ["inventory"]


def on_the_screen(stock, **narrowed):
    """What the screen lists."""
    action = stock.env.ref("inventory.action_stock_detail")
    return stock.env["stock.move"].search(
        [*ast.literal_eval(action.domain), *[(name, "=", value) for name, value in narrowed.items()]]
    )


def looked_at(move):
    """Backorder quantity and stock of a move, as the screen shows them now."""
    move.env.invalidate_all()
    return move.qty_short, move.shortage_status


@pytest.fixture
def shop(stock):
    return stock.env["stock.warehouse"].create({"name": "Shop", "code": "SHP"})


def test_the_colour_says_where_the_stock_is(stock, shop, messages):
    stock.out.reservation_method = "manual"
    product = stock.product()
    move = stock.delivery((product, 10)).move_ids
    assert looked_at(move) == (10, "none")
    put_stock(product, 3, shop.lot_stock_id)
    assert looked_at(move) == (10, "elsewhere")  # blue
    messages.check(move.shortage_hint)
    put_stock(product, 4)
    assert looked_at(move) == (10, "here")  # green
    messages.check(move.shortage_hint)
    assert move.action_release() == move.picking_id  # four can go
    assert looked_at(move) == (6, "elsewhere")
    put_stock(product, 10)
    move.action_release()
    assert looked_at(move) == (0, "ready")


def test_releasing_says_what_can_go_and_what_is_missing(stock, messages):
    stock.out.reservation_method = "manual"
    product = stock.product(on_hand=4)
    some, none = (stock.delivery((product, quantity)).move_ids for quantity in (10, 3))
    stock.env.take_notifications()
    assert (some | none).action_release() == some.picking_id
    ready, missing = stock.env.take_notifications()
    assert (ready.kind, ready.recordsets()) == ("info", [some.picking_id])
    messages.check(missing.message)
    put_stock(product, 20)
    (some | none).action_release()
    assert [note.kind for note in stock.env.take_notifications()] == ["info"], "all can go"


def test_the_screen_lists_what_customers_wait_for_once(stock):
    stock.warehouse.delivery_steps = "pick_ship"
    product = stock.product(on_hand=4)
    rule = stock.env["stock.rule"]
    rule.run(
        [
            rule.Procurement(
                product, 10, product.uom_id, stock.customers, product.name, "S1", stock.env.company,
                {"warehouse_id": stock.warehouse},
            )
        ]
    )  # fmt: skip
    stock.receipt((product, 6))
    pick = on_the_screen(stock, product_id=product.id)
    assert pick.picking_type_id == stock.warehouse.pick_type_id and pick.qty_short == 6
    pick.picking_id.button_validate(answers={"backorder": {"*": True}})
    rest, shipping = on_the_screen(stock, product_id=product.id).sorted("state", reverse=True).sorted("id")
    assert (rest.qty_short, shipping.qty_short) == (6, 0)
    assert rest.shortfall_id.qty_short == 6


def test_what_is_missing_is_ordered_once(stock, refused):
    route = stock.env["stock.route"].create({"name": "From the attic"})
    attic = stock.env["stock.location"].create({"name": "Attic"})
    stock.env["stock.rule"].create(
        {
            "name": "Attic → Stock", "route_id": route.id, "action": "pull", "location_src_id": attic.id,
            "location_dest_id": stock.stock.id, "picking_type_id": stock.internal.id, "location_dest_from_rule": True,
        }
    )  # fmt: skip
    product, other = stock.product("Case", 4), stock.product("Tray")
    stock.receipt((product, 1), scheduled_date=datetime(2031, 3, 1))
    moves = stock.delivery((product, 10), (other, 2)).move_ids
    with refused(NoRule) as refusal:
        moves.action_order_missing()
    assert [need["product"] for need in refusal.value.data["needs"]] == ["Case", "Tray"]
    (product | other).route_ids = route
    moves.action_order_missing()
    ordered = stock.env["stock.move"].search([("location_id", "=", attic.id)])
    assert [(move.product_id.name, move.product_uom_qty) for move in ordered] == [("Case", 5), ("Tray", 2)]
    stock.env.take_notifications()
    moves.action_order_missing()
    (said,) = stock.env.take_notifications()
    assert said.kind == "warning" and sum(ordered.mapped("product_uom_qty")) == 7, "nothing is ordered again"


def test_the_figures_of_many_lines_cost_as_much_as_those_of_one(stock):
    products = [stock.product(f"P{n}", on_hand=n) for n in range(12)]
    moves = stock.delivery(*[(product, 20) for product in products]).move_ids
    for some in (moves[:1], moves):
        stock.env.invalidate_all()
        some.mapped("picking_id.name")
        with max_queries(stock.env, 14):
            some.mapped("shortage_hint")

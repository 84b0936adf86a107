"""Work orders and purchase orders from Stock Detail: once for each demand, and said with links."""

from __future__ import annotations

from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws
from addons.manufacturing.exceptions import NoBillOfMaterials
from addons.purchasing.exceptions import NoVendor
from core.testing.queries import max_queries
from tests.addons.manufacturing.workshop import bill, product
from tests.messages import Messages, Refused
from tests.overlap import together

ADDONS = ("purchasing", "sales", "manufacturing")


@pytest.fixture
def vendor(env: Any) -> Any:
    return env["res.partner"].create({"name": "Wood Corner"})


@pytest.fixture
def case(env: Any, vendor: Any) -> Any:
    """A product that a vendor sells, and that no route says anything about."""
    terms = [(0, 0, {"partner_id": vendor.id, "price": "7.5", "delay": 3})]
    return product(env, "Drawer Case Black", seller_ids=terms)


@pytest.fixture
def chair(env: Any) -> Any:
    """A product that has a bill of materials."""
    made = product(env, "Chair")
    bill(env, made, {product(env, "Chair Seat"): 1})
    return made


def sold(env: Any, *lines: Any) -> Any:
    """The moves of a confirmed order over (product, quantity)."""
    rows = [(0, 0, {"product_id": each.id, "product_uom_qty": quantity}) for each, quantity in lines]
    order = env["sale.order"].create({"partner_id": env["res.partner"].create({"name": "Mat"}).id, "order_line": rows})
    order.action_confirm()
    env.take_notifications()
    return order.order_line.move_ids


def told(env: Any) -> list[tuple[str, Any]]:
    """What the user was told: the kind of each message, and the documents that it links to."""
    env.flush_all()
    return [(each.kind, each.records) for each in env.take_notifications()]


def test_work_orders_make_what_has_a_bill_and_say_why_the_rest_is_not_made(
    env: Any, case: Any, chair: Any, messages: Messages
) -> None:
    moves = sold(env, (case, 5), (chair, 3))
    moves.action_make_missing()
    production = env["mrp.production"].search([("product_id", "=", chair.id)])
    assert production.product_qty == 3 and production.origin == moves[0].origin
    made, skipped = env.take_notifications()
    assert (made.kind, made.records, skipped.kind) == ("success", production, "warning")
    assert skipped.records == case.product_tmpl_id, "it leads to the product that has no bill"
    messages.check(made.message)
    messages.check(skipped.message)
    assert_stock_laws(env)


def test_pressed_again_they_make_nothing_and_name_what_covers_the_demand(
    env: Any, case: Any, chair: Any, messages: Messages
) -> None:
    moves = sold(env, (case, 5), (chair, 3))
    moves.action_order_missing()
    production, request = env["mrp.production"].search([]), env["purchase.order"].search([])
    assert sorted(told(env), key=str) == sorted([("success", production), ("success", request)], key=str)
    for press in (moves.action_make_missing, moves.action_buy_missing, moves.action_order_missing):
        env.invalidate_all()
        press()
        said = env.take_notifications()
        assert {each.records for each in said} == {production, request}
        messages.check(said[0].message)
    request.button_confirm()
    env.take_notifications()
    env.invalidate_all()
    moves.action_buy_missing()
    assert {each.records for each in env.take_notifications()} == {production, request}
    assert len(env["mrp.production"].search([])) == len(env["purchase.order"].search([])) == 1
    assert_stock_laws(env)


def test_what_is_missing_is_bought_where_a_vendor_sells_it_though_no_route_says_so(
    env: Any, case: Any, vendor: Any
) -> None:
    sold(env, (case, 10)).action_order_missing()
    request = env["purchase.order"].search([("partner_id", "=", vendor.id)])
    assert (request.order_line.product_id, request.order_line.product_qty) == (case, 10)


def test_what_was_bought_to_order_is_not_bought_again(env: Any, case: Any) -> None:
    case.route_ids = env.ref("purchasing.route_warehouse0_buy") | env.ref("inventory.route_warehouse0_mto")
    moves = sold(env, (case, 10))
    request = env["purchase.order"].search([])
    moves.action_buy_missing()
    assert told(env) == [("warning", request)] and request.order_line.product_qty == 10


def test_when_none_can_be_had_the_refusal_says_why(env: Any, case: Any, chair: Any, refused: Refused) -> None:
    with refused(NoBillOfMaterials, data={"products": ["Drawer Case Black"]}):
        sold(env, (case, 5)).action_make_missing()
    with refused(NoVendor, data={"products": ["Chair"]}):
        sold(env, (chair, 5)).action_buy_missing()


def test_many_rows_cost_as_much_as_one(env: Any, vendor: Any) -> None:
    terms = [(0, 0, {"partner_id": vendor.id, "price": 1})]
    for count in (1, 12):
        products = [product(env, f"P{count}-{number}", seller_ids=terms) for number in range(count)]
        moves = sold(env, *[(each, 2) for each in products])
        env.flush_all()
        env.invalidate_all()
        moves.mapped("picking_id.name")
        with max_queries(env, 70):
            moves.action_buy_missing()
            env.flush_all()


@pytest.mark.both_dialects("locking")
def test_users_at_once_order_the_same_demand_once(db: Any) -> None:
    with db.transaction() as env:
        terms = [(0, 0, {"partner_id": env["res.partner"].create({"name": "Wood Corner"}).id, "price": 1})]
        chair = product(env, "Chair")
        bill(env, chair, {product(env, "Chair Seat"): 1})
        ids = sold(env, (product(env, "Drawer Case Black", seller_ids=terms), 5), (chair, 3)).ids

    def read(env: Any) -> Any:
        return env["stock.move"].browse(ids).mapped("state")

    def press(env: Any) -> str:
        env["stock.move"].browse(ids).action_order_missing()
        return "pressed"

    assert together(db, *[press] * 3, before=read) == ["pressed"] * 3
    with db.transaction() as env:
        assert env["purchase.order.line"].search([]).mapped("product_qty") == [5]
        assert env["mrp.production"].search([]).mapped("product_qty") == [3]
        assert_stock_laws(env)

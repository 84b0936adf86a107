"""One message per action names the documents that it created or added to, whatever addon made them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from addons.inventory.services import document_messages
from addons.inventory.testing import assert_stock_laws
from addons.purchasing.exceptions import NoVendor
from core.testing.queries import max_queries
from tests.addons.manufacturing.workshop import bill, product
from tests.messages import Messages, Refused

ADDONS = ("purchasing", "sales", "manufacturing")


def to_order(env: Any, route: str) -> list[Any]:
    """The routes of a product that is replenished for each order, by `route`."""
    return [(6, 0, [env.ref("inventory.route_warehouse0_mto").id, env.ref(route).id])]


@pytest.fixture
def leg(env: Any) -> Any:
    """A component that is bought for each order."""
    vendor = env["res.partner"].create({"name": "Wood Corner"})
    sellers = [(0, 0, {"partner_id": vendor.id, "price": 2})]
    return product(env, "Table Leg", seller_ids=sellers, route_ids=to_order(env, "purchasing.route_warehouse0_buy"))


@pytest.fixture
def table(env: Any, leg: Any) -> Any:
    """A product that is made for each order, from a component that is bought for each."""
    made = product(env, "Table", route_ids=to_order(env, "manufacturing.route_warehouse0_manufacture"))
    bill(env, made, {leg: 4})
    return made


def quotations(env: Any, item: Any, number: int = 1) -> Any:
    customer = env["res.partner"].create({"name": "Ready Mat"})
    line = {"product_id": item.id, "product_uom_qty": 2}
    return env["sale.order"].create([{"partner_id": customer.id, "order_line": [(0, 0, line)]} for _ in range(number)])


def only_message(env: Any, messages: Messages) -> set[Any]:
    """The documents of the one message since the last look; its text is checked."""
    env.flush_all()
    (note,) = env.take_notifications()
    messages.check(note.message)
    return set(note.recordsets())


def test_confirming_an_order_names_deliveries_productions_and_requests(
    env: Any, table: Any, messages: Messages
) -> None:
    order = quotations(env, table)
    order.action_confirm()
    production, request = env["mrp.production"].search([]), env["purchase.order"].search([])
    assert only_message(env, messages) == {order.picking_ids, production, request}
    order.order_line.product_uom_qty = 5
    more = env["mrp.production"].search([]) - production
    assert only_message(env, messages) == {order.picking_ids, more, request}, "the request had been there"
    order.write({"order_line": [(0, 0, {"product_id": table.id, "product_uom_qty": 1})]})
    last = env["mrp.production"].search([]) - production - more
    assert only_message(env, messages) == {order.picking_ids, last, request}
    order.order_line[0].product_uom_qty = 4
    assert only_message(env, messages) == {order.picking_ids}, "less is taken from the delivery"
    order.client_order_ref = "PO 7"
    assert env.take_notifications() == []
    order.write({"order_line": [(1, line.id, {"product_uom_qty": 0}) for line in order.order_line]})
    assert only_message(env, messages) == {order.picking_ids}, "a delivery without goods is cancelled"
    assert_stock_laws(env)


def test_confirming_many_orders_is_one_message_with_the_first_names(
    env: Any, table: Any, leg: Any, messages: Messages
) -> None:
    orders = quotations(env, table, 8)
    orders.action_confirm()
    production, request = env["mrp.production"].search([]), env["purchase.order"].search([])
    assert len(production) == 8
    assert only_message(env, messages) == {orders.picking_ids, production, request}
    assert_stock_laws(env)


def test_the_message_costs_a_constant_number_of_statements(env: Any, table: Any) -> None:
    counts = []
    for number in (2, 12):
        orders = quotations(env, table, number)
        env.flush_all()
        with max_queries(env, 500) as statements:
            orders.action_confirm()
            env.flush_all()
        counts.append(len(statements))
    assert counts[1] <= counts[0] + 2, counts


def test_confirming_a_production_names_what_brings_its_components(
    env: Any, table: Any, leg: Any, messages: Messages
) -> None:
    warehouse = env.ref("inventory.warehouse0")
    warehouse.manufacture_steps = "pbm_sam"
    production = env["mrp.production"].create({"product_id": table.id, "product_qty": Decimal(3)})
    production.action_confirm()
    transfer, request = production.picking_ids, env["purchase.order"].search([])
    assert only_message(env, messages) == {transfer, request}
    request.button_confirm()
    assert only_message(env, messages) == {request.picking_ids}
    request.picking_ids.button_validate()
    assert only_message(env, messages) == set(), "the transfer was there"
    transfer.button_validate()
    env.take_notifications()
    production.button_mark_done()
    stored = production.picking_ids - transfer
    assert stored.location_dest_id == warehouse.lot_stock_id
    assert only_message(env, messages) == {stored}
    assert_stock_laws(env)


def test_receipts_in_steps_name_the_transfer_that_goes_on(env: Any, leg: Any, messages: Messages) -> None:
    env.ref("inventory.warehouse0").reception_steps = "two_steps"
    vendor = leg.seller_ids.partner_id
    line = {"product_id": leg.id, "product_qty": 5}
    order = env["purchase.order"].create({"partner_id": vendor.id, "order_line": [(0, 0, line)]})
    order.button_confirm()
    env.take_notifications()
    order.picking_ids.button_validate()
    onward = env["stock.picking"].search([("location_id", "=", order.picking_ids.location_dest_id.id)])
    assert only_message(env, messages) == {onward}
    assert_stock_laws(env)


def test_documents_that_the_user_may_not_open_are_named(env: Any, leg: Any, messages: Messages) -> None:
    groups = [(6, 0, [env.ref("sales.group_sale_salesman").id])]
    seller = env["res.users"].create({"name": "Sally", "login": "sally", "group_ids": groups})
    line = {"product_id": leg.id, "product_qty": 5}
    request = env["purchase.order"].create({"partner_id": leg.seller_ids.partner_id.id, "order_line": [(0, 0, line)]})
    own = env(uid=seller.id, su=False)
    with document_messages.announced(own):
        own.log_changed(request.with_env(own))
        env.flush_all()
        env.invalidate_all()
    assert only_message(env, messages) == {request}


def test_an_order_that_fails_says_nothing(env: Any, table: Any, leg: Any, refused: Refused) -> None:
    leg.seller_ids.unlink()
    order = quotations(env, table)
    with env.log_documents() as log:
        with refused(NoVendor), env.savepoint():
            order.action_confirm()
        env.log_changed(order)
    assert env.take_notifications() == []
    assert (log.created(), log.changed()) == ([], [order])

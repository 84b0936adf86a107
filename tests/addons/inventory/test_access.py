"""Who may do what: everyone within their groups, and the services do their part for them."""

from __future__ import annotations

import pytest

from addons.inventory.testing import put_stock
from core.exceptions import AccessError
from tests.addons.inventory.playground import Stock

ADDONS = ["inventory"]


def user(env, login, *groups):
    return env["res.users"].create(
        {"name": login, "login": login, "group_ids": [(6, 0, [env.ref(group).id for group in groups])]}
    )


def test_a_warehouse_worker_runs_the_whole_flow(stock):
    product = stock.product("Case", 10)
    worker = user(stock.env, "worker", "inventory.group_stock_user")
    own = Stock(stock.env(uid=worker.id))
    picking = own.delivery((product.with_user(worker), 12))
    question = picking.button_validate()
    assert question.env.uid == worker.id
    question.process()
    own.receive(product.with_user(worker), 2)
    assert picking.backorder_ids.state == "assigned"
    picking.backorder_ids.button_validate()
    row = own.env["stock.quant"].search([("product_id", "=", product.id)])
    row.inventory_quantity = 4
    row.action_apply_inventory()
    assert stock.on_hand(product) == 4
    with pytest.raises(AccessError):
        own.product("Not mine to create")
    with pytest.raises(AccessError):
        own.out.create_backorder = "never"


def test_an_employee_without_inventory_only_looks(stock):
    product = stock.product("Case", 10)
    picking = stock.delivery((product, 2))
    guest = user(stock.env, "guest", "base.group_user")
    assert picking.with_user(guest).name == picking.name
    assert product.with_user(guest).qty_available == 10
    for forbidden in ("button_validate", "action_cancel", "action_assign", "do_unreserve"):
        with pytest.raises(AccessError):
            getattr(picking.with_user(guest), forbidden)()
    with pytest.raises(AccessError):
        picking.move_ids.with_user(guest).quantity = 1
    with pytest.raises(AccessError):
        picking.move_line_ids.with_user(guest).unlink()
    assert picking.state == "assigned"


def test_companies_do_not_see_each_other(stock):
    env = stock.env
    product = stock.product("Case", 10)
    picking = stock.delivery((product, 2))
    other = env["res.company"].create({"name": "Other"})
    stranger = user(env, "stranger", "inventory.group_stock_manager")
    stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
    theirs = env(uid=stranger.id)
    assert not theirs["stock.picking"].search([("id", "=", picking.id)])
    assert not theirs["stock.quant"].search([("product_id", "=", product.id)])
    with pytest.raises(AccessError):
        picking.with_user(stranger).action_cancel()
    warehouse = theirs["stock.warehouse"].create({"name": "Second House", "code": "OT"})
    assert warehouse.company_id == other
    assert warehouse.out_type_id.sequence_id.sudo().prefix == "OT/OUT/"


FIGURES = ("qty_available", "virtual_available", "free_qty", "incoming_qty", "outgoing_qty")


@pytest.fixture
def neighbour(stock):
    """The environment of a user who works in another company only, with a warehouse of its own."""
    other = stock.env["res.company"].create({"name": "Neighbour"})
    stranger = user(stock.env, "stranger", "inventory.group_stock_manager")
    stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
    return stock.env(uid=stranger.id)


def test_stock_figures_are_those_of_the_companies_that_the_user_works_in(stock, neighbour):
    product = stock.product("Case", 45)
    stock.delivery((product, 50))
    stock.receipt((product, 7))
    done = stock.delivery((product, 1))
    done.move_ids.quantity = 1
    done.button_validate()
    home = neighbour["stock.warehouse"].search([])
    assert home.company_id == neighbour.company
    seen = product.with_user(neighbour.user)
    shared = {"location": stock.customers.id}, {"location": stock.stock.location_id.location_id.id}
    for context in ({}, {"warehouse_id": home.id}, {"location": home.lot_stock_id.id}, *shared):
        there = seen.with_context(**context)
        assert there.read(FIGURES) == [{"id": product.id, **dict.fromkeys(FIGURES, 0)}], context
        assert there.product_tmpl_id.read(FIGURES) == [{"id": product.product_tmpl_id.id, **dict.fromkeys(FIGURES, 0)}]
        for name in FIGURES:
            assert not there.search([("id", "=", product.id), (name, "!=", 0)]), (context, name)
    assert not product.with_user(neighbour.user).with_context(to_date="2020-01-01").qty_available
    put_stock(product, 3, home.lot_stock_id)
    assert seen.qty_available == 3
    assert product.sudo().qty_available != 3


@pytest.mark.parametrize("where", ["location", "warehouse_id", "warehouse"])
def test_stock_figures_of_a_hidden_place_are_refused(stock, neighbour, where):
    product = stock.product("Case", 45)
    hidden = stock.stock if where == "location" else stock.warehouse
    for value in (hidden.id, [hidden.id]):
        seen = product.with_user(neighbour.user).with_context(**{where: value})
        with pytest.raises(AccessError):
            seen.read(["qty_available"])
        with pytest.raises(AccessError):
            seen.search([("qty_available", ">", 0)])
    by_name = product.with_user(neighbour.user).with_context(location=stock.stock.complete_name)
    assert not by_name.qty_available
    assert product.with_context(**{where: hidden.id}).qty_available == 45


def test_where_else_stock_lies_names_no_place_of_another_company(stock, neighbour):
    product = stock.product("Case", 45)
    home = neighbour["stock.warehouse"].search([])
    own = Stock(neighbour)
    picking = own.transfer(home.out_type_id, (product.with_user(neighbour.user), 2))
    assert picking.move_ids.stock_free == 0
    texts = " ".join(str(value) for value in picking.move_ids.read()[0].values())
    assert stock.stock.complete_name not in texts

"""Who may do what: everyone within their groups, and the services do their part for them."""

from __future__ import annotations

import pytest

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

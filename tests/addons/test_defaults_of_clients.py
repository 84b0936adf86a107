"""The ``default_...`` of a client's context lets nothing happen that its user may not do."""

from __future__ import annotations

import pytest

from core.exceptions import AccessError
from core.rpc import dispatch
from core.testing.databases import AddonSet, rolled_back
from tests.addons.roles import environment

PASSWORD = "correct horse battery"


@pytest.fixture
def env(databases):
    addons = AddonSet(("sales_manufacturing", "sales_invoicing", "purchasing"), demo=True)
    with rolled_back(databases.shared("sqlite", addons)) as env:
        yield env


@pytest.fixture
def product(env):
    return env["product.product"].create({"name": "Chair", "type": "consu", "is_storable": True, "list_price": 5})


def order_of(env, product):
    """A quotation of one product."""
    partner = env["res.partner"].create({"name": "Azure"})
    lines = [(0, 0, {"product_id": product.id, "product_uom_qty": 2})]
    return env["sale.order"].create({"partner_id": partner.id, "order_line": lines})


def line_of(product):
    """The values of a stock move line, as a client would send them."""
    stock = product.env.ref("inventory.stock_location_stock").id
    return {
        "product_id": product.id,
        "product_uom_id": product.uom_id.id,
        "quantity": 7,
        "location_id": stock,
        "location_dest_id": product.env.ref("inventory.stock_location_customers").id,
    }


def delivery_after(env, order, context):
    dispatch.call(env, "sale.order", "action_confirm", [order.ids], {"context": context})
    return order.sudo().picking_ids


def test_confirming_an_order_makes_the_moves_of_its_lines_and_no_others(env, product):
    salesman = environment(env, "salesman")
    context = {"default_move_line_ids": [[0, 0, line_of(product)]], "default_picked": True, "default_priority": "1"}
    moves = delivery_after(salesman, order_of(salesman, product), context).move_ids
    assert (len(moves), moves.product_uom_qty, moves.picked, moves.priority) == (1, 2, False, "0")
    assert not moves.move_line_ids.filtered(lambda line: line.quantity == 7)


def test_lines_are_not_made_by_superuser_code_for_those_who_may_make_moves(env, product):
    groups = ["sales.group_sale_salesman", "inventory.group_stock_user"]
    values = {"name": "Both", "login": "both", "group_ids": [(6, 0, [env.ref(group).id for group in groups])]}
    both = env(uid=env["res.users"].create(values).id, su=False)
    context = {"default_move_line_ids": [[0, 0, line_of(product)]]}
    assert len(delivery_after(both, order_of(both, product), context).move_ids) == 1


def test_a_default_that_users_set_for_themselves_does_not_steer_superuser_code(env, product):
    salesman = environment(env, "salesman")
    salesman["ir.default"].set("stock.move", "picked", True, user_id=True)
    salesman["ir.default"].set("sale.order", "client_order_ref", "Mine", user_id=True)
    env["ir.default"].set("stock.move", "origin", "All")
    order = order_of(salesman, product)
    moves = delivery_after(salesman, order, {}).move_ids
    assert (order.client_order_ref, moves.picked) == ("Mine", False)


def test_defaults_that_code_gives_still_count(env):
    salesman = environment(env, "salesman")
    kinds = salesman["stock.picking.type"].sudo().with_context(default_name="By code")
    assert kinds.create({"code": "internal", "sequence_code": "X"}).name == "By code"


def test_a_default_is_no_way_around_the_groups_of_a_field(env):
    manager = environment(env, "plain")
    env["res.users"].browse(manager.uid).group_ids = [(4, env.ref("base.group_erp_manager").id)]
    values = {"name": "Eve", "login": "eve", "password": PASSWORD}
    context = {"default_totp_secret": "JBSWY3DPEHPK3PXP", "default_password_hash": "x", "default_signature": "Yours"}
    eve = dispatch.call(manager, "res.users", "create", [values], {"context": context})
    user = env["res.users"].browse(eve)
    assert (user.totp_secret, user.totp_enabled) == (False, False)
    assert "Yours" in user.signature
    user._check_credentials(PASSWORD)


def test_a_default_does_not_link_to_hidden_records(env):
    neighbour = environment(env, "neighbour")
    hidden = env.ref("inventory.warehouse0")
    own = neighbour["res.partner"].create({"name": "Own"})
    with pytest.raises(AccessError) as refusal:
        context = {"default_warehouse_id": hidden.id}
        dispatch.call(neighbour, "sale.order", "create", [{"partner_id": own.id}], {"context": context})
    assert refusal.value.data["field"] == "warehouse_id"

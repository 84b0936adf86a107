"""What an integrator's client sends and gets: the story of the two parts, and the choices that older clients make."""

from __future__ import annotations

import pytest

from addons.inventory.testing import assert_stock_laws
from core.rpc.dispatch import call
from tests.addons.manufacturing.workshop import Workshop, family_name

ADDONS = ["manufacturing"]


@pytest.fixture
def order(env):
    shop = Workshop(env)
    id_ = call(env, "mrp.production", "create", [{"product_id": shop.table.id, "product_qty": 10}])
    assert call(env, "mrp.production", "action_confirm", [[id_]]) is True
    return env["mrp.production"].browse(id_)


def test_the_question_comes_as_an_action_that_clients_know(env, order):
    call(env, "mrp.production", "write", [[order.id], {"qty_producing": 6.0}])
    action = call(env, "mrp.production", "button_mark_done", [[order.id]])
    assert (action["type"], action["res_model"]) == ("ir.actions.act_window", "mrp.production.backorder")
    call(env, action["res_model"], "action_backorder", [[action["res_id"]]])
    assert order.state == "done" and order.name == family_name(order, 1)
    rest = call(
        env,
        "mrp.production",
        "search_read",
        [[("production_group_id", "=", order.production_group_id.id), ("id", "!=", order.id)]],
        {"fields": ["name", "product_qty", "state", "reservation_state"]},
    )
    assert [row["product_qty"] for row in rest] == [4]
    assert_stock_laws(env)


def test_a_client_may_make_the_wizard_itself(env, order):
    order.qty_producing = 6
    action = call(env, "mrp.production", "button_mark_done", [[order.id]])
    wizard = call(env, "mrp.production.backorder", "create", [{}], {"context": action["context"]})
    call(env, "mrp.production.backorder", "action_close_mo", [[wizard]])
    assert (order.state, order.qty_produced, order.mrp_production_backorder_count) == ("done", 6, 1)


@pytest.mark.parametrize("chosen", [True, False])
def test_context_keys_of_older_clients_are_answers(env, order, chosen):
    order.qty_producing = 6
    context = {"skip_backorder": True, "mo_ids_to_backorder": [order.id] if chosen else []}
    assert call(env, "mrp.production", "button_mark_done", [[order.id]], {"context": context}) is True
    assert order.mrp_production_backorder_count == (2 if chosen else 1)


def test_answers_travel_as_json(env, order):
    order.qty_producing = 6
    answers = {"backorder": {str(order.id): True}}
    assert call(env, "mrp.production", "button_mark_done", [[order.id]], {"answers": answers}) is True
    assert order.mrp_production_backorder_count == 2

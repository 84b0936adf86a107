"""Notifications after manufacturing orders were closed."""

from __future__ import annotations

from addons.inventory.testing import assert_stock_laws
from tests.addons.manufacturing.workshop import D, Workshop

ADDONS = ["manufacturing"]


def told(env, messages):
    """The notifications since the last look, their texts checked: kind and records of each."""
    taken = env.take_notifications()
    for note in taken:
        messages.check(note.message)
    return [(note.kind, note.records) for note in taken]


def confirmed(env, quantity, shop=None):
    """A confirmed order for tables; what was said about the confirmation is out of the way."""
    order = (shop or Workshop(env)).order(quantity)
    env.take_notifications()
    return order


def test_an_order_that_is_done_names_what_it_made(env, messages):
    confirmed(env, 10).button_mark_done()
    assert told(env, messages) == [("success", None)]


def test_a_backorder_is_offered_as_a_link(env, messages):
    order = confirmed(env, 10)
    order.qty_producing = D(6)
    question = order.button_mark_done()
    assert told(env, messages) == []
    question.action_backorder()
    assert told(env, messages) == [("success", None), ("success", order.production_group_id.production_ids - order)]


def test_what_will_not_be_produced_is_a_warning(env, messages):
    order = confirmed(env, 10)
    order.qty_producing = D(6)
    order.button_mark_done().action_close_mo()
    assert told(env, messages) == [("success", None), ("warning", None)]


def test_several_orders_are_told_of_together(env, messages):
    shop = Workshop(env)
    orders = confirmed(env, 2, shop) | confirmed(env, 3, shop)
    orders.button_mark_done()
    assert told(env, messages) == [("success", orders)]


def test_a_transfer_is_offered_as_a_link_and_a_back_flush_says_what_remains(env, messages):
    order = confirmed(env, 4)
    transfer = order.action_make_transfer()
    assert told(env, messages) == [("success", transfer)]
    transfer.button_validate()
    env.take_notifications()
    order.qty_producing = D(1)
    order.action_back_flush()
    assert told(env, messages) == [("success", None)]
    order.action_back_flush()
    assert told(env, messages) == [("success", None)]


def test_negative_stock_of_components_is_a_warning(env, messages):
    """What was used was never booked anywhere: the place that the transfer would have taken it from says so."""
    order = Workshop(env, tops=4, legs=1).order(4)
    transfer = order.action_make_transfer()
    env.take_notifications()
    order.qty_producing = D(1)
    order.action_back_flush().action_anyway()
    assert told(env, messages) == [("info", transfer), ("success", None), ("warning", None)]
    assert_stock_laws(env)

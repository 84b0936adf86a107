"""Orders that consume what an open transfer is still to bring: the question, and what each answer does to stock."""

from __future__ import annotations

import pytest

from addons.inventory.exceptions import InsufficientStock
from addons.inventory.testing import assert_stock_laws, put_stock
from core.rpc.dispatch import call
from core.testing.queries import max_queries
from tests.addons.manufacturing.workshop import D, Workshop, on_hand

ADDONS = ["manufacturing"]


@pytest.fixture
def warehouse(env):
    """The warehouse, which manufactures in two steps."""
    warehouse = env.ref("inventory.warehouse0")
    warehouse.manufacture_steps = "pbm"
    return warehouse


@pytest.fixture
def shop(env, warehouse):
    """Tops and legs for 20 tables, in stock."""
    return Workshop(env)


def figures(shop, warehouse):
    """Legs in stock, legs at the place of work, tables."""
    return tuple(
        on_hand(*what) for what in ((shop.leg, warehouse.lot_stock_id), (shop.leg, warehouse.pbm_loc_id), (shop.table,))
    )


@pytest.mark.parametrize("press", ["button_mark_done", "action_back_flush", "button_produce_all"])
def test_consuming_before_the_transfer_asks_first(env, shop, warehouse, press):
    order = shop.order(10)
    question = getattr(order, press)()
    assert question._name == "mrp.transfer.confirmation"
    assert (order.state, order.picking_ids.state, figures(shop, warehouse)) == ("confirmed", "assigned", (80, 0, 0))
    legs = question.line_ids.filtered(lambda line: line.product_id == shop.leg)
    assert (legs.quantity, legs.available_qty, legs.picking_id) == (40, 80, order.picking_ids)


@pytest.mark.parametrize("choice", ["action_make_transfer", "action_anyway"])
def test_either_answer_leaves_the_same_stock_and_no_open_transfer(env, shop, warehouse, choice):
    order = shop.order(10)
    transfer = order.picking_ids
    assert not getattr(order.button_mark_done(), choice)()
    assert (order.state, order.qty_produced) == ("done", 10)
    assert transfer.state == ("done" if choice == "action_make_transfer" else "cancel")
    assert figures(shop, warehouse) == (40, 0, 10)
    assert not transfer.backorder_ids
    assert_stock_laws(env)


def test_a_back_flush_in_parts_transfers_what_each_part_needs(env, shop, warehouse):
    order = shop.order(10)
    first = order.picking_ids
    order.qty_producing = D(4)
    assert not order.action_back_flush().action_make_transfer()
    assert (order.state, order.qty_produced, first.state) == ("progress", 4, "done")
    assert figures(shop, warehouse) == (64, 0, 4)
    rest = order.picking_ids - first
    assert {move.product_id.name: move.product_uom_qty for move in rest.move_ids} == {"Table Top": 6, "Table Leg": 24}
    rest.button_validate()
    assert order.action_back_flush() is None, "everything is there"
    assert (order.state, figures(shop, warehouse)) == ("done", (40, 0, 10))
    assert_stock_laws(env)


def test_a_back_flush_in_parts_anyway_leaves_the_rest_to_the_transfer(env, shop, warehouse):
    order = shop.order(10)
    transfer = order.picking_ids
    order.qty_producing = D(4)
    assert not order.action_back_flush().action_anyway()
    assert figures(shop, warehouse) == (64, 0, 4)
    assert {move.product_id.name: move.product_uom_qty for move in transfer.move_ids} == {
        "Table Top": 6,
        "Table Leg": 24,
    }
    assert transfer.state == "assigned"
    transfer.button_validate()
    assert order.reservation_state == "assigned"
    assert order.action_back_flush() is None
    assert (order.state, figures(shop, warehouse)) == ("done", (40, 0, 10))
    assert_stock_laws(env)


@pytest.mark.parametrize("choice", ["action_make_transfer", "action_anyway"])
def test_a_backorder_keeps_what_its_transfer_is_to_bring(env, shop, warehouse, choice):
    order = shop.order(10)
    order.qty_producing = D(6)
    question = order.button_mark_done().action_backorder()
    assert question._name == "mrp.transfer.confirmation"
    assert order.state != "done", "nothing has changed yet"
    assert not getattr(question, choice)()
    rest = order.production_group_id.production_ids - order
    assert (order.state, rest.product_qty, rest.reservation_state) == ("done", 4, "waiting")
    opened = rest.picking_ids.filtered(lambda picking: picking.state == "assigned")
    assert {move.product_id.name: move.product_uom_qty for move in opened.move_ids} == {"Table Top": 4, "Table Leg": 16}
    opened.button_validate()
    assert rest.button_mark_done() is None
    assert (rest.state, figures(shop, warehouse)) == ("done", (40, 0, 10))
    assert_stock_laws(env)


@pytest.mark.parametrize("choice", ["action_make_transfer", "action_anyway"])
def test_a_rest_that_is_not_made_leaves_no_transfer_open(env, shop, warehouse, choice):
    order = shop.order(10)
    order.qty_producing = D(6)
    transfer = order.picking_ids
    getattr(order.button_mark_done().action_close_mo(), choice)()
    assert order.state == "done"
    pickings = transfer | transfer.backorder_ids
    assert pickings.filtered(lambda picking: picking.state not in ("done", "cancel")).ids == []
    assert figures(shop, warehouse) == (56, 0, 6)
    assert_stock_laws(env)


def test_cancelling_an_order_of_which_a_part_is_made_cancels_what_is_left_to_bring(env, shop, warehouse):
    order = shop.order(10)
    order.qty_producing = D(6)
    order.action_back_flush().action_make_transfer()
    rest = order.picking_ids.filtered(lambda picking: picking.state == "assigned")
    order.action_cancel()
    assert (order.state, rest.state, figures(shop, warehouse)) == ("done", "cancel", (56, 0, 6))
    assert_stock_laws(env)


def test_what_is_free_at_the_place_of_work_is_consumed_first(env, shop, warehouse):
    put_stock(shop.leg, 6, location=warehouse.pbm_loc_id)
    order = shop.order(10)
    order.qty_producing = D(4)
    order.action_back_flush().action_anyway()
    assert figures(shop, warehouse) == (70, 0, 4), "6 of the 16 were there"
    order.picking_ids.button_validate()
    assert order.reservation_state == "assigned", "the rest is fed by the transfer as before"
    assert order.action_back_flush() is None
    assert figures(shop, warehouse) == (46, 0, 10)
    assert_stock_laws(env)


def test_more_than_demanded_is_drawn_as_well(env, shop, warehouse):
    order = shop.order(10)
    order.qty_producing = D(12)
    transfer = order.picking_ids
    order.button_mark_done().action_anyway()
    assert (transfer.state, figures(shop, warehouse)) == ("cancel", (32, 0, 12))
    assert_stock_laws(env)


def test_consumption_typed_before_the_transfer_is_asked_about_too(env, shop, warehouse):
    order = shop.order(10)
    order.move_raw_ids.filtered(lambda move: move.product_id == shop.leg).write({"quantity": 42, "picked": True})
    question = order.button_mark_done().action_confirm()
    assert question._name == "mrp.transfer.confirmation"
    question.action_anyway()
    assert (order.state, figures(shop, warehouse)) == ("done", (38, 0, 10))
    assert shop.consumed(order) == {"Table Top": 10, "Table Leg": 42}
    assert_stock_laws(env)


def test_only_what_transfers_have_not_brought_is_asked_about(env, shop, warehouse):
    order = shop.order(10)
    first = order.picking_ids
    for move in first.move_ids:
        move.quantity = move.product_uom_qty / 2
        move.picked = True
    first.button_validate({"backorder": {"*": True}})
    order.qty_producing = D(5)
    assert order.action_back_flush() is None, "half of it is there"
    question = order.action_back_flush()
    assert question.line_ids.picking_id == order.picking_ids - first
    question.action_anyway()
    assert (order.state, figures(shop, warehouse)) == ("done", (40, 0, 10))
    assert_stock_laws(env)


@pytest.mark.parametrize("choice", ["action_make_transfer", "action_anyway"])
def test_lots_are_consumed_as_they_are_booked(env, warehouse, choice):
    shop = Workshop(env, legs=0)
    shop.leg.product_tmpl_id.tracking = "lot"
    lots = [env["stock.lot"].create({"name": name, "product_id": shop.leg.id}) for name in ("L1", "L2")]
    for lot in lots:
        put_stock(shop.leg, 20, lot=lot)
    order = shop.order(10)
    getattr(order.button_mark_done(), choice)()
    legs = order.move_raw_ids.filtered(lambda move: move.product_id == shop.leg and move.state == "done")
    assert {line.lot_id.name: line.quantity for line in legs.move_line_ids} == {"L1": 20, "L2": 20}
    assert figures(shop, warehouse) == (0, 0, 10)
    assert_stock_laws(env)


def test_missing_stock_is_refused_where_none_may_be_negative(env, warehouse, refused):
    shop = Workshop(env, legs=15)
    warehouse.lot_stock_id.allow_negative_stock = False
    order = shop.order(10)
    for choice in ("action_make_transfer", "action_anyway"):
        with refused(InsufficientStock), env.savepoint():
            getattr(order.button_mark_done(), choice)()
    assert order.state == "confirmed"
    assert_stock_laws(env)


def test_clients_get_the_question_as_an_action_and_answer_by_name(env, shop, warehouse):
    order, other = shop.order(5), shop.order(5)
    action = call(env, "mrp.production", "action_back_flush", [[order.id]])
    assert (action["type"], action["res_model"]) == ("ir.actions.act_window", "mrp.transfer.confirmation")
    wizard = call(env, action["res_model"], "create", [{}], {"context": action["context"]})
    call(env, action["res_model"], "action_anyway", [[wizard]])
    answers = {"transfer": {str(other.id): "make"}}
    assert call(env, "mrp.production", "button_mark_done", [[other.id]], {"answers": answers}) is True
    assert (order.state, other.state, other.picking_ids.state) == ("done", "done", "done")
    assert figures(shop, warehouse) == (40, 0, 10)
    assert_stock_laws(env)


def test_serial_numbered_products_ask_after_their_numbers(env, warehouse):
    shop = Workshop(env, tracking="serial")
    order = shop.order(2)
    batch = order.button_mark_done()
    batch.action_generate_production_text()
    question = batch.action_done()
    assert question._name == "mrp.transfer.confirmation" and question.show_orders
    question.action_anyway()
    assert set(order.production_group_id.production_ids.mapped("state")) == {"done"}
    assert figures(shop, warehouse) == (72, 0, 2)
    assert_stock_laws(env)


@pytest.mark.parametrize("choice", ["make", "anyway"])
def test_many_orders_take_as_many_statements_as_few(env, warehouse, choice):
    shop = Workshop(env, tops=1000, legs=4000)

    def cost(count):
        orders = env["mrp.production"].create([{"product_id": shop.table.id, "product_qty": 10}] * count)
        orders.action_confirm()
        orders.write({"qty_producing": 4})
        env.flush_all()
        with max_queries(env, 2000) as statements:
            orders.action_back_flush({"transfer": choice})
            env.flush_all()
        return len(statements)

    cost(2)
    few, many = cost(3), cost(20)
    assert many <= few + 2
    assert_stock_laws(env)


def test_the_dialog_and_the_messages_say_what_happens(env, shop, warehouse, messages):
    order = shop.order(10)
    order.qty_producing = D(4)
    env.take_notifications()
    question = order.action_back_flush()
    for text in (question.transfer_text, question.anyway_text):
        messages.check(text)
    question.action_anyway()
    last = order.action_back_flush()
    messages.check(last.anyway_text)
    last.action_anyway()
    other = shop.order(2)
    other.qty_producing = D(1)
    other.button_mark_done().action_close_mo().action_make_transfer()
    for note in env.take_notifications():
        messages.check(note.message)


def test_the_dialog_and_the_messages_of_several_transfers(env, shop, warehouse, messages):
    orders = shop.order(2) | shop.order(3)
    for order in orders:
        order.qty_producing = D(1)
    env.take_notifications()
    question = orders.action_back_flush()
    messages.check(question.transfer_text)
    question.action_anyway()
    last = orders.action_back_flush()
    messages.check(last.anyway_text)
    last.action_anyway()
    for note in env.take_notifications():
        messages.check(note.message)
    assert_stock_laws(env)

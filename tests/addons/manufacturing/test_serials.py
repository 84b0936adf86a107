"""Lots and serial numbers (seed 5): the next number, many numbers at once, and numbers that are taken."""

from __future__ import annotations

import time

import pytest

from addons.inventory.testing import assert_stock_laws, put_stock
from addons.manufacturing.exceptions import ManufacturingError, SerialNumberTaken
from core.testing.queries import max_queries
from tests.addons.manufacturing.workshop import D, bill, family_name, on_hand, product

ADDONS = ["manufacturing"]


@pytest.fixture
def seat(env):
    found = product(env, "Seat")
    put_stock(found, 100)
    return found


@pytest.fixture
def chair(env, seat):
    """A chair, by unique serial number."""
    made = product(env, "Chair", tracking="serial")
    bill(env, made, {seat: 1})
    return made


def order_for(made, quantity):
    production = made.env["mrp.production"].create({"product_id": made.id, "product_qty": quantity})
    production.action_confirm()
    return production


def test_produce_all_gives_one_chair_the_next_number_and_closes(env, chair):
    upcoming = chair.next_serial
    order = order_for(chair, 1)
    assert not order.lot_producing_id
    assert order.button_mark_done() is None
    assert order.state == "done"
    assert order.lot_producing_id.name == upcoming
    assert order.lot_producing_ids == order.lot_producing_id
    assert order.lot_producing_id.product_qty == 1
    assert_stock_laws(env)


def test_the_plus_button_assigns_without_closing(env, chair):
    order = order_for(chair, 1)
    assert order.action_generate_serial() is None
    assert order.lot_producing_id and order.state == "to_close"
    number = order.lot_producing_id
    order.button_mark_done()
    assert order.lot_producing_id == number


def test_a_lot_is_generated_for_a_product_tracked_by_lots(env, seat):
    varnish = product(env, "Varnished Seat", tracking="lot")
    bill(env, varnish, {seat: 1})
    order = order_for(varnish, 12)
    order.button_mark_done()
    assert order.state == "done"
    assert order.lot_producing_id.product_qty == 12
    assert_stock_laws(env)


def test_parts_of_a_lot_order_get_a_lot_each(env, seat):
    varnish = product(env, "Varnished Seat", tracking="lot")
    bill(env, varnish, {seat: 1})
    order = order_for(varnish, 12)
    order.qty_producing = 5
    order.button_mark_done().action_backorder()
    rest = order.production_group_id.production_ids - order
    assert order.lot_producing_id and not rest.lot_producing_id
    rest.button_mark_done()
    assert rest.lot_producing_id not in (order.lot_producing_id, env["stock.lot"])
    assert_stock_laws(env)


def test_batch_production_proposes_the_next_number_and_one_per_unit(env, chair):
    order = order_for(chair, 3)
    dialog = order.button_mark_done()
    assert dialog._name == "mrp.batch.produce"
    assert (dialog.lot_name, dialog.lot_qty) == (chair.next_serial, 3)
    dialog.lot_name = "CHAIR-008"
    assert dialog.action_generate_production_text() == dialog
    assert dialog.production_text.split() == ["CHAIR-008", "CHAIR-009", "CHAIR-010"]
    assert order.state == "confirmed"


def test_produce_splits_into_one_closed_order_per_unit(env, chair, seat):
    order = order_for(chair, 2)
    dialog = order.button_mark_done()
    dialog.action_generate_production_text()
    assert not dialog.action_done()
    family = order.production_group_id.production_ids
    assert family.mapped("name") == [family_name(order, 1), family_name(order, 2)]
    assert set(family.mapped("state")) == {"done"}
    assert family.mapped("product_qty") == [D(1), D(1)]
    assert len(family.lot_producing_ids) == 2
    assert order.mrp_production_backorder_count == 2
    assert (on_hand(chair), on_hand(seat)) == (2, 98)
    assert_stock_laws(env)


def test_prepare_leaves_the_orders_open_with_their_numbers(env, chair):
    order = order_for(chair, 3)
    dialog = order.button_mark_done()
    dialog.production_text = "A1\nA2\nA3"
    name = order.name
    env.take_notifications()
    shown = dialog.action_prepare()
    family = order.production_group_id.production_ids
    assert shown == order
    (note,) = env.take_notifications()
    assert (note.message, note.records) == (f"{name} is split into 3 orders:", family)
    assert set(family.mapped("state")) == {"confirmed"}
    assert family.lot_producing_ids.mapped("name") == ["A1", "A2", "A3"]
    assert set(family.mapped("reservation_state")) == {"assigned"}
    family[1].button_mark_done()
    assert family.mapped("state") == ["confirmed", "done", "confirmed"]
    assert_stock_laws(env)


def test_fewer_numbers_than_units_leave_a_backorder_without_number(env, chair):
    order = order_for(chair, 5)
    dialog = order.button_mark_done()
    dialog.production_text = "B1\nB2"
    assert dialog.rest_explanation == "3 of 5 Units of Chair remain, in a backorder."
    env.take_notifications()
    dialog.action_done()
    family = order.production_group_id.production_ids
    _done, backorder = env.take_notifications()
    assert (backorder.message, backorder.records) == ("Backorder created:", family[2])
    assert [(part.name[-3:], part.product_qty, part.state) for part in family] == [
        ("001", 1, "done"),
        ("002", 1, "done"),
        ("003", 3, "confirmed"),
    ]
    assert not family[2].lot_producing_ids
    assert_stock_laws(env)


@pytest.mark.parametrize("by", ["policy", "answer"])
def test_fewer_numbers_than_units_and_no_backorder_cancel_the_rest(env, chair, by):
    order = order_for(chair, 5)
    if by == "policy":
        order.picking_type_id.create_backorder = "never"
    dialog = order.button_mark_done({} if by == "policy" else {"backorder": False})
    dialog.production_text = "B1\nB2"
    assert dialog.rest_explanation == "3 of 5 Units of Chair remain, and will not be produced."
    env.take_notifications()
    dialog.action_done()
    family = order.production_group_id.production_ids
    assert [(part.product_qty, part.state) for part in family] == [(1, "done"), (1, "done"), (3, "cancel")]
    messages = [note.message for note in env.take_notifications()]
    assert f"{family[2].name}: 3 Units of Chair will not be produced." in messages
    assert_stock_laws(env)


def test_the_rest_stays_open_while_something_else_is_asked(env, chair):
    order = order_for(chair, 5)
    order.picking_type_id.create_backorder = "never"
    order.bom_id.consumption = "warning"
    order.move_raw_ids[0].product_uom_qty += 5
    dialog = order.button_mark_done()
    dialog.production_text = "B1\nB2"
    assert dialog.action_done()._name == "mrp.consumption.warning"
    family = order.production_group_id.production_ids
    assert [(part.product_qty, part.state) for part in family] == [(1, "confirmed"), (1, "confirmed"), (3, "confirmed")]
    assert_stock_laws(env)


def test_serial_numbers_given_as_answer_name_the_backorder_of_the_rest(env, chair):
    order = order_for(chair, 5)
    env.take_notifications()
    order.button_mark_done({"serials": ["B1", "B2"]})
    rest = order.production_group_id.production_ids.filtered(lambda part: part.state == "confirmed")
    assert rest.product_qty == 3
    assert [note.records for note in env.take_notifications() if note.message == "Backorder created:"] == [rest]
    assert_stock_laws(env)


def test_the_dialog_says_nothing_of_a_list_that_is_complete_or_cannot_be_read(env, chair):
    dialog = order_for(chair, 2).button_mark_done()
    for text in ("", "C1\nC2", "C1;many"):
        dialog.production_text = text
        assert not dialog.rest_explanation


def test_more_numbers_than_units_are_refused(env, chair, refused):
    order = order_for(chair, 2)
    dialog = order.button_mark_done()
    dialog.production_text = "C1\nC2\nC3"
    data = {"order": order.name, "given": "3", "wanted": "2"}
    with refused(ManufacturingError, code="manufacturing.too_many_numbers", data=data):
        dialog.action_done()


def test_a_number_that_is_taken_is_refused_by_name(env, chair, refused):
    first = order_for(chair, 1)
    first.button_mark_done()
    taken = first.lot_producing_id.name
    second = order_for(chair, 2)
    dialog = second.button_mark_done()
    dialog.production_text = f"{taken}\nNEW1"
    data = {"serials": [taken], "product": "Chair", "documents": first.name}
    with refused(SerialNumberTaken, data=data, replace={taken: "<taken>"}), env.savepoint():
        dialog.action_done()
    dialog.production_text = "NEW1\nNEW1"
    with refused(SerialNumberTaken, data={"serials": ["NEW1"], "product": "Chair"}):
        dialog.action_done()


def test_many_numbers_without_splitting_in_the_newer_way(env, chair):
    order = order_for(chair, 3)
    dialog = order.action_generate_serial()
    assert dialog._name == "mrp.production.serials"
    dialog.action_generate_serial_numbers()
    dialog.action_apply()
    assert len(order.lot_producing_ids) == 3
    assert order.button_mark_done() is None
    assert order.state == "done" and order.name == order.production_group_id.name
    assert sorted(order.finished_move_line_ids.mapped("quantity")) == [1, 1, 1]
    assert_stock_laws(env)


def test_components_get_the_serial_numbers_that_the_text_names(env, chair, seat):
    motor = product(env, "Motor", tracking="serial")
    for name in ("M1", "M2"):
        put_stock(motor, 1, lot=env["stock.lot"].create({"name": name, "product_id": motor.id}))
    made = product(env, "Fan", tracking="serial")
    bill(env, made, {motor: 1, seat: 1})
    order = order_for(made, 2)
    dialog = order.button_mark_done()
    dialog.production_text = "F1|M2\nF2|M1"
    dialog.action_done()
    family = order.production_group_id.production_ids
    used = {
        part.lot_producing_id.name: part.move_raw_ids.filtered(lambda move: move.product_id == motor).lot_ids.name
        for part in family
    }
    assert used == {"F1": "M2", "F2": "M1"}
    assert_stock_laws(env)


def test_the_history_of_a_serial_number_names_its_components_lot(env, seat):
    motor = product(env, "Motor", tracking="lot")
    lot = env["stock.lot"].create({"name": "BATCH-7", "product_id": motor.id})
    put_stock(motor, 10, lot=lot)
    made = product(env, "Fan", tracking="serial")
    bill(env, made, {motor: 1})
    order = order_for(made, 1)
    order.button_mark_done()
    up = order.lot_producing_id.get_traceability("up")
    assert "BATCH-7" in {row["lot"] for row in up}
    down = lot.get_traceability("down")
    assert order.lot_producing_id.name in {row["lot"] for row in down}


def test_splitting_by_numbers_costs_the_same_for_ten_and_for_forty(env, chair):
    def produce(count):
        order = order_for(chair, count)
        dialog = order.button_mark_done()
        dialog.action_generate_production_text()
        env.flush_all()
        with max_queries(env, 1000) as statements:
            dialog.action_done()
        return len(statements)

    produce(2)
    few, many = produce(10), produce(40)
    assert many <= few + 3
    assert_stock_laws(env)


def test_a_serial_component_is_consumed_once(env, refused):
    motor, fan = product(env, "Motor", tracking="serial"), product(env, "Fan", tracking="serial")
    lot = env["stock.lot"].create({"name": "M1", "product_id": motor.id})
    put_stock(motor, 1, lot=lot)
    bill(env, fan, {motor: 1})
    first = order_for(fan, 1)
    first.button_mark_done()
    second = order_for(fan, 1)
    line = {"lot_id": lot.id, "quantity": 1, "product_id": motor.id}
    second.move_raw_ids.write({"move_line_ids": [(0, 0, line)], "picked": True})
    data = {"serials": ["M1"], "product": "Motor", "documents": first.name}
    with refused(SerialNumberTaken, data=data), env.savepoint():
        second.button_mark_done()
    unbuild = first.action_unbuild()
    unbuild.action_validate()
    second.button_mark_done()
    assert second.state == "done"
    assert_stock_laws(env)


def test_a_single_number_says_that_one_is_produced(env, chair):
    order = order_for(chair, 1)
    order.action_generate_serial()
    assert (order.qty_producing, order.state) == (1, "to_close")
    order.action_clear_lot_producing_ids()
    assert (order.qty_producing, order.state, order.serial_numbers_count) == (0, "confirmed", 0)


@pytest.mark.slow
def test_a_thousand_serial_numbers_take_seconds(env, chair, seat):
    put_stock(seat, 1000)
    order = order_for(chair, 1000)
    dialog = order.button_mark_done()
    dialog.action_generate_production_text()
    began = time.perf_counter()
    dialog.action_done()
    env.flush_all()
    assert time.perf_counter() - began < 30
    family = order.production_group_id.production_ids
    assert (len(family), set(family.mapped("state")), on_hand(seat)) == (1000, {"done"}, 0)

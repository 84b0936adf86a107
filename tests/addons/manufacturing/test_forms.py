"""The seed stories as a person does them: on the forms, with the buttons that are there."""

from __future__ import annotations

import pytest

from addons.inventory.testing import assert_stock_laws
from core.testing.form import CannotDo, FormDriver
from tests.addons.manufacturing.workshop import D, family_name, on_hand

ADDONS = ["manufacturing"]
DEMO = True


def new_order(env, product, quantity):
    form = FormDriver(env["mrp.production"])
    form["product_id"] = env.ref(product)
    form["product_qty"] = quantity
    order = form.save()
    FormDriver(order).press("action_confirm")
    return order


def test_a_table_order_is_made_in_two_parts(env):
    order = new_order(env, "manufacturing.product_product_table", 10)
    assert order.bom_id == env.ref("manufacturing.mrp_bom_table")
    assert order.state == "confirmed"
    form = FormDriver(order)
    form["qty_producing"] = 6
    form.save()
    dialog = FormDriver(order).press("button_mark_done")
    assert dialog._name == "mrp.production.backorder"
    FormDriver(dialog).press("action_backorder")
    assert (order.name, order.state) == (family_name(order, 1), "done")
    backorders = FormDriver(order).press("action_view_mrp_production_backorders")
    rest = backorders - order
    assert (rest.name, rest.product_qty) == (family_name(order, 2), 4)
    FormDriver(rest).press("button_mark_done")
    assert rest.state == "done"
    assert on_hand(order.product_id) == 10
    assert_stock_laws(env)


def test_one_chair_is_produced_with_the_next_number(env):
    order = new_order(env, "manufacturing.product_product_chair", 1)
    FormDriver(order).press("button_produce_all")
    assert order.state == "done" and order.lot_producing_id
    assert_stock_laws(env)


def test_two_chairs_are_numbered_in_the_dialog(env):
    order = new_order(env, "manufacturing.product_product_chair", 2)
    dialog = FormDriver(order).press("button_produce_all")
    assert dialog._name == "mrp.batch.produce"
    again = FormDriver(dialog).press("action_generate_production_text")
    assert len(again.production_text.split()) == 2
    shown = FormDriver(again).press("action_prepare")
    assert shown == order
    family = FormDriver(order).press("action_view_mrp_production_backorders")
    assert [part.state for part in family] == ["confirmed", "confirmed"]
    assert len(family.lot_producing_ids) == 2
    for part in family:
        FormDriver(part).press("button_mark_done")
    assert on_hand(order.product_id) == 2
    assert_stock_laws(env)


def test_the_plus_beside_the_number_generates_it(env):
    order = new_order(env, "manufacturing.product_product_varnish", 8)
    FormDriver(order).press("action_generate_serial")
    assert order.lot_producing_id and order.state == "confirmed"
    with pytest.raises(CannotDo):
        FormDriver(order).press("action_generate_serial")
    FormDriver(order).press("button_mark_done")
    assert order.lot_producing_id.product_qty == 8
    assert [workorder.state for workorder in order.workorder_ids] == ["done", "done"]
    assert_stock_laws(env)


def test_components_are_added_on_a_confirmed_order(env):
    order = new_order(env, "manufacturing.product_product_table", 2)
    seat = env.ref("manufacturing.product_product_seat")
    order.write({"move_raw_ids": [(0, 0, {"product_id": seat.id, "product_uom_qty": 3})]})
    added = order.move_raw_ids.filtered(lambda move: not move.bom_line_id)
    assert (added.state, added.quantity, added.location_id) == ("assigned", 3, order.location_src_id)
    warning = FormDriver(order).press("button_mark_done")
    assert warning._name == "mrp.consumption.warning"
    FormDriver(warning).press("action_confirm")
    assert order.state == "done"
    assert on_hand(seat) == 47
    assert_stock_laws(env)


def test_an_order_that_waits_for_components_can_be_edited(env):
    order = new_order(env, "manufacturing.product_product_table", 30)
    shown = {"components_availability": {}, "move_raw_ids": {"fields": {"product_id": {}}}}
    answer = order.onchange({"qty_producing": 3}, ["qty_producing"], shown)
    assert "components_availability" not in answer["value"], "what is stored goes on waiting"
    assert order.components_availability == "Not Available"


def test_typing_what_was_consumed_marks_it_as_consumed(env):
    order = new_order(env, "manufacturing.product_product_table", 2)
    legs = order.move_raw_ids.filtered(lambda move: move.product_id.name == "Table Leg")
    answer = legs.onchange({"quantity": 9, "picked": False}, ["quantity"], {"quantity": {}, "picked": {}})
    assert answer["value"]["picked"] is True
    legs.write({"quantity": 9, "picked": True})
    assert legs.picked and legs.quantity == 9
    warning = FormDriver(order).press("button_mark_done")
    FormDriver(warning).press("action_confirm")
    assert on_hand(legs.product_id) == 160 - 9
    assert_stock_laws(env)


def test_a_bill_is_written_and_used(env):
    table = env["product.template"].create({"name": "Bench", "is_storable": True})
    form = FormDriver(env["mrp.bom"])
    form["product_tmpl_id"] = table
    with form.lines("bom_line_ids").add() as line:
        line["product_id"] = env.ref("manufacturing.product_product_table_leg")
        line["product_qty"] = 2
    bom = form.save()
    assert bom.product_uom_id == table.uom_id
    order = FormDriver(env["mrp.production"])
    order["product_id"] = table.product_variant_id
    assert order["bom_id"] == bom
    order["product_qty"] = 3
    saved = order.save()
    assert saved.move_raw_ids.product_uom_qty == 6


def test_splitting_in_the_dialog(env):
    order = new_order(env, "manufacturing.product_product_table", 10)
    dialog = FormDriver(order).press("action_split")
    form = FormDriver(dialog)
    form["num_splits"] = 3
    family = form.press("action_split")
    assert sum(family.mapped("product_qty")) == D(10) and len(family) == 3
    assert_stock_laws(env)


def test_the_unbuild_form_follows_the_order(env):
    order = new_order(env, "manufacturing.product_product_table", 3)
    FormDriver(order).press("button_mark_done")
    form = FormDriver(env["mrp.unbuild"].with_context(default_mo_id=order.id))
    assert form["product_qty"] == 3 and not order.unbuild_ids, "nothing is made before it is confirmed"
    form["product_qty"] = 1
    unbuild = form.save()
    FormDriver(unbuild).press("action_validate")
    assert unbuild.state == "done" and on_hand(order.product_id) == 2
    assert_stock_laws(env)

"""Producing in parts (seed 1): the family of orders, what each part holds, and what it must not do."""

from __future__ import annotations

import re

import pytest

from addons.inventory.testing import assert_stock_laws, put_stock
from addons.manufacturing.exceptions import NoBillOfMaterials
from core.exceptions import UserError, ValidationError
from tests.addons.manufacturing.workshop import D, Workshop, bill, family_name, free, on_hand, product

ADDONS = ["manufacturing"]


def produce(production, quantity, **answers):
    """Type the quantity and validate; answers True or False for a backorder."""
    production.qty_producing = D(str(quantity))
    question = production.button_mark_done()
    if question and "backorder" in answers:
        assert question._name == "mrp.production.backorder"
        question = question.action_backorder() if answers["backorder"] else question.action_close_mo()
    return question


def test_an_order_for_ten_reserves_its_components(env):
    shop = Workshop(env)
    order = shop.order(10)
    assert re.fullmatch(r"WH/MO/\d{5}", order.name)
    assert order.state == "confirmed"
    assert order.reservation_state == "assigned"
    assert shop.reserved(order) == {"Table Top": D(10), "Table Leg": D(40)}
    assert_stock_laws(env)


def test_validating_six_of_ten_asks_and_changes_nothing_yet(env):
    order = Workshop(env).order(10)
    question = produce(order, 6)
    assert question._name == "mrp.production.backorder"
    assert question.mrp_production_backorder_line_ids.mrp_production_id == order
    assert order.name in question.backorder_explanation and "4" in question.backorder_explanation
    assert order.state == "progress" and order.name == order.production_group_id.name
    order.action_cancel()
    env.invalidate_all()
    assert not question.backorder_explanation and not question.no_backorder_explanation, "it will do nothing now"
    assert_stock_laws(env)


def test_create_backorder_divides_the_order(env):
    shop = Workshop(env)
    order = shop.order(10)
    assert produce(order, 6, backorder=True) is None
    rest = order.production_group_id.production_ids - order
    assert (order.name, order.state, order.product_qty, order.qty_produced) == (family_name(order, 1), "done", 6, 6)
    assert (rest.name, rest.state, rest.product_qty, rest.qty_produced) == (family_name(order, 2), "confirmed", 4, 0)
    assert shop.consumed(order) == {"Table Top": D(6), "Table Leg": D(24)}
    assert shop.reserved(rest) == {"Table Top": D(4), "Table Leg": D(16)}
    assert rest.qty_producing == 0 and not any(rest.move_raw_ids.mapped("picked"))
    assert (order.mrp_production_backorder_count, order.other_backorder_count) == (2, 1)
    assert order.action_view_mrp_production_backorders() == order | rest
    assert (on_hand(shop.table), on_hand(shop.top), on_hand(shop.leg)) == (6, 14, 56)
    assert_stock_laws(env)


def test_the_backorder_is_finished_by_validate_alone(env):
    shop = Workshop(env)
    order = shop.order(10)
    produce(order, 6, backorder=True)
    rest = order.production_group_id.production_ids - order
    assert rest.button_mark_done() is None
    assert rest.state == "done" and rest.name == family_name(order, 2)
    assert (on_hand(shop.table), on_hand(shop.top)) == (10, 10)
    assert_stock_laws(env)


def test_a_backorder_of_a_backorder_joins_the_flat_family(env):
    order = Workshop(env).order(10)
    produce(order, 6, backorder=True)
    second = order.production_group_id.production_ids - order
    produce(second, 3, backorder=True)
    third = order.production_group_id.production_ids - order - second
    assert third.name == family_name(order, 3) and third.product_qty == 1
    assert (second.name, second.state) == (family_name(order, 2), "done")
    assert_stock_laws(env)


def test_no_backorder_cancels_the_rest_and_releases_its_components(env):
    shop = Workshop(env)
    order = shop.order(10)
    produce(order, 6, backorder=False)
    assert (order.name, order.state, order.qty_produced) == (order.production_group_id.name, "done", 6)
    assert order.mrp_production_backorder_count == 1
    assert shop.consumed(order) == {"Table Top": D(6), "Table Leg": D(24)}
    assert (free(shop.top), free(shop.leg)) == (14, 56)
    assert_stock_laws(env)


@pytest.mark.parametrize(("policy", "parts"), [("always", 2), ("never", 1)])
def test_the_operation_type_answers_instead_of_the_user(env, policy, parts):
    shop = Workshop(env)
    order = shop.order(10)
    order.picking_type_id.create_backorder = policy
    assert produce(order, 6) is None
    assert order.state == "done"
    assert len(order.production_group_id.production_ids) == parts
    assert_stock_laws(env)


def test_several_orders_are_asked_about_together_and_answered_apart(env):
    shop = Workshop(env)
    orders = shop.order(5) | shop.order(5)
    orders.write({"qty_producing": 3})
    question = orders.button_mark_done()
    _first, second = question.mrp_production_backorder_line_ids
    second.to_backorder = False
    question.action_backorder()
    assert set(orders.mapped("state")) == {"done"}
    assert [len(order.production_group_id.production_ids) for order in orders] == [2, 1]
    assert_stock_laws(env)


def test_reserved_components_follow_the_part_that_needs_them_first(env):
    shop = Workshop(env, tops=7, legs=80)
    order = shop.order(10)
    assert shop.reserved(order)["Table Top"] == 7
    produce(order, 6, backorder=True)
    rest = order.production_group_id.production_ids - order
    assert shop.consumed(order)["Table Top"] == 6
    assert shop.reserved(rest)["Table Top"] == 1
    assert rest.reservation_state == "confirmed"
    put_stock(shop.top, 4)
    assert rest.reservation_state == "assigned"
    assert_stock_laws(env)


def test_a_split_never_asks_for_components_again(env):
    shop = Workshop(env, tops=0, legs=80)
    shop.top.product_tmpl_id.route_ids = env.ref("inventory.route_warehouse0_mto") | env.ref(
        "manufacturing.route_warehouse0_manufacture"
    )
    wood = product(env, "Wood")
    put_stock(wood, 100)
    bill(env, shop.top, {wood: 2})
    order = shop.order(10)
    supplier = order._get_children()
    assert supplier.product_qty == 10 and supplier.product_id == shop.top
    supplier.button_mark_done()
    produce(order, 6, backorder=True)
    rest = order.production_group_id.production_ids - order
    assert env["mrp.production"].search_count([("product_id", "=", shop.top.id)]) == 1
    assert rest._get_children() == supplier
    assert shop.reserved(rest)["Table Top"] == 4
    rest.button_mark_done()
    assert on_hand(shop.top) == 0
    assert_stock_laws(env)


def test_quantities_that_do_not_divide_add_up_all_the_same(env):
    glue = product(env, "Glue", uom_id=env.ref("inventory.product_uom_kgm").id)
    chair = product(env, "Chair")
    put_stock(glue, "3140")
    bill(env, chair, {glue: "0.333"})
    order = env["mrp.production"].create({"product_id": chair.id, "product_qty": 7})
    order.action_confirm()
    demand = order.move_raw_ids.product_uom_qty
    produce(order, 3, backorder=True)
    parts = order.production_group_id.production_ids
    assert sum(parts.move_raw_ids.mapped("product_uom_qty")) == demand
    assert sum(parts.move_raw_ids.mapped("quantity")) == demand
    (parts - order).button_mark_done()
    assert on_hand(glue) == D(3140) - demand
    assert_stock_laws(env)


def test_more_than_demanded_is_accepted_and_consumes_in_proportion(env):
    shop = Workshop(env)
    order = shop.order(10)
    assert produce(order, 12) is None
    assert (order.state, order.qty_produced) == ("done", 12)
    assert shop.consumed(order) == {"Table Top": D(12), "Table Leg": D(48)}
    assert_stock_laws(env)


def test_a_second_validate_is_refused_by_name(env, refused):
    order = Workshop(env).order(10)
    order.button_mark_done()
    with refused(UserError, code="wrong_state", data={"ids": order.ids, "method": "button_mark_done"}):
        order.button_mark_done()
    assert order.qty_produced == 10


def test_negative_quantities_are_refused(env, refused):
    shop = Workshop(env)
    data = {"product": "Table", "quantity": "-1"}
    with refused(ValidationError, code="manufacturing.quantity_not_positive", data=data):
        shop.order(-1)
    order = shop.order(10)
    with pytest.raises(ValidationError), env.savepoint():
        order.qty_producing = -3


def test_round_quantities_are_written_in_plain_digits(env):
    shop = Workshop(env)
    with pytest.raises(ValidationError, match="not -200"), env.savepoint():
        shop.order(-200)
    answer = shop.order(100).onchange({"qty_producing": "300"}, ["qty_producing"], {"qty_producing": {}})
    assert answer["warning"]["message"].startswith("300 Units are more than the 100 ")


def test_a_product_without_a_bill_says_what_to_do(env, refused):
    stool = product(env, "Stool")
    order = env["mrp.production"].create({"product_id": stool.id, "product_qty": 1})
    with refused(NoBillOfMaterials, data={"order": order.name, "product": "Stool", "bom": ""}):
        order.action_confirm()


def test_demand_for_the_product_goes_to_all_the_parts(env):
    """A delivery that waits for the order is served by each part of it."""
    shop = Workshop(env)
    shop.table.product_tmpl_id.route_ids = env.ref("inventory.route_warehouse0_mto") | env.ref(
        "manufacturing.route_warehouse0_manufacture"
    )
    warehouse = env.ref("inventory.warehouse0")
    env["stock.rule"].run(
        [
            env["stock.rule"].Procurement(
                shop.table, D(10), shop.table.uom_id, env.ref("inventory.stock_location_customers"), "Table", "S1",
                env.company, {"warehouse_id": warehouse},
            )
        ]
    )  # fmt: skip
    order = env["mrp.production"].search([("product_id", "=", shop.table.id)])
    assert order.product_qty == 10 and order.state == "confirmed"
    delivery = order.move_finished_ids.move_dest_ids
    produce(order, 6, backorder=True)
    assert (delivery.state, delivery.quantity) == ("partially_available", 6)
    rest = order.production_group_id.production_ids - order
    rest.button_mark_done()
    assert (delivery.state, delivery.quantity) == ("assigned", 10)
    assert_stock_laws(env)


def test_the_quantity_states_what_is_consumed_until_the_order_is_closed(env):
    """What clients see between entering a quantity and closing the order: components hold just what it takes."""
    shop = Workshop(env)
    order = shop.order(10)
    for quantity, legs in ((6, 24), (12, 48), (3, 12)):
        order.qty_producing = quantity
        order.set_qty_producing()
        assert shop.reserved(order) == {"Table Top": D(quantity), "Table Leg": D(legs)}
        assert set(order.move_raw_ids.mapped("picked")) == {True}
    order.button_mark_done().action_backorder()
    rest = order.production_group_id.production_ids - order
    assert (shop.reserved(rest)["Table Leg"], rest.reservation_state) == (28, "assigned")
    assert on_hand(shop.leg) == 68
    assert_stock_laws(env)


def test_consumption_entered_by_hand_is_not_stated_over(env):
    shop = Workshop(env)
    order = shop.order(10)
    legs = order.move_raw_ids.filtered(lambda move: move.product_id == shop.leg)
    legs.write({"quantity": 42, "picked": True, "manual_consumption": True})
    order.qty_producing = 6
    order.set_qty_producing()
    assert shop.reserved(order) == {"Table Top": D(6), "Table Leg": D(42)}


def test_a_part_is_posted_while_the_order_stays_open(env):
    shop = Workshop(env)
    order = shop.order(10)
    order.qty_producing = 4
    order._post_inventory()
    assert (order.state, order.qty_produced, order.qty_producing) == ("progress", 4, 0)
    assert (on_hand(shop.table), on_hand(shop.leg), shop.reserved(order)["Table Leg"]) == (4, 64, 24)
    order.button_mark_done()
    assert (order.state, order.qty_produced, on_hand(shop.leg)) == ("done", 10, 40)
    assert_stock_laws(env)


def made_before(shop, picked=0):
    """An order all of which was posted before, and a component that was added to it after that: 5 are reserved."""
    order = shop.order(2)
    order.qty_producing = 2
    order._post_inventory()
    values = {"raw_material_production_id": order.id, "product_id": shop.leg.id, "product_uom_qty": 5}
    added = order.env["stock.move"].create(values)
    added._action_confirm()
    added._action_assign()
    if picked:
        added.write({"quantity": picked, "picked": True})
    return order, added


def close(orders):
    """Close orders, whatever is asked."""
    question = orders.button_mark_done()
    while question:
        question = question.action_confirm()


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("picked", [0, 3])
def test_what_is_added_to_an_order_that_makes_nothing_more(env, picked, together):
    """What is picked of it is consumed, the rest cancelled, be it closed alone or with another order."""
    shop = Workshop(env)
    order, added = made_before(shop, picked)
    assert added.quantity == (picked or 5)
    other = shop.order(1) if together else order.browse()
    before = on_hand(shop.leg)
    close(order | other)
    assert set((order | other).mapped("state")) == {"done"}
    assert added.state == ("done" if picked else "cancel")
    assert on_hand(shop.leg) == free(shop.leg) == before - picked - 4 * len(other)
    assert order.qty_produced == 2
    assert_stock_laws(env)


def test_what_is_left_for_later_is_rounded_by_the_unit(env):
    shop = Workshop(env)
    shop.table.uom_id.rounding = D(1)
    order = shop.order(10)
    order.qty_producing = D("9.9")
    assert order._get_quantity_to_backorder() == 0
    order.qty_producing = 6
    assert order._get_quantity_to_backorder() == 4


def test_splitting_by_what_is_produced_now(env):
    order = Workshop(env).order(10)
    order.qty_producing = 6
    assert order._split_productions().mapped("product_qty") == [6, 4]


def test_what_the_parts_leave_can_be_cancelled(env):
    shop = Workshop(env)
    order = shop.order(10)
    parts = order._split_productions({order: [3, 4]}, cancel_remaining_qty=True)
    assert (parts.mapped("product_qty"), parts[0]) == ([3, 4], order)
    assert [shop.reserved(part)["Table Leg"] for part in parts] == [12, 16]
    assert free(shop.leg) == 80 - 28, "what the rest had reserved is free again"
    for part in parts:
        part.qty_producing = part.product_qty
    assert parts.button_mark_done() is None
    assert (on_hand(shop.table), on_hand(shop.leg)) == (7, 80 - 28)
    assert_stock_laws(env)


def test_an_order_can_be_reduced_to_what_is_split(env):
    order = Workshop(env).order(10)
    name = order.name
    assert order._split_productions({order: [6]}, cancel_remaining_qty=True) == order
    assert (order.product_qty, order.name, order.production_group_id.production_ids) == (6, name, order)
    assert sorted(order.move_raw_ids.filtered(lambda move: move.state != "cancel").mapped("product_uom_qty")) == [6, 24]


def test_components_of_the_parts_can_be_marked_as_consumed(env):
    order = Workshop(env).order(10)
    parts = order._split_productions({order: [6]}, set_consumed_qty=True)
    assert all(parts.move_raw_ids.mapped("picked"))
    assert all(parts.move_raw_ids.move_line_ids.mapped("picked"))


def test_services_write_settled_moves_at_once(env):
    """Manufacturing notes demand that is entered by hand without extending `write`."""
    assert not env["stock.move"]._is_extended("write")
    shop = Workshop(env)
    order = shop.order(10)
    legs = order.move_raw_ids.filtered(lambda move: move.product_id == shop.leg)
    legs.product_uom_qty = 50
    assert order.move_raw_ids.filtered("manual_consumption") == legs


def test_the_question_follows_what_is_unticked(env):
    shop = Workshop(env)
    orders = shop.order(5) | shop.order(5)
    orders.write({"qty_producing": 3})
    question = orders.button_mark_done()
    first, second = question.mrp_production_backorder_line_ids
    assert (first.quantity_now, first.quantity_rest) == (3, 2)
    assert "A backorder keeps the components for the remaining 2 Units." in question.backorder_explanation
    values = {"mrp_production_backorder_line_ids": [(1, second.id, {"to_backorder": False})]}
    spec = {"backorder_explanation": {}, "no_backorder_explanation": {}}
    answer = question.onchange(values, ["mrp_production_backorder_line_ids"], spec)["value"]
    kept, dropped = answer["backorder_explanation"].splitlines()
    assert "no_backorder_explanation" not in answer
    assert "A backorder keeps" in kept and dropped == question.no_backorder_explanation.splitlines()[1]


def test_the_older_order_gets_the_components_of_transfers_first(env):
    """Confirmed together from the list, which is newest first."""
    warehouse = env.ref("inventory.warehouse0")
    warehouse.manufacture_steps = "pbm"
    shop = Workshop(env)
    drafts = [shop.order(5, confirm=False) for _n in range(2)]
    (drafts[1] | drafts[0]).action_confirm()
    older, newer = (order.move_raw_ids.move_orig_ids.picking_id.name for order in drafts)
    assert older < newer

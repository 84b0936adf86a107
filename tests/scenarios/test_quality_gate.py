"""An addon asks before transfers and orders are done: `question.mixin` keeps the whole call.

The addon is the example of docs/writing_an_addon.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from addons.inventory.testing import put_stock
from core.exceptions import AccessError, HookError, InvalidArgument, UserError
from core.testing.contract import AddonContract
from tests.addons.manufacturing.workshop import Workshop

ADDONS_PATH = (Path(__file__).parents[1] / "thirdparty",)
ADDONS = ("manufacturing", "quality_gate")


class TestContract(AddonContract):
    addon = "quality_gate"
    paths = ADDONS_PATH


@pytest.fixture
def deliver(env):
    """Makes a reserved delivery of 5 screws; `picked` of them are entered."""
    screws = env["product.product"].create({"name": "Screws", "is_storable": True})
    stock, customers = env.ref("inventory.stock_location_stock"), env.ref("inventory.stock_location_customers")
    put_stock(screws, 100)

    def work(picked=5, **values):
        move = {"product_id": screws.id, "product_uom_qty": 5, "location_id": stock.id}
        delivery = env["stock.picking"].create(
            {
                "picking_type_id": env.ref("inventory.picking_type_out").id,
                "location_id": stock.id,
                "location_dest_id": customers.id,
                "move_ids": [(0, 0, {**move, "location_dest_id": customers.id})],
                **values,
            }
        )
        delivery.action_confirm()
        delivery.action_assign()
        delivery.move_ids.quantity = picked
        return delivery

    return work


def test_two_transfers_are_done_when_one_of_them_was_asked_about(deliver):
    urgent, other = deliver(priority="1"), deliver()
    gate = (urgent | other).button_validate()
    assert (gate._name, gate.about_names) == ("quality.gate", urgent.name)
    assert gate._documents() == urgent | other
    assert (urgent | other).mapped("state") == ["assigned", "assigned"], "nothing has moved yet"
    assert gate.action_pass() is None
    assert (urgent | other).mapped("state") == ["done", "done"]


def test_two_orders_are_done_when_one_of_them_was_asked_about(env):
    workshop = Workshop(env)
    urgent, other = workshop.order(3, priority="1"), workshop.order(2)
    gate = (urgent | other).button_mark_done()
    assert (gate._name, gate.about_names) == ("quality.gate", urgent.name)
    assert gate.action_pass() is None
    assert (urgent | other).mapped("state") == ["done", "done"]
    assert (urgent | other).mapped("qty_produced") == [3, 2]


def test_transfer_is_not_asked_about_again_by_the_backorder_question(deliver):
    urgent, other = deliver(picked=3, priority="1"), deliver(picked=2)
    question = (urgent | other).button_validate().action_pass()
    assert question._name == "stock.backorder.confirmation"
    assert question.process() is None, "the answer of the gate is kept by the dialog that follows it"
    assert (urgent | other).mapped("state") == ["done", "done"]
    assert sorted((urgent | other).backorder_ids.move_ids.mapped("product_uom_qty")) == [2, 3]


def test_order_is_not_asked_about_again_by_the_backorder_question(env):
    workshop = Workshop(env)
    urgent, other = workshop.order(10, priority="1"), workshop.order(10)
    (urgent | other).qty_producing = 4
    question = (urgent | other).button_mark_done().action_pass()
    assert question._name == "mrp.production.backorder"
    assert question.action_close_mo() is None
    assert (urgent | other).mapped("state") == ["done", "done"]


def test_an_answer_holds_for_the_parts_that_serial_numbers_make_of_an_order(env):
    workshop = Workshop(env, tracking="serial")
    order = workshop.order(2, priority="1")
    batch = order.button_mark_done().action_pass()
    assert batch._name == "mrp.batch.produce"
    batch.production_text = "A1\nA2"
    assert batch.action_done() is None
    assert order.production_group_id.production_ids.mapped("state") == ["done", "done"]


def test_clients_answer_without_the_dialog(deliver):
    first, second = deliver(priority="1"), deliver(priority="1")
    gate = (first | second).button_validate(answers={"quality": {str(first.id): "ok"}})
    assert gate.about_names == second.name
    assert (first | second).button_validate(answers={"quality": {"*": "ok"}}) is None
    assert (first | second).mapped("state") == ["done", "done"]


def test_a_dialog_that_would_lose_documents_is_refused(env, deliver):
    urgent, other = deliver(priority="1"), deliver()
    gate = env["quality.gate"]._ask(urgent, {})
    with pytest.raises(HookError, match=r"keeps 1 of the 2 records of stock\.picking"):
        (urgent | other)._check_question(gate)


@pytest.mark.parametrize("method", ["unlink", "action_toggle_is_locked", "_action_done", "no_such_method"])
def test_a_dialog_calls_no_method_that_takes_no_answers(env, deliver, method):
    gate = env["quality.gate"]._ask(deliver(), {}, method=method)
    with pytest.raises(InvalidArgument):
        gate.action_pass()


def test_a_dialog_asks_for_the_right_that_its_method_takes(env, deliver):
    delivery = deliver()
    user = env["res.users"].create(
        {
            "name": "Reader",
            "login": "reader",
            "password": "kx9-Vault-reader",
            "group_ids": [(6, 0, [env.ref("base.group_user").id])],
        }
    )
    gate = env["quality.gate"].with_user(user)._ask(delivery.with_user(user), {})
    with pytest.raises(AccessError):
        gate.action_pass()
    assert delivery.state == "assigned"


def test_a_question_without_documents_is_refused(env):
    with pytest.raises(UserError):
        env["quality.gate"].create({}).action_pass()

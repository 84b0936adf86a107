"""The flows of the seed story on backorders: Ask, Always, Never, and shipping all at once."""

from __future__ import annotations

from decimal import Decimal

import pytest

from addons.inventory.exceptions import NothingToMove, NotReady
from core.api import hookimpl
from core.exceptions import UserError

ADDONS = ["inventory"]
pytestmark = pytest.mark.both_dialects("scenario")


def test_ask_then_create_backorder(stock, messages):
    case = stock.product("Drawer Case Black", 45)
    picking = stock.delivery((case, 55))
    move = picking.move_ids
    assert (picking.state, move.state, move.quantity) == ("assigned", "partially_available", 45)
    assert case.free_qty == 0

    question = picking.button_validate()
    assert question._name == "stock.backorder.confirmation"
    assert picking.state == "assigned"
    messages.check(question.create_text)
    messages.check(question.cancel_text)

    assert question.process() is None
    backorder = picking.backorder_ids
    assert picking.state == "done"
    assert (move.product_uom_qty, move.quantity) == (45, 45)
    assert (backorder.state, backorder.backorder_id) == ("confirmed", picking)
    assert backorder.name != picking.name and backorder.name in question.create_text
    assert backorder.move_ids.product_uom_qty == 10
    assert stock.on_hand(case) == 0
    stock.laws()

    stock.receive(case, 10)
    assert backorder.state == "assigned"
    assert backorder.button_validate() is None
    assert backorder.state == "done"
    assert stock.on_hand(case) == 0


def test_ask_then_no_backorder(stock):
    case = stock.product("Drawer Case Black", 45)
    picking = stock.delivery((case, 55))
    picking.button_validate().process_cancel_backorder()
    assert picking.state == "done"
    assert not picking.backorder_ids
    assert sorted((move.state, move.product_uom_qty) for move in picking.move_ids) == [("cancel", 10), ("done", 45)]


def test_always_makes_the_backorder_without_a_question(stock):
    stock.out.create_backorder = "always"
    tray = stock.product("Letter Tray", 10)
    picking = stock.delivery((tray, 20))
    assert picking.button_validate() is None
    assert picking.backorder_ids.state == "confirmed"
    assert picking.backorder_ids.move_ids.product_uom_qty == 10


def test_never_cancels_the_rest(stock):
    stock.out.create_backorder = "never"
    board = stock.product("Magnetic Board", 10)
    picking = stock.delivery((board, 20))
    assert picking.button_validate() is None
    assert picking.state == "done"
    assert not picking.backorder_ids
    assert picking.move_ids.filtered(lambda move: move.state == "done").quantity == 10


def test_all_at_once_is_refused_until_everything_is_there(stock, refused):
    case, tray = stock.product("Drawer Case Black", 45), stock.product("Letter Tray", 5)
    picking = stock.delivery((case, 55), (tray, 5), move_type="one")
    assert picking.state == "confirmed"
    missing = {"picking": picking.name, "product": "Drawer Case Black", "quantity": "10", "unit": "Units"}
    with refused(NotReady, data={"missing": [missing]}):
        picking.button_validate()
    stock.receive(case, 10)
    assert picking.state == "assigned"
    picking.button_validate()
    assert picking.state == "done"


def test_backorder_of_a_backorder(stock):
    stock.out.create_backorder = "always"
    case = stock.product(on_hand=10)
    first = stock.delivery((case, 30))
    first.button_validate()
    second = first.backorder_ids
    stock.receive(case, 5)
    second.button_validate()
    third = second.backorder_ids
    assert third.move_ids.product_uom_qty == 15
    entry = third.move_ids.shortfall_id
    assert entry == second.move_ids.shortfall_id
    assert (entry.quantity, entry.quantity_done, entry.quantity_owed, entry.origin) == (20, 5, 15, first.name)
    stock.receive(case, 100)
    third.button_validate()
    assert (entry.state, entry.quantity_owed) == ("done", 0)
    assert [event.kind for event in entry.event_ids] == ["opened", "delivered", "deferred", "delivered"]


def test_several_transfers_with_a_choice_for_each(stock):
    case, tray = stock.product("Drawer Case Black", 5), stock.product("Letter Tray", 5)
    first, second = stock.delivery((case, 10)), stock.delivery((tray, 10))
    question = (first | second).button_validate()
    assert question.show_transfers
    lines = {line.picking_id: line for line in question.backorder_confirmation_line_ids}
    lines[second].to_backorder = False
    question.process()
    assert first.backorder_ids and not second.backorder_ids
    assert first.state == second.state == "done"


def transfers_by_policy(stock, **policies):
    """Short deliveries, one for each policy: each of an operation type of its own, with 5 of 10 reserved."""
    deliveries = stock.env["stock.picking"]
    for policy in policies.values():
        kind = stock.out.copy({"create_backorder": policy, "sequence_code": policy.upper()})
        deliveries |= stock.delivery((stock.product(on_hand=5), 10), picking_type_id=kind.id)
    return deliveries


@pytest.mark.parametrize("answer", ["process", "process_cancel_backorder"])
def test_answer_is_for_the_transfers_asked_about_only(stock, answer):
    pickings = transfers_by_policy(stock, first="ask", second="always", third="never")
    ask, always, never = pickings
    question = pickings.button_validate()
    assert question.pick_ids == pickings and question.about_names == ask.name
    assert question.backorder_confirmation_line_ids.picking_id == question.detail_ids.picking_id == ask
    assert not question.show_transfers
    assert ask.name in question.cancel_text and always.name not in question.cancel_text

    assert getattr(question, answer)() is None
    assert [picking.state for picking in pickings] == ["done", "done", "done"]
    assert bool(ask.backorder_ids) == (answer == "process")
    assert always.backorder_ids.move_ids.product_uom_qty == 5
    assert not never.backorder_ids
    stock.laws()


def test_announced_number_counts_the_backorders_that_are_not_asked_about(stock):
    def choose_backorder_policy(env, documents):
        return {picking: "always" for picking in documents if picking == always}

    always, ask = (stock.delivery((stock.product(on_hand=5), 10)) for _ in range(2))
    guest = type("Guest", (), {"choose_backorder_policy": staticmethod(hookimpl(choose_backorder_policy))})
    with stock.env.hooks.extended("guest", guest):
        question = (always | ask).button_validate()
        text = question.create_text
        question.process()
    assert ask.backorder_ids.name in text and always.backorder_ids.name not in text


def test_complete_transfers_are_not_asked_about(stock):
    complete, short = (stock.delivery((stock.product(on_hand=5), quantity)) for quantity in (5, 10))
    question = (complete | short).button_validate()
    assert question.backorder_confirmation_line_ids.picking_id == short
    question.process_cancel_backorder()
    assert complete.state == short.state == "done"
    assert not short.backorder_ids


def test_remote_client_answers_for_all_transfers_it_gives(stock):
    pickings = transfers_by_policy(stock, first="ask", second="never")
    wizard = stock.env["stock.backorder.confirmation"].create({"pick_ids": [(6, 0, pickings.ids)]})
    assert wizard.backorder_confirmation_line_ids.picking_id == pickings
    wizard.process()
    assert [picking.backorder_ids.move_ids.product_uom_qty for picking in pickings] == [5, 5]


def test_remote_client_gives_the_transfers_only(stock):
    case = stock.product(on_hand=5)
    picking = stock.delivery((case, 10))
    wizard = stock.env["stock.backorder.confirmation"].create({"pick_ids": [(4, picking.id)]})
    wizard.process()
    assert picking.state == "done"
    assert picking.backorder_ids.move_ids.product_uom_qty == 5


def test_validated_once(stock, refused):
    case = stock.product(on_hand=5)
    picking = stock.delivery((case, 5))
    picking.button_validate()
    with refused(UserError, code="wrong_state", data={"ids": picking.ids, "method": "button_validate"}):
        picking.button_validate()
    assert stock.on_hand(case) == 0


def test_nothing_to_move_says_who_holds_the_stock(stock, refused):
    case = stock.product("Drawer Case Black", 5)
    holder = stock.delivery((case, 5))
    picking = stock.delivery((case, 5))
    assert picking.state == "confirmed"
    with refused(NothingToMove) as refusal:
        picking.button_validate()
    (missing,) = refusal.value.data["missing"]
    assert (missing["product"], missing["reserved_by"]) == ("Drawer Case Black", {holder.name: "5"})


def test_picked_quantities_only(stock):
    case, tray = stock.product("Drawer Case Black", 10), stock.product("Letter Tray", 10)
    stock.out.create_backorder = "always"
    picking = stock.delivery((case, 10), (tray, 10))
    first, second = picking.move_ids
    first.quantity = 6
    first.picked = True
    assert picking.button_validate() is None
    rest = picking.backorder_ids
    assert first.state == "done" and first.quantity == 6
    assert sorted((move.product_id.name, move.product_uom_qty, move.quantity) for move in rest.move_ids) == [
        ("Drawer Case Black", 4, 4),
        ("Letter Tray", 10, 10),
    ]
    assert second in rest.move_ids
    assert rest.state == "assigned"


def test_over_delivery_is_allowed_and_said(stock):
    case = stock.product(on_hand=100)
    picking = stock.delivery((case, 10))
    picking.move_ids.quantity = 12
    assert picking.move_ids.state == "assigned"
    assert picking.button_validate() is None
    assert picking.move_ids.quantity == 12
    assert stock.on_hand(case) == 88


def test_immediate_transfer_from_a_draft(stock):
    case = stock.product(on_hand=10)
    picking = stock.delivery((case, 4), confirm=False)
    assert picking.state == "draft"
    assert picking.button_validate() is None
    assert picking.state == "done"
    assert stock.on_hand(case) == Decimal(6)


def test_the_question_lists_everything_that_goes(stock, messages):
    case, tray = stock.product("Drawer Case Black", 45), stock.product("Letter Tray", 5)
    question = stock.delivery((case, 55), (tray, 5)).button_validate()
    assert question.create_text.count("Drawer Case Black") == 2 and question.create_text.count("Letter Tray") == 1
    messages.check(question.create_text)


def test_a_slip_lists_what_goes_beside_what_was_ordered(stock):
    case, tray = stock.product("Drawer Case Black", 45), stock.product("Letter Tray")
    picking = stock.delivery((case, 4, stock.dozen), (tray, 10))
    picking.button_validate(answers={"backorder": {picking.id: True}})
    rows = picking.move_line_ids._get_aggregated_product_quantities()
    assert [(row["name"], row["quantity"], row["qty_ordered"], row["product_uom"].name) for row in rows.values()] == [
        ("Drawer Case Black", Decimal("3.75"), 4, "Dozens")
    ]


def test_the_question_follows_what_is_unticked(stock, messages):
    first, second = stock.delivery((stock.product("Case", 5), 8)), stock.delivery((stock.product("Tray", 5), 10))
    complete = stock.delivery((stock.product("Board", 1), 1))
    question = (second | first | complete).button_validate()
    messages.check(question.create_text, name="all_ticked")
    line = question.backorder_confirmation_line_ids.filtered(lambda line: line.picking_id == first)
    values = {"backorder_confirmation_line_ids": [(1, line.id, {"to_backorder": False})]}
    answer = question.onchange(values, ["backorder_confirmation_line_ids"], {"create_text": {}, "cancel_text": {}})
    assert "cancel_text" not in answer["value"]
    messages.check(answer["value"]["create_text"], name="one_unticked")
    line.to_backorder = False
    stock.env.take_notifications()
    question.process()
    assert second.backorder_ids.name in answer["value"]["create_text"] and not first.backorder_ids
    cancelled = [note.message for note in stock.env.take_notifications() if note.kind == "warning"]
    messages.check("\n".join(cancelled), name="cancelled")


def test_backorders_are_numbered_by_the_age_of_their_transfers(stock):
    pickings = [stock.delivery((stock.product(on_hand=5), 8)) for _n in range(3)]
    stock.env["stock.picking"].union(*reversed(pickings)).button_validate(answers={"backorder": True})
    names = [picking.backorder_ids.name for picking in pickings]
    assert names == sorted(names)

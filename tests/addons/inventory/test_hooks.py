"""What an addon can change through the hooks of inventory, and the boundary with older clients."""

from __future__ import annotations

import pytest

from addons.inventory.exceptions import NoRule
from addons.inventory.testing import put_stock
from core.api import hookimpl
from core.exceptions import HookError, UserError

ADDONS = ["inventory"]


def plugged(env, **functions):
    """The functions, named after their hooks, as the hooks of an addon of their own."""
    implementations = {name: staticmethod(hookimpl(function)) for name, function in functions.items()}
    return env.hooks.extended("guest", type("Guest", (), implementations))


def test_choose_backorder_policy(stock):
    friend = stock.env["res.partner"].create({"name": "Deco Addict"})

    def choose_backorder_policy(env, documents):
        return {picking: "always" for picking in documents if picking.partner_id == friend}

    product = stock.product(on_hand=6)
    first = stock.delivery((product, 5), partner_id=friend.id)
    second = stock.delivery((product, 5))
    first.move_ids.quantity = 3
    with plugged(stock.env, choose_backorder_policy=choose_backorder_policy):
        question = (first | second).button_validate()
        assert question.backorder_confirmation_line_ids.picking_id == second
        second.button_validate().process_cancel_backorder()
        assert first.button_validate() is None
    assert first.backorder_ids and not second.backorder_ids


@pytest.mark.parametrize("answer", ["perhaps", True])
def test_a_policy_that_is_none_is_refused_with_the_addons_that_answer(stock, answer):
    delivery = stock.delivery((stock.product(on_hand=6), 5))
    delivery.move_ids.quantity = 3
    with plugged(stock.env, choose_backorder_policy=lambda env, documents: dict.fromkeys(documents, answer)):
        with pytest.raises(HookError, match=r"it must be 'ask', 'always' or 'never'.*guest"):
            delivery.button_validate()


def test_what_is_put_on_hold_is_a_backorder_like_any_other(stock):
    def on_backorder(env, documents, backorders):
        for original, backorder in zip(documents, backorders, strict=True):
            backorder.note = f"{backorder.move_ids.product_uom_qty:f} of {original.name}"

    def explain_shortfall(env, moves):
        return {move: "customer_wish" for move in moves if move.hold_date}

    move = stock.delivery((stock.product(on_hand=10), 10)).move_ids
    with plugged(stock.env, on_backorder=on_backorder, explain_shortfall=explain_shortfall):
        held = move._put_on_hold({move: 4})
    assert held.picking_id.note == f"4.000000 of {move.picking_id.name}"
    assert held.shortfall_id.reason == "customer_wish"


def test_rank_demand(stock):
    friend = stock.env["res.partner"].create({"name": "Deco Addict"})

    def rank_demand(env, moves):
        return {move: (-1, move.date, move.id) for move in moves if move.partner_id == friend}

    product = stock.product()
    older = stock.delivery((product, 5), priority="1")
    favoured = stock.delivery((product, 5), partner_id=friend.id)
    with plugged(stock.env, rank_demand=rank_demand):
        stock.receive(product, 6)
    assert (favoured.move_ids.quantity, older.move_ids.quantity) == (5, 1)


def test_choose_removal(stock):
    product = stock.product(tracking="lot")
    lots = stock.env["stock.lot"].create([{"name": name, "product_id": product.id} for name in "AB"])
    for lot in lots:
        put_stock(product, 5, lot=lot)

    def choose_removal(env, products, location):
        return dict.fromkeys(products, "lifo")

    with plugged(stock.env, choose_removal=choose_removal):
        assert stock.delivery((product, 1)).move_line_ids.lot_id == lots[1]
    assert stock.delivery((product, 1)).move_line_ids.lot_id == lots[0]


def test_plan_supply(stock):
    product = stock.product("Statue")
    place = stock.env["stock.location"].create({"name": "Nowhere"})
    rule = stock.env["stock.rule"]
    wanted = [rule.Procurement(product, 3, product.uom_id, place, "", "S1", stock.env.company, {})]
    answered = []

    def plan_supply(env, needs):
        answered.extend(need.product_id for need in needs)
        return dict.fromkeys(needs, True)

    with plugged(stock.env, plan_supply=plan_supply):
        rule.run(wanted)
    assert answered == [product]
    with pytest.raises(NoRule):
        rule.run(wanted)


def test_explain_shortfall(stock):
    stock.out.create_backorder = "always"
    product = stock.product(on_hand=10)

    def explain_shortfall(env, moves):
        return dict.fromkeys(moves, "quality")

    picking = stock.delivery((product, 5))
    picking.move_ids.quantity = 3
    with plugged(stock.env, explain_shortfall=explain_shortfall):
        picking.button_validate()
    entry = picking.backorder_ids.move_ids.shortfall_id
    assert entry.reason_text == "Held back by quality control"
    other = stock.delivery((product, 4))
    other.move_ids.quantity = 1
    other.button_validate()
    assert other.backorder_ids.move_ids.shortfall_id.reason == "not_picked"


def test_lifecycle_of_a_transfer(stock):
    stock.out.create_backorder = "always"
    told = []

    def on_confirm(env, documents):
        told.append(("confirm", documents))

    def on_backorder(env, documents, backorders):
        assert [backorder.backorder_id for backorder in backorders] == list(documents)
        assert all(backorder.state == "confirmed" for backorder in backorders)
        told.append(("backorder", documents))

    def on_done(env, documents):
        assert all(picking.state == "done" for picking in documents)
        told.append(("done", documents))

    def on_cancel(env, documents):
        told.append(("cancel", documents))

    product = stock.product(on_hand=5)
    with plugged(stock.env, on_confirm=on_confirm, on_backorder=on_backorder, on_done=on_done, on_cancel=on_cancel):
        picking = stock.delivery((product, 8))
        picking.button_validate()
        rest = picking.backorder_ids
        rest.action_cancel()
    assert told == [("confirm", picking), ("backorder", picking), ("done", picking), ("cancel", rest)]


def test_an_addon_can_refuse_and_undo(stock):
    def on_done(env, documents):
        raise UserError("Not today.", code="test.not_today")

    product = stock.product(on_hand=5)
    picking = stock.delivery((product, 5))
    with plugged(stock.env, on_done=on_done), pytest.raises(UserError) as refusal, stock.env.savepoint():
        picking.button_validate()
    assert refusal.value.code == "test.not_today"
    assert (picking.state, stock.on_hand(product)) == ("assigned", 5)


def test_old_clients_skip_the_question_by_context(stock):
    product = stock.product(on_hand=5)
    first, second = stock.delivery((product, 6)), stock.delivery((product, 6))
    put_stock(product, 7)
    context = {"skip_backorder": True, "picking_ids_not_to_backorder": [second.id]}
    given = {}
    for answer in stock.env.hooks.translate_context(
        env=stock.env, model="stock.picking", method="button_validate", context=context
    ):
        given |= answer or {}
    assert (first | second).button_validate(**given) is None
    assert first.state == second.state == "done"
    assert not second.backorder_ids

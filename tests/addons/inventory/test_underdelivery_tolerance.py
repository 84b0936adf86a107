"""Rests within the underdelivery tolerance: where it is set, where its border is, and what closing such a rest does."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.inventory.exceptions import NotReady
from addons.inventory.services import remaining
from core.exceptions import ValidationError
from core.orm.seams import tracing
from core.testing.queries import max_queries

ADDONS = ["inventory"]
pytestmark = pytest.mark.both_dialects("scenario")


@pytest.fixture
def company(env):
    """The company tolerates 2 %."""
    env.company.underdelivery_tolerance = 2
    return env.company


def short_delivery(stock, on_hand=98, demand=100, **values):
    """A delivery of which so many can be reserved."""
    return stock.delivery((stock.product("Screw", on_hand), demand), **values)


def assert_closed(picking, quantity):
    """The transfer is done, and so much of it was cancelled without a backorder."""
    assert picking.state == "done"
    assert not picking.backorder_ids
    assert [move.product_uom_qty for move in picking.move_ids if move.state == "cancel"] == [quantity]


def notified(env):
    """The texts of the notifications since the last look."""
    return "\n".join(note.message for note in env.take_notifications())


# ---------------------------------------------------------------------------- what happens to such a rest
def test_rest_within_the_tolerance_is_closed_without_a_question(stock, company, messages):
    picking = short_delivery(stock)
    stock.env.take_notifications()
    assert picking.button_validate() is None
    assert_closed(picking, 2)
    done = picking.move_ids.filtered(lambda move: move.state == "done")
    assert (done.product_uom_qty, done.quantity) == (98, 98)
    messages.check(notified(stock.env))


def test_validation_asks_for_the_tolerance_once(stock, company):
    picking = short_delivery(stock)
    with tracing(stock.env.registry) as calls:
        picking.button_validate()
    asked = [call for call in calls if call.seam == "stock.move._get_underdelivery_tolerance"]
    assert [call.records for call in asked] == [1]


def test_history_of_the_transfer_names_what_the_tolerance_closed(stock, company):
    picking = short_delivery(stock)
    stock.env.flush_all()  # a new record has no history before it is stored
    picking.button_validate()
    assert picking.closed_within_tolerance == "2 Units of Screw"
    assert [row.new_display for row in history(picking)] == ["2 Units of Screw"]
    full = stock.delivery((stock.product("Nut", 5), 5))
    full.button_validate()
    assert not history(full) and not full.closed_within_tolerance


def history(document):
    """What the history of a document says of the tolerance."""
    document.env.flush_all()
    return document.history().filtered(lambda row: row.field == "closed_within_tolerance")


def test_rest_beyond_the_tolerance_is_asked_about(stock, company):
    picking = short_delivery(stock, on_hand=97)
    question = picking.button_validate()
    assert question._name == "stock.backorder.confirmation"
    question.process()
    assert picking.backorder_ids.move_ids.product_uom_qty == 3


@pytest.mark.parametrize("policy", ["always", "never"])
def test_tolerance_comes_before_the_policy(stock, company, policy):
    stock.out.create_backorder = policy
    picking = short_delivery(stock)
    assert picking.button_validate() is None
    assert_closed(picking, 2)


def test_question_is_about_the_rests_beyond_the_tolerance_only(stock, company):
    near, far = stock.product("Near", 98), stock.product("Far", 50)
    picking = stock.delivery((near, 100), (far, 100))
    question = picking.button_validate()
    rests = {detail.product_id: detail.quantity_rest for detail in question.detail_ids}
    assert rests == {near: 0, far: 50}
    assert "Near" not in question.create_text.partition("keeps")[2]
    question.process()
    assert [(move.product_id, move.product_uom_qty) for move in picking.backorder_ids.move_ids] == [(far, 50)]
    cancelled = picking.move_ids.filtered(lambda move: move.state == "cancel")
    assert [(move.product_id, move.product_uom_qty) for move in cancelled] == [(near, 2)]


def test_no_backorder_cancels_both_kinds_of_rest(stock, company, messages):
    picking = stock.delivery((stock.product("Near", 98), 100), (stock.product("Far", 50), 100))
    question = picking.button_validate()
    stock.env.take_notifications()
    question.process_cancel_backorder()
    messages.check(notified(stock.env))
    assert not picking.backorder_ids
    assert sorted(move.product_uom_qty for move in picking.move_ids if move.state == "cancel") == [2, 50]


def test_move_of_which_nothing_goes_is_never_within_the_tolerance(stock):
    stock.env.company.underdelivery_tolerance = 100
    here, missing = stock.product("Here", 1), stock.product("Missing")
    picking = stock.delivery((here, 100), (missing, 1))
    picking.button_validate().process()
    assert [(move.product_id, move.product_uom_qty) for move in picking.backorder_ids.move_ids] == [(missing, 1)]


def test_split_by_hand_ignores_the_tolerance(stock, company):
    picking = short_delivery(stock, on_hand=100)
    picking.move_ids.quantity = 99
    picking.action_split_transfer()
    assert picking.state == "assigned"
    assert picking.backorder_ids.move_ids.product_uom_qty == 1


def test_transfer_that_ships_all_at_once_may_lack_what_is_tolerated(stock, company):
    picking = short_delivery(stock, move_type="one")
    assert picking.button_validate() is None
    assert_closed(picking, 2)
    with pytest.raises(NotReady):
        short_delivery(stock, on_hand=97, move_type="one").button_validate()


def test_backorder_entry_is_closed_with_the_rest(stock, company):
    picking = short_delivery(stock, on_hand=50)
    picking.button_validate().process()
    backorder = picking.backorder_ids
    entry = backorder.move_ids.shortfall_id
    assert (entry.state, entry.quantity_owed) == ("open", 50)
    stock.receive(backorder.move_ids.product_id, 49)
    assert backorder.button_validate() is None
    assert_closed(backorder, 1)
    assert (entry.quantity_done, entry.quantity_owed) == (49, 0)
    assert entry.state != "open"


def test_receipt_closes_what_the_vendor_did_not_send(stock, company):
    picking = stock.receipt((stock.product("Screw"), 100))
    picking.move_ids.quantity = 98
    assert picking.button_validate() is None
    assert_closed(picking, 2)


def test_several_transfers_close_each_its_own_rest(stock, company, messages):
    pickings = short_delivery(stock) | short_delivery(stock, on_hand=100) | short_delivery(stock, on_hand=99)
    stock.env.take_notifications()
    assert pickings.button_validate() is None
    assert set(pickings.mapped("state")) == {"done"}
    assert not pickings.backorder_ids
    messages.check(notified(stock.env))


def test_later_step_takes_what_the_earlier_one_brought(stock, company):
    """Picking closes 2 of 100; shipping gets 98 of 100 and closes 2 as well."""
    product = stock.product("Screw", 98)
    stock.pulled_in_two_steps(product)
    rule = stock.env["stock.rule"]
    rule.run([rule.Procurement(product, 100, product.uom_id, stock.customers, "", "S1", stock.env.company, {})])
    transfers = stock.env["stock.picking"].search([("move_ids.product_id", "=", product.id), ("state", "!=", "done")])
    ship = transfers.filtered(lambda picking: picking.picking_type_id == stock.out)
    pick = transfers - ship
    assert pick.button_validate() is None
    assert_closed(pick, 2)
    assert ship.move_ids.filtered(lambda move: move.state != "cancel").quantity == 98
    assert ship.button_validate() is None
    assert ship.state == "done"
    assert not ship.backorder_ids


# ---------------------------------------------------------------------------- where it is set
def levels(stock):
    """A delivery and the records that may set its tolerance, the least particular one first."""
    env = stock.env
    parent = env["product.category"].create({"name": "Fasteners"})
    category = env["product.category"].create({"name": "Screws", "parent_id": parent.id})
    customer = env["res.partner"].create({"name": "Deco Addict", "is_company": True})
    address = env["res.partner"].create({"name": "Dock 3", "parent_id": customer.id, "type": "delivery"})
    product = stock.product("Screw", 90, categ_id=category.id)
    picking = stock.delivery((product, 100), partner_id=address.id)
    return picking, [env.company, stock.out, parent, category, customer, address]


def test_more_particular_level_decides(stock):
    picking, records = levels(stock)
    move = picking.move_ids
    assert move._get_underdelivery_tolerance() == {move.id: 0}
    for percent, record in enumerate(records, 1):
        record.underdelivery_tolerance = percent
        assert move._get_underdelivery_tolerance() == {move.id: percent}, record


def test_zero_and_not_set_are_different(stock):
    picking, records = levels(stock)
    move = picking.move_ids
    records[0].underdelivery_tolerance = 2
    for record in records[1:]:
        record.write({"use_underdelivery_tolerance": True, "underdelivery_tolerance": 0})
        assert move._get_underdelivery_tolerance() == {move.id: 0}, record
        record.use_underdelivery_tolerance = False
        assert move._get_underdelivery_tolerance() == {move.id: 2}, record


def test_percentage_that_is_not_used_does_not_hold(stock, company):
    stock.out.write({"use_underdelivery_tolerance": False, "underdelivery_tolerance": 50})
    move = short_delivery(stock).move_ids
    assert move._get_underdelivery_tolerance() == {move.id: 2}


def test_percentage_alone_sets_the_tolerance(stock):
    category = stock.env["product.category"].create({"name": "Screws", "underdelivery_tolerance": 3})
    assert category.use_underdelivery_tolerance
    stock.out.underdelivery_tolerance = 4
    assert stock.out.use_underdelivery_tolerance


@pytest.mark.parametrize("percent", ["-0.01", "100.01"])
def test_tolerance_is_part_of_a_whole(stock, percent, messages):
    for record in (stock.env.company, stock.out):
        with pytest.raises(ValidationError) as refusal:
            record.underdelivery_tolerance = Decimal(percent)
            stock.env.flush_all()
        assert refusal.value.code == "inventory.underdelivery_tolerance"
        messages.check(str(refusal.value))


def test_statements_do_not_grow_with_the_moves(stock, company):
    def statements(count):
        category = stock.env["product.category"].create({"name": f"{count} products"})
        customers = stock.env["res.partner"].create([{"name": f"Customer {n} of {count}"} for n in range(count)])
        pickings = stock.env["stock.picking"]
        for customer in customers:
            product = stock.product(f"For {customer.name}", 98, categ_id=category.id)
            pickings |= stock.delivery((product, 100), partner_id=customer.id)
        moves = stock.env["stock.move"].browse(pickings.move_ids.ids)
        stock.env.flush_all()
        stock.env.invalidate_all()
        with max_queries(stock.env, 20) as asked:
            found = moves._get_underdelivery_tolerance()
        assert set(found.values()) == {2}
        stock.env.invalidate_all()
        with max_queries(stock.env, 200) as validated:
            pickings.button_validate()
        assert set(pickings.mapped("state")) == {"done"}
        return len(asked), len(validated)

    statements(2)
    few, many = statements(2), statements(50)
    assert few[0] == many[0]
    # Lines of few moves are read together, and moves of one second written together; nothing grows with the moves.
    assert many[1] - few[1] <= 5, (few, many)


# ---------------------------------------------------------------------------- the border, exactly
quantities = st.decimals(min_value="0.01", max_value="100000", places=2)
percentages = st.decimals(min_value=0, max_value=100, places=2)


@given(demand=quantities, percent=percentages)
def test_border_of_the_tolerance_is_exact(demand, percent):
    """A rest of exactly the percentage is within, the smallest quantity more is not."""
    border = demand * percent / 100
    if 0 < border < demand:
        assert remaining.is_tolerated(demand - border, border, percent)
    step = Decimal("0.000001")
    if border + step < demand:
        assert not remaining.is_tolerated(demand - border - step, border + step, percent)


@given(demand=quantities, percent=percentages)
def test_nothing_is_tolerated_where_nothing_goes(demand, percent):
    assert not remaining.is_tolerated(Decimal(0), demand, percent)


@pytest.mark.parametrize(("reserved", "is_closed"), [(1176, True), (1175, False)])
def test_other_units_are_compared_exactly(stock, company, reserved, is_closed):
    """100 dozen are 1200 units, 2 % of them 24."""
    picking = stock.delivery((stock.product("Egg", reserved), 100, stock.dozen))
    question = picking.button_validate()
    assert (question is None) is is_closed

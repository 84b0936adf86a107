"""States, computed figures and what the server notes itself are not for entering."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.api import Command
from core.exceptions import UserError, ValidationError


@pytest.fixture
def seller(shop):
    """`shop` as a user sees it."""
    return shop(uid=7, su=False)


@pytest.fixture
def order(shop):
    partner = shop["t.partner"].create({"name": "P"})
    return shop["t.order"].create({"partner_id": partner.id, "line_ids": [Command.create({"price": 5})]})


def enter(order):
    return [
        lambda: order.write({"state": "done"}),
        lambda: order.create({"partner_id": order.partner_id.id, "state": "done"}),
        lambda: order.with_context(default_state="done").create({"partner_id": order.partner_id.id}),
        lambda: order.copy({"state": "done"}),
        lambda: order.partner_id.write({"order_ids": [Command.update(order.id, {"state": "done"})]}),
        lambda: order.partner_id.write({"order_ids": [Command.create({"state": "done"})]}),
    ]


@pytest.mark.parametrize("way", range(6))
def test_a_state_is_not_entered(order, seller, way):
    with pytest.raises(UserError) as refusal:
        enter(order.with_env(seller))[way]()
    assert (refusal.value.code, refusal.value.data["value"]) == ("settled_field", "done")
    assert "action_done" in refusal.value.message


def test_a_sheet_does_not_enter_a_state(order, seller):
    answer = seller["t.order"].load(["partner_id/.id", "state"], [[str(order.partner_id.id), "done"]])
    assert not answer["ids"] and "action_done" in str(answer["messages"])


def test_transitions_services_and_superuser_code_settle_states(order, seller):
    other = order.copy()
    order.with_env(seller).action_done()
    assert order.state == "done"
    other.with_env(seller)._settle({"state": "sent"})
    assert other.state == "sent"
    other.sudo().write({"state": "draft"})
    with pytest.raises(UserError):
        other.with_env(seller).write({"state": "done"})


def test_the_state_that_a_record_has_may_be_written_again(order, seller):
    order.with_env(seller).write({"state": "draft", "name": "Again"})
    assert seller["t.order"].create({"partner_id": order.partner_id.id, "state": "draft"}).state == "draft"


def test_a_default_of_the_context_is_no_state_of_what_services_create(order, shop):
    with_default = shop["t.order"].with_context(default_state="done")
    assert with_default.create({"partner_id": order.partner_id.id}).state == "draft"


def test_computed_figures_are_not_entered(order, seller):
    mine = order.with_env(seller)
    for attempt in (
        lambda: mine.write({"amount": 99}),
        lambda: mine.create({"partner_id": order.partner_id.id, "amount": 99}),
        lambda: mine.write({"line_ids": [Command.update(order.line_ids.id, {"subtotal": 99})]}),
    ):
        with pytest.raises(ValidationError) as refusal:
            attempt()
        assert refusal.value.code == "computed_field"
    mine.write({"amount": 5})  # as it is
    assert order.amount == 5
    assert seller["t.tag"].create({"name": "x", "shade": "own"}).shade == "own"  # computed, and for entering


def test_who_made_a_record_and_when_comes_from_the_server(order, seller):
    long_ago = datetime(1999, 1, 1)
    forged = {"create_date": long_ago, "write_date": long_ago}
    for made in (
        seller["t.partner"].create({"name": "Q", **forged, "parent_path": "9/"}),
        seller["t.partner"].with_context(default_create_date=long_ago).create({"name": "Q"}),
        order.partner_id,
    ):
        made.with_env(seller).write({**forged, "name": "R", "parent_path": "9/"})
        assert made.create_date.year > 2000 and made.write_date.year > 2000
        assert made.parent_path == f"{made.id}/"
    shop = order.env
    assert shop["t.partner"].create({"name": "S", "create_date": long_ago}).create_date == long_ago


# ------------------------------------------------------------------ defaults


def test_a_default_of_the_context_enters_no_computed_figure(order, seller):
    made = seller["t.order"].with_context(default_amount=99).create({"partner_id": order.partner_id.id})
    assert made.amount == 0

"""What a step out of turn says, for every document and state: what happened, and what to do. Never a list of states."""

from __future__ import annotations

import pytest

from core.exceptions import UserError

ADDONS = ["sales_manufacturing", "sales_invoicing", "purchasing"]


def stand_in(env, model, state):
    """A new record in a state, which is not saved."""
    values = {"name": "X1", "state": state}
    if model == "mrp.workorder":
        values = {**values, "name": "Mix", "production_id": env["mrp.production"].new({"name": "WH/MO/1"}).id}
    return env[model].new(values)


def refusals(env):
    """(model, state, method) -> the sentence, for every method that a state refuses."""
    result = {}
    for model in sorted(env.registry.models):
        cls = env[model]
        if cls._abstract or cls._transient or not cls.TRANSITIONS or not cls._auto:
            continue
        for state, _label in cls.STATES:
            for method, (sources, _target) in cls.TRANSITIONS.items():
                if state not in sources:
                    result[model, state, method] = stand_in(env, model, state)._state_refusal(method)
    return result


def test_every_refusal_says_what_happened(env, messages):
    found = refusals(env)
    assert {model for model, _state, _method in found} >= {
        "sale.order", "purchase.order", "stock.picking", "mrp.production", "mrp.workorder", "account.move",
    }  # fmt: skip
    assert {key for key, text in found.items() if "“" in text} == set(), "these are said of the label of the state only"
    lines = {f"{model}, {state}: {text}" for (model, state, _method), text in found.items()}
    messages.check("\n".join(sorted(lines)))


def test_several_documents_are_named_one_by_one(env, refused):
    partner = env["res.partner"].create({"name": "Azure"})
    orders = env["sale.order"].create([{"partner_id": partner.id}] * 7)
    orders[:6]._settle({"state": "cancel"})
    with refused(UserError, code="wrong_state", data={"ids": orders[:6].ids, "method": "action_confirm"}):
        orders._check_transition("action_confirm")


@pytest.mark.parametrize("method", ["button_finish", "do_finish"])
def test_a_work_order_is_named_with_its_order(env, method):
    workorder = stand_in(env, "mrp.workorder", "done")
    assert workorder._state_refusal(method).startswith("Mix (")

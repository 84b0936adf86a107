"""What a user may not see stays hidden, through whatever door it is asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.api import Command
from core.exceptions import AccessError, ValidationError


def node(env: Any, **values: Any) -> Any:
    """A stored node that nothing is cached of."""
    record = env["r.node"].create({"name": "n", **values})
    env.invalidate_all()
    return record


@pytest.mark.parametrize(
    "ask",
    [
        lambda user: user["r.node"].search([("secret", "=", "S")]),
        lambda user: user["r.node"].search([], order="secret"),
        lambda user: user["r.node"].search([], order="name, secret desc"),
        lambda user: user["r.node"].search_read([], ["secret"]),
        lambda user: user["r.node"].search([]).read(["secret"]),
        lambda user: user["r.node"]._read_group([], ["secret"]),
        lambda user: user["r.node"]._read_group([], [], ["secret:max"]),
        lambda user: user["r.node"].read_group([], ["secret:max"], ["name"]),
        lambda user: user["r.item"].search([("node_id.secret", "=", "S")]),
    ],
)
def test_a_field_of_other_groups_decides_nothing_that_shows(env, user, ask):
    item = env["r.item"].create({"node_id": node(env, secret="S").id})
    assert item.node_id.secret == "S"
    with pytest.raises(AccessError, match="secret"):
        ask(user)
    with pytest.raises(ValidationError, match=r"node_id\.secret"):
        user["r.item"].search([], order="node_id.secret")


def test_code_that_works_for_a_user_may_not_load_a_field_of_other_groups(env, user):
    record = node(env, secret="S").with_env(user)
    with pytest.raises(AccessError, match="secret"):
        _ = record.secret
    with pytest.raises(AccessError, match="secret"):
        record.mapped("secret")
    assert record.sudo().secret == "S"


def test_a_form_leaves_out_fields_of_other_groups(env, user):
    record = node(env, secret="S").with_env(user)
    answer = record.onchange({}, [], {"name": {}, "secret": {}})
    assert answer["value"] == {"name": "n"}
    assert "secret" not in user["r.node"].default_get(["name", "secret"])


def test_a_form_leaves_out_lines_that_a_rule_hides(env, user):
    lines = [Command.create({"name": name}) for name in ("shown", "hidden")]
    record = node(env, item_ids=lines).with_env(user)
    env.registry.access.rules["r.item", "read"] = [("name", "=", "shown")]
    answer = record.onchange({}, [], {"item_ids": {"fields": {"name": {}}}})
    assert "shown" in json.dumps(answer, default=str) and "hidden" not in json.dumps(answer, default=str)
    answer = record.onchange({"item_ids": [Command.create({"name": "typed"})]}, ["item_ids"], {"item_ids": {}})
    assert len(answer["value"]["item_ids"]) == 2


@pytest.mark.parametrize(
    "ask",
    [
        lambda record: record.onchange({}, [], {"name": {}, "upper": {}}),
        lambda record: record.copy_data(),
        lambda record: record.copy(),
        lambda record: record.read(["name"]),
        lambda record: record.upper,
    ],
)
def test_a_record_that_a_rule_hides_is_refused(env, user, ask):
    record = node(env).with_env(user)
    env.registry.access.rules["r.node", "read"] = [("name", "=", "another")]
    with pytest.raises(AccessError):
        ask(record)


def test_a_copy_is_made_of_what_the_user_may_see(env, user):
    record = node(env, secret="S").with_env(user)
    assert "secret" not in record.copy_data()[0]
    assert record.copy().sudo().secret is False


def test_a_search_through_a_link_stays_within_the_rules_of_the_other_side(env, user):
    env["r.item"].create({"node_id": node(env).id})
    assert user["r.item"].search([("node_id.name", "=", "n")])
    env.registry.access.rules["r.node", "read"] = [("name", "=", "another")]
    assert not user["r.item"].search([("node_id.name", "=", "n")])
    env.registry.access.denied.add(("r.node", "read"))
    with pytest.raises(AccessError):
        user["r.item"].search([("node_id.name", "=", "n")])


def test_links_to_hidden_records_that_can_be_archived_are_left_out(env, user):
    tags = env["r.tag"].create([{"name": "shown"}, {"name": "hidden"}, {"name": "shown", "active": False}])
    record = node(env, tag_ids=[Command.set(tags.ids)]).with_env(user)
    env.registry.access.rules["r.tag", "read"] = [("name", "=", "shown")]
    assert record.read(["tag_ids"])[0]["tag_ids"] == [tags[0].id]


def test_a_value_that_is_written_through_a_link_needs_the_right_to_write_there(env, user):
    item = env["r.item"].create({"node_id": node(env).id}).with_env(user)
    item.node_data = {"a": [1]}
    assert item.node_id.data == {"a": [1]}
    env.registry.access.denied.add(("r.node", "write"))
    with pytest.raises(AccessError):
        item.node_data = {"b": 2}


def test_one_hidden_record_does_not_keep_the_others_from_being_computed(env, user):
    shown, hidden = env["r.node"].create([{"name": "shown"}, {"name": "hidden"}])
    env.invalidate_all()
    env.registry.access.rules["r.node", "read"] = [("name", "=", "shown")]
    both = (shown | hidden).with_env(user)
    assert both[0].upper == "SHOWN"
    with pytest.raises(AccessError):
        both[1].read(["upper"])

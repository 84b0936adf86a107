"""Rules are asked again after a write, and a link shows nothing that a rule hides."""

from __future__ import annotations

import pytest

from core.api import Command
from core.exceptions import AccessError
from core.testing.queries import max_queries


def rule(env, model, operation, domain):
    env.registry.access.rules[model, operation] = domain


def test_a_write_may_not_take_a_record_out_of_what_the_user_may_change(env, user):
    node = env["r.node"].create({"name": "mine"}).with_env(user)
    rule(env, "r.node", "write", [("name", "=", "mine")])
    with pytest.raises(AccessError):
        node.write({"name": "theirs"})


def test_a_rule_along_a_path_is_asked_again_when_the_link_moves(env, user):
    mine, theirs = env["r.node"].create([{"name": "mine"}, {"name": "theirs"}])
    item = env["r.item"].create({"node_id": mine.id}).with_env(user)
    rule(env, "r.item", "write", [("node_id.name", "=", "mine")])
    item.write({"name": "still mine"})
    with pytest.raises(AccessError):
        item.write({"node_id": theirs.id})


def test_a_rule_about_lines_is_asked_again_after_commands(env, user):
    node = env["r.node"].create({"name": "n", "item_ids": [Command.create({"name": "a"})]}).with_env(user)
    rule(env, "r.node", "write", [("item_ids.name", "=", "a")])
    with pytest.raises(AccessError):
        node.write({"item_ids": [Command.update(node.item_ids.id, {"name": "b"})]})


def test_a_rule_about_a_computed_field_is_asked_again(env, user):
    node = env["r.node"].create({"name": "n", "item_ids": [Command.create({"quantity": 1})]}).with_env(user)
    env.flush_all()
    rule(env, "r.item", "write", [("node_id.stock", "<", 5)])
    with pytest.raises(AccessError):
        node.item_ids.write({"quantity": 9})


def test_a_value_written_through_a_link_is_asked_about_there(env, user):
    node = env["r.node"].create({"name": "n"})
    item = env["r.item"].create({"node_id": node.id}).with_env(user)
    rule(env, "r.node", "write", [("data", "=", False)])
    with pytest.raises(AccessError):
        item.write({"node_data": {"a": 1}})


def test_asking_again_costs_the_same_for_one_record_and_for_a_thousand(env, user):
    nodes = env["r.node"].create([{"name": "mine"} for _ in range(1000)]).with_env(user)
    rule(env, "r.node", "write", [("name", "=like", "mine%")])
    env.invalidate_all()
    with max_queries(env, 3):
        nodes.write({"name": "mine too"})
        env.flush_all()


@pytest.mark.parametrize("model, field", [("r.item", "node_id"), ("r.node", "tag_ids")])
def test_a_link_to_a_hidden_record_is_refused(env, user, model, field):
    comodel = env[model]._fields[field].comodel_name
    shown, hidden = env[comodel].create([{"name": "shown"}, {"name": "hidden"}])
    rule(env, comodel, "read", [("name", "=", "shown")])
    many = field == "tag_ids"
    values = {"name": "x", field: [Command.link(hidden.id)] if many else hidden.id}
    with pytest.raises(AccessError) as refusal:
        user[model].create(values)
    assert "hidden" not in refusal.value.message.replace("hidden from you", "")
    record = user[model].create({"name": "x", field: [Command.set(shown.ids)] if many else shown.id})
    with pytest.raises(AccessError):
        record.write(values)
    record.sudo().write(values)
    record.write(values)  # what is linked already may stay


@pytest.mark.parametrize("shape", ["record", "dictionary"])
def test_a_line_of_an_unsaved_document_can_be_edited_where_documents_have_rules(env, user, shape):
    rule(env, "r.node", "read", [("name", "!=", "hidden")])
    values = {"name": "typed"}
    document = user["r.node"].new(values) if shape == "record" else values
    answer = user["r.item"].onchange({"node_id": document, "quantity": 2}, ["quantity"], {"quantity": {}, "total": {}})
    assert answer["value"]["total"] == 4


def test_an_unsaved_document_of_a_line_links_to_no_hidden_record(env, user):
    tag = env["r.tag"].create({"name": "hidden"})
    rule(env, "r.tag", "read", [("name", "!=", "hidden")])
    rule(env, "r.node", "read", [("name", "!=", "hidden")])
    with pytest.raises(AccessError):
        user["r.item"].onchange({"node_id": {"tag_ids": [Command.link(tag.id)]}}, ["node_id"], {"node_id": {}})


def test_a_line_of_a_stored_document_that_is_hidden_cannot_be_edited(env, user):
    node = env["r.node"].create({"name": "hidden"})
    rule(env, "r.node", "read", [("name", "!=", "hidden")])
    for document in (node.with_env(user).new({}, origin=node.with_env(user)), {"id": node.id}):
        with pytest.raises(AccessError):
            user["r.item"].onchange({"node_id": document}, ["node_id"], {"node_id": {}})

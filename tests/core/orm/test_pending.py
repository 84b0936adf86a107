"""Values that are pending, given, cached or gone: what is read is always what holds."""

from __future__ import annotations

import pytest

from core.api import Command

pytestmark = pytest.mark.both_dialects("sql")


def test_a_written_value_is_not_computed_over(env):
    item = env["r.item"].create({"name": "a", "label": "given"})
    assert item.label == "given"
    item.write({"name": "b", "label": "again"})
    assert item.label == "again"
    item.write({"label": "first", "name": "c"})
    env.invalidate_all()
    assert item.label == "first"
    item.name = "d"
    assert item.label == "<d>"


def test_lines_follow_a_link_that_is_still_to_be_computed(env):
    first, second = env["r.node"].create([{"name": "first"}, {"name": "second"}])
    node = env["r.node"].create({"name": "node", "parent_id": first.id})
    item = env["r.item"].create({"node_id": node.id})
    assert first.grand_item_ids == item and not second.grand_item_ids
    node.parent_id = second
    assert second.grand_item_ids == item and not first.grand_item_ids
    node.parent_id = first
    assert (first | second).mapped("grand_item_ids") == item and not second.read()[0]["grand_item_ids"]


def test_chosen_lines_follow_a_value_that_is_still_to_be_computed(env):
    node = env["r.node"].create({"name": "node", "item_ids": [Command.create({"quantity": 1})]})
    item = node.item_ids
    assert not node.heavy_ids
    item.quantity = 50
    assert node.heavy_ids == item
    item.quantity = 2
    assert not node.heavy_ids


def test_a_deleted_record_does_not_keep_the_others_from_being_computed(env):
    first, second = env["r.node"].create([{"name": "first"}, {"name": "second"}])
    env.invalidate_all()
    both = first | second
    env.cr.execute("DELETE FROM r_node WHERE id = :id", {"id": second.id})  # by another transaction, as it were
    assert both[0].upper == "FIRST"


def test_what_is_pending_survives_the_deletion_of_what_it_hangs_on(env):
    node = env["r.node"].create({"name": "node"})
    env["r.leaf"].create({"node_id": node.id})
    item = env["r.item"].create({"node_id": node.id, "quantity": 1})
    env.flush_all()
    item.quantity = 4
    node.unlink()
    assert item.total == 8 and not item.node_id and not item.owner_id and not env["r.leaf"].search([])


def test_forgetting_holds_for_every_language(env):
    node = env["r.node"].create({"name": "bolt"})
    french = node.with_context(lang="fr_FR")
    assert (node.spoken, french.spoken) == ("None: bolt", "fr_FR: bolt")
    for forget in (node.invalidate_recordset, env["r.node"].invalidate_model):
        env.execute("UPDATE r_node SET name = name || '!'")
        forget()
        name = env.execute("SELECT name FROM r_node").scalar()
        assert (node.spoken, french.spoken) == (f"None: {name}", f"fr_FR: {name}")


def test_an_onchange_changes_nothing_that_is_stored(env):
    node = env["r.node"].create({"name": "node", "item_ids": [Command.create({"quantity": 5})]})
    item = node.item_ids
    assert node.stock == 5
    env.flush_all()
    env["r.item"].onchange({"node_id": node.id, "quantity": 100}, ["node_id"], {"quantity": {}})
    item.onchange({"quantity": 7}, ["quantity"], {"quantity": {}, "total": {}})
    item.onchange({"node_id": node.id}, ["node_id"], {"quantity": {}, "total": {}})
    assert node.item_ids == item and node.stock == 5
    assert not any(env._transaction.dirty.values())


def test_an_onchange_reaches_what_its_lines_compute(env):
    node = env["r.node"].create({"name": "bolt", "item_ids": [Command.create({"name": "box"})]})
    env.flush_all()
    answer = node.onchange({"name": "nut"}, ["name"], {"name": {}, "item_ids": {"fields": {"sign": {}}}})
    assert [line["sign"] for line in answer["value"]["item_ids"]] == ["box of nut"]
    assert node.item_ids.sign == "box of bolt"


def test_an_unsaved_line_belongs_to_the_unsaved_record_that_takes_it(env):
    node = env["r.node"].new({"name": "bolt"})
    line = env["r.item"].new({"name": "box"})
    assert line.sign == "box of False"
    node.item_ids += line
    assert line.node_id == node and line.sign == "box of bolt"


def test_one_onchange_knows_nothing_of_the_one_before(env):
    item = env["r.item"].create({"name": "a", "quantity": 1})
    spec = {"total": {}, "label": {}, "quantity": {}}
    draft = env["r.item"].new({"name": "mine"})
    assert item.onchange({"quantity": 5}, ["quantity"], spec)["value"]["total"] == 10
    assert item.onchange({"name": "z"}, ["name"], spec)["value"] == {"label": "<z>"}
    assert item.onchange({"quantity": 1, "name": "z"}, ["name"], spec)["value"] == {"label": "<z>"}
    assert draft.name == "mine"

"""Trees, lines, delegation and deletion: what hangs together stays together."""

from __future__ import annotations

import pytest

from core.api import Command
from core.exceptions import ValidationError

pytestmark = pytest.mark.both_dialects("sql")


def test_children_made_with_their_parent_know_their_path(env):
    leaf = Command.create({"name": "leaf"})
    top = env["r.node"].create({"name": "top", "child_ids": [Command.create({"name": "mid", "child_ids": [leaf]})]})
    mid = top.child_ids
    assert mid.child_ids.parent_path == f"{top.id}/{mid.id}/{mid.child_ids.id}/"
    assert len(env["r.node"].search([("id", "child_of", top.id)])) == 3


def test_a_branch_moved_together_with_its_child(env):
    old, new, child = env["r.node"].create([{"name": "old"}, {"name": "new"}, {"name": "child"}])
    child.parent_id = old
    (old | child).write({"parent_id": new.id})
    env.invalidate_all()
    assert (old.parent_path, child.parent_path) == (f"{new.id}/{old.id}/", f"{new.id}/{child.id}/")
    with pytest.raises(ValidationError), env.savepoint():
        new.parent_id = new


def test_an_order_by_a_link_follows_the_order_of_the_other_side(env):
    a, b = env["r.item"].create([{"name": "a"}, {"name": "b"}])
    of_a, of_b = env["r.link"].create([{"item_id": a.id}, {"item_id": b.id}])
    assert env["r.link"].search([]).ids == [of_b.id, of_a.id]  # items come by name, descending
    assert env["r.link"].search([], order="item_id desc").ids == [of_a.id, of_b.id]
    a.name = "z"  # not written yet
    assert env["r.link"].search([]).ids == [of_a.id, of_b.id]


def test_an_order_that_leads_back_to_itself_ends(env):
    top = env["r.node"].create({"name": "top"})
    b, a = env["r.node"].create([{"name": "b", "parent_id": top.id}, {"name": "a", "parent_id": top.id}])
    assert env["r.node"].search([]) == top | a | b
    assert env["r.node"].search([]).ids == [a.id, b.id, top.id]


def test_a_tree_is_deleted_at_once(env):
    top = env["r.node"].create({"name": "top", "child_ids": [Command.create({"name": "child"})]})
    (top | top.child_ids).unlink()
    assert not env["r.node"].search([])


def test_an_unsaved_record_is_deleted_without_a_trace(env):
    stored = env["r.node"].create({"name": "stored"})
    (env["r.node"].new({"name": "unsaved"}) | stored).unlink()
    assert not env["r.node"].search([])


def test_commands_for_lines_through_delegation(env):
    leaf = env["r.leaf"].create({"name": "leaf", "item_ids": [Command.create({"name": "first"})]})
    leaf.write({"item_ids": [Command.create({"name": "second"})]})
    assert sorted(leaf.node_id.item_ids.mapped("name")) == ["first", "second"]
    first = leaf.item_ids.filtered(lambda item: item.name == "first")
    leaf.write({"item_ids": [Command.update(first.id, {"name": "changed"})]})
    assert first.name == "changed"
    leaf.write({"item_ids": [Command.delete(first.id)]})
    env.invalidate_all()
    assert leaf.item_ids.mapped("name") == ["second"]


def test_lines_through_a_shared_parent_are_made_once(env):
    shared = env["r.node"].create({"name": "shared"})
    leaves = env["r.leaf"].create([{"node_id": shared.id}, {"node_id": shared.id}])
    leaves.write({"item_ids": [Command.create({"name": "x"})], "name": "renamed"})
    assert len(shared.item_ids) == 1 and shared.name == "renamed"


def test_a_delegating_record_that_fails_leaves_no_parent(env):
    with pytest.raises(ValidationError):
        env["r.leaf"].create({"name": "leaf", "code": -1})
    assert not env["r.node"].search([])


def test_a_record_that_fails_leaves_no_links(env):
    tag = env["r.tag"].create({"name": "tag"})
    with pytest.raises(ValidationError, match="Name"):
        env["r.node"].create({"tag_ids": [Command.link(tag.id)]})
    env.flush_all()
    env.cr.check_foreign_keys()


def test_a_line_that_moved_on_is_not_taken_from_its_new_place(env):
    first, second = env["r.node"].create([{"name": "first"}, {"name": "second"}])
    item = env["r.item"].create({"node_id": first.id})
    item.node_id = second
    first.write({"item_ids": [Command.unlink(item.id)]})  # from a form that was opened before
    assert second.item_ids == item and not first.item_ids


def test_commands_for_several_records_at_once(env):
    both = env["r.node"].create([{"name": "a"}, {"name": "b"}])
    tag = env["r.tag"].create({"name": "tag"})
    both.write({"item_ids": [Command.create({"name": "x"})], "tag_ids": [Command.link(tag.id)]})
    assert [len(node.item_ids) for node in both] == [1, 1] and both[0].tag_ids == both[1].tag_ids == tag
    tag.unlink()
    assert not both.tag_ids

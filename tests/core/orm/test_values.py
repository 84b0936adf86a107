"""Values at and beyond the edges, and arguments as remote clients send them."""

from __future__ import annotations

import pytest

from core.exceptions import ValidationError

pytestmark = pytest.mark.both_dialects("types")


@pytest.mark.parametrize(
    "values",
    [
        {"count": 2**63},
        {"count": -(2**63) - 1},
        {"node_id": 10**30},
        {"node_id": 1.5},
        {"node_id": -3},
        {"node_id": {"name": "x"}},
        {"photo": 5},
        {"rate": float("nan")},
        {"rate": float("inf")},
        {"rate": 10**400},
        {"name": "half a \ud83d"},
        {"name": "a\x00b"},
        {"name": ["x"]},
        {"name": {"en": "x"}},
    ],
)
def test_what_no_column_can_hold_is_refused_by_field(env, values):
    with pytest.raises(ValidationError) as caught:
        env["r.item"].create(values)
    assert caught.value.fields == list(values)
    env.flush_all()
    assert not env["r.item"].search([])


def test_a_stored_record_links_to_stored_records_only(env):
    node = env["r.node"].create({"name": "node"})
    item = env["r.item"].create({"node_id": env["r.node"].new({}, origin=node)})
    assert item.node_id == node
    with pytest.raises(ValidationError, match=r"Node.*must be saved first"):
        item.node_id = env["r.node"].new({"name": "unsaved"})
    unsaved = env["r.item"].new({"node_id": {"name": "unsaved"}})
    assert unsaved.node_id.name == "unsaved"


def test_the_edges_themselves(env):
    item = env["r.item"].create({"count": 2**63 - 1, "name": "\U0001f600", "rate": 1e308})
    env.invalidate_all()
    assert (item.count, item.name, item.rate) == (2**63 - 1, "\U0001f600", 1e308)


def test_remote_clients_say_false_for_none(env):
    node = env["r.node"].create({"name": "node"})
    item = env["r.item"].create({"node_id": node.id})
    assert env["r.node"].search([], limit=False, offset=False, order=False) == node
    assert env["r.node"].search_read(False, False, False, False, False)[0]["name"] == "node"
    assert env["r.node"].search_count([], limit=False) == 1
    assert env["r.node"].search([], limit=0) == node and env["r.node"].search_count([], limit=0) == 1
    assert env["r.node"]._read_group([], [], ["__count"], limit=0) == [(1,)]
    assert env["r.node"].name_search("", limit=False) == [(node.id, "node")]
    for load in ("", False, None):
        assert item.read(["node_id"], load=load) == [{"id": item.id, "node_id": node.id}]
    assert item.read(["node_id"]) == [{"id": item.id, "node_id": (node.id, "node")}]


def test_a_search_for_an_unsaved_record_finds_nothing(env):
    unsaved = env["r.node"].new({"name": "unsaved"})
    env["r.item"].create({})
    assert not env["r.item"].search([("node_id", "=", unsaved.id)])
    assert not env["r.item"].search([("node_id", "in", unsaved.ids)])


@pytest.mark.parametrize(
    "lines",
    [
        5,
        "x",
        ["x"],
        [(9, 0, 0)],
        [(4,)],
        [(4, "3")],
        [(6, 0, 5)],
        [(6, 0, ["x"])],
        [(1, 3)],
        [(0, 0, "x")],
        [(4, 2**63)],
    ],
    ids=repr,
)
@pytest.mark.parametrize("name", ["item_ids", "tag_ids"])
def test_lines_that_are_no_commands_are_refused_by_record_and_field(env, name, lines):
    node = env["r.node"].create({"name": "bolt"})
    with pytest.raises(ValidationError, match="Node bolt") as caught:
        node.write({name: lines})
    assert caught.value.fields == [name]
    with pytest.raises(ValidationError, match="Node: "):
        env["r.node"].create({"name": "nut", name: lines})
    assert env["r.node"].search([]) == node


@pytest.mark.parametrize("order", ["name sideways", "name desc id", "name; DROP TABLE r_node", "nothing"])
def test_an_order_that_is_none_is_refused(env, order):
    with pytest.raises(ValidationError, match="order"):
        env["r.node"].search([], order=order)


def test_an_order_of_groups_that_is_none_is_refused(env):
    with pytest.raises(ValidationError, match="order"):
        env["r.node"]._read_group([], ["name"], order="name sideways")

"""Sums and lists by group: of the same type, in the same order and exact on both databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from core.exceptions import ValidationError

pytestmark = pytest.mark.both_dialects("sql")


@pytest.fixture
def node(env):
    node = env["r.node"].create({"name": "node"})
    env["r.item"].create(
        [
            {"node_id": node.id, "name": "a", "quantity": "1.5", "count": 3, "day": "2026-01-02", "done": True},
            {"name": "a", "count": 4, "quantity": 5},
            {"name": "b", "quantity": 2},
        ]
    )
    return node


def test_groups_without_a_value_come_last(env, node):
    groups = env["r.item"]._read_group([], ["node_id"], ["__count"])
    assert [(found.id, count) for found, count in groups] == [(node.id, 1), (False, 2)]
    groups = env["r.item"]._read_group([], ["node_id"], ["__count"], order="node_id desc")
    assert [count for _, count in groups] == [2, 1]


def test_sums_of_whole_numbers_are_whole_numbers(env, node):
    ((total,),) = env["r.item"]._read_group([], [], ["count:sum"])
    assert total == 7 and type(total) is int


def test_links_of_a_group_leave_out_what_is_unset(env, node):
    assert env["r.item"]._read_group([], [], ["node_id:recordset"]) == [(node,)]


def test_lists_hold_values_and_not_what_the_database_stores(env, node):
    ((quantities, days, done),) = env["r.item"]._read_group(
        [], [], ["quantity:array_agg", "day:array_agg", "done:array_agg"]
    )
    assert sorted(quantities) == [Decimal("1.5"), 2, 5] and all(isinstance(each, Decimal) for each in quantities)
    assert [each for each in days if each] == [date(2026, 1, 2)]
    assert sorted(done) == [False, False, True] and all(isinstance(each, bool) for each in done)


def test_groups_are_chosen_by_their_sums(env, node):
    groups = env["r.item"]._read_group([], ["name"], ["quantity:sum"], having=[("quantity:sum", ">", 3)])
    assert groups == [("a", Decimal("6.5"))]
    groups = env["r.item"]._read_group([], ["name"], [], having=[("quantity:sum", ">", 1), ("__count", "=", 1)])
    assert groups == [("b",)]
    with pytest.raises(ValidationError, match="groups are chosen by"):
        env["r.item"]._read_group([], ["name"], [], having=["|"])


def test_nothing_in_a_group_of_nothing(env):
    assert env["r.item"]._read_group([], [], ["day:max", "quantity:sum", "__count"]) == [(False, Decimal(0), 0)]


def test_groups_by_what_a_link_leads_to(env, node):
    child = env["r.node"].create({"name": "child", "parent_id": node.id, "data": {"a": 1}})
    env["r.leaf"].create([{"node_id": child.id, "code": 5}, {"name": "loose", "code": 6}])
    assert env["r.leaf"]._read_group([], ["name"], ["code:sum"]) == [("child", 5), ("loose", 6)]
    assert env["r.leaf"]._read_group([], ["parent_id"], ["code:sum"]) == [(node, 5), (env["r.node"], 6)]
    node.name = "renamed"
    child.name = "first"
    assert env["r.leaf"]._read_group([], ["name"], [], order="name desc") == [("loose",), ("first",)]
    assert env["r.leaf"]._read_group([("name", "=", "first")], [], ["stock:sum", "name:max"]) == [(0, "first")]


def test_a_record_is_in_the_group_of_each_of_its_tags(env, user):
    red, blue = env["r.tag"].create([{"name": "red"}, {"name": "blue"}])
    for tags in (red | blue, red, env["r.tag"]):
        env["r.node"].create({"name": "node", "tag_ids": tags})
    nobody = env["r.tag"]
    assert env["r.node"]._read_group([], ["tag_ids"], ["__count"]) == [(red, 2), (blue, 1), (nobody, 1)]
    assert env["r.node"]._read_group([], [], ["tag_ids:recordset", "tag_ids:count_distinct"]) == [(red | blue, 2)]
    named = [group["tag_ids"] for group in env["r.node"].read_group([], [], ["tag_ids"])]
    assert named == [(red.id, "red"), (blue.id, "blue"), False]
    env.registry.access.rules["r.tag", "read"] = [("name", "=", "blue")]
    assert user["r.node"]._read_group([], ["tag_ids"], ["__count"]) == [(blue, 1), (nobody, 2)]


@pytest.mark.parametrize("spec", ["name:sum", "done:max", "day:avg", "name:bool_or", "label:median", "upper:count"])
def test_an_aggregate_that_there_is_not_is_refused(env, node, spec):
    with pytest.raises(ValidationError):
        env["r.item" if spec != "upper:count" else "r.node"]._read_group([], [], [spec])

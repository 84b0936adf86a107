"""Groups as external clients read them: names, labels, and a domain that finds the records of each group."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from core.exceptions import ValidationError
from core.orm.grouping import period_end
from core.testing.queries import max_queries

pytestmark = pytest.mark.both_dialects("sql")


@pytest.fixture
def items(env):
    box, crate = env["r.node"].create([{"name": "box"}, {"name": "crate"}])
    return env["r.item"].create(
        [
            {"node_id": box.id, "name": "a", "quantity": "1.5", "count": 3, "day": "2026-01-02", "done": True},
            {"node_id": box.id, "name": "b", "quantity": 2, "count": 4, "day": "2026-01-31"},
            {"node_id": crate.id, "quantity": 5, "day": "2026-03-01"},
            {"name": "c"},
        ]
    )


def test_links_come_with_their_names_and_periods_with_a_label(env, items):
    box, crate = items.node_id
    groups = env["r.item"].formatted_read_group([], ["node_id"], ["__count", "quantity:sum", "id:recordset"])
    assert [(g["node_id"], g["__count"], g["quantity:sum"]) for g in groups] == [
        ((box.id, "box"), 2, Decimal("3.5")),
        ((crate.id, "crate"), 1, 5),
        (False, 1, 0),
    ]
    assert groups[0]["id:recordset"] == items[:2].ids
    assert [g["day:month"] for g in env["r.item"].formatted_read_group([], ["day:month"])] == [
        ("2026-01-01", "January 2026"),
        ("2026-03-01", "March 2026"),
        False,
    ]
    assert [g["day"] for g in env["r.item"].formatted_read_group([], ["day"], limit=1)] == [
        ("2026-01-01", "January 2026")
    ]
    (quarter,) = env["r.item"].with_context(lang="fr_FR").formatted_read_group([], ["day:quarter"], limit=1)
    assert quarter["day:quarter"] == ("2026-01-01", "T1 2026")


@pytest.mark.parametrize(
    "groupby",
    [["node_id"], ["name"], ["done"], ["day"], ["node_id", "day:week"], ["quantity"], ["day:year", "name"], []]
    + [["create_date:hour"]],
)
def test_the_domain_of_a_group_finds_its_records(env, items, groupby):
    for group in env["r.item"].formatted_read_group([], groupby, ["__count", "id:recordset"]):
        assert env["r.item"].search(group["__extra_domain"], order="id").ids == group["id:recordset"]
    for group in env["r.item"].read_group([("id", "in", items.ids)], ["quantity"], groupby, lazy=False):
        assert env["r.item"].search_count(group["__domain"]) == group["__count"]


def test_groups_are_ordered_and_chosen_by_their_sums(env, items):
    box, crate = items.node_id
    read = env["r.item"].formatted_read_group
    assert [g["node_id"] for g in read([], ["node_id"], ["quantity:sum"], order="quantity:sum desc", limit=2)] == [
        (crate.id, "crate"),
        (box.id, "box"),
    ]
    assert [g["node_id"][1] for g in read([], ["node_id"], [], having=[("quantity:sum", ">", 4)])] == ["crate"]
    assert [g["day"] and g["day"][0] for g in read([], ["day"], [], order="day desc")] == [
        False,
        "2026-03-01",
        "2026-01-01",
    ]
    with pytest.raises(ValidationError, match="cannot be ordered by"):
        read([], ["node_id"], [], order="name")


def test_the_older_call_names_sums_by_their_fields(env, items):
    box = items.node_id[0]
    domain = [("node_id", "=", box.id)]
    (group,) = env["r.item"].read_group(domain, ["count", "name", "most:max(quantity)"], ["day", "name"])
    assert group == {
        "day": "January 2026",
        "count": 7,
        "most": 2,
        "day_count": 2,
        "__domain": ["&", *domain, "&", ("day", ">=", "2026-01-01"), ("day", "<", "2026-02-01")],
        "__range": {"day": {"from": "2026-01-01", "to": "2026-02-01"}},
        "__context": {"group_by": ["name"]},
    }
    first, second = env["r.item"].read_group(domain, [], ["node_id", "name"], lazy=False, orderby="name desc")
    assert (first["name"], first["node_id"], first["quantity"], first["count"], first["__count"]) == (
        "b",
        (box.id, "box"),
        2,
        4,
        1,
    )
    assert second["name"] == "a" and "__context" not in second
    (total,) = env["r.item"].read_group([], ["quantity"], [])
    assert (total["quantity"], total["__count"]) == (Decimal("8.5"), 4)
    with pytest.raises(ValidationError, match="cannot add up 'weight'"):
        env["r.item"].read_group([], ["weight"], ["name"])


def test_the_number_of_statements_is_that_of_the_models(env):
    nodes = env["r.node"].create([{"name": f"node {n}"} for n in range(30)])
    env["r.item"].create([{"node_id": node.id, "quantity": 1} for node in nodes])
    env.flush_all()
    env.invalidate_all()
    with max_queries(env, 2):
        assert len(env["r.item"].formatted_read_group([], ["node_id"], ["quantity:sum"])) == 30


@pytest.mark.parametrize(
    ("granularity", "start", "end"),
    [
        ("day", (2026, 2, 28), (2026, 3, 1)),
        ("week", (2026, 12, 28), (2027, 1, 4)),
        ("month", (2026, 12, 1), (2027, 1, 1)),
        ("quarter", (2026, 10, 1), (2027, 1, 1)),
        ("year", (2026, 1, 1), (2027, 1, 1)),
    ],
)
def test_a_period_ends_where_the_next_begins(granularity, start, end):
    assert period_end(date(*start), granularity) == date(*end)

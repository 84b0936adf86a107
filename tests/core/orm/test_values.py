"""Values at and beyond the edges, and arguments as remote clients send them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from core import fields
from core.exceptions import ValidationError
from core.web.forms.formats import formats_for

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
        {"count": Decimal("1e999999999")},
        {"quantity": Decimal("1e999999999")},
        {"node_id": [[1]]},
        {"node_id": ["x", "y"]},
        {"day": "9999-12-31"},
        {"day": "0001-01-01"},
        {"day": date(1899, 12, 31)},
        {"day": date(2201, 1, 1)},
    ],
)
def test_what_no_column_can_hold_is_refused_by_field(env, values):
    with pytest.raises(ValidationError) as caught:
        env["r.item"].create(values)
    assert caught.value.fields == list(values)
    env.flush_all()
    assert not env["r.item"].search([])


def test_moments_and_choices_are_bounded_too(shop):
    for values in ({"create_date": "9999-12-31 23:59:59"}, {"create_date": datetime(1, 1, 1)}, {"state": ["draft"]}):
        with pytest.raises(ValidationError) as caught:
            shop["t.order"].create(values)
        assert caught.value.fields == list(values)


@pytest.mark.parametrize("values", [{"name": "x" * 1_000_001}, {"node_data": ["x" * 1_000_001]}])
def test_texts_of_users_are_not_endless_and_not_repeated(env, user, values):
    item = env["r.item"].create({"node_id": env["r.node"].create({"name": "node"}).id}).with_env(user)
    with pytest.raises(ValidationError) as caught:
        item.write(values)
    assert len(caught.value.message) < 500


def test_data_from_before_the_bounds_is_read_and_grouped(env):
    item = env["r.item"].create({"name": "old", "day": "2026-01-01"})
    env.flush_all()
    for day in ("9999-12-31", "0001-01-01"):
        env.cr.execute(sa.text("UPDATE r_item SET day = :day"), {"day": day})
        env.invalidate_all()
        assert fields.Date.to_string(item.day) == day
        for granularity in ("day", "week", "month", "quarter", "year"):
            groups = env["r.item"].formatted_read_group([], [f"day:{granularity}"], ["__count"])
            assert [group["__count"] for group in groups] == [1]


def test_a_moment_beyond_the_calendar_of_a_zone_is_shown(env):
    for moment in (datetime(9999, 12, 31, 23, 59, 59), datetime(1, 1, 1)):
        for zone in ("Europe/Berlin", "Pacific/Kiritimati", "America/New_York"):
            assert formats_for("en_US", zone).moment(moment)
    assert fields.Datetime.to_string(datetime(1, 1, 1)) == "0001-01-01 00:00:00"


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

"""The WHERE clause: what the planners make of it, and what it costs to build."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from core.orm.domain import to_sql

pytestmark = pytest.mark.both_dialects("sql")


def plan(env: Any, model: str, domain: list[Any]) -> str:
    """How SQLite finds the records of `domain`."""
    table = env.registry.table(model)
    statement = sa.select(table.c.id).where(to_sql(domain, env[model], table))
    compiled = statement.compile(env.cr.engine, compile_kwargs={"render_postcompile": True})
    rows = env.cr.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", _bound(compiled))
    return "\n".join(row[-1] for row in rows)


def _bound(compiled: Any) -> tuple[Any, ...]:
    values = compiled.construct_params()
    processors = compiled._bind_processors
    return tuple(processors.get(name, lambda value: value)(values[name]) for name in compiled.positiontup)


@pytest.mark.parametrize(
    ("domain", "steps"),
    [
        ([("place_id", "=", 3), ("name", "ilike", "x")], ["SEARCH t_item USING INDEX t_item_place_id_index"]),
        ([("place_id", "in", [3, 4]), ("name", "!=", "x")], ["SEARCH t_item USING INDEX t_item_place_id_index"]),
        ([("id", "in", [3, 4]), ("name", "like", "x")], ["SEARCH t_item USING INTEGER PRIMARY KEY"]),
        ([("place_id", "child_of", 3)], ["SEARCH t_item", "t_place_parent_path_index (parent_path>?"]),
        ([("place_id.name", "=", "x")], ["SCAN t_item", "SEARCH t_place USING INTEGER PRIMARY KEY"]),
        ([("place_id.parent_id", "=", 7)], ["SEARCH t_item USING", "SEARCH t_place USING", "parent_id"]),
        ([("line_ids.amount", ">", 3)], ["CORRELATED", "SEARCH t_line USING INDEX t_line_item_id_index"]),
        ([("line_ids", "in", [3])], ["SEARCH t_item USING INTEGER PRIMARY", "SEARCH t_line USING INTEGER PRIMARY"]),
        ([("line_ids", "=", False)], ["SEARCH t_line USING", "t_line_item_id_index"]),
        ([("tag_ids", "in", [3])], ["SEARCH t_item USING INTEGER PRIMARY", "SEARCH t_item_t_tag_rel USING COVERING"]),
    ],
)  # fmt: skip
@pytest.mark.dialects("sqlite")
def test_sqlite_uses_the_indexes(world: Any, domain: list, steps: list[str]) -> None:
    with world.env() as env:
        found = plan(env, "t.item", domain)
        for step in steps:
            assert step in found


def test_any_number_of_ids_and_values(world: Any) -> None:
    with world.env() as env:
        items = env["t.item"].create([{"name": str(number), "whole": number} for number in range(3)])
        many = list(range(20_000))
        assert items.search([("id", "in", [*items.ids, *range(10**6, 10**6 + 100_000)])]) == items
        assert items.search([("whole", "in", many)]) == items
        assert items.search([("name", "in", list(map(str, many)))]) == items
        assert not items.search([("name", "not in", list(map(str, many)))])


def test_an_alias_may_stand_for_the_table(world: Any) -> None:
    with world.env() as env:
        parent = env["t.place"].create({"name": "parent"})
        child = env["t.place"].create({"name": "child", "parent_id": parent.id})
        env.flush_all()
        for table in (env.registry.table("t.place"), env.registry.table("t.place").alias()):
            for domain in (
                [("parent_id.child_ids.name", "=", "child")],
                [("id", "child_of", parent.id), ("id", "!=", parent.id)],
                [("parent_id", "parent_of", child.id)],
            ):
                statement = sa.select(table.c.id).where(to_sql(domain, env["t.place"], table))
                assert env.cr.execute(statement).scalars().all() == [child.id]


def test_a_clause_serves_update_and_delete(world: Any) -> None:
    with world.env() as env:
        place = env["t.place"].create({"name": "top"})
        items = env["t.item"].create([{"name": "in", "place_id": place.id}, {"name": "out"}])
        env.flush_all()
        table = env.registry.table("t.item")
        domain = [("place_id", "child_of", place.id), ("place_id.item_ids.name", "=", "in")]
        env.cr.execute(sa.update(table).where(to_sql(domain, env["t.item"], table)).values(whole=7))
        env.invalidate_all()
        assert items.mapped("whole") == [7, 0]
        env.cr.execute(sa.delete(table).where(to_sql(domain, env["t.item"], table)))
        assert env["t.item"].search([]) == items[1]


def test_a_search_sees_what_is_pending(world: Any) -> None:
    with world.env() as env:
        places = env["t.place"].create([{"name": "a"}, {"name": "b", "active": False}])
        item = env["t.item"].create({"name": "x", "place_id": places[0].id, "whole": 1})
        env.flush_all()
        places[0].name = "c"
        assert env["t.item"].search([("place_name", "=", "c")]) == item
        item.place_id = places[1]
        assert env["t.place"].search([("item_ids", "=", False)]) == places[0]
        assert env["t.item"].search([("stored_name", "=", "b")]) == item
        places[1].parent_id = places[0]
        assert env["t.item"].search([("place_id", "child_of", places[0].id)]) == item
        item.line_ids = [(0, 0, {"amount": 3})]
        assert env["t.item"].search([("big_line_ids.amount", "=", 3)]) == item
        tag = env["t.tag"].create({"name": "t", "item_ids": [(4, item.id)]})
        assert env["t.item"].search([("tag_ids", "=", "t")]) == item
        tag.item_ids = False
        assert not env["t.item"].search([("tag_ids", "=", "t")])

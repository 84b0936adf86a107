"""Which fields a search flushes."""

from __future__ import annotations

from typing import Any

import pytest

from core.orm.domain import fields_used


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ([], {}),
        ([("name", "=", "x"), "!", ("whole", "<", 3)], {"t.item": {"name", "whole"}}),
        ([("place_id.name", "=", "x")], {"t.item": {"place_id"}, "t.place": {"id", "name"}}),
        ([("place_name", "=", "x")], {"t.item": {"place_id"}, "t.place": {"id", "name"}}),
        ([("top_name", "=", False)], {"t.item": {"place_id"}, "t.place": {"id", "name", "parent_id"}}),
        ([("double", "=", 2)], {"t.item": {"whole"}}),
        ([("line_ids.amount", ">", 2)], {"t.item": {"line_ids"}, "t.line": {"amount", "item_id"}}),
        ([("big_line_ids", "!=", False)], {"t.item": {"big_line_ids"}, "t.line": {"amount", "item_id"}}),
        ([("tag_ids.name", "=", "x")], {"t.item": {"tag_ids"}, "t.tag": {"item_ids", "name"}}),
        ([("place_id.item_ids", "=", False)], {"t.item": {"place_id", "active"}, "t.place": {"id", "item_ids"}}),
        ([("place_id", "child_of", 3)], {"t.item": {"place_id"}, "t.place": {"id", "parent_id", "parent_path"}}),
        ([("place_id", "child_of", "x")], {"t.item": {"place_id"}, "t.place": {"name", "parent_id", "parent_path"}}),
        ([("display_name", "ilike", "x")], {"t.item": {"name", "note"}}),
    ],
)
def test_all_fields_that_decide_are_named(world: Any, domain: list, expected: dict) -> None:
    with world.env() as env:
        assert fields_used(domain, env["t.item"]) == expected

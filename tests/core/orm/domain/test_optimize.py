"""What operators mean to fields, what is refused, and what access rules add."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.exceptions import AccessError, ValidationError
from core.orm.domain import Domain, optimize, to_predicate
from core.orm.rights import OpenAccess


@pytest.fixture
def env(world: Any) -> Iterator[Any]:
    with world.env(context={"allowed_company_ids": [1]}) as environment:
        environment["res.company"].create({"name": "One"})
        yield environment


def resolved(env: Any, *leaf: Any) -> list[Any]:
    return list(optimize([leaf], env["t.item"]))


MEANINGS: list[tuple[tuple, list]] = [
    (("name", "=", "x"), [("name", "in", ["x"])]),
    (("name", "=", ""), [("name", "in", [False])]),
    (("name", "!=", None), [("name", "not in", [False])]),
    (("name", "=", 5), [("name", "in", ["5"])]),
    (("name", "in", []), [(0, "=", 1)]),
    (("name", "not in", []), []),
    (("name", "ilike", ""), []),
    (("name", "not ilike", False), [(0, "=", 1)]),
    (("name", "=like", ""), [("name", "in", [False])]),
    (("name", "<", False), [(0, "=", 1)]),
    (("name", "=?", False), []),
    (("name", "=?", "x"), [("name", "in", ["x"])]),
    (("whole", "=", False), [("whole", "in", [0])]),
    (("whole", "=", "7"), [("whole", "in", [7])]),
    (("whole", "=", 2.5), [(0, "=", 1)]),
    (("whole", "<", 2.5), [("whole", "<=", 2)]),
    (("whole", ">=", 2.5), [("whole", ">", 2)]),
    (("whole", "<", 10**30), []),
    (("whole", "<", -(10**30)), [(0, "=", 1)]),
    (("quantity", "=", "0.28"), [("quantity", "in", [Decimal("0.28")])]),
    (("quantity", "=", 0.1), [("quantity", "in", [Decimal("0.1")])]),
    (("quantity", "=", Decimal("0.0000001")), [(0, "=", 1)]),
    (("quantity", ">", Decimal("-0.0000001")), [("quantity", ">", Decimal("-0.000001"))]),
    (("flag", "=", True), [("flag", "in", [True])]),
    (("flag", "!=", True), [("flag", "not in", [True])]),
    (("flag", "in", [True, False]), []),
    (("flag", ">", False), [("flag", "in", [True])]),
    (("flag", "=", "false"), [("flag", "in", [False])]),
    (("day", "=", "2024-01-02"), [("day", "in", [date(2024, 1, 2)])]),
    (("day", "<", "2024-01-02 10:00:00"), [("day", "<=", date(2024, 1, 2))]),
    (("day", ">=", datetime(2024, 1, 2)), [("day", ">=", date(2024, 1, 2))]),
    (("moment", "<=", "2024-01-02"), [("moment", "<=", datetime(2024, 1, 2, 23, 59, 59, 999999))]),
    (("moment", ">=", date(2024, 1, 2)), [("moment", ">=", datetime(2024, 1, 2))]),
    (("moment", "=", "2024-01-02T12:00:00+02:00"), [("moment", "in", [datetime(2024, 1, 2, 10)])]),
    (("place_id", "=", 5), [("place_id", "in", [5])]),
    (("place_id", "!=", False), [("place_id", "not in", [False])]),
    (("place_id", "in", [5, False, 5, -3, 2**70]), [("place_id", "in", [5, False])]),
    (("place_id", "ilike", ""), [("place_id", "not in", [False])]),
    (("place_id.id", "=", 5), [("place_id", "in", [5])]),
    (("place_id", "any", []), [("place_id", "not in", [False])]),
    (("place_id", "not any", []), [("place_id", "in", [False])]),
    (("place_id", "any", [(0, "=", 1)]), [(0, "=", 1)]),
    (("place_id.name", "=", "x"), [("place_id", "any!", [("name", "in", ["x"])])]),
    (("place_id", "=", "x"), [("place_id", "any!", [("name", "in", ["x"])])]),
    (("tag_ids", "=", False), [("tag_ids", "not any!", [])]),
    (("tag_ids", "!=", 5), [("tag_ids", "not any!", [("id", "in", [5])])]),
    (("place_name", "=", "x"), [("place_id", "any!", [("name", "in", ["x"])])]),
    (("place_name", "=", False), [("place_id", "not any!", [("name", "not in", [False])])]),
    (("double", "=", 4), [("whole", "in", [2])]),
    (("double", "!=", 4), [("whole", "not in", [2])]),
    (("id", "=", "5"), [("id", "in", [5])]),
    (("id", ">", 0), [("id", ">", 0)]),
    (("id", "=", False), [(0, "=", 1)]),
    (("place_id", "child_of", False), [(0, "=", 1)]),
]


@pytest.mark.parametrize(("leaf", "expected"), MEANINGS)
def test_the_meaning_of_a_condition(env: Any, leaf: tuple, expected: list) -> None:
    found = resolved(env, *leaf)
    assert found == expected
    assert repr(found) == repr(expected)  # 1 and True, 2 and Decimal(2)


def test_conditions_on_one_relation_share_a_sub_select(env: Any) -> None:
    item = env["t.item"]
    both = [("place_id.name", "=", "x"), ("place_id.active", "=", True)]
    assert list(optimize(both, item)) == [("place_id", "any!", ["&", ("name", "in", ["x"]), ("active", "in", [True])])]
    lines = [("line_ids.label", "=", "x"), ("line_ids.amount", ">", 1)]
    assert len(list(optimize(lines, item).iter_conditions())) == 2  # they may hold for different lines
    assert len(list(optimize(["|", *lines], item).iter_conditions())) == 1
    assert len(list(optimize(["!", "|", *lines], item).iter_conditions())) == 1


def test_negations_move_to_the_leaves(env: Any) -> None:
    assert list(optimize(["!", ("day", "<", "2024-01-02")], env["t.item"])) == [
        "|", ("day", "in", [False]), ("day", ">=", date(2024, 1, 2))
    ]  # fmt: skip
    assert list(optimize(["!", ("whole", "<", 2)], env["t.item"])) == [("whole", ">=", 2)]
    assert list(optimize(["!", ("place_id.name", "=", "x")], env["t.item"])) == [
        ("place_id", "not any!", [("name", "in", ["x"])])
    ]


def test_optimizing_twice_changes_nothing(env: Any) -> None:
    item = env["t.item"]
    domain = ["|", ("place_id.name", "ilike", "x"), "!", ("day", "<", "2024-01-02"), ("tag_ids", "child_of", 3)]
    once = optimize(domain, item)
    assert optimize(once, item) is once
    assert optimize(once & [("flag", "=", True)], item) == optimize([*domain, ("flag", "=", True)], item)


def test_lines_that_are_archived_count_on_demand(env: Any) -> None:
    place = env["t.place"].create({"name": "P"})
    item = env["t.item"].create({"name": "gone", "active": False, "place_id": place.id})

    def found(*domain: Any) -> Any:
        return env["t.place"].search(list(domain))

    assert not found(("item_ids.name", "=", "gone"))
    assert found(("item_ids", "any", [("name", "=", "gone"), ("active", "=", False)])) == place
    assert found(("item_ids", "in", item.ids)) == place
    assert found(("item_ids", "=", False)) == place
    assert env["t.place"].with_context(active_test=False).search([("item_ids.name", "=", "gone")]).ids == place.ids
    line = env["t.line"].create({"item_id": item.id})
    assert env["t.line"].search([("item_id.name", "=", "gone")]) == line  # a link is a link


@pytest.mark.parametrize(
    ("leaf", "words"),
    [
        (("nam", "=", 1), ["t.item has no field 'nam'", "('nam', '=', 1)", "did you mean 'name'"]),
        (("place_id.nam", "=", 1), ["t.place has no field 'nam'"]),
        (("name.x", "=", 1), ["'name'", "no relation"]),
        (("name", "any", []), ["'any' needs a relation", "'name'"]),
        (("name", "child_of", 3), ["'child_of' has no meaning", "'name'"]),
        (("name", "=", True), ["'name'", "True", "a text is expected"]),
        (("name", "=", "a\x00"), ["'name'", "NUL"]),
        (("name", "=", "\ud800"), ["'name'", "complete characters"]),
        (("whole", "<", "x"), ["'whole'", "'x'", "a finite number"]),
        (("quantity", "=", float("nan")), ["'quantity'", "nan"]),
        (("quantity", ">", "Infinity"), ["'quantity'", "finite"]),
        (("quantity", "ilike", "1"), ["'ilike' has no meaning", "'quantity'"]),
        (("real", "=", float("nan")), ["'real'", "a number"]),
        (("flag", "=", "perhaps"), ["'flag'", "True or False"]),
        (("day", "<", "tomorrow"), ["'day'", "'tomorrow'", "2026-12-31"]),
        (("day", "=", 5), ["'day'", "5"]),
        (("moment", "=", "2024-13-01"), ["'moment'", "2024-13-01"]),
        (("moment", ">", "today -9999999d"), ["'moment'"]),
        (("moment", ">", "today -999999y"), ["'moment'", "years 1 and 9999"]),
        (("place_id", "=", 2.5), ["'place_id'", "id of a record"]),
        (("place_id", "=", True), ["'place_id'", "id of a record"]),
        (("tag_ids", "<", 5), ["'<' has no meaning", "'tag_ids'"]),
        (("extra", "=", {"a": 1}), ["'extra'", "only be compared with False"]),
        (("blob", "ilike", "x"), ["'ilike' has no meaning", "'blob'"]),
        (("id", "=", "x"), ["'id'", "'x'"]),
    ],
)
def test_what_has_no_meaning_is_refused_with_its_name(env: Any, leaf: tuple, words: list[str]) -> None:
    for use in (optimize, to_predicate):
        with pytest.raises(ValidationError) as caught:
            use([leaf], env["t.item"])
        for word in words:
            assert word in str(caught.value)
        assert caught.value.fields


def test_a_line_has_no_name_to_search_by(env: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(env.registry.models["t.line"], "_rec_name", None)
    with pytest.raises(ValidationError, match=r"t\.line has no name to search by"):
        optimize([("line_ids", "ilike", "x")], env["t.item"])


def test_words_stand_for_moments(env: Any) -> None:
    (name, operator, value), *rest = resolved(env, "moment", ">=", "today -1d")
    assert (name, operator, rest) == ("moment", ">=", [])
    assert value.hour == value.minute == 0 and 24 <= (datetime.now() - value).total_seconds() / 3600 < 72
    in_tokyo = env["t.item"].with_context(tz="Asia/Tokyo")
    ((_, _, value),) = optimize([("moment", ">=", "today")], in_tokyo)
    assert value.hour == 15
    ((_, _, value),) = optimize([("day", ">=", "now +1m -1y")], in_tokyo)
    assert type(value) is date


class Rules(OpenAccess):
    """Access for a user who sees only places named 'mine...', no tags, and not the codes of tags."""

    def check(self, env: Any, model_name: str, operation: str) -> None:
        if model_name == "t.tag":
            raise AccessError("no tags")

    def rule_domain(self, env: Any, model_name: str, operation: str) -> Domain:
        return Domain("name", "=like", "mine%") if model_name == "t.place" else Domain.TRUE

    def field_groups_allowed(self, env: Any, field: Any) -> bool:
        return field.name != "note"


@pytest.fixture
def user_env(env: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(env.registry, "access", Rules())
    for field in ("note", "name"):
        monkeypatch.setattr(env["t.item"]._fields[field], "groups", "some.group")
    places = env["t.place"].create([{"name": "mine"}, {"name": "theirs"}])
    env["t.item"].create([{"name": place.name, "place_id": place.id} for place in places])
    return env(uid=7, su=False)


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ([("place_id.name", "!=", "x")], {"mine"}),
        ([("place_id", "any", [])], {"mine"}),
        ([("place_id", "not any", [("name", "=", "x")])], {"mine", "theirs"}),
        ([("place_id", "ilike", "i")], {"mine"}),
        ([("place_id", "=", "theirs")], set()),
        ([("place_id.item_ids.name", "=", "theirs")], set()),
        ([("place_id", "!=", False)], {"mine", "theirs"}),
        ([Domain("place_id", "any!", [("name", "!=", "x")])], {"mine", "theirs"}),
        ([("place_name", "=", "theirs")], {"theirs"}),
    ],
)
def test_rules_hold_behind_relations(user_env: Any, domain: list, expected: set[str]) -> None:
    items = user_env["t.item"]
    assert set(items.search(domain).sudo().mapped("name")) == expected
    test = to_predicate(domain, items)
    assert {item.sudo().name for item in items.search([]) if test(item)} == expected


def test_what_may_not_be_read_may_not_be_searched(user_env: Any) -> None:
    items = user_env["t.item"]
    for domain in ([("tag_ids.name", "=", "x")], [("tag_ids", "ilike", "x")], [("tag_ids", "any", [])]):
        with pytest.raises(AccessError, match="no tags"):
            items.search(domain)
    with pytest.raises(AccessError, match="'note'"):
        items.search([("note", "ilike", "x")])
    with pytest.raises(AccessError, match="'note'"):
        user_env["t.place"].search([("item_ids.note", "ilike", "x")])
    items.sudo().search([("note", "ilike", "x"), ("tag_ids.name", "=", "x")])

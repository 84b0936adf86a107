"""Computed fields: dependencies across relations, searching, grouping and the onchange of forms."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.api import Command


def make(env: Any, price: Any, *quantities: Any, partner: Any = None) -> Any:
    partner = partner or env["t.partner"].create({"name": f"P{price}"})
    lines = [Command.create({"quantity": q, "price": price}) for q in quantities]
    return env["t.order"].create({"partner_id": partner.id, "line_ids": lines})


def test_a_change_travels_through_two_relations(shop: Any) -> None:
    record = make(shop, "2.5", 3)
    assert (record.amount, record.partner_id.ordered) == (Decimal("7.5"), Decimal("7.5"))
    record.line_ids.price = 4
    assert record.partner_id.ordered == 12
    shop.invalidate_all()
    assert record.partner_id.ordered == 12


def test_a_moved_link_counts_at_its_new_place_only(shop: Any) -> None:
    first, second = make(shop, 1, 5), make(shop, 2, 7)
    first.line_ids.order_id = second
    assert (first.amount, second.amount) == (0, 19)
    second.partner_id = first.partner_id
    assert first.partner_id.ordered == 19
    assert second.line_ids.partner_id == first.partner_id


def test_a_computed_value_that_is_not_stored_can_be_searched(shop: Any) -> None:
    small, large = make(shop, 1, 5), make(shop, 50, 7)
    assert shop["t.order"].search([("large", "=", True)]) == large
    assert shop["t.order"].search([("large", "=", False)]) == small
    assert (small.large, large.large) == (False, True)
    assert shop["t.order"].search([("partner_name", "=", "P1")]) == small


def test_pending_values_are_written_before_a_search_needs_them(shop: Any) -> None:
    record = make(shop, 10, 1)
    record.line_ids.quantity = 90
    assert shop["t.order"].search([("amount", "=", 900)]) == record
    assert shop["t.partner"].search([("ordered", ">", 899)]) == record.partner_id


def test_sums_by_group_are_exact(shop: Any) -> None:
    partner = shop["t.partner"].create({"name": "P"})
    for quantity in ("940", "-0"):
        make(shop, 1, quantity, partner=partner)
    make(shop, 1, "33.6", "0.1", "0.2", partner=partner)
    rows = shop["t.line"]._read_group([], ["partner_id"], ["quantity:sum", "__count", "quantity:max", "quantity:avg"])
    assert rows == [(partner, Decimal("973.9"), 5, Decimal(940), Decimal("194.78"))]
    assert shop["t.line"]._read_group([("id", "=", 0)], [], ["quantity:sum", "__count"]) == [(Decimal(0), 0)]


def test_groups_by_period(shop: Any) -> None:
    orders = make(shop, 1, 1) | make(shop, 2, 1)
    now = orders[0].create_date
    for unit in ("day", "week", "month", "quarter", "year", "hour"):
        ((start, count, found),) = shop["t.order"]._read_group([], [f"create_date:{unit}"], ["__count", "id:recordset"])
        assert count == 2 and found == orders
        assert start <= now and start.minute == 0, unit


def test_a_form_gets_back_what_its_edit_changes(shop: Any) -> None:
    partner = shop["t.partner"].create({"name": "Azure"})
    values = {"partner_id": partner.id, "line_ids": [Command.create({"quantity": 60, "price": 2})]}
    spec = {"partner_name": {}, "amount": {}, "line_ids": {"fields": {"quantity": {}, "subtotal": {}}}}
    answer = shop["t.order"].onchange(values, ["line_ids"], spec)
    assert answer["value"]["amount"] == 120
    assert answer["value"]["line_ids"][0]["subtotal"] == 120
    answer = shop["t.order"].onchange(values, ["partner_id"], spec)
    assert answer["value"]["partner_name"] == "Azure"
    assert not shop["t.order"].search([])


def test_lines_typed_into_a_form_are_shown_unless_they_are_archived(shop: Any) -> None:
    lines = [Command.create({"name": "Shown"}), Command.create({"name": "Archived", "active": False})]
    record = shop["t.partner"].new({"child_ids": lines})
    assert record.child_ids.mapped("name") == ["Shown"]
    spec = {"child_ids": {"fields": {"name": {}}}}
    answer = shop["t.partner"].onchange({"child_ids": lines[:1]}, ["child_ids"], spec)
    assert [line["name"] for line in answer["value"]["child_ids"]] == ["Shown"]


def test_a_form_of_a_saved_record_starts_from_what_is_stored(shop: Any) -> None:
    record = make(shop, 10, 1, 2)
    first = record.line_ids[0]
    values = {"line_ids": [Command.update(first.id, {"quantity": 7})]}
    answer = record.onchange(values, ["line_ids"], {"amount": {}})
    assert answer["value"] == {"amount": 90}
    assert record.amount == 30


def test_an_onchange_method_may_warn(shop: Any) -> None:
    answer = shop["t.line"].onchange({"quantity": 60, "price": 2}, ["quantity"], {"quantity": {}, "subtotal": {}})
    assert answer["warning"] == {"title": "Large", "message": "60 is a lot"}
    assert answer["value"]["subtotal"] == 120


def test_a_new_form_has_its_defaults(shop: Any) -> None:
    answer = shop["t.order"].onchange({}, [], {"name": {}, "state": {}, "priority": {}, "amount": {}})
    assert answer["value"] == {"name": "New", "state": "draft", "priority": 3, "amount": 0}


def test_context_defaults_come_first(shop: Any) -> None:
    assert shop["t.order"].with_context(default_name="X").default_get(["name", "state"]) == {
        "name": "X",
        "state": "draft",
    }
    partner = shop["t.partner"].with_context(default_name="From context").create({})
    assert partner.name == "From context"


def test_a_compute_method_may_read_the_field_that_it_assigns(shop: Any) -> None:
    draft = shop["t.template"].new({"name": "Bolt"})
    assert (draft.slug, draft.badge) == ("bolt", "[Bolt]")
    stored = shop["t.template"].create({"name": "Nut"})
    assert (stored.slug, stored.badge) == ("nut", "[Nut]")
    stored.name = "Washer"
    assert (stored.slug, stored.badge) == ("nut", "[Washer]")
    answer = shop["t.template"].onchange({"name": "Rod"}, ["name"], {"slug": {}, "badge": {}})
    assert answer["value"] == {"slug": "rod", "badge": "[Rod]"}


def test_a_given_value_stands_when_its_sibling_is_computed(shop: Any) -> None:
    """Both come from one method; only the one that was not given is taken from it."""
    given = shop["t.tag"].create({"name": "red", "shade": "crimson"})
    computed = shop["t.tag"].create({"name": "blue"})
    assert (given.shade, given.sign) == ("crimson", "R")
    assert (computed.shade, computed.sign) == ("blue", "B")
    shop.invalidate_all()
    assert (given.shade, given.sign) == ("crimson", "R")
    given.name = "green"
    assert (given.shade, given.sign) == ("green", "G")

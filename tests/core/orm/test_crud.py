"""Creating, writing, copying and deleting records."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.api import Command
from core.exceptions import MissingError, UserError, ValidationError
from core.testing.queries import max_queries

pytestmark = pytest.mark.both_dialects("sql")


def order(env: Any, *quantities: Any, **values: Any) -> Any:
    partner = values.pop("partner", None) or env["t.partner"].create({"name": "Azure"})
    lines = [Command.create({"quantity": q, "price": 10}) for q in quantities]
    return env["t.order"].create({"partner_id": partner.id, "line_ids": lines, **values})


def test_a_created_record_has_its_defaults_and_its_lines(shop: Any) -> None:
    record = order(shop, 2, "0.5")
    assert (record.name, record.state, record.priority) == ("New", "draft", 3)
    assert record.line_ids.mapped("quantity") == [Decimal(2), Decimal("0.5")]
    assert record.line_ids.order_id == record


def test_what_was_created_is_the_same_after_it_went_to_the_database(shop: Any) -> None:
    record = order(shop, 2, "0.5")
    before = record.read()[0]
    shop.invalidate_all()
    after = record.read()[0]
    assert {k: v for k, v in before.items() if "date" not in k} == {k: v for k, v in after.items() if "date" not in k}


def test_a_thousand_records_cost_as_many_statements_as_ten(shop: Any) -> None:
    partner = shop["t.partner"].create({"name": "Azure"})
    for count in (10, 1000):
        with max_queries(shop, 6):
            orders = shop["t.order"].create([{"partner_id": partner.id, "name": str(i)} for i in range(count)])
            shop["t.line"].create([{"order_id": id_, "price": 3} for id_ in orders.ids])
        with max_queries(shop, 5):
            orders.write({"state": "done"})
            for record in orders:
                record.note = f"number {record.id}"
        with max_queries(shop, 4):
            orders.line_ids.write({"price": 4})
        shop.invalidate_all()
        with max_queries(shop, 4):
            assert sum(len(record.partner_id.name) + len(record.line_ids) for record in orders) == count * 6


def test_commands_change_the_lines(shop: Any) -> None:
    record = order(shop, 1, 2, 3)
    first, second, third = record.line_ids
    record.write(
        {
            "line_ids": [
                Command.update(first.id, {"quantity": 10}),
                Command.delete(second.id),
                Command.create({"quantity": 4}),
            ]
        }
    )
    assert record.line_ids.mapped("quantity") == [10, 3, 4]
    assert not second.exists()
    record.line_ids = [Command.set([third.id])]
    assert record.line_ids == third
    record.line_ids = [Command.clear()]
    assert not record.line_ids and not shop["t.line"].search([])


def test_links_of_both_sides_of_a_many2many_agree(shop: Any) -> None:
    a, b = shop["t.partner"].create([{"name": "A"}, {"name": "B"}])
    red, blue = shop["t.tag"].create([{"name": "red"}, {"name": "blue"}])
    a.tag_ids = red | blue
    assert red.partner_ids == a
    blue.partner_ids = [Command.link(b.id)]
    assert b.tag_ids == blue and blue.partner_ids == a | b
    a.tag_ids = [Command.unlink(red.id)]
    assert not red.partner_ids
    shop.invalidate_all()
    assert (a.tag_ids, b.tag_ids, blue.partner_ids) == (blue, blue, a | b)


def test_a_copy_takes_lines_and_leaves_what_is_not_to_be_copied(shop: Any) -> None:
    record = order(shop, 1, 2, note="private", name="S1")
    copy = record.copy({"name": "S2"})
    assert copy.name == "S2" and not copy.note
    assert copy.line_ids.mapped("quantity") == [1, 2] and not copy.line_ids & record.line_ids
    assert copy.amount == record.amount


def test_delegation_creates_and_writes_the_parent(shop: Any) -> None:
    variant = shop["t.variant"].create({"name": "Chair", "barcode": "123"})
    assert (variant.template_id.name, variant.code) == ("Chair", "C")
    variant.name = "Stool"
    assert variant.template_id.name == "Stool"
    assert shop["t.variant"].search([("name", "=", "Stool")]) == variant
    other = shop["t.variant"].create({"template_id": variant.template_id.id, "barcode": "456"})
    assert other.name == "Stool"


def test_an_extension_adds_fields_choices_and_behaviour(shop: Any) -> None:
    record = order(shop, 1)
    assert [key for key, _ in shop["t.order"]._fields["state"].selection] == ["draft", "sent", "done"]
    record.action_done()
    assert (record.state, record.note) == ("done", "extended")


def test_a_transition_from_the_wrong_state_is_refused_by_name(shop: Any) -> None:
    record = order(shop, 1, name="S7")
    record.action_done()
    with pytest.raises(UserError, match=r"S7 is already “Done”\.") as refusal:
        record.action_done()
    assert refusal.value.code == "wrong_state"
    assert record.allowed_transitions() == set()


def test_deleting_what_others_need_names_them(shop: Any) -> None:
    record = order(shop, 1, name="S1")
    with pytest.raises(UserError, match=r"Partner Azure cannot be deleted.*S1"):
        record.partner_id.unlink()
    partner = record.partner_id
    record.unlink()
    assert partner.ordered == 0
    partner.unlink()
    assert not shop["t.line"].search([]) and not partner.exists()
    with pytest.raises(MissingError):
        partner.invalidate_recordset()
        partner.read(["name"])


def test_a_deleted_line_no_longer_counts(shop: Any) -> None:
    record = order(shop, 1, 2)
    record.line_ids[0].unlink()
    assert (record.amount, record.partner_id.ordered) == (20, 20)


@pytest.mark.parametrize(
    ("model", "values", "message"),
    [
        ("t.order", {"partner": 1}, r"Order \(t.order\) has no field 'partner'. Did you mean 'partner_id'"),
        ("t.order", {"name": "x"}, r"Partner \(partner_id\) is required"),
        ("t.order", {"state": "lost"}, r"State \(state\) cannot be 'lost': allowed are done, draft, sent"),
        ("t.line", {"quantity": "many"}, r"Quantity \(quantity\) cannot be 'many': a number is expected"),
        ("t.line", {"quantity": float("nan")}, r"a finite number is expected"),
        ("t.line", {"order_id": "x"}, r"Order \(order_id\) cannot be 'x': the id of a record is expected"),
    ],
)
def test_bad_values_are_refused_with_the_field_and_the_reason(shop: Any, model: str, values: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        shop[model].create(values)


def test_all_broken_rules_are_told_at_once(shop: Any) -> None:
    record = order(shop, 1)
    with pytest.raises(ValidationError) as caught:
        record.line_ids.write({"quantity": 5000, "price": -1})
    assert "more than 1000" in caught.value.message and "negative" in caught.value.message
    assert set(caught.value.fields) == {"quantity", "price"}


def test_a_broken_rule_says_of_which_record_it_is(shop: Any) -> None:
    record = order(shop, 1, 2, 3)
    with pytest.raises(ValidationError) as caught:
        record.line_ids[1:].write({"quantity": 5000})
    assert [(flaw.model, flaw.id, flaw.fields) for flaw in caught.value.flaws] == [
        ("t.line", id_, ("quantity",)) for id_ in record.line_ids[1:].ids
    ]
    with pytest.raises(ValidationError) as caught:
        order(shop, 1, 5000, 2, 6000)
    assert [(flaw.place, flaw.lines) for flaw in caught.value.flaws] == [(1, "line_ids"), (3, "line_ids")]
    assert caught.value.message == "5000.000000 is more than 1000\n6000.000000 is more than 1000"
    with pytest.raises(ValidationError) as caught:
        record.write({"line_ids": [Command.update(record.line_ids[2].id, {"price": "dear"})]})
    assert [(flaw.id, flaw.lines, flaw.fields) for flaw in caught.value.flaws] == [
        (record.line_ids[2].id, "line_ids", ("price",))
    ]


def test_a_failed_creation_leaves_nothing_behind(shop: Any) -> None:
    record = order(shop, 1)
    with pytest.raises(ValidationError):
        shop["t.line"].create({"order_id": record.id, "quantity": 5000})
    assert record.amount == 10 and len(record.line_ids) == 1
    shop.flush_all()
    assert shop["t.line"].search_count([]) == 1


def test_a_rule_of_the_database_speaks_with_the_model_s_words(shop: Any) -> None:
    record = order(shop, 1)
    with pytest.raises(ValidationError, match="A quantity cannot be negative"), shop.savepoint():
        record.line_ids.quantity = -1
    assert record.line_ids.quantity == 1
    shop["t.tag"].create({"name": "red"})
    with pytest.raises(ValidationError, match="A tag of this name exists already"), shop.savepoint():
        shop["t.tag"].create({"name": "red"})


def test_a_link_to_nothing_is_refused_at_the_end_of_the_transaction(shop: Any) -> None:
    shop["t.order"].create({"partner_id": 4711})
    shop.flush_all()
    with pytest.raises(Exception, match="4711"):
        shop.cr.commit()


@pytest.mark.parametrize("count", [1, 2])
def test_writing_what_was_deleted_is_told(shop: Any, count: int) -> None:
    orders = order(shop) | order(shop) | order(shop)
    orders[:count].unlink()
    orders.write({"note": "too late"})
    with pytest.raises(MissingError, match="This Order no longer exists"):
        shop.flush_all()


@pytest.mark.both_dialects("statements")
def test_rows_are_locked_once_in_a_transaction(shop: Any) -> None:
    tags = shop["t.tag"].create([{"name": "Oak"}, {"name": "Beech"}])
    oak, beech = tags
    shop.flush_all()

    def locked(records: Any) -> int:
        """How many statements lock these rows, which are read again where the lock is new."""
        with max_queries(shop, 2) as statements:
            assert records.lock_for_update() == records
        return len([text for text in statements if "FOR UPDATE" in text])

    first = 1 if shop.cr.dialect == "postgresql" else 0
    assert [locked(oak), locked(oak), locked(tags), locked(tags)] == [first, 0, first, 0]
    with pytest.raises(RuntimeError), shop.savepoint():
        pine = shop["t.tag"].create({"name": "Pine"})
        assert locked(pine) == first
        raise RuntimeError
    assert locked(pine) == first, "the lock went with the savepoint"
    assert beech.name == "Beech"


def test_a_savepoint_undoes_database_and_cache(shop: Any) -> None:
    record = order(shop, 1)
    with pytest.raises(RuntimeError), shop.savepoint():
        record.name = "changed"
        order(shop, 2, partner=record.partner_id)
        raise RuntimeError
    assert record.name == "New" and record.partner_id.ordered == 10


def test_a_tree_keeps_its_paths_and_refuses_loops(shop: Any) -> None:
    top, middle, leaf = shop["t.partner"].create([{"name": n} for n in ("top", "middle", "leaf")])
    middle.parent_id = top
    leaf.parent_id = middle
    assert leaf.path == "top / middle / leaf"
    assert shop["t.partner"].search([("id", "child_of", top.id)]) == top | middle | leaf
    top.name = "root"
    assert leaf.path == "root / middle / leaf"
    with pytest.raises(ValidationError, match="lies below it already") as refused:
        top.parent_id = leaf
    assert (refused.value.code, refused.value.fields) == ("below_itself", ["parent_id"])
    with pytest.raises(ValidationError, match="lies below it already"):
        top.parent_id = top


def test_archived_records_are_left_out_until_they_are_brought_back(env: Any) -> None:
    tags = env["r.tag"].create([{"name": "red"}, {"name": "blue", "active": False}])
    tags.action_archive()
    assert not env["r.tag"].search([]) and tags.exists() == tags
    tags[0].action_unarchive()
    assert env["r.tag"].search([]) == tags[0]
    with pytest.raises(UserError, match="Item records cannot be archived"):
        env["r.item"].create({}).action_archive()


def test_several_values_are_assigned_at_once_on_saved_and_unsaved_records(env: Any) -> None:
    item = env["r.item"].create({"name": "a"})
    unsaved = env["r.item"].new({"name": "a"})
    for record in (item, unsaved):
        record.update({"name": "b", "quantity": 2})
        assert (record.label, record.total) == ("<b>", 4)

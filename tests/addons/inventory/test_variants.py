"""Attributes and variants: what a product comes in, and what becomes of its variants when that changes."""

from __future__ import annotations

from decimal import Decimal
from itertools import product as combine

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from addons.inventory.exceptions import TooManyVariants, VariantInUse
from addons.inventory.testing import put_stock
from core.exceptions import AccessError, UserError, ValidationError
from core.testing.queries import max_queries
from tests.addons.inventory.playground import Stock

ADDONS = ["inventory"]


def attribute(env, name, *values, **more):
    """An attribute with its values."""
    rows = [(0, 0, {"name": value, "sequence": number}) for number, value in enumerate(values)]
    return env["product.attribute"].create({"name": name, "value_ids": rows, **more})


def line(attribute, *names):
    """The command that gives a product these values of the attribute; all of them without names."""
    values = attribute.value_ids.filtered(lambda value: not names or value.name in names)
    return (0, 0, {"attribute_id": attribute.id, "value_ids": [(6, 0, values.ids)]})


def of(template, *names):
    """The values of a product by their names."""
    return template.attribute_line_ids.product_template_value_ids.filtered(lambda value: value.name in names)


def variant(template, *names):
    """The variant of these values."""
    return template._get_variant_for_combination(of(template, *names))


def shown(template):
    """How the variants are called, sorted."""
    return sorted(template.product_variant_ids.mapped("display_name"))


@pytest.fixture
def legs(env):
    return attribute(env, "Legs", "Steel", "Wood")


@pytest.fixture
def colour(env):
    return attribute(env, "Colour", "White", "Black")


@pytest.fixture
def desk(env, legs, colour):
    """A desk with steel or wooden legs, white or black, for 100."""
    return env["product.template"].create(
        {
            "name": "Desk",
            "is_storable": True,
            "list_price": 100,
            "attribute_line_ids": [line(legs), line(colour)],
        }
    )


@pytest.mark.parametrize("name", ["barcode", "default_code", "standard_price", "weight", "volume"])
def test_addons_extend_how_a_value_of_a_product_reaches_its_variant(env, monkeypatch, name):
    template = env["product.template"].create({"name": "Table"})
    method, written = f"_set_{name}", []
    below = getattr(type(template), method)
    monkeypatch.setattr(type(template), method, lambda records: (written.append(records[name]), below(records)))
    template[name] = "7"
    assert written == [template[name]] == [template.product_variant_id[name]]


def test_a_product_comes_in_every_combination_of_its_values(desk):
    assert shown(desk) == ["Desk (Steel, Black)", "Desk (Steel, White)", "Desk (Wood, Black)", "Desk (Wood, White)"]
    assert desk.product_variant_count == 4
    assert len(set(desk.product_variant_ids.mapped("combination_indices"))) == 4


def test_a_value_has_its_extra_price(desk):
    of(desk, "Steel").price_extra = 20
    of(desk, "Black").price_extra = Decimal("5.50")
    assert variant(desk, "Steel", "Black").lst_price == Decimal("125.50")
    assert variant(desk, "Wood", "White").lst_price == 100
    products = desk.env["product.product"]
    assert products.search([("lst_price", ">", 110)]) == variant(desk, "Steel", "White") | variant(
        desk, "Steel", "Black"
    )
    assert products.search([("lst_price", "=", 100), ("product_tmpl_id", "=", desk.id)]) == variant(
        desk, "Wood", "White"
    )
    variant(desk, "Steel", "White").lst_price = 150
    assert desk.list_price == 130


def test_variants_are_found_by_their_values(desk):
    def found(text):
        return sorted(name for _id, name in desk.env["product.product"].name_search(text))

    assert found("Wood") == ["Desk (Wood, Black)", "Desk (Wood, White)"]
    products = desk.env["product.product"]
    assert [name for _id, name in products.name_search("Desk (Wood, White)", operator="=")] == ["Desk (Wood, White)"]
    assert products.search([("product_template_attribute_value_ids.name", "=", "Black")]).mapped("lst_price") == [
        100,
        100,
    ]


def test_a_new_value_adds_variants_and_leaves_the_others_alone(desk, colour):
    before = desk.product_variant_ids
    red = desk.env["product.attribute.value"].create({"name": "Red", "attribute_id": colour.id})
    desk.attribute_line_ids[1].value_ids = [(4, red.id)]
    assert before < desk.product_variant_ids
    assert shown(desk) == [f"Desk ({legs}, {hue})" for legs in ("Steel", "Wood") for hue in ("Black", "Red", "White")]


def test_an_attribute_with_one_value_changes_no_variant(desk):
    before = desk.product_variant_ids
    oak = attribute(desk.env, "Top", "Oak")
    desk.write({"attribute_line_ids": [line(oak)]})
    assert desk.product_variant_ids == before
    assert shown(desk)[0] == "Desk (Steel, Black)"
    desk.write(
        {"attribute_line_ids": [(2, desk.attribute_line_ids.filtered(lambda line: line.attribute_id == oak).id)]}
    )
    assert desk.product_variant_ids == before


def test_the_variant_of_a_plain_product_stays_when_its_only_value_is_named(stock):
    case = stock.product("Case", 10, default_code="C1")
    top = attribute(stock.env, "Top", "Oak")
    case.product_tmpl_id.write({"attribute_line_ids": [line(top)]})
    assert case.product_tmpl_id.product_variant_ids == case
    assert case.display_name == "[C1] Case"


def test_variants_that_nothing_tells_of_are_deleted_and_the_others_are_archived(stock, desk):
    moved, unused = variant(desk, "Steel", "Black"), variant(desk, "Wood", "Black")
    put_stock(moved, 3)
    desk.attribute_line_ids[1].value_ids = [(3, of(desk, "Black").product_attribute_value_id.id)]
    assert not unused.exists()
    assert moved.exists() and not moved.active
    assert shown(desk) == ["Desk (Steel)", "Desk (Wood)"]
    assert moved.display_name == "Desk (Steel, Black)"
    assert stock.on_hand(moved) == 3


def test_an_archived_variant_comes_back_with_its_value(stock, desk, colour):
    moved = variant(desk, "Steel", "Black")
    put_stock(moved, 3)
    desk.write({"attribute_line_ids": [(2, desk.attribute_line_ids[1].id)]})
    assert shown(desk) == ["Desk (Steel)", "Desk (Wood)"] and not moved.active
    desk.write({"attribute_line_ids": [line(colour)]})
    assert moved.active
    assert len(desk.product_variant_ids) == 4 and variant(desk, "Steel", "Black") == moved


def test_a_variant_that_a_document_asks_for_cannot_go(stock, desk, refused):
    picking = stock.delivery((variant(desk, "Steel", "Black"), 2))
    with refused(VariantInUse, data={"variant": "Desk (Steel, Black)", "document": picking.name}):
        desk.attribute_line_ids[1].value_ids = [(3, of(desk, "Black").product_attribute_value_id.id)]


def test_attributes_change_together_and_the_variants_follow_once(desk, legs, colour):
    size = attribute(desk.env, "Size", "S", "M", "L")
    old = desk.attribute_line_ids
    desk.write({"attribute_line_ids": [(2, old[0].id), line(size)]})
    assert shown(desk) == [f"Desk ({colour}, {size})" for colour in ("Black", "White") for size in ("L", "M", "S")]


def test_dynamic_variants_are_created_when_asked_for(env, legs, refused):
    finish = attribute(env, "Finish", "Matt", "Glossy", create_variant="dynamic")
    table = env["product.template"].create({"name": "Table", "attribute_line_ids": [line(legs), line(finish)]})
    assert not table.product_variant_ids
    made = table.create_product_variant(of(table, "Wood", "Matt").ids)
    assert table.product_variant_ids.id == made
    assert table.create_product_variant(of(table, "Wood", "Matt").ids) == made
    with refused(ValidationError, code="inventory.variant_values", data={"product": "Table"}):
        table.create_product_variant(of(table, "Wood").ids)


def test_an_attribute_that_makes_no_variants_is_only_noted(env, legs):
    card = attribute(env, "Greeting Card", "Yes", "No", create_variant="no_variant")
    table = env["product.template"].create({"name": "Table", "attribute_line_ids": [line(legs), line(card)]})
    assert shown(table) == ["Table (Steel)", "Table (Wood)"]
    assert variant(table, "Wood", "Yes").display_name == "Table (Wood)"


def test_more_than_a_thousand_variants_are_refused(env, refused):
    digits = [attribute(env, f"Digit {n}", *map(str, range(11))) for n in range(3)]
    with refused(TooManyVariants, data={"product": "Number", "count": 1331, "most": 1000}):
        env["product.template"].create({"name": "Number", "attribute_line_ids": [line(digit) for digit in digits]})


def test_values_and_attributes_must_fit(desk, legs, colour, refused):
    data = {"value": "Steel", "attribute": "Colour", "product": "Desk"}
    with refused(ValidationError, code="inventory.value_of_other_attribute", data=data):
        desk.attribute_line_ids[1].value_ids = [(4, legs.value_ids[0].id)]
    data = {"attribute": "Colour", "product": "Desk"}
    with refused(ValidationError, code="inventory.attribute_without_values", data=data):
        desk.attribute_line_ids[1].value_ids = [(5,)]
    with refused(UserError, code="inventory.variant_creation_fixed", data=data):
        colour.create_variant = "dynamic"
    with refused(ValidationError, code="inventory.variant_values", data={"product": "Desk"}):
        desk.env["product.product"].create({"product_tmpl_id": desk.id})


def test_an_archived_product_comes_back_with_the_variants_it_is_offered_in(stock, desk):
    moved = variant(desk, "Steel", "Black")
    put_stock(moved, 3)
    desk.attribute_line_ids[1].value_ids = [(3, of(desk, "Black").product_attribute_value_id.id)]
    desk.active = False
    assert not desk.product_variant_ids
    desk.active = True
    assert shown(desk) == ["Desk (Steel)", "Desk (Wood)"] and not moved.active


def test_a_copy_comes_in_the_same_values_at_the_same_prices(desk):
    of(desk, "Steel").price_extra = 20
    copy = desk.copy()
    assert shown(copy) == [name.replace("Desk", "Desk (copy)") for name in shown(desk)]
    assert variant(copy, "Steel", "White").lst_price == 120
    assert not copy.product_variant_ids & desk.product_variant_ids


def test_employees_look_and_managers_change(desk):
    groups = [desk.env.ref("base.group_user").id]
    guest = desk.env["res.users"].create({"name": "guest", "login": "guest", "group_ids": [(6, 0, groups)]})
    seen = desk.with_user(guest)
    assert shown(seen) == shown(desk)
    with pytest.raises(AccessError):
        seen.product_variant_ids[0].read(["lst_price"])
    for change in (
        lambda: seen.attribute_line_ids[0].unlink(),
        lambda: seen.write({"attribute_line_ids": [(2, seen.attribute_line_ids[0].id)]}),
        lambda: seen.create_product_variant(of(seen, "Steel", "White").ids),
    ):
        with pytest.raises(AccessError):
            change()


def test_a_thousand_variants_take_no_more_statements_than_ten(env):
    def statements(name, count):
        digits = [attribute(env, f"{name} {n}", *map(str, range(count))) for n in range(3)]
        commands = [line(digit) for digit in digits]
        env.invalidate_all()
        with max_queries(env, 10_000) as made:
            template = env["product.template"].create({"name": name, "attribute_line_ids": commands})
            env.flush_all()
        assert template.product_variant_count == count**3
        last = template.attribute_line_ids[2]
        env.invalidate_all()
        with max_queries(env, 10_000) as changed:
            last.value_ids = [(6, 0, last.value_ids[:1].ids)]
            env.flush_all()
        assert template.product_variant_count == count**2
        return len(made), len(changed)

    statements("warm", 2)
    few, many = statements("few", 2), statements("many", 10)
    assert all(abs(more - less) <= 1 for more, less in zip(many, few)), (few, many)
    assert few[0] <= 60 and few[1] <= 80, few


CHOICE = st.lists(st.sets(st.integers(0, 3), max_size=4), min_size=3, max_size=3)


@pytest.mark.slow
@settings(
    max_examples=12, deadline=None, database=None, derandomize=True,
    phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(changes=st.lists(st.tuples(CHOICE, st.integers(0, 30)), min_size=2, max_size=5))
def test_variants_are_the_product_of_the_values_after_any_changes(db, changes):
    def live(env):
        attributes = [attribute(env, f"A{n}", *(f"{n}{v}" for v in range(4))) for n in range(3)]
        template = env["product.template"].create({"name": "Thing", "is_storable": True})
        stocked = env["product.product"]
        for choice, pick in changes:
            _choose(template, attributes, choice)
            there = [set(v.product_template_attribute_value_ids.mapped("name")) for v in template.product_variant_ids]
            wanted = [set(names) for names in combine(*_names(attributes, choice))]
            assert sorted(map(sorted, there)) == sorted(map(sorted, wanted))
            assert stocked == stocked.exists()
            chosen = template.product_variant_ids[pick % len(there)]
            put_stock(chosen, 1)
            stocked |= chosen
        Stock(env).laws()

    db.run(live)


def _names(attributes, choice):
    return [
        [value.name for number, value in enumerate(attribute.value_ids) if number in chosen]
        for attribute, chosen in zip(attributes, choice)
        if chosen
    ]


def _choose(template, attributes, choice):
    """Change the product's lines to the chosen values, all at once."""
    lines = {line.attribute_id: line for line in template.attribute_line_ids}
    commands = []
    for attribute, chosen in zip(attributes, choice):
        ids = [value.id for number, value in enumerate(attribute.value_ids) if number in chosen]
        if attribute in lines and not ids:
            commands.append((2, lines[attribute].id))
        elif attribute in lines:
            commands.append((1, lines[attribute].id, {"value_ids": [(6, 0, ids)]}))
        elif ids:
            commands.append((0, 0, {"attribute_id": attribute.id, "value_ids": [(6, 0, ids)]}))
    template.write({"attribute_line_ids": commands})

"""Bills of materials whose components, by-products and operations apply on some variants only."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from addons.inventory.testing import assert_stock_laws, put_stock
from addons.manufacturing.exceptions import BillOfMaterialsLoop, NoBillOfMaterials
from addons.manufacturing.services.explosion import Request
from core.exceptions import UserError, ValidationError
from core.testing.client import words
from core.testing.queries import max_queries
from tests.addons.manufacturing.workshop import D, bill, on_hand, product

ADDONS = ["manufacturing"]


def made_in(env, name, create_variant="always", **attributes):
    """A product that comes in these values (attribute -> names); returns it and its values by name."""
    rows = []
    for attribute_name, values in attributes.items():
        attribute = env["product.attribute"].create(
            {
                "name": attribute_name,
                "create_variant": create_variant,
                "value_ids": [(0, 0, {"name": value}) for value in values],
            }
        )
        rows.append((0, 0, {"attribute_id": attribute.id, "value_ids": [(6, 0, attribute.value_ids.ids)]}))
    template = env["product.template"].create({"name": name, "is_storable": True, "attribute_line_ids": rows})
    return template, {value.name: value for value in template.attribute_line_ids.product_template_value_ids}


def apply_on(part, *values):
    """Let the part of the bill apply on variants of these values only."""
    part.bom_product_template_attribute_value_ids = [(6, 0, [value.id for value in values])]


class Desks:
    """A desk with a top, and legs of steel or of wood; wooden ones in white take paint."""

    def __init__(self, env):
        self.env = env
        self.template, self.value = made_in(env, "Desk", Legs=("Steel", "Wood"), Colour=("White", "Black"))
        names = ("Top", "Steel Leg", "Wooden Leg", "White Paint")
        self.part = {name: product(env, name) for name in names}
        quantities = {self.part["Top"]: 1, self.part["Steel Leg"]: 2, self.part["Wooden Leg"]: 4}
        self.bom = bill(env, self.variant("Steel", "White"), {**quantities, self.part["White Paint"]: D("0.5")})
        _top, self.steel, self.wood, self.paint = self.bom.bom_line_ids
        apply_on(self.steel, self.value["Steel"])
        apply_on(self.wood, self.value["Wood"])
        apply_on(self.paint, self.value["Wood"], self.value["White"])

    def variant(self, *names):
        """The desk of these values."""
        values = [self.value[name] for name in names]
        return self.template._get_variant_for_combination(values[0].union(*values))

    def needed(self, *names):
        """Component -> how many go into one desk of these values."""
        return needed(self.bom, self.variant(*names))

    def order(self, *names, quantity=3):
        """A draft order for desks of these values."""
        return self.env["mrp.production"].create({"product_id": self.variant(*names).id, "product_qty": quantity})


def needed(bom, made):
    """Component -> how many go into one of the product."""
    return {line.product_id.name: data["qty"] for line, data in bom.explode(made, D(1))[1]}


@pytest.fixture
def desks(env):
    """The desks; the stock laws are asserted when the test is over."""
    yield Desks(env)
    assert_stock_laws(env)


def test_components_are_those_of_the_variant(desks):
    assert desks.needed("Steel", "White") == {"Top": 1, "Steel Leg": 2}
    assert desks.needed("Wood", "Black") == {"Top": 1, "Wooden Leg": 4}
    assert desks.needed("Wood", "White") == {"Top": 1, "Wooden Leg": 4, "White Paint": D("0.5")}


def test_one_of_several_values_of_an_attribute_is_enough(desks):
    apply_on(desks.paint, desks.value["White"], desks.value["Black"], desks.value["Steel"])
    assert "White Paint" in desks.needed("Steel", "White") and "White Paint" in desks.needed("Steel", "Black")
    assert "White Paint" not in desks.needed("Wood", "White")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    named=st.lists(st.sets(st.sampled_from(["Steel", "Wood", "White", "Black"])), min_size=4, max_size=4),
    quantity=st.integers(1, 50),
)
def test_each_line_is_needed_by_exactly_the_variants_it_applies_on(desks, named, quantity):
    for line, values in zip(desks.bom.bom_line_ids, named, strict=True):
        apply_on(line, *(desks.value[name] for name in values))
    axes = ({"Steel", "Wood"}, {"White", "Black"})
    for legs in axes[0]:
        for colour in axes[1]:
            made = desks.variant(legs, colour)
            found = {line: data["qty"] for line, data in desks.bom.explode(made, D(quantity))[1]}
            assert found == {
                line: line.product_qty * quantity
                for line, values in zip(desks.bom.bom_line_ids, named, strict=True)
                if all(not values & axis or {legs, colour} & values & axis for axis in axes)
            }


def test_an_order_takes_the_components_by_products_and_operations_of_its_variant(env, desks):
    bench = env["mrp.workcenter"].create({"name": "Bench"})
    desks.bom.operation_ids = [(0, 0, {"name": name, "workcenter_id": bench.id}) for name in ("Weld", "Glue")]
    desks.bom.byproduct_ids = [(0, 0, {"product_id": product(env, name).id}) for name in ("Scrap Iron", "Sawdust")]
    for parts in (desks.bom.operation_ids, desks.bom.byproduct_ids):
        apply_on(parts[0], desks.value["Steel"])
        apply_on(parts[1], desks.value["Wood"])
    put_stock(desks.part["Top"], 10)
    put_stock(desks.part["Wooden Leg"], 40)
    order = desks.order("Wood", "Black")
    order.action_confirm()
    assert {move.product_id.name: move.product_uom_qty for move in order.move_raw_ids} == {"Top": 3, "Wooden Leg": 12}
    assert order.workorder_ids.mapped("name") == ["Glue"]
    assert order.move_byproduct_ids.product_id.mapped("name") == ["Sawdust"]
    order.button_mark_done()
    assert on_hand(desks.variant("Wood", "Black")) == 3 and on_hand(desks.part["Wooden Leg"]) == 28


def test_a_draft_for_another_variant_is_planned_anew(desks):
    order = desks.order("Wood", "Black")
    order.product_id = desks.variant("Steel", "Black")
    assert order.move_raw_ids.product_id.mapped("name") == ["Top", "Steel Leg"]


def test_orders_learn_that_a_component_applies_on_other_variants_and_follow_when_asked(desks):
    order = desks.order("Steel", "Black")
    order.action_confirm()
    apply_on(desks.steel, desks.value["Wood"])
    assert order.is_outdated_bom
    order.action_update_bom()
    assert order.move_raw_ids.product_id.mapped("name") == ["Top"] and not order.is_outdated_bom


def test_an_operation_waits_past_those_that_its_variant_does_not_have(env, desks):
    bench = env["mrp.workcenter"].create({"name": "Bench"})
    desks.bom.allow_operation_dependencies = True
    names = ("Saw", "Weld", "Pack")
    desks.bom.operation_ids = [(0, 0, {"name": name, "workcenter_id": bench.id}) for name in names]
    saw, weld, pack = desks.bom.operation_ids
    weld.blocked_by_operation_ids = saw
    pack.blocked_by_operation_ids = weld
    apply_on(weld, desks.value["Steel"])
    work = desks.order("Wood", "Black").workorder_ids
    assert work.mapped("name") == ["Saw", "Pack"]
    assert work[1].blocked_by_workorder_ids == work[0]


def test_readiness_for_the_first_operation_looks_at_the_first_of_the_variant(env, desks):
    bench = env["mrp.workcenter"].create({"name": "Bench"})
    desks.bom.ready_to_produce = "asap"
    desks.bom.operation_ids = [(0, 0, {"name": name, "workcenter_id": bench.id}) for name in ("Weld", "Glue", "Pack")]
    weld, glue, pack = desks.bom.operation_ids
    apply_on(weld, desks.value["Steel"])
    desks.wood.operation_id = glue
    desks.bom.bom_line_ids[0].operation_id = pack
    put_stock(desks.part["Wooden Leg"], 12)
    order = desks.order("Wood", "Black")
    order.action_confirm()
    order.action_assign()
    assert order.reservation_state == "assigned", "the top is for packing"


def test_a_kit_inside_a_bill_is_opened_for_its_variant(env, desks):
    desks.bom.type = "phantom"
    office = product(env, "Office")
    whole = bill(env, office, {desks.variant("Wood", "Black"): 1, desks.variant("Wood", "White"): 2})
    found = [(line.product_id.name, data["qty"]) for line, data in whole.explode(office, D(1))[1]]
    assert found == [("Top", 1), ("Wooden Leg", 4), ("Top", 2), ("Wooden Leg", 8), ("White Paint", 1)]
    assert whole.bom_line_ids[0].child_line_ids == desks.bom.bom_line_ids[0] | desks.wood


def test_as_many_kits_are_available_as_the_components_of_the_variant_make_up(desks):
    desks.bom.type = "phantom"
    put_stock(desks.part["Top"], 10)
    put_stock(desks.part["Wooden Leg"], 20)
    put_stock(desks.part["Steel Leg"], 4)
    figures = {names: on_hand(desks.variant(*names)) for names in (("Steel", "Black"), ("Wood", "Black"))}
    assert figures == {("Steel", "Black"): 2, ("Wood", "Black"): 5}
    assert on_hand(desks.variant("Wood", "White")) == 0, "no paint"


def test_unbuilding_by_the_bill_returns_the_components_of_the_variant(env, desks):
    desk = desks.variant("Wood", "Black")
    put_stock(desk, 2)
    env["mrp.unbuild"].create({"product_id": desk.id, "product_qty": 2}).action_validate()
    assert on_hand(desks.part["Top"]) == 2 and on_hand(desks.part["Wooden Leg"]) == 8
    assert on_hand(desks.part["Steel Leg"]) == 0


def test_a_bill_may_need_another_variant_of_its_product_but_not_the_same(env, desks, refused):
    desks.bom.type = "phantom"
    values = [(6, 0, desks.value["White"].ids)]
    row = {"product_id": desks.variant("Wood", "Black").id, "bom_product_template_attribute_value_ids": values}
    desks.bom.bom_line_ids = [(0, 0, row)]
    made = desks.needed("Wood", "White")
    assert made == {"Top": 1, "Wooden Leg": 4, "White Paint": D("0.5")}, "the black desk is opened as a kit"
    with refused(BillOfMaterialsLoop):
        apply_on(desks.bom.bom_line_ids[-1], desks.value["Black"])


class TestRefused:
    """What cannot be, with words."""

    def test_values_of_another_product(self, env, desks, refused):
        _chair, values = made_in(env, "Chair", Back=("High", "Low"))
        data = {"value": "Back: High", "product": "Desk", "part": "Top"}
        with refused(ValidationError, code="manufacturing.value_without_variants", data=data):
            apply_on(desks.bom.bom_line_ids[0], values["High"])

    def test_values_that_make_no_variants(self, env, refused):
        template, values = made_in(env, "Mug", "no_variant", Print=("Name", "Logo"))
        bom = bill(env, template.product_variant_id, {product(env, "Clay"): 1})
        assert not bom.possible_product_template_attribute_value_ids
        data = {"value": "Print: Logo", "product": "Mug"}
        with refused(ValidationError, code="manufacturing.value_without_variants", data=data):
            apply_on(bom.bom_line_ids, values["Logo"])

    def test_values_on_a_bill_of_one_variant(self, desks, refused):
        variant = desks.variant("Steel", "White")
        data = {"variant": variant.display_name, "part": "Steel Leg"}
        with refused(ValidationError, code="manufacturing.bom_of_variant", data=data):
            desks.bom.product_id = variant

    def test_another_product_for_the_bill(self, env, desks, refused):
        data = {"product": "Stool"}
        with refused(ValidationError, code="manufacturing.value_without_variants", data=data):
            desks.bom.product_tmpl_id = product(env, "Stool").product_tmpl_id

    def test_an_order_for_a_variant_that_the_bill_lists_nothing_for(self, desks, refused):
        desks.bom.bom_line_ids[0].unlink()
        apply_on(desks.wood, desks.value["Wood"], desks.value["White"])
        order = desks.order("Wood", "Black")
        data = {"order": order.name, "bom": "Desk", "product": order.product_id.display_name}
        with refused(NoBillOfMaterials, data=data):
            order.action_confirm()

    def test_a_kit_that_comes_to_nothing_for_the_variant(self, env, desks, refused):
        desks.bom.bom_line_ids[0].unlink()
        desks.bom.type = "phantom"
        apply_on(desks.wood, desks.value["Steel"])
        desk, office = desks.variant("Wood", "Black"), product(env, "Office")
        bill(env, office, {desk: 1, product(env, "Lamp"): 1})
        data = {"bom": "Desk", "product": desk.display_name}
        with refused(NoBillOfMaterials, data=data, name="kit"):
            env["mrp.production"].create({"product_id": office.id, "product_qty": 1})
        delivery = env["stock.picking"].create(
            {
                "picking_type_id": env["stock.warehouse"].search([], limit=1).out_type_id.id,
                "move_ids": [(0, 0, {"product_id": desk.id, "product_uom_qty": 1})],
            }
        )
        with refused(NoBillOfMaterials, data=data, name="kit"):
            delivery.action_confirm()
        assert desk.qty_available == 0

    def test_unbuilding_what_the_bill_lists_nothing_for(self, env, desks, refused):
        desks.bom.bom_line_ids[0].unlink()
        desk = desks.variant("Wood", "Black")
        apply_on(desks.wood, desks.value["Steel"])
        put_stock(desk, 1)
        with refused(NoBillOfMaterials, data={"bom": "Desk", "product": desk.display_name}):
            env["mrp.unbuild"].create({"product_id": desk.id, "product_qty": 1}).action_validate()

    def test_cost_shares_of_more_than_all_on_one_variant(self, env, desks, refused):
        rows = [{"product_id": product(env, name).id, "cost_share": 60} for name in ("Scrap Iron", "Sawdust")]
        applied = [
            (0, 0, {**row, "bom_product_template_attribute_value_ids": [(6, 0, desks.value[name].ids)]})
            for row, name in zip(rows, ("Steel", "Wood"), strict=True)
        ]
        desks.bom.byproduct_ids = applied
        with refused(ValidationError, code="manufacturing.cost_share", data={"bom": "Desk"}):
            apply_on(desks.bom.byproduct_ids[0], desks.value["White"])


def test_a_value_that_a_bill_names_stays_and_comes_back_with_its_component(desks):
    legs, steel = desks.template.attribute_line_ids[0], desks.value["Steel"]
    legs.value_ids = [(3, steel.product_attribute_value_id.id)]
    assert steel.exists() and not steel.ptav_active
    assert desks.needed("Wood", "Black") == {"Top": 1, "Wooden Leg": 4}
    assert steel not in desks.bom.possible_product_template_attribute_value_ids
    legs.value_ids = [(4, steel.product_attribute_value_id.id)]
    assert desks.needed("Steel", "Black") == {"Top": 1, "Steel Leg": 2}


def test_an_attribute_that_a_bill_names_is_archived_with_its_values(desks):
    legs = desks.template.attribute_line_ids[0]
    legs.unlink()
    assert legs.exists() and not legs.active and desks.value["Wood"].exists()
    assert needed(desks.bom, desks.variant("Black")) == {"Top": 1}


def test_a_value_that_a_bill_names_cannot_be_deleted(desks, refused):
    data = {"value": "Legs: Steel", "part": "Steel Leg", "bom": "Desk"}
    with refused(UserError, code="manufacturing.value_in_use", data=data):
        desks.value["Steel"].unlink()


def test_a_product_goes_with_its_bill_and_its_values(env):
    desks = Desks(env)
    desks.template.unlink()
    assert not desks.bom.exists() and not desks.value["Steel"].exists()


def test_a_copy_of_the_bill_applies_on_the_same_variants(desks):
    copy = desks.bom.copy()
    assert needed(copy, desks.variant("Wood", "White")) == desks.needed("Wood", "White")
    assert copy.bom_line_ids[1].bom_product_template_attribute_value_ids == desks.value["Steel"]


def test_what_a_part_can_apply_on_is_what_the_product_comes_in(desks):
    every = desks.template.attribute_line_ids.product_template_value_ids
    assert desks.bom.possible_product_template_attribute_value_ids == every
    assert desks.steel.possible_bom_product_template_attribute_value_ids == every


def test_many_variants_are_taken_apart_in_as_many_statements_as_one(env, desks):
    def statements(products):
        env.flush_all()
        env.invalidate_all()
        with max_queries(env, 100) as asked:
            env["mrp.bom"]._explode([Request(desks.bom, product, D(1)) for product in products])
        return len(asked)

    variants = desks.template.product_variant_ids
    statements(variants)
    assert statements(variants) == statements(variants[:1])


@pytest.mark.dialects("sqlite")
class TestPages:
    """What users see who work with variants."""

    NAME = "bom_product_template_attribute_value_ids"

    @pytest.fixture
    def desks(self, db):
        """The bill and its line of the top, by their ids; another product comes in black, too."""
        with db.transaction(login="admin") as env:
            env.user.group_ids = [(4, env.ref("inventory.group_product_variant").id)]
            made_in(env, "Chair", Colour=("Black", "Red"))
            desks = Desks(env)
            return desks.bom.id, desks.bom.bom_line_ids[0].id

    def test_the_bill_shows_and_takes_what_its_parts_apply_on(self, client, db, desks):
        bom, top = desks
        page = client.get(f"/app/mrp.bom/{bom}")
        assert "Apply on Variants" in words(page) and "Legs: Steel" in words(page)
        page = client.submit(page, {f"bom_line_ids.{top}.{self.NAME}.add": "Black"}, button="Save")
        assert page.status_code == 200, words(page)[:500]
        with db.transaction() as env:
            assert env["mrp.bom.line"].browse(top)[self.NAME].product_tmpl_id.name == "Desk", "not the chair's black"

    @pytest.mark.parametrize("wrong", ["Red", "Glass"])
    def test_a_value_that_the_product_does_not_come_in_is_no_choice(self, client, desks, wrong):
        page = client.get(f"/app/mrp.bom.line/{desks[1]}")
        page = client.submit(page, {f"{self.NAME}.add": wrong}, button="Save")
        assert page.status_code == 422

    def test_a_component_of_its_own_page_offers_the_values_of_its_product(self, client, db, desks):
        page = client.get(f"/app/mrp.bom.line/{desks[1]}")
        page = client.submit(page, {f"{self.NAME}.add": "Black"}, button="Save")
        assert page.status_code == 200, words(page)[:500]
        with db.transaction() as env:
            assert env["mrp.bom.line"].browse(desks[1])[self.NAME].product_tmpl_id.name == "Desk"

    def test_by_products_and_operations_have_it_too(self, client, desks):
        for model in ("mrp.bom.byproduct", "mrp.routing.workcenter"):
            assert "Apply on Variants" in words(client.get(f"/app/{model}/new"))

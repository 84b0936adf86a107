"""Bills of materials: finding them, taking them apart, and the loops that must not be."""

from __future__ import annotations

from addons.inventory.testing import assert_stock_laws, put_stock
from addons.manufacturing.exceptions import BillOfMaterialsLoop
from core.exceptions import ValidationError
from core.testing.queries import max_queries
from tests.addons.manufacturing.workshop import D, Workshop, bill, free, on_hand, product

ADDONS = ["manufacturing"]


def leaves(bom, quantity):
    _boms, lines = bom.explode(bom.product_tmpl_id.product_variant_id, D(quantity))
    return [(line.product_id.name, data["qty"]) for line, data in lines]


def test_a_kit_inside_a_bill_gives_way_to_its_components(env):
    screw, plate, table = product(env, "Screw"), product(env, "Plate"), product(env, "Table")
    fitting = product(env, "Fitting")
    bill(env, fitting, {screw: 4, plate: 2}, type="phantom")
    bom = bill(env, table, {fitting: 3, plate: 1})
    assert leaves(bom, 2) == [("Screw", 24), ("Plate", 12), ("Plate", 2)]


def test_units_and_batches_convert_exactly_and_round_once(env):
    dozen = env.ref("inventory.product_uom_dozen")
    egg, cake = product(env, "Egg"), product(env, "Cake")
    bom = bill(env, cake, {egg: 1}, product_qty=3)
    assert leaves(bom, 9) == [("Egg", 3)]
    bom.bom_line_ids.write({"product_uom_id": dozen.id})
    tray = product(env, "Tray")
    kit = bill(env, tray, {cake: 1}, product_uom_id=dozen.id)
    assert leaves(kit, 1) == [("Cake", 1)]


def test_sub_assemblies_are_components_or_opened_on_request(env):
    wood, leg, table = product(env, "Wood"), product(env, "Leg"), product(env, "Table")
    bill(env, leg, {wood: 2})
    bill(env, table, {leg: 4})
    order = env["mrp.production"].create({"product_id": table.id, "product_qty": 5})
    assert [(move.product_id.name, move.product_uom_qty) for move in order.move_raw_ids] == [("Leg", 20)]
    order.explode_subassemblies = True
    assert [(move.product_id.name, move.product_uom_qty) for move in order.move_raw_ids] == [("Wood", 40)]


def test_equal_components_of_exploded_sub_assemblies_are_one(env):
    bolt, top, table = product(env, "Bolt"), product(env, "Top"), product(env, "Table")
    bill(env, top, {bolt: 2})
    bill(env, table, {bolt: 8, top: 1})
    put_stock(bolt, 100)
    order = env["mrp.production"].create({"product_id": table.id, "product_qty": 4, "explode_subassemblies": True})
    assert [(move.product_id.name, move.product_uom_qty) for move in order.move_raw_ids] == [("Bolt", 40)]
    order.product_qty = 3
    assert order.move_raw_ids.product_uom_qty == 30
    order.action_confirm()
    order.product_qty = 5
    assert order.move_raw_ids.product_uom_qty == 50
    order.qty_producing = 2
    order.button_mark_done().action_backorder()
    rest = order.production_group_id.production_ids - order
    assert (order.move_raw_ids.quantity, rest.move_raw_ids.product_uom_qty) == (20, 30)
    assert_stock_laws(env)


def test_the_bill_of_the_variant_goes_before_that_of_the_product(env):
    shop = Workshop(env)
    other = bill(env, shop.table, {shop.top: 2}, product_id=shop.table.id)
    assert env["mrp.bom"]._bom_find(shop.table)[shop.table] == other
    assert not env["mrp.bom"]._bom_find(shop.leg)[shop.leg]


def test_a_bill_is_found_by_its_reference_and_as_it_is_shown(env):
    shop = Workshop(env)
    glued = bill(env, shop.table, {shop.top: 1}, code="Glued")
    for words in ("glued", "Glued: Table", "glued: tab"):
        assert env["mrp.bom"].name_search(words) == [(glued.id, "Glued: Table")]
    assert len(env["mrp.bom"].name_search("Table")) == 2


def test_a_product_cannot_be_made_of_itself(env, refused):
    wood, leg, table = product(env, "Wood"), product(env, "Leg"), product(env, "Table")
    bill(env, leg, {wood: 2})
    bill(env, table, {leg: 4})
    with refused(BillOfMaterialsLoop):
        bill(env, wood, {table: 1}, type="phantom")


def test_a_kit_is_delivered_as_its_components(env):
    shop = Workshop(env)
    box = product(env, "Table Set")
    bill(env, box, {shop.top: 1, shop.leg: 4}, type="phantom")
    picking = env["stock.picking"].create(
        {
            "picking_type_id": env.ref("inventory.picking_type_out").id,
            "move_ids": [(0, 0, {"product_id": box.id, "product_uom_qty": 2})],
        }
    )
    picking.action_confirm()
    assert {move.product_id.name: move.product_uom_qty for move in picking.move_ids} == {
        "Table Top": 2,
        "Table Leg": 8,
    }
    picking.button_validate()
    assert picking.state == "done"
    assert on_hand(shop.leg) == 72
    assert_stock_laws(env)


def test_a_bill_of_1024_leaves_explodes_at_once(env):
    """Ten levels of kits, two lines each; a statement per level and table at the most, whatever the width."""
    bolt = product(env, "Bolt")
    below = [bolt] * 2
    tops = env["product.template"].create([{"name": f"Kit {n}", "is_storable": True} for n in range(1023)])
    products = list(tops.product_variant_id)
    rows = []
    for index, made in enumerate(products):
        first, second = 2 * index + 1, 2 * index + 2
        parts = [products[first], products[second]] if second < len(products) else below
        rows.append(
            {
                "product_tmpl_id": made.product_tmpl_id.id,
                "type": "phantom" if index else "normal",
                "bom_line_ids": [(0, 0, {"product_id": part.id, "product_qty": 1}) for part in parts],
            }
        )
    boms = env["mrp.bom"].create(rows)
    env.flush_all()
    env.invalidate_all()
    with max_queries(env, 40):
        _boms, found = boms[0].explode(products[0], D(3))
    assert len(found) == 1024 and sum(data["qty"] for _line, data in found) == 3 * 1024


def test_by_products_come_out_in_proportion(env):
    shop = Workshop(env)
    offcut = product(env, "Offcut")
    shop.bom.byproduct_ids = [(0, 0, {"product_id": offcut.id, "product_qty": 2})]
    order = shop.order(10)
    assert order.move_byproduct_ids.product_uom_qty == 20
    order.qty_producing = 6
    order.button_mark_done().action_backorder()
    rest = order.production_group_id.production_ids - order
    assert on_hand(offcut) == 12
    assert rest.move_byproduct_ids.product_uom_qty == 8
    rest.button_mark_done()
    assert on_hand(offcut) == 20
    assert_stock_laws(env)


def test_stock_for_the_bill_decides_the_readiness(env):
    shop = Workshop(env, tops=0, legs=0)
    order = shop.order(2)
    assert order.reservation_state == "confirmed"
    put_stock(shop.top, 2)
    put_stock(shop.leg, 8)
    assert order.reservation_state == "assigned"


def test_the_sequence_of_bills_goes_before_the_variant(env):
    table, leg = product(env, "Table"), product(env, "Leg")
    common = bill(env, table, {leg: 4}, sequence=1)
    own = bill(env, table, {leg: 3}, sequence=1, product_id=table.id)
    find = env["mrp.bom"]._bom_find
    assert find(table)[table] == own
    own.sequence = 2
    assert find(table)[table] == common


def test_a_kit_is_as_many_as_its_components_make_up(env):
    """Nested kits, in units of their own; a service is not waited for, and a part kit is none."""
    desk, leg, top = product(env, "Desk"), product(env, "Leg"), product(env, "Top")
    legs = product(env, "Set of Legs")
    delivery = env["product.template"].create({"name": "Assembly", "type": "service"}).product_variant_id
    bill(env, legs, {leg: 4}, type="phantom")
    bill(env, desk, {top: 1, legs: 1, delivery: 1}, type="phantom")
    put_stock(leg, 11)
    put_stock(top, 5)
    assert (on_hand(desk), on_hand(legs), free(desk)) == (2, 2, 2)
    bill_of_dozen = desk.product_tmpl_id.bom_ids
    bill_of_dozen.product_uom_id = env.ref("inventory.product_uom_dozen")
    put_stock(leg, 48)
    put_stock(top, 12)
    assert on_hand(desk) == 144  # twelve tops and sets are for twelve dozen


def test_what_a_bill_makes_is_not_its_by_product(env, refused):
    table, leg = product(env, "Table"), product(env, "Leg")
    made = bill(env, table, {leg: 4})
    with refused(ValidationError, code="manufacturing.byproduct_is_product", data={"product": "Table"}):
        made.byproduct_ids = [(0, 0, {"product_id": table.id})]
        env.flush_all()

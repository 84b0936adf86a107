"""Steps, routes and resupply: where goods go next, and what happens when a warehouse changes its mind."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from addons.inventory.exceptions import NoRule
from core.exceptions import ValidationError

ADDONS = ["inventory"]


def need(stock, product, quantity, location=None, origin="S00001", **values):
    """Something is needed at a place (by default at the customer's)."""
    rule = stock.env["stock.rule"]
    rule.run(
        [
            rule.Procurement(
                product, Decimal(quantity), product.uom_id, location or stock.customers, product.name, origin,
                stock.env.company, {"warehouse_id": stock.warehouse, **values},
            )
        ]
    )  # fmt: skip


def moves_of(stock, product):
    """The planned and done moves of a product, without counts."""
    return stock.env["stock.move"].search([("product_id", "=", product.id), ("is_inventory", "=", False)])


def place(stock, name, inside=None, **values):
    inside = inside or stock.warehouse.view_location_id
    return stock.env["stock.location"].create({"name": name, "location_id": inside.id, **values})


def route(stock, name, source, target, **values):
    """A route of one rule; `values` are the rule's."""
    made = stock.env["stock.route"].create({"name": name, "sequence": values.pop("route_sequence", 10)})
    stock.env["stock.rule"].create(
        {
            "name": name, "route_id": made.id, "action": "pull", "location_src_id": source.id,
            "location_dest_id": target.id, "picking_type_id": stock.internal.id, **values,
        }
    )  # fmt: skip
    return made


def walk(move):
    """Do a move and all that follow it; the names of the places that the goods pass."""
    places = [move.location_id.name]
    while move:
        move.picking_id.button_validate()
        assert move.state == "done"
        places.append(move.location_dest_id.name)
        move = move.move_dest_ids
    return places


# ---------------------------------------------------------------------------- steps
@pytest.mark.parametrize(
    ("steps", "passed"),
    [
        ("ship_only", ["Stock", "Customers"]),
        ("pick_ship", ["Stock", "Output", "Customers"]),
        ("pick_pack_ship", ["Stock", "Packing Zone", "Output", "Customers"]),
    ],
)
def test_each_step_out_follows_from_the_one_before(stock, steps, passed):
    stock.warehouse.delivery_steps = steps
    product = stock.product(on_hand=5)
    need(stock, product, 5)
    first = moves_of(stock, product)
    assert (len(first), first.location_final_id) == (1, stock.customers)
    assert (product.virtual_available, product.outgoing_qty) == (0, 5)  # the goods are spoken for from the start
    assert walk(first) == passed
    kinds = {"ship_only": 0, "pick_ship": 1, "pick_pack_ship": 2}
    assert len(moves_of(stock, product)) == kinds[steps] + 1


@pytest.mark.parametrize(
    ("steps", "passed"),
    [
        ("one_step", ["Vendors", "Stock"]),
        ("two_steps", ["Vendors", "Input", "Stock"]),
        ("three_steps", ["Vendors", "Input", "Quality Control", "Stock"]),
    ],
)
def test_each_step_in_follows_from_the_one_before(stock, steps, passed):
    stock.warehouse.reception_steps = steps
    receipt = stock.receipt((stock.product(), 4))
    assert walk(receipt.move_ids) == passed


def test_a_delivery_under_way_finishes_on_the_steps_it_started_with(stock):
    product = stock.product(on_hand=12)
    stock.warehouse.delivery_steps = "pick_pack_ship"
    need(stock, product, 5, origin="early")
    early = moves_of(stock, product)
    stock.warehouse.delivery_steps = "ship_only"
    need(stock, product, 3, origin="late")
    late = moves_of(stock, product) - early
    stock.warehouse.delivery_steps = "pick_ship"
    need(stock, product, 4, origin="last")
    last = moves_of(stock, product) - early - late
    assert walk(early) == ["Stock", "Packing Zone", "Output", "Customers"]
    assert walk(late) == ["Stock", "Customers"]
    assert walk(last) == ["Stock", "Output", "Customers"]


def test_switching_steps_back_and_forth_leaves_one_set_of_rules(stock):
    warehouse = stock.warehouse
    for steps in ("pick_ship", "pick_pack_ship", "ship_only", "pick_ship", "pick_pack_ship"):
        warehouse.delivery_steps = steps
    for steps in ("three_steps", "one_step", "two_steps"):
        warehouse.reception_steps = steps
    assert warehouse.delivery_route_id.rule_ids.mapped("action") == ["pull", "push", "push"]
    assert warehouse.reception_route_id.rule_ids.mapped("action") == ["push"]
    assert warehouse.mto_pull_id.picking_type_id == warehouse.pick_type_id
    assert warehouse.in_type_id.default_location_dest_id == warehouse.wh_input_stock_loc_id
    assert not warehouse.qc_type_id.active and warehouse.store_type_id.active


# ---------------------------------------------------------------------------- rules
def test_a_route_chosen_is_asked_before_those_of_product_category_and_warehouse(stock):
    shelf = place(stock, "Shelf")
    names = ("chosen", "product", "category", "warehouse")
    routes = {
        name: route(stock, name, place(stock, name), shelf, route_sequence=40 - position)
        for position, name in enumerate(names)
    }
    above = stock.env["product.category"].create({"name": "Above", "route_ids": [(6, 0, routes["category"].ids)]})
    below = stock.env["product.category"].create({"name": "Below", "parent_id": above.id})
    stock.warehouse.route_ids = [(4, routes["warehouse"].id)]
    product = stock.product(categ_id=below.id, route_ids=[(6, 0, routes["product"].ids)])
    need(stock, product, 1, shelf, "chosen", route_ids=routes["chosen"])
    need(stock, product, 1, shelf, "product")
    product.route_ids = [(5,)]
    need(stock, product, 1, shelf, "category")
    product.categ_id = stock.env.ref("inventory.product_category_goods")
    need(stock, product, 1, shelf, "warehouse")
    assert [(move.origin, move.location_id.name) for move in moves_of(stock, product)] == [(n, n) for n in names]


def test_the_nearest_place_has_the_first_word(stock):
    shelf = place(stock, "Shelf")
    drawer = place(stock, "Drawer", shelf)
    near, far = place(stock, "Near"), place(stock, "Far")
    product = stock.product(
        route_ids=[(6, 0, (route(stock, "far", far, shelf, route_sequence=1) | route(stock, "near", near, drawer)).ids)]
    )
    need(stock, product, 1, drawer)
    assert moves_of(stock, product).location_id == near


def test_a_rule_of_the_warehouse_is_taken_before_one_for_all(stock):
    shelf = place(stock, "Shelf")
    made = route(stock, "all", place(stock, "Anybody's"), shelf, sequence=1)
    own = place(stock, "Ours")
    stock.env["stock.rule"].create(
        {
            "name": "ours", "route_id": made.id, "action": "pull", "location_src_id": own.id, "sequence": 9,
            "location_dest_id": shelf.id, "picking_type_id": stock.internal.id, "warehouse_id": stock.warehouse.id,
        }
    )  # fmt: skip
    product = stock.product(route_ids=[(6, 0, made.ids)])
    need(stock, product, 1, shelf)
    assert moves_of(stock, product).location_id == own


def test_where_a_pull_ends_is_for_its_operation_type_or_the_rule_to_say(stock):
    shelf = place(stock, "Shelf")
    drawer = place(stock, "Drawer", shelf)
    made = route(stock, "fill", stock.stock, shelf)
    product = stock.product(on_hand=9, route_ids=[(6, 0, made.ids)])
    need(stock, product, 1, drawer, "need")
    made.rule_ids.location_dest_from_rule = True
    need(stock, product, 1, drawer, "rule")
    bay = place(stock, "Bay")
    made.rule_ids.location_dest_from_rule = False
    made.rule_ids.picking_type_id = stock.internal.copy({"default_location_dest_id": bay.id, "name": "To the bay"})
    need(stock, product, 1, drawer, "type")
    ends = {move.origin: (move.location_dest_id, move.location_final_id) for move in moves_of(stock, product)}
    assert ends == {"need": (drawer, drawer), "rule": (shelf, drawer), "type": (bay, drawer)}


def test_lead_times_of_rules_move_dates_and_deadlines_forward(stock):
    product = stock.product(on_hand=1)
    stock.warehouse.delivery_route_id.rule_ids.delay = 2
    due = datetime(2031, 5, 20, 12)
    need(stock, product, 1, date_planned=due, date_deadline=due)
    move = moves_of(stock, product)
    assert (move.date, move.date_deadline) == (due - timedelta(days=2), due - timedelta(days=2))


# ---------------------------------------------------------------------------- push
def test_a_push_rule_speaks_for_the_products_of_its_route_only(stock):
    museum = place(stock, "Museum")
    made = route(stock, "To the museum", stock.stock, museum, action="push")
    statue, chair = stock.product("Statue", route_ids=[(6, 0, made.ids)]), stock.product("Chair")
    receipt = stock.receipt((statue, 1), (chair, 1))
    receipt.button_validate()
    onward = receipt.move_ids.move_dest_ids
    assert (onward.product_id, onward.location_dest_id, onward.state) == (statue, museum, "assigned")


def test_a_transparent_push_sends_goods_there_at_once(stock):
    museum = place(stock, "Museum")
    made = route(stock, "To the museum", stock.stock, museum, action="push", auto="transparent", delay=1)
    statue = stock.product("Statue", route_ids=[(6, 0, made.ids)])
    receipt = stock.receipt((statue, 1))
    receipt.button_validate()
    assert not receipt.move_ids.move_dest_ids
    assert (stock.on_hand(statue, museum), stock.on_hand(statue)) == (1, 0)


def test_what_waits_at_the_end_of_a_reception_waits_for_its_last_step(stock):
    stock.warehouse.reception_steps = "two_steps"
    product = stock.product()
    waiting = stock.delivery((product, 3), confirm=False)
    receipt = stock.receipt((product, 3), confirm=False)
    receipt.move_ids.write({"location_final_id": stock.stock.id, "move_dest_ids": [(4, waiting.move_ids.id)]})
    (waiting | receipt).action_confirm()
    receipt.button_validate()
    storing = receipt.move_ids.move_dest_ids
    assert storing.move_dest_ids == waiting.move_ids and waiting.state == "waiting"
    storing.picking_id.button_validate()
    assert waiting.state == "assigned"


def test_a_backorder_entry_lives_through_all_steps(stock):
    stock.warehouse.delivery_steps = "pick_ship"
    product = stock.product(on_hand=4)
    need(stock, product, 10)
    pick = moves_of(stock, product)
    pick.picking_id.button_validate(answers={"backorder": {"*": True}})
    entry = pick.picking_id.backorder_ids.move_ids.shortfall_id
    stock.receive(product, 6)
    entry.move_ids.picking_id.button_validate()
    assert (entry.state, entry.quantity_owed) == ("open", 6)  # it stands on the ramp, and is not delivered
    shipping = entry.move_ids.filtered(lambda move: move.state != "done").picking_id
    shipping.button_validate()
    assert (entry.state, entry.quantity_done, entry.quantity_owed) == ("done", 6, 0)
    assert product.backordered_qty == 0


# ---------------------------------------------------------------------------- resupply
@pytest.mark.parametrize(
    ("out", "into", "passed"),
    [
        ("ship_only", "one_step", ["Stock", "Inter-warehouse transit", "Stock"]),
        ("pick_ship", "two_steps", ["Stock", "Output", "Inter-warehouse transit", "Input", "Stock"]),
    ],
)
def test_a_shop_is_resupplied_from_the_warehouse(stock, out, into, passed):
    shop = stock.env["stock.warehouse"].create(
        {"name": "Shop", "code": "SHP", "resupply_wh_ids": [(6, 0, stock.warehouse.ids)]}
    )
    stock.warehouse.delivery_steps = out
    shop.reception_steps = into
    product = stock.product(on_hand=10, route_ids=[(6, 0, shop.resupply_route_ids.ids)])
    point = stock.env["stock.warehouse.orderpoint"].create(
        {"product_id": product.id, "location_id": shop.lot_stock_id.id, "product_min_qty": 2, "product_max_qty": 7}
    )
    stock.env["stock.rule"].run_scheduler()
    stock.env["stock.rule"].run_scheduler()
    assert (point.qty_forecast, point.qty_to_order, product.with_context(warehouse_id=shop.id).incoming_qty) == (
        7,
        0,
        7,
    )
    sent = moves_of(stock, product).filtered(lambda move: move.location_id == stock.stock)
    assert sent.product_uom_qty == 7
    assert walk(sent) == passed
    assert product.with_context(warehouse_id=shop.id).qty_available == 7


def test_resupply_that_ends_leaves_no_route(stock, refused):
    shop = stock.env["stock.warehouse"].create({"name": "Shop", "code": "SHP"})
    shop.resupply_wh_ids = stock.warehouse
    made = shop.resupply_route_ids
    assert (made.supplied_wh_id, made.supplier_wh_id) == (shop, stock.warehouse)
    shop.resupply_wh_ids = [(5,)]
    assert not made.active
    shop.resupply_wh_ids = stock.warehouse
    assert made.active
    with refused(ValidationError, code="inventory.resupply_from_itself", data={"warehouse": "Shop"}):
        shop.resupply_wh_ids = shop


# ---------------------------------------------------------------------------- reordering
def test_one_rule_that_cannot_order_keeps_no_other_waiting(stock, refused, messages):
    points = stock.env["stock.warehouse.orderpoint"]
    shelf = place(stock, "Shelf")
    fill = route(stock, "fill", stock.stock, shelf)
    good, bad, other = (stock.product(name, on_hand=9) for name in ("Good", "Bad", "Other"))
    (good | other).route_ids = fill
    made = points.create(
        [
            {"product_id": product.id, "location_id": shelf.id, "product_min_qty": 1, "product_max_qty": 3}
            for product in (good, bad, other)
        ]
    )
    stock.env["stock.rule"].run_scheduler()
    assert made.mapped("qty_forecast") == [3, 0, 3]
    messages.check(made[1].supply_problem)
    assert not (made - made[1]).filtered("supply_problem")
    with refused(NoRule) as refusal:
        made[1].action_replenish()
    (need,) = refusal.value.data["needs"]
    assert (need["product"], need["quantity"]) == ("Bad", "3")
    bad.route_ids = fill
    stock.env["stock.rule"].run_scheduler()
    assert (made[1].qty_forecast, made[1].supply_problem) == (3, False)


def test_a_rule_that_is_put_off_or_manual_waits_for_a_person(stock):
    shelf = place(stock, "Shelf")
    product = stock.product(on_hand=9, route_ids=[(6, 0, route(stock, "fill", stock.stock, shelf).ids)])
    point = stock.env["stock.warehouse.orderpoint"].create(
        {
            "product_id": product.id, "location_id": shelf.id, "product_min_qty": 1, "product_max_qty": 3,
            "snoozed_until": datetime.now().date() + timedelta(days=2),
        }
    )  # fmt: skip
    stock.env["stock.rule"].run_scheduler()
    assert point.qty_forecast == 0
    point.write({"snoozed_until": False, "trigger": "manual"})
    stock.env["stock.rule"].run_scheduler()
    assert point.qty_forecast == 0
    point.qty_to_order = 2
    point.action_replenish()
    assert (point.qty_forecast, point.qty_to_order) == (2, 0)


def test_an_exchange_sets_out_where_the_first_goods_did(stock):
    """A delivery in two steps is picked again before it is shipped again."""
    stock.warehouse.delivery_steps = "pick_ship"
    product = stock.product(on_hand=10)
    need(stock, product, 5)
    pick = moves_of(stock, product)
    walk(pick)
    wizard = pick.move_dest_ids.picking_id.action_return()
    wizard.product_return_moves.quantity = 2
    back, again = wizard.action_create_exchanges()
    assert (again.picking_type_id, again.state) == (stock.warehouse.pick_type_id, "assigned")
    back.button_validate()
    assert walk(again.move_ids) == ["Stock", "Output", "Customers"]
    stock.laws()

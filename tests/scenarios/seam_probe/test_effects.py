"""Through every seam: what a third party changes takes effect, whichever way an action takes.

The addon `stillage-seam-probe` changes something visible through each seam of docs/seams.md, and refuses what there is
no room for by a constraint.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from addons.inventory.services.procurement import find_rules
from addons.inventory.testing import assert_stock_laws, put_lots, put_stock
from addons.manufacturing.exceptions import NoBillOfMaterials
from core.exceptions import UserError, ValidationError
from core.orm.seams import overrides, seams
from tests.scenarios.seam_probe.flows import (
    count,
    deliver,
    delivered,
    draft_of_a_kit,
    goods,
    production,
    purchase,
    quotation,
    request,
    rows_of,
    sale,
    scrap,
    sent_back,
    transfer,
)

ADDONS = ("sales", "purchasing", "manufacturing", "seam_probe")

#: Seam -> the functions below that show what its override in the probe changes.
EFFECTS: defaultdict[str, list[Any]] = defaultdict(list)

pytestmark = pytest.mark.slow


def test_the_probe_overrides_every_seam(env):
    """One that is missing belongs into tests/thirdparty/stillage-seam-probe, with an effect below."""
    found = {seam.label: {each.addon for each in overrides(env.registry, seam)} for seam in seams(env.registry)}
    assert [label for label, addons in found.items() if "seam_probe" not in addons] == []
    assert set(found) - set(EFFECTS) == set()
    assert set(EFFECTS) - set(found) == set(), "is no seam any more"


# ---------------------------------------------------------------------------- what each override changes


def through(*labels: str) -> Callable[[Any], Any]:
    """The function shows what the probe changes through these seams."""

    def note(function: Any) -> Any:
        for label in labels:
            EFFECTS[label].append(function)
        return function

    return note


def delivery(env: Any, *products: Any, **values: Any) -> Any:
    """A confirmed delivery."""
    picking = transfer(env, "out", *products, **values)
    picking.action_confirm()
    return picking


@through(
    "sale.order.action_confirm",
    "sale.order._prepare_confirmation_values",
    "sale.order._action_confirm",
    "sale.order.line._prepare_procurement_values",
    "stock.rule.run",
    "stock.rule._run_pull",
    "stock.rule._get_stock_move_values",
    "stock.rule._get_custom_move_fields",
)
def sale_passes_values_to_rules_and_moves(env):
    order = sale(env, goods(env, 2))
    assert order.probe_confirmed and order.probe_ordered and order.probe_planned
    assert set(order.picking_ids.move_ids.mapped("probe_lane")) == {f"lane of {order.name}"}
    assert set(order.picking_ids.move_ids.mapped("probe_text")) == {f"from {order.name}, pulled"}
    assert set(order.picking_ids.move_ids.mapped("probe_document")) == {f"for {order.name}"}


@through("sale.order.line._action_launch_stock_rule")
def digital_product_is_not_delivered(env):
    """When the order is confirmed, when a line is added to it, and when more is ordered."""
    board, licence, course = goods(env, 3)
    (licence | course).default_code = "PROBE-DIGITAL"
    order = quotation(env, board | licence)
    order.action_confirm()
    order.order_line = [(0, 0, {"product_id": course.id, "product_uom_qty": 1})]
    order.order_line.write({"product_uom_qty": 9})
    moves = order.picking_ids.move_ids
    assert moves.product_id == board and sum(moves.mapped("product_uom_qty")) == 9


@through("sale.order._action_cancel")
def cancelled_order_is_noted(env):
    order = quotation(env, goods(env, 1))
    order.action_confirm()
    order.action_cancel()
    assert order.probe_ended and order.picking_ids.state == "cancel"


def replenished(env: Any, route: str, **values: Any) -> Any:
    """A reordering rule that has ordered five of a product along a route."""
    product = goods(env, 1, on_hand=0, route_ids=[(4, env.ref(route).id)], **values)
    point = env["stock.warehouse.orderpoint"].create({"product_id": product.id, "product_min_qty": 5})
    point.action_replenish()
    return point


@through(
    "stock.rule._run_buy",
    "stock.rule._prepare_purchase_order",
    "purchase.order.line._prepare_purchase_order_line_from_procurement",
)
def purchase_names_its_need(env):
    seller = (0, 0, {"partner_id": env["res.partner"].create({"name": "Wood Corner"}).id, "price": 1})
    point = replenished(env, "purchasing.route_warehouse0_buy", seller_ids=[seller])
    line = env["purchase.order.line"].search([("product_id", "=", point.product_id.id)])
    assert (line.product_qty, line.probe_text) == (5, "bought")
    assert line.order_id.notes == f"Wood Corner: {point.name}"


@through("stock.rule._run_manufacture")
def production_is_urgent(env):
    env.company.require_bom = False
    product = replenished(env, "manufacturing.route_warehouse0_manufacture").product_id
    assert env["mrp.production"].search([("product_id", "=", product.id)]).priority == "1"


@through("stock.move._prepare_procurement_values", "stock.move._prepare_procurement_origin")
def supply_of_a_move_has_its_need(env):
    env.company.require_bom = False
    product = goods(env, 1, on_hand=0)
    product.route_ids = env.ref("manufacturing.route_warehouse0_manufacture")
    picking = delivery(env, product, procure_method="make_to_order")
    order = picking.move_ids.created_production_id
    assert order.origin == f"{picking.name}/PROBE" and order.priority == "1"


def shipped_in_two_steps(env: Any) -> Any:
    """An order of two products where shipping asks picking, and its moves with those that feed them."""
    warehouse = env.ref("inventory.warehouse0")
    output, kind = warehouse.wh_output_stock_loc_id, warehouse.pick_type_id
    output.active = kind.active = True
    ship = env.ref("inventory.picking_type_out")
    customers = env.ref("inventory.stock_location_customers")
    route = env["stock.route"].create({"name": "Shipping asks picking"})
    steps = [
        (warehouse.lot_stock_id, output, kind, "make_to_stock"),
        (output, customers, ship, "make_to_order"),
    ]
    for source, target, operation, method in steps:
        values = {"location_src_id": source.id, "location_dest_id": target.id, "picking_type_id": operation.id}
        values |= {"procure_method": method, "location_dest_from_rule": True, "action": "pull"}
        values |= {"propagate_cancel": True}
        env["stock.rule"].create({"name": target.name, "route_id": route.id, **values})
    products = goods(env, 2)
    products.route_ids = route
    order = quotation(env, products)
    order.action_confirm()
    moves = order.picking_ids.move_ids
    return order, moves | moves.move_orig_ids


@through("stock.rule.run")
def need_of_a_move_has_the_values_too(env):
    order, moves = shipped_in_two_steps(env)
    texts = {f"from {order.name}, pulled", f"from {order.name}/PROBE, pulled"}
    assert len(moves) == 4 and set(moves.mapped("probe_text")) == texts


@through("stock.move._action_cancel")
def move_cancelled_with_its_supply_is_noted(env):
    _order, moves = shipped_in_two_steps(env)
    moves.filtered("move_dest_ids").picking_id.action_cancel()
    assert set(moves.mapped("state")) == {"cancel"} and set(moves.mapped("probe_cancelled")) == {True}


@through(
    "purchase.order.button_confirm",
    "purchase.order.button_approve",
    "purchase.order._create_picking",
    "purchase.order.line._prepare_stock_moves",
)
def a_purchase_is_noted(env):
    order = purchase(env, goods(env, 2, on_hand=0))
    assert order.probe_confirmed and order.probe_approved and order.probe_expected
    assert set(order.picking_ids.move_ids.mapped("probe_text")) == {"expected"}


@through("stock.picking.action_confirm", "stock.move._action_confirm", "stock.move._get_new_picking_values")
def confirmed_move_is_noted_and_transfer_has_its_partner(env):
    assert delivery(env, *goods(env, 2)).probe_confirmed
    order = sale(env, goods(env, 2))
    first, _backorder = order.picking_ids
    assert set(first.move_ids.mapped("probe_confirmed")) == {True} and first.probe_note == "for Deco Addict"


@through("stock.move._should_be_assigned")
def a_move_can_stay_out_of_transfers(env):
    row = {
        "product_id": goods(env, 1).id,
        "product_uom_qty": 1,
        "location_id": env.ref("inventory.stock_location_stock").id,
        "location_dest_id": env.ref("inventory.stock_location_customers").id,
        "picking_type_id": env.ref("inventory.picking_type_out").id,
    }
    alone, other = env["stock.move"].create([{**row, "probe_alone": True}, row])
    (alone | other)._action_confirm()
    assert not alone.picking_id and other.picking_id


@through("stock.move._picking_key")
def lanes_go_into_transfers_of_their_own(env):
    row = {
        "product_id": goods(env, 1).id,
        "product_uom_qty": 1,
        "location_id": env.ref("inventory.stock_location_stock").id,
        "location_dest_id": env.ref("inventory.stock_location_customers").id,
        "picking_type_id": env.ref("inventory.picking_type_out").id,
    }
    moves = env["stock.move"].create([{**row, "probe_lane": lane} for lane in ("express", "express", "standard")])
    moves._action_confirm()
    assert len(moves.exists().picking_id) == 2


@through("stock.move._merge_moves")
def merged_move_is_noted(env):
    product = goods(env, 1)
    (move,) = delivery(env, product, product, quantity=2).move_ids
    assert (move.product_uom_qty, move.probe_merged) == (4, True)


@through("stock.move._prepare_merge_moves_distinct_fields")
def lanes_keep_moves_apart(env):
    product = goods(env, 1)
    picking = transfer(env, "out", product, product, product, quantity=2)
    picking.move_ids[0].probe_lane = "express"
    picking.action_confirm()
    assert sorted(picking.move_ids.mapped("product_uom_qty")) == [2, 4]


@through("stock.picking.action_assign", "stock.move._action_assign")
def reservation_by_hand_is_noted(env):
    picking = delivery(env, *goods(env, 1))
    picking.do_unreserve()
    picking.action_assign()
    assert picking.probe_checked and picking.move_ids.probe_assigned


@through("stock.move._action_assign")
def reservation_at_confirmation_is_noted(env):
    assert sale(env, goods(env, 1)).picking_ids[0].move_ids.probe_assigned


@through("stock.move._action_assign")
def reservation_on_arrival_is_noted(env):
    product = goods(env, 1, on_hand=0)
    waiting = delivery(env, product)
    waiting.move_ids.probe_assigned = False
    deliver(transfer(env, "in", product))
    assert waiting.state == "assigned" and waiting.move_ids.probe_assigned


@through("stock.move._should_bypass_reservation")
def a_product_can_do_without_reservation(env):
    assert delivery(env, *goods(env, 1, on_hand=0, default_code="PROBE-FREE")).state == "assigned"


@through("stock.move._do_unreserve")
def a_move_can_keep_its_reservation(env):
    picking = delivery(env, *goods(env, 2))
    picking.move_ids[0].probe_keeps = True
    picking.do_unreserve()
    assert picking.move_ids.mapped("quantity") == [8, 0]


@through("stock.move._split_field_names", "stock.picking._backorder_field_names")
def a_backorder_keeps_no_secret(env):
    picking = delivery(env, *goods(env, 2))
    picking.probe_secret = "first shipment"
    picking.move_ids.probe_secret = "first part"
    deliver(picking, 5)
    rest = picking.backorder_ids
    assert (rest.probe_secret, set(rest.move_ids.mapped("probe_secret"))) == (False, {False})


@through("stock.picking._create_backorder", "stock.picking._prepare_backorder_vals")
def backorder_has_its_original(env):
    picking = delivery(env, *goods(env, 2))
    deliver(picking, 5)
    assert (picking.backorder_ids.probe_note, picking.backorder_ids.probe_rest_of) == ("backorder", picking.name)
    parts = delivery(env, *goods(env, 2))
    parts.move_ids.quantity = 5
    parts.action_split_transfer()
    assert (parts.backorder_ids.probe_note, parts.backorder_ids.probe_rest_of) == ("backorder", parts.name)


@through("stock.move._get_underdelivery_tolerance")
def tolerated_quantity_becomes_no_backorder(env):
    picking = delivery(env, *goods(env, 2))
    picking.move_ids[0].probe_lane = "loose"
    deliver(picking, 5)
    assert picking.backorder_ids.move_ids.product_id == picking.move_ids.filtered(lambda m: not m.probe_lane).product_id


@through("stock.move._tolerated_documents")
def quiet_products_are_left_out_of_the_history(env):
    picking = delivery(env, *goods(env, 2))
    picking.move_ids.probe_lane = "loose"
    picking.move_ids[0].product_id.default_code = "PROBE-QUIET"
    deliver(picking, 5)
    assert picking.closed_within_tolerance.count("3 ") == 1


@through("stock.move._split")
def backorder_is_marked_as_split(env):
    picking = delivery(env, *goods(env, 2))
    deliver(picking, 5)
    assert set(picking.backorder_ids.move_ids.mapped("probe_split_off")) == {True}


@through("stock.move._demand_entered")
def demand_entered_by_hand_is_noted(env):
    moves = delivery(env, *goods(env, 2)).move_ids
    assert not any(moves.mapped("probe_entered"))
    moves.product_uom_qty = 5
    assert set(moves.mapped("probe_entered")) == {"5 entered"}


@through("stock.move._prepare_move_split_vals")
def part_has_the_split_quantity(env):
    picking = delivery(env, *goods(env, 2))
    deliver(picking, 5)
    assert set(picking.backorder_ids.move_ids.mapped("probe_part")) == {"3 split off"}


@through("stock.move._prepare_phantom_move_values")
def component_knows_how_many_of_it_a_kit_takes(env):
    picking = draft_of_a_kit(env, 2)
    picking.action_confirm()
    assert picking.move_ids.mapped("probe_text") == ["6 of a kit"] * 2


@through("stock.move._split")
def remaining_components_are_marked_as_split(env):
    order = order_for(env, goods(env, 2))
    order.qty_producing = 2
    order.button_mark_done({"backorder": {"*": True}})
    (rest,) = order.production_group_id.production_ids - order
    assert set(rest.move_raw_ids.mapped("probe_split_off")) == {True}


@through(
    "stock.picking.button_validate",
    "stock.picking._action_done",
    "stock.move._action_done",
    "stock.move.line._action_done",
)
def done_move_is_noted(env):
    picking = delivery(env, *goods(env, 2))
    deliver(picking)
    assert picking.probe_validated and picking.probe_closed
    assert set(picking.move_ids.mapped("probe_done")) == set(picking.move_line_ids.mapped("probe_done")) == {True}


@through("sale.order.action_cancel", "purchase.order.button_cancel", "stock.picking.action_cancel")
def move_cancelled_with_its_order_is_noted(env):
    products = goods(env, 1)
    sold = quotation(env, products)
    lines = [(0, 0, {"product_id": products.id, "product_qty": 8})]
    bought = env["purchase.order"].create({"partner_id": sold.partner_id.id, "order_line": lines})
    sold.action_confirm()
    bought.button_confirm()
    sold.action_cancel()
    bought.button_cancel()
    assert sold.probe_cancelled and bought.probe_cancelled
    assert set((sold.picking_ids | bought.picking_ids).mapped("probe_note")) == {"cancelled"}


@through("mrp.production.action_cancel")
def a_cancelled_production_is_noted(env):
    order = order_for(env, goods(env, 1))
    order.action_cancel()
    assert order.probe_cancelled and set(order.move_raw_ids.mapped("probe_cancelled")) == {True}


@through("stock.move._action_cancel")
def cancelled_move_is_noted(env):
    picking = delivery(env, *goods(env, 2))
    picking.action_cancel()
    assert set(picking.move_ids.mapped("probe_cancelled")) == {True}
    part = delivery(env, *goods(env, 1))
    part.move_ids.quantity = 5
    part.button_validate({"backorder": {"*": False}})
    assert sorted(part.move_ids.mapped("probe_cancelled")) == [False, True]


@through("stock.move._document_name")
def a_move_is_known_by_our_document(env):
    picking = delivery(env, *goods(env, 1))
    picking.move_ids.probe_document = "PROBE/1"
    with pytest.raises(UserError, match="PROBE/1"):
        picking.move_ids._split([9])


@through("stock.move.line.create", "stock.move.line.write")
def all_lines_are_tagged_and_posted(env):
    order = sale(env, goods(env, 2))
    lines = order.picking_ids.move_line_ids
    assert set(lines.mapped("probe_tag")) == {"tagged"} and set(lines.mapped("probe_posted")) == {True}
    family = production(env, goods(env, 2))
    assert set(family.finished_move_line_ids.mapped("probe_tag")) == {"tagged"}


@through("stock.move._prepare_move_line_vals")
def lines_have_their_stock_row(env):
    product = goods(env, 1)
    (row,) = rows_of(product)
    line = delivery(env, product).move_line_ids
    assert line.probe_prepared and line.probe_stock == row.display_name
    assert transfer(env, "in", product).move_ids._action_confirm().move_line_ids.probe_prepared


@through("stock.move.line.unlink")
def deleted_lines_are_noted(env):
    picking = delivery(env, *goods(env, 1))
    picking.do_unreserve()
    assert not picking.move_line_ids and picking.probe_lines_dropped


@through("stock.quant.create", "stock.quant.write")
def stock_rows_have_their_origin(env):
    products = goods(env, 2, on_hand=0)
    purchase(env, products)
    rows = rows_of(products)
    assert set(rows.mapped("probe_created")) == {True} and set(rows.mapped("probe_changed")) == {True}


@through("stock.quant.unlink")
def deleted_stock_rows_are_noted(env):
    product = goods(env, 1, on_hand=0, tracking="lot")
    put_lots(product, {env["stock.lot"].create({"name": "L1", "product_id": product.id}): 8})
    delivery(env, product).button_validate()
    assert product.probe_rows_gone == 1 and not rows_of(product)


@through("stock.quant._gather")
def blocked_lots_do_not_go_out(env):
    product = goods(env, 1, on_hand=0, tracking="lot")
    blocked, free = env["stock.lot"].create([{"name": name, "product_id": product.id} for name in ("L1", "L2")])
    put_lots(product, {blocked: 10, free: 10})
    blocked.probe_blocked = True
    assert delivery(env, product).move_line_ids.lot_id == free
    assert env["stock.quant"]._gather(product, env.ref("inventory.stock_location_stock")).lot_id == free


@through("stock.quant._get_available_quantity")
def blocked_quantity_is_not_reserved(env):
    assert not delivery(env, goods(env, 1, default_code="PROBE-BLOCKED")).move_line_ids


@through("stock.quant._update_available_quantities", "stock.quant._update_available_quantity")
def posting_changes_stock_through_the_probe(env):
    products = goods(env, 2, on_hand=0)
    order = purchase(env, products)
    assert set(order.picking_ids.move_ids.mapped("probe_stock_changes")) == {2}
    assert set(products.mapped("probe_adjusted")) == {2}, "it came in two parts"


@through("stock.quant._get_available_quantity", "stock.quant._update_available_quantity")
def free_quantity_and_adjustment_go_through_the_probe(env):
    product = goods(env, 1, default_code="PROBE-BLOCKED")
    stock = env.ref("inventory.stock_location_stock")
    quants = env["stock.quant"]
    assert quants._get_available_quantity(product, stock) == 0
    product.default_code = False
    quants._update_available_quantity(product, stock, Decimal(3))
    assert quants._get_available_quantity(product, stock) == 13 and product.probe_adjusted


@through(
    "stock.return.picking._create_return",
    "stock.return.picking._prepare_picking_default_values",
    "stock.return.picking.line._prepare_move_default_values",
)
def return_has_its_origin(env):
    picking = delivered(env, 1)
    back = sent_back(env, picking)
    assert (back.probe_note, back.priority) == (f"back from {picking.name}", "1")
    assert set(back.move_ids.mapped("probe_text")) == {"returned"}


@through("stock.scrap._prepare_move_values")
def scrap_is_noted(env):
    assert set(scrap(env, goods(env, 2)).move_ids.mapped("probe_text")) == {"scrapped"}


@through("stock.quant._apply_inventory", "stock.quant._get_inventory_move_values")
def count_is_noted(env):
    products = goods(env, 2)
    before = env["stock.move"].search([("product_id", "in", products.ids)])
    count(env, rows_of(products))
    assert products.mapped("probe_counted") == [2, 2], "put there, and counted"
    posted = env["stock.move"].search([("product_id", "in", products.ids)]) - before
    assert len(posted) == 2 and set(posted.mapped("probe_text")) == {"counted"}


@through("stock.rule._run_push", "stock.rule._push_prepare_move_copy_values")
def push_is_noted(env):
    env.ref("inventory.warehouse0").reception_steps = "two_steps"
    order = purchase(env, goods(env, 1, on_hand=0))
    onward = order.picking_ids.move_ids.move_dest_ids
    assert onward and set(onward.mapped("probe_text")) == {"pushed"}
    assert set(onward.mapped("probe_document")) == {"pushed"}


@through("stock.rule._push_routes")
def a_route_for_all_sends_on_what_has_come(env):
    stock = env.ref("inventory.stock_location_stock")
    shelf = env["stock.location"].create({"name": "Shelf", "location_id": stock.id})
    route = env["stock.route"].create({"name": "To the shelf", "probe_for_all": True})
    values = {"action": "push", "location_src_id": stock.id, "location_dest_id": shelf.id, "route_id": route.id}
    kind = env.ref("inventory.picking_type_internal")
    env["stock.rule"].create({"name": "On the shelf", "picking_type_id": kind.id, **values})
    picking = transfer(env, "in", goods(env, 1, on_hand=0))
    deliver(picking)
    assert picking.move_ids.move_dest_ids.location_dest_id == shelf


def need_of(env: Any, product: Any) -> Any:
    """Five of a product are needed in stock."""
    return env["stock.rule"].Procurement(
        product_id=product,
        product_qty=Decimal(5),
        product_uom=product.uom_id,
        location_id=env.ref("inventory.stock_location_stock"),
        name="Need",
        origin="Test",
        company_id=env.company,
        values={},
    )


@through("stock.rule._refusals")
def addon_refuses_a_need(env):
    ours, other = goods(env, 2)
    other.default_code = "PROBE-REFUSED"
    needs = find_rules(env, [need_of(env, ours), need_of(env, other)])
    assert env["stock.rule"]._refusals(needs)[id(needs[1])] == "not ours"


@through("stock.warehouse.orderpoint._prepare_procurement_values")
def a_reordering_rule_orders_with_priority(env):
    stock = env.ref("inventory.stock_location_stock")
    reserve = env["stock.location"].create({"name": "Reserve", "location_id": stock.location_id.id})
    route = env["stock.route"].create({"name": "From the reserve", "product_selectable": True})
    values = {"action": "pull", "location_src_id": reserve.id, "location_dest_id": stock.id, "route_id": route.id}
    kind = env.ref("inventory.picking_type_internal")
    rule = env["stock.rule"].create({"name": "From the reserve", "picking_type_id": kind.id, **values})
    product = goods(env, 1, on_hand=0, route_ids=[(4, route.id)])
    point = env["stock.warehouse.orderpoint"].create({"product_id": product.id, "product_min_qty": 5})
    point.action_replenish()
    move = env["stock.move"].search([("rule_id", "=", rule.id)])
    assert (move.product_id, move.priority, move.product_uom_qty) == (product, "1", 5)


@through("mrp.production._postpone_without_bom")
def product_without_bill_can_be_made_later(env):
    env.company.require_bom = True
    route = env.ref("manufacturing.route_warehouse0_manufacture")
    later, never = goods(env, 2, on_hand=0, route_ids=[(4, route.id)])
    later.default_code = "PROBE-LATER"
    env["stock.rule"].run([need_of(env, later)])
    assert not env["mrp.production"].search([("product_id", "=", later.id)])
    with pytest.raises(NoBillOfMaterials):
        env["stock.rule"].run([need_of(env, never)])


@through("stock.rule._lead_days")
def a_rule_takes_a_day_more(env):
    product = goods(env, 1)
    product.route_ids = env.ref("purchasing.route_warehouse0_buy")
    seller = {"partner_id": env["res.partner"].create({"name": "Wood Corner"}).id, "delay": 3, "price": 1}
    product.seller_ids = [(0, 0, seller)]
    point = env["stock.warehouse.orderpoint"].create({"product_id": product.id, "product_min_qty": 5})
    assert point.lead_days == 3 + 1


@through(
    "mrp.production.action_confirm",
    "mrp.production._get_move_raw_values",
    "mrp.production._get_moves_raw_values",
    "mrp.production._get_move_finished_values",
    "mrp.production._get_moves_finished_values",
    "mrp.production._get_backorder_mo_vals",
    "mrp.production._post_inventory",
    "mrp.production._draw_components",
    "mrp.production.button_mark_done",
    "mrp.production._button_mark_done_sanity_checks",
)
def a_production_in_parts_is_noted_all_along(env):
    family = production(env, goods(env, 2))
    first = family[0]
    assert first.probe_confirmed and set(family.mapped("probe_pressed")) == {True}
    assert set(family.mapped("probe_checked")) == {True}
    assert set(family.move_raw_ids.mapped("probe_text")) == {"component"}
    assert set(family.move_finished_ids.mapped("probe_text")) == {"product"}
    assert set(first.move_raw_ids.mapped("description_picking")) == {"planned"}
    assert set(first.move_finished_ids.mapped("description_picking")) == {"planned"}
    assert set(family.mapped("probe_posted")) == set(family.mapped("probe_drawn")) == {True}
    assert family[1:].mapped("probe_parent") == [first.name] * 2


@through("mrp.production._split_productions")
def part_of_a_production_is_marked_as_split(env):
    assert production(env, goods(env, 2)).mapped("probe_split_off") == [False, True, True]


def order_for(env: Any, components: Any, quantity: int = 4, **values: Any) -> Any:
    """A confirmed order for shelves, of one of each component."""
    shelf = env["product.product"].create({"name": "Shelf", "is_storable": True})
    lines = [(0, 0, {"product_id": component.id, "product_qty": 1}) for component in components]
    env["mrp.bom"].create({"product_tmpl_id": shelf.product_tmpl_id.id, "bom_line_ids": lines, **values})
    order = env["mrp.production"].create({"product_id": shelf.id, "product_qty": quantity})
    order.action_confirm()
    return order


@through("mrp.production._get_backorder_mo_vals")
def a_part_takes_over_the_columns_of_addons(env):
    order = order_for(env, goods(env, 1))
    order.probe_lane = "north"
    order.qty_producing = 1
    order.button_mark_done({"backorder": {"*": True}})
    (rest,) = order.production_group_id.production_ids - order
    assert rest.probe_lane == "north" and rest.probe_parent


@through("stock.move._prepare_procurement_origin", "stock.move._prepare_procurement_values")
def more_of_a_component_is_asked_for_like_the_rest(env):
    env.ref("inventory.warehouse0").manufacture_steps = "pbm"
    order = order_for(env, goods(env, 1))
    order.product_qty = 6
    fetched = order.move_raw_ids.move_orig_ids
    assert set(fetched.mapped("origin")) == {f"{order.name}/PROBE"}
    assert set(fetched.mapped("priority")) == {"1"}
    assert sum(fetched.mapped("product_uom_qty")) == 6


@through("mrp.production._set_qty_producing")
def a_quantity_being_produced_is_noted(env):
    order = order_for(env, goods(env, 1))
    order.qty_producing = 2
    order.set_qty_producing()
    assert order.probe_stated


@through("mrp.production._action_generate_backorder_wizard")
def probe_extends_the_backorder_question(env):
    env.ref("inventory.warehouse0").manu_type_id.create_backorder = "ask"
    order = order_for(env, goods(env, 1))
    order.qty_producing = 2
    assert order.button_mark_done().probe_note == "backorder"


@through("mrp.production._action_generate_consumption_wizard")
def probe_extends_the_consumption_question(env):
    order = order_for(env, goods(env, 1), consumption="warning")
    order.qty_producing = 4
    order.set_qty_producing()
    order.move_raw_ids.quantity = 5
    assert order.button_mark_done().probe_note == "consumption"


@through("mrp.production._get_consumption_issues")
def as_much_glue_as_wanted_may_be_used(env):
    order = order_for(env, goods(env, 1), consumption="strict")
    order.move_raw_ids.product_id.default_code = "PROBE-GLUE"
    order.qty_producing = 4
    order.set_qty_producing()
    order.move_raw_ids.quantity = 5
    assert order.button_mark_done() is None


@through("mrp.production._get_underdelivery_tolerance")
def a_production_of_which_enough_is_made_is_closed(env):
    order = order_for(env, goods(env, 1))
    order.product_id.default_code = "PROBE-LOOSE"
    order.qty_producing = order.product_qty / 2
    assert order.button_mark_done() is None
    assert order.production_group_id.production_ids <= order


@through("mrp.production._action_generate_transfer_wizard", "mrp.production._transfer_components")
def probe_extends_the_transfer_question_and_answer(env):
    env.ref("inventory.warehouse0").manufacture_steps = "pbm"
    order = order_for(env, goods(env, 1))
    question = order.button_mark_done()
    assert question.probe_note == "transfer"
    assert not question.action_make_transfer()
    assert order.probe_fetched and order.state == "done"


@pytest.mark.parametrize(
    "effect",
    [
        pytest.param(effect, id=effect.__name__)
        for effect in dict.fromkeys(effect for effects in EFFECTS.values() for effect in effects)
    ],
)
def test_what_the_probe_changes_takes_effect(env, effect):
    effect(env)
    assert_stock_laws(env)


# ---------------------------------------------------------------------------- a constraint on what is on hand


def receive_too_many(env: Any, product: Any) -> None:
    """Eleven arrive where there is room for ten."""
    deliver(transfer(env, "in", product, quantity=11))


def count_too_many(env: Any, product: Any) -> None:
    """Eleven are counted where there is room for ten."""
    put_stock(product, 11)


def make_too_many(env: Any, product: Any) -> None:
    """Eleven are made where there is room for ten."""
    part = goods(env, 1, on_hand=20)
    lines = [(0, 0, {"product_id": part.id, "product_qty": 1})]
    env["mrp.bom"].create({"product_tmpl_id": product.product_tmpl_id.id, "bom_line_ids": lines})
    order = env["mrp.production"].create({"product_id": product.id, "product_qty": 11})
    order.action_confirm()
    order.button_mark_done()


@pytest.mark.parametrize("action", [receive_too_many, count_too_many, make_too_many])
@pytest.mark.parametrize("on_hand", [0, 1])
def test_a_constraint_on_the_quantity_on_hand_refuses_in_its_own_words(env, action, on_hand):
    """Whether the row of stock is there already or not."""
    product = goods(env, 1, on_hand=on_hand, probe_room=10)
    with pytest.raises(ValidationError, match="There is room for 10 of Board 0 only"), env.savepoint():
        action(env, product)
    assert sum(rows_of(product).mapped("quantity")) == on_hand
    assert_stock_laws(env)


def test_missing_lots_are_refused_after_overrides_of_posting_could_add_them(env):
    """The probe overrides what posts lines, so a receipt without lots is asked about first, and then refused."""
    order = request(env, goods(env, 1, on_hand=0, tracking="lot"))
    order.button_confirm()
    receipt = order.picking_ids
    receipt.move_ids.quantity = 5
    question = receipt.button_validate()
    assert question._name == "stock.backorder.confirmation"
    with pytest.raises(UserError, match="lot or serial number"):
        question.process()

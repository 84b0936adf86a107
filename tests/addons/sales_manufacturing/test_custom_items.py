"""Custom items: named on an order, on backorder until a manufacturing order has made them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws
from addons.manufacturing.exceptions import NoBillOfMaterials
from addons.sales_manufacturing.services import custom_items
from tests.addons.sales.desk import Desk, ship

ADDONS = ("sales", "manufacturing")


@pytest.fixture
def desk(env: Any) -> Iterator[Desk]:
    """The sales desk; the stock laws are asserted when the test is over."""
    yield Desk(env)
    assert_stock_laws(env)


def custom(env: Any, name: str = "Walnut desk 180 cm") -> Any:
    """A custom item, created as the product field of an order line does it."""
    made, _name = env["product.product"].with_context(default_is_custom=True).name_create(name)
    return env["product.product"].browse(made)


def order_for(product: Any) -> Any:
    """The manufacturing orders for a product."""
    return product.env["mrp.production"].search([("product_id", "=", product.id)])


def add_bill(line: Any, component: Any) -> Any:
    """Fill in the bill that *New Bill* on the line opens."""
    bill = line.action_new_bom()
    bill.write({"bom_line_ids": [(0, 0, {"product_id": component.id, "product_qty": 2})]})
    return bill


def test_a_custom_item_waits_on_backorder_for_its_bill_and_its_production(desk: Desk) -> None:
    plank = desk.product("Plank", 10)
    desk_item = custom(desk.env)
    order = desk.order((desk_item, 3, {"price_unit": 900}))
    line = order.order_line
    assert (line.qty_backorder, line.needs_bom, order_for(desk_item).ids) == (3, True, [])
    assert order.has_descriptions, "its description is shown"
    bill = add_bill(line, plank)
    assert (bill.product_tmpl_id, bill.product_qty, line.needs_bom) == (desk_item.product_tmpl_id, 1, False)
    production = order_for(desk_item)
    assert (production.product_qty, production.bom_id, production.state) == (3, bill, "confirmed")
    assert order.mrp_production_ids == production
    bill.write({"bom_line_ids": [(1, bill.bom_line_ids.id, {"product_qty": 3})]})
    assert order_for(desk_item) == production, "a bill that changes makes nothing twice"
    assert line.qty_backorder == 3
    production.button_mark_done()
    assert (line.qty_backorder, line.shortage_status) == (0, "ready")
    ship(order.picking_ids)
    assert order.delivery_status == "full"


def test_a_bill_that_is_there_before_the_order_makes_it_at_once(desk: Desk) -> None:
    plank = desk.product("Plank", 10)
    item = custom(desk.env)
    quotation = desk.quotation((item, 1))
    add_bill(quotation.order_line, plank)
    assert not order_for(item)
    quotation.action_confirm()
    assert len(order_for(item)) == 1


def test_without_required_bills_the_order_is_made_of_what_is_added_to_it(desk: Desk) -> None:
    desk.env.company.require_bom = False
    item = custom(desk.env)
    order = desk.order((item, 2))
    production = order_for(item)
    assert (production.state, production.bom_id.id, order.order_line.needs_bom) == ("confirmed", False, False)
    assert order.order_line.qty_backorder == 2
    production.button_mark_done()
    assert (production.state, order.order_line.qty_backorder) == ("done", 0)
    ship(order.picking_ids)
    assert order.delivery_status == "full"


def test_a_cancelled_order_makes_no_custom_item(desk: Desk) -> None:
    plank = desk.product("Plank", 10)
    item = custom(desk.env)
    order = desk.order((item, 3))
    order.action_cancel()
    assert not order.order_line.needs_bom
    add_bill(order.order_line, plank)
    assert not order_for(item)


def test_more_of_a_custom_item_is_made_too(desk: Desk) -> None:
    plank = desk.product("Plank", 20)
    item = custom(desk.env)
    order = desk.order((item, 3))
    order.order_line.product_uom_qty = 5
    add_bill(order.order_line, plank)
    assert sum(order_for(item).mapped("product_qty")) == 5
    order.order_line.product_uom_qty = 6
    assert sum(order_for(item).mapped("product_qty")) == 6


def test_other_products_still_need_a_bill(desk: Desk, refused: Any) -> None:
    plain = desk.product("Desk")
    plain.route_ids = custom(desk.env).route_ids
    with refused(NoBillOfMaterials), desk.env.savepoint():
        desk.order((plain, 1))


def test_salespeople_name_custom_items_and_no_other_products(env: Any) -> None:
    user = env["res.users"].create(
        {"name": "Sam", "login": "sam", "group_ids": [(6, 0, [env.ref("sales.group_sale_salesman").id])]}
    )
    products = env["product.product"].with_user(user)
    assert not products._can_name_create()
    asked = products.with_context(default_is_custom=True, default_standard_price=5)
    assert asked._can_name_create()
    item = env["product.product"].browse(asked.name_create("Walnut desk")[0])
    assert (item.name, item.is_custom, item.is_storable, item.standard_price) == ("Walnut desk", True, True, 0)


def test_an_empty_bill_is_named_by_work_orders(desk: Desk) -> None:
    item = custom(desk.env)
    order = desk.order((item, 3))
    order.order_line.action_new_bom()
    desk.env.take_notifications()
    order.order_line.move_ids.action_make_missing()
    (skipped,) = desk.env.take_notifications()
    assert skipped.kind == "warning" and "Walnut desk" in skipped.message and not order_for(item)


def test_work_orders_make_a_custom_item_for_its_order(desk: Desk) -> None:
    """A bill whose lines were there before the order waited for it, such as one of an import of older data."""
    item = custom(desk.env)
    order = desk.order((item, 3))
    bill = order.order_line.action_new_bom()
    line = {"bom_id": bill.id, "product_id": desk.product("Plank", 30).id, "product_qty": 2}
    with custom_items.collected(desk.env):
        desk.env["mrp.bom.line"].create(line)
        move = order.order_line.move_ids
        move.action_make_missing()
    production = order_for(item)
    assert (production.product_qty, move.created_production_id) == (3, production)
    move.action_make_missing()
    bill.write({"bom_line_ids": [(1, bill.bom_line_ids.id, {"product_qty": 3})]})
    assert order_for(item) == production, "it is made once"
    production.button_mark_done()
    ship(order.picking_ids)
    assert order.delivery_status == "full"


def complete_by_line(bill: Any, line: dict[str, Any]) -> None:
    bill.env["mrp.bom.line"].create({"bom_id": bill.id, **line})


def complete_by_command(bill: Any, line: dict[str, Any]) -> None:
    bill.write({"bom_line_ids": [(0, 0, line)]})


def complete_by_moved_line(bill: Any, line: dict[str, Any]) -> None:
    other = bill.env["mrp.bom"].create(
        {"product_tmpl_id": bill.bom_line_ids.product_id.create({"name": "Other"}).product_tmpl_id.id}
    )
    bill.env["mrp.bom.line"].create({"bom_id": other.id, **line}).write({"bom_id": bill.id})


def complete_by_import(bill: Any, line: dict[str, Any]) -> None:
    fields = ["bom_id/.id", "product_id/.id", "product_qty"]
    rows = [[str(bill.id), str(line["product_id"]), str(line["product_qty"])]]
    assert not bill.env["mrp.bom.line"].load(fields, rows)["messages"]


def complete_by_unarchiving(bill: Any, line: dict[str, Any]) -> None:
    bill.active = False
    complete_by_line(bill, line)
    assert not order_for(bill.product_tmpl_id.product_variant_ids)
    bill.active = True


@pytest.mark.parametrize(
    "complete",
    [complete_by_line, complete_by_command, complete_by_moved_line, complete_by_import, complete_by_unarchiving],
)
def test_a_custom_item_is_started_however_its_bill_is_completed(desk: Desk, complete: Any) -> None:
    item = custom(desk.env)
    order = desk.order((item, 3))
    bill = order.order_line.action_new_bom()
    complete(bill, {"product_id": desk.product("Plank", 30).id, "product_qty": 2})
    production = order_for(item)
    assert (production.product_qty, production.move_raw_ids.product_uom_qty) == (3, 6)


def test_a_bill_saved_with_its_operations_makes_one_order_with_all_of_it(desk: Desk) -> None:
    item = custom(desk.env)
    order = desk.order((item, 3))
    bill = order.order_line.action_new_bom()
    parts = [desk.product(name, 30) for name in ("Plank", "Screw")]
    center = desk.env["mrp.workcenter"].create({"name": "Bench"})
    bill.write(
        {
            "bom_line_ids": [(0, 0, {"product_id": part.id, "product_qty": 1}) for part in parts],
            "operation_ids": [(0, 0, {"name": "Saw", "workcenter_id": center.id})],
        }
    )
    production = order_for(item)
    assert len(production) == 1
    assert (len(production.move_raw_ids), production.workorder_ids.mapped("name")) == (2, ["Saw"])

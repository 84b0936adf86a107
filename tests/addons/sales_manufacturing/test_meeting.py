"""Sales and manufacturing together: kits that are sold, orders that are made for a customer, the way between them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from addons.inventory.testing import assert_stock_laws, put_stock
from addons.sales.exceptions import AlreadyDelivered
from core.testing.queries import max_queries
from tests.addons.sales.desk import Desk, open_transfers, ship
from tests.messages import Refused

ADDONS = ("sales", "manufacturing")


@pytest.fixture
def desk(env: Any) -> Iterator[Desk]:
    """The sales desk; the stock laws are asserted when the test is over."""
    yield Desk(env)
    assert_stock_laws(env)


def kit(desk: Desk, *parts: Any, made: Any = 1, name: str = "Table Set") -> Any:
    """A product that is shipped as its parts: (component, how many)."""
    product = desk.env["product.product"].create({"name": name, "type": "consu"})
    lines = [(0, 0, {"product_id": part.id, "product_qty": quantity}) for part, quantity in parts]
    desk.env["mrp.bom"].create(
        {
            "product_tmpl_id": product.product_tmpl_id.id,
            "type": "phantom",
            "product_qty": made,
            "bom_line_ids": lines,
        }
    )
    return product


def moved(picking: Any, **quantities: Any) -> Any:
    """Ship so many of the named products; returns the backorder."""
    for move in picking.move_ids.filtered(lambda move: move.state not in ("done", "cancel")):
        move.quantity = quantities.get(move.product_id.name, 0)
    return ship(picking)


def test_the_two_come_together_by_themselves(env: Any) -> None:
    assert env["ir.addon"].search([("name", "=", "sales_manufacturing")]).state == "installed"


@pytest.mark.both_dialects("scenario")
def test_a_kit_is_delivered_when_all_of_its_parts_are(desk: Desk) -> None:
    top, leg = desk.product("Top", 20), desk.product("Leg", 80)
    order = desk.order((kit(desk, (top, 1), (leg, 4)), 5))
    line = order.order_line
    assert sorted(order.picking_ids.move_ids.mapped("product_uom_qty")) == [5, 20]
    rest = moved(order.picking_ids, Top=5, Leg=7)
    assert (line.qty_delivered, order.delivery_status) == (1, "partial"), "seven legs are one table"
    rest = moved(rest, Leg=8)
    assert line.qty_delivered == 3
    ship(rest)
    assert (line.qty_delivered, order.delivery_status) == (5, "full") and not order.closed_short


def test_parts_that_come_back_take_whole_kits_with_them(desk: Desk) -> None:
    top, leg = desk.product("Top", 20), desk.product("Leg", 80)
    order = desk.order((kit(desk, (top, 1), (leg, 4)), 5))
    delivery = order.picking_ids
    ship(delivery)
    wizard = desk.env["stock.return.picking"].create({"picking_id": delivery.id})
    wizard.product_return_moves.filtered(lambda each: each.product_id == leg).quantity = 3
    wizard.action_create_returns().button_validate()
    assert order.order_line.qty_delivered == 4
    assert not order.closed_short


def test_a_kit_in_a_kit_and_in_dozens(desk: Desk) -> None:
    screw, leg = desk.product("Screw", 500), desk.product("Leg", 200)
    bag = kit(desk, (screw, 8), made=2, name="Bag")  # four screws a bag
    order = desk.order((kit(desk, (bag, 2), (leg, 4)), 1, {"product_uom_id": desk.dozen.id}))
    line = order.order_line
    needed = {move.product_id.name: move.product_qty for move in order.picking_ids.move_ids}
    assert needed == {"Screw": 96, "Leg": 48}
    rest = moved(order.picking_ids, Screw=96, Leg=27)
    assert line.qty_delivered == Decimal("0.5"), "six of twelve"
    ship(rest)
    assert line.qty_delivered == 1


def test_a_changed_number_of_kits_changes_their_parts(desk: Desk, refused: Refused) -> None:
    top, leg = desk.product("Top", 20), desk.product("Leg", 80)
    order = desk.order((kit(desk, (top, 1), (leg, 4)), 5))
    line = order.order_line

    def asked() -> dict[str, Decimal]:
        moves = order.picking_ids.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        return {
            product.name: sum(each.mapped("product_qty"), Decimal(0))
            for product, each in moves.grouped("product_id").items()
        }

    line.product_uom_qty = 7
    assert asked() == {"Top": 7, "Leg": 28}
    line.product_uom_qty = 4
    assert asked() == {"Top": 4, "Leg": 16}
    moved(open_transfers(order), Top=2, Leg=8)
    assert line.qty_delivered == 2
    line.product_uom_qty = 3
    assert asked() == {"Top": 1, "Leg": 4}
    below = {"product": "Table Set", "delivered": "2", "ordered": "1"}
    with refused(AlreadyDelivered, data={"lines": [below]}), desk.env.savepoint():
        line.product_uom_qty = 1
    line.product_uom_qty = 2
    assert (order.delivery_status, line.qty_delivered, asked()) == ("full", 2, {})


def test_many_lines_of_kits_take_as_many_statements_as_few(desk: Desk) -> None:
    top, leg = desk.product("Top", 500), desk.product("Leg", 900)
    sets = [kit(desk, (top, 1), (leg, 4), name=f"Set {number}") for number in range(12)]

    def statements(count: int) -> int:
        order = desk.order(*[(each, 1) for each in sets[:count]])
        desk.env.flush_all()
        desk.env.invalidate_all()
        with max_queries(desk.env, 400) as run:
            order.order_line._shipped()
        return len(run)

    counted = [statements(count) for count in (2, 6, 12)]
    assert max(counted) - min(counted) <= 1, "the first run reads what is kept at hand afterwards"


def test_what_is_made_for_an_order_is_reached_from_it_and_leads_back(desk: Desk) -> None:
    desk.env.ref("inventory.route_warehouse0_mto").active = True
    part = desk.product("Board", 100)
    chair = desk.product("Chair")
    chair.route_ids = desk.env.ref("inventory.route_warehouse0_mto") | desk.env.ref(
        "manufacturing.route_warehouse0_manufacture"
    )
    desk.env["mrp.bom"].create(
        {
            "product_tmpl_id": chair.product_tmpl_id.id,
            "bom_line_ids": [(0, 0, {"product_id": part.id, "product_qty": 2})],
        }
    )
    order = desk.order((chair, 5))
    production = order.mrp_production_ids
    assert (order.mrp_production_count, production.product_id, production.product_qty) == (1, chair, 5)
    assert (production.sale_order_count, production.sale_line_id) == (1, order.order_line)
    assert (order.action_view_mrp_production(), production.action_view_sale_orders()) == (production, order)
    production.qty_producing = 2
    production.button_mark_done(answers={"backorder": {production.id: True}})
    assert order.mrp_production_count == 2, "the rest of the production belongs to the order as well"
    assert set(order.mrp_production_ids.mapped("sale_order_count")) == {1}
    ship(order.picking_ids)
    assert (order.order_line.qty_delivered, order.delivery_status) == (2, "partial")
    put_stock(part, 100)


def test_a_salesperson_sees_what_is_made_for_the_order(desk: Desk) -> None:
    seller = desk.user("seller", "sales.group_sale_salesman")
    top = desk.product("Top", 20)
    order = desk.quotation((kit(desk, (top, 1)), 5)).with_user(seller)
    order.action_confirm()
    order.order_line.product_uom_qty = 3
    assert (order.mrp_production_count, order.order_line.qty_delivered) == (0, 0)
    assert order.picking_ids.move_ids.product_uom_qty == 3


def test_a_kit_is_shipped_as_the_components_of_the_variant_sold(desk: Desk) -> None:
    top, steel, wood = (desk.product(name, 20) for name in ("Top", "Steel Leg", "Wooden Leg"))
    legs = desk.env["product.attribute"].create(
        {"name": "Legs", "value_ids": [(0, 0, {"name": name}) for name in ("Steel", "Wood")]}
    )
    attributes = [(0, 0, {"attribute_id": legs.id, "value_ids": [(6, 0, legs.value_ids.ids)]})]
    table = desk.env["product.template"].create({"name": "Table", "type": "consu", "attribute_line_ids": attributes})
    values = table.attribute_line_ids.product_template_value_ids
    rows: list[dict[str, Any]] = [{"product_id": top.id}]
    for part, quantity, value in ((steel, 2, values[0]), (wood, 4, values[1])):
        applied = [(6, 0, value.ids)]
        rows.append(
            {"product_id": part.id, "product_qty": quantity, "bom_product_template_attribute_value_ids": applied}
        )
    desk.env["mrp.bom"].create(
        {"product_tmpl_id": table.id, "type": "phantom", "bom_line_ids": [(0, 0, row) for row in rows]}
    )
    order = desk.order((table.product_variant_ids[0], 2), (table.product_variant_ids[1], 3))
    moves = {
        move.product_id.name: move.product_uom_qty for move in order.picking_ids.move_ids if move.product_id != top
    }
    assert moves == {"Steel Leg": 4, "Wooden Leg": 12}
    moved(order.picking_ids, **{"Top": 5, "Steel Leg": 2, "Wooden Leg": 12})
    assert order.order_line.mapped("qty_delivered") == [1, 3]


def test_a_kit_of_kits_is_partly_delivered_when_one_of_them_is_there(desk: Desk) -> None:
    leg = desk.product("Leg", 80)
    order = desk.order((kit(desk, (kit(desk, (leg, 4)), 2), name="Pair of Tables"), 5))
    moved(order.picking_ids, Leg=8)
    assert (order.order_line.qty_delivered, order.delivery_status) == (1, "partial")

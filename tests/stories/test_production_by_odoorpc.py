"""Production in parts and with serial numbers, told by an integrator over the external API."""

import odoorpc
import pytest

ADDONS = ("manufacturing",)


def recipe(odoo, product, **components):
    """A bill of materials for one `product`: so many of each component, by name, and enough on hand for ten."""
    lines = []
    for name, quantity in components.items():
        component = odoo.product(name)
        odoo.stock(component, 10 * quantity)
        lines.append((0, 0, {"product_id": component.id, "product_qty": quantity}))
    odoo.make("mrp.bom", product_tmpl_id=product.product_tmpl_id.id, product_qty=1, bom_line_ids=lines)
    return product


@pytest.fixture
def table(odoo):
    """A table of one top and four legs."""
    return recipe(odoo, odoo.product("Table"), top=1, leg=4)


def production(odoo, product, quantity):
    """A confirmed manufacturing order, its components reserved as far as they are there."""
    order = odoo.make("mrp.production", product_id=product.id, product_qty=quantity)
    order.action_confirm()
    order.action_assign()
    return odoo.again(order)


def family(odoo, order):
    """The parts that an order was split into, by name."""
    group = odoo.again(order).production_group_id
    parts = odoo["mrp.production"].search([("production_group_id", "=", group.id)], order="name")
    return odoo["mrp.production"].browse(parts)


@pytest.mark.both_dialects("scenario")
def test_six_of_ten_now_and_four_later(odoo, table):
    """-001 is done with its components consumed, -002 open with its own; then it is finished."""
    order = production(odoo, table, 10)
    assert order.reservation_state == "assigned"
    name = order.name
    order.qty_producing = 6
    question = order.button_mark_done()
    assert question["res_model"] == "mrp.production.backorder"
    odoo.answer(question, "action_backorder")
    first, second = family(odoo, order)
    assert [(each.name, each.state, each.product_qty) for each in (first, second)] == [
        (f"{name}-001", "done", 6.0),
        (f"{name}-002", "confirmed", 4.0),
    ]
    assert odoo.again(table).qty_available == 6
    second.qty_producing = 4
    assert second.button_mark_done() is True
    assert [each.state for each in family(odoo, order)] == ["done", "done"]
    assert odoo.again(table).qty_available == 10


def test_six_of_ten_and_no_more(odoo, table):
    """Closed without a backorder: the rest of the components is free again."""
    order = production(odoo, table, 10)
    order.qty_producing = 6
    odoo.answer(order.button_mark_done(), "action_close_mo")
    assert odoo.again(order).state == "done"
    assert odoo.again(table).qty_available == 6


def test_one_chair_with_its_serial_number(odoo):
    """The next number is assigned and the order is closed."""
    chair = recipe(odoo, odoo.product("Chair", tracking="serial"), seat=1)
    order = production(odoo, chair, 1)
    assert order.button_mark_done() is True
    order = odoo.again(order)
    assert order.state == "done"
    assert len(order.lot_producing_ids.ids) == 1


def test_bad_input_is_said_in_words(odoo, table):
    """A negative quantity, no product, a product without a bill of materials: refused, nothing is made."""
    for values in ({"product_id": table.id, "product_qty": -1}, {"product_qty": 1}):
        with pytest.raises(odoorpc.error.RPCError) as caught:
            odoo["mrp.production"].create(values)
        assert caught.value.info["data"]["name"].startswith("odoo.exceptions.")
    with pytest.raises(odoorpc.error.RPCError) as caught:
        production(odoo, odoo.product("Lamp"), 1)
    fault = caught.value.info["data"]
    assert (fault["code"], fault["details"]["product"]) == ("manufacturing.no_bom", "Lamp")

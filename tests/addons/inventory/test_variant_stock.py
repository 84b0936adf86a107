"""Stock of variants that go: said beforehand, shown afterwards, never lost."""

from __future__ import annotations

import pytest

from addons.inventory.testing import assert_stock_laws, put_stock
from core.testing.client import words
from core.testing.form import FormDriver
from tests.addons.inventory.playground import Stock

ADDONS = ["inventory"]


@pytest.fixture
def colour(env):
    values = [(0, 0, {"name": name}) for name in ("White", "Black")]
    return env["product.attribute"].create({"name": "Colour", "value_ids": values})


def offer(template, attribute, values=None):
    """A form in which the attribute was added to the product, in these values (all of them by default)."""
    form = FormDriver(template)
    with form.lines("attribute_line_ids").add() as line:
        line["attribute_id"] = attribute
        line["value_ids"] = attribute.value_ids if values is None else values
    return form


def test_the_form_says_which_stock_a_first_attribute_archives_and_what_to_do_instead(stock, colour, messages):
    case = stock.product("Case", 12)
    form = offer(case.product_tmpl_id, colour)
    (text,) = set(form.warnings)
    messages.check(text)


def test_the_way_out_keeps_the_stock_on_the_variant_that_it_is_of(stock, colour):
    case = stock.product("Case", 12)
    template = case.product_tmpl_id
    form = offer(template, colour, colour.value_ids[0])
    assert not form.warnings
    form.save()
    form = FormDriver(template)
    with form.lines("attribute_line_ids").edit(0) as line:
        line["value_ids"] = colour.value_ids
    assert not form.warnings
    form.save()
    assert template.product_variant_ids.mapped("display_name") == ["Case (White)", "Case (Black)"]
    assert case.active and case.display_name == "Case (White)" and stock.on_hand(case) == 12
    assert not template.archived_stock


def test_a_value_that_goes_is_said_too_and_one_without_stock_is_not(stock, colour, messages):
    template = stock.product("Case").product_tmpl_id
    assert not offer(template, colour).warnings
    offer(template, colour).save()
    white, black = template.product_variant_ids
    put_stock(black, 3)
    form = FormDriver(template)
    with form.lines("attribute_line_ids").edit(0) as line:
        line["value_ids"] = colour.value_ids[0]
    (text,) = set(form.warnings)
    messages.check(text)
    form = FormDriver(template)
    with form.lines("attribute_line_ids").edit(0) as line:
        line["value_ids"] = colour.value_ids[1]
    assert not form.warnings
    assert white.active


def test_stock_of_an_archived_variant_is_shown_counted_and_moved(stock, colour, messages):
    case = stock.product("Case", 12)
    template = case.product_tmpl_id
    offer(template, colour).save()
    assert not case.active and template.qty_available == 0
    messages.check(template.archived_stock)
    row = template.action_update_quantity_on_hand().filtered(lambda row: row.product_id == case)
    assert row.quantity == 12
    row.inventory_quantity = 10
    row.action_apply_inventory()
    assert stock.env["stock.quant"].search([("product_id", "ilike", "Case"), ("quantity", "!=", 0)]) == row
    assert stock.env["stock.quant"].search([("product_id.active", "=", False)]) == row
    picking = stock.delivery((case, 4))
    picking.button_validate()
    assert (picking.state, stock.on_hand(case)) == ("done", 6)
    put_stock(case, 0)
    stock.env.invalidate_all()
    assert not template.archived_stock


def test_an_archived_variant_comes_back_with_its_stock(stock, colour):
    case = stock.product("Case", 12)
    template = case.product_tmpl_id
    offer(template, colour).save()
    form = FormDriver(template)
    form.lines("attribute_line_ids").remove(0)
    assert not form.warnings
    form.save()
    assert template.product_variant_ids == case and template.qty_available == 12
    assert not template.archived_stock


def test_reordering_rules_sleep_while_their_product_is_archived(stock, colour):
    case = stock.product("Case")
    point = stock.env["stock.warehouse.orderpoint"].create(
        {"product_id": case.id, "product_min_qty": 5, "product_max_qty": 5}
    )
    case.active = False
    assert not point.active
    stock.env["stock.rule"].run_scheduler()
    assert not point.supply_problem, "nothing is ordered of what is archived"
    case.active = True
    assert point.active


@pytest.mark.dialects("sqlite")
def test_the_product_page_tells_of_archived_stock_and_leads_to_it(db, client):
    with db.transaction(login="admin") as env:
        stock = Stock(env)
        values = [(0, 0, {"name": name}) for name in ("White", "Black")]
        colour = env["product.attribute"].create({"name": "Colour", "value_ids": values})
        template = stock.product("Case", 12).product_tmpl_id
        offer(template, colour).save()
        id_, text = template.id, template.archived_stock
        assert_stock_laws(env)
    page = client.get(f"/app/product.template/{id_}")
    assert " ".join(text.split()) in words(page)
    rows = client.submit(page, button="call:action_update_quantity_on_hand")
    assert "Case (White)" in words(rows) and "12" in words(rows)
    assert "Case" in words(client.get("/app/stock.quant?filter=archived_products"))

"""Seed 4 by a person in a real browser: production orders, planned from sales orders and made by hand."""

from __future__ import annotations

import re
from contextlib import nullcontext

import pytest

from core.testing.browser import page_on
from core.testing.client import open_session
from tests.stories.person import Person

try:
    from playwright.sync_api import expect
except ImportError:  # the fixtures skip or fail the tests then
    expect = None

ADDONS = ("sales", "manufacturing", "purchasing")
DEMO = True

pytestmark = pytest.mark.dialects("sqlite")


@pytest.fixture(params=["scripts", "no-scripts"])
def person(request, chromium, live_server, db):
    """A user signed in as admin, in a browser with scripts and in one without."""
    scripts = request.param == "scripts"
    options = {} if scripts else {"java_script_enabled": False}
    with page_on(chromium, live_server.url, token=open_session(db), **options) as page:
        yield Person(page, re.sub(r"\W+", "-", request.node.name).strip("-"), scripts=scripts)


def answered(person):
    """Waits, where scripts run, for the form's answer to what is entered."""
    return (
        person.page.expect_response(lambda response: response.request.method == "POST")
        if person.scripts
        else nullcontext()
    )


def is_in_reach(person, element):
    """Whether it is seen without scrolling its table sideways."""
    table = element.locator("xpath=ancestor::table/..")
    return element.bounding_box()["x"] + element.bounding_box()["width"] <= table.evaluate(
        "table => table.getBoundingClientRect().right"
    )


def product(env, name):
    """A product of the demo data."""
    return env["product.product"].search([("name", "=", name)])


def test_a_production_order_from_submit_to_the_last_back_flush(person, db):
    """D2 to D11, trap 7: the places are named on the order, and both buttons go on working."""
    with db.transaction(login="admin") as env:
        table, top, leg = (product(env, name) for name in ("Table", "Table Top", "Table Leg"))
        lines = [(0, 0, {"product_id": top.id}), (0, 0, {"product_id": leg.id, "product_qty": 4})]
        env["mrp.bom"].create({"product_tmpl_id": table.product_tmpl_id.id, "code": "Glued", "bom_line_ids": lines})
        stock = env.ref("inventory.stock_location_stock")
        places = [{"name": name, "location_id": stock.location_id.id} for name in ("Bench", "Finished Goods")]
        env["stock.location"].create(places)
    person.opens("Manufacturing", "Production Order", "New Production Order")
    person.is_on("New Production Order")
    person.chooses("Item To Manufacture", "Table")
    if person.scripts:
        expect(person.field("BOM")).to_have_value("Table")
    person.chooses("WIP Warehouse", "WH/Bench")
    with answered(person):
        person.chooses("FG Warehouse", "WH/Finished Goods")
    with answered(person):
        person.chooses("BOM", "Glued: Table")
    person.types("Qty To Manufacture", "4")
    expect(person.field("Use Multi-Level BOM")).not_to_be_checked()
    expect(person.field("WIP Warehouse")).to_have_value("WH/Bench")
    person.look("new-production-order")
    person.presses("Submit")
    person.is_at("Confirmed")
    expect(person.shown("WIP Warehouse")).to_have_text("WH/Bench")
    expect(person.shown("FG Warehouse")).to_have_text("WH/Finished Goods")
    order = person.title()
    for button in ("Make Transfer", "Back Flush"):
        expect(person.page.get_by_role("button", name=button, exact=True)).to_be_visible()
    person.look("submitted")

    person.presses("Make Transfer")
    for component, quantity in (("Table Top", "4"), ("Table Leg", "16")):
        expect(person.row(component).get_by_role("textbox", name="Demand")).to_have_value(quantity)
    person.misses("Bolt")
    expect(person.field("Destination Location")).to_have_value("WH/Bench")
    person.look("transfer")
    person.presses("Validate")
    person.is_at("Done")
    person.follows("Manufacturing")
    person.is_on(order)
    expect(person.page.get_by_role("button", name="Make Transfer", exact=True)).to_have_count(0)
    expect(person.shown("Component Status")).to_have_text("Available")

    person.types("Quantity", "1")
    person.presses("Back Flush")
    person.is_at("In Progress")
    expect(person.shown("Produced Quantity")).to_have_text("1")
    person.look("first-back-flush")
    person.types("Quantity", "3")
    person.presses("Back Flush")
    person.is_at("Done")
    person.is_on(order)
    expect(person.shown("Quantity")).to_have_text(re.compile(r"4\s*/\s*4"))
    expect(person.shown("Produced Quantity")).to_have_text("4")
    person.look("last-back-flush")
    with db.transaction(login="admin") as env:
        made = env["stock.quant"].search([("product_id", "=", product(env, "Table").id), ("quantity", ">", 0)])
        assert [(quant.location_id.complete_name, quant.quantity) for quant in made] == [("WH/Finished Goods", 4)]


def test_back_flush_before_the_transfer_asks_what_to_do(person, db):
    """D9: nothing is consumed at a place of work that the books know to be empty."""
    with db.transaction(login="admin") as env:
        order = env["mrp.production"].create({"product_id": product(env, "Table").id, "product_qty": 4})
        order.action_confirm()
        order.action_make_transfer()
        name, before = order.name, product(env, "Table Leg").qty_available
    person.opens("Manufacturing", "Operations", "Manufacturing Orders")
    person.listed(name).get_by_role("link").first.click()
    person.types("Quantity", "1")
    person.presses("Back Flush")
    dialog = person.page.locator("dialog[open]")
    expect(dialog.get_by_role("heading", name="Components are still to be transferred")).to_be_visible()
    expect(dialog.get_by_role("row").filter(has_text="Table Leg")).to_contain_text("4")
    person.look("question")
    dialog.get_by_role("link", name="Cancel", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(person.shown("Produced Quantity")).to_have_count(0)

    person.types("Quantity", "1")
    person.presses("Back Flush")
    person.answers("Make Transfer and Back Flush")
    expect(person.shown("Produced Quantity")).to_have_text("1")
    person.presses("Validate")
    person.answers("Back Flush Anyway")
    person.is_at("Done")
    person.sees("The transfer is cancelled:", f"{name} is done: 3 Units of")
    person.look("done")
    with db.transaction(login="admin") as env:
        leg = product(env, "Table Leg")
        wip = env.ref("inventory.warehouse0").pbm_loc_id
        assert leg.qty_available == before - 16
        assert leg.with_context(location=wip.id).qty_available == 0


def test_sub_assemblies_are_exploded_and_equal_components_merged(person, db):
    """D6, D8: the transfer lists the children of a sub-assembly, each component once."""
    with db.transaction(login="admin") as env:
        top, bolt = product(env, "Table Top"), product(env, "Bolt")
        line = (0, 0, {"product_id": bolt.id, "product_qty": 2})
        env["mrp.bom"].create({"product_tmpl_id": top.product_tmpl_id.id, "bom_line_ids": [line]})
    person.opens("Manufacturing", "Production Order", "New Production Order")
    person.chooses("Item To Manufacture", "Table")
    person.types("Qty To Manufacture", "4")
    person.field("Use Multi-Level BOM").check()
    person.presses("Submit")
    person.is_at("Confirmed")
    person.presses("Make Transfer")
    rows = person.page.locator("tr[id^='row-move_ids-']").filter(has_text="Bolt")
    expect(rows).to_have_count(1)
    expect(rows.get_by_role("textbox", name="Demand")).to_have_value("40")
    person.misses("Table Top")
    person.look("exploded")


def test_an_item_without_bill_of_materials_is_refused(person):
    """D3: an item must have a bill of materials."""
    person.opens("Manufacturing", "Production Order", "New Production Order")
    person.chooses("Item To Manufacture", "Table Leg")
    person.presses("Submit")
    person.sees("has no bill of materials")
    person.look("no-bill")


def test_a_custom_item_is_on_backorder_until_it_is_manufactured(person):
    """C11: a name that no product has is typed on an order; its bill is made from the line."""
    person.opens("Sales", "Orders", "Quotations")
    person.new()
    person.chooses("Customer", "Azure Interior")
    person.presses("Add a line")
    line = person.page.locator("tr[id^='row-order_line-new']").first
    box = line.locator("input[name$='.product_id']")
    if person.scripts:
        box.click()
        box.fill("Walnut desk 180 cm")
        with answered(person):
            person.page.get_by_role("option", name='Create custom item "Walnut desk 180 cm"').click()
    else:
        box.fill("Walnut desk 180 cm")
        person.presses("Save")
        person.look("asked")
        person.presses('Create custom item "Walnut desk 180 cm"')
    line = person.page.locator("tr[id^='row-order_line-']").first
    with answered(person):
        person.types(line.locator("input[name$='.product_uom_qty']"), "2")
    line.locator("input[name$='.price_unit']").fill("900")
    person.look("typed")
    person.presses("Confirm")
    person.is_at("Sales Order")
    order = person.title()
    row = person.page.locator("tr[id^='row-order_line-']").first
    expect(row).to_contain_text("Walnut desk 180 cm")
    expect(row.locator("input[name$='.qty_backorder']")).to_have_value("2")
    person.sees("1,800")
    person.look("on-backorder")

    assert is_in_reach(person, row.get_by_role("button", name="New Bill"))
    person.presses("New Bill")
    expect(person.field("Product")).to_have_value("Walnut desk 180 cm")
    person.adds("bom_line_ids", "Table Leg", "4", "product_qty")
    person.look("new-bill")
    person.presses("Save")
    person.sees(f"Production for {order} is planned. Created: manufacturing order WH/MO/")
    person.look("bill")
    person.page.get_by_role("link", name=re.compile(r"MO\D\d+$")).first.click()
    person.is_at("Confirmed")
    person.presses("Produce All")
    person.is_at("Done")
    person.follows("Sale")
    person.is_on(order)
    expect(person.page.locator("tr[id^='row-order_line-']").first).to_contain_text("Reserved")
    person.follows("Delivery")
    person.is_at("Ready")
    person.presses("Validate")
    person.is_at("Done")


def test_the_production_planning_tool_makes_orders_of_sales_orders(person, db):
    """D1: production orders and material requests come from sales orders, once."""
    with db.transaction(login="admin") as env:
        customer = env["res.partner"].search([("name", "=", "Azure Interior")])
        table, top = product(env, "Table"), product(env, "Table Top")
        top.route_ids = [(4, env.ref("purchasing.route_warehouse0_buy").id)]
        vendor = env["res.partner"].search([("name", "=", "Wood Corner")]).id
        env["product.supplierinfo"].create({"partner_id": vendor, "product_tmpl_id": top.product_tmpl_id.id})
        line = {"product_id": table.id, "product_uom_qty": 30}
        order = env["sale.order"].create({"partner_id": customer.id, "order_line": [(0, 0, line)]})
        order.action_confirm()
        name = order.name
    person.opens("Manufacturing", "Planning", "Production Planning Tool")
    person.new()
    expect(person.field("Get Items From")).to_have_value("sale")
    person.look("new-plan")
    person.presses("Get Items")
    row = person.row("[MFG_TABLE] Table")
    expect(row).to_contain_text(name)
    expect(row.get_by_role("textbox", name="To Order")).to_have_value("30")
    expect(person.row("Table Top").get_by_role("textbox", name="To Order")).to_have_value("10")
    expect(person.row("Table Leg")).to_contain_text("Covered")
    person.look("items")

    box = row.get_by_role("textbox", name="To Order")
    box.fill("32")
    person.presses("Save")
    expect(person.row("Table Top").get_by_role("textbox", name="To Order")).to_have_value("12")
    person.presses("Create Orders")
    person.is_at("Done")
    person.sees("Manufacturing Order for 32 Units of [MFG_TABLE] Table", "12 Units of [MFG_TOP] Table Top")
    person.look("ordered")
    assert is_in_reach(person, person.row("[MFG_TABLE] Table").get_by_role("button", name="Open"))
    plan = person.title()
    person.row("[MFG_TABLE] Table").get_by_role("button", name="Open").click()
    person.is_at("Confirmed")
    expect(person.shown("Quantity")).to_contain_text("32")
    person.follows("Sale")
    person.is_on(name)

    person.opens("Manufacturing", "Planning", "Production Planning Tool")
    person.sees(plan)
    person.new()
    person.presses("Get Items")
    person.sees("All demand is covered.")
    person.look("covered")
    expect(person.row("[MFG_TABLE] Table")).to_contain_text("Covered")


def test_a_plan_is_made_of_orders_chosen_in_the_sales_list(person, db):
    """D1: sales orders are selected in their list and planned."""
    with db.transaction(login="admin") as env:
        line = (0, 0, {"product_id": product(env, "Table").id, "product_uom_qty": 3})
        customer = env["res.partner"].search([("name", "=", "Azure Interior")]).id
        orders = env["sale.order"].create([{"partner_id": customer, "order_line": [line]}] * 2)
        orders.action_confirm()
        chosen, other = orders.mapped("name")
    person.opens("Sales", "Orders", "Quotations")
    person.listed(chosen).get_by_role("checkbox").check()
    person.presses("Plan Production")
    expect(person.row("[MFG_TABLE] Table")).to_contain_text(chosen)
    person.misses(other)
    expect(person.row("[MFG_TABLE] Table").get_by_role("textbox", name="To Order")).to_have_value("3")
    person.look("plan-of-order")


@pytest.mark.parametrize("person", ["scripts"], indirect=True)
def test_a_plan_asks_for_the_bill_of_a_custom_item(person, db):
    """D1: a custom item that was sold is proposed, and its line leads to the bill that it needs."""
    with db.transaction(login="admin") as env:
        customer = env["res.partner"].search([("name", "=", "Azure Interior")]).id
        item, _name = env["product.product"].with_context(default_is_custom=True).name_create("Walnut desk")
        line = (0, 0, {"product_id": item, "product_uom_qty": 2})
        order = env["sale.order"].create({"partner_id": customer, "order_line": [line]})
        order.action_confirm()
        name = order.name
    person.opens("Manufacturing", "Planning", "Production Planning Tool")
    person.new()
    person.presses("Get Items")
    row = person.row("Walnut desk")
    expect(row).to_contain_text("no bill of materials")
    assert is_in_reach(person, row.get_by_role("button", name="New Bill"))
    person.look("bill-missing")
    row.get_by_role("button", name="New Bill").click()
    expect(person.field("Product")).to_have_value("Walnut desk")
    person.adds("bom_line_ids", "Table Leg", "4", "product_qty")
    person.presses("Save")
    person.sees(f"Production for {name} is planned")
    person.look("made")

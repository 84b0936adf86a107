"""What Settings switches, and what the pages show then: a client without scripts, and the seeds' steps in a browser."""

from __future__ import annotations

import re

import pytest

from addons.inventory.testing import assert_stock_laws
from core.testing.client import document, words
from tests.stories.person import Person

ADDONS = ["manufacturing", "sales", "purchasing"]
SWITCHES = (
    "group_stock_production_lot",
    "group_stock_tracking_lot",
    "group_stock_multi_locations",
    "group_uom",
    "group_mrp_routings",
    "group_mrp_byproducts",
)


PAGES = (
    "product.template", "product.product", "stock.picking", "stock.move", "stock.move.line", "stock.quant", "stock.lot",
    "stock.package", "stock.scrap", "stock.warehouse.orderpoint", "stock.picking.type", "stock.backorder",
    "mrp.production", "mrp.workorder", "mrp.bom", "mrp.unbuild", "sale.order", "purchase.order",
)  # fmt: skip


def settings_page(client):
    return client.get("/app/res.config.settings/new")


def switch(client, *names, on):
    """Tick or untick these boxes of the settings form and save it."""
    page = client.submit(settings_page(client), dict.fromkeys(names, on), button="Save")
    assert page.status_code == 200 and "Saved." in words(page), words(page)[:300]


def says(page, text):
    """Whether a page has this text, not just the beginning of a longer word."""
    return re.search(rf"{re.escape(text)}(?![a-z])", words(page))


def inputs(page):
    """The names of the inputs on the form, those of lines without their row."""
    return {re.sub(r"\.[^.]+\.", ".", name) for name in document(page).get_element_by_id("record").fields}


@pytest.fixture
def papers(db):
    """One document of each kind that a setting changes, by name; their product is kept by quantity."""
    with db.transaction(login="admin") as env:
        chair, leg = env["product.product"].create(
            [{"name": "Chair", "is_storable": True}, {"name": "Leg", "is_storable": True}]
        )
        place = env["mrp.workcenter"].create({"name": "Bench"})
        bill = env["mrp.bom"].create(
            {
                "product_tmpl_id": chair.product_tmpl_id.id,
                "bom_line_ids": [(0, 0, {"product_id": leg.id, "product_qty": 4})],
                "operation_ids": [(0, 0, {"name": "Assemble", "workcenter_id": place.id})],
            }
        )
        order = env["mrp.production"].create({"product_id": chair.id, "product_qty": 2, "bom_id": bill.id})
        order.action_confirm()
        env["stock.quant"].create({"product_id": chair.id, "location_id": order.location_dest_id.id, "quantity": 5})
        delivery = env["stock.picking"].create(
            {
                "picking_type_id": env.ref("inventory.picking_type_out").id,
                "move_ids": [(0, 0, {"product_id": chair.id, "product_uom_qty": 3})],
            }
        )
        delivery.action_confirm()
        return {
            "product": f"/app/product.template/{chair.product_tmpl_id.id}",
            "variant": f"/app/product.product/{chair.id}",
            "transfer": f"/app/stock.picking/{delivery.id}",
            "type": f"/app/stock.picking.type/{delivery.picking_type_id.id}",
            "order": f"/app/mrp.production/{order.id}",
            "bill": f"/app/mrp.bom/{bill.id}",
            "stock": "/app/stock.quant",
            "settings": "/app/res.config.settings/new",
            "sale": "/app/sale.order/new",
        }


def test_everything_is_on_in_a_new_database(client):
    form = document(settings_page(client)).get_element_by_id("record")
    assert all(form.xpath(f".//input[@name='{name}'][@type='checkbox'][@checked]") for name in SWITCHES)


# Setting, page, words on it and inputs of its form that come and go.
SHOWN = (
    ("group_stock_production_lot", "product", ("By Unique Serial Number",), ("tracking",)),
    ("group_stock_production_lot", "variant", ("By Unique Serial Number",), ()),
    ("group_stock_production_lot", "type", ("Lots/Serial Numbers",), ("use_create_lots",)),
    ("group_stock_production_lot", "stock", ("Lot/Serial Number", "Lots/Serial Numbers"), ()),
    ("group_stock_tracking_lot", "transfer", ("Put in Pack",), ()),
    ("group_stock_tracking_lot", "stock", ("Packages",), ()),
    ("group_stock_multi_locations", "transfer", ("Source Location",), ("location_id", "move_line_ids.location_id")),
    ("group_stock_multi_locations", "stock", ("Location",), ()),
    ("group_uom", "product", ("Packagings",), ("uom_id",)),
    ("group_uom", "transfer", (), ("move_line_ids.product_uom_id",)),
    ("group_mrp_routings", "order", ("Work Orders", "Shop Floor", "Work Centers", "Planned", "Expected Duration"), ()),
    ("group_mrp_routings", "bill", ("Operation Dependencies",), ("operation_ids.name",)),
    ("group_mrp_byproducts", "bill", ("By-products",), ()),
)


@pytest.mark.slow
@pytest.mark.dialects("sqlite")
@pytest.mark.parametrize("setting", SWITCHES)
def test_what_is_switched_off_is_not_shown_and_comes_back(client, papers, setting):
    shown = [row for row in SHOWN if row[0] == setting]
    before = {name: client.get(path) for name, path in papers.items()}
    switch(client, setting, on=False)
    without = {name: client.get(path) for name, path in papers.items()}
    switch(client, setting, on=True)
    for _setting, name, texts, fields in shown:
        for text in texts:
            assert says(before[name], text) and not says(without[name], text), (name, text)
        for field in fields:
            assert field in inputs(before[name]) and field not in inputs(without[name]), (name, field)
    for name, path in papers.items():
        assert words(client.get(path)) == words(before[name]), name


@pytest.mark.slow
@pytest.mark.dialects("sqlite")
def test_with_everything_switched_off_every_page_opens_and_documents_are_made_and_carried_out(client, db, papers):
    switch(client, *SWITCHES, on=False)
    for path in (*papers.values(), *(f"/app/{model}{end}" for model in PAGES for end in ("", "/new"))):
        page = client.get(path)
        assert page.status_code == 200, f"{path}: {words(page)[:300]}"
    typed = {
        "stock.scrap": ({"product_id": "Chair", "scrap_qty": "1"}, "Validate"),
        "mrp.production": ({"product_id": "Chair", "product_qty": "2"}, "Confirm"),
        "mrp.unbuild": ({"product_id": "Chair", "product_qty": "1"}, "save"),
        "stock.warehouse.orderpoint": ({"product_id": "Chair", "product_min_qty": "1", "product_max_qty": "3"}, "save"),
        "stock.quant": ({"product_id": "Leg", "inventory_quantity": "40"}, "save"),
        "product.template": ({"name": "Stool"}, "save"),
    }
    for model, (values, button) in typed.items():
        page = client.submit(client.get(f"/app/{model}/new"), values, button=button)
        assert page.status_code == 200, f"{model}: {words(page)[:1500]}"
    with db.transaction(login="admin") as env:
        assert env["stock.scrap"].search([]).state == "done"
        assert env["product.template"].search([("name", "=", "Stool")]).uom_id
    page = client.submit(client.get(papers["transfer"]), button="Validate")
    assert page.status_code == 200
    with db.transaction(login="admin") as env:
        assert env["stock.picking"].search([]).state == "done"
        assert_stock_laws(env)


def test_lots_stay_shown_while_products_are_tracked(client, db):
    """Hidden, nobody could enter the numbers without which such a product cannot move."""
    with db.transaction(login="admin") as env:
        product = env["product.product"].create({"name": "Drill", "is_storable": True, "tracking": "serial"})
        product_id = product.id
    page = client.submit(settings_page(client), {"group_stock_production_lot": False}, button="Save")
    assert "Drill" in words(page)
    with db.transaction(login="admin") as env:
        assert env.user.has_group("inventory.group_production_lot")
        env["product.product"].browse(product_id).product_tmpl_id.tracking = "none"
    switch(client, "group_stock_production_lot", on=False)
    with db.transaction(login="admin") as env:
        assert not env.user.has_group("inventory.group_production_lot")


def test_switching_off_hides_from_people_and_from_nothing_else(client, db, papers):
    switch(client, *SWITCHES, on=False)
    with db.transaction(login="admin") as env:
        move = env["stock.move"].search([("picking_id", "!=", False)])
        assert move.read(["product_uom", "location_id", "lot_ids"])[0]["location_id"]
        assert env["mrp.workorder"].search_count([]) == 1
        assert "tracking" in env["product.template"].fields_get()


# -- the steps of the seed documents, by a person in a browser


@pytest.fixture
def person(browser, request):
    """A user of a database in which lots and work orders are switched off."""
    return Person(browser, request.node.originalname.removeprefix("test_"))


def sets(person, app, label, *, on):
    """Inventory or Manufacturing > Configuration > Settings, tick or untick, Save."""
    person.opens(app, "Configuration", "Settings")
    person.field(label).set_checked(on)
    person.look(f"{app}-settings")
    person.presses("Save")
    person.sees("Saved.")


@pytest.mark.dialects("sqlite")
def test_lots_are_enabled_and_a_product_is_tracked_by_unique_serial_numbers(person, db):
    with db.transaction(login="admin") as env:
        product = env["product.template"].create({"name": "Drill", "is_storable": True})
        product_id = product.id
    sets(person, "Inventory", "Lots & Serial Numbers", on=False)
    person.page.goto(f"/app/product.template/{product_id}")
    assert person.field("Track Inventory").is_checked()
    person.misses("By Quantity")
    sets(person, "Inventory", "Lots & Serial Numbers", on=True)
    person.opens("Inventory", "Products", "Products")
    person.page.get_by_role("link", name="Drill", exact=True).click()
    tracked = person.shown("Track Inventory")
    choice = tracked.locator("select")
    assert choice.locator("option:checked").inner_text() == "By Quantity"
    # The form sends edits that are made within 40 ms together; a person is slower than that.
    with person.page.expect_response(lambda response: response.request.method == "POST"):
        choice.select_option(label="By Unique Serial Number")
    person.look("tracked")
    tracked.get_by_role("checkbox").uncheck()
    choice.wait_for(state="hidden")
    tracked.get_by_role("checkbox").check()
    choice.select_option(label="By Unique Serial Number")
    person.presses("Save")
    person.sees("Saved.")
    with db.transaction() as env:
        assert env["product.template"].browse(product_id).tracking == "serial"


@pytest.mark.dialects("sqlite")
def test_work_orders_are_enabled_for_the_shop_floor(person, papers):
    sets(person, "Manufacturing", "Work Orders", on=False)
    person.page.goto(papers["order"])
    person.misses("Work Orders")
    person.misses("Shop Floor")
    sets(person, "Manufacturing", "Work Orders", on=True)
    person.page.goto(papers["order"])
    person.page.locator(".tab", has_text="Work Orders").click()
    person.sees("Assemble")
    person.opens("Manufacturing", "Shop Floor")
    person.sees("Assemble")
